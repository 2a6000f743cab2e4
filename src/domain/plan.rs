//! A change against a referral as it is now: the smallest patch, or the reason why there is none.
//!
//! The plan is a value. It is computed here, shown by `plan`, sent by `apply`, and computed again after a lost reply
//! or a colleague's change: what has landed already drops out of it.

mod moves;
mod remarks;
mod same;

use std::borrow::Cow;

use json_patch::jsonptr::Pointer;

use super::change::{Change, Edit, Wish};
use super::field::{Field, Kind};
use super::json::Json;
use super::patch::{DoesNotApply, Op, Operation, Patch};
use super::problem::{Problem, Severity};
use super::referral::{ETag, Referral};

use same::without_repeats;
pub use same::{holds, is_same_item, key_of};

/// What is to be done about a change.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The step itself.
    pub step: Step,
    /// Warnings about it, or the errors that forbid it.
    pub problems: Vec<Problem>,
}

/// Behind the last item of a list (RFC 6902, section 4.1).
const LAST: &Pointer = Pointer::from_static("/-");

/// The step of a plan.
#[derive(Debug, Clone)]
pub enum Step {
    /// The referral holds all of it already.
    Nothing,
    /// This is to be sent.
    Write(Write),
    /// The referral is no longer the one that the sheet was made from.
    Stale {
        /// The version that the sheet names.
        expected: ETag,
        /// What would have been changed.
        changes: Vec<FieldChange>,
    },
    /// It must not be sent; the problems say why.
    Invalid,
}

/// A write that is ready to be sent.
#[derive(Debug, Clone)]
pub struct Write {
    /// The operations, at least one.
    pub patch: Patch,
    /// The version it applies to; none when nothing was read and the sheet names none.
    pub guard: Option<ETag>,
    /// What changes, for people.
    pub changes: Vec<FieldChange>,
    /// The whole referral afterwards, as we expect it; none when nothing was read.
    pub after: Option<Json>,
}

/// One field from what to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field's label.
    pub label: Cow<'static, str>,
    /// Its pointer.
    pub path: Cow<'static, str>,
    /// What it held; none when that is not known. For an item that is appended, the list as it was.
    pub before: Option<Json>,
    /// What it shall hold.
    pub after: Json,
}

impl FieldChange {
    /// Whether an item is added to a list, instead of a value being set.
    pub fn is_item(&self) -> bool {
        self.path.ends_with("/-")
    }

    /// The field, whether it is set or added to.
    pub fn field(&self) -> Option<&'static Field> {
        Field::by_path(self.path.trim_end_matches("/-"))
    }

    /// Whether it is what an edit wishes.
    pub fn is_of(&self, edit: &Edit) -> bool {
        match &edit.wish {
            Wish::Set(_) => self.path == edit.field.path,
            Wish::Append(item) => self.path == format!("{}/-", edit.field.path) && self.after == *item,
        }
    }
}

/// Plans a change against the referral that it is about.
pub fn against(change: &Change, current: &Referral) -> Plan {
    let mut problems = remarks::ignored(change, current);
    problems.extend(remarks::kept(change, current));
    let wanted = without_repeats(change.edits.iter().filter(|edit| edit.is_sent() && !holds(edit, current)));
    if wanted.is_empty() {
        return Plan { step: Step::Nothing, problems };
    }
    problems.extend(moves::problems(change, current));
    problems.extend(remarks::of_lists(&wanted, current));
    problems.extend(unsendable(&wanted));
    if problems.iter().any(Problem::is_error) {
        return Plan { step: Step::Invalid, problems };
    }
    let changes = wanted.iter().map(|edit| field_change(edit, Some(current))).collect();
    let is_other = |etag: &ETag| etag.as_str() != "*" && current.etag().is_some_and(|now| now != etag);
    if let Some(expected) = change.etag.clone().filter(is_other) {
        return Plan { step: Step::Stale { expected, changes }, problems };
    }
    let patch = Patch::new(operations(&wanted, current));
    match applied(&patch, current) {
        Ok(after) => {
            let guard = change.etag.clone().or_else(|| current.etag().cloned());
            if guard.is_none() {
                problems.push(unguarded());
            }
            Plan { step: Step::Write(Write { patch, guard, changes, after: Some(after) }), problems }
        }
        Err(error) => {
            problems.push(does_not_apply(&wanted, &error));
            Plan { step: Step::Invalid, problems }
        }
    }
}

/// Plans a change without looking: every wish becomes an operation, guarded by the sheet's eTag only. Columns that are
/// not sent cannot be compared and are left out in silence.
pub fn unseen(change: &Change) -> Plan {
    let wanted = without_repeats(change.edits.iter().filter(|edit| edit.is_sent()));
    if wanted.is_empty() {
        return Plan { step: Step::Nothing, problems: Vec::new() };
    }
    let problems = unsendable(&wanted);
    if !problems.is_empty() {
        return Plan { step: Step::Invalid, problems };
    }
    let operations = in_order(&wanted).into_iter().map(|edit| match &edit.wish {
        Wish::Set(value) => operation(Op::Replace, edit.field, value),
        Wish::Append(item) => addition(edit.field, item),
    });
    let patch = Patch::new(operations.collect());
    let changes = wanted.iter().map(|edit| field_change(edit, None)).collect();
    Plan { step: Step::Write(Write { patch, guard: change.etag.clone(), changes, after: None }), problems: Vec::new() }
}

