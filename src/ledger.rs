//! The durable record of a run: what the sheet said, what was about to be sent, how each row ended.
//!
//! One SQLite file per run. A write's intent is on disk before the write leaves; a row's end is on disk before the
//! next thing is begun for it. So whatever happens to this process, each row is done, not done, or in doubt
//! ([`replay`]), and the report can always be made.
//!
//! Deliberately absent: what rows *mean*. The ledger keeps cells; a resumed run reads them again with the
//! settings of the run.

mod archive;
mod beside;
mod entries;
mod event;
mod frame;
mod held;
mod recorder;
mod replay;
mod schema;
mod shape;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Statement, params};

pub use archive::{Archive, Lock, Past, Unreadable};
pub use beside::Part;
pub use frame::{Foot, Head};
pub use held::{Holder, ProfileLock};
pub use recorder::{Record, Recorder};
pub use replay::{Entry, Event, State, replay};
pub use shape::Misshapen;

use event::Writer;
use schema::{IS_OPEN, set_up};

use crate::domain::cell::Row;
use crate::domain::change::Base;
use crate::domain::event::Intent;
use crate::domain::outcome::{Outcome, Settled, Tally};
use crate::domain::problem::Problem;
use crate::domain::referral::ReferralId;

/// The version of the stored shapes and tables. A ledger of another version is refused, not guessed at.
pub const VERSION: u32 = 5;
/// Set when all rows have been taken in and may be sent.
const BEGUN: &str = "begun";
/// Set when what is going to be sent was shown first.
const AGREED: &str = "agreed";
const INSERT_ROW: &str = "INSERT INTO row (number, referral, cells, base, remarks) VALUES (?1, ?2, ?3, ?4, ?5)";
/// Rows that one transaction holds while a sheet is taken in.
const TAKE_IN_ROWS: usize = 5_000;

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
    /// Another process works with the profile.
    #[error("the profile `{profile}` is in use by {holder}")]
    ProfileHeld {
        /// The profile.
        profile: String,
        /// Who that is.
        holder: Holder,
    },
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

