//! The one writer of a running ledger: a thread that takes events and answers when they are on disk.
//!
//! Events that arrive while a commit is under way are committed together with the next one, so that durability costs
//! one flush for many rows.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::LedgerError;
use super::event::{Kept, Writer};
use crate::domain::event::{Event, Intent};

/// Events that one commit holds at most.
const COMMIT_EVENTS_MAX: usize = 512;

/// How long a commit waits at most for more to keep, which it costs little.
const GATHERING: Duration = Duration::from_millis(2);

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
    /// How many wait.
    waiting: Arc<AtomicUsize>,
    /// How many are enough for a commit.
    enough: usize,
    thread: JoinHandle<Result<(), LedgerError>>,
}

struct Letter {
    record: Record,
    /// Who waits until it is on disk.
    written: Option<oneshot::Sender<()>>,
}

impl Recorder {
    /// So many writes are in flight, or about to leave, at once at most.
    pub(super) fn start(connection: Connection, in_flight_max: usize) -> Self {
        let (sender, receiver) = mpsc::channel(COMMIT_EVENTS_MAX);
        let enough = in_flight_max.div_ceil(2);
        let waiting = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&waiting);
        let thread = thread::spawn(move || write_all(connection, receiver, &seen, enough));
        Recorder { sender, waiting, enough, thread }
    }

    /// Keeps an event, or what was agreed to. True when it is on disk if it is a write that is about to leave; else when
    /// it is on its way there: what is kept later is on disk later. False when it could not be written.
    pub async fn keep(&self, record: impl Into<Record>) -> bool {
        let record = record.into();
        let (written, is_written) = match record.is_awaited() {
            true => Some(oneshot::channel()).unzip(),
            false => (None, None),
        };
        let waiting = is_written.as_ref().map(|_| self.waiting.fetch_add(1, Ordering::Relaxed) + 1);
        if self.sender.send(Letter { record, written }).await.is_err() {
            return false;
        }
        if waiting == Some(self.enough) {
            self.thread.thread().unpark();
        }
        match is_written {
            Some(is_written) => is_written.await.is_ok(),
            None => true,
        }
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

impl Record {
    /// Whether whoever tells it must not go on before it is on disk. Only a write that is about to leave has to be: if
    /// the end of a row is lost with this process, the row is in doubt, and looked at.
    fn is_awaited(&self) -> bool {
        matches!(self, Record::Event(Event::Intent(_)))
    }
}

/// Keeps what comes in. When half of all writes wait here, they go on: while the other half is with the service, these
/// are committed, and the other way round.
fn write_all(
    mut connection: Connection,
    mut receiver: mpsc::Receiver<Letter>,
    waiting: &AtomicUsize,
    enough: usize,
) -> Result<(), LedgerError> {
    let mut letters = Vec::with_capacity(COMMIT_EVENTS_MAX);
    let mut sent = HashMap::new();
    while receiver.blocking_recv_many(&mut letters, COMMIT_EVENTS_MAX) > 0 {
        let until = Instant::now() + GATHERING;
        while waiting.load(Ordering::Relaxed) < enough
            && let Some(left) = until.checked_duration_since(Instant::now())
        {
            thread::park_timeout(left);
        }
        while letters.len() < COMMIT_EVENTS_MAX
            && let Ok(letter) = receiver.try_recv()
        {
            letters.push(letter);
        }
        // On an error the answers are dropped with the letters, which tells the askers.
        for written in commit(&mut connection, letters.drain(..), &mut sent)? {
            waiting.fetch_sub(1, Ordering::Relaxed);
            let _ = written.send(());
        }
    }
    Ok(())
}

/// Writes down what the letters say, and gives back who waits for it. `sent` holds the writes that were the last event of
/// their rows.
fn commit(
    connection: &mut Connection,
    letters: impl Iterator<Item = Letter>,
    sent: &mut HashMap<u32, Kept>,
) -> Result<Vec<oneshot::Sender<()>>, LedgerError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut writer = Writer::new(&transaction)?;
    let mut waiting = Vec::new();
    for Letter { record, written } in letters {
        waiting.extend(written);
        match record {
            Record::Agreed(intent) => {
                sent.remove(&intent.row);
                writer.write("agreed", intent)?;
            }
            Record::Event(Event::Intent(intent)) => {
                sent.insert(intent.row, writer.write("intent", intent)?);
            }
            Record::Event(Event::Withdrawn { row }) => {
                writer.withdrawn(row)?;
                sent.remove(&row);
            }
            Record::Event(Event::Settled(settled)) => {
                writer.settled(&settled, sent.remove(&settled.row).as_ref())?;
            }
        }
    }
    drop(writer);
    transaction.commit()?;
    Ok(waiting)
}
