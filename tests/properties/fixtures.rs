//! The same values in the formats of other writers. `make.py` made the files and says what each row asks for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use refsheet::domain::value::Reading;

use super::lexer;
use super::written::{HEADINGS, asked, rows};

/// What a row asks for, or nothing if a cell of it is refused.
type Asked = Option<(String, Vec<(&'static str, String)>)>;

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/properties").join(name)
}

fn expected() -> BTreeMap<u32, Asked> {
    let mut reader = csv::Reader::from_path(place("expected.csv")).unwrap();
    let records = reader.records().map(|record| {
        let record = record.unwrap();
        let string = |column: usize| serde_json::to_string(&record[column]).unwrap();
        let edits = vec![
            ("Deal value", record[2].to_owned()),
            ("Closing date", string(3)),
            ("CRM ID", string(4)),
            ("Notes", string(5)),
        ];
        (record[0].parse().unwrap(), (&record[1] != "refused").then(|| (record[1].to_owned(), edits)))
    });
    records.collect()
}

fn check(name: &str) {
    let sheet = lexer::open(&place(name), &HEADINGS).unwrap();
    let read: BTreeMap<u32, Asked> =
        rows(&sheet).iter().map(|row| (row.number, asked(&sheet, row, &Reading::default()))).collect();
    let expected = expected();
    assert_eq!(read.len(), expected.len(), "{name}");
    for (number, expected) in expected {
        assert_eq!(read[&number], expected, "row {number} of {name}");
    }
}

#[test]
fn openpyxl() {
    check("values.xlsx");
    check("values.1904.xlsx");
}

#[test]
fn libreoffice() {
    check("values.libreoffice.xlsx");
    check("values.libreoffice.ods");
    check("values.libreoffice.xls");
    check("values.1904.xls");
}

#[test]
fn odfpy() {
    check("values.pandas.ods");
}

#[test]
fn xlwt() {
    check("values.xlwt.xls");
}

#[test]
fn the_binary_format() {
    check("values.xlsb");
}
