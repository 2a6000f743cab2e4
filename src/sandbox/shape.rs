//! What a value must look like, and how it is stored: numeric text becomes a number (S7), a wrong one is refused (S8).

use serde_json::{Map, Number, Value};

use super::clock;
use super::refusal::Refusal;

/// Team members and solutions per deal (contract, section 3.9).
const ITEMS_MAX: usize = 50;

/// The shape of a value. `null` clears a text, an amount, a currency or a date; nothing else can be cleared.
#[derive(Debug)]
pub(super) enum Shape {
    Text,
    Flag,
    Amount,
    Currency,
    Instant,
    Choice(&'static [&'static str]),
    Object(&'static [Field]),
    List(&'static Shape),
}

/// A known member of an object. Others are kept as they come, since the real service has members that we do not
/// know (contract, section 3).
#[derive(Debug)]
pub(super) struct Field {
    pub name: &'static str,
    pub shape: Shape,
    pub need: Need,
}

/// Whether a member must be there, and hold something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Optional,
    /// In an item that is appended; a whole list may carry older, incomplete items back.
    WhenNew,
    Always,
}

/// Whether a value is new to the referral, or a whole list that is put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Novelty {
    New,
    Known,
}

impl Shape {
    /// Whether it is neither a list nor an object.
    pub(super) fn is_plain(&self) -> bool {
        match self {
            Shape::Text | Shape::Flag | Shape::Amount | Shape::Currency | Shape::Instant | Shape::Choice(_) => true,
            Shape::Object(_) | Shape::List(_) => false,
        }
    }

    /// The value as it is stored, or why it is refused. `at` is the pointer that the refusal names as its target.
    pub(super) fn accept(&self, value: Value, at: &str, novelty: Novelty) -> Result<Value, Refusal> {
        match self {
            Shape::Text if value.is_null() || value.is_string() => Ok(value),
            Shape::Text => refuse(at, "a text", &value),
            Shape::Flag => flag(&value).map_or_else(|| refuse(at, "true or false", &value), |flag| Ok(flag.into())),
            Shape::Amount if value.is_null() => Ok(value),
            Shape::Amount => amount(&value).map_or_else(
                || refuse(at, "a number that is not negative", &value),
                |amount| Ok(Value::Number(amount)),
            ),
            Shape::Currency if value.is_null() || value.as_str().is_some_and(is_currency) => Ok(value),
            Shape::Currency => refuse(at, "three capital letters of ISO 4217", &value),
            Shape::Instant if value.is_null() || value.as_str().and_then(clock::read).is_some() => Ok(value),
            Shape::Instant => refuse(at, "a UTC date-time such as 2026-11-02T09:00:00Z", &value),
            Shape::Choice(words) if value.as_str().is_some_and(|word| words.contains(&word)) => Ok(value),
            Shape::Choice(words) => refuse(at, &format!("one of {}", words.join(", ")), &value),
            Shape::Object(fields) => match value {
                Value::Object(members) => object(fields, members, at, novelty),
                value => refuse(at, "an object", &value),
            },
            Shape::List(item) => match value {
                Value::Array(items) if items.len() <= ITEMS_MAX => {
                    let items = items.into_iter().enumerate();
                    let items = items.map(|(index, value)| item.accept(value, &format!("{at}/{index}"), novelty));
                    items.collect::<Result<Vec<Value>, Refusal>>().map(Value::Array)
                }
                value => refuse(at, &format!("a list of at most {ITEMS_MAX} items"), &value),
            },
        }
    }
}

/// Whether a list has room for one more.
pub(super) fn has_room(list: &[Value]) -> bool {
    list.len() < ITEMS_MAX
}

