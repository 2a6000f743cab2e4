//! One row from its request to its outcome.
//!
//! ```text
//!            ┌──────────────────────────── look again ◄──────────────┐
//!            ▼                                                       │
//!   look → plan → nothing to do: unchanged (or applied, if something of ours may have landed)
//!            │
//!            └──→ write the intent down → send ──→ confirmed: applied
//!                          ▲                 ├───→ no: refused
//!                          └── wait ◄────────┼──── busy, not reached: nothing was done
//!                                            └───→ stale, or the reply was lost ─────┘
//! ```
//!
//! The plan is made anew against whatever is found, so what has landed already drops out of it: a lost reply to a
//! row that appends somebody to a team cannot append the person twice.
//!
//! When the run stops, a row of which nothing can have landed is not sent any more: its intent is withdrawn.

mod create;
mod meanwhile;

use std::borrow::Cow;

use super::bench::{Bench, Ending, Purpose};
use super::work::Seen;
use super::{Check, OnConflict, Stopped, Via};
use crate::domain::change::Change;
use crate::domain::event::{Event, Intent};
use crate::domain::json::Json;
use crate::domain::merge::{self, Clash};
use crate::domain::outcome::{Deal, Outcome, Settled};
use crate::domain::plan::{Plan, Step, Write};
use crate::domain::problem::Problem;
use crate::domain::referral::{Referral, ReferralId};
use crate::service::{Answer, Fault, FaultKind, Reply, Service, Trace, Wanted};

/// A row at work.
pub struct Row<'a, S, T> {
    bench: &'a Bench<'a, S, T>,
    settled: Settled,
    /// A write of an earlier run, of which it is not known whether it landed.
    prior: Option<Intent>,
    /// Whether something of ours may have landed without an answer that says so.
    may_have_landed: bool,
    /// Wishes that clash with what somebody else has done, and that are left out of the write.
    left_out: Vec<Clash>,
    /// Whether nobody can tell if something of ours had landed before somebody else changed what clashes.
    is_unknown: bool,
    /// Whether somebody else has changed what we had written, so that the version now there is theirs.
    is_overtaken: bool,
}

impl<'a, S: Service, T: AsyncFn(Event) -> bool> Row<'a, S, T> {
    /// Begins with a row.
    pub fn new(bench: &'a Bench<'a, S, T>, row: u32, problems: Vec<Problem>, prior: Option<Intent>) -> Self {
        // The outcome is overwritten before anybody sees it.
        let settled = Settled::unsent(row, Outcome::Failed, problems);
        let attempts = prior.as_ref().map_or(0, |intent| intent.attempt);
        let may_have_landed = prior.is_some();
        Row {
            bench,
            settled: Settled { attempts, ..settled },
            prior,
            may_have_landed,
            left_out: Vec::new(),
            is_unknown: false,
            is_overtaken: false,
        }
    }

