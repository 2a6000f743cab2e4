//! Files to rows and back: the only home of the CSV and Excel libraries.
//!
//! Reading: [`open`] looks at what a file holds (not at what it is called), finds the worksheet and the row of
//! headings, and gives a [`Sheet`], whose [`Sheet::rows`] can be gone through as often as one likes. What a cell
//! means is asked elsewhere; here `007` is text and a date is a date.
//!
//! ```text
//! path or standard input → source (fingerprint, kind) → csv  ┐
//!                                                     → book ┴→ headings → rows
//! ```
//!
//! Writing: [`workbook`] for Excel, [`csv_file`] for CSV, [`text_file`] for lines of text. All write beside the target and rename, so that a
//! file is there as a whole or not at all.
//!
//! Hidden and filtered rows are rows like any other, and said, unless they are left out on request.
//!
//! Absent on purpose: formulas are not computed, a merged cell has its value in its first row only, and what a number
//! format shows (`5 %`, `3 k`) is not looked at.

mod error;
mod limits;
mod rows;
mod source;
mod stranger;

mod csv;
mod heading;

mod book;

pub mod csv_file;
pub mod text_file;
pub mod workbook;

mod out;
mod replace;

use std::fmt;
use std::path::PathBuf;

use crate::domain::cell::{Address, Area};

pub use error::SheetError;
pub use heading::Heading;
pub use out::Out;
pub use replace::SaveError;
pub use rows::{Batch, Batches, RowFault, Rows, batched};
pub use stranger::Stranger;

use source::{Kind, Original};

/// Where a sheet comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// Standard input, kept in a temporary file while the sheet is open: it is read more than once.
    StandardInput,
}

/// What the user says about a sheet beforehand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The worksheet to take; without it, the first visible one with known headings.
    pub worksheet: Option<Worksheet>,
    /// Leave out the rows that a filter or a person has hidden.
    pub visible_only: bool,
}

/// Which worksheet of a workbook. `"3"` parsed is the third one, any other text is a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worksheet {
    /// By its name, in any case.
    Name(String),
    /// By its place among all worksheets, hidden ones included, counted from 1.
    Number(usize),
}

/// A sheet whose headings have been read.
#[derive(Debug)]
pub struct Sheet {
    /// The file's name, or `standard input`.
    pub name: String,
    /// What the file's content says it is.
    pub format: Format,
    /// The worksheet taken; none for CSV.
    pub worksheet: Option<String>,
    /// All worksheets that are shown, from left to right; none for CSV.
    pub worksheets: Vec<String>,
    /// The worksheets of what was exported, where the file is an export: see [`workbook::BASE`].
    pub bases: Vec<String>,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
    /// The headings that are not blank, from left to right.
    pub headings: Vec<Heading>,
    /// The row they stand in.
    pub heading_row: u32,
    /// What a careful reader would mention: which of several worksheets was taken, what stood above the headings.
    pub notices: Vec<String>,
    /// Filled rows that are hidden and were to be left out.
    pub rows_left_out: u32,
    /// Merged cells that reach below the headings, by their first cells.
    merged: Vec<Area>,
    content: Content,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text with delimiters.
    Csv,
    /// An Excel workbook since 2007, with or without macros.
    Xlsx,
    /// The same in binary.
    Xlsb,
    /// An Excel workbook before 2007.
    Xls,
    /// An `OpenDocument` workbook.
    Ods,
}

#[derive(Debug)]
enum Content {
    Csv(csv::Content),
    Book(book::Content),
}

/// Reads a sheet as far as its headings. `is_heading` tells whether the program knows a heading; it finds the row of
/// headings below a title, the right worksheet, and the right delimiter. It decides nothing else: unknown headings are
/// read all the same.
pub fn open(source: &Source, options: &Options, is_heading: &dyn Fn(&str) -> bool) -> Result<Sheet, SheetError> {
    let original = Original::of(source)?;
    match original.kind {
        Kind::Text(_) => csv::open(original, is_heading),
        Kind::Workbook(format) => book::open(original, format, options, is_heading),
    }
}

impl Sheet {
    /// The rows below the headings that are not blank, from the top. A row that cannot be read by itself is a
    /// [`RowFault`]; a file that cannot be read any further is a [`SheetError`], after which nothing follows.
    pub fn rows(&self) -> Result<Rows, SheetError> {
        self.batches().map(Rows::from)
    }

    /// The same in batches, which any thread can take apart. What could be read before a [`SheetError`] comes first.
    pub fn batches(&self) -> Result<Batches, SheetError> {
        match &self.content {
            Content::Csv(content) => content.batches(self.heading_row),
            Content::Book(content) => content.batches(),
        }
    }

    /// Whether any cell below the headings is merged.
    pub fn has_merged_cells(&self) -> bool {
        !self.merged.is_empty()
    }

    /// The merged cell that has this place under it in its first column, but has its value above.
    pub fn merged_over(&self, place: Address) -> Option<Area> {
        let before = self.merged.partition_point(|area| area.first < place);
        let area = *self.merged.get(before.checked_sub(1)?)?;
        (area.first.column == place.column && place.row <= area.last.row).then_some(area)
    }
}

impl std::str::FromStr for Worksheet {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.parse() {
            Ok(number) => Worksheet::Number(number),
            Err(_) => Worksheet::Name(text.to_owned()),
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Csv => "CSV",
            Format::Xlsx => "xlsx",
            Format::Xlsb => "xlsb",
            Format::Xls => "xls",
            Format::Ods => "ods",
        })
    }
}
