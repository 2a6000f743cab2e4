//! The pace: never more requests in any second than the allowed rate, and none during a pause.
//!
//! The limit is strict as the *service* counts it. A plain token bucket of size R lets 2R requests through in its
//! first second; one of size 1 loses whatever a timer wakes up late. So a small burst makes up for late timers, and
//! the steady rate is so much lower that burst and steady flow together stay below R, even when requests that left
//! evenly arrive a little closer together. See [`Limit::of`].

use std::cell::Cell;
use std::num::NonZeroU32;
use std::ops::Add;
use std::time::Duration;

use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How many requests may leave, of any kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// At most this many in any second. May be below one.
    PerSecond(f64),
    /// As many as the concurrency allows.
    Unlimited,
}

/// How much closer together requests may arrive than they left, in seconds of one second.
const ARRIVAL_SLACK: f64 = 0.012;
/// From this rate on, a timer that is late by a millisecond costs so much that a burst must make up for it.
const BURST_FROM: f64 = 30.0;
/// Milliseconds of flow that the burst holds at high rates: how late a timer may be at no cost.
const BURST_MS: f64 = 5.0;

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Tick>>;

/// What is left of the rate after the service has throttled us.
const SLOWER: f64 = 0.7;
/// The rate does not fall below this share of the allowed one, or the run would never end.
const SLOWEST: f64 = 0.05;
/// How long it takes to climb back from nothing to the allowed rate, if the service does not throttle again.
const CLIMB: Duration = Duration::from_secs(30);
/// Rates that differ by less than this share are taken as one; a new limiter for each would cost more than it gives.
const STEP: f64 = 0.05;

/// Hands out permits, in the order in which they are asked for.
pub struct Pacer {
    allowed: Rate,
    /// Whoever holds this is next: the lock is fair, so nobody starves and there is one sleeper, not a herd.
    turn: Mutex<Option<Gate>>,
    /// Apart from the turn, so that a pause takes hold while somebody sleeps towards a permit.
    paused_until: Cell<Option<Instant>>,
    /// The last time that the service throttled us, and the rate to which we fell.
    fall: Cell<Option<(Instant, f64)>>,
}

/// A limiter and the rate that it was made for.
struct Gate {
    per_second: f64,
    limiter: Limiter,
}

impl Pacer {
    /// A pacer that allows a first request at once.
    pub fn new(allowed: Rate) -> Self {
        let gate = match allowed {
            Rate::PerSecond(per_second) => Some(Gate::new(per_second)),
            Rate::Unlimited => None,
        };
        Pacer { allowed, turn: Mutex::new(gate), paused_until: Cell::new(None), fall: Cell::new(None) }
    }

    /// Waits until a request may leave. To be asked for each attempt, directly before it.
    pub async fn permit(&self) {
        let mut gate = self.turn.lock().await;
        loop {
            if let Some(until) = self.paused_until.get().filter(|until| *until > Instant::now()) {
                tokio::time::sleep_until(until).await;
                continue;
            }
            let Some(gate) = gate.as_mut() else { return };
            gate.turn_to(self.rate_now());
            match gate.limiter.check() {
                Ok(()) => return,
                Err(too_early) => tokio::time::sleep(too_early.wait_time_from(TokioClock.now())).await,
            }
        }
    }

    /// Lets nothing leave for so long, from now on. A longer pause that is under way already stays.
    pub fn pause(&self, pause: Duration) {
        let until = Instant::now() + pause;
        self.paused_until.set(self.paused_until.get().max(Some(until)));
    }

    /// Lowers the rate, which then climbs back. To be told each time that the service throttles; those that come
    /// together, from requests that were under way at once, count once.
    pub fn slow_down(&self) {
        let Rate::PerSecond(allowed) = self.allowed else { return };
        let now = Instant::now();
        let is_same = self.fall.get().is_some_and(|(fell_at, _)| now - fell_at < Duration::from_secs(1));
        if !is_same {
            let slower = (self.rate_now() * SLOWER).max(allowed * SLOWEST);
            self.fall.set(Some((now, slower)));
        }
    }

    /// The allowed rate, or what the last fall and the climb since then make of it.
    fn rate_now(&self) -> f64 {
        let Rate::PerSecond(allowed) = self.allowed else { return f64::INFINITY };
        let Some((fell_at, slower)) = self.fall.get() else { return allowed };
        let climbed = allowed * fell_at.elapsed().div_duration_f64(CLIMB);
        (slower + climbed).min(allowed)
    }
}

impl Gate {
    fn new(per_second: f64) -> Self {
        let limiter = RateLimiter::new(Limit::of(per_second).quota(), InMemoryState::default(), TokioClock);
        Gate { per_second, limiter }
    }

