//! What else a file is. People give many kinds of files the name of a spreadsheet; each is told by its first bytes, with a
//! way to make a spreadsheet of it.

use std::fmt;

/// How far a text is looked into.
const HEAD_BYTES: usize = 4096;

/// A file that is no spreadsheet, or none that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stranger {
    /// HTML, on its own or in an archive; many programs call it `.xls`.
    WebPage,
    /// XML Spreadsheet, as Excel 2002 and 2003 wrote it.
    XmlSpreadsheet,
    /// An `OpenDocument` spreadsheet in one XML file (`.fods`).
    FlatOpenDocument,
    /// SYLK, an exchange format of the eighties.
    Sylk,
    /// A document of Apple's Numbers.
    Numbers,
    /// Any other XML.
    Xml,
    /// JSON, or JSON lines.
    Json,
    /// A text in Word's exchange format.
    RichText,
    /// PDF.
    Pdf,
    /// A document of Word, `PowerPoint`, Outlook and the like.
    OfficeDocument,
    /// PNG, JPEG, GIF.
    Picture,
    /// A zip archive in which no workbook's parts are.
    Zip,
    /// Compressed in another way.
    Compressed,
    /// Anything else that is no text.
    Binary,
}

impl Stranger {
    /// What a text is, if it is not rows of cells. `beginning` is in UTF-8, UTF-16, or an encoding that extends ASCII.
    pub(super) fn of_text(beginning: &[u8]) -> Option<Stranger> {
        let ascii: Vec<u8> = beginning.iter().copied().filter(|byte| (1..0x80).contains(byte)).collect();
        let text = ascii.trim_ascii_start();
        let head = text[..text.len().min(HEAD_BYTES)].to_ascii_lowercase();
        let starts = |with: &str| head.starts_with(with.as_bytes());
        if starts("%pdf") {
            return Some(Stranger::Pdf);
        }
        if starts("{\\rtf") {
            return Some(Stranger::RichText);
        }
        if starts("mime-version:") {
            return Some(Stranger::WebPage);
        }
        if starts("<") {
            return of_markup(&head);
        }
        let json: Vec<u8> = head.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(2).collect();
        if [b"[{", b"[[", b"{\"", b"[]", b"{}"].contains(&json.as_slice().try_into().unwrap_or(b"  ")) {
            return Some(Stranger::Json);
        }
        is_sylk(&head).then_some(Stranger::Sylk)
    }

    /// What a file with zero bytes in it is.
    pub(super) fn of_bytes(beginning: &[u8]) -> Stranger {
        const KNOWN: [(&[u8], Stranger); 11] = [
            (b"%PDF", Stranger::Pdf),
            (b"\x89PNG", Stranger::Picture),
            (b"\xFF\xD8\xFF", Stranger::Picture),
            (b"GIF8", Stranger::Picture),
            (b"\x1F\x8B", Stranger::Compressed),
            (b"7z\xBC\xAF", Stranger::Compressed),
            (b"Rar!", Stranger::Compressed),
            (b"BZh", Stranger::Compressed),
            (b"\xFD7zXZ", Stranger::Compressed),
            (b"\x28\xB5\x2F\xFD", Stranger::Compressed),
            (b"{\\rtf", Stranger::RichText),
        ];
        let known = KNOWN.iter().find(|(start, _)| beginning.starts_with(start));
        known.map_or(Stranger::Binary, |(_, stranger)| *stranger)
    }

    /// What to do to get a spreadsheet.
    pub fn hint(self) -> &'static str {
        match self {
            Stranger::WebPage | Stranger::XmlSpreadsheet | Stranger::FlatOpenDocument | Stranger::Sylk => {
                "open it in Excel and save it as .xlsx or as CSV"
            }
            Stranger::Numbers => "export it from Numbers as Excel or as CSV",
            Stranger::Xml | Stranger::Json => "export it as Excel or as CSV from the program that it comes from",
            Stranger::Zip | Stranger::Compressed => "unpack it, and give the sheet that is in it",
            Stranger::RichText | Stranger::Pdf | Stranger::OfficeDocument | Stranger::Picture | Stranger::Binary => {
                "give the Excel or CSV file that it was made from"
            }
        }
    }
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stranger::WebPage => "a web page (HTML)",
            Stranger::XmlSpreadsheet => "an XML document of Excel 2003",
            Stranger::FlatOpenDocument => "an XML document of OpenDocument (.fods)",
            Stranger::Sylk => "a SYLK file",
            Stranger::Numbers => "a Numbers document",
            Stranger::Xml => "an XML document",
            Stranger::Json => "JSON",
            Stranger::RichText => "a text document (RTF)",
            Stranger::Pdf => "a PDF document",
            Stranger::OfficeDocument => "a document of another Office program",
            Stranger::Picture => "a picture",
            Stranger::Zip => "a zip archive without a workbook",
            Stranger::Compressed => "a compressed file",
            Stranger::Binary => "binary data",
        })
    }
}

