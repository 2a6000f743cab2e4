//! The stream of rows, whatever the file.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::domain::cell::Row;

use super::SheetError;
use super::csv::CsvRows;

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
pub struct Rows(Inner);

enum Inner {
    Csv(CsvRows),
    /// In memory.
    Held {
        rows: Arc<[Taken]>,
        next: usize,
    },
    /// From a thread of its own, in batches.
    Streamed {
        batches: Receiver<Batch>,
        batch: std::vec::IntoIter<Taken>,
    },
    Ended,
}

/// Rows on their way from the reading thread. An error is the last that comes.
pub(super) type Batch = Result<Vec<Taken>, SheetError>;

impl Rows {
    pub(super) fn streamed(batches: Receiver<Batch>) -> Rows {
        Rows(Inner::Streamed { batches, batch: Vec::new().into_iter() })
    }

    pub(super) fn held(rows: Arc<[Taken]>) -> Rows {
        Rows(Inner::Held { rows, next: 0 })
    }
}

impl From<CsvRows> for Rows {
    fn from(rows: CsvRows) -> Rows {
        Rows(Inner::Csv(rows))
    }
}

impl Iterator for Rows {
    type Item = Result<Result<Row, Box<RowFault>>, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match &mut self.0 {
            Inner::Csv(rows) => rows.next(),
            Inner::Held { rows, next } => {
                let row = rows.get(*next).cloned();
                *next += 1;
                row.map(Ok)
            }
            Inner::Streamed { batches, batch } => loop {
                if let Some(row) = batch.next() {
                    break Some(Ok(row));
                }
                match batches.recv() {
                    Ok(Ok(rows)) => *batch = rows.into_iter(),
                    Ok(Err(error)) => break Some(Err(error)),
                    Err(_) => break None,
                }
            },
            Inner::Ended => None,
        };
        if !matches!(next, Some(Ok(_))) {
            self.0 = Inner::Ended;
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_can_be_read_on_another_thread() {
        fn is_send<T: Send + 'static>() {}
        is_send::<Rows>();
    }
}
