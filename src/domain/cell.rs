//! Rows and cells of a sheet, before anyone has asked what they mean.

use std::fmt;

use jiff::civil::DateTime;

/// What one cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing, or nothing that one can see.
    Blank,
    /// Text, not yet trimmed. All that a CSV file has.
    Text(String),
    /// A number of a workbook, as the workbook stores it: a double.
    Number(f64),
    /// A date, or a date with a time, of a workbook, whatever its display format. It has no time zone.
    DateTime(DateTime),
    /// `TRUE` or `FALSE` of a workbook.
    Boolean(bool),
    /// An error such as `#N/A`, by the name that the workbook shows.
    Error(String),
    /// A formula whose result the writing program did not store.
    Unevaluated,
}

/// One row of a sheet below its headings.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The number that a person sees beside the row; the first line of the file is 1.
    pub number: u32,
    /// The cells from column A on. Shorter than the headings when the row ends early.
    pub cells: Vec<Cell>,
}

/// Where a cell stands, printed as `C17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// Column, counted from 0.
    pub column: u32,
    /// Row as a person sees it, counted from 1.
    pub row: u32,
}

/// A rectangle of cells, printed as `C4:D6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Its upper left cell.
    pub first: Address,
    /// Its lower right cell.
    pub last: Address,
}

impl Row {
    /// The cell of a column (counted from 0), blank when the row is shorter.
    pub fn cell(&self, column: u32) -> &Cell {
        self.cells.get(column as usize).unwrap_or(&Cell::Blank)
    }

    /// Whether nothing is written in it.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

impl Cell {
    /// Whether it is empty or holds only what nobody sees.
    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Blank => true,
            Cell::Text(text) => text.chars().all(is_space),
            Cell::Number(_) | Cell::DateTime(_) | Cell::Boolean(_) | Cell::Error(_) | Cell::Unevaluated => false,
        }
    }
}

impl fmt::Display for Cell {
    /// The cell as a message quotes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Blank => Ok(()),
            Cell::Text(text) => f.write_str(text.trim_matches(is_space)),
            Cell::Number(number) => write!(f, "{number}"),
            Cell::DateTime(at) if at.time() == jiff::civil::Time::midnight() => at.date().fmt(f),
            Cell::DateTime(at) => write!(f, "{} {}", at.date(), at.time()),
            Cell::Boolean(true) => f.write_str("TRUE"),
            Cell::Boolean(false) => f.write_str("FALSE"),
            Cell::Error(name) => f.write_str(name),
            Cell::Unevaluated => f.write_str("a formula without a result"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", column_letters(self.column), self.row)
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.first, self.last)
    }
}

/// Whether a letter shows nothing: white space, no-break and zero-width spaces, joiners, marks of direction.
pub fn is_space(letter: char) -> bool {
    // Nearly all letters are asked about, and nearly all are of ASCII.
    if letter.is_ascii() {
        return matches!(letter, ' ' | '\t'..='\r');
    }
    letter.is_whitespace()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The letters above a column (counted from 0): A, B, … Z, AA, …
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + u8::try_from(left % 26).expect("a remainder of 26 fits")));
        left /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_like_a_spreadsheet() {
        let letters: Vec<String> = [0, 25, 26, 51, 52, 701, 702, 16_383].into_iter().map(column_letters).collect();
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]);
        let first = Address { column: 2, row: 17 };
        assert_eq!(first.to_string(), "C17");
        assert_eq!(Area { first, last: Address { column: 27, row: 18 } }.to_string(), "C17:AB18");
    }
}
