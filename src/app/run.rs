//! A run, from the rows of a sheet to their outcomes: what `apply`, `plan` and `resume` have in common.
//!
//! ```text
//! sheet ─ rows ─▶ ledger ─ open rows ─▶ engine ─ events ─▶ ledger ─ entries ─▶ outlets
//!                                        │  └─────────────▶ progress
//!                                        ▼
//!                                     service
//! ```

use std::cell::Cell;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::end::End;
use super::intake::{self, Intake};
use super::open_rows::{Groups, OpenRows};
use super::outlets::Outlets;
use super::sense::Sense;
use super::settings::Settings;
use super::shard_rows::Others;
use super::traffic::Traffic;
use super::{side_by_side, signals};
use crate::console::{Console, Progress, Status};
use crate::domain::change::{Ask, Request};
use crate::domain::event::{Event, Notice, Requests};
use crate::domain::outcome::{Outcome, Settled, Tally};
use crate::domain::referral::ReferralId;
use crate::engine::{self, Stopped, Surroundings};
use crate::error::{Exit, Failure, Kind};
use crate::ledger::{self, Entry, Foot, Head, Ledger, LedgerError, State};
use crate::service::Service;

/// How long rows in flight may take to settle after the run was asked to stop. What is not settled by then is in the
/// ledger as an intent, and looked up by a resume.
const GRACE: Duration = Duration::from_secs(1);

/// A run that can be worked on.
pub struct Run {
    /// Its ledger, rows taken in.
    pub ledger: Ledger,
    /// What it is about.
    pub head: Head,
    /// How it is to be done.
    pub settings: Settings,
    /// How its rows are to be understood.
    pub sense: Sense,
}

/// How the work on a run ended.
pub struct Finish {
    /// Why before the last row, if so.
    pub stopped: Option<Stopped>,
    /// The signal that ended it, if one did.
    pub signal: Option<Exit>,
    /// What was sent, by all who have worked on the run and lived to write it down.
    pub requests: Requests,
    /// How long it worked this time.
    pub took: Duration,
    /// Why the ledger could not be written, if that stopped it.
    pub unwritten: Option<String>,
    /// Whether rows are left of which nobody knows how they ended, although all were reached.
    pub leaves_doubt: bool,
    /// Whether it is long ago and only looked at, so that however it ended is no failure now.
    pub is_past: bool,
}

/// What is done with open rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// They are sent.
    Apply,
    /// They are looked at whatever the settings say, because limits cannot be kept blindly.
    Measure,
    /// It is found out what would be sent.
    Plan,
}

/// What may be behind it when the service forbids everything.
const NO_ROLE: &str = " (the account needs the role Referrals admin or Referrals user in Partner Center; `refsheet whoami` \
                       shows who is signed in)";

/// What a person does who has no place for ledgers.
pub const ELSEWHERE: &str = "say where ledgers may be kept with --state-dir DIR";

/// Takes all rows of a sheet, or of a shard of it, into a ledger; rows that need no request are settled there at once.
/// Gives what there is beside them.
pub fn take_in(ledger: &mut Ledger, intake: &Intake, console: Console) -> Result<Others, Failure> {
    let for_ledger = |intake::Taken { row, base, remarks, request }| {
        let id = request.id_text.clone();
        let (referral, settled) = at_once(request);
        (ledger::Taken { row, referral, base, remarks, settled }, id)
    };
    let make = |rows: Vec<intake::Taken>| rows.into_iter().map(for_ledger).collect::<Vec<_>>();
    let listener = signals::listen();
    let told = |(taken, id): (ledger::Taken, String)| {
        if let Some(settled) = &taken.settled {
            console.row(settled, &taken.referral.map_or(id, |id| id.to_string()));
        }
        Ok(taken)
    };
    intake.each(make, |stretches| {
        let rows = stretches.flat_map(|stretch| match (stretch, listener.heard()) {
            (_, Some(signal)) => vec![Err(signals::interruption(signal))],
            (Err(failure), None) => vec![Err(failure)],
            (Ok(rows), None) => rows.into_iter().map(told).collect(),
        });
        ledger.take_in(rows)
    })??;
    Ok(intake.others())
}

impl Run {
    /// How many rows ended how so far; those that wait for the engine are not reached, or in doubt.
    pub fn tally(&self) -> Result<Tally, Failure> {
        Ok(self.ledger.tally()?)
    }

