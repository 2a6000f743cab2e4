//! What is known of a row: one function from its events to its state.

use crate::domain::cell::Row;
use crate::domain::event::Intent;
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::referral::ReferralId;

/// What is known of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Nothing was sent about it.
    NotDone,
    /// A write left, or was about to; its end is not known.
    InDoubt {
        /// The write.
        intent: Box<Intent>,
        /// How the row ended nevertheless, if it was given up in doubt and not cut short.
        given_up: Option<Box<Settled>>,
    },
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

/// An event as the ledger keeps it.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A write was about to leave.
    Intent(Box<Intent>),
    /// The row ended.
    Settled(Box<Settled>),
}

/// What the events of one row, oldest first, say about it. The last one decides: an intent without an end is a doubt,
/// and a row that ended in doubt is still in doubt.
pub fn replay(events: impl IntoIterator<Item = Event>) -> State {
    let mut state = State::NotDone;
    for event in events {
        state = match (event, state) {
            (Event::Intent(intent), _) => State::InDoubt { intent, given_up: None },
            (Event::Settled(settled), State::InDoubt { intent, .. }) if settled.outcome == Outcome::InDoubt => {
                State::InDoubt { intent, given_up: Some(settled) }
            }
            (Event::Settled(settled), _) => State::Done(settled),
        };
    }
    state
}
