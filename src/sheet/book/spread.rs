//! How much an `.ods` would take in memory, found without holding it.
//!
//! Its reader makes a full rectangle of each worksheet, from the first filled cell to the last, and writes a repeated
//! text as often as it is repeated. A few lines of XML can ask for thousands of millions of cells, so all is counted
//! first, from the tags alone. The reader also waits forever for the end of a worksheet that is cut off.

use std::io::{self, Read};

use super::markup::{Markup, Tag};
use super::reader::Trouble;

/// A million rows of twenty columns; about 1 GB in the reader.
const CELLS_MAX: u64 = 20_000_000;
/// Fewer if most of them are blank or repeated; about 400 MB in the reader.
const SPARSE_CELLS_MAX: u64 = 6_000_000;
/// From here on cells count as sparse: so many for each one that is written.
const CELLS_PER_WRITTEN: u64 = 4;
/// What repeated texts take, the first of each aside. The reader has them up to three times.
const REPEATED_BYTES_MAX: u64 = 128 << 20;

/// What worksheets take in memory.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// All cells of the rectangles, blank ones included.
    pub cells: u64,
    /// Those that the file writes one by one.
    pub written: u64,
    /// Bytes of texts as often as they are repeated, and those that the file spells out.
    pub text_bytes: u64,
    pub spelled_bytes: u64,
}

impl Extent {
    /// Refuses what would take more memory than is sensible.
    pub fn check(&self) -> Result<(), Trouble> {
        let is_sparse = self.cells > self.written.saturating_mul(CELLS_PER_WRITTEN);
        if self.cells > if is_sparse { SPARSE_CELLS_MAX } else { CELLS_MAX } {
            return Err(Trouble::TooLarge("there are too many cells between its first and its last".to_owned()));
        }
        if self.text_bytes.saturating_sub(self.spelled_bytes) > REPEATED_BYTES_MAX {
            return Err(Trouble::TooLarge("its texts are repeated too often".to_owned()));
        }
        Ok(())
    }
}

/// Refuses a `content.xml` that would take too much memory or that breaks off.
pub(super) fn check(content: impl Read) -> Result<(), Trouble> {
    let mut count = Count::default();
    if !count.all(content).map_err(Trouble::damaged)? {
        return Err(Trouble::damaged("a worksheet breaks off"));
    }
    count.extent.check()
}

#[derive(Default)]
struct Count {
    extent: Extent,
    table: Table,
    /// The row at hand.
    row: Row,
    cell: Option<Cell>,
}

/// The cell at hand.
struct Cell {
    repeats: u64,
    /// The bytes of its text so far, and those of them that are spelled out: many spaces are only counted.
    text_bytes: u64,
    spelled_bytes: u64,
}

/// The worksheet at hand.
#[derive(Default)]
struct Table {
    /// Rows so far, blank ones included.
    rows: u64,
    /// Where the first filled row stands.
    first: Option<u64>,
    /// Rows from the first filled one to the last, and the widest of them.
    filled_rows: u64,
    width: u64,
}

#[derive(Default)]
struct Row {
    repeats: u64,
    /// Columns so far.
    columns: u64,
    /// Columns up to the last filled one, and those that the reader holds: it leaves out what is blank at the end.
    width: u64,
    held: u64,
    text_bytes: u64,
}

impl Count {
    /// Goes through it to its end. False if it breaks off in the middle of something.
    fn all(&mut self, content: impl Read) -> io::Result<bool> {
        let mut markup = Markup::new(content);
        let mut tables = 0_u64;
        while let Some(tag) = markup.next()? {
            if let Some(cell) = &mut self.cell {
                cell.text_bytes = cell.text_bytes.saturating_add(tag.bytes_before);
                cell.spelled_bytes += tag.bytes_before;
            }
            let (begins, ends) = (!tag.is_end(), tag.is_end() || tag.is_empty());
            match tag.name() {
                b"table:table" => {
                    if begins && tables == 0 {
                        self.table = Table::default();
                    }
                    tables = (tables + u64::from(begins)).saturating_sub(u64::from(ends));
                    if ends && tables == 0 {
                        self.end_table();
                    }
                }
                b"table:table-row" => {
                    if begins {
                        self.row = Row { repeats: tag.number("table:number-rows-repeated"), ..Row::default() };
                    }
                    if ends {
                        self.end_row();
                    }
                }
                b"table:table-cell" | b"table:covered-table-cell" => {
                    if begins {
                        self.begin_cell(&tag);
                    }
                    if ends {
                        self.end_cell();
                    }
                }
                b"text:s" => {
                    if let Some(cell) = &mut self.cell {
                        cell.text_bytes = cell.text_bytes.saturating_add(tag.number("text:c"));
                    }
                }
                _ => {}
            }
        }
        self.end_table();
        Ok(markup.is_whole())
    }

    fn begin_cell(&mut self, tag: &Tag<'_>) {
        let repeats = tag.number("table:number-columns-repeated");
        let row = &mut self.row;
        row.held = row.columns;
        row.columns = row.columns.saturating_add(repeats);
        let is_filled = ["office:", "calcext:", "table:formula"].iter().any(|attribute| tag.mentions(attribute));
        if is_filled {
            row.width = row.columns;
            row.held = row.columns;
            self.extent.written += 1;
        }
        self.cell = Some(Cell { repeats, text_bytes: tag.bytes(), spelled_bytes: tag.bytes() });
    }

