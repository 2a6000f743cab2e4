//! From a value to a file and back: what a row asks for is what was written, in every form that Rust can write.

use jiff::civil::Date;
use proptest::prelude::*;
use refsheet::domain::cell::Row;
use refsheet::domain::change::{Ask, Background, Request, Wish};
use refsheet::domain::heading::{Columns, Naming};
use refsheet::domain::value::Reading;
use refsheet::domain::value::amount::DecimalMark;
use refsheet::domain::value::moment::DateOrder;
use refsheet::sheet::Sheet;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::amounts::{self, Written};
use super::lexer::{self, forms};
use super::{cases, moments};

pub const HEADINGS: [&str; 5] = ["id", "Deal value", "Closing date", "CRM ID", "Notes"];

/// The values of a row.
#[derive(Debug, Clone)]
struct Values {
    id: [u8; 16],
    amount: Written,
    day: Date,
    form: usize,
    code: String,
    note: String,
}

fn values() -> impl Strategy<Value = Values> {
    let note = "\\PC{0,20}[a-z]{1,3}|[a-z]{1,5}[\",;\t|\n]{1,3}[a-z]{1,4}";
    (any::<[u8; 16]>(), amounts::written(), moments::days(), 0..moments::FORMS, "0{0,3}[0-9]{1,15}", note).prop_map(
        |(id, amount, day, form, code, note)| {
            // The one stands for what cannot be decoded, the other for a guard against formulas.
            let note = note.replace(['\u{FFFD}', '\''], "?");
            Values { id, amount, day, form, code, note }
        },
    )
}

impl Values {
    fn id(&self) -> String {
        uuid::Uuid::from_bytes(self.id).to_string()
    }

    /// The texts of the row, and how dates and amounts in it are to be read.
    fn texts(&self) -> ([String; 5], Reading) {
        let (date, order) = moments::text(self.day, self.form);
        let texts = [self.id(), self.amount.text(), date, self.code.clone(), self.note.clone()];
        (texts, Reading { decimal: Some(self.amount.mark), date_order: order, ..Reading::default() })
    }

    /// What is asked for: the JSON of each field.
    fn expected(&self) -> Vec<(&'static str, String)> {
        let note = serde_json::to_string(refsheet::domain::value::trimmed(&self.note)).unwrap();
        vec![
            ("Deal value", self.amount.digits()),
            ("Closing date", format!("\"{}T00:00:00Z\"", self.day)),
            ("CRM ID", format!("\"{}\"", self.code)),
            ("Notes", note),
        ]
    }
}

/// The rows of a sheet, all of them whole.
pub fn rows(sheet: &Sheet) -> Vec<Row> {
    sheet.rows().unwrap().map(|row| row.unwrap().unwrap()).collect()
}

