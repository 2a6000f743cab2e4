//! A form that is filled in already: a row for each referral, made to be edited and given back.
//!
//! ```text
//! referral → cells ─┬→ the rows, with what a person may look at, pick from and write
//!                   └→ the base: the same cells again, hidden, so that an edit can be told from what was there
//! ```
//!
//! What no cell can hold is a blank cell with `FALSE` in the base: an unedited cell sends nothing, and text that was cut
//! never comes back. What the list left out is a blank cell in both: whoever fills it in has seen nothing there, and if
//! the referral turns out to hold something, that is a conflict.

use std::path::{Path, PathBuf};

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use super::selection::is_list;
use super::{Column, Format, guide, instructions};
use crate::domain::field::Field;
use crate::domain::heading::Target;
use crate::domain::referral::{ETag, Referral, portal_address};
use crate::domain::value::show::{Shown, show, show_items};
use crate::sheet::csv_file::CsvFile;
use crate::sheet::workbook::{self, BASE, INSTRUCTIONS, REFERRALS, TableId, Tone, UNKNOWN, Workbook};
use crate::sheet::{Out, SaveError};

/// An export being written. Dropped before it is saved, it leaves nothing.
pub struct Extract {
    sources: Vec<From>,
    zone: TimeZone,
    output: Output,
    too_long: u64,
}

enum Output {
    Workbook { book: Box<Workbook>, rows: TableId, base: TableId },
    Csv(Box<CsvFile>),
}

