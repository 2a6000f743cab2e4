//! Values as `$filter` and `$orderby` compare them.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::sandbox::clock;

/// A value that has an order. Texts that are date-times or GUIDs are compared as such: the service trims trailing
/// zeros now and then (contract, section 3.9), and GUIDs come in either case.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sandbox) enum Scalar {
    Null,
    Flag(bool),
    Number(f64),
    Instant(Timestamp),
    Guid(Uuid),
    Text(String),
}

impl Scalar {
    /// The value of a member. Lists and objects have no order and count as `null`.
    pub(in crate::sandbox) fn of(value: &Value) -> Scalar {
        match value {
            Value::Null | Value::Array(_) | Value::Object(_) => Scalar::Null,
            Value::Bool(flag) => Scalar::Flag(*flag),
            Value::Number(number) => number.as_f64().map_or(Scalar::Null, Scalar::Number),
            Value::String(text) => Scalar::of_text(text),
        }
    }

    /// A literal in quotes, or the text of a member.
    pub(super) fn of_text(text: &str) -> Scalar {
        instant(text).or_else(|| guid(text)).unwrap_or_else(|| Scalar::Text(text.to_owned()))
    }

    /// A literal without quotes.
    pub(super) fn of_word(word: &str) -> Option<Scalar> {
        match word {
            "null" => Some(Scalar::Null),
            "true" => Some(Scalar::Flag(true)),
            "false" => Some(Scalar::Flag(false)),
            _ => instant(word).or_else(|| guid(word)).or_else(|| {
                let number: serde_json::Number = serde_json::from_str(word).ok()?;
                number.as_f64().map(Scalar::Number)
            }),
        }
    }

    /// The order within one kind; values of two kinds cannot be compared.
    pub(super) fn compare(&self, other: &Scalar) -> Option<Ordering> {
        match (self, other) {
            (Scalar::Null, Scalar::Null) => Some(Ordering::Equal),
            (Scalar::Flag(this), Scalar::Flag(that)) => Some(this.cmp(that)),
            (Scalar::Number(this), Scalar::Number(that)) => Some(this.total_cmp(that)),
            (Scalar::Instant(this), Scalar::Instant(that)) => Some(this.cmp(that)),
            (Scalar::Guid(this), Scalar::Guid(that)) => Some(this.cmp(that)),
            (Scalar::Text(this), Scalar::Text(that)) => Some(this.cmp(that)),
            (
                Scalar::Null
                | Scalar::Flag(_)
                | Scalar::Number(_)
                | Scalar::Instant(_)
                | Scalar::Guid(_)
                | Scalar::Text(_),
                _,
            ) => None,
        }
    }

    /// An order over all kinds, `null` first as OData wants it.
    pub(in crate::sandbox) fn total_order(&self, other: &Scalar) -> Ordering {
        self.compare(other).unwrap_or_else(|| self.rank().cmp(&other.rank()))
    }

    fn rank(&self) -> u8 {
        match self {
            Scalar::Null => 0,
            Scalar::Flag(_) => 1,
            Scalar::Number(_) => 2,
            Scalar::Instant(_) => 3,
            Scalar::Guid(_) => 4,
            Scalar::Text(_) => 5,
        }
    }
}

fn instant(text: &str) -> Option<Scalar> {
    clock::read(text).map(Scalar::Instant)
}

fn guid(text: &str) -> Option<Scalar> {
    Uuid::try_parse(text).ok().filter(|_| text.len() == 36).map(Scalar::Guid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_instant_may_be_written_with_more_zeros() {
        assert_eq!(Scalar::of_text("2026-01-01T00:00:00Z"), Scalar::of_text("2026-01-01T00:00:00.0000000Z"));
    }

    #[test]
    fn a_bare_word_is_no_literal() {
        assert_eq!(Scalar::of_word("Active"), None);
        assert_eq!(Scalar::of_word("-5.5"), Some(Scalar::Number(-5.5)));
    }

    #[test]
    fn nothing_comes_first() {
        assert_eq!(Scalar::Null.total_order(&Scalar::Flag(false)), Ordering::Less);
        assert_eq!(Scalar::Null.compare(&Scalar::Flag(false)), None);
    }
}
