//! Which character stands between cells.

use std::collections::BTreeMap;
use std::io::Cursor;

use super::super::heading;
use super::record::{Lexer, Record};
use crate::domain::cell::{Cell, Row};

/// In the order that decides when nothing else does.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
const RECORDS_LOOKED_AT: usize = 50;

/// The beginning of a text.
pub(super) struct Sample {
    pub text: Vec<u8>,
    pub is_whole: bool,
}

/// What a first line `sep=;` says.
pub(super) fn declared(text: &[u8]) -> Option<u8> {
    let (word, rest) = text.split_at_checked(4)?;
    match rest {
        [delimiter, end @ ..] if word.eq_ignore_ascii_case(b"sep=") && matches!(end, [] | [b'\r' | b'\n', ..]) => {
            Some(*delimiter)
        }
        _ => None,
    }
}

/// The candidate that finds most of the known headings; else the one that cuts the rows into most alike pieces.
pub(super) fn find(sample: &Sample, is_heading: &dyn Fn(&str) -> bool) -> u8 {
    let mut best = (CANDIDATES[0], (0, 0, 0));
    for delimiter in CANDIDATES {
        let score = score(sample, delimiter, is_heading);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

/// Known headings; then records that have as many cells as the headings are, or without known headings, as most
/// records have; then that number of cells.
fn score(sample: &Sample, delimiter: u8, is_heading: &dyn Fn(&str) -> bool) -> (usize, usize, usize) {
    let mut rows = Vec::new();
    let mut records = Lexer::new(Cursor::new(&sample.text), delimiter);
    let mut record = Record::default();
    while rows.len() < RECORDS_LOOKED_AT && records.read(&mut record).unwrap_or(false) {
        rows.push(row(&record));
    }
    if !sample.is_whole && rows.len() < RECORDS_LOOKED_AT {
        rows.pop();
    }
    let found = heading::find(&rows, is_heading);
    let (known, width) = found.map_or((0, 0), |found| (found.known, found.width));
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    for row in &rows {
        *widths.entry(row.cells.len()).or_default() += 1;
    }
    if known > 0 {
        return (known, widths.get(&width).copied().unwrap_or_default(), width);
    }
    widths.remove(&1);
    let (width, alike) = widths.into_iter().max_by_key(|&(width, count)| (count, width)).unwrap_or_default();
    (0, alike, width)
}

fn row(record: &Record) -> Row {
    let mut start = 0;
    let cells = record.ends.iter().map(|&end| {
        let text = String::from_utf8_lossy(&record.text[start..end]).into_owned();
        start = end;
        if text.trim().is_empty() { Cell::Blank } else { Cell::Text(text) }
    });
    Row { number: record.row, cells: cells.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: char) {
        let sample = Sample { text: text.into(), is_whole: true };
        let found = find(&sample, &|text| ["Id", "Name", "Deal value"].contains(&text));
        assert_eq!(char::from(found), expected, "{text:?}");
    }

    #[test]
    fn delimiters_are_found() {
        check("Id,Name\n1,x;y;z\n2,a;b;c\n", ',');
        check("Id;Name\n1;2,5\n2;3,5\n", ';');
        check("Id\tName\n1\tx, y\n", '\t');
        check("Id|Name\n", '|');
        check("Id\n1\n2\n", ',');
        check("Id\na;b\nc;d\n", ',');
        check("a;b\n1,5;2\n2,5;3\n", ';');
        check("\"a;b\",\"c;d\"\n\"1;2\",3\n", ',');
        check("Report, of May\nId;Name\n1;2\n", ';');
        check("", ',');
    }

    #[test]
    fn a_separator_line_is_obeyed() {
        assert_eq!(declared(b"sep=;\r\nId;Name"), Some(b';'));
        assert_eq!(declared(b"SEP=|\nId"), Some(b'|'));
        assert_eq!(declared(b"sep=,"), Some(b','));
        assert_eq!(declared(b"sep=abc\n"), None);
        assert_eq!(declared(b"sep"), None);
        assert_eq!(declared("sepä".as_bytes()), None);
    }
}