    /// Lets the engine work on the open rows.
    pub fn work<S: Service>(
        &self,
        service: &S,
        traffic: &Traffic,
        purpose: Purpose,
        console: Console,
    ) -> Result<Finish, Failure> {
        let started = Instant::now();
        let recorder = self.ledger.recorder(self.settings.rows_at_once())?;
        let groups = Groups::default();
        let progress = self.progress(console)?;
        let leaves_doubt = Cell::new(false);
        let tell = async |event: Event| {
            for event in groups.apart(event) {
                progress.note(&event);
                leaves_doubt.set(leaves_doubt.get() || event.is_end_in_doubt());
                self.tell_row(&event, console);
                if !recorder.keep(event).await {
                    return false;
                }
            }
            true
        };
        let (stopped, signal) =
            self.drive(service, traffic, purpose, &progress, OpenRows::new(self, &groups)?, tell)?;
        let unwritten = recorder.close().err().map(in_words);
        let stopped = if unwritten.is_some() { Some(Stopped::NotWritten) } else { stopped };
        let earlier = self.ledger.foot()?.map(|foot| foot.requests).unwrap_or_default();
        let requests = traffic.requests.get() + earlier;
        let leaves_doubt = leaves_doubt.get();
        Ok(Finish { stopped, signal, requests, took: started.elapsed(), unwritten, leaves_doubt, is_past: false })
    }

    /// A line for a row that has ended, where single rows are wanted.
    fn tell_row(&self, event: &Event, console: Console) {
        let Event::Settled(settled) = event else { return };
        if console.tells_rows() {
            let referral = self.ledger.referral_of(settled.row).ok().flatten().map(|id| id.to_string());
            console.row(settled, &referral.or_else(|| settled.created_id.clone()).unwrap_or_default());
        }
    }

    pub(super) fn progress(&self, console: Console) -> Result<Progress, Failure> {
        let tally = self.tally()?;
        Ok(Progress::begin(console, tally[Outcome::NotReached] + tally[Outcome::InDoubt]))
    }

    /// The engine on the open rows, until they are done or somebody asks it to stop.
    pub(super) fn drive<S: Service>(
        &self,
        service: &S,
        traffic: &Traffic,
        purpose: Purpose,
        progress: &Progress,
        source: OpenRows<'_>,
        tell: impl AsyncFn(Event) -> bool,
    ) -> Result<(Option<Stopped>, Option<Exit>), Failure> {
        let mut settings = self.settings.for_engine(self.ledger.row_count()?);
        if purpose == Purpose::Measure {
            settings.check = engine::Check::Live;
        }
        let signal = Cell::new(None);
        let asked = Notify::new();
        if let Some(left) = self.pause_left()? {
            traffic.pacer.pause(left);
        }
        let notice = |notice| {
            self.keep_pause(&notice);
            progress.tell(&notice);
        };
        let around = Surroundings {
            access: traffic.access(service, &notice),
            tell,
            stop: asked.notified(),
            clock: Timestamp::now,
        };
        let stopped = super::runtime()?.block_on(async {
            let work = async {
                match purpose {
                    Purpose::Apply => engine::apply(around, &settings, source).await,
                    Purpose::Measure | Purpose::Plan => engine::plan(around, &settings, source).await,
                }
            };
            // Beside the work, so that a person is heard even when the run is stopping for another reason.
            let impatience = async {
                signal.set(Some(signals::asked_to_stop().await));
                progress.stopping();
                asked.notify_one();
                tokio::time::sleep(GRACE).await;
            };
            tokio::select! {
                biased;
                stopped = work => stopped,
                () = impatience => Some(Stopped::Asked),
            }
        });
        progress.end();
        Ok((stopped, signal.get()))
    }

    /// What is left of a pause that the service asked for before the run was cut short.
    fn pause_left(&self) -> Result<Option<Duration>, Failure> {
        let until = self.ledger.paused_until()?;
        Ok(until.and_then(|until| Duration::try_from(until.duration_since(Timestamp::now())).ok()))
    }

    fn keep_pause(&self, notice: &Notice) {
        let Notice::Paused { pause } = notice else { return };
        let until =
            jiff::SignedDuration::try_from(*pause).ok().and_then(|pause| Timestamp::now().checked_add(pause).ok());
        // A pause that cannot be written down is kept all the same, by this process.
        let _ = until.map(|until| self.ledger.pause_until(until));
    }

