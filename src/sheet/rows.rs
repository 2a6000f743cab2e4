//! The stream of rows, whatever the file: in batches, or one by one.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::vec::IntoIter;

use crate::domain::cell::Row;

use super::SheetError;
use super::book::Piece;
use super::csv::{CsvBatches, Records, Unread};

/// Rows of a batch that is held in memory.
const BATCH_ROWS: usize = 256;

/// A row that is there but cannot be taken as it stands. The others are not touched by it.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFault {
    /// What could be read of it, to show it to the user again.
    pub row: Row,
    /// What is wrong, as a fragment: `the row has 5 cells but the headings are 3; the surplus begins at D7`.
    pub message: String,
}

/// A row, or why it is none. The fault is boxed because it is rare and rows are many.
pub(super) type Taken = Result<Row, Box<RowFault>>;

/// The rows of a sheet from the top; see [`Sheet::rows`](super::Sheet::rows).
pub struct Rows {
    batches: Batches,
    batch: RowsOfBatch,
}

/// The same in batches; see [`Sheet::batches`](super::Sheet::batches).
pub struct Batches(Inner);

enum Inner {
    Csv(CsvBatches),
    /// In memory.
    Held {
        rows: Arc<[Taken]>,
        next: usize,
    },
    /// From a thread of its own.
    Streamed(Receiver<Result<Batch, SheetError>>),
    Ended,
}

/// Rows that stand below one another. To take them apart is work that any thread can do.
pub struct Batch(Content);

enum Content {
    Unread(Unread),
    Piece(Piece),
    Rows(Vec<Taken>),
}

/// The rows of a batch.
pub struct RowsOfBatch(Left);

enum Left {
    Unread(Records),
    Rows(IntoIter<Taken>),
}

impl Batches {
    pub(super) fn streamed(batches: Receiver<Result<Batch, SheetError>>) -> Batches {
        Batches(Inner::Streamed(batches))
    }

    pub(super) fn held(rows: Arc<[Taken]>) -> Batches {
        Batches(Inner::Held { rows, next: 0 })
    }
}

impl From<CsvBatches> for Batches {
    fn from(batches: CsvBatches) -> Batches {
        Batches(Inner::Csv(batches))
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match &mut self.0 {
            Inner::Csv(batches) => batches.next().map(|batch| batch.map(|unread| Batch(Content::Unread(unread)))),
            Inner::Held { rows, next } => {
                let left = &rows[*next..];
                let batch = left.get(..left.len().min(BATCH_ROWS)).filter(|batch| !batch.is_empty());
                *next += BATCH_ROWS.min(left.len());
                batch.map(|batch| Ok(Batch::from(batch.to_vec())))
            }
            Inner::Streamed(batches) => batches.recv().ok(),
            Inner::Ended => None,
        };
        if !matches!(next, Some(Ok(_))) {
            self.0 = Inner::Ended;
        }
        next
    }
}

/// Puts rows together to batches again.
pub fn batched(
    mut rows: impl Iterator<Item = Result<Result<Row, Box<RowFault>>, SheetError>>,
) -> impl Iterator<Item = Result<Batch, SheetError>> {
    let mut failure = None;
    std::iter::from_fn(move || {
        let mut batch = Vec::new();
        while failure.is_none() && batch.len() < BATCH_ROWS {
            match rows.next() {
                Some(Ok(row)) => batch.push(row),
                Some(Err(error)) => failure = Some(error),
                None => break,
            }
        }
        match batch.is_empty() {
            true => failure.take().map(Err),
            false => Some(Ok(Batch::from(batch))),
        }
    })
}

impl From<Piece> for Batch {
    fn from(piece: Piece) -> Batch {
        Batch(Content::Piece(piece))
    }
}

impl From<Vec<Taken>> for Batch {
    fn from(rows: Vec<Taken>) -> Batch {
        Batch(Content::Rows(rows))
    }
}

impl IntoIterator for Batch {
    type Item = Result<Row, Box<RowFault>>;
    type IntoIter = RowsOfBatch;

    fn into_iter(self) -> RowsOfBatch {
        RowsOfBatch(match self.0 {
            Content::Unread(unread) => Left::Unread(unread.into_records()),
            Content::Piece(piece) => Left::Rows(piece.into_rows().into_iter()),
            Content::Rows(rows) => Left::Rows(rows.into_iter()),
        })
    }
}

impl Iterator for RowsOfBatch {
    type Item = Result<Row, Box<RowFault>>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Left::Unread(records) => records.next(),
            Left::Rows(rows) => rows.next(),
        }
    }
}

impl From<Batches> for Rows {
    fn from(batches: Batches) -> Rows {
        Rows { batches, batch: Batch::from(Vec::new()).into_iter() }
    }
}

impl Iterator for Rows {
    type Item = Result<Result<Row, Box<RowFault>>, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.batch.next() {
                return Some(Ok(row));
            }
            match self.batches.next()? {
                Ok(batch) => self.batch = batch.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_can_be_read_on_another_thread() {
        fn is_send<T: Send + 'static>() {}
        is_send::<Rows>();
        is_send::<Batch>();
    }
}
