//! What a person should know about a plan although it is sent, and what lists do not take.

use serde_json::Value;

use super::holds;
use super::same::{is_day_of, is_same_item, key_of, other_members};
use crate::domain::change::{Change, Edit, Wish};
use crate::domain::field::Writable;
use crate::domain::problem::Problem;
use crate::domain::referral::Referral;
use crate::domain::value::list::{self, ITEMS_MAX};

/// Cells of columns that are not sent: fine while they say what the referral holds, else a warning, as in the portal.
pub fn ignored(change: &Change, current: &Referral) -> Vec<Problem> {
    let differs = |edit: &&Edit| !edit.is_sent() && !holds(edit, current) && !is_day_of(edit, current);
    change
        .edits
        .iter()
        .filter(differs)
        .map(|edit| {
            let why = match edit.field.writable {
                Writable::Create => "this can be set only when the referral is created",
                Writable::Unconfirmed => "it is not known that the service takes changes of this",
                Writable::Never | Writable::Patch => "the service sets this itself",
            };
            Problem::warning(edit.place, &edit.heading, format!("ignored, {why}"), "")
        })
        .collect()
}

/// People and solutions that are there already, with other details than the sheet says: appending cannot change them,
/// and nothing shall go unseen.
pub fn kept(change: &Change, current: &Referral) -> Vec<Problem> {
    let mut problems = Vec::new();
    for edit in &change.edits {
        let Wish::Append(item) = &edit.wish else { continue };
        let (item, now) = (item.value(), current.at(edit.field.pointer()));
        let items = now.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let Some(there) = items.iter().find(|there| is_same_item(edit.field.kind, there, &item)) else { continue };
        let others = other_members(there, &item);
        if let Some(name) =
            key_of(edit.field.kind).and_then(|key| item.get(key)?.as_str()).filter(|_| !others.is_empty())
        {
            problems.push(Problem::warning(
                edit.place,
                &edit.heading,
                format!("`{name}` is there already, the other {} here is ignored", others.join(", ")),
                format!(
                    "to change it, give the whole list as JSON in a column `{}`, or use the portal",
                    edit.field.label
                ),
            ));
        }
    }
    problems
}

/// New people and solutions that lack something. Of those who are there already, the sheet may say as little as it likes.
pub fn incomplete(wanted: &[&Edit]) -> Vec<Problem> {
    let problem = |edit: &&Edit| {
        let Wish::Append(item) = &edit.wish else { return None };
        let complaint = list::incompleteness(edit.field.kind, &item.value())?;
        Some(Problem::error(edit.place, &edit.heading, complaint.found, complaint.accepted))
    };
    wanted.iter().filter_map(problem).collect()
}

pub fn of_lists(wanted: &[&Edit], current: &Referral) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, edit) in wanted.iter().enumerate() {
        if edit.field.path.starts_with("/registrations/0") && current.at(edit.field.pointer()).is_none() {
            let parent = edit.field.pointer().parent().and_then(|parent| current.at(parent));
            if parent.is_none() {
                problems.push(Problem::error(
                    edit.place,
                    &edit.heading,
                    "the referral has no deal registration with this part",
                    "register the deal first",
                ));
            }
        }
        let Wish::Append(_) = edit.wish else { continue };
        let held = current.at(edit.field.pointer()).and_then(Value::as_array).map_or(0, Vec::len);
        let added = wanted[..=at]
            .iter()
            .filter(|other| other.field.path == edit.field.path && matches!(other.wish, Wish::Append(_)))
            .count();
        if edit.is_of_list() && held + added > ITEMS_MAX {
            problems.push(Problem::error(
                edit.place,
                &edit.heading,
                format!(
                    "the referral has {held} entries in {}, this would be number {}",
                    edit.field.label,
                    held + added
                ),
                format!("at most {ITEMS_MAX}"),
            ));
        }
    }
    problems
}
