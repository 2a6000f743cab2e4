//! What a report writes is read back as the same cells: in the rows to fix, in CSV, and in JSON lines.

use std::io::Read as _;
use std::path::Path;

use jiff::civil::{DateTime, date};
use proptest::prelude::*;
use refsheet::domain::cell::{Cell, Row};
use refsheet::domain::change::Base;
use refsheet::domain::json::Json;
use refsheet::domain::outcome::{Outcome, Settled};
use refsheet::domain::problem::Problem;
use refsheet::report::{Facts, Line, Report};
use refsheet::sheet::{self, Options, Source, Worksheet};

use super::cases;
use super::written::rows;

const HEADINGS: [&str; 4] = ["id", "Deal value", "Notes", "CRM ID"];
/// Half of the columns of results.
const COLUMNS: [&str; 9] = ["Row", "Id", "Name", "Outcome", "Changes", "Problems", "What to do", "Patch", "Note"];

/// Texts that are something else to some program.
const ODDITIES: [&str; 16] = [
    "TRUE",
    "1E5",
    "1e400",
    "NaN",
    "Infinity",
    "=1+1",
    "https://x.y",
    "mailto:a@b",
    "internal:A1",
    "[Red]0",
    "{=1}",
    "\u{FEFF}x",
    "x\u{FFFE}\u{FFFF}",
    "\u{7F}\u{80}\u{9F}\u{2028}",
    "a\u{301}\u{202E}b",
    "\u{1F469}\u{200D}\u{1F4BB}",
];

/// Texts that a spreadsheet would like to make something else of.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => any::<String>(),
        2 => "[=+@'-]{1,3}[A-Za-z0-9(]{0,8}",
        1 => "[\t\r\n][=+@-]?[a-z]{1,4}[\r\n\t ]{0,2}",
        2 => "0{1,6}[0-9]{0,12}|[0-9]{16,24}|[0-9]{1,3}[.,][0-9]{3}|[0-9]{1,2}/[0-9]{1,2}/20[0-9]{2}",
        1 => "(_x00[0-7][0-9A-Fa-f]_|[a-z]){1,4}",
        1 => prop::sample::select(&ODDITIES[..]).prop_map(str::to_owned),
    ]
    .prop_filter("blank, an error or undecodable", |text| {
        !text.trim().is_empty() && !text.starts_with('#') && !text.contains('\u{FFFD}')
    })
}

fn moments() -> impl Strategy<Value = DateTime> {
    (0..2_958_400_i64 - 61, 0..86_400_000_i64).prop_map(|(day, millisecond)| {
        let at = date(1900, 3, 1).at(0, 0, 0, 0).saturating_add(jiff::Span::new().days(day));
        at.saturating_add(jiff::SignedDuration::from_millis(millisecond))
    })
}

fn cells() -> impl Strategy<Value = Cell> {
    prop_oneof![
        5 => texts().prop_map(Cell::Text),
        1 => prop::num::f64::NORMAL.prop_map(Cell::Number),
        1 => "[1-9][0-9]{0,8}(\\.[0-9]{1,6})?".prop_map(|digits| Cell::Number(digits.parse().unwrap())),
        1 => moments().prop_map(Cell::DateTime),
        1 => any::<bool>().prop_map(Cell::Boolean),
        1 => Just(Cell::Error("#DIV/0!".to_owned())),
        1 => Just(Cell::Blank),
    ]
}

/// A row with its note and its patch.
type Told = (Vec<Cell>, String, String);

