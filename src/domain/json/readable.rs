//! What `serde_json` makes of a text, without making a value of it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// A referral has about as many members at most.
pub const MEMBERS_USUAL: usize = 32;
/// A member of this name means something else to `serde_json` (its `RawValue`), and no service has one.
const RESERVED: &str = "$serde_json::private::RawValue";

/// A member of an object.
pub struct MemberRead<'a> {
    /// What it is called.
    pub name: Cow<'a, str>,
    /// What it holds.
    pub text: &'a RawValue,
}

impl MemberRead<'_> {
    /// What it holds, parsed; none for a number beyond all doubles.
    pub fn value(&self) -> Option<Value> {
        serde_json::from_str(self.text.get()).ok()
    }

    /// Whether it holds this.
    pub fn holds(&self, value: &Value) -> bool {
        self.value().is_some_and(|held| held == *value)
    }
}

/// Fails where reading the text as a `Value` would.
pub fn check(text: &str) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_str(text);
    Anything.deserialize(&mut reader)?;
    reader.end()
}

/// The members of an object.
pub fn members(text: &str) -> serde_json::Result<Vec<MemberRead<'_>>> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let members = reader.deserialize_map(Members)?;
    reader.end()?;
    Ok(members)
}

/// Reads anything and keeps nothing. Other than `IgnoredAny`, it reads numbers: some are beyond all doubles.
struct Anything;

/// Reads the name of a member.
struct Name;

/// Reads an object, and none of its members any further.
struct Members;

impl<'de> DeserializeSeed<'de> for Anything {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Anything {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Anything)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_key_seed(Name)?.is_some() {
            members.next_value_seed(Anything)?;
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Name {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<(), E> {
        if name == RESERVED { Err(E::custom("a reserved name")) } else { Ok(()) }
    }
}

impl<'de> Visitor<'de> for Members {
    type Value = Vec<MemberRead<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        #[derive(Deserialize)]
        struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

        let mut members = Vec::with_capacity(MEMBERS_USUAL);
        while let Some((Name(name), text)) = object.next_entry::<Name<'de>, _>()? {
            members.push(MemberRead { name, text });
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_readable_can_be_made_a_value() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        let reserved = format!(r#"{{"{RESERVED}":"oops"}}"#);
        for text in [
            r#" {"a":[1,-2,3.5,1e300,true,null,"\u00e9\n"],"b":{}} "#,
            r#"{"a":1e400}"#,
            r#"{"a":1}}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":1,}"#,
            r"{a:1}",
            "[1 2]",
            "01",
            "nul",
            "",
            &deep(127),
            &deep(128),
            &reserved,
        ] {
            assert_eq!(check(text).is_ok(), serde_json::from_str::<Value>(text).is_ok(), "{text}");
        }
    }
}
