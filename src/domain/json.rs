//! JSON text that keeps every digit and every member.
//!
//! A referral travels through this program as the text that the service sent. Parsing it into floating-point
//! numbers and back would turn `1234567.10` into `1234567.1` and `12345678901234567.89` into something else
//! altogether, and a member that we do not know would depend on our model of it. So the text is the truth:
//! [`Json::with`] splices a new value into it and leaves all else as it was, to the byte. Looking for a place goes
//! through the text itself (`place`): a document is looked into many times for each row, and splitting it into
//! members each time was most of what a plan took.
//!
//! For looking at values (and for the `json-patch` crate) there is [`Json::value`].

#[cfg(test)]
mod laws;
mod place;
mod readable;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use json_patch::jsonptr::Pointer;
use rust_decimal::Decimal;
use serde_json::Value;
use serde_json::value::RawValue;

pub(in crate::domain) use place::Outline;
pub(in crate::domain) use readable::MemberRead;

/// One JSON value, held as its own text, which is valid JSON without white space around it.
#[derive(Clone)]
pub struct Json(Text);

/// Values are copied more often than made: into the patch, into what the report tells.
#[derive(Clone)]
enum Text {
    Known(&'static str),
    Made(Arc<str>),
}

/// Why a pointer could not be followed or a value not put there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpliceError {
    /// A step of the pointer names something that is not there.
    #[error("nothing is at `{0}`")]
    Missing(String),
    /// A step of the pointer goes into a string, number, boolean or null.
    #[error("`{0}` is neither an object nor an array")]
    NotAContainer(String),
}

