//! Whether a text says what a value holds, by `serde_json`'s reading and without building a second value.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Whether the text is an object of just these members in this order. A `false` may come of another order alone.
pub fn has_members(text: &str, members: &[(&str, &Value)]) -> bool {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.deserialize_map(Members(members.iter().copied())).and_then(|()| reader.end()).is_ok()
}

/// Reads a value of which each part is the same, or fails.
struct Same<'a>(&'a Value);

/// Reads an object of the same members, or fails.
struct Members<I>(I);

/// Reads a text that is the same, or fails.
struct Text<'a>(&'a str);

fn other<E: Error>() -> E {
    E::custom("something else")
}

fn equal<E: Error>(is_equal: bool) -> Result<(), E> {
    is_equal.then_some(()).ok_or_else(other)
}

impl<'de> DeserializeSeed<'de> for Same<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

/// Numbers become what they become in a `Value`: whole ones of 64 bits, or doubles.
impl<'de> Visitor<'de> for Same<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the same value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        equal(self.0.is_null())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        equal(*self.0 == value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        equal(*self.0 == value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        equal(*self.0 == value)
    }

    /// `1.0` is not `1`, as among values.
    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        equal(self.0.is_f64() && *self.0 == value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        equal(self.0.as_str() == Some(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        for item in self.0.as_array().ok_or_else(other)? {
            items.next_element_seed(Same(item))?.ok_or_else(other)?;
        }
        equal(items.next_element::<IgnoredAny>()?.is_none())
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        let expected = self.0.as_object().ok_or_else(other)?;
        Members(expected.iter().map(|(name, value)| (name.as_str(), value))).visit_map(members)
    }
}

impl<'de, 'a, I: Iterator<Item = (&'a str, &'a Value)>> Visitor<'de> for Members<I> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the same members")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        for (name, value) in self.0 {
            members.next_key_seed(Text(name))?.ok_or_else(other)?;
            members.next_value_seed(Same(value))?;
        }
        equal(members.next_key::<IgnoredAny>()?.is_none())
    }
}

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Text<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the same text")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        equal(self.0 == value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, value: &Value, expected: bool) {
        let members: Vec<_> = value.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value)).collect();
        assert_eq!(has_members(text, &members), expected, "{text}");
    }

    #[test]
    fn a_text_says_what_its_value_holds() {
        let value = json!({"a": [1, -2, 3.5, true, null, "é\n"], "b": {"c": {}}});
        check(r#" { "a": [1, -2, 3.50, true, null, "\u00e9\n"], "b": {"\u0063": {}} } "#, &value, true);
    }

    #[test]
    fn nothing_may_differ_be_missing_or_be_there_besides() {
        let value = json!({"a": [1], "b": {"c": "x"}});
        for text in [
            r#"{"a":[2],"b":{"c":"x"}}"#,
            r#"{"a":[1.0],"b":{"c":"x"}}"#,
            r#"{"a":["1"],"b":{"c":"x"}}"#,
            r#"{"a":[],"b":{"c":"x"}}"#,
            r#"{"a":[1,1],"b":{"c":"x"}}"#,
            r#"{"a":[1],"b":{"c":"y"}}"#,
            r#"{"a":[1],"b":{"d":"x"}}"#,
            r#"{"a":[1],"b":{"c":"x","c":"x"}}"#,
            r#"{"a":[1],"b":{}}"#,
            r#"{"a":[1],"b":"c"}"#,
            r#"{"a":[1]}"#,
            r#"{"a":[1],"b":{"c":"x"},"d":null}"#,
            r#"{"a":[1],"b":{"c":"x"}}]"#,
            r#"{"a":[1],"b":{"c":"x"}"#,
            "[]",
        ] {
            check(text, &value, false);
        }
    }
}
