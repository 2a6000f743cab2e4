//! Calls to the service, one permit each: reads that are repeated until they succeed or it is hopeless, and writes
//! that are made exactly once.
//!
//! A read can be repeated at will. Whether a write may be is not for this module to say: see [`super::row`].

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::pace::Permit;
use super::{Access, Settings};
use crate::domain::event::{Notice, Requests};
use crate::domain::referral::{Referral, ReferralId};
use crate::service::{Answer, Fault, FaultKind, Page, PageQuery, Readiness, Reply, Service};

/// Bounds of repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Attempts at one thing, the first included (contract, section 9: at most 5).
    pub attempts_max: u32,
    /// The longest pause that a `Retry-After` can ask for; a wrong header must not hang the run.
    pub pause_max: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { attempts_max: 5, pause_max: Duration::from_secs(300) }
    }
}

/// How often one thing may be throttled before it is given up. Each time there was a pause.
const PAUSES_MAX: u32 = 100;
/// Tokens that may be refused in a row: the one at hand and a fresh one. Whoever waits long between two attempts may
/// well meet the end of more tokens than that.
const TOKENS_MAX: u32 = 2;
/// The first delay of the exponential back-off.
const DELAY_MIN: Duration = Duration::from_millis(500);
/// Its longest.
const DELAY_MAX: Duration = Duration::from_secs(30);

/// Makes calls, and counts them.
pub struct Caller<'a, S> {
    access: Access<'a, S>,
    /// Pages are read while rows are at work, so counting rows does not bound the calls.
    in_flight: Semaphore,
    patience: Patience,
}

/// What a call holds while it is under way.
type Leave<'a> = (Permit<'a>, SemaphorePermit<'a>);

/// The delays of one thing that is attempted several times, and how often it may still be.
pub struct Attempts {
    left: u32,
    pauses_left: u32,
    tokens_left: u32,
    delays: backon::ExponentialBackoff,
}

impl<'a, S: Service> Caller<'a, S> {
    /// A caller with as many calls in flight as the settings allow, that adds its requests to a count.
    pub fn new(access: Access<'a, S>, settings: &Settings) -> Self {
        let Settings { concurrency, patience, .. } = *settings;
        Caller { access, in_flight: Semaphore::new(concurrency), patience }
    }

    /// Reads a referral.
    pub async fn read(&self, id: ReferralId) -> Answer<Referral> {
        self.repeatedly(|| self.access.service.read(id)).await
    }

    /// Reads a page of the list.
    pub async fn page(&self, query: PageQuery) -> Answer<Page> {
        self.repeatedly(|| self.access.service.page(query.clone())).await
    }

    /// Makes one write, once; `attempt` counts those of its row from 1. Nothing is sent, and none is the answer, if
    /// `stop` completes before it may leave.
    pub async fn write<T>(
        &self,
        attempt: u32,
        stop: impl Future<Output = ()>,
        write: impl AsyncFnOnce(&S) -> Answer<T>,
    ) -> Option<Answer<T>> {
        let _leave = tokio::select! {
            biased;
            () = stop => return None,
            leave = self.permit() => leave,
        };
        self.count(|requests| {
            requests.writes += 1;
            requests.retried += u64::from(attempt > 1);
        });
        let answer = write(self.access.service).await;
        self.note(&answer);
        Some(answer)
    }

    /// What it takes to try something several times.
    pub fn attempts(&self) -> Attempts {
        let delays = ExponentialBuilder::default()
            .with_min_delay(DELAY_MIN)
            .with_max_delay(DELAY_MAX)
            .with_max_times(usize::MAX)
            .with_jitter()
            .build();
        Attempts { left: self.patience.attempts_max, pauses_left: PAUSES_MAX, tokens_left: TOKENS_MAX, delays }
    }

    /// After a fault that another attempt may cure: waits as long as the fault asks for and says whether there is
    /// another attempt. A pause that the service asks for holds up everybody; other delays only the caller. If there
    /// is none because no other token can be had, the fault says so from then on.
    pub async fn recover(&self, attempts: &mut Attempts, fault: &mut Fault) -> bool {
        if let FaultKind::Busy { retry_after: Some(pause), .. } = fault.kind {
            // Also when this one is given up: the others have heard it, too.
            let pause = pause.min(self.patience.pause_max);
            (self.access.notice)(Notice::Paused { pause });
            self.access.pacer.pause(pause);
        }
        if fault.kind != FaultKind::Unauthenticated {
            attempts.tokens_left = TOKENS_MAX;
        }
        let left = match fault.kind {
            // Being throttled is about the rate of all rows, and says nothing about this one.
            FaultKind::Busy { throttled: true, .. } => &mut attempts.pauses_left,
            FaultKind::Unauthenticated => &mut attempts.tokens_left,
            FaultKind::Busy { throttled: false, .. }
            | FaultKind::Unsent
            | FaultKind::Lost
            | FaultKind::Stale
            | FaultKind::Refused => &mut attempts.left,
        };
        *left = left.saturating_sub(1);
        if *left == 0 {
            return false;
        }
        match fault.kind {
            FaultKind::Busy { retry_after: None, .. } | FaultKind::Unsent | FaultKind::Lost => {
                (self.access.notice)(Notice::Retrying { reason: fault.message.clone() });
                tokio::time::sleep(attempts.delay()).await;
            }
            FaultKind::Unauthenticated => {
                if let Err(why) = self.access.service.renew().await {
                    if why.kind == FaultKind::Unsent {
                        fault.kind = why.kind;
                    }
                    fault.message = format!("{}; {why}", fault.message.trim_end_matches('.'));
                    return false;
                }
            }
            // The next permit waits for the pause; another look waits for nothing.
            FaultKind::Busy { retry_after: Some(_), .. } | FaultKind::Stale => {}
            FaultKind::Refused => return false,
        }
        true
    }

    async fn repeatedly<T, F: Future<Output = Answer<T>>>(&self, call: impl Fn() -> F) -> Answer<T> {
        let mut attempts = self.attempts();
        let mut is_repeated = false;
        loop {
            let leave = self.permit().await;
            self.count(|requests| {
                requests.reads += 1;
                requests.retried += u64::from(is_repeated);
            });
            is_repeated = true;
            let answer = call().await;
            drop(leave);
            self.note(&answer);
            match answer {
                Ok(reply) => return Ok(reply),
                Err(fault) if fault.kind == FaultKind::Stale => return Err(fault),
                Err(mut fault) => {
                    if !self.recover(&mut attempts, &mut fault).await {
                        return Err(fault);
                    }
                }
            }
        }
    }

    /// Waits until a call may leave. It is under way for as long as this is held.
    async fn permit(&self) -> Leave<'_> {
        let in_flight = self.in_flight.acquire().await.expect("nobody closes it");
        loop {
            let permit = self.access.pacer.permit().await;
            match self.access.service.make_ready().await {
                Readiness::AtOnce => return (permit, in_flight),
                // All who waited for the token have their permits, and must not leave at the same moment.
                Readiness::AfterAWait => {}
            }
        }
    }

    fn note<T>(&self, answer: &Result<Reply<T>, Fault>) {
        if let Err(Fault { kind: FaultKind::Busy { throttled: true, .. }, .. }) = answer {
            self.count(|requests| requests.throttled += 1);
            self.access.pacer.slow_down();
        }
    }

    fn count(&self, change: impl FnOnce(&mut Requests)) {
        let mut requests = self.access.requests.get();
        change(&mut requests);
        self.access.requests.set(requests);
    }
}

impl Attempts {
    fn delay(&mut self) -> Duration {
        self.delays.next().unwrap_or(DELAY_MAX)
    }
}
