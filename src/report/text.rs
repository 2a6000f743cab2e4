//! Changes and problems in words, for cells that people read.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::value::RawValue;

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

/// What items of lists are told apart by.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    #[serde(borrow)]
    first_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    last_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    email: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
}

/// What changed, one field a line: `Deal value: 5000 → 10000`.
pub fn changes(changes: &[FieldChange]) -> String {
    let mut text = String::new();
    for change in changes {
        if !text.is_empty() {
            text.push('\n');
        }
        push_change(&mut text, change);
    }
    text
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

/// A change that was not made.
pub fn now_and_then(change: &FieldChange) -> String {
    let FieldChange { label, before, after, .. } = change;
    match before {
        Some(before) if !change.is_item() => {
            format!("{label}: the sheet says {}, it is now {}", value(after), value(before))
        }
        _ => format!("{label}: the sheet says {}", value(after)),
    }
}

/// The lines as the text of one cell.
pub fn lines(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

fn push_change(text: &mut String, change: &FieldChange) {
    let FieldChange { label, before, after, .. } = change;
    text.push_str(label);
    text.push_str(": ");
    match before {
        _ if change.is_item() => text.push_str("+ "),
        Some(before) => {
            text.push_str(&value(before));
            text.push_str(" → ");
        }
        None => text.push_str("→ "),
    }
    text.push_str(&value(after));
}

/// A value for a glance.
pub fn value(json: &Json) -> String {
    shown(json.text())
}

/// The JSON text, as people write it. It is looked at in pieces of text, because numbers keep their digits only so.
fn shown(text: &str) -> String {
    match text.as_bytes().first() {
        Some(b'n') => EMPTY.to_owned(),
        Some(b't') => "yes".to_owned(),
        Some(b'f') => "no".to_owned(),
        Some(b'"') => serde_json::from_str(text).map_or_else(|_| shortened(text), |text: String| string(&text)),
        Some(b'[') => list(&serde_json::from_str::<Vec<&RawValue>>(text).unwrap_or_default()),
        Some(b'{') => serde_json::from_str(text).ok().and_then(named).unwrap_or_else(|| shortened(text)),
        Some(_) | None => text.to_owned(),
    }
}

fn list(items: &[&RawValue]) -> String {
    if items.is_empty() {
        return EMPTY.to_owned();
    }
    items.iter().map(|item| shown(item.get())).collect::<Vec<_>>().join("; ")
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

/// A person as in an address book, a tag as its id.
fn named(item: Item<'_>) -> Option<String> {
    let name: Vec<&str> = [&item.first_name, &item.last_name].into_iter().flatten().map(AsRef::as_ref).collect();
    match (name.join(" "), item.email, item.id) {
        (name, Some(email), _) if name.is_empty() => Some(shortened(&email)),
        (name, Some(email), _) => Some(shortened(&format!("{name} <{email}>"))),
        (name, None, _) if !name.is_empty() => Some(shortened(&name)),
        (_, None, id) => id.map(|id| shortened(&id)),
    }
}

/// The text on one line, without its middle where it is long.
fn shortened(text: &str) -> String {
    if text.len() <= CHARACTERS_MAX && !text.contains(['\n', '\r']) {
        return text.to_owned();
    }
    let line = text.replace("\r\n", "\n").replace(['\n', '\r'], " ↵ ");
    let count = line.chars().count();
    if count <= CHARACTERS_MAX {
        return line;
    }
    let start: String = line.chars().take(CHARACTERS_MAX - CHARACTERS_AT_END).collect();
    let end: String = line.chars().skip(count - CHARACTERS_AT_END).collect();
    format!("{} … {}", start.trim_end(), end.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cell::Address;
    use crate::domain::outcome::Outcome;
    use crate::domain::problem::Problem;

    fn json(text: &str) -> Json {
        Json::parse(text.to_owned()).unwrap()
    }

    fn check(path: &str, before: Option<&str>, after: &str, expected: &str) {
        let change = FieldChange {
            label: "Field".into(),
            path: path.to_owned().into(),
            before: before.map(json),
            after: json(after),
        };
        assert_eq!(changes(&[change]), expected);
    }

    #[test]
    fn values_are_shown_as_people_write_them() {
        let check = |before, after, expected| check("/field", Some(before), after, expected);
        check("5000", "10000", "Field: 5000 → 10000");
        check("12345678901234567.890", "1e300", "Field: 12345678901234567.890 → 1e300");
        check("null", r#""Closed""#, "Field: (empty) → Closed");
        check(r#""""#, "null", "Field: (empty) → (empty)");
        check("false", "true", "Field: no → yes");
        check(r#""2026-06-30T00:00:00.0000000Z""#, r#""2026-12-31T00:00:00Z""#, "Field: 2026-06-30 → 2026-12-31");
        check(
            r#""2026-06-30T08:30:00Z""#,
            r#""2026-13-31T00:00:00Z""#,
            "Field: 2026-06-30T08:30:00Z → 2026-13-31T00:00:00Z",
        );
        check(r#""one\ntwo""#, r#""three\r\nfour""#, "Field: one ↵ two → three ↵ four");
        check("[]", r#"[{"id":"A","type":"T"},{"id":"B"}]"#, "Field: (empty) → A; B");
        check("[1.50,null]", r#"{"a":1}"#, r#"Field: 1.50; (empty) → {"a":1}"#);
    }

    #[test]
    fn what_is_appended_has_a_plus_and_what_was_not_read_has_no_before() {
        let ann = r#"{"firstName":"Ann","lastName":"Example","phoneNumber":"5550100","email":"ann@contoso.com"}"#;
        check("/team/-", None, ann, "Field: + Ann Example <ann@contoso.com>");
        check("/team/-", None, r#"{"email":"ann@contoso.com"}"#, "Field: + ann@contoso.com");
        check("/team/-", None, r#"{"firstName":"Ann"}"#, "Field: + Ann");
        check("/solutions/-", None, r#"{"id":"SOL-1","name":"Data","type":"Name"}"#, "Field: + SOL-1");
        check("/details/dealValue", None, "12500.50", "Field: → 12500.50");
    }

    #[test]
    fn long_texts_lose_their_middle() {
        let text = format!("{} {}", "a".repeat(200), "z".repeat(200));
        let expected = format!("Field: → {} … {}", "a".repeat(110), "z".repeat(50));
        check("/details/notes", None, &Json::string(&text).to_string(), &expected);
        check(
            "/details/notes",
            None,
            &Json::string(&"é".repeat(160)).to_string(),
            &format!("Field: → {}", "é".repeat(160)),
        );
    }

    #[test]
    fn problems_come_first_then_clashes_then_the_service() {
        let place = Address { column: 2, row: 17 };
        let mut settled = Settled::unsent(
            17,
            Outcome::Conflict,
            vec![
                Problem::warning(place, &"Status".into(), "the referral is closed", "the service decides"),
                Problem::of_row("the row has no id", ""),
            ],
        );
        let (base, mine, theirs) = (Json::null(), Json::string("b"), Json::string("c"));
        settled.clashes.push(Clash { label: "Notes".to_owned(), base, mine, theirs });
        settled.reason = Some("the eTag is stale".to_owned());
        let expected = "warning: C17 (Status): the referral is closed; the service decides\n\
                        the row has no id\n\
                        Notes: it was (empty), the sheet says b, it is now c\n\
                        the eTag is stale";
        assert_eq!(problems(&settled), expected);
    }
}
