//! How many requests of a hundred meet with something.

use std::fmt;
use std::str::FromStr;

use crate::sandbox::mint::Dice;

/// Millionths in the whole: four digits after the point of a percentage.
const WHOLE: u32 = 1_000_000;
const WHOLE_PERCENT: u32 = 100;
const FRACTION_DIGITS_MAX: usize = 4;

/// A share of the requests, from `0%` (the default) to `100%`, exact to four digits after the point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    millionths: u32,
}

/// A text that is no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no share: a percentage from `0%` to `100%`, such as `2%` or `0.5%`, is expected")]
pub struct NoShare(String);

impl Share {
    /// Whether this throw falls into the share. Always takes one number off the dice.
    pub(super) fn is_hit(self, dice: &mut Dice) -> bool {
        dice.below(u64::from(WHOLE)) < u64::from(self.millionths)
    }
}

impl FromStr for Share {
    type Err = NoShare;

    fn from_str(text: &str) -> Result<Self, NoShare> {
        let millionths = text.trim().strip_suffix('%').and_then(|percent| millionths(percent.trim_end()));
        let millionths = millionths.filter(|millionths| *millionths <= WHOLE);
        millionths.map(|millionths| Share { millionths }).ok_or_else(|| NoShare(text.to_owned()))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_percent = WHOLE / WHOLE_PERCENT;
        let (percent, rest) = (self.millionths / per_percent, self.millionths % per_percent);
        let fraction = format!(".{rest:0FRACTION_DIGITS_MAX$}");
        write!(f, "{percent}{}%", fraction.trim_end_matches('0').trim_end_matches('.'))
    }
}

fn millionths(percent: &str) -> Option<u32> {
    let (whole, fraction) = percent.split_once('.').unwrap_or((percent, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > FRACTION_DIGITS_MAX {
        return None;
    }
    let fraction: u32 = format!("{fraction:0<FRACTION_DIGITS_MAX$}").parse().ok()?;
    whole.parse::<u32>().ok()?.checked_mul(WHOLE / WHOLE_PERCENT)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(share: &str, throws: u64) -> usize {
        let share: Share = share.parse().unwrap();
        (0..throws).filter(|throw| share.is_hit(&mut Dice::new(7, *throw))).count()
    }

    #[test]
    fn shares_are_percentages() {
        for (text, millionths) in
            [("0%", 0), ("2%", 20_000), ("0.5%", 5_000), (" 12.0625 %", 120_625), ("100%", WHOLE), ("100.0%", WHOLE)]
        {
            assert_eq!(text.parse(), Ok(Share { millionths }), "{text}");
        }
        for text in ["", "%", "2", "-1%", "+1%", "101%", "100.0001%", "0.00001%", ".5%", "5.%", "1,5%", "99999999999%"]
        {
            assert!(text.parse::<Share>().unwrap_err().to_string().contains("`0.5%`"), "{text}");
        }
    }

    #[test]
    fn a_share_is_printed_as_it_is_read() {
        for text in ["0%", "2%", "0.5%", "12.0625%", "10%", "100%"] {
            assert_eq!(text.parse::<Share>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn none_is_none_all_is_all_and_a_share_is_about_that() {
        assert_eq!((hits("0%", 10_000), hits("100%", 10_000)), (0, 10_000));
        let half_a_percent = hits("0.5%", 100_000);
        assert!((400..600).contains(&half_a_percent), "{half_a_percent}");
    }
}
