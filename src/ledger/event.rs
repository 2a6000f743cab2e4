//! Events as the ledger's tables keep them: what every row has stands in columns, what few have in one text.
//!
//! What was sent is kept once: an end that confirms its intent to the letter leaves `patch` and `changes` to it. The
//! events of a row have ids that follow one another, so the intent is the one before the end.

use jiff::Timestamp;
use rusqlite::{CachedStatement, Connection, Row, Rows, Statement, params};
use serde::{Deserialize, Serialize};

use super::replay::{Event, State, replay};
use super::schema::{self, ids_of, next_id};
use super::shape::{self, StoredClash, StoredProblem, to_json};
use super::{LedgerError, Misshapen};
use crate::domain::event::Intent;
use crate::domain::json::Json;
use crate::domain::merge::Clash;
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::problem::Problem;
use crate::domain::referral::ETag;

const INSERT_WRITE: &str = concat!(
    "INSERT INTO write (id, kind, attempt, at, guard, patch, changes) VALUES (",
    next_id!(),
    ", ?2, ?3, ?4, ?5, ?6, ?7)"
);
const INSERT_WITHDRAWN: &str = concat!("INSERT INTO write (id, kind) VALUES (", next_id!(), ", 'withdrawn')");
const INSERT_END: &str = concat!(
    "INSERT INTO ended (id, outcome, attempts, sent_at, guard, patch, changes,
                        name, http, request_id, milliseconds, etag_after, more) VALUES (",
    "coalesce(?14, ",
    next_id!(),
    "), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
);
/// Ends, as [`read`] takes events; the id is there to sort by.
macro_rules! ends {
    () => {
        "SELECT ended.id, 'settled', outcome, attempts, sent_at, ended.guard,
                iif(ended.changes IS NULL, write.patch, ended.patch), coalesce(ended.changes, write.changes),
                name, http, request_id, milliseconds, etag_after, more
         FROM ended LEFT JOIN write ON write.id = ended.id - 1"
    };
}
/// Writes, likewise.
macro_rules! writes {
    () => {
        "SELECT id, kind, NULL, attempt, at, guard, patch, changes, NULL, NULL, NULL, NULL, NULL, NULL FROM write"
    };
}
/// What has happened to row `?1`.
pub const NEWEST_FIRST: &str = concat!(
    ends!(),
    " WHERE ended.id ",
    ids_of!("?1"),
    " UNION ALL ",
    writes!(),
    " WHERE id ",
    ids_of!("?1"),
    " ORDER BY 1 DESC"
);
/// What has happened to all rows, in order. Most writes have an end that says all, and are left out.
pub const OF_ALL_ROWS: &str = concat!(
    ends!(),
    " UNION ALL ",
    writes!(),
    " WHERE NOT EXISTS (SELECT 1 FROM ended WHERE ended.id = write.id + 1 AND outcome <> 'in doubt') ORDER BY 1"
);

/// What only some ends have.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct More {
    created_id: Option<String>,
    problems: Vec<StoredProblem>,
    clashes: Vec<StoredClash>,
    reason: Option<String>,
    error_code: Option<String>,
    is_final: bool,
}

/// Adds events, with statements that are made ready once for many.
pub struct Writer<'c> {
    connection: &'c Connection,
    write: CachedStatement<'c>,
    end: CachedStatement<'c>,
}

/// A write that was kept, under this id.
pub struct Kept {
    intent: Intent,
    id: i64,
}

impl<'c> Writer<'c> {
    pub fn new(connection: &'c Connection) -> rusqlite::Result<Writer<'c>> {
        let (write, end) = (connection.prepare_cached(INSERT_WRITE)?, connection.prepare_cached(INSERT_END)?);
        Ok(Writer { connection, write, end })
    }

    /// Adds a write, of this kind: `intent` or `agreed`.
    pub fn write(&mut self, kind: &str, intent: Intent) -> rusqlite::Result<Kept> {
        let Intent { row, attempt, at, guard, patch, changes } = &intent;
        let id = self.write.insert(params![
            row,
            kind,
            attempt,
            nanoseconds(*at),
            guard.as_ref().map(ETag::as_str),
            patch.text(),
            shape::from_changes(changes),
        ])?;
        Ok(Kept { intent, id })
    }

    /// Adds that the writes of a row have done nothing.
    pub fn withdrawn(&mut self, row: u32) -> rusqlite::Result<()> {
        self.connection.prepare_cached(INSERT_WITHDRAWN)?.execute([row])?;
        Ok(())
    }

    /// Adds the end of a row. `sent` is the event before it, if that is a write.
    pub fn settled(&mut self, settled: &Settled, sent: Option<&Kept>) -> rusqlite::Result<()> {
        let is_as_sent = sent.is_some_and(|Kept { intent, .. }| {
            settled.patch.as_ref() == Some(&intent.patch) && settled.changes == intent.changes
        });
        let patch = settled.patch.as_ref().filter(|_| !is_as_sent).map(Json::text);
        let changes = (!is_as_sent).then(|| shape::from_changes(&settled.changes));
        self.end.execute(params![
            settled.row,
            settled.outcome.word(),
            settled.attempts,
            settled.sent_at.map(nanoseconds),
            settled.etag_before.as_ref().map(ETag::as_str),
            patch,
            changes,
            settled.name,
            settled.http,
            settled.request_id,
            i64::try_from(settled.milliseconds).unwrap_or(i64::MAX),
            settled.etag_after.as_ref().map(ETag::as_str),
            More::of(settled).map(|more| shape::write(&more)),
            // Looking for the last id takes longer than all else.
            sent.map(|Kept { id, .. }| id + 1),
        ])?;
        Ok(())
    }
}

/// What has happened to rows, gone through in their order.
pub struct InOrder<'s> {
    found: Rows<'s>,
    /// What comes next, and to which row.
    next: Option<(u32, Event)>,
}

