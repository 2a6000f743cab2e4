//! The one writer of a running ledger: a thread that takes events and answers when they are on disk.
//!
//! Events that arrive while a commit is under way are committed together with the next one, so that durability costs
//! one flush for many rows.

use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot};

use super::{LedgerError, shape};
use crate::domain::event::{Event, Intent};

/// Events that one commit holds at most.
const COMMIT_EVENTS_MAX: usize = 512;

/// Something to be kept.
#[derive(Debug)]
pub enum Record {
    /// A write was shown to the person, or to the limits of the profile, and waits to be agreed to.
    Agreed(Intent),
    /// Something has happened.
    Event(Event),
}

/// Takes events and keeps them.
pub struct Recorder {
    sender: mpsc::Sender<Letter>,
    thread: JoinHandle<Result<(), LedgerError>>,
}

struct Letter {
    record: Record,
    written: oneshot::Sender<()>,
}

impl Recorder {
    pub(super) fn start(connection: Connection) -> Self {
        let (sender, receiver) = mpsc::channel(COMMIT_EVENTS_MAX);
        let thread = std::thread::spawn(move || write_all(connection, receiver));
        Recorder { sender, thread }
    }

    /// Keeps an event, or what was agreed to. True when it is on disk, false when it could not be written.
    pub async fn keep(&self, record: impl Into<Record>) -> bool {
        let (written, is_written) = oneshot::channel();
        self.sender.send(Letter { record: record.into(), written }).await.is_ok() && is_written.await.is_ok()
    }

    /// Ends the writing and says what went wrong with it, if anything did.
    pub fn close(self) -> Result<(), LedgerError> {
        drop(self.sender);
        self.thread.join().expect("the writer of a ledger does not panic")
    }
}

impl From<Event> for Record {
    fn from(event: Event) -> Self {
        Record::Event(event)
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
            match &letter.record {
                Record::Agreed(intent) => {
                    insert.execute(params![intent.row, "agreed", None::<&str>, shape::from_intent(intent)])?
                }
                Record::Event(Event::Intent(intent)) => {
                    insert.execute(params![intent.row, "intent", None::<&str>, shape::from_intent(intent)])?
                }
                Record::Event(Event::Withdrawn { row }) => {
                    insert.execute(params![row, "withdrawn", None::<&str>, "{}"])?
                }
                Record::Event(Event::Settled(settled)) => insert.execute(params![
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
