//! Values to cells, the way back: what stands in a cell for what a referral holds, so that reading the cell gives the
//! value again, and a person sees the words that the list of the cell offers.
//!
//! A member that a document leaves out is not taken as empty: nobody knows what it is (contract, section 7).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{RoundMode, TimestampRound, Unit};
use serde_json::Value;

use super::same::moment;
use crate::domain::field::words::Choice;
use crate::domain::field::{Field, Kind, Writable};
use crate::domain::json::Json;
use crate::domain::referral::Referral;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// The document does not say.
    Unknown,
    /// Nothing.
    Blank,
    /// Text.
    Text(String),
    /// A decimal number, digit by digit.
    Digits(String),
    /// A day: midnight UTC.
    Day(Date),
    /// Another moment.
    Moment {
        /// In the time zone of the reader.
        at: DateTime,
        /// As the service writes it.
        exact: String,
    },
    /// More text than a cell holds: so many UTF-16 units.
    TooLong(usize),
}

/// UTF-16 units that a cell of a spreadsheet holds.
const UNITS_MAX: usize = 32_767;

/// What stands in the cell of a field. `zone` is where times without an offset are told.
pub fn show(field: &Field, referral: &Referral, zone: &TimeZone) -> Shown {
    let Some(value) = referral.at(field.pointer()) else { return absent(field, referral.view()) };
    if let Kind::Entry { by, name, choices } = field.kind {
        let entries = value.as_array().into_iter().flatten();
        let id = entries
            .filter(|entry| entry.get(by).and_then(Value::as_str) == Some(name))
            .find_map(|entry| entry.get("id"));
        return id.map_or(Shown::Blank, |id| text(&in_words(&scalar(id), choices)));
    }
    let exact = || referral.exact(field.pointer()).unwrap_or_else(Json::null);
    match (field.kind, value) {
        (_, Value::Null) => Shown::Blank,
        (Kind::Amount, _) => amount(&exact()),
        (Kind::DateTime, Value::String(written)) => match moment(&exact()) {
            Some(moment) => told(moment, written, field.writable, zone),
            None => text(written),
        },
        (Kind::Boolean, Value::Bool(value)) => text(if *value { "Yes" } else { "No" }),
        (Kind::Choice(choices) | Kind::OpenChoice(choices), _) => text(&in_words(&scalar(value), choices)),
        (Kind::Tags, Value::Array(tags)) => text(&ids(tags).unwrap_or_else(|| exact().text().to_owned())),
        (Kind::Members | Kind::Solutions | Kind::Json | Kind::Tags, _) => text(exact().text()),
        _ => text(&scalar(value)),
    }
}

/// What stands in the cells of a list, one for each item: the portal's own form where it says what the item is.
/// None where the document does not say.
pub fn show_items(list: &Field, referral: &Referral) -> Option<Vec<Shown>> {
    let Some(value) = referral.at(list.pointer()) else {
        return (absent(list, referral.view()) == Shown::Blank).then(Vec::new);
    };
    let exact = referral.exact(list.pointer()).unwrap_or_else(Json::null);
    let items = value.as_array().into_iter().flatten().enumerate();
    let item = |(index, item): (usize, &Value)| {
        let whole = || {
            format!("/{index}").parse().ok().and_then(|pointer: json_patch::jsonptr::PointerBuf| exact.get(&pointer))
        };
        match (list.kind, whole()) {
            (Kind::Members, _) => {
                joined(["firstName", "lastName", "phoneNumber", "email"].map(|name| part(item, name)))
            }
            (Kind::Solutions, Some(whole)) => {
                joined(["id", "currency", "price", "quantity"].map(|name| exact_part(&whole, name)))
            }
            (_, whole) => whole.map(|whole| whole.text().to_owned()),
        }
        .or_else(|| whole().map(|whole| whole.text().to_owned()))
        .map_or(Shown::Unknown, |item| text(&item))
    };
    Some(items.map(item).collect())
}

