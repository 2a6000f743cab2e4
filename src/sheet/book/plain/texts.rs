//! The texts of a workbook, which its cells name by their numbers: one behind the other, in the memory that their letters
//! take and four bytes each.

use std::borrow::Cow;
use std::io::Read;

use super::row::{Strange, attributes, judge_head, name_bytes, skip_space, take, up_to_tag};

/// Texts are kept in pieces of so many bytes, so that nothing is copied when there are more of them.
const PIECE_BYTES: usize = 1 << 20;
/// So much of the list is read at once.
const CHUNK_BYTES: usize = 256 * 1024;
/// Far more than a text can take in it.
const TEXT_BYTES_MAX: usize = 4 << 20;

/// The list of texts.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pieces: Vec<String>,
    /// Where each text begins, counted as if all pieces were full.
    begins: Vec<u32>,
}

impl Texts {
    /// Reads the list as the common programs write it.
    pub fn read(mut part: impl Read) -> Result<Texts, Strange> {
        let mut texts = Texts::default();
        let mut buffer = Vec::new();
        let mut has_begun = false;
        loop {
            let count = part.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut buffer).map_err(|_| Strange)?;
            if count == 0 {
                return Err(Strange);
            }
            if !has_begun {
                let start = memchr::memmem::find(&buffer, b"<sst").ok_or(Strange)?;
                let end = start + memchr::memchr(b'>', &buffer[start..]).ok_or(Strange)? + 1;
                let head = std::str::from_utf8(&buffer[..end]).map_err(|_| Strange)?;
                judge_head(head, &["sst"])?;
                let is_list = ["<sst ", "<sst>"].iter().any(|begin| head[start..].starts_with(begin));
                if !is_list || head.ends_with("/>") {
                    return Err(Strange);
                }
                buffer.drain(..end);
                has_begun = true;
            }
            let end = memchr::memmem::rfind(&buffer, CLOSE).map_or(0, |at| at + CLOSE.len());
            if end == 0 && buffer.len() > TEXT_BYTES_MAX {
                return Err(Strange);
            }
            let mut text = std::str::from_utf8(&buffer[..end]).map_err(|_| Strange)?;
            while !text.is_empty() {
                texts.take_one(&mut text)?;
            }
            buffer.drain(..end);
            if memchr::memmem::find(&buffer, b"</sst>").is_some_and(|at| buffer[..at].trim_ascii().is_empty()) {
                texts.begins.shrink_to_fit();
                return Ok(texts);
            }
        }
    }

    /// The text of this number.
    pub fn get(&self, number: usize) -> Option<&str> {
        let begin = *self.begins.get(number)? as usize;
        let piece = self.pieces.get(begin / PIECE_BYTES)?;
        let next = self.begins.get(number + 1).map(|next| *next as usize);
        let end = next.filter(|next| next / PIECE_BYTES == begin / PIECE_BYTES).map(|next| next % PIECE_BYTES);
        piece.get(begin % PIECE_BYTES..end.unwrap_or(piece.len()))
    }

    /// Takes the first text off.
    fn take_one(&mut self, list: &mut &str) -> Result<(), Strange> {
        skip_space(list);
        if let Some(rest) = list.strip_prefix("<si/>") {
            *list = rest;
            return self.push("");
        }
        take(list, "<si>")?;
        let mut whole = Cow::Borrowed("");
        let mut open = Vec::new();
        loop {
            skip_space(list);
            take(list, "<")?;
            let name = &list[..name_bytes(list)];
            match name {
                "" => {
                    // An element ends.
                    take(list, "/")?;
                    let (name, rest) = list.split_once('>').ok_or(Strange)?;
                    *list = rest;
                    match open.pop() {
                        Some(begun) if begun == name => {}
                        None if name == "si" => return self.push(&whole),
                        Some(_) | None => return Err(Strange),
                    }
                }
                "t" => {
                    *list = &list[name.len()..];
                    let text = text(list)?;
                    match (open.contains(&"rPh"), whole.is_empty()) {
                        (true, _) => {}
                        (false, true) => whole = text,
                        (false, false) => whole.to_mut().push_str(&text),
                    }
                }
                _ => {
                    *list = &list[name.len()..];
                    match (attributes(list, |_, _| Ok(()))?, name) {
                        (true, _) => {}
                        (false, "r" | "rPr" | "rPh") => open.push(name),
                        (false, _) => return Err(Strange),
                    }
                }
            }
        }
    }

    fn push(&mut self, text: &str) -> Result<(), Strange> {
        if self.pieces.last().is_none_or(|piece| piece.len() + text.len() > PIECE_BYTES) {
            if text.len() > PIECE_BYTES {
                return Err(Strange);
            }
            self.pieces.push(String::with_capacity(PIECE_BYTES));
        }
        let piece = self.pieces.last_mut().ok_or(Strange)?;
        // An empty text at the end of a full piece would begin in the next one.
        if piece.len() == PIECE_BYTES {
            self.pieces.push(String::with_capacity(PIECE_BYTES));
            return self.push(text);
        }
        let begin = piece.len();
        piece.push_str(text);
        self.begins.push(u32::try_from((self.pieces.len() - 1) * PIECE_BYTES + begin).map_err(|_| Strange)?);
        Ok(())
    }
}