    /// Writes down how the run ended, and goes through all rows for what is made of them.
    pub fn conclude(self, finish: &Finish, outlets: Outlets<'_>) -> Result<End, Failure> {
        let foot = Foot {
            ended_at: Timestamp::now(),
            is_finished: finish.stopped.is_none() && !finish.leaves_doubt,
            requests: finish.requests,
        };
        let written = self.ledger.finish(&foot);
        let end = self.show(finish, outlets)?;
        // A run whose end could not be written is an unfinished one. If that is why it stopped, it has been said.
        if finish.unwritten.is_none() {
            written?;
        }
        Ok(end)
    }

    /// Goes through all rows for what is made of them.
    pub fn show(self, finish: &Finish, mut outlets: Outlets<'_>) -> Result<End, Failure> {
        let Run { ledger, head, sense, .. } = self;
        let names = [head.run.clone()];
        side_by_side::each_entry(vec![ledger], &names, |Entry { row, referral, base, state, .. }| {
            let id = referral.map_or_else(|| sense.id_text(&row), |id| id.to_string());
            outlets.take(&row, &base, &id, &settled(row.number, state))
        })?;
        outlets.close(&head, finish)
    }
}

impl Finish {
    /// The end of work that needed no engine.
    pub fn without_work() -> Self {
        Finish {
            stopped: None,
            signal: None,
            requests: Requests::default(),
            took: Duration::ZERO,
            unwritten: None,
            leaves_doubt: false,
            is_past: false,
        }
    }

    /// Whether all rows were reached, or why not.
    pub fn status(&self) -> Status {
        match &self.stopped {
            None => Status::Finished,
            Some(Stopped::Asked) => Status::Interrupted,
            Some(Stopped::NotWritten) => {
                let why = self.unwritten.as_deref().unwrap_or("the ledger cannot be used");
                Status::Aborted(format!("{why}; make room or repair the disk first"))
            }
            Some(Stopped::Unreachable(why)) => Status::Aborted(format!("the service cannot be reached: {why}")),
            Some(Stopped::SignIn(why)) => Status::Aborted(format!("the sign-in was not accepted: {why}")),
            Some(Stopped::TooManyFailures { failures_max }) => {
                Status::Aborted(format!("more than {failures_max} rows have failed"))
            }
            Some(Stopped::AllAlike { why, http }) => {
                let advice = if *http == Some(403) { NO_ROLE } else { "" };
                Status::Aborted(format!("every request is refused in the same way: {why}{advice}"))
            }
            Some(Stopped::TimeUp) => Status::Aborted("the time is up".to_owned()),
            Some(Stopped::Source(why)) => Status::Aborted(why.clone()),
        }
    }

    /// What kind of failure it is when nothing was sent because of it.
    pub(super) fn kind(&self) -> Kind {
        match (&self.stopped, self.signal) {
            (Some(Stopped::SignIn(_)), _) => Kind::SignIn,
            (_, Some(Exit::Terminated)) => Kind::Terminated,
            (_, Some(_)) => Kind::Interrupted,
            _ => Kind::Stopped,
        }
    }

    /// How the program ends.
    pub fn exit(&self, tally: &Tally) -> Exit {
        match &self.stopped {
            _ if self.is_past => Exit::Done,
            Some(Stopped::Asked) => self.signal.unwrap_or(Exit::Interrupted),
            Some(Stopped::SignIn(_)) => Exit::SignIn,
            Some(
                Stopped::NotWritten
                | Stopped::Unreachable(_)
                | Stopped::TooManyFailures { .. }
                | Stopped::AllAlike { .. }
                | Stopped::TimeUp
                | Stopped::Source(_),
            ) => Exit::Stopped,
            None if tally.is_well() => Exit::Done,
            None => Exit::SomeNotApplied,
        }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let kind = match error {
            LedgerError::NeverBegan(_) => return Failure::new(Kind::Usage, error).hint("apply its sheet again"),
            LedgerError::NoSuchRun(_) => Kind::Usage,
            LedgerError::UnderWay(_) | LedgerError::ProfileHeld { .. } => Kind::Held,
            LedgerError::Database(_)
            | LedgerError::File(_)
            | LedgerError::Misshapen(_)
            | LedgerError::Version { .. }
            | LedgerError::Incomplete(_) => Kind::Stopped,
        };
        Failure::new(kind, error)
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
pub(super) fn settled(row: u32, state: State) -> Settled {
    match state {
        State::Done(settled) => *settled,
        State::NotDone => Settled::unsent(row, Outcome::NotReached, Vec::new()),
        State::InDoubt(_, Some(settled)) => *settled,
        State::InDoubt(intent, None) => Settled {
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

/// A failure of the ledger, for who wants only words.
pub fn in_words(error: LedgerError) -> String {
    Failure::from(error).chain().join(": ")
}
