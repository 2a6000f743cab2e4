//! Settings with units, as they are typed: `5/s`, `5%`, `45m`, `Europe/Berlin`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::shard;
use crate::engine;

/// A rate of requests: `5/s`, `300/m`, `100/h`, `none`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate {
    rate: engine::Rate,
    text: String,
}

/// A number of rows, or a share of all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Limit {
    /// So many.
    Rows(u64),
    /// So many in a hundred.
    Percent(f64),
}

/// A span of time: `80ms`, `90s`, `45m`, `2h`, `30d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    milliseconds: u64,
}

/// A part of a sheet: `2/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard(shard::Shard);

/// A time zone by its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("`{text}` is not a rate; write `5/s`, `300/m` or `none`");
        if text == "none" {
            return Ok(Rate { rate: engine::Rate::Unlimited, text: text.to_owned() });
        }
        let (count, unit) = text.split_once('/').ok_or_else(refused)?;
        let count: u32 = count.trim().parse().ok().filter(|count| *count > 0).ok_or_else(refused)?;
        let seconds = match unit.trim() {
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(refused()),
        };
        Ok(Rate { rate: engine::Rate::PerSecond(f64::from(count) / seconds), text: text.to_owned() })
    }
}

impl From<&Rate> for engine::Rate {
    fn from(rate: &Rate) -> Self {
        rate.rate
    }
}

impl Rate {
    /// What a shard may take of it: whole requests a second, which add up to no more than the rate. So the shards
    /// together keep it in every second, although they know nothing of each other; of fractions, each may be rounded up
    /// in the same second. At least one, see [`Rate::is_enough_for`].
    pub fn part(&self, shard: shard::Shard) -> Rate {
        let whole = match self.rate {
            engine::Rate::PerSecond(per_second) if shard.count() > 1 => whole(per_second),
            engine::Rate::PerSecond(_) | engine::Rate::Unlimited => return self.clone(),
        };
        let (each, left) = (whole / shard.count(), whole % shard.count());
        let part = (each + u32::from(shard.number() <= left)).max(1);
        Rate { rate: engine::Rate::PerSecond(f64::from(part)), text: format!("{part}/s") }
    }

    /// Whether there is any limit.
    pub fn is_limited(&self) -> bool {
        self.rate != engine::Rate::Unlimited
    }

    /// Whether so many shards can share it.
    pub fn is_enough_for(&self, shards: u32) -> bool {
        match self.rate {
            engine::Rate::PerSecond(per_second) => shards == 1 || whole(per_second) >= shards,
            engine::Rate::Unlimited => true,
        }
    }
}

fn whole(per_second: f64) -> u32 {
    // Casting from a float saturates.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is a positive number of u32")]
    let whole = per_second as u32;
    whole
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Limit {
    /// The rows that it means among so many.
    pub fn of(self, rows: u64) -> u64 {
        match self {
            Limit::Rows(count) => count,
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "rows are few against 2^52, and a share is from 0 to 100"
            )]
            Limit::Percent(share) => (rows as f64 * share / 100.0).floor() as u64,
        }
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("`{text}` is not a limit; write a number of rows such as `20`, or `5%`");
        match text.trim().strip_suffix('%') {
            Some(share) => {
                let share: f64 = share.trim().parse().map_err(|_| refused())?;
                if (0.0..=100.0).contains(&share) { Ok(Limit::Percent(share)) } else { Err(refused()) }
            }
            None => text.trim().parse().map(Limit::Rows).map_err(|_| refused()),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Rows(count) => write!(f, "{count}"),
            Limit::Percent(share) => write!(f, "{share}%"),
        }
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("`{text}` is not a span of time; write `90s`, `45m`, `2h` or `30d`");
        if text.trim() == "0" {
            return Ok(Span { milliseconds: 0 });
        }
        let (count, unit) =
            text.trim().split_at(text.trim().find(|letter: char| !letter.is_ascii_digit()).ok_or_else(refused)?);
        let unit: u64 = match unit.trim() {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(refused()),
        };
        let count: u64 = count.parse().map_err(|_| refused())?;
        count.checked_mul(unit).map(|milliseconds| Span { milliseconds }).ok_or_else(refused)
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        Duration::from_millis(span.milliseconds)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.milliseconds)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Shard)
    }
}

impl From<Shard> for shard::Shard {
    fn from(shard: Shard) -> Self {
        shard.0
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let zone = TimeZone::get(text);
        zone.map(Zone).map_err(|_| format!("`{text}` is not a time zone; write one such as Europe/Berlin"))
    }
}

impl From<Zone> for TimeZone {
    fn from(zone: Zone) -> Self {
        zone.0
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

/// In files, these are written as they are typed.
macro_rules! as_text {
    ($($unit:ty),*) => {$(
        impl TryFrom<String> for $unit {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$unit> for String {
            fn from(value: $unit) -> Self {
                value.to_string()
            }
        }
    )*};
}

as_text!(Rate, Limit, Span, Shard, Zone);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_in_three_units() {
        let rate = |text: &str| text.parse::<Rate>().map(|rate| engine::Rate::from(&rate));
        assert_eq!(rate("5/s"), Ok(engine::Rate::PerSecond(5.0)));
        assert_eq!(rate("300/m"), Ok(engine::Rate::PerSecond(5.0)));
        assert_eq!(rate("none"), Ok(engine::Rate::Unlimited));
        for wrong in ["5", "0/s", "-1/s", "5/x", "fast"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_parts_of_a_rate_add_up_to_it_in_whole_requests() {
        let parts = |rate: &str, count: u32| {
            let rate: Rate = rate.parse().unwrap();
            let first: shard::Shard = format!("1/{count}").parse().unwrap();
            assert!(rate.is_enough_for(count));
            first.siblings().map(|shard| rate.part(shard).to_string()).collect::<Vec<_>>()
        };
        assert_eq!(parts("5/s", 1), ["5/s"]);
        assert_eq!(parts("6/s", 3), ["2/s", "2/s", "2/s"]);
        assert_eq!(parts("5/s", 3), ["2/s", "2/s", "1/s"]);
        assert_eq!(parts("330/m", 3), ["2/s", "2/s", "1/s"]);
        assert_eq!(parts("none", 2), ["none", "none"]);
        assert!(!"5/s".parse::<Rate>().unwrap().is_enough_for(6));
        assert_eq!(parts("1/m", 1), ["1/m"]);
        assert!(!"100/m".parse::<Rate>().unwrap().is_enough_for(2));
    }

    #[test]
    fn limits_are_rows_or_shares() {
        assert_eq!("20".parse::<Limit>().unwrap().of(1000), 20);
        assert_eq!("5%".parse::<Limit>().unwrap().of(1010), 50);
        assert!("101%".parse::<Limit>().is_err());
        assert!("some".parse::<Limit>().is_err());
    }

    #[test]
    fn spans_have_a_unit() {
        assert_eq!("45m".parse::<Span>().map(Duration::from), Ok(Duration::from_secs(2700)));
        assert_eq!("80ms".parse::<Span>().map(Duration::from), Ok(Duration::from_millis(80)));
        assert_eq!("2s".parse::<Span>().map(|span| span.to_string()).as_deref(), Ok("2000ms"));
        assert_eq!("0".parse::<Span>().map(Duration::from), Ok(Duration::ZERO));
        for wrong in ["45", "m", "1w", "-1s", ""] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
