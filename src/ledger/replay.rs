//! What is known of a row: one function from its events to its state.

use crate::domain::cell::Row;
use crate::domain::change::Base;
use crate::domain::event::Intent;
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::problem::Problem;
use crate::domain::referral::ReferralId;

/// What is known of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Nothing was sent about it.
    NotDone,
    /// A write left, or was about to; its end is not known. The row may have been settled as such.
    InDoubt(Box<Intent>, Option<Box<Settled>>),
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
    /// What its cells were in the sheet's base.
    pub base: Base,
    /// What is worth telling about it although its own cells do not show it.
    pub remarks: Vec<Problem>,
    /// What is known.
    pub state: State,
}

/// An event as the ledger keeps it.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A write was shown and agreed to.
    Agreed(Box<Intent>),
    /// A write was about to leave.
    Intent(Box<Intent>),
    /// The writes before it have done nothing.
    Withdrawn,
    /// The row ended.
    Settled(Box<Settled>),
}

/// What the events of one row, newest first, say about it. The newest decides: an intent without an end is a doubt,
/// which lasts, through any number of ends in doubt, until the row ends otherwise or the intent is withdrawn. No more
/// events are asked for than it takes.
pub fn replay<E>(newest_first: impl IntoIterator<Item = Result<Event, E>>) -> Result<State, E> {
    let mut end_in_doubt = None;
    for event in newest_first {
        match event? {
            Event::Intent(intent) => return Ok(State::InDoubt(intent, end_in_doubt)),
            Event::Settled(settled) if settled.outcome == Outcome::InDoubt => {
                end_in_doubt.get_or_insert(settled);
            }
            Event::Settled(settled) => return Ok(State::Done(end_in_doubt.unwrap_or(settled))),
            Event::Withdrawn | Event::Agreed(_) => break,
        }
    }
    Ok(end_in_doubt.map_or(State::NotDone, State::Done))
}