    /// Works on a change.
    pub async fn update(mut self, mut change: Change, seen: Seen, purpose: Purpose) -> Ending {
        if self.is_merged_by_field(&change) {
            change.etag = None;
        }
        let mut base = match self.look(&change, seen).await {
            Ok(base) => base,
            Err(ending) => return *ending,
        };
        if let (Some(intent), Some(current)) = (self.prior.take(), base.referral()) {
            self.recall(&intent);
            if self.has_landed(&change, &intent.changes, intent.guard.as_ref(), current) {
                return self.landed_before(&change, base);
            }
            let clashes = merge::clashes_since(&intent, current);
            self.is_unknown = !clashes.is_empty();
            change = merge::against_intent(&change, &intent);
            if !self.leaves_out(&mut change, clashes, current) {
                return self.end(Outcome::Conflict, base);
            }
        }
        if let Some(current) = base.referral() {
            let clashes = merge::clashes_with_sheet(&change, current);
            if !self.leaves_out(&mut change, clashes, current) {
                self.settled.name = current.name().map(Cow::into_owned);
                return self.end(Outcome::Conflict, base);
            }
        }
        let mut attempts = self.bench.caller.attempts();
        loop {
            if let Some(name) = base.referral().and_then(Referral::name) {
                self.settled.name = Some(name.into_owned());
            }
            let plan = self.plan(&mut change, &base);
            let write = match self.judge(plan) {
                Ok(write) => write,
                Err(outcome) => return self.end(outcome, base),
            };
            if purpose == Purpose::Plan {
                self.settled.deal = write.after.as_ref().map(Deal::of);
                return self.end(Outcome::Planned, base.after(&write));
            }
            if self.bench.settings.via == Via::Put && write.guard.is_none() {
                self.settled.reason = Some("the referral has no eTag, without which it cannot be replaced".to_owned());
                return self.end(Outcome::Failed, base);
            }
            if let Err(ending) = self.write_down(write.patch.document().clone()).await {
                return ending;
            }
            let mut fault = match self.send(change.referral, &write).await {
                None => return self.stop(None),
                Some(Ok(reply)) => return self.applied(reply),
                Some(Err(fault)) => fault,
            };
            self.note(&fault);
            match fault.kind {
                FaultKind::Refused => return self.end(Outcome::Refused, base),
                // Nothing is to be read, and nothing of ours can have changed the referral.
                FaultKind::Stale if self.bench.settings.check == Check::None && !self.may_have_landed => {
                    return self.end(Outcome::Conflict, Seen::Nothing);
                }
                FaultKind::Stale | FaultKind::Lost => {
                    self.may_have_landed |= fault.kind == FaultKind::Lost;
                    let is_last = !self.bench.caller.recover(&mut attempts, &mut fault).await;
                    let theirs = match self.bench.caller.read(change.referral).await {
                        Ok(reply) => Seen::whole(Some(reply.value)),
                        Err(read) => return self.unreadable(&fault, &read),
                    };
                    if let Some(base) = base.referral() {
                        change = merge::against_base(&change, base);
                    }
                    if let Some(outcome) = self.compare(&mut change, &write, &base, &theirs, fault.kind) {
                        return self.end(outcome, theirs);
                    }
                    if is_last {
                        return self.end(Outcome::Failed, theirs);
                    }
                    base = theirs;
                }
                FaultKind::Busy { .. } | FaultKind::Unsent | FaultKind::Unauthenticated => {
                    if !self.bench.caller.recover(&mut attempts, &mut fault).await {
                        return self.given_up(&fault);
                    }
                }
            }
        }
    }

    /// Whether the base of each field says more than the sheet's eTag: whatever else has changed since is none of this
    /// row's business.
    fn is_merged_by_field(&self, change: &Change) -> bool {
        let settings = self.bench.settings;
        settings.check == Check::Live && settings.on_conflict == OnConflict::Merge && change.has_base()
    }

    /// The referral as it is, unless the settings say not to look.
    async fn look(&mut self, change: &Change, seen: Seen) -> Result<Seen, Box<Ending>> {
        let settings = self.bench.settings;
        if settings.check == Check::None && settings.via == Via::Patch && self.prior.is_none() {
            return Ok(Seen::Nothing);
        }
        let must_be_whole = settings.via == Via::Put && matches!(seen, Seen::Listed(_));
        if !must_be_whole && seen.is_enough_for(change) {
            return Ok(seen);
        }
        match self.bench.caller.read(change.referral).await {
            Ok(reply) => Ok(Seen::whole(Some(reply.value))),
            Err(fault) => {
                self.note(&fault);
                Err(Box::new(match (fault.kind, self.prior.take()) {
                    (FaultKind::Unsent | FaultKind::Unauthenticated, _) => self.settle_given_up(&fault),
                    (_, Some(intent)) if !is_gone(&fault) => {
                        self.recall(&intent);
                        self.settle(Outcome::InDoubt, Seen::Nothing)
                    }
                    (FaultKind::Refused | FaultKind::Stale, _) => self.settle(Outcome::Refused, Seen::Nothing),
                    (FaultKind::Busy { .. } | FaultKind::Lost, _) => self.settle_given_up(&fault),
                }))
            }
        }
    }

