//! Reports written and read again.

use std::path::Path;

use jiff::civil::date;

use super::*;
use crate::domain::cell::{Address, Cell};
use crate::domain::change::Base;
use crate::domain::heading::{Naming, Target, target_of};
use crate::domain::json::Json;
use crate::domain::merge::Clash;
use crate::domain::outcome::Outcome;
use crate::domain::plan::FieldChange;
use crate::domain::problem::Problem;
use crate::domain::referral::ETag;
use crate::sheet::{self, Options, Sheet, Source, Worksheet};

const ID: &str = "49d90c72-3326-4f61-aacc-2cb57970448c";

fn headings(texts: &[&str]) -> Vec<(u32, String)> {
    (0..).zip(texts).map(|(index, text)| (index, (*text).to_owned())).collect()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn row(number: u32) -> Row {
    let cells = vec![
        text(ID),
        Cell::DateTime(date(2026, 12, 31).at(0, 0, 0, 0)),
        Cell::Number(12_500.5),
        text("=1+1"),
        text("007"),
        Cell::Boolean(true),
        Cell::Blank,
        Cell::DateTime(date(2026, 5, 1).at(8, 30, 0, 0)),
    ];
    Row { number, cells }
}

const HEADINGS: [&str; 8] = ["Id", "Closing date", "Deal value", "Notes", "CRM ID", "Favorite", "", "Last seen"];

/// Writes a report of rows that all look alike and ended like this.
fn written(path: &Path, headings: &[(u32, String)], settled: &[Settled]) {
    let mut report = Report::create(path, headings, None, None).unwrap();
    for settled in settled {
        report
            .push(&Line { row: &row(settled.row), base: &Base::Absent, id: ID, note: Some("@mine"), settled })
            .unwrap();
    }
    let occurred: u64 = report.tally().occurred().map(|(_, count)| count).sum();
    assert_eq!(occurred, settled.len() as u64);
    assert_eq!(report.finish(&Facts::default()).unwrap(), path);
}

fn opened(path: &Path, worksheet: Option<&str>) -> Sheet {
    let options = Options { worksheet: worksheet.map(|name| Worksheet::Name(name.to_owned())), ..Options::default() };
    let is_heading = |text: &str| target_of(text).is_some_and(|target| target != Target::Ignored);
    sheet::open(&Source::File(path.to_owned()), &options, &is_heading).unwrap()
}

fn rows(sheet: &Sheet) -> Vec<Row> {
    sheet.rows().unwrap().map(|row| row.unwrap().unwrap()).collect()
}

fn unsent(row: u32, outcome: Outcome) -> Settled {
    Settled::unsent(row, outcome, Vec::new())
}

fn sent(row: u32) -> Settled {
    let json = |text: &str| Json::parse(text.to_owned()).unwrap();
    let place = Address { column: 2, row };
    Settled {
        name: Some("=cmd()".to_owned()),
        changes: vec![FieldChange {
            label: "Deal value".into(),
            path: "/details/dealValue".into(),
            before: Some(json("1234567.10")),
            after: json("12345678901234567.890"),
        }],
        problems: vec![Problem::warning(place, &"Deal value".into(), "a lot", "")],
        clashes: vec![Clash { label: "Notes".to_owned(), base: json("null"), mine: json("1.0"), theirs: json("2.0") }],
        reason: Some("no".to_owned()),
        http: Some(400),
        error_code: Some("Bad".to_owned()),
        request_id: Some("r-1".to_owned()),
        attempts: 2,
        milliseconds: 345,
        sent_at: Some("2026-05-12T09:15:02.123456Z".parse().unwrap()),
        etag_before: Some(ETag::new("\"1\"")),
        patch: Some(json("[{\"op\":\"replace\",\n\"path\":\"/details/dealValue\",\"value\":12345678901234567.890}]")),
        ..unsent(row, Outcome::Refused)
    }
}

#[test]
fn the_rows_to_fix_are_the_users_own_and_can_be_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    let settled: Vec<Settled> = (2..).zip(Outcome::ALL).map(|(row, outcome)| unsent(row, outcome)).collect();
    written(&path, &headings(&HEADINGS), &settled);

    let given_back = opened(&path, None);
    assert_eq!(given_back.worksheet.as_deref(), Some("To fix"));
    let texts: Vec<&str> = given_back.headings.iter().map(|heading| heading.text.as_str()).collect();
    let named = HEADINGS.into_iter().filter(|heading| !heading.is_empty());
    assert_eq!(texts, std::iter::once("# Problems").chain(named).chain(["eTag"]).collect::<Vec<_>>());

    // What is in doubt is looked up, not done again.
    let bad = Outcome::ALL.into_iter().filter(|outcome| !outcome.is_well() && *outcome != Outcome::InDoubt).count();
    let rows = rows(&given_back);
    assert_eq!(rows.len(), bad);
    for given in &rows {
        assert_eq!(given.cells[1..], row(0).cells, "{given:?}");
    }
}