/// A member that is not there: nothing where what would hold it is empty, unknown where it is only left out.
fn absent(field: &Field, document: &Value) -> Shown {
    let mut at = document;
    for token in field.pointer().tokens() {
        at = match at {
            Value::Object(members) => match members.get(token.decoded().as_ref()) {
                Some(value) => value,
                None => return Shown::Unknown,
            },
            Value::Array(items) => match token.decoded().parse().ok().and_then(|index: usize| items.get(index)) {
                Some(value) => value,
                None => return Shown::Blank,
            },
            _ => return Shown::Blank,
        };
    }
    Shown::Blank
}

fn text(text: &str) -> Shown {
    let units = text.encode_utf16().count();
    match units {
        _ if text.trim().is_empty() => Shown::Blank,
        0..=UNITS_MAX => Shown::Text(text.to_owned()),
        _ => Shown::TooLong(units),
    }
}

/// A text as it is, anything else as JSON.
fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn in_words(value: &str, choices: &'static [Choice]) -> String {
    let known = choices.iter().find(|choice| choice.value == value);
    known.map_or_else(|| value.to_owned(), |choice| choice.in_words().to_owned())
}

fn amount(exact: &Json) -> Shown {
    let digits = exact.text().trim_matches('"');
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
    match exact.decimal() {
        Some(_) if is_plain => Shown::Digits(digits.to_owned()),
        Some(decimal) => Shown::Digits(decimal.to_string()),
        None => text(&scalar(&exact.value())),
    }
}

/// A moment that a spreadsheet can hold. One that can be changed is told to the last digit, if need be as text; one
/// that is only read, to the second.
fn told(moment: Timestamp, written: &str, writable: Writable, zone: &TimeZone) -> Shown {
    let in_utc = moment.to_zoned(TimeZone::UTC).datetime();
    if in_utc.time() == Time::midnight() {
        return Shown::Day(in_utc.date());
    }
    let unit = if writable == Writable::Patch { Unit::Millisecond } else { Unit::Second };
    let rounding = TimestampRound::new().smallest(unit).mode(RoundMode::Trunc);
    let kept = moment.round(rounding).unwrap_or(moment);
    let at = kept.to_zoned(zone.clone()).datetime();
    // A midnight would be read as the day in UTC.
    if at.time() == Time::midnight() || writable == Writable::Patch && kept != moment {
        return text(written);
    }
    Shown::Moment { at, exact: written.to_owned() }
}

/// Ids between semicolons, if that says all there is.
fn ids(tags: &[Value]) -> Option<String> {
    let id = |tag: &Value| {
        let members = tag.as_object()?;
        let id = members.get("id")?.as_str()?;
        (members.len() == 1 && !id.contains([';', '[']) && id.trim() == id && !id.is_empty()).then(|| id.to_owned())
    };
    tags.iter().map(id).collect::<Option<Vec<String>>>().map(|ids| ids.join("; "))
}

fn part(item: &Value, name: &str) -> Option<String> {
    match item.get(name) {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => None,
    }
}

fn exact_part(item: &Json, name: &str) -> Option<String> {
    let value = format!("/{name}").parse().ok().and_then(|pointer: json_patch::jsonptr::PointerBuf| item.get(&pointer));
    match value.as_ref().map(|value| (value, value.value())) {
        None | Some((_, Value::Null)) => Some(String::new()),
        Some((_, Value::String(text))) => Some(text),
        Some((value, Value::Number(_))) => Some(value.text().to_owned()),
        Some(_) => None,
    }
}

