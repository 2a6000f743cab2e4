//! A run, from the rows of a sheet to the report: what `apply` and `plan` have in common.
//!
//! ```text
//! sheet ─ rows ─▶ ledger ─ open rows ─▶ engine ─ events ─▶ ledger ─ entries ─▶ report, summary
//!                                        │  └─────────────▶ progress
//!                                        ▼
//!                                     service
//! ```

use std::cell::Cell;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::intake::{Intake, Sense};
use super::outlets::Outlets;
use super::signals;
use crate::console::{Console, Progress, Status};
use crate::domain::cell::Row;
use crate::domain::change::{Ask, Request};
use crate::domain::event::{Event, Requests};
use crate::domain::outcome::{Outcome, Settled, Tally};
use crate::domain::referral::ReferralId;
use crate::engine::{self, Ended, Pacer, Source, Stopped, Surroundings};
use crate::error::{Exit, Failure, Kind};
use crate::ledger::{Entry, Foot, Head, Ledger, LedgerError, State};
use crate::service::Service;

/// How long rows in flight may take to settle after the run was asked to stop. What is not settled by then is in the
/// ledger as an intent, and looked up by a resume.
const GRACE: Duration = Duration::from_millis(1500);

/// A run that is about to begin.
pub struct Run<'a> {
    /// The sheet.
    pub intake: &'a Intake,
    /// The ledger, rows taken in.
    pub ledger: Ledger,
    /// Where to speak.
    pub console: Console,
    /// What the ledger says it is about.
    pub head: Head,
}

/// How a run ended, before anything is reported.
pub struct Finish {
    /// How the engine ended.
    pub ended: Ended,
    /// The signal that ended it, if one did.
    pub signal: Option<Exit>,
    /// How long it worked.
    pub took: Duration,
}

/// What is done with open rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// They are sent.
    Apply,
    /// It is found out what would be sent.
    Plan,
}

impl<'a> Run<'a> {
    /// Takes all rows of the sheet into a new ledger; rows that need no request are settled there at once.
    pub fn take_in(intake: &'a Intake, mut ledger: Ledger, head: Head, console: Console) -> Result<Run<'a>, Failure> {
        let rows = intake.requests()?.map(|item| {
            let (row, request) = item?;
            let (referral, settled) = at_once(request);
            Ok::<_, Failure>((row, referral, settled))
        });
        ledger.take_in(rows)?;
        Ok(Run { intake, ledger, console, head })
    }

    /// How many rows ended how so far; those that wait for the engine are not reached.
    pub fn tally(&self) -> Result<Tally, Failure> {
        Ok(self.ledger.tally()?)
    }

    /// Lets the engine work on the open rows.
    pub fn work<S: Service>(
        &self,
        service: &S,
        purpose: Purpose,
        rate: engine::Rate,
        settings: &engine::Settings,
    ) -> Result<Finish, Failure> {
        let started = Instant::now();
        let open = self.tally()?[Outcome::NotReached];
        let recorder = self.ledger.recorder()?;
        let progress = Progress::begin(self.console, open);
        let signal = Cell::new(None);
        let pacer = Pacer::new(rate);
        let tell = async |event: Event| {
            progress.note(&event);
            recorder.keep(event).await
        };
        let around = Surroundings {
            service,
            pacer: &pacer,
            tell,
            stop: async { signal.set(Some(signals::asked_to_stop().await)) },
            clock: Timestamp::now,
        };
        let source = OpenRows { ledger: &self.ledger, sense: &self.intake.sense };
        let ended = super::runtime()?.block_on(async {
            let work = async {
                match purpose {
                    Purpose::Apply => engine::apply(around, settings, source).await,
                    Purpose::Plan => engine::plan(around, settings, source).await,
                }
            };
            within_grace(work, &signal).await
        });
        progress.end();
        recorder.close()?;
        Ok(Finish { ended, signal: signal.get(), took: started.elapsed() })
    }

    /// Writes down how the run ended, and goes through all rows for what is made of them.
    pub fn conclude(self, finish: &Finish, mut outlets: Outlets<'_>) -> Result<Exit, Failure> {
        let is_finished = finish.ended.stopped.is_none();
        let foot = Foot { ended_at: Timestamp::now(), is_finished, requests: finish.ended.requests };
        self.ledger.finish(&foot)?;
        self.ledger.each_entry(|Entry { row, referral, state }| {
            let id = referral.map_or_else(|| self.intake.sense.id_text(&row), |id| id.to_string());
            outlets.take(&row, &id, &settled(row.number, state))
        })?;
        outlets.close(&self.head, finish)
    }
}

impl Finish {
    /// A run in which the engine had nothing to do.
    pub fn without_work() -> Self {
        let ended = Ended { requests: Requests::default(), stopped: None };
        Finish { ended, signal: None, took: Duration::ZERO }
    }

