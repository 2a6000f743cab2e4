//! Whether two values of a field mean the same, however they are written.

use serde_json::Value;

use crate::domain::field::Kind;
use crate::domain::json::Json;

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

/// The moment that a value names, if it names one.
pub fn moment(json: &Json) -> Option<jiff::Timestamp> {
    json.value().as_str()?.parse().ok()
}

fn entry(array: &Value, by: &str, name: &str) -> Option<String> {
    let found = array.as_array()?.iter().find(|entry| entry.get(by).and_then(Value::as_str) == Some(name))?;
    Some(found.get("id")?.as_str()?.to_owned())
}