/// Where the cells of a column come from.
#[derive(Debug, Clone, Copy)]
enum From {
    Id,
    ETag,
    Field(&'static Field),
    /// An item of a list, counted from 0.
    Item(&'static Field, usize),
    /// The user's own column, in which we only say what could not be shown.
    Note,
    Nothing,
}

impl Extract {
    /// Begins an export with these columns. `zone` is where times without an offset are told.
    pub fn create(path: &Path, format: Format, columns: &[Column], zone: TimeZone) -> Result<Extract, SaveError> {
        let sources = sources(columns);
        let output = match format {
            Format::Workbook => {
                let mut book = Workbook::create(path)?;
                let drawn = columns.iter().zip(guide::drawn(columns)).map(|(column, drawn)| match column.target {
                    Target::ETag => drawn.hidden(),
                    _ if column.is_read_only => drawn.locked_beside(&Target::Id.heading()),
                    _ => drawn,
                });
                let rows = book.form(REFERRALS, drawn.collect())?;
                let based = columns.iter().zip(&sources).filter(|(_, source)| source.is_in_base());
                let based = based.map(|(column, _)| workbook::Column::any(&column.heading));
                let base = book.hidden_table(BASE, based.collect())?;
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                book.appendix(INSTRUCTIONS, instructions::of_extract(&file, columns));
                Output::Workbook { book: Box::new(book), rows, base }
            }
            Format::Csv => {
                let headings: Vec<&str> = columns.iter().map(|column| column.heading.as_str()).collect();
                Output::Csv(Box::new(CsvFile::create(path, &headings)?))
            }
        };
        Ok(Extract { sources, zone, output, too_long: 0 })
    }

    /// Adds a referral below the last one.
    pub fn row(&mut self, referral: &Referral) -> Result<(), SaveError> {
        let (shown, left_out) = self.shown(referral);
        self.too_long += u64::from(!left_out.is_empty());
        let id = referral.id().to_string();
        let address = portal_address(referral.id());
        let note = left_out.join("; ");
        let is_workbook = matches!(self.output, Output::Workbook { .. });
        let cells: Vec<Out<'_>> = self
            .sources
            .iter()
            .zip(&shown)
            .map(|(source, shown)| match source {
                From::Id => Out::Link { url: &address, text: &id },
                From::ETag => referral.etag().map_or(Out::Blank, |etag| Out::Text(ETag::as_str(etag))),
                From::Note if note.is_empty() => Out::Blank,
                From::Note => Out::Text(&note),
                From::Field(_) | From::Item(..) | From::Nothing => out(shown, is_workbook),
            })
            .collect();
        match &mut self.output {
            Output::Csv(file) => file.row(&cells),
            Output::Workbook { book, rows, base } => {
                book.row(*rows, &cells, Tone::Plain)?;
                let all = self.sources.iter().zip(&shown).zip(&cells);
                let known = all.filter(|((source, _), _)| source.is_in_base()).map(|((source, shown), cell)| {
                    match (source, shown) {
                        (From::Id, _) => Out::Text(&id),
                        (_, Shown::TooLong(_)) => Out::Cell(&UNKNOWN),
                        _ => *cell,
                    }
                });
                book.row(*base, &known.collect::<Vec<_>>(), Tone::Plain)
            }
        }
    }

    /// In how many rows something is left out because it is more text than a cell holds.
    pub fn too_long(&self) -> u64 {
        self.too_long
    }

    /// Puts the export under its name, or under `name (2)` if that is locked. Returns where it is.
    pub fn save(self) -> Result<PathBuf, SaveError> {
        match self.output {
            Output::Workbook { book, .. } => book.save(),
            Output::Csv(file) => file.save(),
        }
    }

    /// What stands in each column, and what is too long for its cell.
    fn shown(&self, referral: &Referral) -> (Vec<Shown>, Vec<String>) {
        let mut list: Option<(&Field, Option<Vec<Shown>>)> = None;
        let mut left_out = Vec::new();
        let shown = self.sources.iter().map(|source| {
            let (field, shown) = match *source {
                From::Field(field) => (field, show(field, referral, &self.zone)),
                From::Item(field, index) => {
                    // The columns of a list stand side by side.
                    if list.as_ref().is_none_or(|(of, _)| *of != field) {
                        list = Some((field, show_items(field, referral)));
                    }
                    let items = list.as_ref().and_then(|(_, items)| items.as_ref());
                    (field, items.map_or(Shown::Unknown, |items| items.get(index).cloned().unwrap_or(Shown::Blank)))
                }
                From::Id | From::ETag | From::Note | From::Nothing => return Shown::Blank,
            };
            if let Shown::TooLong(length) = shown {
                left_out
                    .push(format!("{} has {length} characters, more than a cell holds, and is left out", field.label));
            }
            shown
        });
        let shown = shown.collect();
        (shown, left_out)
    }
}

impl From {
    fn is_in_base(&self) -> bool {
        match self {
            From::Id | From::ETag | From::Field(_) | From::Item(..) => true,
            From::Note | From::Nothing => false,
        }
    }
}

fn sources(columns: &[Column]) -> Vec<From> {
    let source = |(at, column): (usize, &Column)| match column.target {
        Target::Id => From::Id,
        Target::ETag => From::ETag,
        Target::Field(field) => From::Field(field),
        Target::Item(list) if is_list(list) => {
            From::Item(list, columns[..at].iter().filter(|before| before.target == column.target).count())
        }
        Target::Note => From::Note,
        Target::Action
        | Target::Op
        | Target::Path
        | Target::Value
        | Target::Item(_)
        | Target::Part { .. }
        | Target::Planned(_)
        | Target::Ignored => From::Nothing,
    };
    columns.iter().enumerate().map(source).collect()
}

/// A CSV file has text only, and so each digit of a moment.
fn out(shown: &Shown, is_workbook: bool) -> Out<'_> {
    match shown {
        Shown::Unknown | Shown::Blank | Shown::TooLong(_) => Out::Blank,
        Shown::Text(text) => Out::Text(text),
        Shown::Digits(digits) => Out::Digits(digits),
        Shown::Day(day) => Out::DateTime(DateTime::from_parts(*day, Time::midnight())),
        Shown::Moment { at, .. } if is_workbook => Out::DateTime(*at),
        Shown::Moment { exact, .. } => Out::Text(exact),
    }
}