const CLOSE: &[u8] = b"</si>";

/// The text of an element `t`, behind its name.
fn text<'x>(list: &mut &'x str) -> Result<Cow<'x, str>, Strange> {
    let mut keeps_space = false;
    let is_empty = attributes(list, |name, value| {
        keeps_space |= name == "xml:space" && value == "preserve";
        Ok(())
    })?;
    if is_empty {
        return Ok(Cow::Borrowed(""));
    }
    let raw = up_to_tag(list)?;
    take(list, "</t>")?;
    plain(raw, keeps_space)
}

/// The text as it is meant. What programs write for letters that XML does not have is left to the workbook library.
pub(super) fn plain(raw: &str, keeps_space: bool) -> Result<Cow<'_, str>, Strange> {
    let is_odd =
        memchr::memchr(b'\r', raw.as_bytes()).is_some() || memchr::memmem::find(raw.as_bytes(), b"_x").is_some();
    if is_odd {
        return Err(Strange);
    }
    let trim = |text: &str| -> (usize, usize) {
        let start = text.len() - text.trim_start_matches([' ', '\t', '\n']).len();
        (start, text.trim_end_matches([' ', '\t', '\n']).len().max(start))
    };
    if memchr::memchr(b'&', raw.as_bytes()).is_none() {
        let (start, end) = if keeps_space { (0, raw.len()) } else { trim(raw) };
        return Ok(Cow::Borrowed(&raw[start..end]));
    }
    let mut pieces = raw.split('&');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once(';').ok_or(Strange)?;
        text.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => return Err(Strange),
        });
        text.push_str(rest);
    }
    // An underscore and an `x` may stand on both sides of nothing.
    if text.contains("_x") {
        return Err(Strange);
    }
    let (start, end) = if keeps_space { (0, text.len()) } else { trim(&text) };
    Ok(Cow::Owned(text[start..end].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(items: &str) -> Result<Vec<String>, Strange> {
        let list = format!("<?xml version=\"1.0\"?>\n<sst xmlns=\"x\" uniqueCount=\"9\">{items}</sst>");
        let texts = Texts::read(list.as_bytes())?;
        Ok((0..).map_while(|number| texts.get(number).map(str::to_owned)).collect())
    }

    #[test]
    fn texts_are_found_by_their_numbers() {
        let check = |items: &str, expected: &[&str]| {
            let expected = expected.iter().map(ToString::to_string).collect();
            assert_eq!(texts(items), Ok(expected), "{items}");
        };
        check("<si><t>a</t></si>\n<si><t>Müller &amp; Söhne</t></si>", &["a", "Müller & Söhne"]);
        check("<si><t> a </t></si><si><t xml:space=\"preserve\"> a </t></si>", &["a", " a "]);
        check("<si/><si><t/></si><si><t></t></si><si><t>z</t></si>", &["", "", "", "z"]);
        let rich = "<si><r><t>a</t></r><r><rPr><b/><sz val=\"9\"/></rPr><t xml:space=\"preserve\"> b</t></r></si>";
        check(rich, &["a b"]);
        let phonetic = "<si><t>東京</t><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh><phoneticPr fontId=\"1\"/></si>";
        check(phonetic, &["東京"]);
    }

    #[test]
    fn texts_fill_piece_after_piece() {
        let long = "x".repeat(PIECE_BYTES / 3);
        let numbers: Vec<String> = (0..8).map(|number| format!("{number}{long}")).chain([String::new()]).collect();
        let items = format!("<si><t>{}</t></si>", numbers.join("</t></si><si><t>"));
        assert_eq!(texts(&items), Ok(numbers));
        let full = "y".repeat(PIECE_BYTES);
        let items = format!("<si><t>{full}</t></si><si/><si/><si><t>a</t></si>");
        assert_eq!(
            texts(&items).map(|texts| texts[1..].to_vec()),
            Ok(vec![String::new(), String::new(), "a".to_owned()])
        );
    }

    #[test]
    fn what_is_written_in_another_way_is_left_alone() {
        for items in [
            "<si><t>a&#10;b</t></si>",
            "<si><t>a_x000D_b</t></si>",
            "<si><t>a\r\nb</t></si>",
            "<si><t><![CDATA[a]]></t></si>",
            "<!-- --><si><t>a</t></si>",
            "<x:si><x:t>a</x:t></x:si>",
            "<si><t>a</t>",
            "<si><t>a<b/></t></si>",
            "<si>a</si>",
            "<si></r><r><t>a</t></si>",
            "<si><r><t>a</t></rPh></si>",
        ] {
            assert_eq!(texts(items), Err(Strange), "{items}");
        }
        assert!(Texts::read(&b"<sst><si><t>a</t></si>"[..]).is_err());
        assert!(Texts::read(&b"<sst/>"[..]).is_err());
    }
}
