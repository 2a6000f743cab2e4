//! CSV files: encoding, delimiter, headings, rows.

mod delimiter;
mod encoding;
mod record;

use std::fs::File;
use std::io::BufRead;

use crate::domain::cell::{Address, Cell, Row, is_space};

use super::heading::{self, Found};
use super::rows::{Batches, RowFault, Taken};
use super::source::Original;
use super::{Format, Sheet, SheetError};
use encoding::Encoding;
use record::{Broken, Lexer, Record};

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

/// The records of a CSV file below its headings, in batches.
pub(super) struct CsvBatches {
    lines: Lines,
    /// What comes behind the last batch.
    failure: Option<SheetError>,
}

/// Records that nobody has taken apart yet.
pub(super) struct Unread {
    form: Form,
    text: Vec<u8>,
    /// Where each cell ends in the text of its record.
    ends: Vec<usize>,
    records: Vec<Place>,
}

/// The rows of such records.
pub(super) struct Records {
    unread: Unread,
    next: usize,
}

/// Where a record stands, and what was wrong with its quotes.
struct Place {
    row: u32,
    /// Where its text and its ends end.
    text_end: usize,
    ends_end: usize,
    stray_quote: Option<u32>,
}

/// What has to be known to judge a record.
#[derive(Debug, Clone, Copy)]
struct Form {
    decoded_from: Option<&'static str>,
    width: usize,
}

/// The records of a CSV file, one by one.
struct Lines {
    file: String,
    lexer: Lexer<Box<dyn BufRead + Send>>,
    record: Record,
    form: Form,
}

/// Records of a batch, and the text from which on no further one is taken in: two workers with some batches each are to
/// stay within a few megabytes.
const BATCH_ROWS: usize = 256;
const BATCH_BYTES: usize = 256 * 1024;

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
    pub fn batches(&self, heading_row: u32) -> Result<Batches, SheetError> {
        let mut lines = self.lines()?;
        while lines.record.row < heading_row {
            if !lines.advance()? {
                break;
            }
        }
        Ok(Batches::from(CsvBatches { lines, failure: None }))
    }

    fn headings(&self, is_heading: &dyn Fn(&str) -> bool) -> Result<Found, SheetError> {
        let mut rows = self.lines()?;
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
    fn lines(&self) -> Result<Lines, SheetError> {
        let file: File = self.original.reopen()?;
        let input = self.encoding.reader(file).map_err(|error| self.original.unreadable(error))?;
        let width = if self.width == 0 { usize::MAX } else { self.width };
        let mut lines = Lines {
            file: self.original.name.clone(),
            lexer: Lexer::new(input, self.delimiter),
            record: Record::default(),
            form: Form { decoded_from: self.encoding.name(), width },
        };
        if self.has_separator_line {
            lines.advance()?;
            // Excel does not show that line.
            lines.lexer.begin_counting(&mut lines.record);
        }
        Ok(lines)
    }
}

impl Lines {
    /// Reads the next record; false at the end of the file.
    fn advance(&mut self) -> Result<bool, SheetError> {
        let file = || self.file.clone();
        self.lexer.read(&mut self.record).map_err(|broken| match broken {
            Broken::Input(source) => SheetError::Unreadable { file: file(), source },
            Broken::UnclosedQuote(at) => SheetError::UnclosedQuote { file: file(), at },
            Broken::TooLong(at, limit) => SheetError::CellTooLong { file: file(), at, limit },
            Broken::TooWide(row) => SheetError::RowTooWide { file: file(), row },
            Broken::TooMuchText(row) => SheetError::RowTooLong { file: file(), row },
        })
    }

    /// The record as a row, trailing blanks included.
    fn row(&self) -> Taken {
        let Record { row, text, ends, stray_quote } = &self.record;
        self.form.row(*row, text, ends, *stray_quote)
    }
}

impl Iterator for CsvBatches {
    type Item = Result<Unread, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(failure) = self.failure.take() {
            return Some(Err(failure));
        }
        let mut unread = Unread { form: self.lines.form, text: Vec::new(), ends: Vec::new(), records: Vec::new() };
        while unread.records.len() < BATCH_ROWS && unread.text.len() < BATCH_BYTES {
            match self.lines.advance() {
                Ok(true) => unread.add(&self.lines.record),
                Ok(false) => break,
                Err(failure) if unread.records.is_empty() => return Some(Err(failure)),
                Err(failure) => {
                    self.failure = Some(failure);
                    break;
                }
            }
        }
        (!unread.records.is_empty()).then_some(Ok(unread))
    }
}

impl Unread {
    fn add(&mut self, record: &Record) {
        self.text.extend_from_slice(&record.text);
        self.ends.extend_from_slice(&record.ends);
        self.records.push(Place {
            row: record.row,
            text_end: self.text.len(),
            ends_end: self.ends.len(),
            stray_quote: record.stray_quote,
        });
    }

    pub fn into_records(self) -> Records {
        Records { unread: self, next: 0 }
    }
}

impl Form {
    fn row(self, number: u32, text: &[u8], ends: &[usize], stray_quote: Option<u32>) -> Taken {
        let mut row = Row { number, cells: Vec::with_capacity(ends.len()) };
        let Ok(text) = std::str::from_utf8(text) else {
            return Err(Box::new(RowFault { row, message: "the text is not UTF-8".to_owned() }));
        };
        let mut start = 0;
        for &end in ends {
            row.cells.push(cell(text.get(start..end).unwrap_or("\u{FFFD}")));
            start = end;
        }
        match self.fault(text, &row, stray_quote) {
            Some(message) => Err(Box::new(RowFault { row, message })),
            None => Ok(row),
        }
    }

    fn fault(self, text: &str, row: &Row, stray_quote: Option<u32>) -> Option<String> {
        if let Some(column) = stray_quote {
            let at = Address { column, row: row.number };
            return Some(format!(
                "the quoted cell {at} goes on after its closing quote; a quote inside a quoted cell is written twice"
            ));
        }
        if let Some(encoding) = self.decoded_from.filter(|_| text.contains('\u{FFFD}')) {
            return Some(format!("a character cannot be read as {encoding}"));
        }
        if row.cells.len() > self.width && row.cells[self.width..].iter().any(|cell| !cell.is_blank()) {
            let at = Address { column: u32::try_from(self.width).unwrap_or(u32::MAX), row: row.number };
            let cells = row.cells.len();
            return Some(format!(
                "the row has {cells} cells but the headings are {}; the surplus begins at {at}",
                self.width
            ));
        }
        None
    }
}

impl Iterator for Records {
    type Item = Taken;

    /// The next row that is not blank.
    fn next(&mut self) -> Option<Taken> {
        let Records { unread: Unread { form, text, ends, records }, next } = self;
        loop {
            let place = records.get(*next)?;
            let before = next.checked_sub(1).and_then(|before| records.get(before));
            let (text_start, ends_start) = before.map_or((0, 0), |before| (before.text_end, before.ends_end));
            *next += 1;
            let (text, ends) = (&text[text_start..place.text_end], &ends[ends_start..place.ends_end]);
            match form.row(place.row, text, ends, place.stray_quote) {
                Ok(mut row) => {
                    without_trailing_blanks(&mut row.cells);
                    if !row.cells.is_empty() {
                        return Some(Ok(row));
                    }
                }
                Err(fault) => return Some(Err(fault)),
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
