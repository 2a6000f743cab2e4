//! The one writer of a running ledger: a thread that takes events and answers when they are on disk.
//!
//! Events that arrive while a commit is under way are committed together with the next one, so that durability costs
//! one flush for many rows.

use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot};

use super::{LedgerError, shape};
use crate::domain::event::Event;

/// Events that one commit holds at most.
const COMMIT_EVENTS_MAX: usize = 512;

/// Takes events and keeps them.
pub struct Recorder {
    sender: mpsc::Sender<Letter>,
    thread: JoinHandle<Result<(), LedgerError>>,
}

struct Letter {
    event: Event,
    written: oneshot::Sender<()>,
}

impl Recorder {
    pub(super) fn start(connection: Connection) -> Self {
        let (sender, receiver) = mpsc::channel(COMMIT_EVENTS_MAX);
        let thread = std::thread::spawn(move || write_all(connection, receiver));
        Recorder { sender, thread }
    }

    /// Keeps an event. True when it is on disk, false when it could not be written.
    pub async fn keep(&self, event: Event) -> bool {
        let (written, is_written) = oneshot::channel();
        self.sender.send(Letter { event, written }).await.is_ok() && is_written.await.is_ok()
    }

    /// Ends the writing and says what went wrong with it, if anything did.
    pub fn close(self) -> Result<(), LedgerError> {
        drop(self.sender);
        self.thread.join().expect("the writer of a ledger does not panic")
    }
}

fn write_all(mut connection: Connection, mut receiver: mpsc::Receiver<Letter>) -> Result<(), LedgerError> {
    let mut letters = Vec::with_capacity(COMMIT_EVENTS_MAX);
    while receiver.blocking_recv_many(&mut letters, COMMIT_EVENTS_MAX) > 0 {
        // On an error the answers are dropped with the letters, which tells the askers.
        commit(&mut connection, &letters)?;
        for letter in letters.drain(..) {
            let _ = letter.written.send(());
        }
    }
    Ok(())
}

fn commit(connection: &mut Connection, letters: &[Letter]) -> Result<(), LedgerError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut insert =
            transaction.prepare_cached("INSERT INTO event (row, kind, outcome, body) VALUES (?1, ?2, ?3, ?4)")?;
        for letter in letters {
            match &letter.event {
                Event::Intent(intent) => {
                    insert.execute(params![intent.row, "intent", None::<&str>, shape::from_intent(intent)])?
                }
                Event::Withdrawn { row } => insert.execute(params![row, "withdrawn", None::<&str>, "{}"])?,
                Event::Settled(settled) => insert.execute(params![
                    settled.row,
                    "settled",
                    settled.outcome.word(),
                    shape::from_settled(settled)
                ])?,
            };
        }
    }
    transaction.commit()?;
    Ok(())
}
