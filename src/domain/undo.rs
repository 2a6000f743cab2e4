//! What puts a referral back to what it was before a run.
//!
//! Only what we did is taken back: each field from what our last change of it left to what it was before our first one,
//! as long as nobody else came in between. Whether it is still as we left it, is seen when the undo is planned.

use json_patch::jsonptr::Pointer;

use super::field::Field;
use super::json::Json;
use super::outcome::{Outcome, Settled};
use super::plan::FieldChange;
use super::planned::Planned;
use super::value::same::is_still;

/// How a referral is put back.
#[derive(Debug, Clone, PartialEq)]
pub enum Undo {
    /// With these changes; none if the run has changed nothing about it.
    Back(Vec<Planned>),
    /// Not at all, because of this.
    Never(&'static str),
}

const CREATED: &str = "the run created this referral, and the service has no way to delete one; close it instead";
const UNSEEN: &str = "the run did not look at the referral first (--check none), so what it was is not known";

/// What undoes the rows about one referral, which come in sheet order.
///
/// A patch cannot take an item out of a list (contract, section 5.2), so a list that was added to is put back whole.
pub fn undo(rows: &[Settled], id: &str) -> Undo {
    let applied = || rows.iter().filter(|row| row.outcome == Outcome::Applied);
    if applied().any(|row| row.created_id.is_some()) {
        return Undo::Never(CREATED);
    }
    let mut back: Vec<Planned> = Vec::new();
    for row in applied() {
        for change in &row.changes {
            let Some(before) = &change.before else { return Undo::Never(UNSEEN) };
            take_back(&mut back, row.row, id, change, before);
        }
    }
    let changes_something = |planned: &Planned| planned.was.as_ref() != Some(&planned.new);
    back.retain(changes_something);
    Undo::Back(back)
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
    kind.zip(left).is_some_and(|(kind, left)| is_still(kind, left, Some(found)))
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
            label: path.to_owned(),
            path: path.to_owned(),
            before: Some(json(before)),
            after: json(after),
        };
        let row = |(number, changes): (u32, &&[(&str, &str, &str)])| Settled {
            changes: changes.iter().map(change).collect(),
            ..Settled::unsent(number, Outcome::Applied, Vec::new())
        };
        let rows: Vec<Settled> = (2..).zip(rows).map(row).collect();
        let Undo::Back(back) = undo(&rows, "id") else { panic!("no way back") };
        let line = |planned: &Planned| {
            format!("{}: {} → {}", planned.path, planned.was.as_ref().unwrap().text(), planned.new.text())
        };
        assert_eq!(back.iter().map(line).collect::<Vec<_>>(), expected);
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
        assert_eq!(undo(&[applied(Some("id"))], "id"), Undo::Never(CREATED));
        assert_eq!(undo(&[applied(None)], "id"), Undo::Never(UNSEEN));
    }
}
