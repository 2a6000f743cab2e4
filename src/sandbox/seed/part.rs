//! A made-up JSON value. Most of its words are known beforehand and only pointed to, so that a store of a million
//! referrals can make each when it is asked for.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Null,
    Flag(bool),
    Whole(u64),
    Fraction(f64),
    Word(&'static str),
    Text(String),
    List(Vec<Part>),
    Object(Vec<(&'static str, Part)>),
}

/// An object, written as it will look.
macro_rules! object {
    ({ $($name:literal: $value:expr),* $(,)? }) => {
        $crate::sandbox::seed::part::Part::Object(vec![$(($name, $crate::sandbox::seed::part::Part::from($value))),*])
    };
}

pub(super) use object;

impl Part {
    /// The members of the object at the end of these names.
    pub(super) fn members(&mut self, names: &[&str]) -> Option<&mut Vec<(&'static str, Part)>> {
        let Part::Object(members) = self else { return None };
        match names {
            [] => Some(members),
            [name, rest @ ..] => members.iter_mut().find(|member| member.0 == *name)?.1.members(rest),
        }
    }
}

impl From<bool> for Part {
    fn from(flag: bool) -> Self {
        Part::Flag(flag)
    }
}

impl From<u64> for Part {
    fn from(number: u64) -> Self {
        Part::Whole(number)
    }
}

impl From<f64> for Part {
    fn from(number: f64) -> Self {
        Part::Fraction(number)
    }
}

impl From<&'static str> for Part {
    fn from(word: &'static str) -> Self {
        Part::Word(word)
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Part::Text(text)
    }
}

impl From<Vec<Part>> for Part {
    fn from(items: Vec<Part>) -> Self {
        Part::List(items)
    }
}

impl<T: Into<Part>> From<Option<T>> for Part {
    fn from(part: Option<T>) -> Self {
        part.map_or(Part::Null, Into::into)
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Part::Null => serializer.serialize_unit(),
            Part::Flag(flag) => serializer.serialize_bool(*flag),
            Part::Whole(number) => serializer.serialize_u64(*number),
            Part::Fraction(number) => serializer.serialize_f64(*number),
            Part::Word(word) => serializer.serialize_str(word),
            Part::Text(text) => serializer.serialize_str(text),
            Part::List(items) => serializer.collect_seq(items),
            Part::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_written_as_json() {
        let mut part = object!({
            "word": "a \"b\"",
            "none": None::<bool>,
            "list": vec![Part::from(5), Part::from(0.1), Part::from(true)],
            "object": object!({ "text": format!("{}", 7), "nothing": Part::Null }),
        });
        part.members(&["object"]).unwrap().retain(|member| member.0 != "nothing");
        assert_eq!(part.members(&["list"]), None);
        let text = serde_json::to_string(&part).unwrap();
        assert_eq!(text, r#"{"word":"a \"b\"","none":null,"list":[5,0.1,true],"object":{"text":"7"}}"#);
    }
}