/// What a text that begins with `<` is: a heading may begin so too, so there must be more to it.
fn of_markup(head: &[u8]) -> Option<Stranger> {
    let contains = |part: &str| head.windows(part.len()).any(|window| window == part.as_bytes());
    let is_declared = head.starts_with(b"<?xml");
    if contains("urn:schemas-microsoft-com:office:spreadsheet") && !contains("<html") {
        return Some(Stranger::XmlSpreadsheet);
    }
    if contains("<office:document") {
        return Some(Stranger::FlatOpenDocument);
    }
    if ["<!doctype html", "<html", "<head", "<meta", "<body", "<style", "<table", "<div"].into_iter().any(contains) {
        return Some(Stranger::WebPage);
    }
    (is_declared || contains("</") || contains("/>")).then_some(Stranger::Xml)
}

/// A line of records under `ID;P`. A CSV file of the headings `ID;Partner` begins likewise.
fn is_sylk(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n' || *byte == b'\r').filter(|line| !line.is_empty());
    let is_head = lines.next().is_some_and(|line| line.starts_with(b"id;p"));
    is_head && lines.next().is_some_and(|line| matches!(line, [b'b' | b'c' | b'f' | b'o' | b'p', b';', ..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<Stranger>) {
        assert_eq!(Stranger::of_text(text.as_bytes()), expected, "{text}");
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Stranger::of_text(&utf16), expected, "{text} in UTF-16");
    }

    #[test]
    fn texts_that_are_no_cells_are_named() {
        check("\u{feff} <HTML><body>", Some(Stranger::WebPage));
        check("\n<meta charset=utf-8>\n<table><tr>", Some(Stranger::WebPage));
        check("<!-- made by a CRM --><div><table>", Some(Stranger::WebPage));
        check(
            "<?xml version=\"1.0\"?><html xmlns:x=\"urn:schemas-microsoft-com:office:excel\">",
            Some(Stranger::WebPage),
        );
        check("MIME-Version: 1.0\nContent-Type: multipart/related", Some(Stranger::WebPage));
        let workbook = "<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">";
        check(workbook, Some(Stranger::XmlSpreadsheet));
        check(&format!("<?xml version=\"1.0\"?>\n<?mso-application?>{workbook}"), Some(Stranger::XmlSpreadsheet));
        check("<?xml version=\"1.0\"?><office:document office:version=\"1.3\">", Some(Stranger::FlatOpenDocument));
        check("<?xml version=\"1.0\"?><referrals/>", Some(Stranger::Xml));
        check("<referrals><referral/></referrals>", Some(Stranger::Xml));
        check("[\n {\"id\": 1}]", Some(Stranger::Json));
        check("{\"id\": 1}\n{\"id\": 2}", Some(Stranger::Json));
        check("ID;PWXL;N;E\r\nP;PGeneral\r\n", Some(Stranger::Sylk));
        check("%PDF-1.7", Some(Stranger::Pdf));
        check("{\\rtf1 x}", Some(Stranger::RichText));
    }

    #[test]
    fn cells_that_look_a_little_like_something_else_are_cells() {
        check("id,name", None);
        check("<id>,<name>\n1,2", None);
        check("ID;Partner;Notes\n49d90c72;Contoso;x", None);
        check("[id],[name]\n1,2", None);
        check("{id};{name}", None);
        check("", None);
    }

    #[test]
    fn bytes_are_named_by_their_first_ones() {
        assert_eq!(Stranger::of_bytes(b"\x89PNG\r\n\0"), Stranger::Picture);
        assert_eq!(Stranger::of_bytes(b"\x1F\x8B\x08\0"), Stranger::Compressed);
        assert_eq!(Stranger::of_bytes(b"\x7FELF\0"), Stranger::Binary);
    }
}