/// A text that is not JSON.
#[derive(Debug, thiserror::Error)]
#[error("not JSON")]
pub struct NotJson(#[source] serde_json::Error);

impl Json {
    /// Takes over a text, surrounding white space aside. A number beyond all doubles, such as `1e400`, counts as
    /// no JSON: nobody can have meant it, and it could not be looked at.
    pub fn parse(text: String) -> Result<Self, NotJson> {
        readable::check(&text).map_err(NotJson)?;
        let bare = text.trim_matches([' ', '\t', '\n', '\r']);
        let text = if bare.len() == text.len() { text } else { bare.to_owned() };
        Ok(Json::from_valid(text))
    }

    /// The JSON `null`.
    pub const fn null() -> Self {
        Json(Text::Known("null"))
    }

    /// A JSON string.
    pub fn string(text: &str) -> Self {
        let mut json = String::with_capacity(text.len() + 2);
        push_string(&mut json, text);
        Json(Text::Made(json.into()))
    }

    /// A JSON boolean.
    pub const fn boolean(value: bool) -> Self {
        Json(Text::Known(if value { "true" } else { "false" }))
    }

    /// A JSON number with exactly the digits of the decimal, trailing zeros included.
    pub fn number(value: Decimal) -> Self {
        Json::from_valid(value.to_string())
    }

    /// A JSON array of the given items.
    pub fn array<'a>(items: impl IntoIterator<Item = &'a Json>) -> Self {
        let mut json = "[".to_owned();
        for item in items {
            separate(&mut json);
            json.push_str(item.text());
        }
        json.push(']');
        Json::from_valid(json)
    }

    /// A JSON object of the given members, in the given order.
    pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, &'a Json)>) -> Self {
        let mut json = "{".to_owned();
        for (name, value) in members {
            separate(&mut json);
            push_string(&mut json, name);
            json.push(':');
            json.push_str(value.text());
        }
        json.push('}');
        Json::from_valid(json)
    }

    /// The text itself.
    pub fn text(&self) -> &str {
        match &self.0 {
            Text::Known(text) => text,
            Text::Made(text) => text,
        }
    }

    /// The text of a string; none for anything else.
    pub fn as_str(&self) -> Option<Cow<'_, str>> {
        string(self.text())
    }

    /// The value parsed. Numbers beyond 64 bits lose digits here; use [`Json::decimal`] for amounts.
    pub fn value(&self) -> Value {
        serde_json::from_str(self.text()).expect("what was parsed once can be parsed again")
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        self.text() == "null"
    }

    /// The exact decimal of a number, or of a string that holds one (contract, section 11, trap 7).
    pub fn decimal(&self) -> Option<Decimal> {
        let text = self.text().trim_matches('"');
        Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
    }

    /// What is at the pointer, with its exact text.
    pub fn get(&self, pointer: &Pointer) -> Option<Json> {
        place::of_value(self.text(), None, pointer).map(|range| self.piece(range))
    }

    /// The same for a document that is looked into again and again; `outline` is its [`Json::outline`].
    pub(in crate::domain) fn get_by(&self, outline: &Outline, pointer: &Pointer) -> Option<Json> {
        place::of_value(self.text(), Some(outline), pointer).map(|range| self.piece(range))
    }

    /// Its text alone.
    pub(in crate::domain) fn text_by(&self, outline: &Outline, pointer: &Pointer) -> Option<&str> {
        place::of_value(self.text(), Some(outline), pointer).map(|range| &self.text()[range])
    }

    /// The text of the string that is there; none for anything else.
    pub(in crate::domain) fn str_by(&self, outline: &Outline, pointer: &Pointer) -> Option<Cow<'_, str>> {
        self.text_by(outline, pointer).and_then(string)
    }

    /// Where the members of this object are.
    pub(in crate::domain) fn outline(&self) -> Outline {
        Outline::of(self.text())
    }

    /// The same document with `value` at the pointer: an existing value is replaced, a missing member of an
    /// existing object is added, and `-` appends to an array (RFC 6902, section 4.1). All other bytes stay, white space
    /// included.
    pub fn with(&self, pointer: &Pointer, value: &Json) -> Result<Json, SpliceError> {
        self.with_each([(pointer, value)])
    }

    /// The same for several values, one after the other.
    pub fn with_each<'a>(
        &self,
        values: impl IntoIterator<Item = (&'a Pointer, &'a Json)>,
    ) -> Result<Json, SpliceError> {
        let (mut text, mut outline) = (self.text().to_owned(), self.outline());
        for (pointer, value) in values {
            place::for_value(&text, &outline, pointer)?.fill(&mut text, &mut outline, value.text());
        }
        Ok(Json::from_valid(text))
    }

    /// The same object without the members of one name, and without white space between the others. Anything else than
    /// an object stays as it is.
    pub fn without(&self, name: &str) -> Json {
        let text = self.text();
        if !text.starts_with('{') {
            return self.clone();
        }
        let mut left = String::with_capacity(text.len());
        left.push('{');
        for member in place::members(text, 0).filter(|member| !place::is_name(&text[member.name.clone()], name)) {
            separate(&mut left);
            left.push_str(&text[member.name]);
            left.push(':');
            left.push_str(&text[member.value]);
        }
        left.push('}');
        Json::from_valid(left)
    }

    /// The members of this object by `serde_json`'s reading, in their order; none for anything else.
    pub(in crate::domain) fn members(&self) -> Option<Vec<MemberRead<'_>>> {
        readable::members(self.text()).ok()
    }

    /// The same as `serde_json` holds it.
    pub fn raw(&self) -> &RawValue {
        serde_json::from_str(self.text()).expect("a `Json` is valid")
    }

    fn piece(&self, range: Range<usize>) -> Json {
        let is_all = range.len() == self.text().len();
        if is_all { self.clone() } else { Json(Text::Made(self.text()[range].into())) }
    }

    /// A number of these digits, as [`Json::number`] would write it.
    pub(in crate::domain) fn digits(digits: &str) -> Self {
        Json(Text::Made(digits.into()))
    }

    /// JSON that this program has put together.
    pub(in crate::domain) fn from_valid(text: String) -> Self {
        debug_assert!(serde_json::from_str::<&RawValue>(&text).is_ok_and(|raw| raw.get() == text), "{text}");
        Json(Text::Made(text.into()))
    }
}

impl From<&RawValue> for Json {
    fn from(raw: &RawValue) -> Self {
        Json(Text::Made(raw.get().into()))
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        Json::from_valid(value.to_string())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Json {}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// The text of a JSON string; none for other JSON.
fn string(json: &str) -> Option<Cow<'_, str>> {
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    match inside.contains('\\') {
        false => Some(Cow::Borrowed(inside)),
        true => serde_json::from_str(json).ok().map(Cow::Owned),
    }
}

/// Adds a text as a JSON string.
pub fn push_string(json: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        json.push_str(&Value::from(text).to_string());
    } else {
        json.push('"');
        json.push_str(text);
        json.push('"');
    }
}

