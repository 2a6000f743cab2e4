//! What puts a referral back to what it was before a run.
//!
//! Only what we did is taken back: each field from what our last change of it left to what it was before our first one,
//! as long as nobody else came in between. Whether it is still as we left it, is seen when the undo is planned.

use json_patch::jsonptr::Pointer;

use super::change::{Precision, Was};
use super::field::Field;
use super::json::Json;
use super::outcome::{Outcome, Settled};
use super::plan::FieldChange;
use super::planned::Planned;
use super::value::same::is_still;

/// How a referral is put back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Undo {
    /// With these changes; none if the run has changed nothing about it.
    pub back: Vec<Planned>,
    /// What stays as it is all the same, in words.
    pub stuck: Vec<String>,
}

const CREATED: &str = "the run created this referral, and the service has no way to delete one; close it instead";
const UNSEEN: &str = "the run did not look at the referral first (--check none), so what it was is not known";
const CLOSED: &str = "Status: the run closed the referral, and a closed referral cannot be opened again";
const SHARED: &str = "Share with Microsoft sellers: a referral that was shared once stays shared";
const CONSENT: &str = "/consent/consentToShareReferralWithMicrosoftSellers";

/// What undoes the rows about one referral, which come in sheet order.
///
/// A patch cannot take an item out of a list (contract, section 5.2), so a list that was added to is put back whole.
pub fn undo(rows: &[Settled], id: &str) -> Undo {
    let stuck = |why: &str| Undo { back: Vec::new(), stuck: vec![why.to_owned()] };
    let applied = || rows.iter().filter(|row| row.outcome == Outcome::Applied);
    if applied().any(|row| row.created_id.is_some()) {
        return stuck(CREATED);
    }
    let mut undo = Undo::default();
    for row in applied() {
        for change in &row.changes {
            match &change.before {
                Some(before) => take_back(&mut undo.back, row.row, id, change, before),
                None => return stuck(UNSEEN),
            }
        }
    }
    undo.back.retain(|planned| planned.was.as_ref() != Some(&planned.new));
    undo.keep_what_must_stay();
    undo
}

impl Undo {
    /// Takes out what the service is known to refuse, so that the rest can be put back.
    fn keep_what_must_stay(&mut self) {
        let says = |json: Option<&Json>, text: &str| json.is_some_and(|json| json.value().as_str() == Some(text));
        let is_closed = self.back.iter().any(|planned| {
            planned.path == "/status" && says(planned.was.as_ref(), "Closed") && !says(Some(&planned.new), "Closed")
        });
        if is_closed {
            self.back.retain(|planned| !["/status", "/substatus", "/statusReason"].contains(&planned.path.as_str()));
            self.stuck.push(CLOSED.to_owned());
        }
        let is_shared =
            |planned: &Planned| planned.path == CONSENT && planned.was.as_ref().is_some_and(|was| was.text() == "true");
        if self.back.iter().any(is_shared) {
            self.back.retain(|planned| !is_shared(planned));
            self.stuck.push(SHARED.to_owned());
        }
    }
}

fn take_back(back: &mut Vec<Planned>, row: u32, id: &str, change: &FieldChange, before: &Json) {
    let path = change.path.trim_end_matches("/-");
    let group = back.first().map_or(row, |planned| planned.group);
    let earlier = back.iter_mut().find(|planned| planned.path == path);
    let left = |before: &Json| if change.is_item() { with_item(before, &change.after) } else { change.after.clone() };
    match earlier {
        // Several items of one write were all added to the same list.
        Some(earlier) if change.is_item() && earlier.new == *before => {
            earlier.was = earlier.was.as_ref().map(left);
        }
        Some(earlier) if is_as_left(path, earlier.was.as_ref(), before) => earlier.was = Some(left(before)),
        Some(earlier) => (earlier.new, earlier.was) = (before.clone(), Some(left(before))),
        None => {
            let (id, path) = (id.to_owned(), path.to_owned());
            back.push(Planned { group, id, etag: None, path, new: before.clone(), was: Some(left(before)) });
        }
    }
}

