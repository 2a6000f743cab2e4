//! Text with delimiters to records (RFC 4180, and what Excel makes of files that are not quite that).
//!
//! Written here because a row that is lost must be noticed, and the `csv` crate, which the tests compare this with,
//! is silent where we must not be: it skips blank lines without counting them, goes on after a closing quote as if
//! nothing had happened (two rows become one), and takes everything behind an unclosed quote for one cell.
//!
//! Row numbers are those that Excel shows: a blank line is a row, a quoted cell of many lines is not many rows.
//! LF, CRLF and a lone CR end a row. A quote inside an unquoted cell is an ordinary character.

use std::io::{self, BufRead};

use super::super::limits::{CHARACTERS_MAX, ROW_BYTES_MAX};
use crate::domain::cell::Address;

const UTF8_BYTES_MAX: usize = 4;
/// Excel's own limit for line feeds in a cell.
const LINE_FEEDS_MAX: usize = 253;

/// Excel's own limit for columns.
const CELLS_MAX: usize = 16_384;

/// One record. Reused from row to row.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The row's number; 0 before the first.
    pub row: u32,
    /// The cells' bytes, one after the other.
    pub text: Vec<u8>,
    /// Where each cell ends in `text`.
    pub ends: Vec<usize>,
    /// The column of a quoted cell with text after its closing quote.
    pub stray_quote: Option<u32>,
}

/// Why no further record can be read.
#[derive(Debug)]
pub(super) enum Broken {
    Input(io::Error),
    /// The quote that opens in this cell is open when the file ends.
    UnclosedQuote(Address),
    /// A cell above one of the limits, in words.
    TooLong(Address, &'static str),
    /// This row has more cells than a worksheet has columns.
    TooWide(u32),
    /// This row has more text than any real one.
    TooMuchText(u32),
}

/// The records of a text.
pub(super) struct Lexer<R> {
    input: R,
    delimiter: u8,
    /// The number of the row that the next byte belongs to.
    row: u32,
    /// Whether the last byte was a CR, whose LF may follow.
    after_cr: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    BetweenRows,
    CellStart,
    Plain,
    Quoted,
    /// After a quote inside a quoted cell: its end, or the first of two.
    QuoteSeen,
}

impl<R: BufRead> Lexer<R> {
    pub fn new(input: R, delimiter: u8) -> Self {
        Lexer { input, delimiter, row: 1, after_cr: false }
    }

    /// Counts anew: what comes next is row 1.
    pub fn begin_counting(&mut self, record: &mut Record) {
        self.row = 1;
        record.row = 0;
    }

    /// Reads the next record that is not a blank line. False at the end.
    pub fn read(&mut self, record: &mut Record) -> Result<bool, Broken> {
        record.text.clear();
        record.ends.clear();
        record.stray_quote = None;
        let delimiter = self.delimiter;
        let mut state = State::BetweenRows;
        let mut lines = 0;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok([]) => return record.finished(state),
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Broken::Input(error)),
            };
            let mut at = 0;
            let mut ended = false;
            while at < chunk.len() && !ended {
                let byte = chunk[at];
                match state {
                    State::BetweenRows => match byte {
                        b'\n' if self.after_cr => at += 1,
                        b'\n' | b'\r' => {
                            self.row += 1;
                            at += 1;
                        }
                        _ => {
                            record.row = self.row;
                            state = State::CellStart;
                        }
                    },
                    State::CellStart if byte == b'"' => {
                        state = State::Quoted;
                        lines = 0;
                        at += 1;
                    }
                    State::CellStart | State::Plain => {
                        let rest = &chunk[at..];
                        let length = memchr::memchr3(delimiter, b'\n', b'\r', rest).unwrap_or(rest.len());
                        record.take(&rest[..length])?;
                        at += length;
                        state = State::Plain;
                        if let Some(&end) = rest.get(length) {
                            record.end_cell()?;
                            state = State::CellStart;
                            ended = end != delimiter;
                            at += 1;
                        }
                    }
                    State::Quoted => {
                        let rest = &chunk[at..];
                        let length = memchr::memchr(b'"', rest).unwrap_or(rest.len());
                        lines += line_feeds(&rest[..length]);
                        if lines > LINE_FEEDS_MAX {
                            return Err(Broken::TooLong(record.address(), "253 line breaks"));
                        }
                        record.take(&rest[..length])?;
                        at += length;
                        if at < chunk.len() {
                            state = State::QuoteSeen;
                            at += 1;
                        }
                    }
                    State::QuoteSeen => match byte {
                        b'"' => {
                            record.take(b"\"")?;
                            state = State::Quoted;
                            at += 1;
                        }
                        b' ' => at += 1,
                        _ => {
                            if byte != delimiter && byte != b'\n' && byte != b'\r' {
                                record.stray_quote.get_or_insert(record.address().column);
                            }
                            state = State::Plain;
                        }
                    },
                }
                self.after_cr = at > 0 && chunk[at - 1] == b'\r';
            }
            self.input.consume(at);
            if ended {
                self.row += 1;
                return Ok(true);
            }
        }
    }
}

