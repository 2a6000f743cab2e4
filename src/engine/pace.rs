//! The pace: never more requests in any second than the allowed rate, and none during a pause.
//!
//! Two things hold a request back, and the stricter one decides. The [`Flow`] spaces requests evenly, at a rate that
//! falls when the service throttles, and makes up for timers that are late. The [`Window`] is the promise: it knows when
//! the last requests left and were answered, and whatever the flow makes up for, no second at the service holds more
//! than the rate. Either alone would break one of the two: a limiter that loses nothing lets too many through now and
//! then, and a window alone lets a whole second's worth leave at once.

mod flow;
mod window;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use flow::Flow;
use window::{Bound, Number, Window};

/// How many requests may leave, of any kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// At most this many in any second. May be below one.
    PerSecond(f64),
    /// As many as the concurrency allows.
    Unlimited,
}

/// What is left of the rate after the service has throttled us.
const SLOWER: f64 = 0.7;
/// The rate does not fall below this share of the allowed one, or the run would never end.
const SLOWEST: f64 = 0.05;
/// How long it takes to climb back from nothing to the allowed rate, if the service does not throttle again.
const CLIMB: Duration = Duration::from_secs(30);

/// Hands out permits, in the order in which they are asked for.
pub struct Pacer {
    limits: Option<Limits>,
    /// Apart from the turn, so that a pause takes hold while somebody sleeps towards a permit.
    paused_until: Cell<Option<Instant>>,
    /// The last time that the service throttled us, and the rate to which we fell.
    fall: Cell<Option<(Instant, f64)>>,
    /// Whoever holds this is next: the lock is fair, so nobody starves and there is one sleeper, not a herd.
    turn: Mutex<()>,
}

struct Limits {
    /// Requests a second.
    allowed: f64,
    flow: RefCell<Flow>,
    window: RefCell<Window>,
}

/// Leave for one request, to be held until its answer is there.
#[must_use = "a request is on its way for as long as its permit is held"]
pub struct Permit<'a>(Option<(&'a Limits, Number)>);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some((limits, number)) = self.0 {
            limits.window.borrow_mut().answered(number, Instant::now());
        }
    }
}

impl Pacer {
    /// A pacer that allows a first request at once.
    pub fn new(allowed: Rate) -> Self {
        let limits = match allowed {
            Rate::PerSecond(per_second) => Some(Limits::of(Bound::of(per_second))),
            Rate::Unlimited => None,
        };
        Pacer { limits, paused_until: Cell::new(None), fall: Cell::new(None), turn: Mutex::new(()) }
    }

    /// Waits until a request may leave. To be asked for each attempt, directly before it.
    pub async fn permit(&self) -> Permit<'_> {
        let mut wanted = Instant::now();
        let _turn = self.turn.lock().await;
        loop {
            if let Some(until) = self.paused_until.get().filter(|until| *until > Instant::now()) {
                tokio::time::sleep_until(until).await;
                // Nothing was to leave before, so nothing is late.
                wanted = Instant::now();
                continue;
            }
            let Some(limits) = &self.limits else { return Permit(None) };
            match limits.leave(self.rate_now(limits.allowed), wanted) {
                Ok(number) => return Permit(Some((limits, number))),
                Err(again_at) => tokio::time::sleep_until(again_at).await,
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
        let Some(Limits { allowed, .. }) = self.limits else { return };
        let now = Instant::now();
        let is_same = self.fall.get().is_some_and(|(fell_at, _)| now - fell_at < Duration::from_secs(1));
        if !is_same {
            let slower = (self.rate_now(allowed) * SLOWER).max(allowed * SLOWEST);
            self.fall.set(Some((now, slower)));
        }
    }

    /// The allowed rate, or what the last fall and the climb since then make of it.
    fn rate_now(&self, allowed: f64) -> f64 {
        let Some((fell_at, slower)) = self.fall.get() else { return allowed };
        let climbed = allowed * fell_at.elapsed().div_duration_f64(CLIMB);
        (slower + climbed).min(allowed)
    }
}

impl Limits {
    fn of(bound: Bound) -> Limits {
        let allowed = bound.per_second();
        Limits { allowed, flow: RefCell::new(Flow::new(allowed)), window: RefCell::new(Window::new(bound)) }
    }

    /// Lets a request leave that wanted to since then, or says when to ask again.
    fn leave(&self, rate: f64, wanted: Instant) -> Result<Number, Instant> {
        let (mut flow, mut window) = (self.flow.borrow_mut(), self.window.borrow_mut());
        let now = Instant::now();
        flow.turn_to(rate);
        match window.opens_at(now) {
            Some(opens_at) => Err(opens_at),
            None => flow.leave(wanted, now).map(|()| window.leave(now)).map_err(|wait| now + wait),
        }
    }
}

#[cfg(test)]
mod tests;
