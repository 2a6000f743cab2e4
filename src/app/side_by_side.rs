//! The ledgers of one sheet, one or several, gone through at once in the order of its rows. Each is read on a thread of
//! its own, a few rows ahead of what is made of them, so that any number of rows takes no more memory than that.

use std::iter;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::error::{Failure, Kind};
use crate::ledger::{Entry, Ledger, LedgerError};

/// Rows that are handed over at once.
const ROWS_AT_ONCE: usize = 64;
/// How many of these are read ahead.
const AHEAD: usize = 2;

type Handed = Result<Vec<Entry>, LedgerError>;

/// Why a ledger is not read any further.
enum End {
    Unreadable(LedgerError),
    /// Nobody wants the rest.
    Unwanted,
}

/// Calls back with every row of the ledgers, by its number. `names` are what the ledgers are called; a row that two of
/// them have is an error.
pub fn each_entry(
    ledgers: Vec<Ledger>,
    names: &[String],
    mut each: impl FnMut(Entry) -> Result<(), Failure>,
) -> Result<(), Failure> {
    thread::scope(|scope| {
        let read = |ledger: Ledger| {
            let (sender, receiver) = sync_channel(AHEAD);
            scope.spawn(move || hand_over(&ledger, &sender));
            rows(receiver).peekable()
        };
        let mut sources: Vec<_> = ledgers.into_iter().map(read).collect();
        let mut last = None;
        loop {
            // What cannot be read comes first.
            let next = sources.iter_mut().enumerate().filter_map(|(at, source)| {
                let row = source.peek()?.as_ref().map_or(0, |entry| entry.row.number);
                Some((row, at))
            });
            let Some((row, at)) = next.min() else { return Ok(()) };
            let Some(entry) = sources[at].next().transpose()? else { return Ok(()) };
            if let Some((_, other)) = last.replace((row, at)).filter(|(earlier, _)| *earlier == row) {
                let error = format!("row {row} is in `{}` and in `{}`, too", names[other], names[at]);
                return Err(Failure::new(Kind::Stopped, error));
            }
            each(entry)?;
        }
    })
}

fn hand_over(ledger: &Ledger, sender: &SyncSender<Handed>) {
    let mut rows = Vec::with_capacity(ROWS_AT_ONCE);
    let read = ledger.each_entry(|entry| {
        rows.push(entry);
        if rows.len() < ROWS_AT_ONCE {
            return Ok(());
        }
        let full = std::mem::replace(&mut rows, Vec::with_capacity(ROWS_AT_ONCE));
        sender.send(Ok(full)).map_err(|_| End::Unwanted)
    });
    // Who wants no more does not want to know why either.
    let _ = match read {
        Ok(()) => sender.send(Ok(rows)),
        Err(End::Unreadable(error)) => sender.send(Err(error)),
        Err(End::Unwanted) => Ok(()),
    };
}

fn rows(receiver: Receiver<Handed>) -> impl Iterator<Item = Result<Entry, LedgerError>> {
    receiver.into_iter().flat_map(|handed| match handed {
        Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(error) => iter::once(Err(error)).collect(),
    })
}

impl From<LedgerError> for End {
    fn from(error: LedgerError) -> Self {
        End::Unreadable(error)
    }
}