#[test]
fn results_has_every_row_in_sheet_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    written(&path, &headings(&HEADINGS), &[unsent(2, Outcome::Applied), sent(7), unsent(9, Outcome::Planned)]);
    let results = opened(&path, Some("Results"));
    let texts: Vec<&str> = results.headings.iter().map(|heading| heading.text.as_str()).collect();
    assert_eq!(texts, columns::COLUMNS.map(|column| column.heading));
    let rows = rows(&results);
    let numbers: Vec<&Cell> = rows.iter().map(|row| row.cell(0)).collect();
    assert_eq!(numbers, [&Cell::Number(2.0), &Cell::Number(7.0), &Cell::Number(9.0)]);
    let expected = [
        Cell::Number(7.0),
        text(ID),
        text("=cmd()"),
        text("refused"),
        text("Deal value: 1234567.10 → 12345678901234567.890"),
        text("warning: C7 (Deal value): a lot\nNotes: it was (empty), the sheet says 1.0, it is now 2.0\nno"),
        text("read the service's answer, correct the row and apply it again"),
        Cell::Number(400.0),
        text("Bad"),
        text("r-1"),
        Cell::Number(2.0),
        Cell::Number(345.0),
        Cell::DateTime(date(2026, 5, 12).at(9, 15, 2, 123_000_000)),
        text("\"1\""),
        Cell::Blank,
        text("[{\"op\":\"replace\",\n\"path\":\"/details/dealValue\",\"value\":12345678901234567.890}]"),
        text("@mine"),
    ];
    assert_eq!(rows[1].cells, expected);
}

#[test]
fn the_summary_counts_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    written(&path, &[], &[unsent(2, Outcome::Applied), unsent(3, Outcome::Applied), unsent(4, Outcome::Invalid)]);
    let cells: Vec<Cell> = rows(&opened(&path, Some("Summary"))).into_iter().flat_map(|row| row.cells).collect();
    let beside = |label: &str| {
        let at = cells.iter().position(|cell| *cell == text(label)).unwrap();
        cells[at + 1].clone()
    };
    assert_eq!(beside("applied"), Cell::Number(2.0));
    assert_eq!(beside("invalid"), Cell::Number(1.0));
    assert_eq!(beside("all rows of the sheet"), Cell::Number(3.0));
}

#[test]
fn nothing_to_fix_leaves_the_headings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    written(&path, &headings(&HEADINGS), &[unsent(2, Outcome::Unchanged)]);
    let to_fix = opened(&path, Some("To fix"));
    assert_eq!(to_fix.headings.len(), HEADINGS.len() + 1);
    assert_eq!(rows(&to_fix), []);
}

#[test]
fn a_sheet_of_rows_to_fix_keeps_its_one_column_of_problems() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    let headings = headings(&["Id", "# problems ", "Deal value"]);
    let place = Address { column: 2, row: 2 };
    let problem = Problem::error(place, &"Deal value".into(), "`x` is not an amount", "write 12500");
    written(&path, &headings, &[Settled::unsent(2, Outcome::Invalid, vec![problem])]);
    let to_fix = opened(&path, Some("To fix"));
    let texts: Vec<&str> = to_fix.headings.iter().map(|heading| heading.text.as_str()).collect();
    assert_eq!(texts, ["Id", "# problems", "Deal value", "eTag"]);
    let expected = [text(ID), text("Deal value: `x` is not an amount; write 12500"), Cell::Number(12_500.5)];
    assert_eq!(rows(&to_fix)[0].cells, expected);
}

#[test]
fn csv_has_the_results_and_no_formulas() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.CSV");
    written(&path, &headings(&HEADINGS), &[sent(2)]);
    let file = std::fs::read_to_string(&path).unwrap();
    assert!(file.contains(",'=cmd(),") && file.ends_with(",'@mine\r\n"), "{file}");
    let csv = opened(&path, None);
    assert_eq!(csv.headings.len(), columns::COLUMNS.len());
    let row = &rows(&csv)[0];
    assert_eq!(row.cell(2), &text("=cmd()"));
    assert_eq!(row.cell(4), &text("Deal value: 1234567.10 → 12345678901234567.890"));
    assert_eq!(row.cell(12), &text("2026-05-12 09:15:02.123"));
}

