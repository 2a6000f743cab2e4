//! Changes and problems in words, for cells that people read.

use jiff::civil::Date;
use serde_json::Value;

use crate::domain::json::Json;
use crate::domain::merge::Clash;
use crate::domain::outcome::Settled;
use crate::domain::plan::FieldChange;

/// Stands for what is not there.
const EMPTY: &str = "(empty)";
/// Longer texts are shortened: a cell is for a glance, and the whole value is in the patch.
const CHARACTERS_MAX: usize = 160;
/// The end of a text often tells two texts apart, so some of it is kept.
const CHARACTERS_AT_END: usize = 50;

/// What changed, one field a line: `Deal value: 5000 → 10000`.
pub fn changes(changes: &[FieldChange]) -> String {
    lines(changes.iter().map(change))
}

/// What is wrong, one thing a line: problems, then clashes, then what the service said.
pub fn problems(settled: &Settled) -> String {
    let problems = settled.problems.iter().map(ToString::to_string);
    let clashes = settled.clashes.iter().map(clash);
    lines(problems.chain(clashes).chain(settled.reason.clone()))
}

/// A field that two people changed.
pub fn clash(clash: &Clash) -> String {
    let Clash { label, base, mine, theirs } = clash;
    format!("{label}: it was {}, the sheet says {}, it is now {}", value(base), value(mine), value(theirs))
}

/// The lines as the text of one cell.
pub fn lines(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

fn change(change: &FieldChange) -> String {
    let FieldChange { label, path, before, after } = change;
    let after = value(after);
    match before {
        Some(before) => format!("{label}: {} → {after}", value(before)),
        None if path.ends_with("/-") => format!("{label}: + {after}"),
        None => format!("{label}: → {after}"),
    }
}

/// A value for a glance.
fn value(json: &Json) -> String {
    match json.value() {
        Value::Null => EMPTY.to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(_) => json.text().to_owned(),
        Value::String(text) => string(&text),
        Value::Array(items) if items.is_empty() => EMPTY.to_owned(),
        Value::Array(items) => items.iter().map(item).collect::<Vec<_>>().join("; "),
        item @ Value::Object(_) => self::item(&item),
    }
}

fn string(text: &str) -> String {
    if text.is_empty() {
        return EMPTY.to_owned();
    }
    day(text).unwrap_or_else(|| shortened(text))
}

/// The date of a moment that is midnight UTC: dates travel like that.
fn day(text: &str) -> Option<String> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let is_midnight = time.starts_with("00:00") && time.chars().all(|letter| "0:.".contains(letter));
    let date: Date = date.parse().ok().filter(|_| is_midnight)?;
    Some(date.to_string())
}

/// A person as in an address book, a tag as its id, anything else as JSON.
fn item(item: &Value) -> String {
    let text = |name: &str| item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let name: Vec<&str> = [text("firstName"), text("lastName")].into_iter().flatten().collect();
    match (name.join(" "), text("email"), text("id")) {
        (name, Some(email), _) if name.is_empty() => shortened(email),
        (name, Some(email), _) => shortened(&format!("{name} <{email}>")),
        (name, None, _) if !name.is_empty() => shortened(&name),
        (_, None, Some(id)) => shortened(id),
        (_, None, None) => item.as_str().map_or_else(|| shortened(&item.to_string()), string),
    }
}

/// The text on one line, without its middle where it is long.
fn shortened(text: &str) -> String {
    let line = text.replace("\r\n", "\n").replace(['\n', '\r'], " ↵ ");
    let count = line.chars().count();
    if count <= CHARACTERS_MAX {
        return line;
    }
    let start: String = line.chars().take(CHARACTERS_MAX - CHARACTERS_AT_END).collect();
    let end: String = line.chars().skip(count - CHARACTERS_AT_END).collect();
    format!("{} … {}", start.trim_end(), end.trim_start())
}
