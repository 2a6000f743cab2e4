//! Where rows are worked on: what they share, and what becomes of their ends.

use std::cell::RefCell;
use std::collections::HashSet;

use jiff::Timestamp;
use tokio::time::Instant;

use super::call::Caller;
use super::row::Row;
use super::schedule::Done;
use super::verdict::Verdict;
use super::work::{Seen, Work};
use super::{Pending, Settings, Stopped};
use crate::domain::change::Ask;
use crate::domain::event::Event;
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::referral::ReferralId;
use crate::service::Service;

/// All that working on rows needs, shared by them.
pub struct Bench<'a, S, T> {
    /// Makes the calls.
    pub caller: &'a Caller<'a, S>,
    /// How the run is to be done.
    pub settings: &'a Settings,
    /// Where events go; false when they could not be kept.
    pub tell: T,
    /// Whether the run goes on.
    pub verdict: &'a Verdict,
    /// What time it is.
    pub clock: fn() -> Timestamp,
    /// The referrals that rows of this run have created.
    pub created: RefCell<HashSet<ReferralId>>,
}

/// How a row's work ended: settled, or given up because the run stops.
pub enum Ending {
    /// It has its outcome, and this is left for the next row of its referral.
    Settled(Box<Settled>, Seen),
    /// It has none: the run has to stop, or stops already.
    Stop {
        /// Why, if it does not yet.
        stopped: Option<Stopped>,
        /// Whether intents have been told that have certainly done nothing.
        withdraws: bool,
    },
}

impl<S: Service, T: AsyncFn(Event) -> bool> Bench<'_, S, T> {
    /// Applies a row.
    pub async fn apply(&self, work: Work) -> Done {
        self.finish(work, Purpose::Apply).await
    }

    /// Finds out what applying a row would send.
    pub async fn plan(&self, work: Work) -> Done {
        self.finish(work, Purpose::Plan).await
    }

    async fn finish(&self, work: Work, purpose: Purpose) -> Done {
        let referral = work.referral();
        let started = Instant::now();
        let Pending { request, prior, mut earlier } = work.pending;
        let row = request.row;
        let worker = Row::new(self, row, request.problems, prior);
        // Boxed, because all that a row may have to wait for takes 10 KB, which would be moved about with each layer.
        let ending = match request.ask {
            Ask::Update(change) => Box::pin(worker.update(earlier.catch_up(&change), work.seen, purpose)).await,
            Ask::Create(draft) => Box::pin(worker.create(&draft, purpose)).await,
            Ask::Skip | Ask::Invalid => unreachable!("such a row is settled before it gets here"),
        };
        let (after, is_known) = match ending {
            Ending::Settled(mut settled, after) => {
                let is_known = settled.outcome != Outcome::InDoubt;
                settled.milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
                self.verdict.note(&settled);
                earlier.note(&settled);
                if !(self.tell)(Event::Settled(settled)).await {
                    self.verdict.stop(Stopped::NotWritten);
                }
                (after, is_known)
            }
            Ending::Stop { stopped, withdraws } => {
                if let Some(stopped) = stopped {
                    self.verdict.stop(stopped);
                }
                if withdraws {
                    (self.tell)(Event::Withdrawn { row }).await;
                }
                (Seen::Nothing, false)
            }
        };
        Done { referral, after, earlier, is_known, go_on: self.verdict.goes_on() }
    }
}

/// Whether a plan is sent or shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Sent.
    Apply,
    /// Shown.
    Plan,
}
