//! Which row holds the headings.

use crate::domain::cell::{Cell, Row};

/// How many of the first filled rows are looked at. Titles, dates and notes above a table take fewer.
pub(super) const ROWS_LOOKED_AT: usize = 20;

/// One heading of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Its column, counted from 0.
    pub column: u32,
    /// Its text, trimmed.
    pub text: String,
}

/// The row of headings among the first rows of a sheet.
#[derive(Debug)]
pub(super) struct Found {
    /// The row's number.
    pub row: u32,
    /// Its filled cells.
    pub headings: Vec<Heading>,
    /// How many cells the row has, blank ones included.
    pub width: usize,
    /// How many headings the program knows; none when the row is only the first filled one.
    pub known: usize,
    /// Filled rows above it.
    pub above: usize,
}

/// The first row in which at least half of the filled cells are known headings; if there is none, the first filled row.
pub(super) fn find(first_rows: &[Row], is_heading: &dyn Fn(&str) -> bool) -> Option<Found> {
    let candidates = first_rows.iter().filter(|row| !row.is_blank()).take(ROWS_LOOKED_AT);
    let mut first = None;
    for (above, row) in candidates.enumerate() {
        let headings = headings(row);
        let known = headings.iter().filter(|heading| is_heading(&heading.text)).count();
        let is_it = known > 0 && known * 2 >= headings.len();
        let found =
            Found { row: row.number, width: row.cells.len(), known: if is_it { known } else { 0 }, above, headings };
        if is_it {
            return Some(found);
        }
        first.get_or_insert(found);
    }
    first
}

impl Found {
    /// What to tell the user about the rows above, if there are any.
    pub fn notice(&self) -> Option<String> {
        let rows = match self.above {
            0 => return None,
            1 => "1 row",
            _ => "the rows",
        };
        Some(format!(
            "the headings are in row {}; {rows} above it {} not read",
            self.row,
            if self.above == 1 { "is" } else { "are" }
        ))
    }
}

fn headings(row: &Row) -> Vec<Heading> {
    let filled = (0..).zip(&row.cells).filter(|(_, cell)| !cell.is_blank());
    filled.map(|(column, cell): (u32, &Cell)| Heading { column, text: cell.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[&[&str]], expected: Option<(u32, usize)>) {
        let rows: Vec<Row> = (1..)
            .zip(rows)
            .map(|(number, cells)| Row { number, cells: cells.iter().map(|text| Cell::Text((*text).into())).collect() })
            .collect();
        let found = find(&rows, &|text| ["Id", "Name", "Deal value"].contains(&text));
        assert_eq!(found.map(|found| (found.row, found.known)), expected);
    }

    #[test]
    fn the_row_of_headings_is_the_first_that_is_half_known() {
        check(&[&["Id", "Name"], &["1", "2"]], Some((1, 2)));
        check(&[&["Referrals of May"], &["", ""], &["Id", "Colour"], &["1", "2"]], Some((3, 1)));
        check(&[&["Id", "of", "what"], &["a", "b", "c"]], Some((1, 0)));
        check(&[&["", " "], &["x", "y"]], Some((2, 0)));
        check(&[&[""]], None);
        let mut late: Vec<&[&str]> = vec![&["x"]; ROWS_LOOKED_AT];
        late.push(&["Id"]);
        check(&late, Some((1, 0)));
    }

    #[test]
    fn blank_headings_are_not_listed() {
        let row = Row { number: 1, cells: vec![Cell::Text(" Id ".into()), Cell::Blank, Cell::Number(2026.0)] };
        let found = find(&[row], &|_| false).unwrap();
        assert_eq!(
            found.headings,
            [Heading { column: 0, text: "Id".into() }, Heading { column: 2, text: "2026".into() }]
        );
        assert_eq!(found.notice(), None);
    }
}
