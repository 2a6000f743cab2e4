//! The tables of a ledger and how they are asked.
//!
//! Rows, writes and ends each stand in a tree of their own in the order of the sheet, so that writing them appends and
//! going through them walks along: there is no index over events. What happens to row `n` has the ids from `n << 24` on,
//! in the order in which it happens, whichever tree it is in. Ends have their own tree because they come a little later
//! than the writes of their rows: in one tree they would have to squeeze in between, and every commit would write most
//! of its pages anew.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::{Durability, LedgerError};

/// The ids of the events of a row, as SQL.
macro_rules! ids_of {
    ($row:literal) => {
        concat!("BETWEEN ", $row, " << 24 AND (", $row, " << 24) + 0xffffff")
    };
}
/// The id of what happens next to row `?1`, as SQL.
macro_rules! next_id {
    () => {
        concat!(
            "1 + max(coalesce((SELECT max(id) FROM write WHERE id ",
            ids_of!("?1"),
            "), ?1 << 24), coalesce((SELECT max(id) FROM ended WHERE id ",
            ids_of!("?1"),
            "), ?1 << 24))"
        )
    };
}
pub(super) use {ids_of, next_id};

/// The row to which something with this id happened.
pub fn row_of(id: i64) -> i64 {
    id >> 24
}

/// What an empty ledger consists of.
pub const TABLES: &str = "
    CREATE TABLE run (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE row (number INTEGER PRIMARY KEY, referral BLOB, cells TEXT NOT NULL, base TEXT, remarks TEXT);
    CREATE TABLE write (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, attempt INTEGER, at INTEGER, guard TEXT, patch TEXT,
                        changes TEXT);
    CREATE TABLE ended (id INTEGER PRIMARY KEY, outcome TEXT NOT NULL, attempts INTEGER, sent_at INTEGER, guard TEXT,
                        patch TEXT, changes TEXT, name TEXT, http INTEGER, request_id TEXT, milliseconds INTEGER,
                        etag_after TEXT, more TEXT);
";
/// Ids are random: they are sorted once, when all rows are there, instead of put into their places one by one.
pub const INDEX: &str = "
    CREATE INDEX IF NOT EXISTS row_by_referral ON row (referral, number) WHERE referral IS NOT NULL;
";
/// Whether a row has no end that settles it for good. A row that failed is tried again when its run is resumed: it is
/// known that nothing of it has landed.
pub const IS_OPEN: &str = concat!(
    "coalesce((SELECT outcome FROM ended WHERE id ",
    ids_of!("number"),
    " ORDER BY id DESC LIMIT 1), 'in doubt') IN ('in doubt', 'failed')"
);
/// Whether anything has happened to a row.
pub const HAS_EVENTS: &str = concat!(
    "EXISTS (SELECT 1 FROM write WHERE id ",
    ids_of!("number"),
    ") OR EXISTS (SELECT 1 FROM ended WHERE id ",
    ids_of!("number"),
    ")"
);
/// All that has happened, in order, and what each makes of its row.
pub const ENDS: &str = "
    SELECT id, outcome FROM ended
    UNION ALL
    SELECT id, iif(kind = 'intent', 'in doubt', 'not reached') FROM write
    ORDER BY id
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
