//! Rows and columns of a sheet that are passed over: said, because somebody may have meant something by them.

use std::collections::BTreeSet;

use crate::domain::cell::{Row, column_letters};
use crate::sheet::{RowFault, Sheet};

/// What is passed over, so far.
pub struct Gaps {
    /// Columns with a heading.
    headed: BTreeSet<u32>,
    /// Columns without one in which something is written.
    nameless: BTreeSet<u32>,
    /// The last row that is not blank.
    last_row: u32,
    blank_rows: u32,
    first_blank_row: Option<u32>,
    /// Whether rows may be missing because they are hidden.
    has_rows_left_out: bool,
}

impl Gaps {
    /// Below the headings of a sheet.
    pub fn of(sheet: &Sheet) -> Gaps {
        Gaps {
            headed: sheet.headings.iter().map(|heading| heading.column).collect(),
            nameless: BTreeSet::new(),
            last_row: sheet.heading_row,
            blank_rows: 0,
            first_blank_row: None,
            has_rows_left_out: sheet.rows_left_out > 0,
        }
    }

    /// Takes the next row into account. What is wrong with a faulty one is said elsewhere.
    pub fn note(&mut self, row: &Result<Row, Box<RowFault>>) {
        let number = row.as_ref().map_or_else(|fault| fault.row.number, |row| row.number);
        let blank = number.saturating_sub(self.last_row + 1);
        if blank > 0 {
            self.blank_rows += blank;
            self.first_blank_row.get_or_insert(self.last_row + 1);
        }
        self.last_row = number;
        let Ok(row) = row else { return };
        for (column, cell) in (0..).zip(&row.cells) {
            if !cell.is_blank() && !self.headed.contains(&column) {
                self.nameless.insert(column);
            }
        }
    }

    /// In words.
    pub fn notices(&self) -> Vec<String> {
        let last = self.headed.last().copied().unwrap_or_default();
        let blank: Vec<u32> =
            (0..last).filter(|column| !self.headed.contains(column) && !self.nameless.contains(column)).collect();
        let nameless: Vec<u32> = self.nameless.iter().copied().collect();
        let rows = self.first_blank_row.filter(|_| !self.has_rows_left_out).map(|first| match self.blank_rows {
            1 => format!("row {first} is blank"),
            count => format!("{count} rows between others are blank, the first is row {first}"),
        });
        let columns = [
            in_words(&blank, "is blank", "are blank"),
            in_words(&nameless, "has no heading and is not read", "have no heading and are not read"),
        ];
        rows.into_iter().chain(columns.into_iter().flatten()).collect()
    }
}

/// `column A is …`, `columns A, C and D are …`.
fn in_words(columns: &[u32], is: &str, are: &str) -> Option<String> {
    let names: Vec<String> = columns.iter().map(|column| column_letters(*column)).collect();
    match names.as_slice() {
        [] => None,
        [name] => Some(format!("column {name} {is}")),
        [names @ .., last] => Some(format!("columns {} and {last} {are}", names.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cell::Cell;

    fn check(headed: &[u32], rows: &[(u32, &[&str])], expected: &[&str]) {
        let mut gaps = Gaps {
            headed: headed.iter().copied().collect(),
            nameless: BTreeSet::new(),
            last_row: 1,
            blank_rows: 0,
            first_blank_row: None,
            has_rows_left_out: false,
        };
        for (number, cells) in rows {
            let cells = cells.iter().map(|text| Cell::Text((*text).to_owned())).collect();
            gaps.note(&Ok(Row { number: *number, cells }));
        }
        assert_eq!(gaps.notices(), expected);
    }

    #[test]
    fn what_is_passed_over_is_said() {
        check(&[0, 1], &[(2, &["1", "a"]), (3, &["2"])], &[]);
        check(&[0, 1], &[(3, &["1", "a"]), (4, &["2"])], &["row 2 is blank"]);
        check(&[0], &[(2, &["1"]), (5, &["1"]), (8, &["1"])], &["4 rows between others are blank, the first is row 3"]);
        check(&[1, 3], &[(2, &["", "1", "", "a"])], &["columns A and C are blank"]);
        check(
            &[1, 2],
            &[(2, &["0", "1", "a", " ", "x", "y"])],
            &["columns A, E and F have no heading and are not read"],
        );
        check(&[1], &[(2, &["0", "1"])], &["column A has no heading and is not read"]);
    }
}