    /// Takes over what an earlier run was about to send.
    fn recall(&mut self, intent: &Intent) {
        self.settled.changes.clone_from(&intent.changes);
        self.settled.sent_at = Some(intent.at);
        self.settled.etag_before.clone_from(&intent.guard);
        self.settled.patch = Some(intent.patch.clone());
    }

    /// What the plan says: a write, or how the row ends without one.
    fn judge(&mut self, plan: Plan) -> Result<Write, Outcome> {
        self.add_problems(plan.problems);
        match plan.step {
            Step::Nothing => Err(self.outcome_of_nothing()),
            Step::Invalid => Err(Outcome::Invalid),
            Step::Stale { expected, changes } => {
                self.settled.changes = changes;
                self.settled.reason =
                    Some(format!("the referral has changed since the sheet was made (its eTag was {expected})"));
                Err(Outcome::Conflict)
            }
            Step::Write(write) => {
                self.settled.changes.clone_from(&write.changes);
                self.settled.etag_before.clone_from(&write.guard);
                self.settled.patch = Some(write.patch.document().clone());
                Ok(write)
            }
        }
    }

    fn add_problems(&mut self, problems: Vec<Problem>) {
        for problem in problems {
            if !self.settled.problems.contains(&problem) {
                self.settled.problems.push(problem);
            }
        }
    }

    /// How a row ends whose referral holds all of it: what may have landed has been read back.
    fn outcome_of_nothing(&mut self) -> Outcome {
        if self.may_have_landed {
            return Outcome::Applied;
        }
        self.settled.changes.clear();
        Outcome::Unchanged
    }

    /// Makes the intent durable. Only then may the request leave.
    async fn write_down(&mut self, patch: Json) -> Result<(), Ending> {
        if !self.may_have_landed && !self.bench.verdict.goes_on() {
            return Err(self.stop(None));
        }
        self.settled.attempts += 1;
        let at = (self.bench.clock)();
        self.settled.sent_at = Some(at);
        let intent = Intent {
            row: self.settled.row,
            attempt: self.settled.attempts,
            at,
            guard: self.settled.etag_before.clone(),
            patch,
            changes: self.settled.changes.clone(),
        };
        match (self.bench.tell)(Event::Intent(intent)).await {
            true => Ok(()),
            false => Err(Ending::Stop { stopped: Some(Stopped::NotWritten), withdraws: false }),
        }
    }

    async fn send(&self, id: ReferralId, write: &Write) -> Option<Answer<Option<Referral>>> {
        let settings = self.bench.settings;
        let guard = write.guard.as_ref();
        match (settings.via, guard, &write.after) {
            (Via::Put, Some(guard), Some(after)) => {
                let document = after.without("links");
                self.write(async |service| service.replace(id, &document, guard).await).await
            }
            _ => {
                let wanted = match settings.check {
                    Check::Live => Wanted::Representation,
                    Check::None => Wanted::Nothing,
                };
                self.write(async |service| service.patch(id, &write.patch, guard, wanted).await).await
            }
        }
    }

    /// Makes a write whose intent is kept. None if the run stops before it may leave, and nothing of the row is out yet.
    async fn write<V>(&self, write: impl AsyncFnOnce(&S) -> Answer<V>) -> Option<Answer<V>> {
        let stop = async {
            match self.may_have_landed {
                true => std::future::pending().await,
                false => self.bench.verdict.stopped().await,
            }
        };
        self.bench.caller.write(self.settled.attempts, stop, write).await
    }

