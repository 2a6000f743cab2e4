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
