//! What is stored: small shapes of their own, apart from the domain's types, so that either can change alone.
//!
//! The shapes carry the ledger's version ([`super::VERSION`]). Values that were sent or seen are kept as the JSON
//! text that they were, with every digit.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::domain::cell::{Address, Cell};
use crate::domain::change::Base;
use crate::domain::json::{Json, push_string};
use crate::domain::merge::Clash;
use crate::domain::plan::FieldChange;
use crate::domain::problem::{Problem, Severity};

/// A text in a ledger that none of these shapes fits.
#[derive(Debug, thiserror::Error)]
#[error("a record cannot be read")]
pub struct Misshapen(#[source] pub serde_json::Error);

/// A cell as it is written. Text is the bare string, blank is `null`, a boolean is itself; the others are an object with
/// one member: `n` a number, the shortest text that reads as this very double; `d` a date with a time; `e` an error;
/// `f` a formula that has not been computed.
struct ToStore<'c>(&'c Cell);

/// A cell as it is read.
struct Stored(Cell);

#[derive(Serialize, Deserialize)]
pub struct StoredProblem {
    warning: bool,
    place: Option<(u32, u32)>,
    heading: String,
    found: String,
    accepted: String,
}

struct StoredChange<'a> {
    label: Cow<'a, str>,
    path: Cow<'a, str>,
    after: &'a RawValue,
    /// Absent when it is not known; `null` is a value.
    before: Option<&'a RawValue>,
}

#[derive(Serialize, Deserialize)]
pub struct StoredClash {
    label: String,
    base: Box<RawValue>,
    mine: Box<RawValue>,
    theirs: Box<RawValue>,
}

/// The cells of a row as text.
pub fn from_cells(cells: &[Cell]) -> String {
    let mut text = Vec::with_capacity(16 * cells.len());
    serde_json::Serializer::new(&mut text).collect_seq(cells.iter().map(ToStore)).expect("cells can be written");
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// The cells of a row from text.
pub fn to_cells(text: &str) -> Result<Vec<Cell>, Misshapen> {
    let stored: Vec<Stored> = serde_json::from_str(text).map_err(Misshapen)?;
    Ok(stored.into_iter().map(|Stored(cell)| cell).collect())
}

/// The base of a row: nothing for a sheet without one, `null` for a row that is not in it, else its cells.
pub fn from_base(base: &Base) -> Option<String> {
    match base {
        Base::Absent => None,
        Base::NotThere => Some("null".to_owned()),
        Base::Cells(cells) => Some(from_cells(cells)),
    }
}

/// The base of a row from what is stored.
pub fn to_base(text: Option<&str>) -> Result<Base, Misshapen> {
    match text {
        None => Ok(Base::Absent),
        Some("null") => Ok(Base::NotThere),
        Some(cells) => Ok(Base::Cells(to_cells(cells)?)),
    }
}

/// Remarks about a row; nothing for none.
pub fn from_remarks(remarks: &[Problem]) -> Option<String> {
    (!remarks.is_empty()).then(|| write(&remarks.iter().map(StoredProblem::from).collect::<Vec<_>>()))
}

/// Remarks from what is stored.
pub fn to_remarks(text: Option<&str>) -> Result<Vec<Problem>, Misshapen> {
    let stored: Vec<StoredProblem> = text.map_or(Ok(Vec::new()), serde_json::from_str).map_err(Misshapen)?;
    Ok(stored.into_iter().map(Problem::from).collect())
}

/// Changes as text: `[["Deal value","/details/dealValue",2,1],…]`, label, path, after and, if it is known, before.
pub fn from_changes(changes: &[FieldChange]) -> String {
    let mut text = "[".to_owned();
    for FieldChange { label, path, before, after } in changes {
        text.push_str(if text.len() > 1 { ",[" } else { "[" });
        push_string(&mut text, label);
        text.push(',');
        push_string(&mut text, path);
        for value in [Some(after), before.as_ref()].into_iter().flatten() {
            text.push(',');
            text.push_str(value.text());
        }
        text.push(']');
    }
    text.push(']');
    text
}

/// Changes from text.
pub fn to_changes(text: &str) -> Result<Vec<FieldChange>, Misshapen> {
    if text == "[]" {
        return Ok(Vec::new());
    }
    let stored: Vec<StoredChange<'_>> = serde_json::from_str(text).map_err(Misshapen)?;
    Ok(stored.into_iter().map(FieldChange::from).collect())
}

/// A value from its text.
pub fn to_json(text: &str) -> Result<Json, Misshapen> {
    serde_json::from_str::<&RawValue>(text).map(Json::from).map_err(Misshapen)
}

/// One of these shapes as text.
pub fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the stored shapes have text keys only")
}

fn raw(json: &Json) -> Box<RawValue> {
    json.raw().to_owned()
}

