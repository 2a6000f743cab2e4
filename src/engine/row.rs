//! One row from its request to its outcome.
//!
//! ```text
//!            ┌──────────────────────────── look again ◄──────────────┐
//!            ▼                                                       │
//!   look → plan → nothing to do: unchanged (or applied, when we had sent something)
//!            │
//!            └──→ write the intent down → send ──→ confirmed: applied
//!                          ▲                 ├───→ no: refused
//!                          └── wait ◄────────┼──── busy, not reached: nothing was done
//!                                            └───→ stale, or the reply was lost ─────┘
//! ```
//!
//! The plan is made anew against whatever is found, so what has landed already drops out of it: a lost reply to a
//! row that appends somebody to a team cannot append the person twice.

use jiff::Timestamp;
use tokio::time::Instant;

use super::call::Caller;
use super::schedule::Done;
use super::verdict::Verdict;
use super::{Check, OnConflict, Pending, Settings, Stopped, Via};
use crate::domain::change::{Ask, Change, Edit};
use crate::domain::create;
use crate::domain::event::{Event, Intent};
use crate::domain::json::Json;
use crate::domain::merge;
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::plan::{self, Plan, Step, Write};
use crate::domain::problem::Problem;
use crate::domain::referral::{Referral, ReferralId};
use crate::service::{Fault, FaultKind, Reply, Service, Trace, Wanted};

/// A row that waits to be worked on.
#[derive(Debug)]
pub struct Work {
    /// The row.
    pub pending: Pending,
    /// What has been seen of its referral.
    pub seen: Seen,
}

/// What has been seen of a referral so far.
#[derive(Debug)]
pub enum Seen {
    /// Nothing.
    Nothing,
    /// An item of the list, in which members may be left out (contract, section 7).
    Listed(Box<Referral>),
    /// All of it.
    Whole(Box<Referral>),
}

impl Seen {
    /// What has been seen, whole or not.
    fn referral(&self) -> Option<&Referral> {
        match self {
            Seen::Nothing => None,
            Seen::Listed(referral) | Seen::Whole(referral) => Some(referral),
        }
    }

    /// All of a referral, if the service has shown it.
    fn whole(referral: Option<Referral>) -> Seen {
        referral.map_or(Seen::Nothing, |referral| Seen::Whole(Box::new(referral)))
    }

    /// What would be seen after a write that is only planned.
    fn after(self, write: &Write) -> Seen {
        let after = write.after.as_ref().and_then(|after| Referral::parse(after.text().to_owned()).ok());
        match (self, after.map(Box::new)) {
            (Seen::Whole(_), Some(after)) => Seen::Whole(after),
            (Seen::Listed(_), Some(after)) => Seen::Listed(after),
            _ => Seen::Nothing,
        }
    }
}

impl Work {
    /// The referral that the row is about; none when it is to be created.
    pub fn referral(&self) -> Option<ReferralId> {
        match &self.pending.request.ask {
            Ask::Update(change) => Some(change.referral),
            Ask::Create(_) | Ask::Skip | Ask::Invalid => None,
        }
    }
}

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
}

/// How a row's work ended: settled, or given up because the run stops.
enum Ending {
    Settled(Box<Settled>, Seen),
    Stop(Stopped),
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
        let Pending { request, prior } = work.pending;
        let row = Row::new(self, request.row, request.problems, prior);
        let ending = match request.ask {
            Ask::Update(change) => row.update(&change, work.seen, purpose).await,
            Ask::Create(edits) => row.create(&edits, purpose).await,
            Ask::Skip | Ask::Invalid => unreachable!("such a row is settled before it gets here"),
        };
        let after = match ending {
            Ending::Settled(mut settled, after) => {
                settled.milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
                self.verdict.note(&settled);
                if !(self.tell)(Event::Settled(settled)).await {
                    self.verdict.stop(Stopped::NotWritten);
                }
                after
            }
            Ending::Stop(stopped) => {
                self.verdict.stop(stopped);
                Seen::Nothing
            }
        };
        Done { referral, after, go_on: self.verdict.goes_on() }
    }
}

