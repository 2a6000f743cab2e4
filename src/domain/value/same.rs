//! Whether two values of a field mean the same, however they are written.

use serde_json::Value;

use crate::domain::change::{Precision, Was};
use crate::domain::field::Kind;
use crate::domain::json::Json;

/// For telling midnights from other moments.
const SECONDS_PER_DAY: i64 = 86_400;

/// Whether two values of a field mean the same: `null` is as good as absent, dates are moments, numbers are numbers.
pub fn is_same(kind: Kind, now: Option<&Json>, wanted: &Json) -> bool {
    let Some(now) = now.filter(|now| !now.is_null()) else { return wanted.is_null() };
    if now == wanted {
        return true;
    }
    match kind {
        Kind::Amount => now.decimal().is_some() && now.decimal() == wanted.decimal(),
        Kind::DateTime => moment(now).is_some() && moment(now) == moment(wanted),
        Kind::Entry { by, name, .. } => entry(&now.value(), by, name) == wanted.value().as_str().map(str::to_owned),
        Kind::Text
        | Kind::Code
        | Kind::Guid
        | Kind::Email
        | Kind::Currency
        | Kind::Country
        | Kind::Boolean
        | Kind::Status
        | Kind::Substatus
        | Kind::Choice(_)
        | Kind::OpenChoice(_)
        | Kind::Members
        | Kind::Solutions
        | Kind::Tags
        | Kind::Json => now.value() == wanted.value(),
    }
}

/// Whether a field still holds what the sheet says that it was, as far as the sheet tells it.
pub fn is_still(kind: Kind, was: &Was, now: Option<&Json>) -> bool {
    let base = &was.value;
    if is_same(kind, now, base) {
        return true;
    }
    let text = |json: &Json| json.value().as_str().map(|text| text.replace("\r\n", "\n").trim().to_owned());
    let is_empty = |json: &Json| json.is_null() || text(json).is_some_and(|text| text.is_empty());
    let Some(now) = now else { return is_empty(base) && was.precision != Precision::Exact };
    // The service may print members of an item that we did not send.
    let is_same_list = matches!(kind, Kind::Members | Kind::Solutions) && are_still(&base.value(), &now.value());
    let is_same_text = || is_empty(base) && is_empty(now) || text(base).is_some() && text(base) == text(now);
    match was.precision {
        _ if is_same_list => true,
        Precision::Exact => false,
        Precision::Cell => is_same_text(),
        Precision::Day => is_same_text() || is_day_of(now, base),
    }
}

/// Whether two lists hold the same items: members that only one side prints are `null` there.
fn are_still(base: &Value, now: &Value) -> bool {
    let (Some(base), Some(now)) = (base.as_array(), now.as_array()) else { return false };
    let covers = |one: &Value, other: &Value| match (one.as_object(), other.as_object()) {
        (Some(one), Some(other)) => {
            one.iter().all(|(name, value)| *value == other.get(name).cloned().unwrap_or_default())
        }
        _ => one == other,
    };
    base.len() == now.len() && base.iter().zip(now).all(|(base, now)| covers(base, now) && covers(now, base))
}

/// Whether a midnight is the day of a moment.
pub fn is_day_of(now: &Json, midnight: &Json) -> bool {
    let day = |moment: jiff::Timestamp| moment.to_zoned(jiff::tz::TimeZone::UTC).date();
    let (Some(now), Some(midnight)) = (moment(now), moment(midnight)) else { return false };
    day(now) == day(midnight) && midnight.as_second().rem_euclid(SECONDS_PER_DAY) == 0
}

/// The moment that a value names, if it names one.
pub fn moment(json: &Json) -> Option<jiff::Timestamp> {
    json.value().as_str()?.parse().ok()
}

fn entry(array: &Value, by: &str, name: &str) -> Option<String> {
    let found = array.as_array()?.iter().find(|entry| entry.get(by).and_then(Value::as_str) == Some(name))?;
    Some(found.get("id")?.as_str()?.to_owned())
}
