//! The durable record of a run: what the sheet said, what was about to be sent, how each row ended.
//!
//! One SQLite file per run. A write's intent is on disk before the write leaves; a row's end is on disk before the
//! next thing is begun for it. So whatever happens to this process, each row is done, not done, or in doubt
//! ([`replay`]), and the report can always be made.
//!
//! Deliberately absent: what rows *mean*. The ledger keeps cells; a resumed run reads them again with the
//! settings of the run.

mod archive;
mod recorder;
mod shape;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

pub use archive::{Archive, Lock, Past, Unreadable};
pub use recorder::Recorder;
pub use shape::Misshapen;

use crate::domain::cell::Row;
use crate::domain::event::{Intent, Requests};
use crate::domain::outcome::{Outcome, Settled, Tally};
use crate::domain::referral::ReferralId;

/// The version of the stored shapes and tables. A ledger of another version is refused, not guessed at.
pub const VERSION: u32 = 1;
/// Set when all rows have been taken in.
const COMPLETE: &str = "complete";
/// Rows that one transaction holds while a sheet is taken in.
const TAKE_IN_ROWS: usize = 5_000;

/// What a run is about, written when it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The run's id.
    pub run: String,
    /// `apply` or `plan`.
    pub command: String,
    /// When it began.
    pub started_at: Timestamp,
    /// The sheet's file name.
    pub sheet: String,
    /// The worksheet, if the file has several.
    pub worksheet: Option<String>,
    /// SHA-256 of the file.
    pub sheet_sha256: String,
    /// The headings: column counted from 0, text.
    pub headings: Vec<(u32, String)>,
    /// What the reader of the sheet noticed.
    pub notices: Vec<String>,
    /// How the run is to be done, in whatever form the program keeps it; no secrets.
    pub settings: String,
    /// The service's address.
    pub service: String,
    /// The profile of the settings.
    pub profile: String,
    /// The allowed rate, as the user writes it.
    pub rate: String,
    /// Who ran it.
    pub user: String,
    /// The program's version.
    pub program: String,
}

/// How a run ended, written when it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foot {
    /// When it ended.
    pub ended_at: Timestamp,
    /// Whether all rows were reached.
    pub is_finished: bool,
    /// What was sent.
    pub requests: Requests,
}

/// What is known of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Nothing was sent about it.
    NotDone,
    /// A write left, or was about to; its end is not known.
    InDoubt(Box<Intent>),
    /// It has ended.
    Done(Box<Settled>),
}

/// A row with what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The row as the sheet had it.
    pub row: Row,
    /// The referral that it is about, if it names one.
    pub referral: Option<ReferralId>,
    /// What is known.
    pub state: State,
}

/// Why a ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database failed: no space, no permission, not a database.
    #[error("the ledger cannot be used")]
    Database(#[from] rusqlite::Error),
    /// The folder or the file failed.
    #[error("the ledger cannot be used")]
    File(#[from] std::io::Error),
    /// A record is not what this version writes.
    #[error("the ledger is damaged")]
    Misshapen(#[from] Misshapen),
    /// Another version of the program wrote it.
    #[error(
        "the ledger was written by another version of this program (ledger version {found}, this one uses {VERSION})"
    )]
    Version {
        /// The version found.
        found: u32,
    },
    /// There is no ledger of this run.
    #[error("there is no run `{0}`")]
    NoSuchRun(String),
    /// Whoever began the ledger was cut short while the sheet was taken in.
    #[error("the run `{0}` never began, nothing of it was sent")]
    NeverBegan(String),
    /// Another process is working on the run.
    #[error("the run `{0}` is under way in another process")]
    UnderWay(String),
    /// Something that every ledger has is missing.
    #[error("the ledger lacks `{0}`")]
    Incomplete(&'static str),
}

/// An open ledger.
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
    durability: Durability,
    /// Removes a scratch ledger's folder at the end.
    _scratch: Option<tempfile::TempDir>,
}

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Durability {
    /// A power cut.
    Full,
    /// Nothing: the file is thrown away at the end of the run.
    Scratch,
}

