//! The sandbox's time, which passes only when something is written.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

/// When the sandbox's time starts: 2026-11-02T09:00:00Z.
pub(super) const START: Timestamp = Timestamp::constant(1_793_610_000, 0);

/// Tells the time of each write. Asked exactly once per write that is stored, so a counter will do.
pub struct Clock(Box<dyn FnMut() -> Timestamp + Send>);

impl Clock {
    /// Starts at 2026-11-02T09:00:00Z and moves on by one second at each write.
    pub fn counting() -> Self {
        let mut writes: i64 = 0;
        Clock::from_fn(move || {
            let now = START + SignedDuration::from_secs(writes);
            writes += 1;
            now
        })
    }

    /// Any other source of time, such as a paused clock of a test.
    pub fn from_fn(now: impl FnMut() -> Timestamp + Send + 'static) -> Self {
        Clock(Box::new(now))
    }

    pub(super) fn now(&mut self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// An instant as the service prints most of them: UTC with seven fraction digits (contract, section 3.9).
pub(super) fn print(instant: Timestamp) -> String {
    format!("{instant:.7}")
}

/// Reads `2026-11-02T09:00:00Z` with up to seven fraction digits, the only form that the contract shows
/// (section 3.9). Anything looser is no date-time, so that a sloppy sender is told.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let digits_and_marks = text.strip_suffix('Z')?;
    let (seconds, fraction) = digits_and_marks.split_once('.').unwrap_or((digits_and_marks, "0"));
    let shaped = seconds.len() == 19
        && seconds.bytes().zip(*b"0000-00-00T00:00:00").all(|(found, wanted)| match wanted {
            b'0' => found.is_ascii_digit(),
            mark => found == mark,
        });
    let fraction_fits = (1..=7).contains(&fraction.len()) && fraction.bytes().all(|digit| digit.is_ascii_digit());
    if shaped && fraction_fits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_starts_at_a_fixed_instant_and_moves_by_a_second() {
        let mut clock = Clock::counting();
        assert_eq!(print(clock.now()), "2026-11-02T09:00:00.0000000Z");
        assert_eq!(print(clock.now()), "2026-11-02T09:00:01.0000000Z");
    }

    #[test]
    fn only_utc_date_times_are_read() {
        for good in ["2026-11-02T09:00:00Z", "2026-11-02T09:00:00.1Z", "2020-10-30T21:03:00.0000000Z"] {
            assert!(read(good).is_some(), "{good}");
        }
        for bad in [
            "2026-11-02",
            "2026-13-02T09:00:00Z",
            "2026-02-30T09:00:00Z",
            "2026-11-02T09:00:00",
            "2026-11-02 09:00:00Z",
            "2026-11-02T09:00:00+01:00",
            "2026-11-02T09:00:00.Z",
            "2026-11-02T09:00:00.12345678Z",
            "tomorrow",
            "",
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
