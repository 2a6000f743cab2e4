//! The limit on requests: a window that slides, and the pause that is announced to who exceeds it.
//!
//! Pure: the time of each request comes as an argument.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// So many requests in any stretch of time of that length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub requests: NonZeroU32,
    /// In how long.
    pub per: Duration,
}

/// A text that is no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no limit: requests in a second, a minute or an hour, such as `20/s`, `300/m` or `10000/h`, are expected"
)]
pub struct NoLimit(String);

/// Lets requests pass, or not.
#[derive(Debug)]
pub(super) struct Gate {
    limit: Limit,
    /// When those passed that are still in the window. Never more than the limit.
    passed: VecDeque<Instant>,
    pause: Option<Pause>,
}

#[derive(Debug)]
struct Pause {
    until: Instant,
    is_announced: bool,
}

/// What a request finds at the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    Open,
    Shut {
        /// When to come back. Whole seconds, at least one.
        retry_after: Duration,
        /// Whether the caller has been told of the pause before.
        is_announced: bool,
    },
}

impl Gate {
    pub(super) fn of(limit: Limit) -> Gate {
        Gate { limit, passed: VecDeque::new(), pause: None }
    }

    /// Judges a request that arrives now. The first one too many starts a pause, in which nothing passes; it does
    /// not become longer by further requests, and after it the window is empty.
    pub(super) fn pass(&mut self, now: Instant) -> Passage {
        if let Some(Pause { until, is_announced }) = self.pause
            && now < until
        {
            return Passage::Shut { retry_after: whole_seconds(until - now), is_announced };
        }
        self.pause = None;
        while self.passed.front().is_some_and(|passed| now.duration_since(*passed) >= self.limit.per) {
            self.passed.pop_front();
        }
        let is_full = self.passed.len() >= self.limit.requests.get() as usize;
        let Some(oldest) = self.passed.front().filter(|_| is_full) else {
            self.passed.push_back(now);
            return Passage::Open;
        };
        let retry_after = whole_seconds(self.limit.per.saturating_sub(now.duration_since(*oldest)));
        self.passed.clear();
        self.pause = Some(Pause { until: now + retry_after, is_announced: false });
        Passage::Shut { retry_after, is_announced: false }
    }

    /// Takes down that an answer which tells of the pause has left: from now on the caller should know.
    pub(super) fn announced(&mut self) {
        if let Some(pause) = &mut self.pause {
            pause.is_announced = true;
        }
    }
}

impl FromStr for Limit {
    type Err = NoLimit;

    fn from_str(text: &str) -> Result<Self, NoLimit> {
        let parts = text.trim().split_once('/').and_then(|(requests, unit)| {
            let per = UNITS.iter().find(|(word, _)| *word == unit.trim()).map(|(_, seconds)| *seconds)?;
            // The digits only: the parser of numbers would take a sign as well.
            let requests = requests.trim_end();
            let requests = requests.bytes().all(|byte| byte.is_ascii_digit()).then(|| requests.parse().ok())??;
            Some(Limit { requests, per: Duration::from_secs(per) })
        });
        parts.ok_or_else(|| NoLimit(text.to_owned()))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, seconds)| Duration::from_secs(*seconds) == self.per) {
            Some((word, _)) => write!(f, "{}/{word}", self.requests),
            None => write!(f, "{} in {:?}", self.requests, self.per),
        }
    }
}

/// Words for stretches of time, in seconds.
const UNITS: &[(&str, u64)] = &[("s", 1), ("m", 60), ("h", 3600)];

/// Rounded up, since who comes back too early is refused again.
fn whole_seconds(pause: Duration) -> Duration {
    let rounded_up = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
    Duration::from_secs(rounded_up.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests at these milliseconds, and for each the seconds to wait, 0 if it passes.
    fn check(limit: &str, arrivals: &[(u64, u64)]) {
        let (mut gate, start) = (Gate::of(limit.parse().unwrap()), Instant::now());
        for (milliseconds, expected) in arrivals {
            let seconds = match gate.pass(start + Duration::from_millis(*milliseconds)) {
                Passage::Open => 0,
                Passage::Shut { retry_after, .. } => retry_after.as_secs(),
            };
            assert_eq!(seconds, *expected, "{limit} at {milliseconds} ms");
        }
    }

    #[test]
    fn the_window_slides() {
        check("2/s", &[(0, 0), (900, 0), (1000, 0), (1899, 1)]);
        check("2/s", &[(0, 0), (900, 0), (1000, 0), (1900, 0), (2000, 0)]);
    }

    #[test]
    fn one_too_many_is_told_when_the_window_has_room_again() {
        check("2/s", &[(0, 0), (10, 0), (20, 1)]);
        check("2/m", &[(0, 0), (10, 0), (20, 60)]);
        check("2/m", &[(0, 0), (10, 0), (30_500, 30)]);
        check("2/m", &[(0, 0), (10, 0), (59_999, 1)]);
    }

    #[test]
    fn nothing_passes_during_the_pause_which_does_not_grow() {
        check("1/m", &[(0, 0), (1000, 59), (30_000, 30), (59_999, 1), (60_000, 0)]);
    }

    #[test]
    fn after_the_pause_the_window_is_empty() {
        check("2/s", &[(0, 0), (500, 0), (600, 1), (1599, 1), (1600, 0), (1601, 0), (1602, 1)]);
    }

    #[test]
    fn a_pause_is_known_once_its_answer_has_left() {
        let (mut gate, now) = (Gate::of("1/h".parse().unwrap()), Instant::now());
        let retry_after = Duration::from_secs(3600);
        gate.announced();
        assert_eq!(gate.pass(now), Passage::Open);
        for _ in 0..2 {
            assert_eq!(gate.pass(now), Passage::Shut { retry_after, is_announced: false });
        }
        gate.announced();
        assert_eq!(gate.pass(now), Passage::Shut { retry_after, is_announced: true });
        assert_eq!(gate.pass(now + retry_after), Passage::Open);
        assert_eq!(gate.pass(now + retry_after), Passage::Shut { retry_after, is_announced: false });
    }

    #[test]
    fn limits_are_read_and_printed() {
        for text in ["20/s", "300/m", "10000/h"] {
            assert_eq!(text.parse::<Limit>().unwrap().to_string(), text);
        }
        for text in ["", "20", "0/s", "-1/s", "+1/s", "1.5/s", "/s", "20/", "20/d", "none"] {
            assert!(text.parse::<Limit>().unwrap_err().to_string().contains("`20/s`"), "{text}");
        }
    }
}