const SCHEMA: &str = "
    CREATE TABLE run (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE row (number INTEGER PRIMARY KEY, referral BLOB, cells TEXT NOT NULL);
    CREATE INDEX row_by_referral ON row (referral, number) WHERE referral IS NOT NULL;
    CREATE TABLE event (seq INTEGER PRIMARY KEY, row INTEGER NOT NULL, kind TEXT NOT NULL, outcome TEXT, body TEXT NOT NULL);
    CREATE INDEX event_by_row ON event (row, seq);
";
/// Rows whose last event does not settle them.
const IS_OPEN: &str = "coalesce((SELECT outcome FROM event WHERE event.row = row.number ORDER BY seq DESC LIMIT 1), 'in doubt') = 'in doubt'";

/// What the events of one row, oldest first, say about it. The last one decides: an intent without an end is a doubt,
/// and a row that ended in doubt is still in doubt.
pub fn replay(events: impl IntoIterator<Item = Event>) -> State {
    let mut state = State::NotDone;
    let mut last_intent = None;
    for event in events {
        state = match event {
            Event::Intent(intent) => {
                last_intent = Some(intent.clone());
                State::InDoubt(intent)
            }
            Event::Settled(settled) if settled.outcome == Outcome::InDoubt => match last_intent.take() {
                Some(intent) => State::InDoubt(intent),
                None => State::Done(settled),
            },
            Event::Settled(settled) => State::Done(settled),
        };
    }
    state
}

/// An event as the ledger keeps it.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A write was about to leave.
    Intent(Box<Intent>),
    /// The row ended.
    Settled(Box<Settled>),
}

impl Ledger {
    /// A ledger for a run that nobody will want to resume, thrown away at the end.
    pub fn scratch(head: &Head) -> Result<Ledger, LedgerError> {
        let folder = tempfile::Builder::new().prefix("refsheet-").tempdir()?;
        Ledger::begin(folder.path().join("scratch.db"), Durability::Scratch, Some(folder), head)
    }

    fn create(path: PathBuf, head: &Head) -> Result<Ledger, LedgerError> {
        Ledger::begin(path, Durability::Full, None, head)
    }

