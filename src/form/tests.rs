use std::path::Path;

use jiff::civil::{Date, Time};

use super::guide::{drawn, hint, note};
use super::*;
use crate::domain::cell::{Cell, Row};
use crate::domain::change::{Ask, Background, Request};
use crate::domain::field::{FIELDS, Field, Kind, Writable};
use crate::domain::heading::{Columns, Naming, Target, target_of};
use crate::domain::plan::{self, Step};
use crate::domain::value::Reading;
use crate::sheet::{self, Options, Sheet, Source, Worksheet};

fn asked(names: &str) -> Result<Vec<Column>, Vec<NoColumn>> {
    columns(&names.split(',').map(str::to_owned).collect::<Vec<_>>())
}

fn headings(columns: &[Column]) -> Vec<&str> {
    columns.iter().map(|column| column.heading.as_str()).collect()
}

fn check(names: &str, between: &[&str]) {
    let columns = asked(names).unwrap();
    let expected: Vec<&str> = ["id"].iter().chain(between).chain(&["action", "row note"]).copied().collect();
    assert_eq!(headings(&columns), expected, "{names}");
}

#[test]
fn a_field_is_asked_for_by_path_pointer_label_and_portal_heading() {
    check("details.dealValue", &["Deal value"]);
    check("/details/dealValue", &["Deal value"]);
    check(" deal VALUE ", &["Deal value"]);
    check("Estimated Deal Value*,Marketing Campaign ID", &["Deal value", "Campaign ID"]);
}

#[test]
fn what_every_form_has_stands_first_and_last_and_nothing_stands_twice() {
    check("row note,Notes,action,details.notes,id", &["Notes"]);
    check("Notes,eTag", &["eTag", "Notes"]);
}

#[test]
fn a_list_is_added_to_and_a_part_brings_those_that_are_needed_with_it() {
    let team = ["team.add.firstName", "team.add.lastName", "team.add.phoneNumber", "team.add.email"];
    check("Team", &team);
    check("team.add.email", &team);
    check("team.add.email,team,team.add.phoneNumber", &team);
    check("solutions.add.price", &["solutions.add.id", "solutions.add.price"]);
    check(
        "team.add.2.title",
        &[
            "team.add.2.firstName",
            "team.add.2.lastName",
            "team.add.2.phoneNumber",
            "team.add.2.email",
            "team.add.2.title",
        ],
    );
    check("Team member 1,Team member 2,team member 1", &["Team member 1", "Team member 2"]);
}

#[test]
fn all_names_that_stand_for_nothing_are_told() {
    let strangers = asked("Deal valeu,Notes,op,Errors,,shoe size").unwrap_err();
    let told: Vec<String> = strangers.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "`Deal valeu` is not known; did you mean `Deal value`?",
            "`op` belongs to sheets with one operation in each row",
            "`Errors` is left alone in every sheet",
            "`shoe size` is not known",
        ]
    );
}

#[test]
fn the_everyday_columns_can_all_be_changed() {
    let columns = everyday();
    assert_eq!(columns.len(), 17);
    for column in &columns {
        assert_eq!(target_of(&column.heading), Some(column.target));
        assert!(!matches!(column.target, Target::Field(field) if field.writable != Writable::Patch));
    }
}

/// Every column that a form can have.
fn every_column() -> Vec<Column> {
    let fields = FIELDS.iter().map(|field| Column::of(Target::Field(field)));
    let items = FIELDS.iter().filter(|field| field.takes_appends()).map(|field| Column::of(Target::Item(field)));
    asked("all,eTag").unwrap().into_iter().chain(fields).chain(items).collect()
}

#[test]
fn what_is_said_at_a_cell_fits_what_a_spreadsheet_shows() {
    /// Excel's limit.
    const CHARACTERS_MAX: usize = 255;
    for column in every_column() {
        let hint = hint(&column);
        assert!(hint.chars().count() <= CHARACTERS_MAX, "{}: {hint}", column.heading);
    }
}

#[test]
fn every_column_explains_itself() {
    for column in every_column() {
        let note = note(&column);
        let has_path = !matches!(column.target, Target::Id | Target::ETag | Target::Action | Target::Note);
        assert_eq!(note.contains("JSON path: /"), has_path, "{}: {note}", column.heading);
        assert!(note.lines().all(|line| !line.trim().is_empty() && !line.starts_with('.')), "{note}");
        let says_clear = note.contains("(clear)");
        let is_cleared = matches!(column.target, Target::Field(field)
            if field.writable == Writable::Patch && field.kind.can_be_cleared());
        assert_eq!(says_clear, is_cleared, "{}: {note}", column.heading);
    }
}

fn open(path: &Path, worksheet: Option<&str>) -> Sheet {
    let worksheet = worksheet.map(|name| Worksheet::Name(name.to_owned()));
    let is_heading = |text: &str| target_of(text).is_some();
    sheet::open(&Source::File(path.to_owned()), &Options { worksheet, ..Options::default() }, &is_heading).unwrap()
}

fn rows(sheet: &Sheet) -> Vec<Row> {
    sheet.rows().unwrap().map(|row| row.unwrap().unwrap()).collect()
}

