//! Why a sheet cannot be read, or not any further.

use std::borrow::Cow;
use std::error::Error;
use std::io;

use super::stranger::Stranger;
use crate::domain::cell::Address;

/// A sheet that cannot be read. Each variant names the file as [`Sheet::name`](super::Sheet::name) does.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
pub enum SheetError {
    /// The system did not let us read it.
    #[error("cannot read `{file}`")]
    Unreadable { file: String, source: io::Error },
    /// Not one byte in it, or nothing but white space.
    #[error("`{file}` is empty")]
    Empty { file: String },
    /// Some other kind of file.
    #[error("`{file}` is not a spreadsheet but {found}")]
    NotASheet { file: String, found: Stranger },
    /// A workbook behind a password.
    #[error("`{file}` is protected by a password")]
    Password { file: String },
    /// A workbook that contradicts itself: a checksum, a structure, a reference.
    #[error("`{file}` is damaged")]
    Damaged { file: String, source: Box<dyn Error + Send + Sync> },
    /// A workbook that would need more memory than is sensible.
    #[error("`{file}` is too large to read: {found}")]
    TooLarge { file: String, found: String },
    /// A workbook with something in it that we would not see.
    #[error("`{file}` has {found}, which cannot be read")]
    Unsupported { file: String, found: &'static str },
    /// The worksheet that was asked for is not there.
    #[error("`{file}` has no worksheet {wanted}; it has {}", in_words(.present))]
    NoSuchWorksheet { file: String, wanted: String, present: Vec<String> },
    /// Charts or macros at most.
    #[error("`{file}` has no worksheet")]
    NoWorksheet { file: String },
    /// No visible worksheet with anything in it.
    #[error("`{file}` has no visible worksheet with anything in it{}", and_hidden(.hidden))]
    NoContent { file: String, hidden: Vec<String> },
    /// The worksheet that was asked for has nothing in it.
    #[error("the worksheet `{worksheet}` of `{file}` is empty")]
    EmptyWorksheet { file: String, worksheet: String },
    /// Headings, and nothing below that was to be read.
    #[error("`{file}` has no {}rows below its headings (row {heading_row}){}", visible(*.left_out), and_hidden_rows(*.left_out))]
    NoRows { file: String, heading_row: u32, left_out: u32 },
    /// A text that begins as UTF-8 and does not go on so.
    #[error("line {line} of `{file}` is not UTF-8, though text before it is")]
    MixedEncoding { file: String, line: u64 },
    /// A quoted CSV cell that never ends.
    #[error("the quote that opens in {at} of `{file}` is never closed")]
    UnclosedQuote { file: String, at: Address },
    /// A CSV cell longer than any spreadsheet allows.
    #[error("the cell {at} of `{file}` has more than {limit}")]
    CellTooLong { file: String, at: Address, limit: &'static str },
    /// A CSV row of more cells than a worksheet has columns: not a table, or its line ends are missing.
    #[error("row {row} of `{file}` has more than 16,384 cells")]
    RowTooWide { file: String, row: u32 },
    /// A CSV row of more text than any sheet has in one.
    #[error("row {row} of `{file}` has more than 16 MB of text")]
    RowTooLong { file: String, row: u32 },
    /// Someone wrote to the file while we read it.
    #[error("`{file}` changed while it was being read")]
    Changed { file: String },
}

impl SheetError {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<Cow<'static, str>> {
        let hint = match self {
            SheetError::Unreadable { .. }
            | SheetError::Empty { .. }
            | SheetError::NoSuchWorksheet { .. }
            | SheetError::RowTooWide { .. }
            | SheetError::RowTooLong { .. } => return None,
            SheetError::NoRows { left_out: 0, .. } => "fill in a row for each referral",
            SheetError::NoRows { .. } => "leave --visible-only away to take the hidden rows",
            SheetError::NotASheet { found, .. } => found.hint(),
            SheetError::Password { .. } => "open it in Excel, remove the password and save it again",
            SheetError::Damaged { .. } => {
                "get the file once more, or open it in Excel, let Excel repair it and save it"
            }
            SheetError::Unsupported { .. } => "open it in Excel or LibreOffice and save it as .xlsx",
            SheetError::TooLarge { .. } => "save the worksheet as CSV, which can be of any length",
            SheetError::NoWorksheet { .. } => "look at it in Excel: only worksheets can be read, not charts or macros",
            SheetError::NoContent { hidden, .. } => match hidden.first() {
                Some(name) => return Some(format!("a hidden one is read when it is named: --sheet \"{name}\"").into()),
                None => return None,
            },
            SheetError::EmptyWorksheet { .. } => "leave --sheet away to take the first worksheet with known headings",
            SheetError::MixedEncoding { .. } => "save it again as `CSV UTF-8`",
            SheetError::UnclosedQuote { .. } | SheetError::CellTooLong { .. } => {
                "look for a quote (\") that is opened and not closed; inside a quoted cell it is written twice"
            }
            SheetError::Changed { .. } => "work on a copy that nobody else writes to",
        };
        Some(hint.into())
    }
}

fn in_words(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn and_hidden(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("; hidden: {}", in_words(names)) }
}

fn visible(rows_left_out: u32) -> &'static str {
    if rows_left_out > 0 { "visible " } else { "" }
}

fn and_hidden_rows(hidden: u32) -> String {
    match hidden {
        0 => String::new(),
        1 => "; 1 is hidden".to_owned(),
        rows => format!("; {rows} are hidden"),
    }
}
