use super::*;
use crate::domain::heading::Naming;

const ID: &str = "49d90c72-3326-4f61-aacc-2cb57970448c";

/// Understands one row of texts below headings and prints what it asks for, one line each.
fn check(headings: &[&str], cells: &[&str], expected: &[&str]) {
    let headings = headings.iter().enumerate().map(|(at, text)| (u32::try_from(at).unwrap(), *text));
    let columns = Columns::resolve(headings, &Naming::default()).unwrap();
    let cells = cells.iter().map(|text| Cell::Text(text.replace("ID", ID))).collect();
    let request = Request::read(&Row { number: 2, cells }, &columns, &Reading::default(), &Background::default());
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
    assert_eq!(lines, expected);
}

fn line(edit: &Edit) -> String {
    match &edit.wish {
        Wish::Set(json) => format!("{} = {json}", edit.field.path),
        Wish::Append(json) => format!("{} + {json}", edit.field.path),
    }
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
            "D2 (Closing date): `31/02/2026` is a day that does not exist; write it as 2026-12-31",
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
            "B2 (team.add.email): the person lacks firstName, lastName, phoneNumber; a person needs firstName, lastName, phoneNumber and email",
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
