//! What is stored: small shapes of their own, apart from the domain's types, so that either can change alone.
//!
//! The shapes carry the ledger's version ([`super::VERSION`]). Values that were sent or seen are kept as the JSON
//! text that they were, with every digit.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::cell::{Address, Cell};
use crate::domain::change::Base;
use crate::domain::event::Intent;
use crate::domain::json::Json;
use crate::domain::merge::Clash;
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::plan::FieldChange;
use crate::domain::problem::{Problem, Severity};
use crate::domain::referral::ETag;

/// A text in a ledger that none of these shapes fits.
#[derive(Debug, thiserror::Error)]
#[error("a record cannot be read")]
pub struct Misshapen(#[source] pub serde_json::Error);

/// A cell. Text is the bare string, blank is `null`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredCell {
    Blank(()),
    Text(String),
    Boolean(bool),
    Number {
        /// The shortest text that reads as this very double.
        n: String,
    },
    DateTime {
        d: jiff::civil::DateTime,
    },
    Error {
        e: String,
    },
    Unevaluated {
        f: (),
    },
}

#[derive(Serialize, Deserialize)]
struct StoredProblem {
    warning: bool,
    place: Option<(u32, u32)>,
    heading: String,
    found: String,
    accepted: String,
}

#[derive(Serialize, Deserialize)]
struct StoredChange {
    label: String,
    path: String,
    /// Absent when it is not known; `null` is a value.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    before: Option<Box<RawValue>>,
    after: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
struct StoredClash {
    label: String,
    base: Box<RawValue>,
    mine: Box<RawValue>,
    theirs: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
struct StoredIntent {
    attempt: u32,
    at: Timestamp,
    guard: Option<String>,
    patch: Box<RawValue>,
    changes: Vec<StoredChange>,
}

#[derive(Serialize, Deserialize)]
struct StoredSettled {
    outcome: String,
    name: Option<String>,
    created_id: Option<String>,
    changes: Vec<StoredChange>,
    problems: Vec<StoredProblem>,
    clashes: Vec<StoredClash>,
    reason: Option<String>,
    http: Option<u16>,
    error_code: Option<String>,
    request_id: Option<String>,
    attempts: u32,
    milliseconds: u64,
    sent_at: Option<Timestamp>,
    etag_before: Option<String>,
    etag_after: Option<String>,
    patch: Option<Box<RawValue>>,
}

/// The cells of a row as text.
pub fn from_cells(cells: &[Cell]) -> String {
    let stored: Vec<StoredCell> = cells.iter().map(StoredCell::from).collect();
    write(&stored)
}

/// The cells of a row from text.
pub fn to_cells(text: &str) -> Result<Vec<Cell>, Misshapen> {
    let stored: Vec<StoredCell> = serde_json::from_str(text).map_err(Misshapen)?;
    Ok(stored.into_iter().map(Cell::from).collect())
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

/// An intent as text; its row is kept beside it.
pub fn from_intent(intent: &Intent) -> String {
    write(&StoredIntent {
        attempt: intent.attempt,
        at: intent.at,
        guard: intent.guard.as_ref().map(ToString::to_string),
        patch: raw(&intent.patch),
        changes: intent.changes.iter().map(StoredChange::from).collect(),
    })
}

/// An intent from text.
pub fn to_intent(row: u32, text: &str) -> Result<Intent, Misshapen> {
    let stored: StoredIntent = serde_json::from_str(text).map_err(Misshapen)?;
    Ok(Intent {
        row,
        attempt: stored.attempt,
        at: stored.at,
        guard: stored.guard.map(ETag::new),
        patch: json(&stored.patch),
        changes: stored.changes.into_iter().map(FieldChange::from).collect(),
    })
}

/// A settled row as text; its number is kept beside it.
pub fn from_settled(settled: &Settled) -> String {
    write(&StoredSettled {
        outcome: settled.outcome.word().to_owned(),
        name: settled.name.clone(),
        created_id: settled.created_id.clone(),
        changes: settled.changes.iter().map(StoredChange::from).collect(),
        problems: settled.problems.iter().map(StoredProblem::from).collect(),
        clashes: settled.clashes.iter().map(StoredClash::from).collect(),
        reason: settled.reason.clone(),
        http: settled.http,
        error_code: settled.error_code.clone(),
        request_id: settled.request_id.clone(),
        attempts: settled.attempts,
        milliseconds: settled.milliseconds,
        sent_at: settled.sent_at,
        etag_before: settled.etag_before.as_ref().map(ToString::to_string),
        etag_after: settled.etag_after.as_ref().map(ToString::to_string),
        patch: settled.patch.as_ref().map(raw),
    })
}

/// A settled row from text.
pub fn to_settled(row: u32, text: &str) -> Result<Settled, Misshapen> {
    let stored: StoredSettled = serde_json::from_str(text).map_err(Misshapen)?;
    let unknown = || Misshapen(serde::de::Error::custom(format!("unknown outcome `{}`", stored.outcome)));
    Ok(Settled {
        row,
        outcome: Outcome::from_word(&stored.outcome).ok_or_else(unknown)?,
        name: stored.name,
        created_id: stored.created_id,
        deal: None,
        changes: stored.changes.into_iter().map(FieldChange::from).collect(),
        problems: stored.problems.into_iter().map(Problem::from).collect(),
        clashes: stored.clashes.into_iter().map(Clash::from).collect(),
        reason: stored.reason,
        http: stored.http,
        error_code: stored.error_code,
        request_id: stored.request_id,
        attempts: stored.attempts,
        milliseconds: stored.milliseconds,
        sent_at: stored.sent_at,
        etag_before: stored.etag_before.map(ETag::new),
        etag_after: stored.etag_after.map(ETag::new),
        patch: stored.patch.as_deref().map(json),
    })
}

fn known<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the stored shapes have text keys only")
}

fn raw(json: &Json) -> Box<RawValue> {
    json.raw().to_owned()
}

fn json(raw: &RawValue) -> Json {
    Json::parse(raw.get().to_owned()).expect("a raw value is valid JSON")
}

impl From<&Cell> for StoredCell {
    fn from(cell: &Cell) -> Self {
        match cell {
            Cell::Blank => StoredCell::Blank(()),
            Cell::Text(text) => StoredCell::Text(text.clone()),
            Cell::Number(number) => StoredCell::Number { n: number.to_string() },
            Cell::DateTime(at) => StoredCell::DateTime { d: *at },
            Cell::Boolean(value) => StoredCell::Boolean(*value),
            Cell::Error(name) => StoredCell::Error { e: name.clone() },
            Cell::Unevaluated => StoredCell::Unevaluated { f: () },
        }
    }
}

impl From<StoredCell> for Cell {
    fn from(stored: StoredCell) -> Self {
        match stored {
            StoredCell::Blank(()) => Cell::Blank,
            StoredCell::Text(text) => Cell::Text(text),
            StoredCell::Number { n } => n.parse().map_or(Cell::Text(n), Cell::Number),
            StoredCell::DateTime { d } => Cell::DateTime(d),
            StoredCell::Boolean(value) => Cell::Boolean(value),
            StoredCell::Error { e } => Cell::Error(e),
            StoredCell::Unevaluated { f: () } => Cell::Unevaluated,
        }
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

impl From<&FieldChange> for StoredChange {
    fn from(change: &FieldChange) -> Self {
        StoredChange {
            label: change.label.to_string(),
            path: change.path.to_string(),
            before: change.before.as_ref().map(raw),
            after: raw(&change.after),
        }
    }
}

impl From<StoredChange> for FieldChange {
    fn from(stored: StoredChange) -> Self {
        FieldChange {
            label: stored.label.into(),
            path: stored.path.into(),
            before: stored.before.as_deref().map(json),
            after: json(&stored.after),
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
        Clash { label: stored.label, base: json(&stored.base), mine: json(&stored.mine), theirs: json(&stored.theirs) }
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
    fn a_settled_row_survives_storage_with_every_digit() {
        let json = |text: &str| Json::parse(text.to_owned()).unwrap();
        let settled = Settled {
            name: Some("Contoso".to_owned()),
            changes: vec![FieldChange {
                label: "Deal value".into(),
                path: "/details/dealValue".into(),
                before: Some(json("null")),
                after: json("12345678901234567.890"),
            }],
            clashes: vec![Clash { label: "Notes".to_owned(), base: json("null"), mine: json("1"), theirs: json("2") }],
            http: Some(200),
            etag_after: Some(ETag::new("\"1\"")),
            patch: Some(json(r#"[{"op":"add"}]"#)),
            ..Settled::unsent(7, Outcome::Conflict, vec![Problem::of_row("x", "y")])
        };
        assert_eq!(to_settled(7, &from_settled(&settled)).unwrap(), settled);
    }
}
