//! How many cells an `.ods` would take in memory, found without holding them.
//!
//! Its reader makes a full rectangle of each worksheet, from the first filled cell to the last. A few lines of XML can
//! ask for thousands of millions of cells, so they are counted first, from the tags alone.

use std::io::{self, BufRead, BufReader, Read};

/// A million rows of twenty columns; about 1 GB in the reader.
pub(super) const CELLS_MAX: u64 = 20_000_000;
/// Longer tags do not occur; what is longer is text.
const TAG_BYTES_MAX: usize = 64 * 1024;

/// The worksheet that is being counted.
#[derive(Default)]
struct Table {
    /// Rows and columns so far, blank ones included.
    rows: u64,
    columns: u64,
    /// Rows from the first filled one to the last, and the widest of them.
    filled_rows: u64,
    width: u64,
    /// Where the first filled row stands.
    first: Option<u64>,
    /// How often the row at hand repeats, and how far it is filled.
    repeats: u64,
    row_width: u64,
}

/// The cells of all worksheets of a `content.xml`, which is read to its end.
pub(super) fn cells(content: impl Read) -> io::Result<u64> {
    let mut input = BufReader::new(content);
    let mut table = Table::default();
    let mut total: u64 = 0;
    let mut tag = Vec::new();
    loop {
        input.skip_until(b'<')?;
        tag.clear();
        let length = input.by_ref().take(TAG_BYTES_MAX as u64).read_until(b'>', &mut tag)?;
        if length == 0 {
            return Ok(total);
        }
        let name = tag.split(|byte| b" \t\r\n/>".contains(byte)).find(|part| !part.is_empty()).unwrap_or_default();
        let is_end = tag.starts_with(b"/");
        match (name, is_end) {
            (b"table:table", false) => table = Table::default(),
            (b"table:table-row", false) => table.begin_row(number(&tag, b"table:number-rows-repeated=\"")),
            (b"table:table-cell" | b"table:covered-table-cell", false) => {
                let is_filled = contains(&tag, b"office:value-type=") || contains(&tag, b"table:formula=");
                table.cell(number(&tag, b"table:number-columns-repeated=\""), is_filled);
            }
            (b"table:table-row", true) => {
                table.end_row();
                total = total.saturating_add(table.row_width);
            }
            (b"table:table", true) => total = total.saturating_add(table.filled_rows.saturating_mul(table.width)),
            _ => {}
        }
    }
}

impl Table {
    fn begin_row(&mut self, repeats: u64) {
        self.repeats = repeats;
        self.columns = 0;
        self.row_width = 0;
    }

    fn cell(&mut self, repeats: u64, is_filled: bool) {
        self.columns = self.columns.saturating_add(repeats);
        if is_filled {
            self.row_width = self.columns;
        }
    }

    fn end_row(&mut self) {
        if self.row_width > 0 {
            let first = *self.first.get_or_insert(self.rows);
            self.filled_rows = self.rows.saturating_add(self.repeats).saturating_sub(first);
            self.width = self.width.max(self.row_width);
        }
        self.rows = self.rows.saturating_add(self.repeats);
    }
}

fn contains(tag: &[u8], part: &[u8]) -> bool {
    tag.windows(part.len()).any(|window| window == part)
}

/// The number that an attribute says; 1 without it.
fn number(tag: &[u8], attribute: &[u8]) -> u64 {
    let Some(at) = tag.windows(attribute.len()).position(|window| window == attribute) else { return 1 };
    let digits = tag[at + attribute.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: u64, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &str, expected: u64) {
        let content = format!("<x><table:table table:name=\"a\">{rows}</table:table></x>");
        assert_eq!(cells(content.as_bytes()).unwrap(), expected, "{rows}");
    }

    #[test]
    fn the_rectangle_between_filled_cells_counts() {
        let filled = r#"<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>"#;
        let row = |cells: &str| format!("<table:table-row>{cells}</table:table-row>");
        let blank = |times: u64| format!("<table:table-cell table:number-columns-repeated=\"{times}\"/>");
        let gap = r#"<table:table-row table:number-rows-repeated="999"><table:table-cell/></table:table-row>"#;
        check("", 0);
        check(gap, 0);
        check(&row(&format!("{filled}{filled}{}", blank(16_382))), 2 + 2);
        check(&format!("{gap}{}{gap}{}{gap}", row(filled), row(&format!("{}{filled}", blank(9)))), 1 + 10 + 1001 * 10);
        check(
            &row(filled).replace("<table:table-row>", "<table:table-row table:number-rows-repeated=\"1000000\">"),
            1 + 1_000_000,
        );
    }
}
