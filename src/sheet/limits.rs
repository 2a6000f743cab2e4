//! What a cell and a row can hold, read or written.

/// Excel's limit for the text of a cell, in UTF-16 code units: most emoji count twice.
pub(super) const CHARACTERS_MAX: usize = 32_767;
/// All texts of a row together. Real rows have a thousandth of it; more is a trap, and a few hundred rows are in memory
/// at a time.
pub(super) const ROW_BYTES_MAX: usize = 16 << 20;

/// Whether a cell can hold a text.
pub(super) fn fits(text: &str) -> bool {
    text.len() <= CHARACTERS_MAX || text.encode_utf16().count() <= CHARACTERS_MAX
}
