//! A made-up JSON value. Most of its words are known beforehand and only pointed to, so that a store of a million
//! referrals can make each when it is asked for.

use serde::Serialize;
use serde_json::Value;

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
        $crate::sandbox::part::Part::Object(vec![$(($name, $crate::sandbox::part::Part::from($value))),*])
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

impl Part {
    /// The same as a tree like any other.
    pub(super) fn value(&self) -> Value {
        match self {
            Part::Null => Value::Null,
            Part::Flag(flag) => Value::from(*flag),
            Part::Whole(number) => Value::from(*number),
            Part::Fraction(number) => Value::from(*number),
            Part::Word(word) => Value::from(*word),
            Part::Text(text) => Value::from(text.as_str()),
            Part::List(items) => items.iter().map(Part::value).collect(),
            Part::Object(members) => members.iter().map(|(name, part)| (*name, part.value())).collect(),
        }
    }

    /// Writes it as JSON.
    pub(super) fn write(&self, json: &mut Vec<u8>) {
        match self {
            Part::Null => json.extend_from_slice(b"null"),
            Part::Flag(flag) => json.extend_from_slice(if *flag { b"true" } else { b"false" }),
            Part::Whole(number) => push(json, number),
            Part::Fraction(number) => push(json, number),
            Part::Word(word) => push(json, word),
            Part::Text(text) => push(json, text),
            Part::List(items) => {
                json.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    separate(json, index);
                    item.write(json);
                }
                json.push(b']');
            }
            Part::Object(members) => {
                json.push(b'{');
                for (index, (name, value)) in members.iter().enumerate() {
                    separate(json, index);
                    // Names of members are plain letters.
                    json.push(b'"');
                    json.extend_from_slice(name.as_bytes());
                    json.extend_from_slice(b"\":");
                    value.write(json);
                }
                json.push(b'}');
            }
        }
    }
}

fn separate(json: &mut Vec<u8>, index: usize) {
    if index > 0 {
        json.push(b',');
    }
}

fn push(json: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    serde_json::to_writer(json, value).expect("numbers and texts can be written as JSON");
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
        let mut json = Vec::new();
        part.write(&mut json);
        let text = String::from_utf8(json).unwrap();
        assert_eq!(part.value().to_string(), text);
        assert_eq!(text, r#"{"word":"a \"b\"","none":null,"list":[5,0.1,true],"object":{"text":"7"}}"#);
    }
}