    /// None if the sheet was never taken in whole, or the ledger not even made.
    fn open(path: &Path) -> Result<Option<Ledger>, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        set_up(&connection, Durability::Full)?;
        if !connection.table_exists(None, "run")? {
            return Ok(None);
        }
        let ledger = Ledger { connection, path: path.to_owned(), durability: Durability::Full, _scratch: None };
        let Some(version) = ledger.value("version")? else { return Ok(None) };
        let version = version.parse().unwrap_or(0);
        if version != VERSION {
            return Err(LedgerError::Version { found: version });
        }
        let is_complete = ledger.value(COMPLETE)?.is_some();
        Ok(is_complete.then_some(ledger))
    }

    fn begin(
        path: PathBuf,
        durability: Durability,
        scratch: Option<tempfile::TempDir>,
        head: &Head,
    ) -> Result<Ledger, LedgerError> {
        let connection = Connection::open(&path)?;
        set_up(&connection, durability)?;
        connection.execute_batch(SCHEMA)?;
        let ledger = Ledger { connection, path, durability, _scratch: scratch };
        ledger.write_head(head)?;
        Ok(ledger)
    }

    /// Takes in the rows of a sheet, with the end of those that need no request, until the iterator or the disk fails.
    pub fn take_in<E: From<LedgerError>>(
        &mut self,
        rows: impl Iterator<Item = Result<(Row, Option<ReferralId>, Option<Settled>), E>>,
    ) -> Result<(), E> {
        let mut rows = rows.peekable();
        while rows.peek().is_some() {
            let transaction = self.connection.transaction().map_err(LedgerError::from)?;
            for row in rows.by_ref().take(TAKE_IN_ROWS) {
                let (row, referral, settled) = row?;
                take_in_row(&transaction, &row, referral, settled.as_ref())?;
            }
            transaction.commit().map_err(LedgerError::from)?;
        }
        Ok(self.set(COMPLETE, "true")?)
    }

    /// Takes the ledger away, for a run that has sent nothing and will not.
    pub fn discard(self) -> Result<(), LedgerError> {
        let path = self.path.clone();
        drop(self);
        Ok(archive::remove(&path)?)
    }

    /// Starts the writer of a running engine's events.
    pub fn recorder(&self) -> Result<Recorder, LedgerError> {
        let connection = Connection::open(&self.path)?;
        set_up(&connection, self.durability)?;
        Ok(Recorder::start(connection))
    }

    /// All referrals that open rows are about.
    pub fn open_referrals(&self) -> Result<Vec<ReferralId>, LedgerError> {
        let sql = format!("SELECT DISTINCT referral FROM row WHERE referral IS NOT NULL AND {IS_OPEN}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let ids = statement.query_map([], |found| found.get::<_, [u8; 16]>(0))?;
        ids.map(|id| Ok(ReferralId::from(uuid::Uuid::from_bytes(id?)))).collect()
    }

    /// The open rows about a referral, in sheet order.
    pub fn open_rows_about(&self, referral: ReferralId) -> Result<Vec<Entry>, LedgerError> {
        let sql = format!("SELECT number, cells, referral FROM row WHERE referral = ?1 AND {IS_OPEN} ORDER BY number");
        let mut statement = self.connection.prepare_cached(&sql)?;
        self.entries(statement.query(params![referral.as_bytes()])?)
    }

    /// The next open rows behind one, in sheet order.
    pub fn open_rows_behind(&self, row: u32, count: u32) -> Result<Vec<Entry>, LedgerError> {
        let sql =
            format!("SELECT number, cells, referral FROM row WHERE number > ?1 AND {IS_OPEN} ORDER BY number LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        self.entries(statement.query(params![row, count])?)
    }

    /// Calls back with every row in sheet order and what is known of it.
    pub fn each_entry<E: From<LedgerError>>(&self, mut each: impl FnMut(Entry) -> Result<(), E>) -> Result<(), E> {
        let mut rows = self
            .connection
            .prepare("SELECT number, cells, referral FROM row ORDER BY number")
            .map_err(LedgerError::from)?;
        let mut found = rows.query([]).map_err(LedgerError::from)?;
        while let Some(row) = found.next().map_err(LedgerError::from)? {
            each(self.entry(row)?)?;
        }
        Ok(())
    }

    /// How many rows ended how; rows without an end are not reached or in doubt.
    pub fn tally(&self) -> Result<Tally, LedgerError> {
        let sql = "SELECT coalesce((SELECT CASE kind WHEN 'intent' THEN 'in doubt' ELSE outcome END
                     FROM event WHERE event.row = row.number ORDER BY seq DESC LIMIT 1), 'not reached'), count(*)
                   FROM row GROUP BY 1";
        let mut statement = self.connection.prepare(sql)?;
        let mut found = statement.query([])?;
        let mut tally = Tally::default();
        while let Some(row) = found.next()? {
            let word: String = row.get(0)?;
            let outcome = Outcome::from_word(&word).ok_or(LedgerError::Incomplete("outcome"))?;
            tally[outcome] = row.get::<_, i64>(1)?.try_into().unwrap_or(0);
        }
        Ok(tally)
    }

    /// Writes down how the run ended.
    pub fn finish(&self, foot: &Foot) -> Result<(), LedgerError> {
        let requests = foot.requests;
        let values = [
            ("ended_at", foot.ended_at.to_string()),
            ("finished", foot.is_finished.to_string()),
            ("reads", requests.reads.to_string()),
            ("writes", requests.writes.to_string()),
            ("retried", requests.retried.to_string()),
            ("throttled", requests.throttled.to_string()),
        ];
        values.iter().try_for_each(|(key, value)| self.set(key, value))
    }

    /// What the run is about.
    pub fn head(&self) -> Result<Head, LedgerError> {
        let text = |key: &'static str| self.value(key)?.ok_or(LedgerError::Incomplete(key));
        let headings = serde_json::from_str(&text("headings")?).map_err(Misshapen)?;
        let notices = serde_json::from_str(&text("notices")?).map_err(Misshapen)?;
        Ok(Head {
            run: text("run")?,
            command: text("command")?,
            started_at: text("started_at")?.parse().map_err(|_| LedgerError::Incomplete("started_at"))?,
            sheet: text("sheet")?,
            worksheet: self.value("worksheet")?,
            sheet_sha256: text("sheet_sha256")?,
            headings,
            notices,
            settings: text("settings")?,
            service: text("service")?,
            profile: text("profile")?,
            rate: text("rate")?,
            user: text("user")?,
            program: text("program")?,
        })
    }

    /// How the run ended, if it did.
    pub fn foot(&self) -> Result<Option<Foot>, LedgerError> {
        let Some(ended_at) = self.value("ended_at")? else { return Ok(None) };
        let number = |key| Ok::<u64, LedgerError>(self.value(key)?.and_then(|value| value.parse().ok()).unwrap_or(0));
        let requests = Requests {
            reads: number("reads")?,
            writes: number("writes")?,
            retried: number("retried")?,
            throttled: number("throttled")?,
        };
        Ok(Some(Foot {
            ended_at: ended_at.parse().map_err(|_| LedgerError::Incomplete("ended_at"))?,
            is_finished: self.value("finished")?.as_deref() == Some("true"),
            requests,
        }))
    }

    fn write_head(&self, head: &Head) -> Result<(), LedgerError> {
        let headings = serde_json::to_string(&head.headings).map_err(Misshapen)?;
        let notices = serde_json::to_string(&head.notices).map_err(Misshapen)?;
        let values = [
            ("version", VERSION.to_string()),
            ("run", head.run.clone()),
            ("command", head.command.clone()),
            ("started_at", head.started_at.to_string()),
            ("sheet", head.sheet.clone()),
            ("sheet_sha256", head.sheet_sha256.clone()),
            ("headings", headings),
            ("notices", notices),
            ("settings", head.settings.clone()),
            ("service", head.service.clone()),
            ("profile", head.profile.clone()),
            ("rate", head.rate.clone()),
            ("user", head.user.clone()),
            ("program", head.program.clone()),
        ];
        let worksheet = head.worksheet.iter().map(|name| ("worksheet", name.clone()));
        values.into_iter().chain(worksheet).try_for_each(|(key, value)| self.set(key, &value))
    }

    fn set(&self, key: &str, value: &str) -> Result<(), LedgerError> {
        self.connection.execute("INSERT OR REPLACE INTO run (key, value) VALUES (?1, ?2)", params![key, value])?;
        Ok(())
    }

    fn value(&self, key: &str) -> Result<Option<String>, LedgerError> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM run WHERE key = ?1")?;
        Ok(statement.query_row([key], |found| found.get(0)).optional()?)
    }

    fn entries(&self, mut found: rusqlite::Rows<'_>) -> Result<Vec<Entry>, LedgerError> {
        let mut entries = Vec::new();
        while let Some(row) = found.next()? {
            entries.push(self.entry(row)?);
        }
        Ok(entries)
    }

    fn entry(&self, found: &rusqlite::Row<'_>) -> Result<Entry, LedgerError> {
        let number: u32 = found.get(0)?;
        let cells = shape::to_cells(&found.get::<_, String>(1)?)?;
        let referral: Option<[u8; 16]> = found.get(2)?;
        let referral = referral.map(|id| ReferralId::from(uuid::Uuid::from_bytes(id)));
        let state = replay(self.events(number)?);
        Ok(Entry { row: Row { number, cells }, referral, state })
    }

    fn events(&self, row: u32) -> Result<Vec<Event>, LedgerError> {
        let mut statement =
            self.connection.prepare_cached("SELECT kind, body FROM event WHERE row = ?1 ORDER BY seq")?;
        let mut found = statement.query([row])?;
        let mut events = Vec::new();
        while let Some(event) = found.next()? {
            let (kind, body): (String, String) = (event.get(0)?, event.get(1)?);
            events.push(match kind.as_str() {
                "intent" => Event::Intent(Box::new(shape::to_intent(row, &body)?)),
                _ => Event::Settled(Box::new(shape::to_settled(row, &body)?)),
            });
        }
        Ok(events)
    }
}

