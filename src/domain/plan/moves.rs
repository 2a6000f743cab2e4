//! Whether the status pair that a row leads to is one, and whether the referral may get there.

use serde_json::Value;

use super::holds;
use crate::domain::change::{Change, Edit, Wish};
use crate::domain::field::Kind;
use crate::domain::problem::Problem;
use crate::domain::referral::Referral;
use crate::domain::status::{Move, SUBSTATUS_WORDS, Status, UNCONFIRMED_SUBSTATUSES};

pub fn problems(change: &Change, current: &Referral) -> Vec<Problem> {
    let find = |path: &str| change.edits.iter().find(|edit| edit.field.path == path);
    let (status, substatus) = (find("/status"), find("/substatus"));
    let mut problems = Vec::new();
    // A pair that the referral has already is none of our business, whatever it is.
    let moves = [status, substatus].into_iter().flatten().any(|edit| !holds(edit, current));
    if let Some(edit) = status.or(substatus).filter(|_| moves) {
        problems.extend(pair_problem(edit, status, substatus, current));
    }
    let is_noteworthy = problems.is_empty() && current.status().is_some_and(Status::is_closed);
    let is_of_deal = |edit: &&Edit| !edit.field.path.starts_with("/registrations");
    let first = || change.edits.iter().filter(is_of_deal).find(|edit| edit.is_sent() && !holds(edit, current));
    if let Some(edit) = is_noteworthy.then(first).flatten() {
        problems.push(Problem::warning(
            edit.place,
            &edit.heading,
            "the referral is closed",
            "the portal does not change closed referrals; the service decides",
        ));
    }
    problems
}

/// Substatuses that the service may have, but that cannot be asked for.
pub fn unconfirmed(wanted: &[&Edit]) -> Vec<Problem> {
    let problem = |edit: &&Edit| {
        let Wish::Set(json) = &edit.wish else { return None };
        let is_substatus = edit.field.kind == Kind::Substatus;
        let word = json.as_str().filter(|word| is_substatus && UNCONFIRMED_SUBSTATUSES.contains(&word.as_ref()))?;
        let found = format!("the documentation of the service does not have the substatus `{word}`");
        let accepted = format!("accepted: {}; to set `{word}`, use the portal", SUBSTATUS_WORDS.join(", "));
        Some(Problem::error(edit.place, &edit.heading, found, accepted))
    };
    wanted.iter().filter_map(problem).collect()
}

fn pair_problem(edit: &Edit, status: Option<&Edit>, substatus: Option<&Edit>, current: &Referral) -> Option<Problem> {
    let wished = |edit: Option<&Edit>, path: &str| match edit.map(|edit| &edit.wish) {
        Some(Wish::Set(json)) => json.value().as_str().map(str::to_owned),
        _ => current.view().get(path).and_then(Value::as_str).map(str::to_owned),
    };
    let (next_status, next_substatus) = (wished(status, "status")?, wished(substatus, "substatus")?);
    if UNCONFIRMED_SUBSTATUSES.contains(&next_substatus.as_str()) && substatus.is_some() {
        return None;
    }
    let Some(next) = Status::from_words(&next_status, &next_substatus) else {
        return Some(half_a_pair(edit, status.is_some(), &next_status, &next_substatus));
    };
    let now = current.status()?;
    let (now_words, next_words) = (now.words(), next.words());
    match now.move_to(next) {
        Move::Allowed => None,
        Move::Doubtful(why) => {
            Some(Problem::warning(edit.place, &edit.heading, why, "sent all the same; the service decides"))
        }
        Move::Forbidden => Some(Problem::error(
            edit.place,
            &edit.heading,
            format!(
                "the referral is {} / {}, it cannot become {} / {}",
                now_words.0, now_words.1, next_words.0, next_words.1
            ),
            if now.is_closed() {
                "a closed referral stays closed"
            } else {
                "an active referral stays active or is closed"
            },
        )),
    }
}

/// Only one of the two cells is filled, and it does not go with what the referral has.
fn half_a_pair(edit: &Edit, status_is_given: bool, status: &str, substatus: &str) -> Problem {
    let (found, accepted) = if status_is_given {
        let fitting = Status::substatuses_of(status).join(", ");
        (
            format!("status `{status}` does not go with the substatus `{substatus}` that the referral has"),
            format!("fill in the substatus too: {fitting}"),
        )
    } else {
        let fitting = Status::status_of(substatus).unwrap_or_default();
        (
            format!("substatus `{substatus}` does not go with the status `{status}` that the referral has"),
            format!("fill in the status too: {fitting}"),
        )
    };
    Problem::error(edit.place, &edit.heading, found, accepted)
}
