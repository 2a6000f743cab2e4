//! The page for who has never seen such a workbook: what to write, and what to do then.
//!
//! No cell of it is called like a column, so that it is not taken for a sheet of rows.

use super::Column;
use crate::domain::heading::Target;
use crate::domain::outcome::Outcome;
use crate::domain::value::CLEAR_WORD;
use crate::sheet::Out;
use crate::sheet::workbook::{Page, REFERRALS};

/// The page of a template with this name and these columns.
pub(super) fn of_template(file: &str, columns: &[Column]) -> Page {
    let subtitle = format!(
        "Write on the sheet {REFERRALS}: a row for each referral, a column for each field. \
         Rest the pointer on a heading to read what it takes."
    );
    page(file, columns, ("How to fill in this workbook", &subtitle), &[])
}

/// The page of an export with this name and these columns.
pub(super) fn of_extract(file: &str, columns: &[Column]) -> Page {
    let subtitle = format!(
        "Edit the sheet {REFERRALS}. Only cells that you change are sent, whatever others do meanwhile. \
         Rest the pointer on a heading to read what it takes."
    );
    let about_rows = [
        ("Rows", "may be sorted, filtered, removed and added. A row that is removed changes nothing."),
        ("Grey columns", "are there to be read. What is written there is not sent."),
        (
            "Numbered columns",
            "hold a list, an item in each. Write into a blank one to add an item; none is ever taken out.",
        ),
    ];
    page(file, columns, ("How to edit this workbook", &subtitle), &about_rows)
}

fn page(file: &str, columns: &[Column], (title, subtitle): (&str, &str), about_rows: &[(&str, &str)]) -> Page {
    let file = if file.contains(' ') { format!("\"{file}\"") } else { file.to_owned() };
    let plan = format!("refsheet plan {file}   shows what would change, from what to what, and sends nothing");
    let apply = format!("refsheet apply {file}   asks once, sends the changes, and writes a report beside this file");
    let then = [
        ("1. Look", plan.as_str()),
        ("2. Send", apply.as_str()),
        (
            "3. Correct",
            "Rows that were not applied are in the report, on the sheet To fix. Correct them there, save, and apply the report itself: that sheet is the one that is read.",
        ),
        (
            "For schedulers",
            "The command ends with 0 when every row is as you want it, with 1 when some were not applied.",
        ),
    ];
    let outcomes = Outcome::ALL.map(|outcome| (outcome.word(), outcome.meaning()));
    let mut cells = vec![
        ("A blank cell", "leaves the field as it is. Nothing is emptied by leaving it blank.".to_owned()),
        (CLEAR_WORD, "empties the field.".to_owned()),
        ("A date", "as your spreadsheet knows it, or as 2026-12-31. A text such as 03/04/2026 could be two days: it is refused.".to_owned()),
        ("An amount", "is a number such as 12500 or 12500.50, without a currency sign. Nothing is rounded.".to_owned()),
        ("A word from a list", "is picked with the arrow beside the cell. If the spreadsheet asks about a word, Yes keeps it.".to_owned()),
        ("An id, a phone number", "is text, so that zeros in front stay.".to_owned()),
    ];
    if columns.iter().any(|column| is_about(column, "/substatus")) {
        let text =
            "go together: the list of the second depends on the first. To close a deal: Closed, and Won or Lost.";
        cells.push(("Status and substatus", text.to_owned()));
    }
    if let Some(person) = columns.iter().find(|column| matches!(column.target, Target::Part { part: "email", .. })) {
        let text =
            format!("{} and the columns beside it add one. Who is there already is not added again.", person.heading);
        cells.push(("A person", text));
    }
    let about_columns = [
        (
            "Column id",
            "which referral: its GUID, called Referral ID in files of the portal. Each row needs it, unless it creates.",
        ),
        (
            "Column action",
            "blank or update: change the referral. skip: leave the row out. create: make a new referral.",
        ),
        ("Column row note", "is yours: copied to the report, never sent."),
        ("Other columns", "may be moved, removed or added. A heading that begins with # is not read."),
    ];
    Page::new()
        .title(title, subtitle)
        .facts("What stands in a cell", cells.iter().map(|(what, text)| (*what, Out::Text(text))))
        .facts("Rows and columns", about_rows.iter().copied().chain(about_columns).map(in_text))
        .facts("And then", then.map(in_text))
        .facts("How a row can end", outcomes.map(in_text))
}

fn in_text<'a>((what, text): (&'a str, &'a str)) -> (&'a str, Out<'a>) {
    (what, Out::Text(text))
}

fn is_about(column: &Column, path: &str) -> bool {
    matches!(column.target, Target::Field(field) if field.path == path)
}
