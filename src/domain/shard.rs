//! A part of a sheet, for one of several processes that share it: which rows are whose.
//!
//! Every row belongs to exactly one shard, and who asks makes no difference: all processes, on all platforms, in all
//! versions of the program, must agree without speaking to each other.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// More parts than that are a slip.
const COUNT_MAX: u32 = 1_000;

/// One of so many parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shard {
    number: u32,
    count: u32,
}

impl Shard {
    /// Which of them, from 1.
    pub fn number(self) -> u32 {
        self.number
    }

    /// How many there are.
    pub fn count(self) -> u32 {
        self.count
    }

    /// All parts of the same whole, itself among them.
    pub fn siblings(self) -> impl Iterator<Item = Shard> {
        (1..=self.count).map(move |number| Shard { number, ..self })
    }

    /// Whether it takes the rows with this key: an id as it is printed, or whatever else tells rows apart.
    pub fn takes(self, key: &str) -> bool {
        number_of(key, self.count) == self.number
    }
}

/// The first eight bytes of the SHA-256 of the key, as a number, most significant first; the remainder of its division
/// by `count`, and one. Never to be changed: shards that hash in two ways would leave rows out and take others twice.
fn number_of(key: &str, count: u32) -> u32 {
    let hash = Sha256::digest(key).iter().take(8).fold(0, |hash: u64, byte| hash << 8 | u64::from(*byte));
    1 + u32::try_from(hash % u64::from(count)).expect("a remainder is less than what it is divided by")
}

impl FromStr for Shard {
    type Err = String;

    /// Takes `2/3`, and `1+1/3` from schedulers that count from 0 and cannot add.
    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || {
            format!(
                "`{text}` is not a shard; write `2/3` for the second of three, or `1+1/3` from an index that begins at 0"
            )
        };
        let (number, count) = text.split_once('/').ok_or_else(refused)?;
        let (number, one) = match number.split_once('+') {
            Some((index, one)) if one.trim() == "1" => (index, 1),
            Some(_) => return Err(refused()),
            None => (number, 0),
        };
        let number =
            number.trim().parse::<u32>().ok().and_then(|number| number.checked_add(one)).ok_or_else(refused)?;
        let count = count.trim().parse().map_err(|_| refused())?;
        match (1..=COUNT_MAX).contains(&count) && (1..=count).contains(&number) {
            true => Ok(Shard { number, count }),
            false if number == 0 => Err(format!(
                "there is no shard 0, they are counted from 1; write `0+1/{count}` where an index begins at 0"
            )),
            false => Err(format!("there is no shard {number} of {count}: they are counted from 1, up to {COUNT_MAX}")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(text: &str) -> Shard {
        text.parse().unwrap()
    }

    /// Anybody can compute it: the numbers were made by `printf %s KEY | sha256sum` and a calculator.
    #[test]
    fn who_takes_what_never_changes() {
        let check = |key: &str, expected: [u32; 4]| {
            let numbers = [2, 3, 7, 1_000].map(|count| number_of(key, count));
            assert_eq!(numbers, expected, "{key}");
        };
        check("49d90c72-3326-4f61-aacc-2cb57970448c", [2, 1, 4, 300]);
        check("00000000-0000-4000-8000-000000000001", [1, 2, 4, 793]);
        check("00000000-0000-4000-8000-000000000002", [1, 2, 4, 215]);
        check("CRM-10166", [1, 2, 1, 845]);
        check("row 17", [2, 3, 7, 740]);
        check("", [1, 2, 2, 653]);
    }

    #[test]
    fn a_shard_is_written_as_people_count() {
        assert_eq!(shard("2/3"), Shard { number: 2, count: 3 });
        assert_eq!(shard(" 1 / 1 ").to_string(), "1/1");
        for wrong in ["0/3", "4/3", "1", "1/0", "1/1001", "-1/3", "a/b", "1/", "/3", "1/2/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_index_from_0_says_so() {
        assert_eq!(["0+1/3", "2+1/3"].map(shard), [shard("1/3"), shard("3/3")]);
        assert!("0/3".parse::<Shard>().unwrap_err().contains("`0+1/3`"));
        for wrong in ["3+1/3", "0+2/3", "+1/3", "4294967295+1/3", "1+1+1/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
