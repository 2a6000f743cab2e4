//! Rows, each with what is known of it.

use rusqlite::{Params, Row as Found, params};

use super::event::{self, InOrder};
use super::schema::{HAS_EVENTS, IS_OPEN};
use super::{Entry, Ledger, LedgerError, State, replay, shape};
use crate::domain::cell::Row;
use crate::domain::referral::ReferralId;

/// The columns of a row, as [`entry`] takes them.
const COLUMNS: &str = "number, cells, referral, base, remarks";

impl Ledger {
    /// The open rows about a referral, in sheet order.
    pub fn open_rows_about(&self, referral: ReferralId) -> Result<Vec<Entry>, LedgerError> {
        let which = format!("referral = ?1 AND {IS_OPEN} ORDER BY number");
        self.entries(&which, params![referral.as_bytes()])
    }

    /// All rows about a referral, in sheet order.
    pub fn rows_about(&self, referral: ReferralId) -> Result<Vec<Entry>, LedgerError> {
        self.entries("referral = ?1 ORDER BY number", params![referral.as_bytes()])
    }

    /// The next open rows behind one, in sheet order.
    pub fn open_rows_behind(&self, row: u32, count: u32) -> Result<Vec<Entry>, LedgerError> {
        let which = format!("number > ?1 AND {IS_OPEN} ORDER BY number LIMIT ?2");
        self.entries(&which, params![row, count])
    }

    /// What is known of the rows about a referral that stand before one, in sheet order.
    pub fn states_before(&self, row: u32, referral: ReferralId) -> Result<Vec<State>, LedgerError> {
        let sql = "SELECT number FROM row WHERE referral = ?1 AND number < ?2 ORDER BY number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let numbers = statement.query_map(params![referral.as_bytes(), row], |found| found.get(0))?;
        numbers.map(|number| self.state(number?)).collect()
    }

    /// Calls back with every row in sheet order and what is known of it.
    pub fn each_entry<E: From<LedgerError>>(&self, mut each: impl FnMut(Entry) -> Result<(), E>) -> Result<(), E> {
        let sql = format!("SELECT {COLUMNS} FROM row ORDER BY number");
        let mut rows = self.connection.prepare(&sql).map_err(LedgerError::from)?;
        let mut found = rows.query([]).map_err(LedgerError::from)?;
        let mut events = self.connection.prepare(event::OF_ALL_ROWS).map_err(LedgerError::from)?;
        let mut events = InOrder::of(&mut events)?;
        while let Some(row) = found.next().map_err(LedgerError::from)? {
            each(entry(row, |number| events.state(number))?)?;
        }
        Ok(())
    }

    fn entries(&self, which: &str, parameters: impl Params) -> Result<Vec<Entry>, LedgerError> {
        let sql = format!("SELECT {COLUMNS}, {HAS_EVENTS} FROM row WHERE {which}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query(parameters)?;
        let mut entries = Vec::new();
        while let Some(row) = found.next()? {
            // Most rows that are asked for are new, and looking for their events would take longer than all else.
            let has_events = row.get(5)?;
            entries.push(entry(row, |number| if has_events { self.state(number) } else { Ok(State::NotDone) })?);
        }
        Ok(entries)
    }

    fn state(&self, row: u32) -> Result<State, LedgerError> {
        let mut statement = self.connection.prepare_cached(event::NEWEST_FIRST)?;
        replay(statement.query_and_then([row], |found| event::read(row, found))?)
    }
}

fn entry(found: &Found<'_>, state: impl FnOnce(u32) -> Result<State, LedgerError>) -> Result<Entry, LedgerError> {
    let text = |column| Ok::<_, LedgerError>(found.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?);
    let number: u32 = found.get(0)?;
    let cells = shape::to_cells(text(1)?.unwrap_or_default())?;
    let referral: Option<[u8; 16]> = found.get(2)?;
    let referral = referral.map(|id| ReferralId::from(uuid::Uuid::from_bytes(id)));
    let base = shape::to_base(text(3)?)?;
    let remarks = shape::to_remarks(text(4)?)?;
    Ok(Entry { row: Row { number, cells }, referral, base, remarks, state: state(number)? })
}
