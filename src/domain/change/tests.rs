use super::*;
use crate::domain::heading::Naming;

const ID: &str = "49d90c72-3326-4f61-aacc-2cb57970448c";

/// Understands one row of texts below headings and compares what it asks for, one line each.
fn check(headings: &[&str], cells: &[&str], expected: &[&str]) {
    let cells: Vec<Cell> = cells.iter().map(|text| Cell::Text(text.replace("ID", ID))).collect();
    check_cells(headings, &cells, expected);
}

fn check_cells(headings: &[&str], cells: &[Cell], expected: &[&str]) {
    assert_eq!(lines(headings, cells), expected);
}

fn lines(headings: &[&str], cells: &[Cell]) -> Vec<String> {
    let headings = headings.iter().enumerate().map(|(at, text)| (u32::try_from(at).unwrap(), *text));
    let columns = Columns::resolve(headings, &Naming::default()).unwrap();
    let row = Row { number: 2, cells: cells.to_vec() };
    let request = Request::read(&row, &columns, &Reading::default(), &Background::default());
    let mut lines: Vec<String> = match &request.ask {
        Ask::Update(change) => change.edits.iter().map(line).collect(),
        Ask::Create(Draft::Fields(edits)) => {
            std::iter::once("create".to_owned()).chain(edits.iter().map(line)).collect()
        }
        Ask::Create(Draft::Document(document)) => vec![format!("create {document}")],
        Ask::Skip => vec!["skip".to_owned()],
        Ask::Invalid => Vec::new(),
    };
    lines.extend(request.problems.iter().map(ToString::to_string));
    lines
}

fn line(edit: &Edit) -> String {
    match &edit.wish {
        Wish::Set(json) => format!("{} = {json}", edit.field.path),
        Wish::Append(json) => format!("{} + {json}", edit.field.path),
    }
}

/// A row of a plan that sets the notes, with these cells instead of some of its own.
fn planned(cells: &[(&str, &str)]) -> Vec<String> {
    use crate::domain::planned::COLUMNS;
    let own = [
        ("id", ID),
        ("eTag", "\"1\""),
        ("path", "/details/notes"),
        ("new (JSON)", "\"n\""),
        ("current (JSON)", "null"),
        ("made for", "x"),
    ];
    let cell = |heading: &str| {
        let mut both = cells.iter().chain(&own).filter(|(name, _)| *name == heading);
        Cell::Text(both.next().map_or("", |(_, text)| text).to_owned())
    };
    let headings = COLUMNS.map(|(heading, _)| heading);
    lines(&headings, &headings.map(cell))
}

#[test]
fn nothing_loses_its_guard_by_a_cell_that_was_emptied() {
    assert_eq!(planned(&[]), ["/details/notes = \"n\""]);
    assert_eq!(planned(&[("current (JSON)", "(not read)"), ("eTag", "(none)")]), ["/details/notes = \"n\""]);
    let emptied = "the cell has been emptied; this column is the program's own: plan the sheet again";
    assert_eq!(planned(&[("current (JSON)", "")]), [format!("M2 (current (JSON)): {emptied}")]);
    assert_eq!(planned(&[("eTag", " ")]), [format!("J2 (eTag): {emptied}")]);
    assert_eq!(planned(&[("eTag", ""), ("path", "/team/-"), ("new (JSON)", "{}")]), [format!("J2 (eTag): {emptied}")]);
}

#[test]
fn filled_cells_are_wishes_and_blank_ones_are_not() {
    check(
        &["id", "Status", "Substatus", "Deal value", "Notes"],
        &["ID", "closed", "won", "12500.50", " "],
        &["/status = \"Closed\"", "/substatus = \"Won\"", "/details/dealValue = 12500.50"],
    );
}

#[test]
fn all_problems_of_a_row_are_reported_with_their_cells() {
    check(
        &["id", "Status", "Deal value", "Closing date"],
        &["12", "Won", "1,234", "31/02/2026"],
        &[
            "A2 (id): `12` is not a referral id; an id is a GUID such as 49d90c72-3326-4f61-aacc-2cb57970448c; the engagement id is another one",
            "B2 (Status): `Won` is not known here; accepted: `New`, `Active`, `Closed`",
            "C2 (Deal value): `1,234` can be read in two ways, a factor of 1000 apart; say which with `--decimal point` or `--decimal comma`, or write it without separators",
            "D2 (Closing date): `31/02/2026` is a day that does not exist; write it like 2026-12-31",
        ],
    );
}

#[test]
fn a_pair_that_does_not_belong_together_is_noticed() {
    check(
        &["id", "Status", "Substatus"],
        &["ID", "Active", "Won"],
        &["C2 (Substatus): substatus `Won` does not belong to status `Active`; `Active` goes with Accepted"],
    );
}

