//! CSV as the `csv` crate writes it is read back cell by cell; and no bytes make the reader stumble.

use std::path::Path;

use proptest::prelude::*;
use refsheet::domain::cell::{Cell, Row, is_space};
use refsheet::sheet::{self, Options, Sheet, SheetError, Source};

use super::cases;

/// How a text becomes the bytes of a file.
#[derive(Debug, Clone, Copy)]
pub enum Encoding {
    Utf8,
    Utf8Marked,
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    pub const ALL: [Encoding; 4] = [Encoding::Utf8, Encoding::Utf8Marked, Encoding::Utf16Le, Encoding::Utf16Be];

    pub fn bytes(self, text: &str) -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        match self {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Utf8Marked => format!("\u{FEFF}{text}").into_bytes(),
            Encoding::Utf16Le => units.flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => units.flat_map(u16::to_be_bytes).collect(),
        }
    }
}

/// How the `csv` crate writes.
#[derive(Debug, Clone)]
pub struct Form {
    pub delimiter: u8,
    pub quotes: csv::QuoteStyle,
    pub ends: csv::Terminator,
    pub encoding: Encoding,
}

pub fn forms() -> impl Strategy<Value = Form> {
    let quotes = vec![csv::QuoteStyle::Necessary, csv::QuoteStyle::Always, csv::QuoteStyle::NonNumeric];
    let ends = vec![csv::Terminator::CRLF, csv::Terminator::Any(b'\n'), csv::Terminator::Any(b'\r')];
    (
        prop::sample::select(vec![b',', b';', b'\t', b'|']),
        prop::sample::select(quotes),
        prop::sample::select(ends),
        prop::sample::select(&Encoding::ALL[..]),
    )
        .prop_map(|(delimiter, quotes, ends, encoding)| Form { delimiter, quotes, ends, encoding })
}

impl Form {
    pub fn bytes<T: AsRef<str>>(&self, rows: &[Vec<T>]) -> Vec<u8> {
        let mut builder = csv::WriterBuilder::new();
        builder.delimiter(self.delimiter).quote_style(self.quotes).terminator(self.ends).flexible(true);
        let mut writer = builder.from_writer(Vec::new());
        for row in rows {
            writer.write_record(row.iter().map(|cell| cell.as_ref().as_bytes())).unwrap();
        }
        self.encoding.bytes(&String::from_utf8(writer.into_inner().unwrap()).unwrap())
    }
}

/// Opens a sheet whose headings are a row with a `known` cell.
pub fn open(path: &Path, known: &[&str]) -> Result<Sheet, SheetError> {
    sheet::open(&Source::File(path.to_owned()), &Options::default(), &|text| known.contains(&text))
}

/// What can be read of a sheet, to its end or to where it breaks off.
fn rows(sheet: &Sheet) -> Vec<Row> {
    sheet.rows().unwrap().map_while(Result::ok).map(|row| row.unwrap_or_else(|fault| fault.row)).collect()
}

/// The cell that a text is in a CSV file.
fn cell(text: &str) -> Cell {
    if text.chars().all(is_space) { Cell::Blank } else { Cell::Text(text.to_owned()) }
}

/// Texts that are neither errors nor guarded against being formulas, and without the mark of what cannot be decoded.
fn texts() -> impl Strategy<Value = String> {
    let any = "[a-c\",;|\t\r\n éß€\u{1F600}\u{a0}\u{200b}0-9.]{0,8}";
    prop_oneof![any, "\\PC{0,12}", "\"{1,4}", Just(String::new())].prop_filter("another reading", |text| {
        let rest = text.trim_start_matches('\'');
        let is_guarded =
            rest != text && rest.starts_with(['=', '+', '-', '@', '\t', '\r']) || text.trim().starts_with("=\"");
        !text.starts_with('#') && !is_guarded && !text.contains(['\u{FEFF}', '\u{FFFD}'])
    })
}

/// How files begin.
const HEADS: [&[u8]; 8] = [
    b"",
    b"id,Notes\n",
    b"\xEF\xBB\xBFid;Notes\r\n",
    b"\xFF\xFEi\0d\0",
    b"\xFE\xFF",
    b"sep=;\n",
    b"PK\x03\x04",
    b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
];

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn what_the_csv_crate_writes_is_read_back(
        form in forms(),
        body in prop::collection::vec(prop::collection::vec(texts(), 3), 0..8),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        let mut all = vec![["first", "second", "third"].map(str::to_owned).to_vec()];
        all.extend(body.clone());
        std::fs::write(&path, form.bytes(&all)).unwrap();
        let sheet = open(&path, &["first", "second", "third"]).unwrap();
        let read: Vec<Vec<Cell>> = rows(&sheet).into_iter().map(|row| row.cells).collect();
        let cells = body.iter().map(|row| row.iter().map(|text| cell(text)).collect::<Vec<Cell>>());
        let expected: Vec<Vec<Cell>> = cells
            .filter_map(|row| row.iter().rposition(|cell| !cell.is_blank()).map(|last| row[..=last].to_vec()))
            .collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn no_bytes_make_it_stumble(
        head in prop::sample::select(&HEADS[..]),
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            prop::collection::vec(prop::sample::select(&b"\",;|\t\r\n a\0\xC3\xA9\xFF="[..]), 0..300),
        ],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        std::fs::write(&path, [head, &bytes].concat()).unwrap();
        if let Ok(sheet) = open(&path, &["id", "Notes"]) {
            let read = rows(&sheet);
            prop_assert!(read.is_sorted_by(|a, b| a.number < b.number));
            prop_assert!(read.len() <= bytes.len() + 1);
        }
    }
}
