//! Where in a JSON text a pointer leads.
//!
//! The text is known to be valid, so nothing is checked and nothing is built: strings are skipped to their closing
//! quote, arrays and objects to their closing bracket. As in every reader that we use, the last of several members
//! of one name counts.

use std::ops::Range;

use json_patch::jsonptr::{Pointer, Token};

use super::readable::MEMBERS_USUAL;
use super::{SpliceError, push_string};

/// The piece of the text that makes room for a value.
pub enum Place {
    /// The value that is there.
    Value(Range<usize>),
    /// Behind the last member of an object, which has no member of this name.
    Member { name: String, room: Room },
    /// Behind the last item of an array.
    Item(Room),
}

/// The end of an array or object, before its closing bracket.
pub struct Room {
    /// Behind the last value, or behind the opening bracket.
    at: usize,
    is_first: bool,
}

/// A member of an object: its name, with the quotes, and its value.
#[derive(Debug, Clone)]
pub struct Member {
    pub name: Range<usize>,
    pub value: Range<usize>,
}

/// Where the members of the outermost object are, for looking into one text more than once.
#[derive(Debug, Clone)]
pub struct Outline(Vec<Member>);

impl Outline {
    /// The outline of a text; without members if it is no object.
    pub fn of(text: &str) -> Self {
        let mut outline = Vec::new();
        if text.starts_with('{') {
            outline.reserve(MEMBERS_USUAL);
            outline.extend(members(text, 0));
        }
        Outline(outline)
    }

    fn member(&self, text: &str, object: usize, name: &str) -> Option<Range<usize>> {
        if object == 0 { self.find(text, name) } else { member(text, object, name) }
    }

    fn find(&self, text: &str, name: &str) -> Option<Range<usize>> {
        let mut from_the_last = self.0.iter().rev();
        from_the_last.find(|member| is_name(&text[member.name.clone()], name)).map(|member| member.value.clone())
    }

    /// Follows a change of the text inside of one of the members: so many bytes more behind this place.
    fn shift(&mut self, place: usize, by: isize) {
        let shift = |at: &mut usize| *at = if *at > place { at.wrapping_add_signed(by) } else { *at };
        for Member { name, value } in &mut self.0 {
            [&mut name.start, &mut name.end, &mut value.start, &mut value.end].into_iter().for_each(shift);
        }
    }
}

impl Place {
    /// Puts a value there and leaves all other bytes as they are. The outline stays that of the text.
    pub fn fill(&self, text: &mut String, outline: &mut Outline, value: &str) {
        let length = text.len();
        self.insert(text, value);
        if self.is_inside(outline) {
            outline.shift(self.start(), text.len().wrapping_sub(length).cast_signed());
        } else {
            *outline = Outline::of(text);
        }
    }

    fn start(&self) -> usize {
        match self {
            Place::Value(range) => range.start,
            Place::Member { room, .. } | Place::Item(room) => room.at,
        }
    }

    /// Whether it is inside of a member of the outermost object, or all of its value.
    fn is_inside(&self, outline: &Outline) -> bool {
        let start = self.start();
        outline.0.iter().any(|member| member.value.start <= start && start < member.value.end)
    }

    fn insert(&self, text: &mut String, value: &str) {
        let (room, name) = match self {
            Place::Value(range) => return text.replace_range(range.clone(), value),
            Place::Member { name, room } => (room, Some(name)),
            Place::Item(room) => (room, None),
        };
        let mut added = String::with_capacity(value.len() + name.map_or(0, |name| name.len() + 3) + 1);
        if !room.is_first {
            added.push(',');
        }
        if let Some(name) = name {
            push_string(&mut added, name);
            added.push(':');
        }
        added.push_str(value);
        text.insert_str(room.at, &added);
    }
}

/// The value at the pointer, if there is one.
pub fn of_value(text: &str, outline: Option<&Outline>, pointer: &Pointer) -> Option<Range<usize>> {
    pointer.tokens().try_fold(0..text.len(), |at, token| match text.as_bytes()[at.start] {
        b'{' if at.start == 0 && outline.is_some() => outline?.find(text, &token.decoded()),
        b'{' => member(text, at.start, &token.decoded()),
        b'[' => items(text, at.start).nth(index(&token)?),
        _ => None,
    })
}

