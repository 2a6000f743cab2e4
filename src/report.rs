//! Outcomes, in sheet order, as a spreadsheet.
//!
//! A [`Report`] is written while it is told: [`Report::push`] once for each row of the sheet, from the top, then
//! [`Report::finish`]. Nothing is kept but counts, so a million rows take no more memory than ten. The file appears
//! under its name when it is whole.
//!
//! ```text
//! Line ─┬→ columns → Results of a workbook, or CSV
//!       ├→ to_fix  → the user's own rows that need another look, with what is wrong in front
//!       ├→ plan_sheet → the changes of a plan, to be given to `apply`
//!       └→ lines   → JSON, one object a row
//! ```
//!
//! The workbook is for people, CSV for other spreadsheets, JSON lines for programs. All three say the same; only the
//! workbook has the summary and the rows to fix. Absent on purpose: no sorting and no merging of reports; sheet order
//! is the order that people can follow with a finger.

mod text;

mod columns;
mod lines;
mod plan_sheet;

mod to_fix;

mod carried;

mod facts;
mod summary;
mod workbook;

use std::path::{Path, PathBuf};

use crate::domain::cell::Row;
use crate::domain::change::Base;
use crate::domain::heading::Columns;
use crate::domain::outcome::{Settled, Tally};
use crate::domain::value::Reading;
use crate::sheet::SaveError;
use crate::sheet::csv_file::CsvFile;
use crate::sheet::text_file::TextFile;

pub use facts::Facts;
pub use plan_sheet::{NAME as PLAN, new_value};
pub use summary::RUN;
pub use to_fix::NAME as TO_FIX;
pub use workbook::{RESULTS, SUMMARY};

/// A report being written. Dropped before it is finished, it leaves nothing.
pub struct Report {
    output: Output,
    tally: Tally,
    /// The number of the last row, to hold callers to sheet order.
    last_row: u32,
}

/// One row of the sheet and how it ended.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The row as the user wrote it.
    pub row: &'a Row,
    /// What its cells were before they were edited.
    pub base: &'a Base,
    /// The id cell as it stands.
    pub id: &'a str,
    /// The user's own note.
    pub note: Option<&'a str>,
    /// How it ended.
    pub settled: &'a Settled,
}

/// How the sheet was read.
#[derive(Debug, Clone)]
pub struct AsRead {
    /// What its columns are for.
    pub columns: Columns,
    /// How the cells of its base are read.
    pub base_reading: Reading,
}

/// What a report can be, told by the ending of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.xlsx`: a workbook with a summary, all results, and the rows to fix.
    Workbook,
    /// `.csv`: the results.
    Csv,
    /// `.jsonl`: the results, one JSON object a line.
    JsonLines,
}

/// A name that does not say which of the formats a report shall have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a report ends in `.xlsx`, `.csv` or `.jsonl`")]
pub struct UnknownEnding;

enum Output {
    Workbook(Box<workbook::Book>),
    Csv(Box<CsvFile>),
    Lines(TextFile),
}

impl Format {
    /// The format that the ending names, in any case.
    pub fn of(path: &Path) -> Result<Format, UnknownEnding> {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_lowercase);
        match ending.as_deref() {
            Some("xlsx") => Ok(Format::Workbook),
            Some("csv") => Ok(Format::Csv),
            Some("jsonl") => Ok(Format::JsonLines),
            Some(_) | None => Err(UnknownEnding),
        }
    }
}

impl Report {
    /// Begins a report for a sheet with these headings, each with its column counted from 0. The rows to fix get these
    /// columns, from left to right, and at most one of eTags behind them; a blank heading is a heading too. Without
    /// `as_read`, the headings are what they say.
    ///
    /// Where the ending names no format, the source of the error is [`UnknownEnding`].
    ///
    /// The workbook of a plan gets a worksheet with its changes besides; `plan` is what they are made for.
    pub fn create(
        path: &Path,
        headings: &[(u32, String)],
        as_read: Option<&AsRead>,
        plan: Option<&str>,
    ) -> Result<Report, SaveError> {
        let format = Format::of(path).map_err(|error| SaveError { path: path.to_owned(), source: error.into() })?;
        let output = match format {
            Format::Workbook => Output::Workbook(Box::new(workbook::Book::create(path, headings, as_read, plan)?)),
            Format::Csv => {
                Output::Csv(Box::new(CsvFile::create(path, &columns::COLUMNS.map(|column| column.heading))?))
            }
            Format::JsonLines => Output::Lines(TextFile::create(path)?),
        };
        Ok(Report { output, tally: Tally::default(), last_row: 0 })
    }

    /// Adds the next row of the sheet.
    pub fn push(&mut self, line: &Line<'_>) -> Result<(), SaveError> {
        debug_assert!(line.row.number > self.last_row, "row {} after row {}", line.row.number, self.last_row);
        debug_assert_eq!(line.row.number, line.settled.row, "an outcome belongs to its row");
        self.last_row = line.row.number;
        self.tally += line.settled.outcome;
        match &mut self.output {
            Output::Workbook(book) => book.push(line),
            Output::Csv(file) => file.row(&columns::contents(line).each_ref().map(columns::Content::out)),
            Output::Lines(file) => file.line(&lines::json(line)),
        }
    }

    /// How the rows ended that were pushed so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Puts the report under its name, or under `name (2)` if that is locked. Returns where it is.
    pub fn finish(self, facts: &Facts) -> Result<PathBuf, SaveError> {
        match self.output {
            Output::Workbook(book) => book.save(summary::page(&self.tally, facts)),
            Output::Csv(file) => file.save(),
            Output::Lines(file) => file.save(),
        }
    }
}

#[cfg(test)]
mod tests;
