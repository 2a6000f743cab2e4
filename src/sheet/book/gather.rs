//! Cells, as they come from the file, to rows.

use std::ops::ControlFlow;

use crate::domain::cell::{Address, Cell, Row};

use super::super::limits::{ROW_BYTES_MAX, fits};
use super::super::rows::{RowFault, Taken};
use super::reader::Trouble;

/// Batches that the reading thread may be ahead of the caller.
pub(super) const BATCHES_AHEAD: usize = 4;
/// Rows sent at once.
const BATCH_ROWS: usize = 256;
/// Cells sent at once, so that a few very wide rows do not pile up.
const BATCH_CELLS: usize = 16 * 1024;
/// Text sent at once, for the same reason.
const BATCH_TEXT_BYTES: usize = 1 << 20;

/// Excel's last row and column, counted from 0.
const LAST: (u32, u32) = (1_048_575, 16_383);

/// Where rows go; it can ask to stop.
pub(super) type Give<'g> = &'g mut dyn FnMut(Taken) -> ControlFlow<()>;

/// Puts cells that come in reading order together to rows. Rows without a filled cell are not given.
pub(super) struct Gather<'g> {
    give: Give<'g>,
    row: Row,
    /// Bytes of the row's texts.
    text_bytes: usize,
    /// What is wrong with the row at hand, and with the next one.
    fault: Option<String>,
    fault_of_next: Option<String>,
}

impl<'g> Gather<'g> {
    pub fn new(give: Give<'g>) -> Self {
        Gather { give, row: Row { number: 0, cells: Vec::new() }, text_bytes: 0, fault: None, fault_of_next: None }
    }

    /// Takes the cell at (row, column), both counted from 0.
    pub fn cell(&mut self, at: (u32, u32), cell: Cell) -> Result<ControlFlow<()>, Trouble> {
        if at.0 > LAST.0 || at.1 > LAST.1 {
            return Err(Trouble::damaged(format!("a cell in row {}, column {}", at.0 + 1, at.1 + 1)));
        }
        let number = at.0 + 1;
        if number < self.row.number {
            return Err(Trouble::damaged(format!("row {number} stands behind row {}", self.row.number)));
        }
        if number > self.row.number {
            if self.give_row().is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.row.number = number;
            self.text_bytes = 0;
            self.fault = self.fault_of_next.take();
        }
        if matches!(cell, Cell::Blank) {
            return Ok(ControlFlow::Continue(()));
        }
        let column = at.1 as usize;
        if column >= self.row.cells.len() {
            self.row.cells.resize(column + 1, Cell::Blank);
        }
        if !matches!(self.row.cells[column], Cell::Blank) {
            return Err(Trouble::damaged(format!("the cell {} is there twice", address(at))));
        }
        if let Cell::Text(text) = &cell {
            self.take_text(text, at)?;
        }
        self.row.cells[column] = cell;
        Ok(ControlFlow::Continue(()))
    }

    fn take_text(&mut self, text: &str, at: (u32, u32)) -> Result<(), Trouble> {
        if !fits(text) {
            self.fault.get_or_insert_with(|| format!("the cell {} has more than 32,767 characters", address(at)));
        }
        self.text_bytes += text.len();
        if self.text_bytes > ROW_BYTES_MAX {
            return Err(Trouble::TooLarge(format!("row {} has more than 16 MB of text", at.0 + 1)));
        }
        Ok(())
    }

    /// A cell that cannot be read and whose place is not known, except that it comes after the last one: it stands in
    /// the same row or in the next.
    pub fn unreadable_cell(&mut self, what: &str) {
        let message = format!("a cell of this row or of the one next to it holds {what}");
        self.fault.get_or_insert(message.clone());
        self.fault_of_next = Some(message);
    }

    /// Gives the last row.
    pub fn finish(mut self) {
        // Whether the receiver wants more does not matter: there is no more.
        let _ = self.give_row();
    }

    fn give_row(&mut self) -> ControlFlow<()> {
        let row = Row { number: self.row.number, cells: std::mem::take(&mut self.row.cells) };
        match self.fault.take() {
            Some(message) if row.number > 0 => (self.give)(Err(Box::new(RowFault { row, message }))),
            Some(_) | None if row.cells.is_empty() => ControlFlow::Continue(()),
            Some(_) | None => (self.give)(Ok(row)),
        }
    }
}