    /// Takes another rate, without granting a burst for the change.
    fn turn_to(&mut self, per_second: f64) {
        let is_close = (per_second - self.per_second).abs() < self.per_second * STEP;
        if is_close {
            return;
        }
        *self = Gate::new(per_second);
        while self.limiter.check().is_ok() {}
    }
}

/// A rate as steady flow and burst.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Limit {
    per_second: f64,
    burst: u32,
}

impl Limit {
    /// In any window of one second, stretched by the slack, at most `burst + per_second × (1 + slack)` requests pass
    /// a GCRA limiter. That is to be at most `rate`; hence `per_second = (rate − burst + 1) / (1 + slack)`, where the
    /// `+ 1` is the request on the window's edge, which the burst of one counts already.
    fn of(rate: f64) -> Limit {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
        let burst = match rate {
            rate if rate < BURST_FROM => 1,
            rate => ((rate * BURST_MS / 1000.0).floor() as u32).max(2),
        };
        let per_second = (rate - f64::from(burst) + 1.0) / (1.0 + ARRIVAL_SLACK);
        Limit { per_second, burst }
    }

    fn quota(self) -> Quota {
        let period = Duration::from_secs_f64(1.0 / self.per_second) + Duration::from_nanos(1);
        let burst = NonZeroU32::new(self.burst).expect("a burst is at least one");
        Quota::with_period(period).expect("a period is longer than nothing").allow_burst(burst)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// When so many permits are given to somebody who always wants one, on a stopped clock.
    async fn permits(rate: f64, count: usize) -> Vec<Instant> {
        let pacer = Pacer::new(Rate::PerSecond(rate));
        let mut given = Vec::with_capacity(count);
        for _ in 0..count {
            pacer.permit().await;
            given.push(Instant::now());
        }
        given
    }

    /// The most permits in any window of one second, both ends included.
    fn most_in_a_second(given: &[Instant]) -> usize {
        given
            .iter()
            .map(|start| given.iter().filter(|at| **at >= *start && **at <= *start + SECOND).count())
            .max()
            .unwrap_or(0)
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_holds_more_than_the_rate_and_most_of_it_is_used() {
        for rate in [1.0, 3.0, 5.0, 29.0, 30.0, 50.0, 100.0, 500.0, 2000.0] {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
            let (bound, count) = (rate as usize, (rate * 4.0) as usize + 2);
            let given = permits(rate, count).await;
            let most = most_in_a_second(&given);
            assert!(most <= bound, "{most} in one second at {rate}/s");
            let took = (given[count - 1] - given[0]).as_secs_f64();
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let used = (count - 1) as f64 / took / rate;
            assert!(used > 0.95, "{used} of {rate}/s used");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_below_one_a_second_waits_longer_than_a_second() {
        let given = permits(0.5, 3).await;
        assert!(given[1] - given[0] >= SECOND * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_leaves_during_a_pause_and_no_burst_follows_it() {
        let pacer = Pacer::new(Rate::PerSecond(50.0));
        pacer.permit().await;
        let start = Instant::now();
        pacer.pause(SECOND * 10);
        pacer.pause(SECOND);
        let mut given = Vec::new();
        for _ in 0..200 {
            pacer.permit().await;
            given.push(Instant::now());
        }
        assert!(given[0] - start >= SECOND * 10);
        assert!(most_in_a_second(&given) <= 50);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_takes_hold_of_those_who_wait_already() {
        let pacer = Pacer::new(Rate::PerSecond(1.0));
        pacer.permit().await;
        let start = Instant::now();
        let waiting = async {
            pacer.permit().await;
            Instant::now()
        };
        let pausing = async {
            tokio::time::sleep(SECOND / 2).await;
            pacer.pause(SECOND * 10);
        };
        let (left, ()) = tokio::join!(waiting, pausing);
        assert!(left - start >= SECOND * 10);
    }

    #[tokio::test(start_paused = true)]
    async fn being_throttled_lowers_the_rate_which_climbs_back() {
        let pacer = Pacer::new(Rate::PerSecond(100.0));
        pacer.permit().await;
        pacer.slow_down();
        pacer.slow_down();
        let mut given = Vec::new();
        let start = Instant::now();
        while start.elapsed() < SECOND * 40 {
            pacer.permit().await;
            given.push(Instant::now());
        }
        let in_second = |from: u32| {
            let window = start + SECOND * from..start + SECOND * (from + 1);
            given.iter().filter(|at| window.contains(at)).count()
        };
        assert!((60..=75).contains(&in_second(0)), "{} in the first second", in_second(0));
        assert!((95..=100).contains(&in_second(38)), "{} after the climb", in_second(38));
        assert!(most_in_a_second(&given) <= 100);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nobody_waits() {
        let pacer = Pacer::new(Rate::Unlimited);
        let start = Instant::now();
        for _ in 0..1000 {
            pacer.permit().await;
        }
        assert_eq!(start, Instant::now());
    }
}
