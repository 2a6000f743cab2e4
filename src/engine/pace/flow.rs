//! The flow: requests leave at even distances, at whatever rate is good just now.
//!
//! A timer that is late is made up for, because who waited for it was there in time. Nothing else is: a limiter saves up
//! what nobody asked for, and would let it all go at once.

use std::num::NonZeroU32;
use std::ops::Add;
use std::time::Duration;

use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

/// How late a timer may be at no cost, on a machine that is busy.
const LATE_MAX: Duration = Duration::from_millis(50);
/// Rates that differ by less than this share are taken as one; a new limiter for each would cost more than it gives.
const STEP: f64 = 0.05;

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Tick>>;

/// A limiter and the rate that it was made for.
pub struct Flow {
    per_second: f64,
    limiter: Limiter,
    /// When the last one left.
    last: Option<Instant>,
}

impl Flow {
    /// Lets a first one leave at once.
    pub fn new(per_second: f64) -> Flow {
        Flow { per_second, limiter: limiter(per_second), last: None }
    }

    /// Takes another rate, without granting anything for the change.
    pub fn turn_to(&mut self, per_second: f64) {
        let is_close = (per_second - self.per_second).abs() < self.per_second * STEP;
        if !is_close {
            let last = self.last;
            *self = Flow { last, ..Flow::new(per_second) };
            if last.is_some() {
                self.drain();
            }
        }
    }

    /// Lets one leave that wanted to since `asked`, or says how long it has to wait.
    pub fn leave(&mut self, asked: Instant, now: Instant) -> Result<(), Duration> {
        self.limiter.check().map_err(|early| early.wait_time_from(TokioClock.now()))?;
        let was_idle = self.last.is_none_or(|last| asked > last + self.period() + LATE_MAX);
        if was_idle {
            self.drain();
        }
        self.last = Some(now);
        Ok(())
    }

    fn drain(&mut self) {
        while self.limiter.check().is_ok() {}
    }

    fn period(&self) -> Duration {
        Duration::from_secs_f64(1.0 / self.per_second)
    }
}

fn limiter(per_second: f64) -> Limiter {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
    let due_while_late = (per_second * LATE_MAX.as_secs_f64()) as u32;
    let burst = NonZeroU32::MIN.saturating_add(due_while_late.max(1));
    let quota = Quota::with_period(Duration::from_secs_f64(1.0 / per_second)).expect("a period is longer than nothing");
    RateLimiter::new(quota.allow_burst(burst), InMemoryState::default(), TokioClock)
}

/// The clock of the runtime, which tests can stop; governor's own would run on.
#[derive(Debug, Clone, Copy)]
struct TokioClock;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tick(Instant);

impl Clock for TokioClock {
    type Instant = Tick;

    fn now(&self) -> Tick {
        Tick(Instant::now())
    }
}

impl Reference for Tick {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_duration_since(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        self.0.checked_sub(duration.into()).map_or(*self, Tick)
    }
}

impl Add<Nanos> for Tick {
    type Output = Tick;

    fn add(self, duration: Nanos) -> Tick {
        Tick(self.0 + Duration::from(duration))
    }
}
