//! What the rows to fix were made from, carried along in the workbook: given back, only what was edited is a change
//! again, and it is merged with whatever has happened meanwhile.
//!
//! After a conflict the base of a field is what is there now. The person is told of it, so whoever applies the row has
//! seen it; the next change of somebody else is a conflict again.

use super::Line;
use super::to_fix::Layout;
use crate::domain::cell::Cell;
use crate::domain::field::Field;
use crate::domain::heading::Target;
use crate::domain::json::Json;
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::value;
use crate::sheet::Out;
use crate::sheet::workbook::{self, UNKNOWN};

/// UTF-16 units that a cell holds.
const UNITS_MAX: usize = 32_767;

/// Which columns the base has.
#[derive(Debug, Clone)]
pub(super) struct Carried {
    columns: Vec<(u32, Target, String)>,
}

/// What stands in a cell of the base.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kept<'a> {
    /// Nobody knows.
    Unknown,
    Blank,
    Text(String),
    Digits(String),
    /// The cell as it was.
    Cell(&'a Cell),
}

impl Carried {
    /// All columns of the sheet that have a base.
    pub fn of(layout: &Layout) -> Carried {
        let is_based =
            |target: &Target| matches!(target, Target::Id | Target::Field(_) | Target::Item(_) | Target::Part { .. });
        let based = layout.user_columns().filter(|(_, target, _)| is_based(target));
        Carried { columns: based.map(|(index, target, heading)| (index, target, heading.to_owned())).collect() }
    }

    /// The columns of the worksheet.
    pub fn columns(&self) -> Vec<workbook::Column> {
        self.columns.iter().map(|(_, _, heading)| workbook::Column::any(heading)).collect()
    }

    /// The base of a row; none for a row that has none.
    pub fn cells<'a>(&self, line: &Line<'a>, layout: &Layout) -> Option<Vec<Kept<'a>>> {
        let has_base = matches!(line.base, crate::domain::change::Base::Cells(_));
        let cell = |(index, target, _): &(u32, Target, String)| match target {
            Target::Id if line.id.is_empty() => Kept::Blank,
            Target::Id => Kept::Text(line.id.to_owned()),
            Target::Field(field) => field_cell(line, layout, *index, field),
            _ => as_it_was(line, layout, *index),
        };
        has_base.then(|| self.columns.iter().map(cell).collect())
    }
}

impl Kept<'_> {
    /// As it is written.
    pub fn out(&self) -> Out<'_> {
        match self {
            Kept::Unknown => Out::Cell(&UNKNOWN),
            Kept::Blank => Out::Blank,
            Kept::Text(text) => Out::Text(text),
            Kept::Digits(digits) => Out::Digits(digits),
            Kept::Cell(cell) => Out::Cell(cell),
        }
    }
}

fn field_cell<'a>(line: &Line<'a>, layout: &Layout, index: u32, field: &Field) -> Kept<'a> {
    if !layout.shows(line, index) {
        return Kept::Unknown;
    }
    if line.base.says(index, line.row.cell(index)) {
        return as_it_was(line, layout, index);
    }
    match (theirs(line.settled, field), line.base.cell(index)) {
        (Some(theirs), _) => kept(theirs),
        (None, None) => Kept::Unknown,
        (None, Some(was)) if was.is_blank() => Kept::Blank,
        // The base may have been written by another program, in another way than the sheet.
        (None, Some(was)) => {
            let read = layout.base_reading().map(|reading| value::read(field, was, reading));
            read.and_then(Result::ok).map_or(Kept::Unknown, |value| kept(&value.json))
        }
    }
}

/// What a field is now, as far as the person is told: somebody else has changed it.
fn theirs<'s>(settled: &'s Settled, field: &Field) -> Option<&'s Json> {
    if settled.outcome != Outcome::Conflict {
        return None;
    }
    if let Some(clash) = settled.clashes.iter().find(|clash| clash.label == field.label) {
        return Some(&clash.theirs);
    }
    let change = settled.changes.iter().find(|change| change.path == field.path);
    change.filter(|_| settled.clashes.is_empty()).and_then(|change| change.before.as_ref())
}

fn as_it_was<'a>(line: &Line<'a>, layout: &Layout, index: u32) -> Kept<'a> {
    match line.base.cell(index) {
        Some(was) if was.is_blank() => Kept::Blank,
        Some(Cell::Boolean(was)) => Kept::Text(if *was { "TRUE" } else { "FALSE" }.to_owned()),
        Some(was) if layout.shows(line, index) => Kept::Cell(was),
        Some(_) | None => Kept::Unknown,
    }
}

/// A value in a form that is read in one way, whatever the settings.
fn kept<'a>(json: &Json) -> Kept<'a> {
    let text = match json.value() {
        serde_json::Value::Null => return Kept::Blank,
        serde_json::Value::Number(_) => return Kept::Digits(json.text().to_owned()),
        serde_json::Value::Bool(is) => if is { "Yes" } else { "No" }.to_owned(),
        serde_json::Value::String(text) => text,
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => json.text().to_owned(),
    };
    match text.encode_utf16().count() {
        _ if text.trim().is_empty() => Kept::Blank,
        0..=UNITS_MAX => Kept::Text(text),
        _ => Kept::Unknown,
    }
}
