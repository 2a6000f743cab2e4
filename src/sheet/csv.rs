//! CSV files: encoding, delimiter, headings, rows.

mod delimiter;
mod encoding;
mod record;

use std::fs::File;
use std::io::BufRead;

use crate::domain::cell::{Address, Cell, Row, is_space};

use super::heading::{self, Found};
use super::rows::{RowFault, Rows, Taken};
use super::source::Original;
use super::{Format, Sheet, SheetError};
use encoding::Encoding;
use record::{Broken, Record, Records};

/// What is needed to read the file again.
#[derive(Debug)]
pub(super) struct Content {
    original: Original,
    encoding: Encoding,
    delimiter: u8,
    /// Whether line 1 says which delimiter follows (`sep=;`), as Excel has it.
    has_separator_line: bool,
    /// How many cells the row of headings has.
    width: usize,
}

/// The rows of a CSV file below its headings.
pub(super) struct CsvRows {
    file: String,
    records: Records<Box<dyn BufRead + Send>>,
    record: Record,
    decoded_from: Option<&'static str>,
    width: usize,
}

pub(super) fn open(original: Original, is_heading: &dyn Fn(&str) -> bool) -> Result<Sheet, SheetError> {
    let (encoding, notice) = encoding::detect(&original)?;
    let sample = encoding.sample(original.reopen()?).map_err(|error| original.unreadable(error))?;
    let (delimiter, has_separator_line) = match delimiter::declared(&sample.text) {
        Some(delimiter) => (delimiter, true),
        None => (delimiter::find(&sample, is_heading), false),
    };
    let mut content = Content { original, encoding, delimiter, has_separator_line, width: 0 };
    let found = content.headings(is_heading)?;
    content.width = found.width;
    Ok(Sheet {
        name: content.original.name.clone(),
        format: Format::Csv,
        worksheet: None,
        worksheets: Vec::new(),
        bases: Vec::new(),
        sha256: content.original.sha256.clone(),
        heading_row: found.row,
        notices: notice.into_iter().chain(found.notice()).collect(),
        headings: found.headings,
        rows_left_out: 0,
        merged: Vec::new(),
        content: super::Content::Csv(content),
    })
}

impl Content {
    pub fn rows(&self, heading_row: u32) -> Result<Rows, SheetError> {
        let mut rows = self.records()?;
        while rows.record.row < heading_row {
            if !rows.advance()? {
                break;
            }
        }
        Ok(Rows::from(rows))
    }

    fn headings(&self, is_heading: &dyn Fn(&str) -> bool) -> Result<Found, SheetError> {
        let mut rows = self.records()?;
        let mut first_rows = Vec::new();
        let mut failure = None;
        while first_rows.len() < heading::ROWS_LOOKED_AT {
            match rows.advance() {
                Ok(true) => first_rows.push(rows.row().unwrap_or_else(|fault| fault.row)),
                Ok(false) => break,
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
            if first_rows.last().is_some_and(Row::is_blank) {
                first_rows.pop();
            }
        }
        // A sheet that breaks off among its first rows may have good headings above; `rows` tells of the break then.
        match (heading::find(&first_rows, is_heading), failure) {
            (Some(found), _) => Ok(found),
            (None, Some(error)) => Err(error),
            (None, None) => Err(SheetError::Empty { file: self.original.name.clone() }),
        }
    }

    /// From the first line that holds cells.
    fn records(&self) -> Result<CsvRows, SheetError> {
        let file: File = self.original.reopen()?;
        let input = self.encoding.reader(file).map_err(|error| self.original.unreadable(error))?;
        let mut rows = CsvRows {
            file: self.original.name.clone(),
            records: Records::new(input, self.delimiter),
            record: Record::default(),
            decoded_from: self.encoding.name(),
            width: if self.width == 0 { usize::MAX } else { self.width },
        };
        if self.has_separator_line {
            rows.advance()?;
            // Excel does not show that line.
            rows.records.begin_counting(&mut rows.record);
        }
        Ok(rows)
    }
}

impl CsvRows {
    /// Reads the next record; false at the end of the file.
    fn advance(&mut self) -> Result<bool, SheetError> {
        let file = || self.file.clone();
        self.records.read(&mut self.record).map_err(|broken| match broken {
            Broken::Input(source) => SheetError::Unreadable { file: file(), source },
            Broken::UnclosedQuote(at) => SheetError::UnclosedQuote { file: file(), at },
            Broken::TooLong(at, limit) => SheetError::CellTooLong { file: file(), at, limit },
            Broken::TooWide(row) => SheetError::RowTooWide { file: file(), row },
            Broken::TooMuchText(row) => SheetError::RowTooLong { file: file(), row },
        })
    }

    /// The record as a row, trailing blanks included.
    fn row(&self) -> Taken {
        let record = &self.record;
        let mut row = Row { number: record.row, cells: Vec::with_capacity(record.ends.len()) };
        let Ok(text) = std::str::from_utf8(&record.text) else {
            return Err(Box::new(RowFault { row, message: "the text is not UTF-8".to_owned() }));
        };
        let mut start = 0;
        for &end in &record.ends {
            row.cells.push(cell(text.get(start..end).unwrap_or("\u{FFFD}")));
            start = end;
        }
        match self.fault(text, &row) {
            Some(message) => Err(Box::new(RowFault { row, message })),
            None => Ok(row),
        }
    }

    fn fault(&self, text: &str, row: &Row) -> Option<String> {
        if let Some(column) = self.record.stray_quote {
            let at = Address { column, row: self.record.row };
            return Some(format!(
                "the quoted cell {at} goes on after its closing quote; a quote inside a quoted cell is written twice"
            ));
        }
        if let Some(encoding) = self.decoded_from.filter(|_| text.contains('\u{FFFD}')) {
            return Some(format!("a character cannot be read as {encoding}"));
        }
        if row.cells.len() > self.width && row.cells[self.width..].iter().any(|cell| !cell.is_blank()) {
            let at = Address { column: u32::try_from(self.width).unwrap_or(u32::MAX), row: self.record.row };
            let cells = row.cells.len();
            return Some(format!(
                "the row has {cells} cells but the headings are {}; the surplus begins at {at}",
                self.width
            ));
        }
        None
    }
}

impl Iterator for CsvRows {
    type Item = Result<Taken, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
            match self.row() {
                Ok(mut row) => {
                    without_trailing_blanks(&mut row.cells);
                    if !row.cells.is_empty() {
                        return Some(Ok(Ok(row)));
                    }
                }
                Err(fault) => return Some(Ok(Err(fault))),
            }
        }
    }
}

fn without_trailing_blanks(cells: &mut Vec<Cell>) {
    while cells.last().is_some_and(Cell::is_blank) {
        cells.pop();
    }
}

/// A cell of text. What [`super::csv_file`] put in front against formula injection comes off again, and so does what others
/// put around a text that Excel shall not take for a number.
fn cell(text: &str) -> Cell {
    let text = formula_of_text(text).unwrap_or(text);
    if text.chars().all(is_space) {
        return Cell::Blank;
    }
    if let Some(error) = super::book::error_name(text) {
        return Cell::Error(error.to_owned());
    }
    Cell::Text(super::csv_file::unguarded(text).to_owned())
}

/// The text of a formula that is nothing but a text: `="007"`.
fn formula_of_text(text: &str) -> Option<&str> {
    // With a space in front it is a text to Excel, too.
    let inside = text.trim_end().strip_prefix("=\"")?.strip_suffix('"')?;
    (!inside.contains('"')).then_some(inside)
}
