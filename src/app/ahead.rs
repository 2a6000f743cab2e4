//! The open rows in sheet order, fetched and understood on a thread of their own, a little ahead of who takes them:
//! requests under way do not wait for it.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::run::Run;
use super::sense::Sense;
use crate::domain::earlier::Earlier;
use crate::engine::Pending;
use crate::ledger::{Entry, Ledger, LedgerError, State};

/// Rows that are handed over at once.
const ROWS_AT_ONCE: u32 = 256;
/// How many of these wait to be taken.
const AHEAD: usize = 1;

/// An open row as it is understood by itself.
pub struct Open {
    /// What is to be done.
    pub pending: Pending,
    /// In a plan, which rows are one write with it.
    pub group: Option<String>,
}

type Handed = Result<Vec<Open>, LedgerError>;

/// The open rows ahead.
pub struct Ahead {
    handed: Option<Receiver<Handed>>,
    thread: Option<JoinHandle<()>>,
}

impl Ahead {
    /// Begins with the first open row.
    pub fn of(run: &Run) -> Result<Ahead, LedgerError> {
        let (ledger, sense) = (run.ledger.again()?, run.sense.apart());
        let (sender, handed) = sync_channel(AHEAD);
        let thread = thread::spawn(move || hand_over(&ledger, &sense, &sender));
        Ok(Ahead { handed: Some(handed), thread: Some(thread) })
    }

    /// The next rows; none at the end.
    pub fn take(&mut self) -> Handed {
        match self.handed.as_ref().map(Receiver::recv) {
            Some(Ok(handed)) => handed,
            // A thread that panics hands over nothing either.
            Some(Err(_)) | None => self.end().map_or_else(|panic| resume_unwind(panic), |()| Ok(Vec::new())),
        }
    }

    fn end(&mut self) -> thread::Result<()> {
        // Otherwise the thread might wait for somebody to take its rows.
        self.handed = None;
        self.thread.take().map_or(Ok(()), JoinHandle::join)
    }
}

impl Drop for Ahead {
    /// Waits until the thread has let go of the ledger.
    fn drop(&mut self) {
        let _ = self.end();
    }
}

impl Open {
    /// What a row of a run asks for, with what is known of it.
    pub fn of(entry: Entry, sense: &Sense) -> Open {
        let Entry { row, referral, base, remarks, state } = entry;
        let group = sense.group(&row);
        let mut request = sense.request_again(&row, referral, base);
        request.remark(&remarks);
        let prior = match state {
            State::InDoubt(intent, _) => Some(*intent),
            State::NotDone | State::Done(_) => None,
        };
        Open { pending: Pending { request, prior, earlier: Earlier::default() }, group }
    }
}

fn hand_over(ledger: &Ledger, sense: &Sense, sender: &SyncSender<Handed>) {
    let mut last = 0;
    loop {
        let open = match ledger.open_rows_behind(last, ROWS_AT_ONCE) {
            Ok(entries) => entries.into_iter().map(|entry| Open::of(entry, sense)).collect::<Vec<_>>(),
            Err(error) => {
                // Who wants no more does not want to know why either.
                let _ = sender.send(Err(error));
                return;
            }
        };
        let Some(end) = open.last() else { return };
        last = end.pending.request.row;
        if sender.send(Ok(open)).is_err() {
            return;
        }
    }
}