/// A row as it is taken in.
#[derive(Debug)]
pub struct Taken {
    /// Its cells.
    pub row: Row,
    /// The referral that it is about, if that is known.
    pub referral: Option<ReferralId>,
    /// What its cells were in the sheet's base.
    pub base: Base,
    /// What is worth telling about it although its own cells do not show it: how it stands to other rows.
    pub remarks: Vec<Problem>,
    /// Its end, if it needs no request.
    pub settled: Option<Settled>,
}

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Durability {
    /// A power cut.
    Full,
    /// Nothing: the file is thrown away at the end of the run.
    Scratch,
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
        let has_begun = ledger.value(BEGUN)?.is_some();
        Ok(has_begun.then_some(ledger))
    }

    fn begin(
        path: PathBuf,
        durability: Durability,
        scratch: Option<tempfile::TempDir>,
        head: &Head,
    ) -> Result<Ledger, LedgerError> {
        let connection = Connection::open(&path)?;
        set_up(&connection, durability)?;
        connection.execute_batch(schema::TABLES)?;
        let ledger = Ledger { connection, path, durability, _scratch: scratch };
        ledger.write_head(head)?;
        Ok(ledger)
    }

    /// Takes in the rows of a sheet, with the end of those that need no request, until the iterator or the disk fails.
    pub fn take_in<E: From<LedgerError>>(&mut self, rows: impl Iterator<Item = Result<Taken, E>>) -> Result<(), E> {
        let mut rows = rows.peekable();
        while rows.peek().is_some() {
            let transaction = self.connection.transaction().map_err(LedgerError::from)?;
            let mut writer = Writer::new(&transaction).map_err(LedgerError::from)?;
            let mut insert = transaction.prepare_cached(INSERT_ROW).map_err(LedgerError::from)?;
            for row in rows.by_ref().take(TAKE_IN_ROWS) {
                take_in_row(&mut insert, &mut writer, &row?)?;
            }
            drop((insert, writer));
            transaction.commit().map_err(LedgerError::from)?;
        }
        self.connection.execute_batch(schema::INDEX).map_err(LedgerError::from)?;
        Ok(())
    }

    /// Marks that everything is ready and agreed to. Until then nothing is sent, and the run counts as one that never
    /// began.
    pub fn begin_run(&self) -> Result<(), LedgerError> {
        self.set(BEGUN, "true")
    }

    /// Takes the ledger away, for a run that has sent nothing and will not.
    pub fn discard(self) -> Result<(), LedgerError> {
        let path = self.path.clone();
        drop(self);
        Ok(archive::remove(&path)?)
    }

    /// The same ledger for another thread. To be let go before this one.
    pub fn again(&self) -> Result<Ledger, LedgerError> {
        let Ledger { path, durability, .. } = self;
        let connection = Connection::open(path)?;
        set_up(&connection, *durability)?;
        Ok(Ledger { connection, path: path.clone(), durability: *durability, _scratch: None })
    }

    /// Starts the writer of the events of an engine that has so many writes in flight at most.
    pub fn recorder(&self, in_flight_max: usize) -> Result<Recorder, LedgerError> {
        Ok(Recorder::start(self.again()?.connection, in_flight_max))
    }

    /// All referrals that open rows are about.
    pub fn open_referrals(&self) -> Result<Vec<ReferralId>, LedgerError> {
        let sql = format!("SELECT DISTINCT referral FROM row WHERE referral IS NOT NULL AND {IS_OPEN}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let ids = statement.query_map([], |found| found.get::<_, [u8; 16]>(0))?;
        ids.map(|id| Ok(ReferralId::from(uuid::Uuid::from_bytes(id?)))).collect()
    }

    /// The referrals that several rows are about, open or not.
    pub fn repeated_referrals(&self) -> Result<HashSet<ReferralId>, LedgerError> {
        let sql = "SELECT referral FROM row WHERE referral IS NOT NULL GROUP BY referral HAVING count(*) > 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let ids = statement.query_map([], |found| found.get::<_, [u8; 16]>(0))?;
        ids.map(|id| Ok(ReferralId::from(uuid::Uuid::from_bytes(id?)))).collect()
    }

    /// The referral that a row is about, if its sheet says so.
    pub fn referral_of(&self, row: u32) -> Result<Option<ReferralId>, LedgerError> {
        let mut statement = self.connection.prepare_cached("SELECT referral FROM row WHERE number = ?1")?;
        let id: Option<[u8; 16]> = statement.query_row([row], |found| found.get(0))?;
        Ok(id.map(|id| ReferralId::from(uuid::Uuid::from_bytes(id))))
    }

    /// The write of a row as it was shown and agreed to, if it was.
    pub fn agreed(&self, row: u32) -> Result<Option<Intent>, LedgerError> {
        let mut statement = self.connection.prepare_cached(event::NEWEST_FIRST)?;
        for event in statement.query_and_then([row], |found| event::read(row, found))? {
            if let Event::Agreed(intent) = event? {
                return Ok(Some(*intent));
            }
        }
        Ok(None)
    }

    /// Marks that what is going to be sent was shown and agreed to.
    pub fn mark_agreed(&self) -> Result<(), LedgerError> {
        self.set(AGREED, "true")
    }

    /// Whether it was.
    pub fn is_agreed(&self) -> Result<bool, LedgerError> {
        Ok(self.value(AGREED)?.is_some())
    }

    /// How many rows there are.
    pub fn row_count(&self) -> Result<u64, LedgerError> {
        let count: i64 = self.connection.query_row("SELECT count(*) FROM row", [], |found| found.get(0))?;
        Ok(count.try_into().unwrap_or(0))
    }

    /// How many rows ended how; rows without an end are not reached or in doubt.
    pub fn tally(&self) -> Result<Tally, LedgerError> {
        let mut statement = self.connection.prepare(schema::ENDS)?;
        let mut found = statement.query([])?;
        let mut tally = Tally::default();
        let mut last: Option<(i64, Outcome)> = None;
        while let Some(event) = found.next()? {
            let (row, word) =
                (schema::row_of(event.get(0)?), event.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?);
            let outcome = Outcome::from_word(word).ok_or(LedgerError::Incomplete("outcome"))?;
            if let Some((_, outcome)) = last.replace((row, outcome)).filter(|(before, _)| *before != row) {
                tally += outcome;
            }
        }
        if let Some((_, outcome)) = last {
            tally += outcome;
        }
        tally[Outcome::NotReached] += self.row_count()?.saturating_sub(tally.total());
        Ok(tally)
    }

    fn set(&self, key: &str, value: &str) -> Result<(), LedgerError> {
        self.connection.execute("INSERT OR REPLACE INTO run (key, value) VALUES (?1, ?2)", params![key, value])?;
        Ok(())
    }

    fn value(&self, key: &str) -> Result<Option<String>, LedgerError> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM run WHERE key = ?1")?;
        Ok(statement.query_row([key], |found| found.get(0)).optional()?)
    }
}

fn take_in_row(insert: &mut Statement<'_>, writer: &mut Writer<'_>, taken: &Taken) -> Result<(), LedgerError> {
    let Taken { row, referral, base, remarks, settled } = taken;
    let referral = referral.as_ref().map(ReferralId::as_bytes);
    let (cells, base, remarks) = (shape::from_cells(&row.cells), shape::from_base(base), shape::from_remarks(remarks));
    insert.execute(params![row.number, referral, cells, base, remarks])?;
    settled.iter().try_for_each(|settled| writer.settled(settled, None))?;
    Ok(())
}

#[cfg(test)]
mod tests;
