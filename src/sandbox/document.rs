//! A referral as it is kept: the text of its answers. A tree of values would take fifteen times the room, so trees are
//! made of the members that somebody looks at, for as long as they are looked at.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The text of a referral. Copies share it.
#[derive(Clone)]
pub struct Document {
    text: Arc<str>,
    /// Where the value of its eTag stands, if that is known; else it is looked for.
    etag: Option<(u32, u32)>,
}

/// The members of its root in their order, each as text.
pub(super) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl Document {
    pub(super) fn of(referral: &Value) -> Document {
        Document::from_text(referral.to_string())
    }

    /// Takes the text of an object, written without white space around it.
    pub(super) fn from_text(text: String) -> Document {
        Document { text: text.into(), etag: None }
    }

    /// The text, as it stands in answers.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All of it, to look into.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.text).expect("what is kept is JSON")
    }

    /// Its eTag, the quotes included.
    pub fn etag(&self) -> Option<String> {
        match self.etag {
            Some((start, end)) => serde_json::from_str(&self.text[start as usize..end as usize]).ok(),
            None => self.members().text("eTag"),
        }
    }

    pub(super) fn members(&self) -> Members<'_> {
        serde_json::from_str(&self.text).expect("what is kept is a JSON object")
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'a> Members<'a> {
    /// An object of those with these names that are there.
    pub(super) fn excerpt<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Value {
        let mut excerpt = Map::new();
        for name in names {
            if let Some(text) = self.find(name)
                && !excerpt.contains_key(name)
            {
                excerpt.insert(name.to_owned(), value(text));
            }
        }
        Value::Object(excerpt)
    }

    /// All of them.
    pub(super) fn whole(&self) -> Value {
        Value::Object(self.iter().map(|(name, text)| (name.to_owned(), value(text))).collect())
    }

    /// The member, if it is a text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.find(name)?.get()).ok()
    }

    /// The document with these members in the place of its own; those that it lacks come at the end.
    pub(super) fn with(&self, changed: &Map<String, Value>) -> Document {
        let usual: usize = self.0.iter().map(|(name, text)| name.len() + text.get().len() + 4).sum();
        let mut json = Vec::with_capacity(usual + ROOM_TO_GROW);
        let mut etag = None;
        let kept = self.iter().map(|(name, text)| (name, changed.get(name).ok_or(text)));
        let added = changed.iter().filter(|(name, _)| self.find(name).is_none());
        for (name, value) in kept.chain(added.map(|(name, value)| (name.as_str(), Ok(value)))) {
            json.push(if json.is_empty() { b'{' } else { b',' });
            push(&mut json, name);
            json.push(b':');
            let start = json.len();
            match value {
                Ok(value) => push(&mut json, value),
                Err(text) => json.extend_from_slice(text.get().as_bytes()),
            }
            if name == "eTag" {
                etag = u32::try_from(start).ok().zip(u32::try_from(json.len()).ok());
            }
        }
        if json.is_empty() {
            json.push(b'{');
        }
        json.push(b'}');
        Document { text: String::from_utf8(json).expect("JSON is UTF-8").into(), etag }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, text)| (name.as_ref(), *text))
    }

    fn find(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|member| member.0 == name).map(|member| member.1)
    }
}

/// What a change adds, as a rule: more than this makes the text move once.
const ROOM_TO_GROW: usize = 256;

fn value(text: &RawValue) -> Value {
    serde_json::from_str(text.get()).expect("a part of JSON is JSON")
}

fn push(json: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    serde_json::to_writer(json, value).expect("a value can be written as JSON");
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::with_capacity(super::members::ROOT.len());
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// A name, borrowed unless it is written with an escape.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.text).expect("what is kept is JSON").serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Document {
        Document::from_text(r#"{"a":1.50,"b":{"c":[1,"x"]},"q\"":null,"eTag":"\"1\""}"#.to_owned())
    }

    #[test]
    fn an_excerpt_holds_what_is_there() {
        let document = document();
        assert_eq!(document.members().excerpt(["b", "x", "b"]), json!({ "b": { "c": [1, "x"] } }));
        assert_eq!(document.members().excerpt([]), json!({}));
        assert_eq!(document.members().excerpt(["q\""]), json!({ "q\"": null }));
        assert_eq!(document.etag().as_deref(), Some("\"1\""));
    }

    #[test]
    fn what_changes_takes_its_place_and_all_else_stays_to_the_byte() {
        let changed = json!({ "n": "new", "b": [] });
        let after = document().members().with(changed.as_object().unwrap());
        assert_eq!(after.etag(), document().etag());
        assert_eq!(after.text(), r#"{"a":1.50,"b":[],"q\"":null,"eTag":"\"1\"","n":"new"}"#);
        assert_eq!(document().members().with(&Map::new()), document());
        assert_eq!(Document::of(&json!({})).members().with(&Map::new()).text(), "{}");
    }
}