fn set_up(connection: &Connection, durability: Durability) -> Result<(), LedgerError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Scratch => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "busy_timeout", 5_000)?;
    connection.pragma_update(None, "fullfsync", true)?;
    Ok(())
}

fn take_in_row(
    connection: &Connection,
    row: &Row,
    referral: Option<ReferralId>,
    settled: Option<&Settled>,
) -> Result<(), LedgerError> {
    let mut insert = connection.prepare_cached("INSERT INTO row (number, referral, cells) VALUES (?1, ?2, ?3)")?;
    let referral = referral.as_ref().map(ReferralId::as_bytes);
    insert.execute(params![row.number, referral, shape::from_cells(&row.cells)])?;
    if let Some(settled) = settled {
        let mut insert =
            connection.prepare_cached("INSERT INTO event (row, kind, outcome, body) VALUES (?1, 'settled', ?2, ?3)")?;
        insert.execute(params![row.number, settled.outcome.word(), shape::from_settled(settled)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cell::Cell;
    use crate::domain::json::Json;

    fn head() -> Head {
        Head {
            run: "r1".to_owned(),
            command: "apply".to_owned(),
            started_at: Timestamp::UNIX_EPOCH,
            sheet: "changes.csv".to_owned(),
            worksheet: None,
            sheet_sha256: "00".to_owned(),
            headings: vec![(0, "id".to_owned()), (2, "Notes".to_owned())],
            notices: Vec::new(),
            settings: "{}".to_owned(),
            service: "http://127.0.0.1/".to_owned(),
            profile: "default".to_owned(),
            rate: "5/s".to_owned(),
            user: "ann".to_owned(),
            program: "0.1.0".to_owned(),
        }
    }

    fn id() -> ReferralId {
        "49d90c72-3326-4f61-aacc-2cb57970448c".parse().unwrap()
    }

    fn row(number: u32) -> Row {
        Row { number, cells: vec![Cell::Text(id().to_string()), Cell::Blank, Cell::Text(format!("note {number}"))] }
    }

    fn intent(row: u32, attempt: u32) -> crate::domain::event::Event {
        crate::domain::event::Event::Intent(Intent {
            row,
            attempt,
            at: Timestamp::UNIX_EPOCH,
            guard: None,
            patch: Json::array([]),
            changes: Vec::new(),
        })
    }

    fn settled(row: u32, outcome: Outcome) -> crate::domain::event::Event {
        crate::domain::event::Event::Settled(Box::new(Settled::unsent(row, outcome, Vec::new())))
    }

    fn with_rows() -> Ledger {
        let mut ledger = Ledger::scratch(&head()).unwrap();
        let invalid = Settled::unsent(3, Outcome::Invalid, Vec::new());
        let rows = [(row(2), Some(id()), None), (row(3), None, Some(invalid)), (row(4), Some(id()), None)];
        ledger.take_in(rows.into_iter().map(Ok::<_, LedgerError>)).unwrap();
        ledger
    }

    #[test]
    fn what_was_taken_in_is_open_until_it_is_settled() {
        let ledger = with_rows();
        assert_eq!(ledger.open_referrals().unwrap(), [id()]);
        let rows = |entries: Vec<Entry>| entries.into_iter().map(|entry| entry.row).collect::<Vec<_>>();
        assert_eq!(rows(ledger.open_rows_about(id()).unwrap()), [row(2), row(4)]);
        assert_eq!(rows(ledger.open_rows_behind(2, 10).unwrap()), [row(4)]);
        assert_eq!(ledger.head().unwrap(), head());
    }

    #[tokio::test]
    async fn events_are_kept_and_decide_what_is_known() {
        let ledger = with_rows();
        let recorder = ledger.recorder().unwrap();
        for event in [intent(2, 1), settled(2, Outcome::Applied), intent(4, 1)] {
            assert!(recorder.keep(event).await);
        }
        recorder.close().unwrap();
        let mut states = Vec::new();
        ledger
            .each_entry(|entry| {
                states.push(match entry.state {
                    State::NotDone => "not done".to_owned(),
                    State::InDoubt(intent) => format!("attempt {} in doubt", intent.attempt),
                    State::Done(settled) => settled.outcome.word().to_owned(),
                });
                Ok::<_, LedgerError>(())
            })
            .unwrap();
        assert_eq!(states, ["applied", "invalid", "attempt 1 in doubt"]);
        let tally = ledger.tally().unwrap();
        assert_eq!((tally[Outcome::Applied], tally[Outcome::InDoubt], tally.total()), (1, 1, 3));
        let open = ledger.open_rows_behind(0, 10).unwrap();
        assert!(matches!(&open[..], [Entry { state: State::InDoubt(_), row, .. }] if row.number == 4));
    }

    #[test]
    fn no_prefix_of_the_events_claims_more_than_happened() {
        let history = [(1, None), (1, Some(Outcome::InDoubt)), (2, None), (2, Some(Outcome::Applied))];
        let events: Vec<Event> = history
            .into_iter()
            .map(|(attempt, outcome)| match (outcome, intent(2, attempt)) {
                (Some(outcome), _) => Event::Settled(Box::new(Settled::unsent(2, outcome, Vec::new()))),
                (None, crate::domain::event::Event::Intent(intent)) => Event::Intent(Box::new(intent)),
                (None, _) => unreachable!(),
            })
            .collect();
        for length in 0..=events.len() {
            let state = replay(events[..length].to_vec());
            match length {
                0 => assert_eq!(state, State::NotDone),
                4 => assert!(matches!(state, State::Done(settled) if settled.outcome == Outcome::Applied)),
                _ => assert!(matches!(state, State::InDoubt(_)), "after {length} events"),
            }
        }
    }

    #[test]
    fn a_ledger_of_another_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::at(folder.path().join("runs"));
        let (ledger, _lock) = archive.create(&head()).unwrap();
        ledger.set("version", "99").unwrap();
        drop(ledger);
        assert!(matches!(archive.open("r1"), Err(LedgerError::Version { found: 99 })));
    }

    #[test]
    fn a_run_that_was_cut_short_while_its_sheet_was_taken_in_never_began() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::at(folder.path().join("runs"));
        drop(archive.create(&head()).unwrap());
        let second = Head { run: "r2".to_owned(), ..head() };
        let (_ledger, _lock) = archive.create(&second).unwrap();
        // Not even its tables were made.
        std::fs::write(folder.path().join("runs/r0.db"), "").unwrap();
        for run in ["r0", "r1", "r2"] {
            assert!(matches!(archive.open(run), Err(LedgerError::NeverBegan(_))), "{run}");
        }
        assert!(archive.runs().unwrap().is_empty());
        archive.sweep().unwrap();
        assert!(matches!(archive.open("r0"), Err(LedgerError::NoSuchRun(_))));
        assert!(matches!(archive.open("r1"), Err(LedgerError::NoSuchRun(_))));
        assert!(matches!(archive.open("r2"), Err(LedgerError::NeverBegan(_))), "somebody works on it");
    }

    #[test]
    fn the_end_of_a_run_is_written_down() {
        let ledger = with_rows();
        assert_eq!(ledger.foot().unwrap(), None);
        let requests = Requests { reads: 3, writes: 2, retried: 1, throttled: 0 };
        let foot = Foot { ended_at: Timestamp::UNIX_EPOCH, is_finished: true, requests };
        ledger.finish(&foot).unwrap();
        assert_eq!(ledger.foot().unwrap(), Some(foot));
    }
}
