//! The strict bound: never more requests *come* to the service in a span than it allows.
//!
//! What leaves at even distances may come at uneven ones, so counting what leaves is not enough. When a request comes
//! we cannot know, but it is after its permit was given and before its answer is there. So each one counts from its
//! permit until a span after its answer, and another leaves only while fewer count than fit into a span. This is
//! exact: were there one too many in some span at the service, then when the last of them got its permit, none of the
//! others had been answered longer than a span ago, and all of them counted. Where answers come quickly it costs next to
//! nothing.
//!
//! Where answers take long they say little about when their request came, and waiting for them would waste the rate. So a
//! request is granted, on average, [`GRACE`] for its way; what the quick ones do not need is saved for those that take
//! longer than the service needs, because a busy machine or a network holds them up. That average is all of the rate
//! that can be lost here: 1.5 % of it.
//!
//! Pure: the time comes as an argument.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use tokio::time::Instant;

/// How late a request may come after its permit, on average.
const GRACE: Duration = Duration::from_millis(15);
/// The grace of so many requests can be saved, if a span does not hold more anyway.
const SAVED_MIN: u32 = 20;
/// A span is over when it is over, not on its last tick: both ends of a window count.
const TICK: Duration = Duration::from_nanos(1);

/// So many requests in any span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    pub requests: u32,
    pub span: Duration,
}

impl Bound {
    /// The bound that so many requests a second mean. A rate that is no whole number is rounded down if hardly any
    /// of it is lost; else the span is the time in which the next whole number is due, as in 3 requests in 2 seconds.
    pub fn of(per_second: f64) -> Bound {
        const HARDLY: f64 = 0.995;
        let whole = if per_second.floor() >= per_second * HARDLY { per_second.floor() } else { per_second.ceil() };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
        let requests = whole as u32;
        let span = if whole <= per_second { 1.0 } else { whole / per_second };
        Bound { requests, span: Duration::from_secs_f64(span) }
    }

    /// How many a second that is.
    pub fn per_second(self) -> f64 {
        f64::from(self.requests) / self.span.as_secs_f64()
    }
}

/// The requests that count.
#[derive(Debug)]
pub struct Window {
    bound: Bound,
    /// When those that are under way were permitted.
    under_way: BTreeMap<Number, Instant>,
    /// When the others came, at the latest; the earliest on top.
    came_by: BinaryHeap<Reverse<Instant>>,
    next: Number,
    /// Grace that nobody needed so far.
    saved: Duration,
    /// The shortest time in which an answer was there; nothing before the first.
    fastest: Option<Duration>,
}

/// Names a request, in the order of their permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(u64);

impl Window {
    /// A window in which nothing counts.
    pub fn new(bound: Bound) -> Window {
        let (under_way, came_by) = (BTreeMap::new(), BinaryHeap::with_capacity(bound.requests as usize));
        Window { bound, under_way, came_by, next: Number(0), saved: saved_max(bound), fastest: None }
    }

    /// When to ask again: none if a request may leave now.
    pub fn opens_at(&mut self, now: Instant) -> Option<Instant> {
        let over = self.bound.span + TICK;
        // Without an answer after so long it counts as one that was held up on its way.
        while let Some((number, _)) = self.under_way.first_key_value().filter(|(_, at)| **at + over <= now) {
            self.answered(*number, now);
        }
        while self.came_by.peek().is_some_and(|Reverse(at)| *at + over <= now) {
            self.came_by.pop();
        }
        if self.under_way.len() + self.came_by.len() < self.bound.requests as usize {
            return None;
        }
        let came = self.came_by.peek().map(|Reverse(at)| *at);
        let left = self.under_way.first_key_value().map(|(_, at)| *at);
        came.into_iter().chain(left).min().map(|at| at + over)
    }

    /// Notes that a request leaves.
    pub fn leave(&mut self, now: Instant) -> Number {
        let number = self.next;
        self.next = Number(number.0 + 1);
        self.under_way.insert(number, now);
        number
    }

