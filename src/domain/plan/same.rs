//! Whether a referral holds already what a row wishes: dates are moments, amounts are numbers, `null` is as good as
//! absent, people are the same by e-mail and solutions by id.

use serde_json::Value;

use crate::domain::change::{Edit, Wish};
use crate::domain::field::Kind;
use crate::domain::referral::Referral;
use crate::domain::value::same::{self, is_same};

/// Whether the referral holds what the edit wishes.
pub fn holds(edit: &Edit, current: &Referral) -> bool {
    match &edit.wish {
        Wish::Set(wanted) => is_same(edit.field.kind, current.exact(edit.field.pointer()).as_ref(), wanted),
        Wish::Append(item) => {
            let now = current.at(edit.field.pointer());
            let items = now.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            items.iter().any(|there| is_same_item(edit.field.kind, there, &item.value()))
        }
    }
}

/// People are the same by e-mail, solutions by id, anything else when it is equal. A person without an e-mail address is
/// the one without an address whose other members are the same.
pub fn is_same_item(kind: Kind, there: &Value, item: &Value) -> bool {
    let Some(name) = key_of(kind) else { return there == item };
    let text = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_lowercase)
    };
    match (text(there, name), text(item, name)) {
        (Some(there), Some(item)) => there == item,
        (None, None) if kind == Kind::Members => {
            let members = item.as_object().into_iter().flatten();
            members.map(|(member, _)| member).all(|member| text(there, member) == text(item, member))
        }
        (Some(_) | None, _) => false,
    }
}

/// The portal prints days where the service holds moments. Of a field that is compared only, the day is enough.
pub fn is_day_of(edit: &Edit, current: &Referral) -> bool {
    let Wish::Set(wanted) = &edit.wish else { return false };
    let now = current.exact(edit.field.pointer());
    edit.field.kind == Kind::DateTime && now.is_some_and(|now| same::is_day_of(&now, wanted))
}

/// A row may name a person twice, in parts and in one cell; the person is added once.
pub fn without_repeats<'a>(edits: impl Iterator<Item = &'a Edit>) -> Vec<&'a Edit> {
    let is_repeat = |one: &Edit, other: &Edit| match (&one.wish, &other.wish) {
        (Wish::Append(one_item), Wish::Append(other_item)) => {
            one.field == other.field && is_same_item(one.field.kind, &one_item.value(), &other_item.value())
        }
        _ => false,
    };
    let mut wanted: Vec<&Edit> = Vec::new();
    for edit in edits {
        if !wanted.iter().any(|earlier| is_repeat(earlier, edit)) {
            wanted.push(edit);
        }
    }
    wanted
}

/// The members that an item sets to something else than what is there. What kind of solution it is, the portal does
/// not print; we guess it.
pub fn other_members<'a>(there: &Value, item: &'a Value) -> Vec<&'a str> {
    let is_other = |name: &str, wanted: &Value| match (there.get(name).and_then(Value::as_f64), wanted.as_f64()) {
        (Some(now), Some(wanted)) => now.to_bits() != wanted.to_bits(),
        _ => there.get(name) != Some(wanted),
    };
    let members = item.as_object().into_iter().flatten();
    let others =
        members.filter(|(name, wanted)| !["id", "email", "type"].contains(&name.as_str()) && is_other(name, wanted));
    others.map(|(name, _)| name.as_str()).collect()
}

/// The member that tells the items of a list apart.
pub fn key_of(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Members => Some("email"),
        Kind::Solutions => Some("id"),
        _ => None,
    }
}