    fn end_cell(&mut self) {
        let Some(Cell { repeats, text_bytes, spelled_bytes }) = self.cell.take() else { return };
        self.row.text_bytes = self.row.text_bytes.saturating_add(text_bytes.saturating_mul(repeats));
        self.extent.spelled_bytes += spelled_bytes;
    }

    fn end_row(&mut self) {
        let (table, row) = (&mut self.table, std::mem::take(&mut self.row));
        if row.width > 0 {
            let first = *table.first.get_or_insert(table.rows);
            table.filled_rows = table.rows.saturating_add(row.repeats).saturating_sub(first);
            table.width = table.width.max(row.width);
            let bytes = row.text_bytes.saturating_mul(row.repeats);
            self.extent.text_bytes = self.extent.text_bytes.saturating_add(bytes);
        }
        table.rows = table.rows.saturating_add(row.repeats);
        self.extent.cells = self.extent.cells.saturating_add(row.held);
    }

    fn end_table(&mut self) {
        let table = std::mem::take(&mut self.table);
        self.extent.cells = self.extent.cells.saturating_add(table.filled_rows.saturating_mul(table.width));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(rows: &str) -> Extent {
        let mut count = Count::default();
        let content = format!("<x><table:table table:name=\"a\">{rows}</table:table></x>");
        assert!(count.all(content.as_bytes()).unwrap(), "{rows}");
        count.extent
    }

    fn row(cells: &str) -> String {
        format!("<table:table-row>{cells}</table:table-row>")
    }

    fn blank(times: u64) -> String {
        format!("<table:table-cell table:number-columns-repeated=\"{times}\"/>")
    }

    const FILLED: &str = r#"<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>"#;
    const GAP: &str = r#"<table:table-row table:number-rows-repeated="999"><table:table-cell/></table:table-row>"#;

    #[test]
    fn the_rectangle_between_filled_cells_counts() {
        let check = |rows: &str, expected: u64| assert_eq!(counted(rows).cells, expected, "{rows}");
        check("", 0);
        check(GAP, 0);
        check(&row(&format!("{FILLED}{FILLED}{}", blank(16_382))), 2 + 2);
        check(&format!("{GAP}{}{GAP}{}{GAP}", row(FILLED), row(&format!("{}{FILLED}", blank(9)))), 1 + 10 + 1001 * 10);
        let often = "<table:table-row table:number-rows-repeated=\"1000000\">";
        check(&row(FILLED).replace("<table:table-row>", often), 1 + 1_000_000);
        let without_type = "<table:table-cell office:value = '1' table:number-columns-repeated = '7'/>";
        check(&row(without_type), 7 + 7);
        // What is blank at the end of a row is left out, what is blank before that is not.
        check(&row(&format!("{}{}", blank(16_000), blank(384))), 16_000);
    }

    #[test]
    fn repeated_texts_count_as_often_as_they_are_repeated() {
        let cell = FILLED.replace("office:", "table:number-columns-repeated=\"10\" office:");
        let rows = row(&cell).replace("<table:table-row>", "<table:table-row table:number-rows-repeated=\"100\">");
        let extent = counted(&rows);
        assert_eq!(extent.written, 1);
        assert_eq!(extent.text_bytes, 1000 * extent.spelled_bytes);
        let extent = counted(&row(&FILLED.replace(">a<", "><text:s text:c=\"5000000000\"/><")));
        assert_eq!(extent.text_bytes, extent.spelled_bytes + 5_000_000_000);
    }

    #[test]
    fn few_cells_may_not_take_as_much_room_as_many() {
        let check = |cells, written, text_bytes| {
            let extent = Extent { cells, written, text_bytes, spelled_bytes: 1000 };
            extent.check().map_err(|trouble| trouble.of("x").to_string())
        };
        let sparse = "`x` is too large to read: there are too many cells between its first and its last";
        assert_eq!(check(SPARSE_CELLS_MAX, 2, 0), Ok(()));
        assert_eq!(check(SPARSE_CELLS_MAX + 1, 2, 0).unwrap_err(), sparse);
        assert_eq!(check(CELLS_MAX, CELLS_MAX / 4, 0), Ok(()));
        assert_eq!(check(CELLS_MAX + 1, CELLS_MAX, 0).unwrap_err(), sparse);
        assert_eq!(check(1, 1, REPEATED_BYTES_MAX + 1000), Ok(()));
        assert_eq!(
            check(1, 1, REPEATED_BYTES_MAX + 1001).unwrap_err(),
            "`x` is too large to read: its texts are repeated too often"
        );
    }

    #[test]
    fn what_breaks_off_is_told() {
        let is_whole = |content: &str| Count::default().all(content.as_bytes()).unwrap();
        assert!(is_whole("<table:table><table:table-row/></table:table>"));
        assert!(is_whole("<table:table/>"));
        assert!(!is_whole("<table:table><table:table-row/>"));
        assert!(!is_whole("<table:table><table:table-row/><!-- </table:table> -->"));
        assert!(!is_whole("<table:table><office:annotation>"));
        let crossed = "<table:table><table:table-cell></table:table></table:table-cell>";
        assert!(Count::default().all(crossed.as_bytes()).is_err());
    }
}
