//! The rows that need another look: as the user wrote them, with what is wrong in front.
//!
//! The worksheet is a sheet like any other. Headings that begin with `#` are not read, so it can be corrected and
//! given back as it is.

use super::{AsRead, Line, text};
use crate::domain::cell::Cell;
use crate::domain::change::Base;
use crate::domain::field::{Field, Kind};
use crate::domain::heading::{Target, target_of};
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::planned;
use crate::domain::problem::Problem;
use crate::domain::referral::ReferralId;
use crate::domain::value::Reading;
use crate::sheet::Out;
use crate::sheet::workbook::Column;

/// The name of the worksheet.
pub const NAME: &str = "To fix";
/// Above what is wrong.
const PROBLEMS: &str = "# Problems";
/// Behind the user's columns, where none of them is for it.
const ETAG: &str = "eTag";
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
    /// The user's column of ids.
    Id(u32),
    /// The user's column of eTags; none where it is ours.
    ETag(Option<u32>),
    /// In a plan, what the field was.
    Was(u32),
}

/// Which columns the worksheet has.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    places: Vec<(Place, String)>,
    /// What the user's columns are for.
    targets: Vec<(u32, Target, String)>,
    /// What rows with a blank id are matched by.
    key: Option<&'static Field>,
    base_reading: Option<Reading>,
}

impl Layout {
    /// The user's columns from left to right. A sheet that was a list of rows to fix before has its column of problems
    /// already. Where no column is for eTags, one is added: a conflict that has been looked at is one with that version.
    pub fn of(headings: &[(u32, String)], as_read: Option<&AsRead>) -> Layout {
        let target_of = |index: u32, heading: &str| match as_read {
            None => target_of(heading),
            Some(as_read) => {
                as_read.columns.all.iter().find(|column| column.index == index).map(|column| column.target)
            }
        };
        let mut headings: Vec<&(u32, String)> = headings.iter().collect();
        headings.sort_by_key(|(index, _)| *index);
        let mut places = Vec::new();
        let mut has_problems = false;
        for (index, heading) in &headings {
            let is_problems = !has_problems && heading.trim().eq_ignore_ascii_case(PROBLEMS);
            has_problems |= is_problems;
            let place = match target_of(*index, heading) {
                _ if is_problems => Place::Problems,
                Some(Target::Id) => Place::Id(*index),
                Some(Target::ETag) => Place::ETag(Some(*index)),
                _ if heading == planned::CURRENT => Place::Was(*index),
                _ => Place::User(*index),
            };
            places.push((place, heading.clone()));
        }
        if !has_problems {
            places.insert(0, (Place::Problems, PROBLEMS.to_owned()));
        }
        if !places.iter().any(|(place, _)| matches!(place, Place::ETag(_))) {
            places.push((Place::ETag(None), ETAG.to_owned()));
        }
        let target = |(index, heading): &(u32, String)| {
            target_of(*index, heading).map(|target| (*index, target, heading.clone()))
        };
        let targets = headings.into_iter().filter_map(target).collect();
        let key = as_read.and_then(|as_read| as_read.columns.match_by.field());
        Layout { places, targets, key, base_reading: as_read.map(|as_read| as_read.base_reading.clone()) }
    }

    /// The user's columns that are for something: their places in the sheet, what they are for, and their headings.
    pub fn user_columns(&self) -> impl Iterator<Item = (u32, Target, &str)> + '_ {
        self.targets.iter().map(|(index, target, heading)| (*index, *target, heading.as_str()))
    }

    /// How the cells of a base are read, if that is known.
    pub fn base_reading(&self) -> Option<&Reading> {
        self.base_reading.as_ref()
    }

    /// Whether a cell of the user's is shown. Of a row with a base only what was edited is, because nobody can tell later
    /// what was not, and what is needed besides: which referral it is about, the other parts of a person.
    pub fn shows(&self, line: &Line<'_>, index: u32) -> bool {
        let target = self.targets.iter().find(|(column, ..)| *column == index).map(|(_, target, _)| *target);
        let is_edited = !line.base.says(index, line.row.cell(index));
        match target {
            Some(Target::Field(field)) if self.key == Some(field) => match self.known_id(line) {
                // What the referral was found by is no wish, but would be one beside its id.
                Some(_) => false,
                None => is_edited || self.id_of(line).is_none(),
            },
            Some(Target::Field(_) | Target::Item(_)) => is_edited,
            Some(_) | None => true,
        }
    }

    /// The id for a cell that has none: the row was found by something else, and has a base.
    fn known_id<'a>(&self, line: &Line<'a>) -> Option<&'a str> {
        let is_blank =
            |(index, target, _): &(u32, Target, String)| *target == Target::Id && line.row.cell(*index).is_blank();
        let is_known = matches!(line.base, Base::Cells(_)) && line.id.parse::<ReferralId>().is_ok();
        (is_known && self.targets.iter().any(is_blank)).then_some(line.id)
    }

    /// What the id cell says, if there is one.
    fn id_of<'a>(&self, line: &Line<'a>) -> Option<&'a Cell> {
        let id = self.targets.iter().find(|(_, target, _)| *target == Target::Id)?;
        Some(line.row.cell(id.0)).filter(|cell| !cell.is_blank())
    }

    /// The columns of the worksheet.
    pub fn columns(&self) -> Vec<Column> {
        let column = |(place, heading): &(Place, String)| match place {
            Place::Problems => Column::lines(heading).width(60.0).toned(),
            Place::User(_) | Place::Id(_) | Place::ETag(_) | Place::Was(_) => {
                Column::any(heading).width(width(heading))
            }
        };
        self.places.iter().map(column).collect()
    }

    /// The cells of a row, below what is wrong with it.
    ///
    /// A row with a conflict gets the eTag of the version that the person is told about: who applies it, has seen it.
    pub fn cells<'a>(&self, line: &Line<'a>, problems: &'a str) -> Vec<Out<'a>> {
        let (row, settled) = (line.row, line.settled);
        let seen = settled.etag_after.as_ref().filter(|_| settled.outcome == Outcome::Conflict);
        let own = |index: u32| match row.cell(index) {
            Cell::Blank => Out::Blank,
            cell => Out::Cell(cell),
        };
        let cell = |(place, _): &(Place, String)| match (place, seen) {
            (Place::Problems, _) => Out::Text(problems),
            (Place::User(index), _) if !self.shows(line, *index) => Out::Blank,
            (Place::Id(index), _) => self.known_id(line).map_or_else(|| own(*index), Out::Text),
            (Place::ETag(_), Some(seen)) => Out::Text(seen.as_str()),
            (Place::ETag(None), None) => Out::Blank,
            (Place::Was(_), Some(_)) if !settled.clashes.is_empty() => Out::Text(settled.clashes[0].theirs.text()),
            (Place::User(index) | Place::ETag(Some(index)) | Place::Was(index), _) => own(*index),
        };
        self.places.iter().map(cell).collect()
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