/// What must not be sent, whatever the referral is.
pub fn unsendable(wanted: &[&Edit]) -> Vec<Problem> {
    remarks::incomplete(wanted).into_iter().chain(moves::unconfirmed(wanted)).collect()
}

/// Status first, substatus next, the rest as in the sheet.
fn in_order<'a>(wanted: &[&'a Edit]) -> Vec<&'a Edit> {
    let mut ordered = wanted.to_vec();
    let rank = |edit: &&Edit| match edit.field.kind {
        Kind::Status => 0,
        Kind::Substatus => 1,
        _ => 2,
    };
    if !ordered.is_sorted_by_key(rank) {
        ordered.sort_by_key(rank);
    }
    ordered
}

fn operations(wanted: &[&Edit], current: &Referral) -> Vec<Operation> {
    let mut operations: Vec<Operation> = Vec::new();
    for edit in in_order(wanted) {
        let path = edit.field.path;
        let now = current.text_at(edit.field.pointer());
        let sets = if now.is_some() { Op::Replace } else { Op::Add };
        match &edit.wish {
            Wish::Set(value) => operations.push(operation(sets, edit.field, value)),
            Wish::Append(item) if now.is_some_and(|now| now.starts_with('[')) => {
                operations.push(addition(edit.field, item));
            }
            // There is no list to append to yet: the first item brings it, the next ones join it.
            Wish::Append(item) => match operations.iter_mut().find(|operation| operation.path.as_str() == path) {
                Some(list) => list.value = list.value.with(LAST, item).expect("a list takes one more item"),
                None => operations.push(operation(sets, edit.field, &Json::array([item]))),
            },
        }
    }
    operations
}

fn operation(op: Op, field: &'static Field, value: &Json) -> Operation {
    Operation { op, path: Cow::Borrowed(field.pointer()), value: value.clone() }
}

/// An item behind the last one of a list.
fn addition(list: &'static Field, item: &Json) -> Operation {
    let mut path = list.pointer().to_buf();
    path.push_back("-");
    Operation { op: Op::Add, path: Cow::Owned(path), value: item.clone() }
}

/// Responses leave members out (contract, section 3): an object that a patch goes through is there all the same.
fn applied(patch: &Patch, current: &Referral) -> Result<Json, DoesNotApply> {
    let missing = missing_parents(patch, current);
    if missing.is_empty() {
        return patch.applied_to(current.document());
    }
    let empty = Json::object([]);
    let with_parent = |document: Json, parent| document.with(parent, &empty).unwrap_or(document);
    patch.applied_to(&missing.into_iter().fold(current.document().clone(), with_parent))
}

/// The outer ones before the inner ones.
fn missing_parents<'a>(patch: &'a Patch, current: &Referral) -> Vec<&'a Pointer> {
    let mut missing: Vec<&Pointer> = Vec::new();
    for operation in patch.operations() {
        let parents = std::iter::successors(operation.path.parent(), |parent| parent.parent());
        let is_missing =
            |parent: &&Pointer| !parent.is_root() && current.text_at(parent).is_none_or(|now| now == "null");
        let mut new: Vec<&Pointer> = parents.filter(is_missing).filter(|parent| !missing.contains(parent)).collect();
        new.reverse();
        missing.extend(new);
    }
    missing
}

fn field_change(edit: &Edit, current: Option<&Referral>) -> FieldChange {
    let before = current.map(|current| current.exact(edit.field.pointer()).unwrap_or_else(Json::null));
    let (Wish::Set(after) | Wish::Append(after)) = &edit.wish;
    let path = match edit.wish {
        Wish::Set(_) => Cow::Borrowed(edit.field.path),
        Wish::Append(_) => Cow::Owned(format!("{}/-", edit.field.path)),
    };
    FieldChange { label: Cow::Borrowed(edit.field.label), path, before, after: after.clone() }
}

/// A referral of the oldest era has no eTag, and there is no other way to notice a change made meanwhile.
fn unguarded() -> Problem {
    let found = "the referral has no eTag: if somebody else changes it at the same time, that is not noticed";
    Problem { severity: Severity::Warning, ..Problem::of_row(found, "") }
}

fn does_not_apply(wanted: &[&Edit], error: &DoesNotApply) -> Problem {
    Problem {
        severity: Severity::Error,
        place: wanted.first().map(|edit| edit.place),
        heading: wanted.first().map_or_else(|| "".into(), |edit| edit.heading.clone()),
        found: format!("the change does not fit the referral: {error}"),
        accepted: "look at the referral in the portal".to_owned(),
    }
}

#[cfg(test)]
mod tests;