    /// Notes that the answer to a request is there, or that nobody waits for it any more.
    pub fn answered(&mut self, number: Number, now: Instant) {
        let Some(permitted) = self.under_way.remove(&number) else { return };
        let taken = now - permitted;
        let own = taken.min(GRACE);
        let held_up = taken.saturating_sub(self.fastest.unwrap_or_default().max(GRACE));
        self.fastest = Some(self.fastest.unwrap_or(taken).min(taken));
        let from_saved = held_up.min(self.saved);
        let left = self.saved.saturating_sub(from_saved) + GRACE.saturating_sub(own);
        self.saved = left.min(saved_max(self.bound));
        self.came_by.push(Reverse(permitted + own + from_saved));
    }
}

fn saved_max(bound: Bound) -> Duration {
    GRACE * bound.requests.max(SAVED_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    /// Requests that are answered after so many milliseconds, one after the other as soon as the window lets them, and
    /// when each left, in milliseconds.
    fn check(bound: Bound, latencies: &[u64], expected: &[u64]) {
        let (mut window, start) = (Window::new(bound), Instant::now());
        let mut now = start;
        let mut left = Vec::new();
        for latency in latencies {
            while let Some(opens_at) = window.opens_at(now) {
                now = opens_at;
            }
            left.push(u64::try_from((now - start).as_millis()).unwrap());
            let number = window.leave(now);
            window.answered(number, now + ms(*latency));
        }
        assert_eq!(left, expected, "{latencies:?}");
    }

    #[test]
    fn a_span_is_counted_from_the_answer() {
        check(Bound::of(1.0), &[0, 10, 40, 0, 0], &[0, 1000, 2010, 3050, 4050]);
        check(Bound::of(2.0), &[0, 10, 0, 0, 0], &[0, 0, 1000, 1010, 2000]);
        // One that is held up does not hold up the others.
        check(Bound::of(2.0), &[40, 10, 0, 0, 0], &[0, 0, 1010, 1040, 2010]);
    }

    #[test]
    fn what_takes_longer_than_the_service_needs_is_granted_while_there_is_grace_to_spare() {
        // Three hundred milliseconds are saved at first.
        check(Bound::of(1.0), &[5, 400, 100, 400, 20, 0], &[0, 1005, 2320, 3335, 4350, 5365]);
        // A service that always takes long is not waited for.
        check(Bound::of(1.0), &[200, 200, 230, 200], &[0, 1200, 2215, 3260]);
    }

    #[test]
    fn without_an_answer_after_a_span_it_is_as_if_it_had_been_held_up() {
        let (mut window, start) = (Window::new(Bound::of(1.0)), Instant::now());
        let first = window.leave(start);
        window.answered(first, start);
        let second = window.leave(start + ms(1001));
        assert_eq!(window.opens_at(start + ms(1500)), Some(start + ms(2001) + TICK));
        assert_eq!(window.opens_at(start + ms(2002)), Some(start + ms(2316) + TICK));
        assert_eq!(window.opens_at(start + ms(2317)), None);
        let third = window.leave(start + ms(2317));
        window.answered(second, start + ms(2320));
        assert_eq!(window.opens_at(start + ms(2320)), Some(start + ms(3317) + TICK));
        window.answered(third, start + ms(2320));
        assert_eq!(window.opens_at(start + ms(2320)), Some(start + ms(3320) + TICK));
    }

    #[test]
    fn a_rate_that_is_no_whole_number_counts_whole_requests() {
        let check = |per_second: f64, requests: u32, span_ms: u64| {
            assert_eq!(Bound::of(per_second), Bound { requests, span: ms(span_ms) }, "{per_second}");
        };
        check(5.0, 5, 1000);
        check(500.5, 500, 1000);
        check(2.5, 3, 1200);
        check(0.5, 1, 2000);
        check(1.0 / 60.0, 1, 60_000);
    }
}