/// Whether a plan is sent or shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Apply,
    Plan,
}

/// A row at work.
struct Row<'a, S, T> {
    bench: &'a Bench<'a, S, T>,
    settled: Settled,
    /// A write of an earlier run, of which it is not known whether it landed.
    prior: Option<Intent>,
}

impl<'a, S: Service, T: AsyncFn(Event) -> bool> Row<'a, S, T> {
    fn new(bench: &'a Bench<'a, S, T>, row: u32, problems: Vec<Problem>, prior: Option<Intent>) -> Self {
        // The outcome is overwritten before anybody sees it.
        let settled = Settled::unsent(row, Outcome::Failed, problems);
        let attempts = prior.as_ref().map_or(0, |intent| intent.attempt);
        Row { bench, settled: Settled { attempts, ..settled }, prior }
    }

    async fn update(mut self, change: &Change, seen: Seen, purpose: Purpose) -> Ending {
        let mut base = match self.look(change, seen).await {
            Ok(base) => base,
            Err(ending) => return *ending,
        };
        if let (Some(intent), Some(current)) = (self.prior.take(), base.referral()) {
            self.recall(&intent);
            self.settled.clashes = merge::clashes_since(&intent, current);
            if !self.settled.clashes.is_empty() {
                return self.end(Outcome::Conflict, base);
            }
        }
        let mut attempts = self.bench.caller.attempts();
        loop {
            if let Some(name) = base.referral().and_then(Referral::name) {
                self.settled.name = Some(name.to_owned());
            }
            let plan = match base.referral() {
                Some(current) => plan::against(change, current),
                None => plan::unseen(change),
            };
            let write = match self.judge(plan) {
                Ok(write) => write,
                Err(outcome) => return self.end(outcome, base),
            };
            if purpose == Purpose::Plan {
                return self.end(Outcome::Planned, base.after(&write));
            }
            if self.bench.settings.via == Via::Put && write.guard.is_none() {
                self.settled.reason = Some("the referral has no eTag, without which it cannot be replaced".to_owned());
                return self.end(Outcome::Failed, base);
            }
            if let Err(stopped) = self.write_down(write.patch.to_json()).await {
                return Ending::Stop(stopped);
            }
            let fault = match self.send(change.referral, &write).await {
                Ok(reply) => return self.applied(reply),
                Err(fault) => fault,
            };
            self.note(&fault);
            match fault.kind {
                FaultKind::Refused => return self.end(Outcome::Refused, base),
                FaultKind::Stale if change.etag.is_some() || self.bench.settings.on_conflict == OnConflict::Report => {
                    return self.end(Outcome::Conflict, Seen::Nothing);
                }
                FaultKind::Stale | FaultKind::Lost => {
                    if !self.bench.caller.recover(&mut attempts, &fault).await {
                        return self.look_last(change, base.referral(), &fault).await;
                    }
                    let theirs = match self.bench.caller.read(change.referral).await {
                        Ok(reply) => reply.value,
                        Err(read) => return self.unreadable(&fault, &read),
                    };
                    if let Some(ending) = self.clash(change, base.referral(), &theirs) {
                        return ending;
                    }
                    base = Seen::Whole(Box::new(theirs));
                }
                FaultKind::Busy { .. } | FaultKind::Unsent | FaultKind::Unauthenticated => {
                    if !self.bench.caller.recover(&mut attempts, &fault).await {
                        return self.given_up(&fault);
                    }
                }
            }
        }
    }