/// A form in a folder that is gone with the guard.
fn written(columns: &[Column], cells: &[Vec<Out<'_>>], ending: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("form.{ending}"));
    let mut form = Form::create(&path, Format::of(&path).unwrap(), columns).unwrap();
    for row in cells {
        form.row(row).unwrap();
    }
    assert_eq!(form.save().unwrap(), path);
    (folder, path)
}

/// What somebody writes who does as the note says.
fn by_example(column: &Column) -> Out<'static> {
    let example = guide::example(column);
    match (column.target, column.kind()) {
        (Target::Field(Field { path: "/status", .. }), _) => Out::Text("Closed"),
        (Target::Field(Field { path: "/substatus", .. }), _) => Out::Text("Won"),
        (_, Kind::Amount) => Out::Digits(example),
        (_, Kind::DateTime) => Out::DateTime(example.parse::<Date>().unwrap().to_datetime(Time::midnight())),
        (_, kind) => Out::Text(match (example, kind.offered().first()) {
            ("", Some(word)) => word,
            ("", None) if matches!(column.target, Target::Item(_)) => "{}",
            ("", None) => "0012",
            (example, _) => example,
        }),
    }
}

#[test]
fn what_is_written_as_the_notes_say_is_sent_for_every_field_that_can_be_changed() {
    let columns = asked("all").unwrap();
    let row: Vec<Out<'_>> = columns.iter().map(by_example).collect();
    for ending in ["xlsx", "csv"] {
        let (_folder, path) = written(&columns, std::slice::from_ref(&row), ending);
        let sheet = open(&path, None);
        let headings = sheet.headings.iter().map(|heading| (heading.column, heading.text.as_str()));
        let resolved = Columns::resolve(headings, &Naming::default()).unwrap();
        let targets = |columns: &[Column]| columns.iter().map(|column| column.target).collect::<Vec<_>>();
        assert_eq!(resolved.all.iter().map(|column| column.target).collect::<Vec<_>>(), targets(&columns));
        let request = Request::read(&rows(&sheet)[0], &resolved, &Reading::default(), &Background::default());
        assert_eq!(request.problems, [], "{ending}");
        let Ask::Update(change) = request.ask else { panic!("no update") };
        let Step::Write(write) = plan::unseen(&change).step else { panic!("nothing to write") };
        let mut paths: Vec<String> = write
            .patch
            .operations()
            .iter()
            .map(|operation| operation.path.as_str().trim_end_matches("/-").to_owned())
            .collect();
        let changed = FIELDS.iter().filter(|field| field.writable == Writable::Patch || field.takes_appends());
        let mut expected: Vec<String> = changed.map(|field| field.path.to_owned()).collect();
        paths.sort();
        expected.sort();
        assert_eq!(paths, expected, "{ending}");
    }
}

#[test]
fn the_instructions_are_not_taken_for_rows() {
    let (_folder, path) = written(&asked("all,eTag").unwrap(), &[], "xlsx");
    let sheet = open(&path, None);
    assert_eq!(sheet.worksheet.as_deref(), Some("Referrals"));
    assert_eq!(rows(&sheet), []);
    let instructions = open(&path, Some("Instructions"));
    let mut cells = 0;
    let first = instructions.headings.iter().map(|heading| heading.text.clone());
    let others = rows(&instructions).into_iter().flat_map(|row| row.cells).map(|cell| cell.to_string());
    for text in first.chain(others).filter(|text| !text.is_empty()) {
        assert_eq!(target_of(&text), None, "{text}");
        cells += 1;
    }
    assert!(cells > 40);
}

#[test]
fn rows_go_through_a_form_one_by_one() {
    let columns: Vec<Column> = asked("Deal name,Closing date,Deal value").unwrap();
    let at = "2026-12-31".parse::<Date>().unwrap().at(14, 0, 0, 0);
    let row = vec![Out::Text("0042"), Out::Text("=a"), Out::DateTime(at), Out::Digits("12500.505"), Out::Blank];
    let (_folder, path) = written(&columns, &vec![row; 300], "xlsx");
    let rows = rows(&open(&path, None));
    let text = |text: &str| Cell::Text(text.to_owned());
    assert_eq!(rows.len(), 300);
    assert_eq!(rows[299].cells, [text("0042"), text("=a"), Cell::DateTime(at), Cell::Number(12500.505)]);
}

#[test]
fn a_column_to_be_read_says_so() {
    let created = Column::of(target_of("Created").unwrap());
    assert!(created.is_read_only);
    let value = Column::of(target_of("Deal value").unwrap());
    assert!(!value.is_read_only);
    let note = note(&value.read_only());
    assert!(note.contains("there to be read") && !note.contains("(clear)"), "{note}");
    assert_eq!(drawn(&[created]).len(), 1);
}

#[test]
fn the_ending_says_what_a_form_is() {
    assert_eq!(Format::of(Path::new("a/b.XLSX")), Ok(Format::Workbook));
    assert_eq!(Format::of(Path::new("b.csv")), Ok(Format::Csv));
    assert_eq!(Format::of(Path::new("b.xls")), Err(UnknownEnding));
    assert_eq!(Format::of(Path::new("-")), Err(UnknownEnding));
}