/// Member names are read without regard to case and stored as documented (contract, sections 3 and 5.1).
fn object(fields: &'static [Field], members: Map<String, Value>, at: &str, novelty: Novelty) -> Result<Value, Refusal> {
    let mut stored = Map::new();
    for (name, value) in members {
        let Some(field) = fields.iter().find(|field| field.name.eq_ignore_ascii_case(&name)) else {
            stored.insert(name, value);
            continue;
        };
        let at = format!("{at}/{}", field.name);
        let value = if value.is_null() { value } else { field.shape.accept(value, &at, novelty)? };
        stored.insert(field.name.to_owned(), value);
    }
    for field in fields {
        let needed = match field.need {
            Need::Optional => false,
            Need::WhenNew => novelty == Novelty::New,
            Need::Always => true,
        };
        let missing = stored.get(field.name).is_none_or(|value| value.is_null() || value == "");
        if needed && missing {
            return Err(Refusal::invalid(at, format!("`{}` is missing at `{at}`", field.name)));
        }
    }
    Ok(Value::Object(stored))
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A number, or a text in the grammar of JSON numbers: its digits survive where a double can hold them.
fn amount(value: &Value) -> Option<Number> {
    let number = match value {
        Value::Number(number) => number.clone(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => serde_json::from_str(text).ok()?,
        _ => return None,
    };
    Some(number).filter(|number| number.as_f64().is_some_and(|amount| amount >= 0.0))
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn refuse(at: &str, wanted: &str, found: &Value) -> Result<Value, Refusal> {
    Err(Refusal::invalid(at, format!("`{at}` must be {wanted}, not {found}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(shape: &Shape, sent: &str, stored: Option<&str>) {
        let value = serde_json::from_str(sent).unwrap();
        let accepted = shape.accept(value, "/at", Novelty::New);
        assert_eq!(accepted.ok().map(|value| value.to_string()).as_deref(), stored, "{sent} as {shape:?}");
    }

    #[test]
    fn numeric_text_becomes_a_number_of_the_same_digits() {
        check(&Shape::Amount, "\"10000\"", Some("10000"));
        check(&Shape::Amount, "\"12500.55\"", Some("12500.55"));
        check(&Shape::Amount, "\"0.1\"", Some("0.1"));
        check(&Shape::Amount, "12345678901234.56", Some("12345678901234.56"));
        check(&Shape::Amount, "\"12345678901234567\"", Some("12345678901234567"));
        check(&Shape::Amount, "null", Some("null"));
    }

    #[test]
    fn what_is_no_number_is_no_amount() {
        for sent in ["\"12,500\"", "\"€ 5\"", "\"\"", "\" 5\"", "\"010\"", "\"NaN\"", "true", "[1]", "-1", "\"-1\""] {
            check(&Shape::Amount, sent, None);
        }
    }

    #[test]
    fn a_flag_may_come_as_text() {
        check(&Shape::Flag, "true", Some("true"));
        check(&Shape::Flag, "\"False\"", Some("false"));
        check(&Shape::Flag, "\"yes\"", None);
        check(&Shape::Flag, "1", None);
        check(&Shape::Flag, "null", None);
    }

    #[test]
    fn texts_currencies_and_dates_are_told_apart_from_what_looks_like_them() {
        check(&Shape::Text, "\"\"", Some("\"\""));
        check(&Shape::Text, "5", None);
        check(&Shape::Currency, "\"EUR\"", Some("\"EUR\""));
        check(&Shape::Currency, "\"Euro\"", None);
        check(&Shape::Instant, "\"2026-11-02T00:00:00Z\"", Some("\"2026-11-02T00:00:00Z\""));
        check(&Shape::Instant, "\"11/02/2026\"", None);
        check(&Shape::Choice(&["New"]), "\"new\"", None);
    }

    #[test]
    fn names_of_members_are_read_in_any_case_and_unknown_ones_are_kept() {
        const FIELDS: &[Field] = &[Field { name: "email", shape: Shape::Text, need: Need::WhenNew }];
        check(&Shape::Object(FIELDS), r#"{"Email":"a@b.c","new":1}"#, Some(r#"{"email":"a@b.c","new":1}"#));
        check(&Shape::Object(FIELDS), r#"{"email":5}"#, None);
        check(&Shape::Object(FIELDS), r#"{"email":""}"#, None);
    }

    #[test]
    fn a_whole_list_may_hold_incomplete_items_but_not_too_many() {
        const FIELDS: &[Field] = &[Field { name: "email", shape: Shape::Text, need: Need::WhenNew }];
        const TEAM: Shape = Shape::List(&Shape::Object(FIELDS));
        let team = |members: usize| Value::Array(vec![Value::Object(Map::new()); members]);
        assert!(TEAM.accept(team(50), "/team", Novelty::Known).is_ok());
        assert!(TEAM.accept(team(51), "/team", Novelty::Known).is_err());
        assert!(TEAM.accept(Value::Null, "/team", Novelty::Known).is_err());
    }
}
