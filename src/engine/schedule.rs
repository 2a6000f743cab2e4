//! Which row is worked on when: many at once, never two of one referral, and those of one referral in sheet order.

use std::collections::{HashMap, HashSet, VecDeque};
use std::pin::pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use super::work::{Seen, Work};
use crate::domain::earlier::Earlier;
use crate::domain::referral::ReferralId;

/// Rows that may wait for an earlier row of their referral before no more are taken in.
const PARKED_MAX: usize = 1024;

/// What working on a row leaves for the next one.
pub struct Done {
    /// The referral that the row was about.
    pub referral: Option<ReferralId>,
    /// What has been seen of it since.
    pub after: Seen,
    /// What the rows of this run have done to it so far.
    pub earlier: Earlier,
    /// Whether it is known how the row ended. If not, later rows of its referral must wait for another run: they would
    /// overtake it.
    pub is_known: bool,
    /// Whether new rows may be begun.
    pub go_on: bool,
}

/// Works on all rows that come in, those of one referral in groups or one by one, `at_once` of them, until there are
/// none, a row says stop, or `stop` completes. Rows that have been begun are always worked on to their end; whether one
/// is still sent when the run stops is its own business ([`super::row`]).
pub async fn run<F: Future<Output = Done>>(
    mut rows: mpsc::Receiver<Vec<Work>>,
    at_once: usize,
    stop: impl Future<Output = ()>,
    work_on: impl Fn(Work) -> F,
) {
    let mut stop = pin!(stop);
    let mut running = FuturesUnordered::new();
    let mut queue = Queue::default();
    let mut is_open = true;
    let mut is_stopped = false;
    loop {
        while !is_stopped
            && running.len() < at_once
            && let Some(work) = queue.ready.pop_front()
        {
            running.push(Box::pin(work_on(work)));
        }
        if running.is_empty() && (is_stopped || !is_open) {
            return;
        }
        let takes_more = is_open && running.len() < at_once && queue.parked_count < PARKED_MAX;
        tokio::select! {
            biased;
            () = &mut stop, if !is_stopped => is_stopped = true,
            Some(done) = running.next(), if !running.is_empty() => {
                is_stopped |= !done.go_on;
                queue.finished(done);
            }
            group = rows.recv(), if takes_more && !is_stopped => match group {
                Some(group) => group.into_iter().for_each(|work| queue.admit(work)),
                None => is_open = false,
            },
        }
    }
}

#[derive(Default)]
struct Queue {
    /// Rows that can be begun.
    ready: VecDeque<Work>,
    /// Referrals that a row in `ready` or at work is about.
    busy: HashSet<ReferralId>,
    /// Rows that wait for an earlier one of their referral.
    parked: HashMap<ReferralId, VecDeque<Work>>,
    parked_count: usize,
    /// Referrals that a row in doubt is about.
    held_up: HashSet<ReferralId>,
}

impl Queue {
    fn admit(&mut self, work: Work) {
        match work.referral() {
            Some(id) if self.held_up.contains(&id) => {}
            Some(id) if !self.busy.insert(id) => {
                self.parked.entry(id).or_default().push_back(work);
                self.parked_count += 1;
            }
            _ => self.ready.push_back(work),
        }
    }

    fn finished(&mut self, done: Done) {
        let Some(id) = done.referral else { return };
        if !done.is_known {
            // The referral stays busy, so that nothing more is begun about it.
            self.parked_count -= self.parked.remove(&id).map_or(0, |waiting| waiting.len());
            self.held_up.insert(id);
            return;
        }
        let Some(waiting) = self.parked.get_mut(&id) else {
            self.busy.remove(&id);
            return;
        };
        if let Some(mut next) = waiting.pop_front() {
            self.parked_count -= 1;
            // What was seen before the earlier row is out of date.
            next.seen = done.after;
            next.pending.earlier = done.earlier;
            self.ready.push_back(next);
        }
        if waiting.is_empty() {
            self.parked.remove(&id);
        }
    }
}
