//! Which columns a form has: the everyday ones, all that can be changed, or those that were asked for.

use std::fmt;

use super::Column;
use crate::domain::field::words::folded;
use crate::domain::field::{FIELDS, Field, Writable};
use crate::domain::heading::{Target, nearest_heading, parts, target_of};
use crate::domain::value::list::required_parts;

/// Asks for every field that can be changed.
pub const ALL: &str = "all";

/// What partners change day by day, in the order in which they talk about a deal.
pub(super) const EVERYDAY: [&str; 11] = [
    "/status",
    "/substatus",
    "/statusReason",
    "/salesStage",
    "/details/dealValue",
    "/details/currency",
    "/details/closingDateTime",
    "/details/notes",
    "/externalReferenceId",
    "/campaignId",
    "/team",
];

/// A name that stands for no column of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoColumn {
    /// Nothing that we know is called this.
    Unknown {
        /// The name.
        name: String,
        /// The known name most like it.
        nearest: Option<String>,
    },
    /// It is known, and left alone in every sheet.
    LeftAlone {
        /// The name.
        name: String,
    },
    /// It belongs to sheets with one operation in each row.
    OfOperations {
        /// The name.
        name: String,
    },
}

/// The everyday columns.
pub fn everyday() -> Vec<Column> {
    let fields = EVERYDAY.into_iter().filter_map(Field::by_path);
    framed(fields.flat_map(|field| of_field(field, required_parts(field.kind))))
}

/// The columns of these names: a field's path, its label, the portal's heading for it, or [`ALL`]. A list stands for
/// the parts of one item to be added. The id comes first and what is about the row comes last, whether named or not.
/// All names that stand for nothing are reported.
pub fn columns(names: &[String]) -> Result<Vec<Column>, Vec<NoColumn>> {
    let mut columns = Vec::new();
    let mut strangers = Vec::new();
    for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        match named(name) {
            Ok(of_name) => columns.extend(of_name),
            Err(stranger) => strangers.push(stranger),
        }
    }
    if strangers.is_empty() { Ok(framed(columns)) } else { Err(strangers) }
}

fn named(name: &str) -> Result<Vec<Column>, NoColumn> {
    if folded(name) == ALL {
        return Ok(all());
    }
    Ok(match target_named(name)? {
        Target::Field(field) => of_field(field, required_parts(field.kind)),
        // A part alone would make each of its rows invalid: it brings the others.
        Target::Part { list, slot, part } => {
            of_item(list, slot, |other| other == part || required_parts(list.kind).contains(&other))
        }
        // `Team member 1` and `Team member 2` are for the same list, and each has a person.
        target @ Target::Item(_) => vec![Column { heading: name.to_owned(), ..Column::of(target) }],
        target => vec![Column::of(target)],
    })
}

/// What a column of this name is for, if a form can have such a column.
pub(super) fn target_named(name: &str) -> Result<Target, NoColumn> {
    match target_of(name) {
        Some(Target::Op | Target::Path | Target::Value) => Err(NoColumn::OfOperations { name: name.to_owned() }),
        Some(Target::Planned(_) | Target::Ignored) => Err(NoColumn::LeftAlone { name: name.to_owned() }),
        None => Err(NoColumn::Unknown { name: name.to_owned(), nearest: nearest_heading(name) }),
        Some(target) => Ok(target),
    }
}

fn all() -> Vec<Column> {
    let changed = FIELDS.iter().filter(|field| field.writable == Writable::Patch || field.takes_appends());
    changed.flat_map(|field| of_field(field, parts(field.kind))).collect()
}

/// One column for a field, but for lists: those take additions, part by part where they can.
fn of_field(field: &'static Field, wanted: &[&str]) -> Vec<Column> {
    match (field.takes_appends(), parts(field.kind)) {
        (false, _) => vec![Column::of(Target::Field(field))],
        (true, []) => vec![Column::of(Target::Item(field))],
        (true, _) => of_item(field, 1, |part| wanted.contains(&part)),
    }
}

fn of_item(list: &'static Field, slot: u16, is_wanted: impl Fn(&str) -> bool) -> Vec<Column> {
    let wanted = parts(list.kind).iter().filter(|part| is_wanted(part));
    wanted.map(|part| Column::of(Target::Part { list, slot, part })).collect()
}

/// The columns between those that every form has, each once.
fn framed(columns: impl IntoIterator<Item = Column>) -> Vec<Column> {
    let mut framed: Vec<Column> = vec![Column::of(Target::Id)];
    let (about_version, about_fields): (Vec<Column>, Vec<Column>) =
        columns.into_iter().partition(|column| column.target == Target::ETag);
    let is_last = |column: &Column| matches!(column.target, Target::Action | Target::Note);
    let about_fields = about_fields.into_iter().filter(|column| !is_last(column));
    let last = [Target::Action, Target::Note].map(Column::of);
    for column in about_version.into_iter().chain(about_fields).chain(last) {
        let is_there = framed
            .iter()
            .any(|other| other.target == column.target && folded(&other.heading) == folded(&column.heading));
        if !is_there {
            framed.push(column);
        }
    }
    framed
}

impl fmt::Display for NoColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoColumn::Unknown { name, nearest: None } => write!(f, "`{name}` is not known"),
            NoColumn::Unknown { name, nearest: Some(nearest) } => {
                write!(f, "`{name}` is not known; did you mean `{nearest}`?")
            }
            NoColumn::LeftAlone { name } => write!(f, "`{name}` is left alone in every sheet"),
            NoColumn::OfOperations { name } => write!(f, "`{name}` belongs to sheets with one operation in each row"),
        }
    }
}
