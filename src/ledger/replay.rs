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
    /// A write was about to leave.
    Intent(Box<Intent>),
    /// The writes before it have done nothing.
    Withdrawn,
    /// The row ended.
    Settled(Box<Settled>),
}

/// What the events of one row, oldest first, say about it. The last one decides: an intent without an end is a doubt,
/// which lasts, through any number of ends in doubt, until the row ends otherwise or the intent is withdrawn.
pub fn replay(events: impl IntoIterator<Item = Event>) -> State {
    events.into_iter().fold(State::NotDone, |state, event| match (event, state) {
        (Event::Intent(intent), _) => State::InDoubt(intent, None),
        (Event::Withdrawn, _) => State::NotDone,
        (Event::Settled(settled), State::InDoubt(intent, _)) if settled.outcome == Outcome::InDoubt => {
            State::InDoubt(intent, Some(settled))
        }
        (Event::Settled(settled), _) => State::Done(settled),
    })
}
