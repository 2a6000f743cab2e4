//! A referral as it is kept: the text of its answers. A tree of values would take fifteen times the room, so trees are
//! made of what somebody looks at, for as long as it is looked at.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::part::Part;

/// The text of a referral. Copies share it.
#[derive(Clone)]
pub struct Document {
    text: Arc<str>,
    /// Where the value of its eTag stands, if that is known; else it is looked for.
    etag: Option<(u32, u32)>,
}

/// A referral, as a text or as it was made up.
#[derive(Debug)]
pub(super) enum Content {
    Kept(Document),
    MadeUp(Part),
}

/// The members of an object in their order.
pub(super) struct Members<'a>(Vec<(Cow<'a, str>, Node<'a>)>);

/// What a member is before it is looked at.
#[derive(Clone, Copy)]
enum Node<'a> {
    Text(&'a RawValue),
    Part(&'a Part),
}

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

impl Content {
    pub(super) fn document(self) -> Document {
        match self {
            Content::Kept(document) => document,
            Content::MadeUp(part) => {
                let mut json = Vec::with_capacity(USUAL_BYTES);
                part.write(&mut json);
                Document::from_text(String::from_utf8(json).expect("JSON is UTF-8"))
            }
        }
    }

    pub(super) fn members(&self) -> Members<'_> {
        match self {
            Content::Kept(document) => document.members(),
            Content::MadeUp(part) => Node::Part(part).members().expect("a referral is an object"),
        }
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
    /// What stands at these places, in objects that hold nothing else. A place is a JSON Pointer of plain names.
    pub(super) fn excerpt<'n>(&self, places: impl IntoIterator<Item = &'n str>) -> Value {
        let places: Vec<&str> = places.into_iter().map(|place| place.trim_start_matches('/')).collect();
        self.copied(&places)
    }

    /// The member, if it is a text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.find(name)?.value() {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The document with these members in the place of its own; those that it lacks come at the end. What an object
    /// among them does not hold stays, too.
    pub(super) fn with(&self, changed: &Map<String, Value>) -> Document {
        let mut json = Vec::with_capacity(USUAL_BYTES);
        let etag = self.write(changed, &mut json);
        let etag = etag.and_then(|(start, end)| u32::try_from(start).ok().zip(u32::try_from(end).ok()));
        Document { text: String::from_utf8(json).expect("JSON is UTF-8").into(), etag }
    }

    /// Those with names that will do, to be written.
    pub(super) fn such(&self, will_do: impl Fn(&str) -> bool) -> impl Iterator<Item = (&str, impl Serialize)> {
        self.0.iter().map(|(name, node)| (name.as_ref(), *node)).filter(move |(name, _)| will_do(name))
    }

    fn find(&self, name: &str) -> Option<Node<'a>> {
        self.0.iter().find(|member| member.0 == name).map(|member| member.1)
    }

    fn copied(&self, places: &[&str]) -> Value {
        let mut excerpt = Map::new();
        for place in places {
            let name = place.split('/').next().unwrap_or_default();
            let Some(node) = self.find(name).filter(|_| !excerpt.contains_key(name)) else { continue };
            let inside = places.iter().filter_map(|place| place.strip_prefix(name)?.strip_prefix('/'));
            let inside: Vec<&str> = if places.contains(&name) { Vec::new() } else { inside.collect() };
            let members = if inside.is_empty() { None } else { node.members() };
            // Lists are one value: places inside them are looked for by who changes them.
            let copied = members.map_or_else(|| node.value(), |members| members.copied(&inside));
            excerpt.insert(name.to_owned(), copied);
        }
        Value::Object(excerpt)
    }

    /// Writes an object, and tells where the value of an eTag stands in it.
    fn write(&self, changed: &Map<String, Value>, json: &mut Vec<u8>) -> Option<(usize, usize)> {
        let mut etag = None;
        let kept = self.0.iter().map(|(name, node)| (name.as_ref(), Some(*node)));
        let added = changed.keys().filter(|name| self.find(name).is_none()).map(|name| (name.as_str(), None));
        json.push(b'{');
        let begin = json.len();
        for (name, node) in kept.chain(added) {
            if json.len() > begin {
                json.push(b',');
            }
            push(json, name);
            json.push(b':');
            let start = json.len();
            match (node, changed.get(name)) {
                (Some(node), None) => node.write(json),
                (Some(node), Some(Value::Object(inner))) => match node.members() {
                    Some(members) => drop(members.write(inner, json)),
                    None => push(json, inner),
                },
                (_, value) => push(json, &value),
            }
            if name == "eTag" {
                etag = Some((start, json.len()));
            }
        }
        json.push(b'}');
        etag
    }
}

impl<'a> Node<'a> {
    /// Its members, if it is an object.
    fn members(self) -> Option<Members<'a>> {
        match self {
            Node::Text(text) => serde_json::from_str(text.get()).ok(),
            Node::Part(Part::Object(members)) => {
                Some(Members(members.iter().map(|(name, part)| (Cow::Borrowed(*name), Node::Part(part))).collect()))
            }
            Node::Part(_) => None,
        }
    }

    fn value(self) -> Value {
        match self {
            Node::Text(text) => serde_json::from_str(text.get()).expect("a part of JSON is JSON"),
            Node::Part(part) => part.value(),
        }
    }

    fn write(self, json: &mut Vec<u8>) {
        match self {
            Node::Text(text) => json.extend_from_slice(text.get().as_bytes()),
            Node::Part(part) => part.write(json),
        }
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Text(text) => text.serialize(serializer),
            Node::Part(part) => part.value().serialize(serializer),
        }
    }
}

/// Most objects have fewer members.
const USUAL_MEMBERS: usize = 16;
/// A referral is seldom longer.
const USUAL_BYTES: usize = 4096;

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
                let mut members = Vec::with_capacity(USUAL_MEMBERS);
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, Node::Text(map.next_value()?)));
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
        assert_eq!(document.members().excerpt(["b", "x", "/b"]), json!({ "b": { "c": [1, "x"] } }));
        assert_eq!(document.members().excerpt(["/b/c/0", "/b/x", "/a/x"]), json!({ "b": { "c": [1, "x"] }, "a": 1.5 }));
        assert_eq!(document.members().excerpt(["/b/x"]), json!({ "b": {} }));
        assert_eq!(document.members().excerpt([]), json!({}));
        assert_eq!(document.members().excerpt(["q\""]), json!({ "q\"": null }));
        assert_eq!(document.etag().as_deref(), Some("\"1\""));
    }

    #[test]
    fn what_changes_takes_its_place_and_all_else_stays_to_the_byte() {
        let inside =
            document().members().with(json!({ "b": { "d": {}, "c": 2 }, "a": { "x": 1 } }).as_object().unwrap());
        assert_eq!(inside.text(), r#"{"a":{"x":1},"b":{"c":2,"d":{}},"q\"":null,"eTag":"\"1\""}"#);
        let changed = json!({ "n": "new", "b": [] });
        let after = document().members().with(changed.as_object().unwrap());
        assert_eq!(after.etag(), document().etag());
        assert_eq!(after.text(), r#"{"a":1.50,"b":[],"q\"":null,"eTag":"\"1\"","n":"new"}"#);
        assert_eq!(document().members().with(&Map::new()), document());
        assert_eq!(Document::of(&json!({})).members().with(&Map::new()).text(), "{}");
    }
}