impl Record {
    /// Adds text to the cell that is being read.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        self.text.extend_from_slice(bytes);
        // Characters are counted when the cell ends; until then it is enough not to take in whole files.
        match () {
            () if self.cell_bytes() > CHARACTERS_MAX * UTF8_BYTES_MAX => Err(self.too_long()),
            () if self.text.len() > ROW_BYTES_MAX => Err(Broken::TooMuchText(self.row)),
            () => Ok(()),
        }
    }

    fn end_cell(&mut self) -> Result<(), Broken> {
        let bytes = self.cell_bytes();
        if bytes > CHARACTERS_MAX && characters(&self.text[self.text.len() - bytes..]) > CHARACTERS_MAX {
            return Err(self.too_long());
        }
        if self.ends.len() >= CELLS_MAX {
            return Err(Broken::TooWide(self.row));
        }
        self.ends.push(self.text.len());
        Ok(())
    }

    fn cell_bytes(&self) -> usize {
        self.text.len() - self.ends.last().copied().unwrap_or(0)
    }

    fn too_long(&self) -> Broken {
        Broken::TooLong(self.address(), "32,767 characters")
    }

    /// What the end of the file means.
    fn finished(&mut self, state: State) -> Result<bool, Broken> {
        match state {
            State::BetweenRows => Ok(false),
            State::Quoted => Err(Broken::UnclosedQuote(self.address())),
            State::CellStart | State::Plain | State::QuoteSeen => {
                self.end_cell()?;
                Ok(true)
            }
        }
    }

    /// The cell that is being read.
    fn address(&self) -> Address {
        Address { column: u32::try_from(self.ends.len()).unwrap_or(u32::MAX), row: self.row }
    }
}

/// How many line feeds there are.
pub(super) fn line_feeds(text: &[u8]) -> usize {
    text.iter().map(|&byte| usize::from(byte == b'\n')).sum()
}

