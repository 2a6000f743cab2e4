//! Sheets that people fill in or edit, and give back to be applied.
//!
//! [`columns`] chooses the columns and [`Column`] says what each is for. A [`Form`] is to be filled in; an [`Extract`] is
//! one with a row for each referral, for which [`Selection`] finds the columns. Rows are written while they are told,
//! from the top, and nothing is kept, so a million rows take no more memory than none.
//!
//! ```text
//! names → choice → columns ─┬→ guide        → notes, hints, lists to pick from
//!                           └→ instructions → a page for who has never seen such a workbook
//! ```
//!
//! All of it is derived from the field table. The worksheet of the rows is the first, because that is the one that is
//! read when the workbook comes back. Absent on purpose: no protection and no macros; what may be written is asked at
//! the service, not in a spreadsheet.

mod choice;
mod column;
mod extract;
mod guide;
mod instructions;
mod selection;

use std::path::{Path, PathBuf};

use crate::sheet::csv_file::CsvFile;
use crate::sheet::workbook::{INSTRUCTIONS, REFERRALS, TableId, Tone, Workbook};
use crate::sheet::{Out, SaveError};

pub use choice::{ALL, NoColumn, columns, everyday};
pub use column::Column;
pub use extract::Extract;
pub use selection::Selection;

/// A form being written. Dropped before it is saved, it leaves nothing.
pub struct Form {
    output: Output,
}

/// What a form can be, told by the ending of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.xlsx`: typed columns with notes and lists, and a page of instructions.
    Workbook,
    /// `.csv`: the headings and the rows.
    Csv,
}

/// A name that does not say which of the formats a form shall have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a sheet to be filled in ends in `.xlsx` or `.csv`")]
pub struct UnknownEnding;

enum Output {
    Workbook(Box<Workbook>, TableId),
    Csv(Box<CsvFile>),
}

impl Format {
    /// The format that the ending names, in any case.
    pub fn of(path: &Path) -> Result<Format, UnknownEnding> {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_lowercase);
        match ending.as_deref() {
            Some("xlsx") => Ok(Format::Workbook),
            Some("csv") => Ok(Format::Csv),
            Some(_) | None => Err(UnknownEnding),
        }
    }
}

impl Form {
    /// Begins a form with these columns.
    pub fn create(path: &Path, format: Format, columns: &[Column]) -> Result<Form, SaveError> {
        let output = match format {
            Format::Workbook => {
                let mut workbook = Workbook::create(path)?;
                let rows = workbook.form(REFERRALS, guide::drawn(columns))?;
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                workbook.appendix(INSTRUCTIONS, instructions::of_template(&file, columns));
                Output::Workbook(Box::new(workbook), rows)
            }
            Format::Csv => {
                let headings: Vec<&str> = columns.iter().map(|column| column.heading.as_str()).collect();
                Output::Csv(Box::new(CsvFile::create(path, &headings)?))
            }
        };
        Ok(Form { output })
    }

    /// Adds the next row: a cell for each column, from left to right.
    pub fn row(&mut self, cells: &[Out<'_>]) -> Result<(), SaveError> {
        match &mut self.output {
            Output::Workbook(workbook, rows) => workbook.row(*rows, cells, Tone::Plain),
            Output::Csv(file) => file.row(cells),
        }
    }

    /// Puts the form under its name, or under `name (2)` if that is locked. Returns where it is.
    pub fn save(self) -> Result<PathBuf, SaveError> {
        match self.output {
            Output::Workbook(workbook, _) => workbook.save(),
            Output::Csv(file) => file.save(),
        }
    }
}

#[cfg(test)]
mod tests;
