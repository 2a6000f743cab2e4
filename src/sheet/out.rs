//! What can be written into a cell, of a workbook or of a CSV file.

use std::borrow::Cow;

use jiff::civil::DateTime;

use super::limits::{CHARACTERS_MAX, fits};
use crate::domain::cell::Cell;

/// Stands at the end of a text that was longer.
const CUT: &str = " … (cut)";
/// More digits than this a spreadsheet rounds.
const DIGITS_MAX: usize = 15;

/// One cell to be written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Out<'a> {
    /// Nothing.
    Blank,
    /// Text, whatever it looks like: never a formula, never a number.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A decimal number in digits (`12500.50`). It becomes a number if a spreadsheet can hold it exactly, else text.
    Digits(&'a str),
    /// A date, or a date with a time.
    DateTime(DateTime),
    /// Text that leads somewhere. In CSV only the text.
    Link {
        /// An `https` or `http` address.
        url: &'a str,
        /// What is shown.
        text: &'a str,
    },
    /// A cell of a sheet that was read. It reads the same again; only a formula without a result comes back as `#N/A`.
    Cell(&'a Cell),
}

/// The error value written for what has no value.
pub(super) const NOT_AVAILABLE: &str = "#N/A";

/// The number that the digits say, if a spreadsheet holds it exactly.
pub(super) fn exact_number(digits: &str) -> Option<f64> {
    let significant = digits.trim_start_matches(['-', '+', '0', '.']);
    let count = significant.bytes().filter(u8::is_ascii_digit).count();
    let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
    if count > DIGITS_MAX || !is_decimal {
        return None;
    }
    digits.parse().ok()
}

/// The text as far as a cell can hold it.
pub(super) fn fitting(text: &str) -> Cow<'_, str> {
    if fits(text) {
        return Cow::Borrowed(text);
    }
    let mut left = CHARACTERS_MAX - CUT.encode_utf16().count();
    let kept = text.chars().take_while(|letter| {
        let is_kept = letter.len_utf16() <= left;
        left = left.saturating_sub(letter.len_utf16());
        is_kept
    });
    Cow::Owned(kept.chain(CUT.chars()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_a_number_where_a_spreadsheet_keeps_them() {
        assert_eq!(exact_number("12500.50"), Some(12500.5));
        assert_eq!(exact_number("-0.000000000000000000123"), Some(-1.23e-19));
        assert_eq!(exact_number("123456789012345"), Some(123_456_789_012_345.0));
        assert_eq!(exact_number("1234567890123456"), None);
        assert_eq!(exact_number("1e5"), None);
        assert_eq!(exact_number("inf"), None);
        assert_eq!(exact_number(""), None);
    }

    #[test]
    fn long_text_is_cut_where_one_sees_it() {
        assert_eq!(fitting("short"), "short");
        let full = "é".repeat(CHARACTERS_MAX);
        assert_eq!(fitting(&full), full);
        let cut = fitting(&"é".repeat(CHARACTERS_MAX + 1)).into_owned();
        assert_eq!(cut.chars().count(), CHARACTERS_MAX);
        assert!(cut.ends_with("é … (cut)"));
        let cut = fitting(&"\u{1F600}".repeat(CHARACTERS_MAX / 2 + 1)).into_owned();
        assert!(cut.encode_utf16().count() <= CHARACTERS_MAX);
        assert!(cut.ends_with("\u{1F600} … (cut)"));
    }
}