impl Serialize for ToStore<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let object = |serializer: S, name, value: &dyn fmt::Display| {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(name, &value.to_string())?;
            map.end()
        };
        match self.0 {
            Cell::Blank => serializer.serialize_unit(),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Boolean(value) => serializer.serialize_bool(*value),
            Cell::Number(number) => object(serializer, "n", number),
            Cell::DateTime(at) => object(serializer, "d", at),
            Cell::Error(name) => object(serializer, "e", name),
            Cell::Unevaluated => object(serializer, "f", &""),
        }
    }
}

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StoredCell)
    }
}

struct StoredCell;

impl<'de> Visitor<'de> for StoredCell {
    type Value = Stored;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a cell")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Stored, E> {
        Ok(Stored(Cell::Blank))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Stored, E> {
        Ok(Stored(Cell::Text(text.to_owned())))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Stored, E> {
        Ok(Stored(Cell::Boolean(value)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Stored, A::Error> {
        let Some((name, value)) = map.next_entry::<String, String>()? else {
            return Err(de::Error::custom("an empty object is no cell"));
        };
        Ok(Stored(match name.as_str() {
            "n" => Cell::Number(value.parse().map_err(de::Error::custom)?),
            "d" => Cell::DateTime(value.parse().map_err(de::Error::custom)?),
            "e" => Cell::Error(value),
            "f" => Cell::Unevaluated,
            _ => return Err(de::Error::custom("an unknown kind of cell")),
        }))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for StoredChange<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ChangeVisitor)
    }
}

struct ChangeVisitor;

impl<'de> Visitor<'de> for ChangeVisitor {
    type Value = StoredChange<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("label, path, after and perhaps before")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        #[derive(Deserialize)]
        struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

        let missing = || de::Error::custom("a change lacks a part");
        Ok(StoredChange {
            label: parts.next_element::<Text<'de>>()?.ok_or_else(missing)?.0,
            path: parts.next_element::<Text<'de>>()?.ok_or_else(missing)?.0,
            after: parts.next_element()?.ok_or_else(missing)?,
            before: parts.next_element()?,
        })
    }
}

impl From<&Problem> for StoredProblem {
    fn from(problem: &Problem) -> Self {
        StoredProblem {
            warning: !problem.is_error(),
            place: problem.place.map(|place| (place.column, place.row)),
            heading: problem.heading.to_string(),
            found: problem.found.clone(),
            accepted: problem.accepted.clone(),
        }
    }
}

impl From<StoredProblem> for Problem {
    fn from(stored: StoredProblem) -> Self {
        Problem {
            severity: if stored.warning { Severity::Warning } else { Severity::Error },
            place: stored.place.map(|(column, row)| Address { column, row }),
            heading: stored.heading.into(),
            found: stored.found,
            accepted: stored.accepted,
        }
    }
}

impl From<StoredChange<'_>> for FieldChange {
    fn from(stored: StoredChange<'_>) -> Self {
        FieldChange {
            label: stored.label.into_owned().into(),
            path: stored.path.into_owned().into(),
            before: stored.before.map(Json::from),
            after: Json::from(stored.after),
        }
    }
}

impl From<&Clash> for StoredClash {
    fn from(clash: &Clash) -> Self {
        StoredClash {
            label: clash.label.clone(),
            base: raw(&clash.base),
            mine: raw(&clash.mine),
            theirs: raw(&clash.theirs),
        }
    }
}

impl From<StoredClash> for Clash {
    fn from(stored: StoredClash) -> Self {
        let StoredClash { label, base, mine, theirs } = stored;
        Clash { label, base: Json::from(&*base), mine: Json::from(&*mine), theirs: Json::from(&*theirs) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_survive_storage() {
        let cells = vec![
            Cell::Blank,
            Cell::Text("007".to_owned()),
            Cell::Number(0.1 + 0.2),
            Cell::Number(f64::MAX),
            Cell::Boolean(false),
            Cell::DateTime(jiff::civil::date(2026, 12, 31).at(14, 0, 0, 0)),
            Cell::Error("#N/A".to_owned()),
            Cell::Unevaluated,
        ];
        assert_eq!(to_cells(&from_cells(&cells)).unwrap(), cells);
        for base in [Base::Absent, Base::NotThere, Base::Cells(cells)] {
            assert_eq!(to_base(from_base(&base).as_deref()).unwrap(), base);
        }
    }

    #[test]
    fn changes_survive_storage_with_every_digit() {
        let json = |text: &str| Json::parse(text.to_owned()).unwrap();
        let change = |before: Option<&str>, after: &str| FieldChange {
            label: "Deal \"value\"".into(),
            path: "/details/dealValue".into(),
            before: before.map(json),
            after: json(after),
        };
        let changes = vec![
            change(Some("null"), "12345678901234567.890"),
            change(None, r#"{"a": [1, "\u00e9"]}"#),
            change(Some(r#""a, \"b\"""#), "null"),
        ];
        assert_eq!(to_changes(&from_changes(&changes)).unwrap(), changes);
        assert_eq!(to_changes(&from_changes(&[])).unwrap(), []);
        assert!(to_changes(r#"[["Deal value","/details/dealValue"]]"#).is_err());
    }
}