fn address((row, column): (u32, u32)) -> Address {
    Address { column, row: row + 1 }
}

/// Collects rows to batches.
#[derive(Default)]
pub(super) struct Batches {
    rows: Vec<Taken>,
    cells: usize,
    text_bytes: usize,
}

impl Batches {
    /// Adds a row; a batch that is full comes back.
    pub fn add(&mut self, row: Taken) -> Option<Vec<Taken>> {
        let cells = row.as_ref().map_or_else(|fault| &fault.row.cells, |row| &row.cells);
        self.cells += cells.len();
        self.text_bytes += cells.iter().map(text_bytes).sum::<usize>();
        self.rows.push(row);
        let is_full = self.rows.len() >= BATCH_ROWS || self.cells >= BATCH_CELLS || self.text_bytes >= BATCH_TEXT_BYTES;
        is_full.then(|| self.rest())
    }

    /// What has been collected since.
    pub fn rest(&mut self) -> Vec<Taken> {
        self.cells = 0;
        self.text_bytes = 0;
        std::mem::take(&mut self.rows)
    }
}

fn text_bytes(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) => text.len(),
        Cell::Blank | Cell::Number(_) | Cell::DateTime(_) | Cell::Boolean(_) | Cell::Error(_) | Cell::Unevaluated => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(cells: &[((u32, u32), Cell)], unreadable_after: Option<usize>) -> Vec<String> {
        let mut told = Vec::new();
        let mut give = |row: Taken| {
            told.push(match row {
                Ok(row) => format!("{}: {} cells", row.number, row.cells.len()),
                Err(fault) => format!("{}: fault", fault.row.number),
            });
            ControlFlow::Continue(())
        };
        let mut gather = Gather::new(&mut give);
        for (index, (at, cell)) in cells.iter().enumerate() {
            if let Err(trouble) = gather.cell(*at, cell.clone()) {
                told.push(trouble.of("x").to_string());
                return told;
            }
            if unreadable_after == Some(index) {
                gather.unreadable_cell("#SPILL!");
            }
        }
        gather.finish();
        told
    }

    #[test]
    fn cells_become_rows() {
        let number = || Cell::Number(1.0);
        let cells = [((0, 0), number()), ((0, 2), number()), ((1, 0), Cell::Blank), ((4, 16_383), number())];
        assert_eq!(gathered(&cells, None), ["1: 3 cells", "5: 16384 cells"]);
        assert_eq!(gathered(&cells, Some(1)), ["1: fault", "2: fault", "5: 16384 cells"]);
        assert_eq!(gathered(&[((3, 0), number()), ((2, 0), number())], None), ["`x` is damaged"]);
        assert_eq!(gathered(&[((0, 16_384), number())], None), ["`x` is damaged"]);
        assert_eq!(gathered(&[((0, 1), number()), ((0, 0), number()), ((0, 1), number())], None), ["`x` is damaged"]);
        assert!(gathered(&[], None).is_empty());
    }

    #[test]
    fn long_texts_are_told_and_very_many_are_refused() {
        let text = |length| Cell::Text("x".repeat(length));
        let cells = [((0, 0), text(32_767)), ((1, 0), text(32_768)), ((2, 0), text(1))];
        assert_eq!(gathered(&cells, None), ["1: 1 cells", "2: fault", "3: 1 cells"]);
        let mut wide: Vec<((u32, u32), Cell)> = (0..520).map(|column| ((0, column), text(32_767))).collect();
        assert_eq!(gathered(&wide, None), ["`x` is too large to read: row 1 has more than 16 MB of text"]);
        wide.retain(|((_, column), _)| *column < 500);
        assert_eq!(gathered(&wide, None), ["1: 500 cells"]);
    }

    #[test]
    fn a_batch_is_full_when_its_texts_are() {
        let row = |number| Ok(Row { number, cells: vec![Cell::Text("x".repeat(400_000))] });
        let mut batches = Batches::default();
        assert!(batches.add(row(1)).is_none());
        assert!(batches.add(row(2)).is_none());
        assert_eq!(batches.add(row(3)).map(|batch| batch.len()), Some(3));
        assert!(batches.add(row(4)).is_none());
    }
}