/// The place at the pointer for a value that is there or not: a missing member of an existing object, or `-` of an
/// existing array (RFC 6902, section 4.1).
pub fn for_value(text: &str, outline: &Outline, pointer: &Pointer) -> Result<Place, SpliceError> {
    let missing = || SpliceError::Missing(pointer.to_string());
    let mut tokens = pointer.tokens().peekable();
    let mut at = 0..text.len();
    while let Some(token) = tokens.next() {
        let is_last = tokens.peek().is_none();
        let found = match text.as_bytes()[at.start] {
            b'{' => match outline.member(text, at.start, &token.decoded()) {
                None if is_last => {
                    let room = Room::behind(members(text, at.start).last().map(|member| member.value), at.start);
                    return Ok(Place::Member { name: token.decoded().into_owned(), room });
                }
                found => found,
            },
            b'[' if is_last && token.encoded() == "-" => {
                return Ok(Place::Item(Room::behind(items(text, at.start).last(), at.start)));
            }
            b'[' => index(&token).and_then(|index| items(text, at.start).nth(index)),
            _ => return Err(SpliceError::NotAContainer(pointer.to_string())),
        };
        at = found.ok_or_else(missing)?;
    }
    Ok(Place::Value(at))
}

/// The members of the object that begins at this place, in their order.
pub fn members(text: &str, object: usize) -> impl Iterator<Item = Member> {
    let bytes = text.as_bytes();
    let mut at = object + 1;
    std::iter::from_fn(move || {
        let start = next(bytes, at)?;
        let name = start..string_end(bytes, start);
        let start = behind_space(bytes, behind_space(bytes, name.end) + ":".len());
        let value = start..value_end(bytes, start);
        at = value.end;
        Some(Member { name, value })
    })
}

/// The items of the array that begins at this place.
fn items(text: &str, array: usize) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = array + 1;
    std::iter::from_fn(move || {
        let start = next(bytes, at)?;
        at = value_end(bytes, start);
        Some(start..at)
    })
}

/// Whether a string of the text, with its quotes, is this name.
pub fn is_name(string: &str, name: &str) -> bool {
    let inside = &string[1..string.len() - 1];
    // What is escaped never gets shorter than it is: most names are told apart by their length.
    inside == name
        || inside.len() > name.len()
            && inside.contains('\\')
            && serde_json::from_str::<String>(string).is_ok_and(|decoded| decoded == name)
}

impl Room {
    fn behind(last: Option<Range<usize>>, container: usize) -> Self {
        let is_first = last.is_none();
        Room { at: last.map_or(container + 1, |last| last.end), is_first }
    }
}

fn member(text: &str, object: usize, name: &str) -> Option<Range<usize>> {
    let named = members(text, object).filter(|member| is_name(&text[member.name.clone()], name));
    named.last().map(|member| member.value)
}

/// An array index as RFC 6901 writes it: digits without leading zeros.
fn index(token: &Token<'_>) -> Option<usize> {
    let text = token.encoded();
    let is_index = text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_index)
}

/// Where the next member or item begins, behind the comma if there is one; none at the closing bracket.
fn next(bytes: &[u8], at: usize) -> Option<usize> {
    let at = behind_space(bytes, at);
    match bytes[at] {
        b']' | b'}' => None,
        b',' => Some(behind_space(bytes, at + 1)),
        _ => Some(at),
    }
}

fn behind_space(bytes: &[u8], at: usize) -> usize {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    at + bytes[at..].iter().take_while(|byte| is_space(byte)).count()
}

fn value_end(bytes: &[u8], start: usize) -> usize {
    match bytes[start] {
        b'"' => string_end(bytes, start),
        b'{' | b'[' => container_end(bytes, start),
        _ => {
            let is_end = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
            bytes[start..].iter().position(is_end).map_or(bytes.len(), |length| start + length)
        }
    }
}

fn string_end(bytes: &[u8], quote: usize) -> usize {
    let mut at = quote + 1;
    loop {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Behind the bracket that closes the one at the start.
fn container_end(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    loop {
        match bytes[at] {
            b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return at + 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}