/// What the row asks for: its id and the JSON of each field, or nothing if it is invalid.
pub fn asked(sheet: &Sheet, row: &Row, reading: &Reading) -> Option<(String, Vec<(&'static str, String)>)> {
    let headings = sheet.headings.iter().map(|heading| (heading.column, heading.text.as_str()));
    let columns = Columns::resolve(headings, &Naming::default()).unwrap();
    let Ask::Update(change) = Request::read(row, &columns, reading, &Background::default()).ask else { return None };
    let edits = change.edits.iter().map(|edit| match &edit.wish {
        Wish::Set(json) | Wish::Append(json) => (edit.field.label, json.text().to_owned()),
    });
    Some((change.referral.to_string(), edits.collect()))
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn a_csv_file_asks_for_what_was_written(form in forms(), values in values()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        let (texts, reading) = values.texts();
        std::fs::write(&path, form.bytes(&[HEADINGS.map(str::to_owned).to_vec(), texts.to_vec()])).unwrap();
        let sheet = lexer::open(&path, &HEADINGS).unwrap();
        let read = rows(&sheet);
        prop_assert_eq!(read.len(), 1);
        prop_assert_eq!(asked(&sheet, &read[0], &reading), Some((values.id(), values.expected())));
    }

    #[test]
    fn a_western_csv_file_asks_for_what_was_written_or_for_nothing(
        values in values(),
        note in "[a-z ]{0,9}[äöüßéèà€ñ]{0,3}[a-z]{1,9}",
    ) {
        // The encoding is guessed from a few letters, so a note can come out with others; the person is told so.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        let (mut texts, reading) = values.texts();
        texts[4] = note;
        let text = [HEADINGS.join(";"), texts.join(";")].join("\r\n");
        let (bytes, _, is_lossy) = encoding_rs::WINDOWS_1252.encode(&text);
        prop_assume!(!is_lossy);
        std::fs::write(&path, bytes).unwrap();
        // By chance, the first letters can be good UTF-8 and the next ones not.
        let Ok(sheet) = lexer::open(&path, &HEADINGS) else { return Ok(()) };
        if let Some((id, edits)) = asked(&sheet, &rows(&sheet)[0], &reading) {
            prop_assert_eq!(id, values.id());
            prop_assert_eq!(&edits[..3], &values.expected()[..3]);
        }
    }

    #[test]
    fn a_workbook_of_texts_asks_for_what_was_written(values in values()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xlsx");
        let (texts, reading) = values.texts();
        let mut book = Workbook::new();
        let worksheet = book.add_worksheet();
        for (column, (heading, text)) in (0..).zip(HEADINGS.iter().zip(&texts)) {
            worksheet.write_string(0, column, *heading).unwrap();
            worksheet.write_string(1, column, text).unwrap();
        }
        book.save(&path).unwrap();
        let sheet = lexer::open(&path, &HEADINGS).unwrap();
        prop_assert_eq!(asked(&sheet, &rows(&sheet)[0], &reading), Some((values.id(), values.expected())));
    }

    #[test]
    fn a_workbook_of_numbers_and_dates_asks_for_what_was_written(
        values in values(),
        second in 0..86_400_u32,
        is_1904 in any::<bool>(),
        mark in prop::option::of(prop::sample::select(vec![DecimalMark::Point, DecimalMark::Comma])),
        order in prop::option::of(prop::sample::select(vec![DateOrder::DayMonthYear, DateOrder::MonthDayYear])),
        show in prop::sample::select(vec!["dd.mm.yyyy", "m/d/yy", "yyyy-mm-dd hh:mm", "[$-409]mmmm d, yyyy;@"]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xlsx");
        // A workbook keeps 15 digits.
        let whole: String = values.amount.whole.chars().take(10).collect();
        let amount = Written { whole, ..values.amount.clone() };
        let code: u64 = values.code.parse::<u64>().unwrap() % 1_000_000_000_000_000;
        let day = values.day;
        let (y, m, d) = (day.year().unsigned_abs(), day.month().unsigned_abs(), day.day().unsigned_abs());
        let (hour, minute) = (u16::try_from(second / 3600).unwrap(), u8::try_from(second / 60 % 60).unwrap());
        let at = ExcelDateTime::from_ymd(y, m, d).unwrap();
        let at = at.and_hms(hour, minute, f64::from(second % 60)).unwrap();
        let mut book = Workbook::new();
        let worksheet = book.add_worksheet();
        for (column, heading) in (0..).zip(HEADINGS) {
            worksheet.write_string(0, column, heading).unwrap();
        }
        worksheet.write_string(1, 0, values.id()).unwrap();
        worksheet.write_number(1, 1, amount.digits().parse::<f64>().unwrap()).unwrap();
        worksheet.write_datetime_with_format(1, 2, &at, &Format::new().set_num_format(show)).unwrap();
        #[expect(clippy::cast_precision_loss, reason = "15 digits at most")]
        worksheet.write_number(1, 3, code as f64).unwrap();
        book.save(&path).unwrap();
        if is_1904 {
            // The same number of days, counted from another day.
            since_1904(&path);
        }
        let day = if is_1904 { day.saturating_add(jiff::Span::new().days(1462)) } else { day };
        let sheet = lexer::open(&path, &HEADINGS).unwrap();
        let reading = Reading { decimal: mark, date_order: order, ..Reading::default() };
        let digits = amount.digits();
        let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { &digits };
        let moment = day.at(0, 0, 0, 0).saturating_add(jiff::SignedDuration::from_secs(i64::from(second)));
        let expected = vec![
            ("Deal value", digits.to_owned()),
            ("Closing date", format!("\"{moment}Z\"")),
            ("CRM ID", format!("\"{code}\"")),
        ];
        prop_assert_eq!(asked(&sheet, &rows(&sheet)[0], &reading), Some((values.id(), expected)));
    }
}

/// Sets the mark of workbooks that count from 1904.
fn since_1904(path: &std::path::Path) {
    use std::io::{Read as _, Write as _};
    let mut book = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut changed = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for index in 0..book.len() {
        let mut entry = book.by_index(index).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let name = entry.name().unwrap().to_string();
        if name == "xl/workbook.xml" {
            let text = String::from_utf8(content).unwrap();
            assert!(text.contains("<workbookPr "));
            content = text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ").into_bytes();
        }
        changed.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        changed.write_all(&content).unwrap();
    }
    std::fs::write(path, changed.finish().unwrap().into_inner()).unwrap();
}
