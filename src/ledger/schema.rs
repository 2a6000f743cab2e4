//! The tables of a ledger and how they are asked.
//!
//! Rows and events each stand in one tree in the order of the sheet, so that writing both appends and going through
//! both walks along: there is no index over events. The events of row `n` have the ids from `n << 24` on, in the order
//! in which they happened.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::{Durability, LedgerError};

/// The ids of the events of a row, as SQL.
macro_rules! ids_of {
    ($row:literal) => {
        concat!("BETWEEN ", $row, " << 24 AND (", $row, " << 24) + 0xffffff")
    };
}
/// The id of the next event of row `?1`, as SQL.
macro_rules! next_id {
    () => {
        concat!("(SELECT coalesce(max(id), ?1 << 24) + 1 FROM event WHERE id ", ids_of!("?1"), ")")
    };
}
pub(super) use {ids_of, next_id};

/// What an empty ledger consists of.
pub const TABLES: &str = "
    CREATE TABLE run (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE row (number INTEGER PRIMARY KEY, referral BLOB, cells TEXT NOT NULL, base TEXT, remarks TEXT);
    CREATE TABLE event (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, outcome TEXT, attempt INTEGER, at INTEGER, guard TEXT,
                        patch TEXT, changes TEXT, name TEXT, http INTEGER, request_id TEXT, milliseconds INTEGER,
                        etag_after TEXT, more TEXT);
";
/// Ids are random: they are sorted once, when all rows are there, instead of put into their places one by one.
pub const INDEX: &str = "
    CREATE INDEX IF NOT EXISTS row_by_referral ON row (referral, number) WHERE referral IS NOT NULL;
";
/// Whether the last event of a row does not settle it for good. A row that failed is tried again when its run is
/// resumed: it is known that nothing of it has landed.
pub const IS_OPEN: &str = concat!(
    "coalesce((SELECT coalesce(outcome, 'in doubt') FROM event WHERE id ",
    ids_of!("number"),
    " ORDER BY id DESC LIMIT 1), 'in doubt') IN ('in doubt', 'failed')"
);
/// The events with their rows, those of one row in the order in which they happened, and what each makes of its row.
pub const ENDS: &str = "
    SELECT id >> 24, CASE kind WHEN 'intent' THEN 'in doubt' WHEN 'settled' THEN outcome ELSE 'not reached' END
    FROM event ORDER BY id
";

/// Pages of 4 KiB that the write-ahead log may grow to before it is brought into the database.
const CHECKPOINT_PAGES: u32 = 8_192;

/// Prepares a connection.
pub fn set_up(connection: &Connection, durability: Durability) -> Result<(), LedgerError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Scratch => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "busy_timeout", 5_000)?;
    connection.pragma_update(None, "fullfsync", true)?;
    // Otherwise SQLite plans a statement anew for each value that is bound to it, in case statistics make a difference.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Pages that are written again and again go from the log to the database less often.
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(())
}
