//! The rows that need another look: as the user wrote them, with what is wrong in front.
//!
//! The worksheet is a sheet like any other. Headings that begin with `#` are not read, so it can be corrected and
//! given back as it is.

use super::{Line, text};
use crate::domain::cell::Cell;
use crate::domain::field::Kind;
use crate::domain::heading::{Target, target_of};
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::planned;
use crate::domain::problem::Problem;
use crate::sheet::Out;
use crate::sheet::workbook::Column;

/// The name of the worksheet.
pub const NAME: &str = "To fix";
/// Above what is wrong.
const PROBLEMS: &str = "# Problems";
/// A GUID and a little air.
const GUID_WIDTH: f64 = 39.0;
const TEXT_WIDTH: f64 = 32.0;
const SHORT_WIDTH: f64 = 14.0;

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Problems,
    /// The user's column, counted from 0.
    User(u32),
    /// The user's column of eTags.
    ETag(u32),
    /// In a plan, what the field was.
    Was(u32),
}

/// Which columns the worksheet has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    places: Vec<(Place, String)>,
}

impl Layout {
    /// The user's columns from left to right. A sheet that was a list of rows to fix before has its column of problems
    /// already.
    pub fn of(headings: &[(u32, String)]) -> Layout {
        let mut headings: Vec<&(u32, String)> = headings.iter().collect();
        headings.sort_by_key(|(index, _)| *index);
        let mut places = Vec::new();
        let mut has_problems = false;
        for (index, heading) in headings {
            let is_problems = !has_problems && heading.trim().eq_ignore_ascii_case(PROBLEMS);
            has_problems |= is_problems;
            let place = match target_of(heading) {
                _ if is_problems => Place::Problems,
                Some(Target::ETag) => Place::ETag(*index),
                _ if heading == planned::CURRENT => Place::Was(*index),
                _ => Place::User(*index),
            };
            places.push((place, heading.clone()));
        }
        if !has_problems {
            places.insert(0, (Place::Problems, PROBLEMS.to_owned()));
        }
        Layout { places }
    }

    /// The columns of the worksheet.
    pub fn columns(&self) -> Vec<Column> {
        let column = |(place, heading): &(Place, String)| match place {
            Place::Problems => Column::lines(heading).width(60.0).toned(),
            Place::User(_) | Place::ETag(_) | Place::Was(_) => Column::any(heading).width(width(heading)),
        };
        self.places.iter().map(column).collect()
    }

    /// The cells of a row, below what is wrong with it.
    ///
    /// Of a row with a base only what was edited, because nobody can tell later what was not. A row with a conflict gets
    /// the eTag of the version that the person is told about: who applies it, has seen it.
    pub fn cells<'a>(&self, line: &Line<'a>, problems: &'a str) -> Vec<Out<'a>> {
        let (row, settled) = (line.row, line.settled);
        let seen = settled.etag_after.as_ref().filter(|_| settled.outcome == Outcome::Conflict);
        let is_edit = |index: u32, heading: &str| !line.base.says(index, row.cell(index)) || is_needed(heading);
        let cell = |(place, heading): &(Place, String)| match (place, seen) {
            (Place::User(index), _) if !is_edit(*index, heading) => Out::Blank,
            (Place::Problems, _) => Out::Text(problems),
            (Place::ETag(index), Some(seen)) if !row.cell(*index).is_blank() => Out::Text(seen.as_str()),
            (Place::Was(_), Some(_)) if !settled.clashes.is_empty() => Out::Text(settled.clashes[0].theirs.text()),
            (Place::User(index) | Place::ETag(index) | Place::Was(index), _) => match row.cell(*index) {
                Cell::Blank => Out::Blank,
                cell => Out::Cell(cell),
            },
        };
        self.places.iter().map(cell).collect()
    }
}

/// Whether a column says which referral a row is about, or something else that is needed besides the edits: the other
/// parts of a person, say.
fn is_needed(heading: &str) -> bool {
    match target_of(heading) {
        Some(Target::Field(field)) => ["/externalReferenceId", "/engagementId", "/name"].contains(&field.path),
        Some(Target::Item(_)) => false,
        Some(_) | None => true,
    }
}

/// What is wrong with a row and what to do, in front of the row. Cells have other addresses on this worksheet, so
/// problems are told by their headings alone.
pub(super) fn problems(settled: &Settled) -> String {
    let here = settled.problems.iter().map(|problem| Problem { place: None, ..problem.clone() }.to_string());
    let clashes = settled.clashes.iter().map(text::clash);
    // Of a conflict that is known by its eTag alone, the values side by side.
    let is_bare = settled.outcome == Outcome::Conflict && settled.clashes.is_empty();
    let values = settled.changes.iter().filter(|_| is_bare).map(text::now_and_then);
    let what = here.chain(clashes).chain(settled.reason.clone()).chain(values);
    if settled.outcome == Outcome::Invalid {
        return text::lines(what);
    }
    let outcome = format!("{}: {}", settled.outcome.word(), settled.outcome.meaning());
    let remedy = settled.remedy();
    text::lines(std::iter::once(outcome).chain(what).chain((!remedy.is_empty()).then(|| format!("→ {remedy}"))))
}

/// Wide enough for what such a column usually holds: rows are not kept, so nothing is measured.
#[expect(clippy::cast_precision_loss, reason = "a heading is at most 40 characters here")]
fn width(heading: &str) -> f64 {
    let usual = match target_of(heading) {
        Some(Target::Id | Target::ETag) => GUID_WIDTH,
        Some(Target::Note | Target::Item(_)) => TEXT_WIDTH,
        Some(Target::Field(field)) if field.kind == Kind::Text => TEXT_WIDTH,
        Some(
            Target::Action
            | Target::Op
            | Target::Path
            | Target::Value
            | Target::Field(_)
            | Target::Part { .. }
            | Target::Planned(_)
            | Target::Ignored,
        )
        | None => SHORT_WIDTH,
    };
    usual.max((heading.chars().count() + 4).min(40) as f64)
}