    /// Whether all rows were reached, or why not.
    pub fn status(&self) -> Status {
        match &self.ended.stopped {
            None => Status::Finished,
            Some(Stopped::Asked) => Status::Interrupted,
            Some(Stopped::NotWritten) => Status::Aborted("the ledger could not be written".to_owned()),
            Some(Stopped::Unreachable(why)) => Status::Aborted(format!("the service cannot be reached: {why}")),
            Some(Stopped::SignIn(why)) => Status::Aborted(format!("the sign-in was not accepted: {why}")),
            Some(Stopped::Source(why)) => Status::Aborted(why.clone()),
        }
    }

    /// How the program ends.
    pub fn exit(&self, tally: &Tally) -> Exit {
        match &self.ended.stopped {
            Some(Stopped::Asked) => self.signal.unwrap_or(Exit::Interrupted),
            Some(Stopped::SignIn(_)) => Exit::SignIn,
            Some(Stopped::NotWritten | Stopped::Unreachable(_) | Stopped::Source(_)) => Exit::Stopped,
            None if tally.is_well() => Exit::Done,
            None => Exit::SomeNotApplied,
        }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Failure::new(Kind::Stopped, error)
    }
}

/// The end of a row that needs no request.
pub fn at_once(request: Request) -> (Option<ReferralId>, Option<Settled>) {
    let unsent = |outcome, problems| Some(Settled::unsent(request.row, outcome, problems));
    match request.ask {
        Ask::Update(change) if change.edits.is_empty() => {
            (Some(change.referral), unsent(Outcome::Unchanged, request.problems))
        }
        Ask::Update(change) => (Some(change.referral), None),
        Ask::Create(_) => (None, None),
        Ask::Skip => (None, unsent(Outcome::Skipped, request.problems)),
        Ask::Invalid => (None, unsent(Outcome::Invalid, request.problems)),
    }
}

/// What the report says of a row: rows without an end get the one that their state amounts to.
fn settled(row: u32, state: State) -> Settled {
    match state {
        State::Done(settled) => *settled,
        State::NotDone => Settled::unsent(row, Outcome::NotReached, Vec::new()),
        State::InDoubt(intent) => Settled {
            changes: intent.changes,
            attempts: intent.attempt,
            sent_at: Some(intent.at),
            etag_before: intent.guard,
            patch: Some(intent.patch),
            reason: Some("a request was under way when the run ended".to_owned()),
            ..Settled::unsent(row, Outcome::InDoubt, Vec::new())
        },
    }
}

/// Lets work go on for a while after a signal, and no longer.
async fn within_grace(work: impl Future<Output = Ended>, signal: &Cell<Option<Exit>>) -> Ended {
    let too_late = async {
        loop {
            tokio::time::sleep(GRACE / 10).await;
            if signal.get().is_some() {
                tokio::time::sleep(GRACE).await;
                return;
            }
        }
    };
    tokio::select! {
        biased;
        ended = work => ended,
        () = too_late => Ended { requests: Requests::default(), stopped: Some(Stopped::Asked) },
    }
}

/// The open rows of a ledger, as the engine takes them.
struct OpenRows<'a> {
    ledger: &'a Ledger,
    sense: &'a Sense,
}

/// Rows that are fetched from the ledger at once.
const ROWS_AT_ONCE: u32 = 256;

impl OpenRows<'_> {
    fn requests(&self, rows: Result<Vec<Row>, LedgerError>) -> Result<Vec<Request>, String> {
        Ok(rows.map_err(in_words)?.iter().map(|row| self.sense.request(row)).collect())
    }
}

impl Source for OpenRows<'_> {
    fn referrals(&mut self) -> Result<Vec<ReferralId>, String> {
        self.ledger.open_referrals().map_err(in_words)
    }

    fn about(&mut self, referrals: &[ReferralId]) -> Result<Vec<Request>, String> {
        let mut requests = Vec::new();
        for referral in referrals {
            requests.extend(self.requests(self.ledger.open_rows_about(*referral))?);
        }
        Ok(requests)
    }

    fn behind(&mut self, row: u32) -> Result<Vec<Request>, String> {
        self.requests(self.ledger.open_rows_behind(row, ROWS_AT_ONCE))
    }
}

fn in_words(error: LedgerError) -> String {
    Failure::from(error).chain().join(": ")
}