#[test]
fn json_lines_keep_every_digit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.jsonl");
    written(&path, &headings(&HEADINGS), &[sent(2), unsent(3, Outcome::Skipped)]);
    let file = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    let expected = [
        r#"{"row":2,"id":"ID","name":"=cmd()","outcome":"refused","#,
        r#""changes":[{"field":"Deal value","path":"/details/dealValue","before":1234567.10,"after":12345678901234567.890}],"#,
        r#""problems":[{"cell":"C2","heading":"Deal value","severity":"warning","found":"a lot","accepted":""}],"#,
        r#""clashes":[{"field":"Notes","base":null,"mine":1.0,"theirs":2.0}],"reason":"no","#,
        r#""what_to_do":"read the service's answer, correct the row and apply it again","http":400,"#,
        r#""error_code":"Bad","request_id":"r-1","attempts":2,"milliseconds":345,"#,
        r#""sent_at":"2026-05-12T09:15:02.123456Z","etag_before":"\"1\"","etag_after":null,"#,
        r#""patch":[{"op":"replace", "path":"/details/dealValue","value":12345678901234567.890}],"note":"@mine"}"#,
    ];
    assert_eq!(lines[0], expected.concat().replace("ID", ID));
    assert_eq!(lines.len(), 2);
    for line in lines {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
        keys.retain(|key| !["clashes", "reason"].contains(key));
        let headings = columns::COLUMNS.map(|column| column.heading.to_lowercase().replace([' ', '-'], "_"));
        assert_eq!(keys, headings, "the columns, in their order");
    }
}

#[test]
fn a_created_referral_is_shown_by_the_id_it_got() {
    let row = Row { number: 2, cells: Vec::new() };
    let created = Settled { created_id: Some(ID.to_owned()), ..unsent(2, Outcome::Applied) };
    let id = |settled: &Settled, id: &str| {
        let [_, cell, ..] = columns::contents(&Line { row: &row, base: &Base::Absent, id, note: None, settled });
        format!("{:?}", cell.out())
    };
    let link =
        format!(r#"Link {{ url: "https://partner.microsoft.com/dashboard/v2/referrals?id={ID}", text: "{ID}" }}"#);
    assert_eq!(id(&created, ""), link);
    assert_eq!(id(&unsent(2, Outcome::Invalid), ID), link);
    assert_eq!(id(&unsent(2, Outcome::Invalid), "12"), r#"Text("12")"#);
    assert_eq!(id(&unsent(2, Outcome::Invalid), ""), "Blank");
}

#[test]
fn a_name_with_another_ending_is_refused() {
    let error = Report::create(Path::new("report.xls"), &[], None, None).err().unwrap();
    assert_eq!(error.to_string(), "cannot write `report.xls`");
    assert_eq!(error.source.to_string(), "the name of a report ends in `.xlsx`, `.csv` or `.jsonl`");
    assert_eq!(Format::of(Path::new("report")), Err(UnknownEnding));
}

/// How a row of an edited export comes back: on `To fix`, behind its problems, and in the hidden base.
fn carried(settled: &Settled, was: [Cell; 5], is: [Cell; 5]) -> [Vec<String>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    let headings = headings(&["id", "CRM ID", "Deal value", "Closing date", "Notes"]);
    let texts = headings.iter().map(|(index, text)| (*index, text.as_str()));
    let columns = Columns::resolve(texts, &Naming::default()).unwrap();
    let as_read = AsRead { columns, base_reading: Reading::default() };
    let mut report = Report::create(&path, &headings, Some(&as_read), None).unwrap();
    let (row, base) = (Row { number: 2, cells: is.into() }, Base::Cells(was.into()));
    report.push(&Line { row: &row, base: &base, id: ID, note: None, settled }).unwrap();
    report.finish(&Facts::default()).unwrap();
    let cells = |worksheet, from: usize| {
        let row = rows(&opened(&path, Some(worksheet))).remove(0);
        row.cells[from..].iter().map(Cell::to_string).collect()
    };
    [cells("To fix", 1), cells("refsheet base", 0)]
}

#[test]
fn a_row_to_fix_comes_with_what_its_edited_cells_were() {
    let json = |text: &str| Json::parse(text.to_owned()).unwrap();
    let was = || [text(ID), text("007"), text("€ 5.000,00"), text("31 Dec 2026"), text("old")];
    let is = || [text(ID), text("007"), text("lots"), text("2027-01-01"), text("mine")];
    let invalid = carried(&unsent(2, Outcome::Invalid), was(), is());
    assert_eq!(invalid[0], [ID, "", "lots", "2027-01-01", "mine"]);
    assert_eq!(invalid[1], [ID, "FALSE", "5000", "2026-12-31T00:00:00Z", "old"]);
    let clash =
        Clash { label: "Notes".to_owned(), base: json("\"old\""), mine: json("\"mine\""), theirs: json("\"theirs\"") };
    let etag_after = Some(ETag::new("\"2\""));
    let conflict = Settled { clashes: vec![clash], etag_after, ..unsent(2, Outcome::Conflict) };
    let conflict = carried(&conflict, was(), is());
    assert_eq!(conflict[0], [ID, "", "lots", "2027-01-01", "mine", "\"2\""]);
    assert_eq!(conflict[1][4], "theirs");
}

#[test]
fn what_is_to_be_done_stands_below_what_is_wrong() {
    let expected = "refused: the service said no\n\
                    warning: Deal value: a lot\n\
                    Notes: it was (empty), the sheet says 1.0, it is now 2.0\n\
                    no\n\
                    → read the service's answer, correct the row and apply it again";
    assert_eq!(to_fix::problems(&sent(2)), expected);
}