fn is_as_left(path: &str, left: Option<&Json>, found: &Json) -> bool {
    let kind = Field::by_path(path).map(|field| field.kind);
    let was = left.map(|left| Was { value: left.clone(), precision: Precision::Exact });
    kind.zip(was).is_some_and(|(kind, was)| is_still(kind, &was, Some(found)))
}

/// A list with one more item; what is no list is as good as an empty one.
fn with_item(list: &Json, item: &Json) -> Json {
    list.with(Pointer::from_static("/-"), item).unwrap_or_else(|_| Json::array([item]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of changes (path, before, after) and what undoes them, one line each.
    fn check(rows: &[&[(&str, &str, &str)]], expected: &[&str]) {
        let json = |text: &str| Json::parse(text.to_owned()).unwrap();
        let change = |&(path, before, after): &(&str, &str, &str)| FieldChange {
            label: path.to_owned().into(),
            path: path.to_owned().into(),
            before: Some(json(before)),
            after: json(after),
        };
        let row = |(number, changes): (u32, &&[(&str, &str, &str)])| Settled {
            changes: changes.iter().map(change).collect(),
            ..Settled::unsent(number, Outcome::Applied, Vec::new())
        };
        let rows: Vec<Settled> = (2..).zip(rows).map(row).collect();
        let Undo { back, stuck } = undo(&rows, "id");
        let line = |planned: &Planned| {
            format!("{}: {} → {}", planned.path, planned.was.as_ref().unwrap().text(), planned.new.text())
        };
        assert_eq!(back.iter().map(line).chain(stuck).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn several_changes_of_a_field_are_taken_back_at_once() {
        check(&[&[("/details/notes", "1", "2")], &[("/details/notes", "2", "3")]], &["/details/notes: 3 → 1"]);
        check(&[&[("/details/notes", "1", "2")], &[("/details/notes", "2", "1")]], &[]);
    }

    #[test]
    fn what_somebody_else_did_in_between_stays() {
        check(&[&[("/details/notes", "1", "2")], &[("/details/notes", "9", "3")]], &["/details/notes: 3 → 9"]);
        check(&[&[("/team/-", "[1]", "2")], &[("/team/-", "[1,2,9]", "3")]], &["/team: [1,2,9,3] → [1,2,9]"]);
    }

    #[test]
    fn a_list_that_was_added_to_is_put_back_whole() {
        check(&[&[("/team/-", "[1]", "2"), ("/team/-", "[1]", "3")]], &["/team: [1,2,3] → [1]"]);
        check(&[&[("/team/-", "[1]", "2")], &[("/team/-", "[1,2]", "3")]], &["/team: [1,2,3] → [1]"]);
        check(&[&[("/team/-", "null", "2")]], &["/team: [2] → null"]);
    }

    #[test]
    fn what_was_created_or_not_looked_at_stays() {
        let applied = |created_id: Option<&str>| Settled {
            created_id: created_id.map(str::to_owned),
            changes: vec![FieldChange { label: "x".into(), path: "/x".into(), before: None, after: Json::null() }],
            ..Settled::unsent(2, Outcome::Applied, Vec::new())
        };
        assert_eq!(undo(&[applied(Some("id"))], "id").stuck, [CREATED]);
        assert_eq!(undo(&[applied(None)], "id").stuck, [UNSEEN]);
    }

    #[test]
    fn what_cannot_go_back_does_not_hold_up_the_rest() {
        check(
            &[&[
                ("/status", r#""Active""#, r#""Closed""#),
                ("/substatus", r#""Accepted""#, r#""Won""#),
                (CONSENT, "false", "true"),
                ("/details/notes", "1", "2"),
            ]],
            &["/details/notes: 2 → 1", CLOSED, SHARED],
        );
        check(&[&[("/status", r#""New""#, r#""Active""#)]], &[r#"/status: "Active" → "New""#]);
    }
}