fn told() -> impl Strategy<Value = Vec<Told>> {
    let amount = "[1-9][0-9]{0,24}(\\.[0-9]{1,3})?";
    let patch = (texts(), amount).prop_map(|(text, digits)| {
        let text = serde_json::to_string(&text).unwrap();
        format!(r#"[{{"op":"replace","path":"/x","value":{digits}}},{{"op":"add","path":"/y","value":{text}}}]"#)
    });
    prop::collection::vec((prop::collection::vec(cells(), 4), texts(), patch), 1..6)
}

fn report(path: &Path, told: &[Told]) {
    let headings: Vec<(u32, String)> = (0..).zip(HEADINGS.map(str::to_owned)).collect();
    let mut report = Report::create(path, &headings, None, None).unwrap();
    for (number, (cells, note, json)) in (2..).zip(told) {
        let row = Row { number, cells: cells.clone() };
        let problems = vec![Problem::of_row(format!("something about `{note}`"), "something else")];
        let mut settled = Settled::unsent(number, Outcome::Invalid, problems);
        settled.patch = Some(Json::parse(json.clone()).unwrap());
        report.push(&Line { row: &row, base: &Base::Absent, id: note, note: Some(note), settled: &settled }).unwrap();
    }
    assert_eq!(report.finish(&Facts::default()).unwrap(), path);
}

/// The rows of a worksheet.
fn read(path: &Path, worksheet: Option<&str>, known: &[&str]) -> Vec<Row> {
    let options = Options { worksheet: worksheet.map(|name| Worksheet::Name(name.to_owned())), ..Options::default() };
    rows(&sheet::open(&Source::File(path.to_owned()), &options, &|text| known.contains(&text)).unwrap())
}

/// The parts of a workbook as text.
fn parts(path: &Path) -> Vec<(String, String)> {
    let mut book = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let count = book.len();
    let read = |index| {
        let mut entry = book.by_index(index).unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        (entry.name().unwrap().to_string(), text)
    };
    (0..count).map(read).collect()
}

/// What XML 1.0 lets a text consist of.
fn is_xml(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn the_rows_to_fix_are_the_users_own(told in told()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.xlsx");
        report(&path, &told);
        for (row, (cells, _, _)) in read(&path, Some("To fix"), &HEADINGS).iter().zip(&told) {
            for (column, cell) in (1..).zip(cells) {
                prop_assert_eq!(row.cell(column), cell);
            }
        }
        let results = read(&path, Some("Results"), &COLUMNS);
        prop_assert_eq!(results.len(), told.len());
        for (row, (_, note, patch)) in results.iter().zip(&told) {
            for text in [note, patch] {
                prop_assert!(row.cells.contains(&Cell::Text(text.clone())), "{text:?} is not in {row:?}");
            }
        }
        for (name, text) in parts(&path) {
            prop_assert!(!text.contains("<f>") && !text.contains("<f "), "a formula in {name}");
            let wrong = text.chars().find(|letter| !is_xml(*letter));
            prop_assert_eq!(wrong, None, "in {}", name);
        }
    }

    #[test]
    fn csv_holds_no_formula_and_the_same_texts(told in told()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        report(&path, &told);
        let read = read(&path, None, &COLUMNS);
        for (row, (_, note, patch)) in read.iter().zip(&told) {
            for text in [note, patch] {
                prop_assert!(row.cells.contains(&Cell::Text(text.clone())), "{text:?} is not in {row:?}");
            }
        }
        prop_assert_eq!(read.len(), told.len());
        for record in csv::Reader::from_path(&path).unwrap().records() {
            for field in &record.unwrap() {
                let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err();
                prop_assert!(!is_formula, "{field:?}");
            }
        }
    }

    #[test]
    fn json_lines_have_every_digit_and_letter(told in told()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.jsonl");
        report(&path, &told);
        let text = std::fs::read_to_string(&path).unwrap();
        prop_assert_eq!(text.lines().count(), told.len());
        for (line, (_, note, patch)) in text.lines().zip(&told) {
            let json = Json::parse(line.to_owned()).unwrap();
            prop_assert_eq!(&json.value()["note"], note);
            prop_assert!(line.contains(patch), "{line} has not {patch}");
        }
    }
}

/// A row to fix with this note.
fn noted(note: &str) -> Cell {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    let cells = vec![Cell::Text("1".to_owned()), Cell::Blank, Cell::Text(note.to_owned())];
    report(&path, &[(cells, "x".to_owned(), "[]".to_owned())]);
    read(&path, Some("To fix"), &HEADINGS)[0].cell(3).clone()
}

#[test]
fn a_text_as_long_as_a_cell_can_be_is_kept_and_a_longer_one_is_cut_where_one_sees_it() {
    for letter in ["x", "é", "\n", "&", "<", "_x0041_"] {
        let longest = letter.repeat(32_767 / letter.len().max(1)) + "end";
        let longest: String = longest.chars().rev().take(32_767).collect::<Vec<_>>().into_iter().rev().collect();
        assert!(noted(&longest) == Cell::Text(longest), "{letter:?}");
    }
    let longest = "\u{1F600}".repeat(16_383);
    assert!(noted(&longest) == Cell::Text(longest));
    for longer in ["x".repeat(32_768), "\u{1F600}".repeat(16_384)] {
        let Cell::Text(cut) = noted(&longer) else { panic!("no text") };
        assert!(cut.ends_with(" … (cut)") && cut.len() > 32_000, "{} bytes", cut.len());
    }
}