    fn applied(mut self, reply: Reply<Option<Referral>>) -> Ending {
        self.settled.http = reply.trace.http;
        self.settled.request_id = reply.trace.request_id;
        self.settled.error_code = None;
        self.settled.reason = None;
        let etag = reply.value.as_ref().and_then(Referral::etag).cloned();
        self.settled.etag_after = etag.or(reply.trace.etag);
        if let Some(answer) = &reply.value {
            meanwhile::as_answered(&mut self.settled.changes, answer);
        }
        self.end(Outcome::Applied, Seen::whole(reply.value))
    }

    /// The referral cannot be read after a write that was not confirmed. When that is so for every row, the run stops
    /// as well.
    fn unreadable(mut self, fault: &Fault, read: &Fault) -> Ending {
        if !self.may_have_landed {
            self.note(read);
            return self.given_up(read);
        }
        if is_gone(read) {
            self.note(read);
            return self.end(Outcome::Refused, Seen::Nothing);
        }
        self.stop_if_hopeless(read);
        self.settled.reason = Some(format!("{}; looking it up did not work either: {}", fault.message, read.message));
        self.end(Outcome::InDoubt, Seen::Nothing)
    }

    /// When looking is impossible for every row, the run stops.
    fn stop_if_hopeless(&self, read: &Fault) {
        match read.kind {
            FaultKind::Unsent => self.bench.verdict.stop(Stopped::Unreachable(read.message.clone())),
            FaultKind::Unauthenticated => self.bench.verdict.stop(Stopped::SignIn(read.message.clone())),
            FaultKind::Busy { .. } | FaultKind::Lost | FaultKind::Refused | FaultKind::Stale => {}
        }
    }

    fn given_up(mut self, fault: &Fault) -> Ending {
        self.settle_given_up(fault)
    }

    fn settle_given_up(&mut self, fault: &Fault) -> Ending {
        match fault.kind {
            FaultKind::Unsent => self.stop(Some(Stopped::Unreachable(fault.message.clone()))),
            FaultKind::Unauthenticated => self.stop(Some(Stopped::SignIn(fault.message.clone()))),
            FaultKind::Busy { .. } | FaultKind::Lost | FaultKind::Refused | FaultKind::Stale => {
                self.settle(Outcome::Failed, Seen::Nothing)
            }
        }
    }

    fn stop(&self, stopped: Option<Stopped>) -> Ending {
        Ending::Stop { stopped, withdraws: self.settled.attempts > 0 && !self.may_have_landed }
    }

    fn note(&mut self, fault: &Fault) {
        let Trace { http, request_id, .. } = &fault.trace;
        self.settled.http = *http;
        self.settled.request_id.clone_from(request_id);
        self.settled.error_code.clone_from(&fault.code);
        self.settled.reason = Some(fault.message.clone());
    }

    fn end(mut self, outcome: Outcome, after: Seen) -> Ending {
        self.settle(outcome, after)
    }

    fn settle(&mut self, outcome: Outcome, after: Seen) -> Ending {
        let row = self.settled.row;
        let mut settled = std::mem::replace(&mut self.settled, Settled::unsent(row, outcome, Vec::new()));
        settled.outcome = outcome;
        settled.clashes.append(&mut self.left_out);
        // After a conflict it is the version that somebody else has made, which the person has to look at.
        let tells_version = outcome == Outcome::Conflict || outcome == Outcome::Applied && !self.is_overtaken;
        if tells_version && settled.etag_after.is_none() {
            settled.etag_after = after.referral().and_then(Referral::etag).cloned();
        }
        // Clashes say more than the service's words about an eTag.
        if outcome.is_well() || outcome == Outcome::Conflict && !settled.clashes.is_empty() {
            settled.reason = self.is_unknown.then(|| meanwhile::UNKNOWN.to_owned());
            settled.error_code = None;
        }
        Ending::Settled(Box::new(settled), after)
    }
}

/// What is not there cannot have been changed, so a look that finds nothing settles a doubt.
fn is_gone(fault: &Fault) -> bool {
    matches!(fault.trace.http, Some(404 | 410))
}