/// Adds the comma between what there is of an array or object and what comes next.
fn separate(json: &mut String) {
    if json.len() > 1 {
        json.push(',');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.to_owned()).unwrap()
    }

    fn check(before: &str, pointer: &'static str, value: &str, after: &str) {
        let spliced = json(before).with(Pointer::from_static(pointer), &json(value)).unwrap();
        assert_eq!(spliced.text(), after);
    }

    #[test]
    fn a_value_is_replaced_and_all_else_keeps_its_text() {
        check(r#"{"b":1.10,"a":{"x":1e300,"y":2}}"#, "/a/y", "7.00", r#"{"b":1.10,"a":{"x":1e300,"y":7.00}}"#);
    }

    #[test]
    fn a_missing_member_is_added_at_the_end() {
        check(r#"{"a":1}"#, "/b", r#""new""#, r#"{"a":1,"b":"new"}"#);
        check(r#"{"a":{}}"#, "/a/b~1c", "2", r#"{"a":{"b/c":2}}"#);
    }

    #[test]
    fn a_dash_appends_and_an_index_replaces() {
        check(r#"{"team":[1]}"#, "/team/-", "2", r#"{"team":[1,2]}"#);
        check(r#"{"team":[1,2]}"#, "/team/1", "9", r#"{"team":[1,9]}"#);
        check(r#"{"team":[]}"#, "/team/-", "9", r#"{"team":[9]}"#);
    }

    #[test]
    fn white_space_stays() {
        let before = "{\n  \"a\" : [ 1 , 2 ],\n  \"b\" : { } }";
        check(before, "/a/1", "9", "{\n  \"a\" : [ 1 , 9 ],\n  \"b\" : { } }");
        check(before, "/a/-", "9", "{\n  \"a\" : [ 1 , 2,9 ],\n  \"b\" : { } }");
        check(before, "/b/c", "9", "{\n  \"a\" : [ 1 , 2 ],\n  \"b\" : {\"c\":9 } }");
        check(before, "/c", "9", "{\n  \"a\" : [ 1 , 2 ],\n  \"b\" : { },\"c\":9 }");
        assert_eq!(json(before).without("a").text(), r#"{"b":{ }}"#);
        assert_eq!(json(before).without("c").text(), r#"{"a":[ 1 , 2 ],"b":{ }}"#);
    }

    #[test]
    fn the_last_of_two_members_of_a_name_counts() {
        let twice = r#"{"a":1,"\u0061":{"b":2}}"#;
        check(twice, "/a/b", "3", r#"{"a":1,"\u0061":{"b":3}}"#);
        assert_eq!(json(twice).get(Pointer::from_static("/a")).unwrap().text(), r#"{"b":2}"#);
        assert_eq!(json(twice).without("a").text(), "{}");
    }

    #[test]
    fn a_missing_parent_is_an_error_not_an_invention() {
        let missing = json("{}").with(Pointer::from_static("/a/b"), &Json::null()).unwrap_err();
        assert_eq!(missing, SpliceError::Missing("/a/b".to_owned()));
        let signed = json("[1]").with(Pointer::from_static("/+0"), &Json::null()).unwrap_err();
        assert_eq!(signed, SpliceError::Missing("/+0".to_owned()));
        let scalar = json(r#"{"a":1}"#).with(Pointer::from_static("/a/b"), &Json::null()).unwrap_err();
        assert_eq!(scalar, SpliceError::NotAContainer("/a/b".to_owned()));
    }

    #[test]
    fn escaped_names_are_followed() {
        check(r#"{"a/b":{"m~n":1}}"#, "/a~1b/m~0n", "2", r#"{"a/b":{"m~n":2}}"#);
        assert_eq!(json(r#"{"a/b":[10,20]}"#).get(Pointer::from_static("/a~1b/1")).unwrap().text(), "20");
    }

    #[test]
    fn removing_a_member_leaves_the_others() {
        assert_eq!(json(r#"{"a":1,"links":{},"b":2.50}"#).without("links").text(), r#"{"a":1,"b":2.50}"#);
    }

    #[test]
    fn a_number_beyond_all_doubles_is_refused_where_it_comes_in() {
        assert!(Json::parse(r#"{"a":1e400}"#.to_owned()).is_err());
        assert_eq!(json(" [1] ").text(), "[1]");
    }

    #[test]
    fn digits_survive() {
        let amount = json("12345678901234567.89");
        assert_eq!(amount.decimal().unwrap().to_string(), "12345678901234567.89");
        assert_eq!(Json::number("12500.50".parse().unwrap()).text(), "12500.50");
        assert_eq!(json(r#""10000""#).decimal().unwrap(), Decimal::from(10000));
    }
}