    async fn create(mut self, edits: &[Edit], purpose: Purpose) -> Ending {
        if let Some(intent) = self.prior.take() {
            self.recall(&intent);
            self.settled.reason = Some("it was being created when an earlier run was cut short".to_owned());
            return self.end(Outcome::InDoubt, Seen::Nothing);
        }
        let document = match create::document(edits) {
            Ok((document, problems)) => {
                self.settled.problems.extend(problems);
                document
            }
            Err(problems) => {
                self.settled.problems.extend(problems);
                return self.end(Outcome::Invalid, Seen::Nothing);
            }
        };
        self.settled.name = create::name(&document);
        self.settled.patch = Some(document.clone());
        if purpose == Purpose::Plan {
            return self.end(Outcome::Planned, Seen::Nothing);
        }
        let mut attempts = self.bench.caller.attempts();
        loop {
            if let Err(stopped) = self.write_down(document.clone()).await {
                return Ending::Stop(stopped);
            }
            let answer =
                self.bench.caller.write(self.settled.attempts, async |service| service.create(&document).await).await;
            let fault = match answer {
                Ok(Reply { value, trace }) => {
                    self.settled.created_id = Some(value.id().to_string());
                    return self.applied(Reply { value: Some(value), trace });
                }
                Err(fault) => fault,
            };
            self.note(&fault);
            match fault.kind {
                FaultKind::Refused | FaultKind::Stale => return self.end(Outcome::Refused, Seen::Nothing),
                // A create cannot be looked up without an id, and must not be repeated blindly.
                FaultKind::Lost => return self.end(Outcome::InDoubt, Seen::Nothing),
                FaultKind::Busy { .. } | FaultKind::Unsent | FaultKind::Unauthenticated => {
                    if !self.bench.caller.recover(&mut attempts, &fault).await {
                        return self.given_up(&fault);
                    }
                }
            }
        }
    }

