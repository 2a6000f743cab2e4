//! What happens during a run, told by the engine. Ledger and console listen; neither talks back.

use std::ops::Add;
use std::time::Duration;

use jiff::Timestamp;

use super::json::Json;
use super::outcome::{Outcome, Settled};
use super::plan::FieldChange;
use super::referral::ETag;

/// Something that the ledger keeps before anything else happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A write is about to leave. It must be on disk before it does.
    Intent(Intent),
    /// The writes of a row that were told so far have certainly done nothing, and the run ends without another.
    Withdrawn {
        /// The row.
        row: u32,
    },
    /// A row has ended.
    Settled(Box<Settled>),
}

impl Event {
    /// Whether it is the end of a row of which nobody knows whether its write landed.
    pub fn is_end_in_doubt(&self) -> bool {
        matches!(self, Event::Settled(settled) if settled.outcome == Outcome::InDoubt)
    }
}

/// Something worth telling a person who watches, and nothing to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The service asked everybody to wait.
    Paused {
        /// For how long.
        pause: Duration,
    },
    /// A request did not succeed and will be repeated.
    Retrying {
        /// Why, for people.
        reason: String,
    },
}

/// A write that is about to leave, or was agreed to.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// The row.
    pub row: u32,
    /// Which attempt of this row it is, from 1; 0 before the first.
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// The version that it is guarded by.
    pub guard: Option<ETag>,
    /// The operations, or the document of a referral to be created.
    pub patch: Json,
    /// What it replaces by what: what an undo needs.
    pub changes: Vec<FieldChange>,
}

/// Requests that left for the service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Requests {
    /// Reads: single referrals and pages.
    pub reads: u64,
    /// Writes.
    pub writes: u64,
    /// How many of all were repetitions.
    pub retried: u64,
    /// How often the service answered 429.
    pub throttled: u64,
}

impl Add for Requests {
    type Output = Requests;

    fn add(self, other: Requests) -> Requests {
        Requests {
            reads: self.reads + other.reads,
            writes: self.writes + other.writes,
            retried: self.retried + other.retried,
            throttled: self.throttled + other.throttled,
        }
    }
}

impl Requests {
    /// All of them.
    pub fn sent(&self) -> u64 {
        self.reads + self.writes
    }
}