/// Characters of a text in UTF-8 as Excel counts them: all bytes but those that continue one, and those that begin one
/// of four bytes twice.
fn characters(text: &[u8]) -> usize {
    text.iter().map(|&byte| usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::{BufReader, Cursor};

    fn read(text: &str, buffer_bytes: usize) -> Result<Vec<(u32, Vec<String>)>, Broken> {
        let mut records = Lexer::new(BufReader::with_capacity(buffer_bytes, Cursor::new(text)), b',');
        let mut record = Record::default();
        let mut rows = Vec::new();
        while records.read(&mut record)? {
            let mut start = 0;
            let cells = record.ends.iter().map(|&end| {
                let cell = String::from_utf8_lossy(&record.text[start..end]).into_owned();
                start = end;
                cell
            });
            let mut cells: Vec<String> = cells.collect();
            if let Some(column) = record.stray_quote {
                cells.push(format!("stray quote in {column}"));
            }
            rows.push((record.row, cells));
        }
        Ok(rows)
    }

    fn check(text: &str, expected: &[(u32, &[&str])]) {
        for buffer_bytes in [1, 2, 3, 7, 4096] {
            let rows = read(text, buffer_bytes).unwrap();
            let rows: Vec<(u32, Vec<&str>)> =
                rows.iter().map(|(row, cells)| (*row, cells.iter().map(String::as_str).collect())).collect();
            let expected: Vec<(u32, Vec<&str>)> = expected.iter().map(|(row, cells)| (*row, cells.to_vec())).collect();
            assert_eq!(rows, expected, "{text:?} in pieces of {buffer_bytes}");
        }
    }

    fn check_broken(text: &str, expected: &str) {
        for buffer_bytes in [1, 5, 4096] {
            let told = match read(text, buffer_bytes).unwrap_err() {
                Broken::Input(error) => error.to_string(),
                Broken::UnclosedQuote(at) => format!("{at} unclosed"),
                Broken::TooLong(at, limit) => format!("{at} above {limit}"),
                Broken::TooWide(row) => format!("row {row} is too wide"),
                Broken::TooMuchText(row) => format!("row {row} has too much text"),
            };
            assert_eq!(told, expected);
        }
    }

    #[test]
    fn rows_are_numbered_as_excel_shows_them() {
        check("a,b\n1,2\n", &[(1, &["a", "b"]), (2, &["1", "2"])]);
        check("a\n\n\n1", &[(1, &["a"]), (4, &["1"])]);
        check("\r\n\r\na\r\n\r\n1\r\n", &[(3, &["a"]), (5, &["1"])]);
        check("a\r1\r\r2", &[(1, &["a"]), (2, &["1"]), (4, &["2"])]);
        check("a\n\"x\ny\r\nz\",2\n3", &[(1, &["a"]), (2, &["x\ny\r\nz", "2"]), (3, &["3"])]);
        check("a\n,\n1", &[(1, &["a"]), (2, &["", ""]), (3, &["1"])]);
        check("", &[]);
        check("\n\r\n", &[]);
    }

    #[test]
    fn quotes() {
        check(r#""a,1","b ""c""",5" pipe"#, &[(1, &["a,1", r#"b "c""#, r#"5" pipe"#])]);
        check("\"a\" ,\"\"\n", &[(1, &["a", ""])]);
        check("x,\"a\"b,c\n1", &[(1, &["x", "ab", "c", "stray quote in 1"]), (2, &["1"])]);
        check("1,\"x,5\n2,\"y\",6\n", &[(1, &["1", "x,5\n2,y\"", "6", "stray quote in 1"])]);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_told_with_its_place() {
        check_broken("a,b\n1,\"2\n3,4\n", "B2 unclosed");
        check_broken("a\n\"", "A2 unclosed");
        check_broken(&format!("a\nx,\"{}", "1,2\n".repeat(300)), "B2 above 253 line breaks");
        check_broken(&format!("a\n\n{},b", "é".repeat(32_768)), "A3 above 32,767 characters");
        check(&format!("\"{}\"", "\n".repeat(253)), &[(1, &["\n".repeat(253).as_str()])]);
        check_broken(&format!("a\n{}", ",".repeat(16_384)), "row 2 is too wide");
        check_broken(&format!("a\n{}", "\u{1F600}".repeat(16_384)), "A2 above 32,767 characters");
        check_broken(&format!("a\n{}", format!("{},", "x".repeat(32_767)).repeat(513)), "row 2 has too much text");
        check(&"é".repeat(32_767), &[(1, &["é".repeat(32_767).as_str()])]);
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a-c\",\r\n é]{0,6}", 2..4), 0..6),
            buffer_bytes in 1_usize..20,
        ) {
            let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let read: Vec<Vec<String>> = read(&text, buffer_bytes).unwrap().into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(read, rows);
        }
    }
}