impl<'s> InOrder<'s> {
    pub fn of(statement: &'s mut Statement<'_>) -> Result<InOrder<'s>, LedgerError> {
        let mut events = InOrder { found: statement.query([])?, next: None };
        events.advance()?;
        Ok(events)
    }

    /// What is known of a row, of which and of those before it nothing was asked yet.
    pub fn state(&mut self, row: u32) -> Result<State, LedgerError> {
        let mut of_row = Vec::new();
        while let Some((_, event)) = self.next.take_if(|(next, _)| *next <= row) {
            of_row.push(Ok(event));
            self.advance()?;
        }
        replay(of_row.into_iter().rev())
    }

    fn advance(&mut self) -> Result<(), LedgerError> {
        let Some(found) = self.found.next()? else { return Ok(()) };
        let row = u32::try_from(schema::row_of(found.get(0)?)).unwrap_or(u32::MAX);
        self.next = Some((row, read(row, found)?));
        Ok(())
    }
}

/// An event of this row.
pub fn read(row: u32, found: &Row<'_>) -> Result<Event, LedgerError> {
    Ok(match text(found, 1)?.unwrap_or_default() {
        "intent" => Event::Intent(Box::new(to_intent(row, found)?)),
        "settled" => Event::Settled(Box::new(to_settled(row, found)?)),
        "agreed" => Event::Agreed(Box::new(to_intent(row, found)?)),
        _ => Event::Withdrawn,
    })
}

fn to_intent(row: u32, found: &Row<'_>) -> Result<Intent, LedgerError> {
    Ok(Intent {
        row,
        attempt: found.get(3)?,
        at: timestamp(found.get(4)?)?,
        guard: found.get::<_, Option<String>>(5)?.map(ETag::new),
        patch: to_json(text(found, 6)?.unwrap_or_default())?,
        changes: shape::to_changes(text(found, 7)?.unwrap_or_default())?,
    })
}

fn to_settled(row: u32, found: &Row<'_>) -> Result<Settled, LedgerError> {
    let word = text(found, 2)?.unwrap_or_default();
    let more: More = text(found, 13)?.map(serde_json::from_str).transpose().map_err(Misshapen)?.unwrap_or_default();
    Ok(Settled {
        row,
        outcome: Outcome::from_word(word).ok_or(LedgerError::Incomplete("outcome"))?,
        attempts: found.get(3)?,
        sent_at: found.get::<_, Option<i64>>(4)?.map(timestamp).transpose()?,
        etag_before: found.get::<_, Option<String>>(5)?.map(ETag::new),
        patch: text(found, 6)?.map(to_json).transpose()?,
        changes: shape::to_changes(text(found, 7)?.unwrap_or_default())?,
        name: found.get(8)?,
        http: found.get(9)?,
        request_id: found.get(10)?,
        milliseconds: found.get::<_, i64>(11)?.try_into().unwrap_or(0),
        etag_after: found.get::<_, Option<String>>(12)?.map(ETag::new),
        created_id: more.created_id,
        problems: more.problems.into_iter().map(Problem::from).collect(),
        clashes: more.clashes.into_iter().map(Clash::from).collect(),
        reason: more.reason,
        error_code: more.error_code,
        is_final: more.is_final,
        deal: None,
    })
}

impl More {
    /// None for an end that has nothing of it.
    fn of(settled: &Settled) -> Option<More> {
        let Settled { created_id, problems, clashes, reason, error_code, is_final, .. } = settled;
        let is_plain = created_id.is_none() && reason.is_none() && error_code.is_none() && !is_final;
        if is_plain && problems.is_empty() && clashes.is_empty() {
            return None;
        }
        Some(More {
            created_id: created_id.clone(),
            problems: problems.iter().map(StoredProblem::from).collect(),
            clashes: clashes.iter().map(StoredClash::from).collect(),
            reason: reason.clone(),
            error_code: error_code.clone(),
            is_final: *is_final,
        })
    }
}

fn text<'f>(found: &'f Row<'_>, column: usize) -> rusqlite::Result<Option<&'f str>> {
    Ok(found.get_ref(column)?.as_str_or_null()?)
}

/// Since 1970. They last until 2262.
fn nanoseconds(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX)
}

fn timestamp(nanoseconds: i64) -> Result<Timestamp, LedgerError> {
    Timestamp::from_nanosecond(nanoseconds.into()).map_err(|_| LedgerError::Incomplete("time"))
}
