//! The engine: works on many rows at once, at the allowed pace, and tells what happens.
//!
//! It knows neither files nor screens nor URLs. Rows come from a [`Source`], requests go to a
//! [`crate::service::Service`], and events go to whoever listens; before a write leaves, its intent has been told and
//! kept. Everything runs on one task: waiting is the work, concurrency is a number, and no state is shared between
//! threads. The one lock is the queue in which permits are waited for.
//!
//! Deliberately absent: a switch for dry runs. [`plan`] and [`apply`] are two functions over the same parts.

mod bench;
mod call;
mod list;
mod look;
mod pace;
mod row;
mod schedule;
mod verdict;
mod wanted;
mod work;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;

pub use call::Patience;
pub use list::{fetch, first_page, list};
pub use pace::{Pacer, Rate};

use bench::Bench;
use call::Caller;
use verdict::Verdict;
use work::Work;

use crate::domain::change::Request;
use crate::domain::earlier::Earlier;
use crate::domain::event::{Event, Intent, Notice, Requests};
use crate::domain::referral::ReferralId;
use crate::service::Service;

/// How long rows in flight may take to settle once the run stops: longer than any single request may take. What is not
/// settled by then waits for a pause, and is left to another run.
const SETTLE_MAX: Duration = Duration::from_secs(35);

/// How a run is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Requests in flight at most.
    pub concurrency: usize,
    /// Rows that are worked on at once: some wait for the disk while others are with the service.
    pub rows_at_once: usize,
    /// Whether referrals are looked at first.
    pub check: Check,
    /// How changes are sent.
    pub via: Via,
    /// What happens when somebody else has changed the referral.
    pub on_conflict: OnConflict,
    /// Whether a create of which nobody can tell whether it landed is sent again.
    pub repeats_creates: bool,
    /// Bounds of repetition.
    pub patience: Patience,
    /// The run stops when more rows than that have failed.
    pub failures_max: Option<u64>,
    /// The run stops when it has taken so long.
    pub duration_max: Option<Duration>,
}

/// Whether referrals are looked at before they are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Yes: the patch is minimal, and guarded by the live eTag.
    Live,
    /// No: every filled cell is sent.
    None,
}

/// How changes are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// As a patch.
    Patch,
    /// As the whole referral, the older contract.
    Put,
}

/// What happens when somebody else has changed the referral meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConflict {
    /// Their changes and ours are merged, field by field.
    Merge,
    /// The row is reported and nothing is sent.
    Report,
}

/// Why a run ended before its last row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// Somebody asked for it.
    Asked,
    /// An event could not be kept, so nothing more may be sent.
    NotWritten,
    /// The service cannot be reached; the text says how that shows.
    Unreachable(String),
    /// The sign-in is not accepted and cannot be renewed; the text is the service's.
    SignIn(String),
    /// The rows could not be read.
    Source(String),
    /// More rows have failed than may.
    TooManyFailures {
        /// How many rows may fail.
        failures_max: u64,
    },
    /// Every request so far was refused in the same way, which no row can be blamed for.
    AllAlike {
        /// The service's text.
        why: String,
        /// Its status, if it answered.
        http: Option<u16>,
    },
    /// The time is up.
    TimeUp,
}

/// A row that is still to be done.
#[derive(Debug, Clone)]
pub struct Pending {
    /// What it asks for.
    pub request: Request,
    /// The write that was about to leave, or left, when an earlier run of it was cut short. Whether it landed is not
    /// known.
    pub prior: Option<Intent>,
    /// What rows before it did to its referral when the run was worked on earlier.
    pub earlier: Earlier,
}

/// Where rows come from. Each call may read a disk, none may wait for a network.
pub trait Source {
    /// All referrals that rows are about, to decide how to read them.
    fn referrals(&mut self) -> Result<Vec<ReferralId>, String>;

    /// Whether several rows are about a referral. They have to be known to each other.
    fn is_repeated(&self, referral: ReferralId) -> bool;

    /// The rows about these referrals, those of one referral in sheet order.
    fn about(&mut self, referrals: &[ReferralId]) -> Result<Vec<Pending>, String>;

    /// The next of all rows, in sheet order; empty at the end.
    fn next(&mut self) -> Result<Vec<Pending>, String>;
}

/// The way to the service: whatever is asked of it goes at one pace and into one count.
pub struct Access<'a, S> {
    /// The service.
    pub service: &'a S,
    /// The pace, shared by all requests.
    pub pacer: &'a Pacer,
    /// Counts the requests, also of a run that is dropped before its end.
    pub requests: &'a Cell<Requests>,
    /// Hears of pauses and repetitions.
    pub notice: &'a dyn Fn(Notice),
}

/// Everything around a run.
pub struct Surroundings<'a, S, T, Q> {
    /// The way to the service.
    pub access: Access<'a, S>,
    /// Where events go; the answer is false when one could not be kept.
    pub tell: T,
    /// Completes when the run is to stop.
    pub stop: Q,
    /// What time it is.
    pub clock: fn() -> Timestamp,
}

/// Applies all rows. Says why it stopped before the last one, if it did.
pub async fn apply<S: Service, T: AsyncFn(Event) -> bool, Q: Future<Output = ()>>(
    around: Surroundings<'_, S, T, Q>,
    settings: &Settings,
    source: impl Source,
) -> Option<Stopped> {
    run(around, settings, source, async |bench: &Bench<'_, S, T>, work| bench.apply(work).await).await
}

/// Finds out what [`apply`] would send.
pub async fn plan<S: Service, T: AsyncFn(Event) -> bool, Q: Future<Output = ()>>(
    around: Surroundings<'_, S, T, Q>,
    settings: &Settings,
    source: impl Source,
) -> Option<Stopped> {
    run(around, settings, source, async |bench: &Bench<'_, S, T>, work| bench.plan(work).await).await
}

async fn run<'a, S: Service, T: AsyncFn(Event) -> bool, Q: Future<Output = ()>>(
    around: Surroundings<'a, S, T, Q>,
    settings: &'a Settings,
    source: impl Source,
    job: impl AsyncFn(&Bench<'_, S, T>, Work) -> schedule::Done,
) -> Option<Stopped> {
    let caller = Caller::new(around.access, settings);
    let verdict = Verdict::new(settings.failures_max);
    let created = RefCell::default();
    let bench = Bench { caller: &caller, settings, tell: around.tell, verdict: &verdict, clock: around.clock, created };
    let stop = async {
        let time_up = async {
            match settings.duration_max {
                Some(duration) => tokio::time::sleep(duration).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = around.stop => verdict.stop(Stopped::Asked),
            () = time_up => verdict.stop(Stopped::TimeUp),
        }
    };
    let (sender, receiver) = mpsc::channel(settings.concurrency);
    let feed = async {
        if let Err(stopped) = look::feed(&caller, settings, source, sender).await {
            verdict.stop(stopped);
        }
        std::future::pending::<()>().await;
    };
    let time_to_settle = async {
        verdict.stopped().await;
        tokio::time::sleep(SETTLE_MAX).await;
    };
    // When the rows are done, nobody waits for what else could be read.
    tokio::select! {
        biased;
        () = schedule::run(receiver, settings.rows_at_once, stop, |work| job(&bench, work)) => {}
        () = feed => {}
        () = time_to_settle => {}
    }
    verdict.into_stopped()
}