    /// The referral as it is, unless the settings say not to look.
    async fn look(&mut self, change: &Change, seen: Seen) -> Result<Seen, Box<Ending>> {
        let settings = self.bench.settings;
        if settings.check == Check::None && settings.via == Via::Patch && self.prior.is_none() {
            return Ok(Seen::Nothing);
        }
        let is_known = match &seen {
            Seen::Whole(_) => true,
            Seen::Listed(referral) => settings.via == Via::Patch && is_enough(change, referral),
            Seen::Nothing => false,
        };
        if is_known {
            return Ok(seen);
        }
        match self.bench.caller.read(change.referral).await {
            Ok(reply) => Ok(Seen::whole(Some(reply.value))),
            Err(fault) => {
                self.note(&fault);
                Err(Box::new(match (fault.kind, self.prior.take()) {
                    (FaultKind::Refused | FaultKind::Stale, _) => self.settle(Outcome::Refused, Seen::Nothing),
                    (FaultKind::Busy { .. } | FaultKind::Lost, Some(intent)) => {
                        self.recall(&intent);
                        self.settle(Outcome::InDoubt, Seen::Nothing)
                    }
                    _ => self.settle_given_up(&fault),
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
        let had_sent = self.settled.attempts > 0;
        for problem in plan.problems {
            if !self.settled.problems.contains(&problem) {
                self.settled.problems.push(problem);
            }
        }
        match plan.step {
            // What we had sent before the reply was lost has been read back.
            Step::Nothing if had_sent => Err(Outcome::Applied),
            Step::Nothing => Err(Outcome::Unchanged),
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
                self.settled.patch = Some(write.patch.to_json());
                Ok(write)
            }
        }
    }

    /// Makes the intent durable. Only then may the request leave.
    async fn write_down(&mut self, patch: Json) -> Result<(), Stopped> {
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
        if (self.bench.tell)(Event::Intent(intent)).await { Ok(()) } else { Err(Stopped::NotWritten) }
    }

    async fn send(&self, id: ReferralId, write: &Write) -> Result<Reply<Option<Referral>>, Fault> {
        let settings = self.bench.settings;
        let (guard, attempt) = (write.guard.as_ref(), self.settled.attempts);
        match (settings.via, guard, &write.after) {
            (Via::Put, Some(guard), Some(after)) => {
                let document = after.without("links");
                self.bench.caller.write(attempt, async |service| service.replace(id, &document, guard).await).await
            }
            _ => {
                let wanted = match settings.check {
                    Check::Live => Wanted::Representation,
                    Check::None => Wanted::Nothing,
                };
                self.bench
                    .caller
                    .write(attempt, async |service| service.patch(id, &write.patch, guard, wanted).await)
                    .await
            }
        }
    }

    fn applied(mut self, reply: Reply<Option<Referral>>) -> Ending {
        self.settled.http = reply.trace.http;
        self.settled.request_id = reply.trace.request_id;
        self.settled.error_code = None;
        self.settled.reason = None;
        let etag = reply.value.as_ref().and_then(Referral::etag).cloned();
        self.settled.etag_after = etag.or(reply.trace.etag);
        self.end(Outcome::Applied, Seen::whole(reply.value))
    }

    /// Ends the row if somebody else changed one of its fields to another value.
    fn clash(&mut self, change: &Change, base: Option<&Referral>, theirs: &Referral) -> Option<Ending> {
        let clashes = base.map(|base| merge::clashes(change, base, theirs)).unwrap_or_default();
        if clashes.is_empty() {
            return None;
        }
        self.settled.clashes = clashes;
        Some(self.settle(Outcome::Conflict, Seen::whole(Some(theirs.clone()))))
    }

    /// The attempts are used up, the last one without an answer: one more look tells whether it landed.
    async fn look_last(mut self, change: &Change, base: Option<&Referral>, fault: &Fault) -> Ending {
        match self.bench.caller.read(change.referral).await {
            Ok(reply) if matches!(plan::against(change, &reply.value).step, Step::Nothing) => {
                self.end(Outcome::Applied, Seen::whole(Some(reply.value)))
            }
            Ok(reply) => match self.clash(change, base, &reply.value) {
                Some(ending) => ending,
                None => self.end(Outcome::Failed, Seen::whole(Some(reply.value))),
            },
            Err(read) => self.unreadable(fault, &read),
        }
    }

    /// The reply was lost and the referral cannot be read.
    fn unreadable(mut self, fault: &Fault, read: &Fault) -> Ending {
        if fault.kind == FaultKind::Stale {
            self.note(read);
            return self.given_up(read);
        }
        self.settled.reason = Some(format!("{}; looking it up did not work either: {}", fault.message, read.message));
        self.end(Outcome::InDoubt, Seen::Nothing)
    }

    fn given_up(mut self, fault: &Fault) -> Ending {
        self.settle_given_up(fault)
    }

    fn settle_given_up(&mut self, fault: &Fault) -> Ending {
        match fault.kind {
            FaultKind::Unsent => Ending::Stop(Stopped::Unreachable(fault.message.clone())),
            FaultKind::Unauthenticated => Ending::Stop(Stopped::SignIn(fault.message.clone())),
            FaultKind::Busy { .. } | FaultKind::Lost | FaultKind::Refused | FaultKind::Stale => {
                self.settle(Outcome::Failed, Seen::Nothing)
            }
        }
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
        // Clashes say more than the service's words about an eTag.
        if outcome.is_well() || !settled.clashes.is_empty() {
            settled.reason = None;
            settled.error_code = None;
        }
        Ending::Settled(Box::new(settled), after)
    }
}

/// Whether a list item shows all that the change is about: with its eTag if something is to be sent.
fn is_enough(change: &Change, listed: &Referral) -> bool {
    let is_printed = |edit: &Edit| listed.at(edit.field.pointer()).is_some();
    let shows_status = change.edits.iter().all(|edit| !edit.field.path.contains("status")) || listed.status().is_some();
    change.edits.iter().all(is_printed)
        && shows_status
        && (listed.etag().is_some() || change.edits.iter().all(|edit| plan::holds(edit, listed)))
}
