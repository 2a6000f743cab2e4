//! The layout of a plan: each row is one change of one field, exactly, with what the field was. Made by the program, for
//! the program; people look at it and take rows out.
//!
//! The rows of one group are one write, as they were when they were planned. Values are JSON texts, so that nothing is
//! read in two ways.

use super::cell::{Cell, Row};
use super::heading::{Column, Target};
use super::json::Json;
use super::outcome::{Outcome, Settled};
use super::plan::FieldChange;
use super::referral::ETag;

/// A column that only this layout has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Which rows are one write: the number of the row that was planned.
    Group,
    /// Whatever is written here takes the row out.
    Skip,
    /// The new value, as JSON; a whole referral where one is created.
    New,
    /// What the field was, as JSON.
    Was,
    /// What the plan was made for: the service, and the version of the field table.
    For,
}

/// The heading of what a field was.
pub const CURRENT: &str = "current (JSON)";

/// What a field was is not known to the plan: nothing was read. A blank cell never says so, because anything can blank a
/// cell.
pub const NOT_READ: &str = "(not read)";
/// The plan knows no eTag.
pub const NO_ETAG: &str = "(none)";
/// The heading of what people read as the new value.
pub const SHOWN: &str = "New value";

/// The columns, from left to right: heading, and what it is for to the program.
pub const COLUMNS: [(&str, Target); 14] = [
    ("Row", Target::Planned(Part::Group)),
    ("skip", Target::Planned(Part::Skip)),
    ("id", Target::Id),
    ("Name", Target::Ignored),
    ("Field", Target::Ignored),
    ("Current value", Target::Ignored),
    (SHOWN, Target::Ignored),
    ("Verdict", Target::Ignored),
    ("Reason", Target::Ignored),
    ("eTag", Target::ETag),
    ("path", Target::Path),
    ("new (JSON)", Target::Planned(Part::New)),
    (CURRENT, Target::Planned(Part::Was)),
    ("made for", Target::Planned(Part::For)),
];

/// The longest text that a cell of a workbook holds. A longer value cannot be planned in one.
const CELL_MAX: usize = 32_767;

/// One change, as it is planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Which rows are one write.
    pub group: u32,
    /// The referral; blank for one that is created.
    pub id: String,
    /// The version that the change was planned against.
    pub etag: Option<ETag>,
    /// The pointer of the field, with `/-` behind it for an item that is appended; blank for a whole referral.
    pub path: String,
    /// The new value.
    pub new: Json,
    /// What the field was, where a value is set.
    pub was: Option<Json>,
}

/// What the columns of a sheet are for, if it has the layout of a plan. Columns may have been moved, and comments added.
pub fn columns<'a>(headings: impl Iterator<Item = (u32, &'a str)> + Clone) -> Option<Vec<Column>> {
    let find = |name: &str| headings.clone().any(|(_, heading)| heading.trim() == name);
    if !["path", "new (JSON)", CURRENT, "made for"].into_iter().all(find) {
        return None;
    }
    let target =
        |heading: &str| COLUMNS.iter().find(|column| column.0 == heading).map_or(Target::Ignored, |column| column.1);
    let column = |(index, heading): (u32, &str)| {
        let heading = heading.trim();
        Column { index, heading: heading.into(), target: target(heading) }
    };
    Some(headings.map(column).collect())
}

impl Planned {
    /// The changes of a row that would be sent.
    pub fn of(settled: &Settled, id: &str) -> Vec<Planned> {
        if settled.outcome != Outcome::Planned {
            return Vec::new();
        }
        let planned = |path: &str, new: &Json, was: Option<&Json>| Planned {
            group: settled.row,
            id: id.to_owned(),
            etag: settled.etag_before.clone(),
            path: path.to_owned(),
            new: new.clone(),
            was: was.cloned(),
        };
        if settled.changes.is_empty() {
            return settled.patch.iter().map(|document| planned("", document, None)).collect();
        }
        let change = |change: &FieldChange| {
            planned(&change.path, &change.after, change.before.as_ref().filter(|_| !change.is_item()))
        };
        settled.changes.iter().map(change).collect()
    }

    /// Whether a workbook can hold it.
    pub fn fits_a_cell(&self) -> bool {
        let fits = |json: &Json| json.text().encode_utf16().count() <= CELL_MAX;
        fits(&self.new) && self.was.as_ref().is_none_or(fits)
    }

    /// What the field was, as the plan says it: blank only where no field is set.
    pub fn was_text(&self) -> &str {
        let sets = !self.path.is_empty() && !self.path.ends_with("/-");
        self.was.as_ref().map_or(if sets { NOT_READ } else { "" }, Json::text)
    }

    /// The eTag as the plan says it: blank only where a referral is created.
    pub fn etag_text(&self) -> &str {
        self.etag.as_ref().map_or(if self.path.is_empty() { "" } else { NO_ETAG }, ETag::as_str)
    }

    /// As a row of a sheet with [`COLUMNS`]; only what the program reads.
    pub fn to_row(&self, number: u32, made_for: &str) -> Row {
        let text = |text: &str| if text.is_empty() { Cell::Blank } else { Cell::Text(text.to_owned()) };
        let cell = |target: Target| match target {
            Target::Planned(Part::Group) => Cell::Number(f64::from(self.group)),
            Target::Planned(Part::New) => text(self.new.text()),
            Target::Planned(Part::Was) => text(self.was_text()),
            Target::Planned(Part::For) => text(made_for),
            Target::Id => text(&self.id),
            Target::ETag => text(self.etag_text()),
            Target::Path => text(&self.path),
            _ => Cell::Blank,
        };
        Row { number, cells: COLUMNS.iter().map(|column| cell(column.1)).collect() }
    }
}

/// A row that only names a referral.
pub fn row_about(id: &str, number: u32, made_for: &str) -> Row {
    let cell = |target: Target| match target {
        Target::Id => Cell::Text(id.to_owned()),
        Target::Planned(Part::For) => Cell::Text(made_for.to_owned()),
        _ => Cell::Blank,
    };
    Row { number, cells: COLUMNS.iter().map(|column| cell(column.1)).collect() }
}
