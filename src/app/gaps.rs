//! Rows and columns of a sheet that are passed over: said, because somebody may have meant something by them.

use std::collections::BTreeSet;

use crate::domain::cell::{Row, column_letters};
use crate::sheet::{RowFault, Sheet};

/// What is passed over, in some rows that stand below one another.
pub struct Gaps {
    /// Whether each column has a heading, up to the last one that has.
    headed: Vec<bool>,
    /// Columns without one in which something is written.
    nameless: BTreeSet<u32>,
    /// The first and the last row that is not blank.
    rows: Option<(u32, u32)>,
    blank_rows: u32,
    first_blank_row: Option<u32>,
    /// Whether rows may be missing because they are hidden.
    has_rows_left_out: bool,
}

impl Gaps {
    /// Below the headings of a sheet.
    pub fn of(sheet: &Sheet) -> Gaps {
        let columns: Vec<u32> = sheet.headings.iter().map(|heading| heading.column).collect();
        Gaps { rows: Some((sheet.heading_row, sheet.heading_row)), ..Gaps::under(&columns, sheet.rows_left_out > 0) }
    }

    /// In some rows further down.
    pub fn further_down(sheet: &Sheet) -> Gaps {
        Gaps { rows: None, ..Gaps::of(sheet) }
    }

    fn under(columns: &[u32], has_rows_left_out: bool) -> Gaps {
        let width = columns.iter().max().map_or(0, |last| last + 1);
        Gaps {
            headed: (0..width).map(|column| columns.contains(&column)).collect(),
            nameless: BTreeSet::new(),
            rows: None,
            blank_rows: 0,
            first_blank_row: None,
            has_rows_left_out,
        }
    }

    /// Takes rows into account that stand below all that have been.
    pub fn join(&mut self, below: Gaps) {
        if let Some((first, last)) = below.rows {
            self.note_number(first);
            self.rows = self.rows.map(|(first, _)| (first, last));
        }
        self.blank_rows += below.blank_rows;
        self.first_blank_row = self.first_blank_row.or(below.first_blank_row);
        self.nameless.extend(below.nameless);
    }

    /// Takes the next row into account. What is wrong with a faulty one is said elsewhere.
    pub fn note(&mut self, row: &Result<Row, Box<RowFault>>) {
        self.note_number(row.as_ref().map_or_else(|fault| fault.row.number, |row| row.number));
        let Ok(row) = row else { return };
        for (at, cell) in row.cells.iter().enumerate() {
            if !self.is_headed(at) && !cell.is_blank() {
                self.nameless.extend(u32::try_from(at).ok());
            }
        }
    }

    fn note_number(&mut self, number: u32) {
        let (first, last) = self.rows.unwrap_or((number, number));
        let blank = number.saturating_sub(last + 1);
        if blank > 0 {
            self.blank_rows += blank;
            self.first_blank_row.get_or_insert(last + 1);
        }
        self.rows = Some((first, number));
    }

    fn is_headed(&self, column: usize) -> bool {
        self.headed.get(column).copied().unwrap_or_default()
    }

    /// In words.
    pub fn notices(&self) -> Vec<String> {
        let nothing = |(column, is_headed): &(u32, &bool)| !**is_headed && !self.nameless.contains(column);
        let blank: Vec<u32> = (0..).zip(&self.headed).filter(nothing).map(|(column, _)| column).collect();
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

    /// As a whole, and in two parts wherever the rows can be cut.
    fn check(headed: &[u32], rows: &[(u32, &[&str])], expected: &[&str]) {
        for cut in 0..=rows.len() {
            let mut gaps = Gaps { rows: Some((1, 1)), ..Gaps::under(headed, false) };
            let mut below = Gaps::under(headed, false);
            for (at, (number, cells)) in rows.iter().enumerate() {
                let cells = cells.iter().map(|text| Cell::Text((*text).to_owned())).collect();
                let part = if at < cut { &mut gaps } else { &mut below };
                part.note(&Ok(Row { number: *number, cells }));
            }
            gaps.join(below);
            assert_eq!(gaps.notices(), expected, "cut at {cut}");
        }
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
