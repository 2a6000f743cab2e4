//! CSV as Excel opens it right: UTF-8 with a byte order mark, CRLF, and no text that Excel would take for a formula.
//!
//! The guard: a text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe in front,
//! unless it is a plain number. So that nothing is lost, a text that already has apostrophes before such a character
//! gets one more, and reading (`unguarded`) takes exactly one off.

use std::borrow::Cow;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::out::{Out, exact_number, fitting};
use super::replace::{self, SaveError};
use crate::domain::cell::Cell;

const GUARDED: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A CSV file being written. It appears under its name when it is saved; dropped before, it leaves nothing.
pub struct CsvFile {
    path: PathBuf,
    writer: ::csv::Writer<BufWriter<NamedTempFile>>,
}

impl CsvFile {
    /// Begins a file with its headings.
    pub fn create(path: &Path, headings: &[&str]) -> Result<CsvFile, SaveError> {
        let mut output = BufWriter::new(replace::beside(path)?);
        output.write_all(BYTE_ORDER_MARK).map_err(|error| SaveError::new(path, error))?;
        let mut builder = ::csv::WriterBuilder::new();
        let writer = builder.terminator(::csv::Terminator::CRLF).flexible(true).from_writer(output);
        let mut file = CsvFile { path: path.to_owned(), writer };
        let headings: Vec<Out<'_>> = headings.iter().map(|heading| Out::Text(heading)).collect();
        file.row(&headings)?;
        Ok(file)
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[Out<'_>]) -> Result<(), SaveError> {
        let failed = |error: ::csv::Error| SaveError::new(&self.path, error);
        for cell in cells {
            self.writer.write_field(text(cell).as_bytes()).map_err(failed)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(failed)
    }

    /// Puts the file under its name, or under `name (2).csv` if that is locked. Returns where it is.
    pub fn save(self) -> Result<PathBuf, SaveError> {
        let path = self.path;
        let output = self.writer.into_inner().map_err(|error| SaveError::new(&path, error.into_error()))?;
        let file = output.into_inner().map_err(|error| SaveError::new(&path, error.into_error()))?;
        replace::put_in_place(file, &path)
    }
}

fn text<'a>(cell: &Out<'a>) -> Cow<'a, str> {
    match *cell {
        Out::Blank => Cow::Borrowed(""),
        Out::Text(text) | Out::Link { text, .. } => guarded(fitting(text)),
        Out::Number(number) => Cow::Owned(number.to_string()),
        Out::Digits(digits) => guarded(Cow::Borrowed(digits)),
        Out::DateTime(at) => Cow::Owned(Cell::DateTime(at).to_string()),
        Out::Cell(Cell::Text(text)) => guarded(fitting(text)),
        Out::Cell(Cell::Unevaluated) => Cow::Borrowed(super::out::NOT_AVAILABLE),
        Out::Cell(cell) => Cow::Owned(cell.to_string()),
    }
}

fn guarded(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.trim_start_matches('\'').starts_with(GUARDED) && exact_number(&text).is_none() {
        return Cow::Owned(format!("'{text}"));
    }
    text
}

/// The text without the apostrophe of the guard.
pub(super) fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(GUARDED) => rest,
        Some(_) | None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        let check = |text: &str, expected: &str| {
            assert_eq!(guarded(Cow::Borrowed(text)), expected);
            assert_eq!(unguarded(expected), text);
        };
        check("=1+1", "'=1+1");
        check("+1 425 555 0100", "'+1 425 555 0100");
        check("-Infinity", "'-Infinity");
        check("@cmd", "'@cmd");
        check("\t=1", "'\t=1");
        check("-5", "-5");
        check("+1.5", "+1.5");
        check("'=1", "''=1");
        check("'quoted'", "'quoted'");
        check("a=1", "a=1");
    }

    proptest! {
        #[test]
        fn the_guard_loses_nothing(text in "['=+@a5\t-]{0,5}") {
            let guarded = guarded(Cow::Borrowed(text.as_str())).into_owned();
            prop_assert_eq!(unguarded(&guarded), text.as_str());
            prop_assert!(!guarded.starts_with(GUARDED) || exact_number(&guarded).is_some());
        }
    }

    #[test]
    fn a_file_is_marked_quoted_and_ended_as_excel_likes_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let mut file = CsvFile::create(&path, &["Id", "Name, full"]).unwrap();
        file.row(&[Out::Text("1"), Out::Text("a \"b\"\nc")]).unwrap();
        file.row(&[Out::Blank]).unwrap();
        file.row(&[Out::Digits("-12500.50"), Out::Link { url: "https://x", text: "@x" }]).unwrap();
        assert!(!path.exists());
        assert_eq!(file.save().unwrap(), path);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "\u{FEFF}Id,\"Name, full\"\r\n1,\"a \"\"b\"\"\nc\"\r\n\"\"\r\n-12500.50,'@x\r\n");
    }
}
