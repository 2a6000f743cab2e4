//! The report for programs: one JSON object a row.
//!
//! The same facts as in the columns, but unabridged: values are JSON with the digits they had, lists are lists. Every
//! member is always there; what is not known is `null`.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Line;
use crate::domain::json::Json;
use crate::domain::merge::Clash;
use crate::domain::plan::FieldChange;
use crate::domain::problem::{Problem, Severity};
use crate::domain::referral::ETag;

/// A row. The members are named after the columns and stand in their order.
#[derive(Serialize)]
struct Object<'a> {
    row: u32,
    id: &'a str,
    name: Option<&'a str>,
    outcome: &'static str,
    changes: Vec<ChangeObject<'a>>,
    problems: Vec<ProblemObject<'a>>,
    clashes: Vec<ClashObject<'a>>,
    reason: Option<&'a str>,
    what_to_do: &'static str,
    http: Option<u16>,
    error_code: Option<&'a str>,
    request_id: Option<&'a str>,
    attempts: u32,
    milliseconds: u64,
    sent_at: Option<Timestamp>,
    etag_before: Option<&'a str>,
    etag_after: Option<&'a str>,
    patch: Option<&'a RawValue>,
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct ChangeObject<'a> {
    field: &'a str,
    path: &'a str,
    before: Option<&'a RawValue>,
    after: &'a RawValue,
}

#[derive(Serialize)]
struct ProblemObject<'a> {
    cell: Option<String>,
    heading: &'a str,
    severity: &'static str,
    found: &'a str,
    accepted: &'a str,
}

#[derive(Serialize)]
struct ClashObject<'a> {
    field: &'a str,
    base: &'a RawValue,
    mine: &'a RawValue,
    theirs: &'a RawValue,
}

/// The row as an object, without a line feed.
pub(super) fn json(line: &Line<'_>) -> String {
    let text = serde_json::to_string(&Object::from(line)).expect("text and valid JSON can be written as JSON");
    // Within strings they are escaped; what is left is the layout of a value that somebody typed over several lines.
    if text.contains(['\n', '\r']) { text.replace(['\n', '\r'], " ") } else { text }
}

impl<'a> From<&Line<'a>> for Object<'a> {
    fn from(line: &Line<'a>) -> Object<'a> {
        let settled = line.settled;
        Object {
            row: line.row.number,
            id: settled.created_id.as_deref().unwrap_or(line.id),
            name: settled.name.as_deref(),
            outcome: settled.outcome.word(),
            changes: settled.changes.iter().map(ChangeObject::from).collect(),
            problems: settled.problems.iter().map(ProblemObject::from).collect(),
            clashes: settled.clashes.iter().map(ClashObject::from).collect(),
            reason: settled.reason.as_deref(),
            what_to_do: settled.remedy(),
            http: settled.http,
            error_code: settled.error_code.as_deref(),
            request_id: settled.request_id.as_deref(),
            attempts: settled.attempts,
            milliseconds: settled.milliseconds,
            sent_at: settled.sent_at,
            etag_before: settled.etag_before.as_ref().map(ETag::as_str),
            etag_after: settled.etag_after.as_ref().map(ETag::as_str),
            patch: settled.patch.as_ref().map(raw),
            note: line.note,
        }
    }
}

impl<'a> From<&'a FieldChange> for ChangeObject<'a> {
    fn from(change: &'a FieldChange) -> ChangeObject<'a> {
        let FieldChange { label, path, before, after } = change;
        let before = before.as_ref().filter(|_| !change.is_item());
        ChangeObject { field: label, path, before: before.map(raw), after: raw(after) }
    }
}

impl<'a> From<&'a Problem> for ProblemObject<'a> {
    fn from(problem: &'a Problem) -> ProblemObject<'a> {
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        ProblemObject {
            cell: problem.place.map(|place| place.to_string()),
            heading: &problem.heading,
            severity,
            found: &problem.found,
            accepted: &problem.accepted,
        }
    }
}

impl<'a> From<&'a Clash> for ClashObject<'a> {
    fn from(clash: &'a Clash) -> ClashObject<'a> {
        let Clash { label, base, mine, theirs } = clash;
        ClashObject { field: label, base: raw(base), mine: raw(mine), theirs: raw(theirs) }
    }
}

/// The very text, digit by digit.
fn raw(json: &Json) -> &RawValue {
    serde_json::from_str(json.text()).expect("a `Json` holds valid JSON")
}