/// The portal's form, if no piece of it could be taken for two. What is empty at the end is left out.
fn joined(pieces: [Option<String>; 4]) -> Option<String> {
    let pieces: Vec<String> = pieces.into_iter().collect::<Option<_>>()?;
    let is_plain = |piece: &String| !piece.contains([',', '\n', '\r']) && piece.trim() == piece;
    if !pieces.iter().all(is_plain) || pieces[0].starts_with('{') {
        return None;
    }
    let filled = pieces.iter().rposition(|piece| !piece.is_empty())? + 1;
    Some(pieces[..filled].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cell::Cell;
    use crate::domain::field::FIELDS;
    use crate::domain::value::same::is_same;
    use crate::domain::value::{Reading, list, read};

    const ID: &str = "49d90c72-3326-4f61-aacc-2cb57970448c";

    fn referral(members: &str) -> Referral {
        Referral::parse(format!(r#"{{"id":"{ID}",{members}}}"#)).unwrap()
    }

    fn check(path: &str, members: &str, expected: &Shown) {
        let field = Field::by_path(path).unwrap();
        assert_eq!(show(field, &referral(members), &TimeZone::UTC), *expected, "{path} {members}");
    }

    fn words(text: &str) -> Shown {
        Shown::Text(text.to_owned())
    }

    #[test]
    fn what_is_left_out_is_not_empty() {
        check("/details/notes", r#""details":{}"#, &Shown::Unknown);
        check("/details/notes", r#""name":"x""#, &Shown::Unknown);
        check("/details/notes", r#""details":null"#, &Shown::Blank);
        check("/details/notes", r#""details":{"notes":null}"#, &Shown::Blank);
        check("/registrations/0/contract/value", r#""registrations":[]"#, &Shown::Blank);
        check("/registrations/0/contract/value", r#""registrations":[{}]"#, &Shown::Unknown);
        let team = Field::by_path("/team").unwrap();
        assert_eq!(show_items(team, &referral(r#""team":null"#)), Some(Vec::new()));
        assert_eq!(show_items(team, &referral(r#""name":"x""#)), None);
    }

    #[test]
    fn words_are_those_of_the_lists() {
        check("/statusReason", r#""statusReason":"2""#, &words("Customer did not respond"));
        check("/statusReason", r#""statusReason":"we lost""#, &words("we lost"));
        check("/consent/consentToContact", r#""consent":{"consentToContact":true}"#, &words("Yes"));
        check("/salesStage", r#""salesStage":40"#, &words("40"));
        let products = |tags: &str| format!(r#""details":{{"requirements":{{"products":{tags}}}}}"#);
        check("/details/requirements/products", &products(r#"[{"id":"Azure"},{"id":"a,b"}]"#), &words("Azure; a,b"));
        check("/details/requirements/products", &products(r#"[{"id":"a;b"}]"#), &words(r#"[{"id":"a;b"}]"#));
    }

    #[test]
    fn amounts_keep_their_digits_and_moments_too() {
        let deal = |value: &str| format!(r#""details":{{"dealValue":{value}}}"#);
        let digits = |digits: &str| Shown::Digits(digits.to_owned());
        check("/details/dealValue", &deal("12500.50"), &digits("12500.50"));
        check("/details/dealValue", &deal("12345678901234567.89"), &digits("12345678901234567.89"));
        check("/details/dealValue", &deal("1e5"), &digits("100000"));
        check("/details/dealValue", &deal(r#""10000""#), &digits("10000"));
        let closing = |at: &str| format!(r#""details":{{"closingDateTime":"{at}"}}"#);
        let day = jiff::civil::date(2026, 12, 31);
        check("/details/closingDateTime", &closing("2026-12-31T00:00:00.0000000Z"), &Shown::Day(day));
        check(
            "/details/closingDateTime",
            &closing("2026-12-31T10:00:00.1234567Z"),
            &words("2026-12-31T10:00:00.1234567Z"),
        );
        let exact = "2026-12-31T10:00:00.1234567Z".to_owned();
        let updated = r#""updatedDateTime":"2026-12-31T10:00:00.1234567Z""#;
        check("/updatedDateTime", updated, &Shown::Moment { at: day.at(10, 0, 0, 0), exact });
        check("/updatedDateTime", r#""updatedDateTime":"soon""#, &words("soon"));
    }

    #[test]
    fn a_midnight_of_the_zone_is_told_in_text() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let closing = referral(r#""details":{"closingDateTime":"2026-12-30T23:00:00Z"}"#);
        let shown = show(Field::by_path("/details/closingDateTime").unwrap(), &closing, &berlin);
        assert_eq!(shown, words("2026-12-30T23:00:00Z"));
    }

    #[test]
    fn too_much_text_is_told_and_not_cut() {
        let notes = |length: usize| format!(r#""details":{{"notes":"{}"}}"#, "x".repeat(length));
        check("/details/notes", &notes(32_768), &Shown::TooLong(32_768));
        check("/details/notes", &notes(32_767), &words(&"x".repeat(32_767)));
    }

    #[test]
    fn items_have_the_portals_form_where_it_says_what_they_are() {
        let check = |path: &str, items: &str, expected: &str| {
            let field = Field::by_path(path).unwrap();
            let member = path
                .trim_start_matches('/')
                .split('/')
                .rev()
                .fold(items.to_owned(), |inner, name| format!(r#"{{"{name}":{inner}}}"#));
            let referral = referral(member.trim_start_matches('{').strip_suffix('}').unwrap());
            assert_eq!(show_items(field, &referral), Some(vec![words(expected)]), "{items}");
        };
        let ann = r#"[{"firstName":"Ann","lastName":"Example","phoneNumber":"+1 555","email":"a@b.com","title":null}]"#;
        check("/team", ann, "Ann, Example, +1 555, a@b.com");
        check("/team", r#"[{"firstName":"Ann","email":"a@b.com"}]"#, "Ann, , , a@b.com");
        check("/team", r#"[{"firstName":"A,B","email":"a@b.com"}]"#, r#"{"firstName":"A,B","email":"a@b.com"}"#);
        let solutions = "/details/requirements/solutions";
        check(solutions, r#"[{"id":"SOL-1","price":12.50,"quantity":3,"currency":"USD"}]"#, "SOL-1, USD, 12.50, 3");
        check(solutions, r#"[{"id":"SOL-1","price":null}]"#, "SOL-1");
        check(solutions, r#"[{"id":"a,b"}]"#, r#"{"id":"a,b"}"#);
    }

    /// A cell as a sheet gives it back.
    fn cell(shown: &Shown) -> Option<Cell> {
        Some(match shown {
            Shown::Unknown | Shown::Blank | Shown::TooLong(_) => return None,
            Shown::Text(text) | Shown::Digits(text) => Cell::Text(text.clone()),
            Shown::Day(day) => Cell::DateTime(day.to_datetime(Time::midnight())),
            Shown::Moment { at, .. } => Cell::DateTime(*at),
        })
    }

    #[test]
    fn what_is_shown_is_read_as_the_same_value() {
        let document = include_str!("../../../tests/bodies/get-answer-2024.json");
        let referral = Referral::parse(document.to_owned()).unwrap();
        let mut compared = 0;
        for field in FIELDS {
            let Some(cell) = cell(&show(field, &referral, &TimeZone::UTC)) else { continue };
            let value =
                read(field, &cell, &Reading::default()).unwrap_or_else(|why| panic!("{}: {}", field.label, why.found));
            let now = referral.exact(field.pointer());
            let is_same = is_same(field.kind, now.as_ref(), &value.json);
            // What is only read is told to the second.
            assert!(is_same || field.kind == Kind::DateTime && field.writable == Writable::Never, "{}", field.label);
            compared += 1;
        }
        assert!(compared > 20, "{compared}");
        for field in FIELDS.iter().filter(|field| matches!(field.kind, Kind::Members | Kind::Solutions)) {
            for shown in show_items(field, &referral).unwrap_or_default() {
                let Shown::Text(text) = shown else { panic!("{}", field.label) };
                assert!(list::item(field.kind, &text).is_ok(), "{text}");
            }
        }
    }
}
