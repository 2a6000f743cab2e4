//! Trouble on request: what goes wrong, how often, and for which request.
//!
//! Chance is seeded and depends on nothing but a request's number in the order of arrival, so one client that sends
//! one request at a time meets the same trouble again. Each kind has a throw of its own: turning one on does not
//! move the others. A request meets with one mishap at most, in this order:
//!
//! ```text
//!   limit (429) > cut > expired token (401) > failure (503) > colleague (412) > lost reply
//! ```
//!
//! Only the limit looks at the time, so with it a run repeats no better than the pace of its client.

mod gate;
mod share;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub use gate::{Limit, NoLimit};
pub use share::{NoShare, Share};

use super::mint::{Dice, Purpose};
use super::mishap::Mishap;
use super::store::Store;
use crate::domain::referral::ReferralId;
use gate::{Gate, Passage};

/// What `Retry-After` says where a failure has it.
const FAILURE_RETRY_AFTER: Duration = Duration::from_secs(1);

/// How far from the given latency answers are, at most.
const JITTER_PER_MILLE: u32 = 250;

/// What goes wrong with requests over HTTP. By default nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trouble {
    /// What chance is made from. It has nothing to do with the seed of the referrals.
    pub seed: u64,
    /// More requests than that get 429 with `Retry-After` (contract, section 9), and so does everything until that
    /// time is over.
    pub limit: Option<Limit>,
    /// Requests that get 503 and are not done; every second one of them, by chance, with `Retry-After: 1`.
    pub fail: Share,
    /// Requests that are done, whereupon the connection is closed without an answer.
    pub lose_replies: Share,
    /// Requests that are not done, the connection being closed at once.
    pub cut: Share,
    /// How long each answer is held back, give or take a quarter.
    pub latency: Duration,
    /// Writes before which a colleague changes the referral, so that the guard does not match. At most once per
    /// referral.
    pub change_underneath: Share,
    /// How many requests a bearer token is good for. After that it gets 401 for ever; any other is a fresh one.
    pub expire_token_after: Option<u64>,
}

/// Deals out the trouble, request by request.
pub(super) struct Troublemaker {
    trouble: Trouble,
    state: Mutex<State>,
}

struct State {
    requests: u64,
    gate: Option<Gate>,
    /// How often each token was used. Never printed.
    uses: HashMap<String, u64>,
    /// What colleagues have changed.
    changed: HashSet<ReferralId>,
}

/// A request as it comes in.
pub(super) struct Arrival<'a> {
    pub at: Instant,
    pub token: Option<&'a str>,
    /// The referral that it wants to change.
    pub written: Option<ReferralId>,
}

/// What a request meets with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lot {
    pub mishap: Mishap,
    pub latency: Duration,
}

/// One throw for each kind of trouble, whether it comes to that or not.
#[derive(Debug, Clone, PartialEq)]
struct Chances {
    cut: bool,
    failure: Option<Mishap>,
    change_underneath: bool,
    lose_reply: bool,
    latency: Duration,
}

impl Trouble {
    /// The order of the throws is part of what a seed means.
    fn chances(&self, number: u64) -> Chances {
        let mut dice = Dice::new(self.seed, Purpose::Trouble as u64 + (number << 8));
        let cut = self.cut.is_hit(&mut dice);
        let (is_failure, is_told) = (self.fail.is_hit(&mut dice), dice.percent(50));
        let failure = Mishap::Busy { retry_after: is_told.then_some(FAILURE_RETRY_AFTER) };
        Chances {
            cut,
            failure: is_failure.then_some(failure),
            change_underneath: self.change_underneath.is_hit(&mut dice),
            lose_reply: self.lose_replies.is_hit(&mut dice),
            latency: jittered(self.latency, &mut dice),
        }
    }
}

impl Troublemaker {
    pub(super) fn of(trouble: Trouble) -> Troublemaker {
        let gate = trouble.limit.map(Gate::of);
        let state = State { requests: 0, gate, uses: HashMap::new(), changed: HashSet::new() };
        Troublemaker { trouble, state: Mutex::new(state) }
    }

    /// The lot of the next request.
    pub(super) fn next(&self, store: &Store, arrival: &Arrival<'_>) -> Lot {
        let state = &mut *self.state();
        state.requests += 1;
        let chances = self.trouble.chances(state.requests);
        let latency = chances.latency;
        Lot { mishap: self.mishap(state, chances, store, arrival), latency }
    }

    /// Takes down that an answer which asks for a pause has left.
    pub(super) fn pause_announced(&self) {
        if let Some(gate) = &mut self.state().gate {
            gate.announced();
        }
    }

    fn mishap(&self, state: &mut State, chances: Chances, store: &Store, arrival: &Arrival<'_>) -> Mishap {
        if let Some(Passage::Shut { retry_after, is_announced }) = state.gate.as_mut().map(|gate| gate.pass(arrival.at))
        {
            if is_announced {
                store.count(|troubles| troubles.requests_during_pause += 1);
            }
            return Mishap::Throttle { retry_after: Some(retry_after) };
        }
        if chances.cut {
            return Mishap::Cut;
        }
        if let (Some(token), Some(uses_max)) = (arrival.token, self.trouble.expire_token_after) {
            let uses = state.uses.entry(token.to_owned()).or_default();
            *uses += 1;
            if *uses == uses_max.saturating_add(1) {
                store.count(|troubles| troubles.tokens_expired += 1);
            }
            if *uses > uses_max {
                return Mishap::Unauthenticated;
            }
        }
        if let Some(failure) = chances.failure {
            return failure;
        }
        if let Some(id) = arrival.written.filter(|_| chances.change_underneath)
            && let Some(members) = state.colleague(id, store)
        {
            return Mishap::ChangeUnderneath(members);
        }
        if chances.lose_reply { Mishap::LoseReply } else { Mishap::None }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whatever a panic left half done here is at worst a request that is not counted.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What a colleague changes about a referral that is there and that none has changed so far: how it was edited
    /// last, and every second time its star as well.
    fn colleague(&mut self, id: ReferralId, store: &Store) -> Option<Value> {
        let current = store.peek(id)?;
        if !self.changed.insert(id) {
            return None;
        }
        let mut members = json!({ "lastModifiedVia": "PartnerCenter" });
        if self.changed.len().is_multiple_of(2) {
            members["favorite"] = json!(current["favorite"] != true);
        }
        Some(members)
    }
}

fn jittered(latency: Duration, dice: &mut Dice) -> Duration {
    let spread = u64::from(2 * JITTER_PER_MILLE) + 1;
    let per_mille = 1000 - JITTER_PER_MILLE + u32::try_from(dice.below(spread)).expect("it is below the spread");
    latency * per_mille / 1000
}

#[cfg(test)]
mod tests;