#[test]
fn people_come_in_parts_or_in_one_cell() {
    let ann = r#"{"firstName":"Ann","lastName":"Example","phoneNumber":"5550100","email":"ann@contoso.com"}"#;
    check(
        &["id", "team.add.firstName", "team.add.lastName", "team.add.email", "team.add.phoneNumber", "Team member 1"],
        &["ID", "Ann", "Example", "ann@contoso.com", "5550100", "Ann, Example, 5550100, ann@contoso.com"],
        &[&format!("/team + {ann}"), &format!("/team + {ann}")],
    );
    check(
        &["id", "team.add.email"],
        &["ID", "ann@contoso.com"],
        &[
            "B2 (team.add.email): the person lacks a first name, a last name, a phone number; a person needs a first name, a last name, a phone number and an e-mail address",
        ],
    );
}

#[test]
fn what_is_wrong_with_a_part_is_told_at_its_own_cell() {
    check(
        &["id", "team.add.firstName", "team.add.lastName", "team.add.phoneNumber", "team.add.email"],
        &["ID", "Ann", "Example", "5550100", "ann@contoso"],
        &["E2 (team.add.email): `ann@contoso` is not an e-mail address; write one such as ann@contoso.com"],
    );
}

#[test]
fn actions_are_obeyed() {
    check(&["id", "action", "Notes"], &["ID", "skip", "x"], &["skip"]);
    check(&["id", "action", "Notes"], &["", "create", "x"], &["create", "/details/notes = \"x\""]);
    check(
        &["id", "action", "Notes"],
        &["ID", "delete", "x"],
        &["B2 (action): `delete` is not an action; accepted: `update`, `skip`, `create`, or blank"],
    );
}

#[test]
fn the_long_layout_has_one_operation_a_row() {
    check(&["id", "op", "path", "value"], &["ID", "replace", "/details/notes", "x"], &["/details/notes = \"x\""]);
    check(
        &["id", "op", "path", "value"],
        &["ID", "add", "/details/requirements/solutions/-", "DevOps"],
        &[r#"/details/requirements/solutions + {"id":"DevOps","type":"Category"}"#],
    );
    check(
        &["id", "op", "path", "value"],
        &["ID", "remove", "/createdDateTime", "x"],
        &[
            "B2 (op): `remove` is not an operation; accepted: `replace` and `add`",
            "C2 (path): `/createdDateTime` cannot be changed; `refsheet fields` lists what can",
        ],
    );
}

#[test]
fn a_column_that_is_not_sent_cannot_spoil_the_row() {
    check(
        &["id", "Country", "Notes"],
        &["ID", "Germania", "x"],
        &[
            "/details/notes = \"x\"",
            "warning: B2 (Country): `Germania` is not a two-letter country code; ignored, this column is not sent",
        ],
    );
}

#[test]
fn one_thing_wrong_is_said_once() {
    let wrong = "A2 (id): the cell shows the error `#N/A`; mend the formula or clear the cell";
    check_cells(&["id", "Notes"], &[Cell::Error("#N/A".to_owned()), Cell::Text("x".to_owned())], &[wrong]);
    let long = Cell::Number(4_930_555_012_300_010.0);
    let ann = ["Ann", "Example", "ann@contoso.com"].map(|text| Cell::Text(text.to_owned()));
    let id = Cell::Text(ID.to_owned());
    check_cells(
        &["id", "team.add.firstName", "team.add.lastName", "team.add.email", "team.add.phoneNumber"],
        &[&[id][..], &ann, &[long]].concat(),
        &[
            "E2 (team.add.phoneNumber): `4930555012300010` has more than 15 digits, the last ones have been lost by the spreadsheet; format the cell as text and type it again",
        ],
    );
}

#[test]
fn a_note_may_be_a_date() {
    let at = Cell::DateTime(jiff::civil::date(2026, 4, 3).at(0, 0, 0, 0));
    let text = |text: &str| Cell::Text(text.to_owned());
    check_cells(&["id", "row note", "Notes"], &[text(ID), at, text("x")], &["/details/notes = \"x\""]);
}

#[test]
fn a_postal_code_that_has_probably_lost_its_zero_is_told() {
    let headings = ["id", "action", "Country", "Postal code"];
    let check = |action: &str, country: Cell, code: Cell, warning: &str| {
        let id = if action == "create" { Cell::Blank } else { Cell::Text(ID.to_owned()) };
        let lines = lines(&headings, &[id, Cell::Text(action.to_owned()), country, code]);
        let warnings: Vec<&String> = lines.iter().filter(|line| line.starts_with("warning")).collect();
        let expected: Vec<String> = Some(warning.to_owned()).filter(|text| !text.is_empty()).into_iter().collect();
        assert_eq!(warnings, expected.iter().collect::<Vec<_>>(), "{lines:?}");
    };
    let text = |text: &str| Cell::Text(text.to_owned());
    let lost = "warning: D2 (Postal code): `2134` has four digits: a leading zero was probably lost; if so, format the cell as text and write `02134`";
    check("create", text("US"), Cell::Number(2134.0), lost);
    check("update", text("us"), text("2134.0"), lost);
    check("create", text("US"), text("02134"), "");
    check("create", text("CH"), Cell::Number(8001.0), "");
    check("update", Cell::Blank, text("2134"), "");
    let perhaps =
        lost.replace("a leading zero was probably lost", "if it is one of the United States, a leading zero was lost");
    check("create", Cell::Blank, text("2134"), &perhaps);
}
