//! What puts a referral back to what it was before a run.
//!
//! Only what we did is taken back: each field from what our last change of it left to what it was before our first one,
//! as long as nobody else came in between. Whether it is still as we left it, is seen when the undo is planned.

use json_patch::jsonptr::Pointer;
use serde_json::Value;

use super::change::{Precision, Was};
use super::event::Intent;
use super::field::{Field, Kind};
use super::json::Json;
use super::outcome::{Outcome, Settled};
use super::plan::{FieldChange, is_same_item, key_of};
use super::planned::Planned;
use super::status::Status;
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
const IN_DOUBT: &str = "of a row about this referral it is not known whether it was applied; look at it in the portal";
const CLOSED: &str = "Status: the run closed the referral, and a closed referral cannot be opened again";
const SHARED: &str = "Share with Microsoft sellers: a referral that was shared once stays shared";
const CONSENT: &str = "/consent/consentToShareReferralWithMicrosoftSellers";

/// What undoes the rows about one referral, which come in sheet order, and writes behind them of which it is not known
/// whether they landed: each of these is put back if the referral holds what it was to leave.
///
/// A patch cannot take an item out of a list (contract, section 5.2), so a list that was added to is put back whole.
pub fn undo(rows: &[Settled], in_doubt: &[Intent], id: &str) -> Undo {
    let stuck = |why: &str| Undo { back: Vec::new(), stuck: vec![why.to_owned()] };
    let applied = || rows.iter().filter(|row| row.outcome == Outcome::Applied);
    if applied().any(|row| row.created_id.is_some()) {
        return stuck(CREATED);
    }
    let changed = applied().filter(|row| !row.changes.is_empty()).map(|row| row.row);
    let group = changed.chain(in_doubt.iter().map(|intent| intent.row)).next().unwrap_or_default();
    let to = To { id, group };
    let mut undo = Undo::default();
    for change in applied().flat_map(|row| &row.changes) {
        match &change.before {
            Some(before) => to.take_back(&mut undo, change, before),
            None => return stuck(UNSEEN),
        }
    }
    undo.back.retain(|planned| planned.was.as_ref() != Some(&planned.new));
    undo.keep_what_must_stay();
    let doubtful = doubtful(&to, in_doubt, &undo.back);
    undo.back.extend(doubtful.back);
    undo.stuck.extend(doubtful.stuck);
    undo
}

/// The same for writes in doubt. What is certain of a field comes first: of one that earlier rows have changed as well,
/// nobody can tell what it should hold now.
fn doubtful(to: &To<'_>, in_doubt: &[Intent], certain: &[Planned]) -> Undo {
    let mut undo = Undo::default();
    let mut is_left = false;
    for intent in in_doubt {
        is_left |= intent.changes.is_empty();
        for change in &intent.changes {
            let is_certain = certain.iter().any(|planned| planned.path == list_path(change));
            match change.before.as_ref().filter(|_| !is_certain) {
                Some(before) => to.take_back(&mut undo, change, before),
                None => is_left = true,
            }
        }
    }
    undo.keep_what_must_stay();
    is_left |= !undo.stuck.is_empty();
    undo.stuck = is_left.then(|| IN_DOUBT.to_owned()).into_iter().collect();
    undo
}

impl Undo {
    /// Takes out what the service is known to refuse, so that the rest can be put back.
    fn keep_what_must_stay(&mut self) {
        let status = self.back.iter().find(|planned| planned.path == "/status");
        let word = |json: Option<&Json>| json.and_then(|json| json.value().as_str().map(str::to_owned));
        let way = status.and_then(|status| Some((word(status.was.as_ref())?, word(Some(&status.new))?)));
        if let Some((from, to)) = way.filter(|(from, to)| !Status::leads(from, to)) {
            self.back.retain(|planned| !["/status", "/substatus", "/statusReason"].contains(&planned.path.as_str()));
            self.stuck.push(match from.as_str() {
                "Closed" => CLOSED.to_owned(),
                _ => {
                    format!("Status: the run took the referral from {to} to {from}, and the service knows no way back")
                }
            });
        }
        let is_shared =
            |planned: &Planned| planned.path == CONSENT && planned.was.as_ref().is_some_and(|was| was.text() == "true");
        if self.back.iter().any(is_shared) {
            self.back.retain(|planned| !is_shared(planned));
            self.stuck.push(SHARED.to_owned());
        }
    }
}

/// What is put back.
struct To<'a> {
    id: &'a str,
    /// All of it is one write.
    group: u32,
}

impl To<'_> {
    fn take_back(&self, undo: &mut Undo, change: &FieldChange, before: &Json) {
        let path = list_path(change);
        let left =
            |before: &Json| if change.is_item() { with_item(before, &change.after) } else { change.after.clone() };
        match undo.back.iter_mut().find(|planned| planned.path == path) {
            // Several items of one write were all added to the same list.
            Some(earlier) if change.is_item() && earlier.new == *before => {
                earlier.was = earlier.was.as_ref().map(left);
            }
            Some(earlier) if is_as_left(path, earlier.was.as_ref(), before) => earlier.was = Some(left(before)),
            Some(earlier) => {
                let kind = change.field().map_or(Kind::Json, |field| field.kind);
                if let Some(what) = what_stays(kind, earlier, before) {
                    undo.stuck.push(format!("{}: {what}", change.label));
                }
                (earlier.new, earlier.was) = (before.clone(), Some(left(before)));
            }
            None => {
                let (id, path, group) = (self.id.to_owned(), path.to_owned(), self.group);
                undo.back.push(Planned { group, id, etag: None, path, new: before.clone(), was: Some(left(before)) });
            }
        }
    }
}

/// What the run did to a list, and what stays of it because somebody else has changed the list before the run changed it
/// once more: only a list that nobody else has touched is replaced.
fn what_stays(kind: Kind, earlier: &Planned, found: &Json) -> Option<String> {
    let items = |json: Option<&Json>| match json.map(Json::value) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    let (was, left, found) = (items(Some(&earlier.new)), items(earlier.was.as_ref()), items(Some(found)));
    let has = |list: &[Value], item: &Value| list.iter().any(|there| is_same_item(kind, there, item));
    let named = |item: &Value| {
        let name = key_of(kind).and_then(|key| item.get(key)).and_then(Value::as_str);
        format!("`{}`", name.map_or_else(|| item.to_string(), str::to_owned))
    };
    let added: Vec<String> = left.iter().filter(|item| !has(&was, item) && has(&found, item)).map(named).collect();
    let taken: Vec<String> = was.iter().filter(|item| !has(&left, item) && !has(&found, item)).map(named).collect();
    let why = "because somebody else changed the list between two changes of the run; look at it in the portal";
    match (added.is_empty(), taken.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{} stays in, {why}", added.join(", "))),
        (true, false) => Some(format!("{} stays out, {why}", taken.join(", "))),
        (false, false) => Some(format!("{} stays in and {} out, {why}", added.join(", "), taken.join(", "))),
    }
}

/// The pointer of the field, of the whole list where an item is added.
fn list_path(change: &FieldChange) -> &str {
    change.path.trim_end_matches("/-")
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
        let Undo { back, stuck } = undo(&rows, &[], "id");
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
        let (one, two, nine, three) = (r#"{"email":"1"}"#, r#"{"email":"2"}"#, r#"{"email":"9"}"#, r#"{"email":"3"}"#);
        let (first, both, theirs) = (format!("[{one}]"), format!("[{one},{two},{nine}]"), format!("[{one},{nine}]"));
        let back = |list: &str| format!("/team: {},{three}] → {list}", list.trim_end_matches(']'));
        let stays = "/team/-: `2` stays in, because somebody else changed the list between two changes of the run; look at it in the portal";
        check(&[&[("/team/-", &first, two)], &[("/team/-", &both, three)]], &[&back(&both), stays]);
        check(&[&[("/team/-", &first, two)], &[("/team/-", &theirs, three)]], &[&back(&theirs)]);
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
        assert_eq!(undo(&[applied(Some("id"))], &[], "id").stuck, [CREATED]);
        assert_eq!(undo(&[applied(None)], &[], "id").stuck, [UNSEEN]);
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
        check(
            &[&[
                ("/status", r#""New""#, r#""Active""#),
                ("/substatus", r#""Pending""#, r#""Accepted""#),
                ("/details/notes", "1", "2"),
            ]],
            &[
                "/details/notes: 2 → 1",
                "Status: the run took the referral from New to Active, and the service knows no way back",
            ],
        );
        check(&[&[("/substatus", r#""Won""#, r#""Lost""#)]], &[r#"/substatus: "Lost" → "Won""#]);
    }

    #[test]
    fn a_write_in_doubt_is_put_back_if_it_turns_out_to_have_landed() {
        let json = |text: &str| Json::parse(text.to_owned()).unwrap();
        let change = |path: &str, before: Option<&str>, after: &str| FieldChange {
            label: path.to_owned().into(),
            path: path.to_owned().into(),
            before: before.map(json),
            after: json(after),
        };
        let check = |earlier: Option<FieldChange>, changes: Vec<FieldChange>, expected: &[&str], stuck: &[&str]| {
            let rows =
                [Settled { changes: earlier.into_iter().collect(), ..Settled::unsent(2, Outcome::Applied, vec![]) }];
            let at = jiff::Timestamp::UNIX_EPOCH;
            let intent = Intent { row: 3, attempt: 1, at, guard: None, patch: Json::array([]), changes };
            let undo = undo(&rows, &[intent], "id");
            let line = |planned: &Planned| {
                format!("{}: {} → {}", planned.path, planned.was.as_ref().unwrap().text(), planned.new.text())
            };
            assert_eq!(undo.back.iter().map(line).collect::<Vec<_>>(), expected);
            assert_eq!(undo.stuck, stuck);
        };
        let notes = "/details/notes";
        check(None, vec![change(notes, Some("1"), "2")], &["/details/notes: 2 → 1"], &[]);
        check(None, vec![change("/team/-", Some("[1]"), "2")], &["/team: [1,2] → [1]"], &[]);
        check(None, vec![change(notes, None, "2")], &[], &[IN_DOUBT]);
        check(None, vec![change("/status", Some(r#""New""#), r#""Active""#)], &[], &[IN_DOUBT]);
        let earlier = change(notes, Some("0"), "1");
        check(Some(earlier), vec![change(notes, Some("1"), "2")], &["/details/notes: 1 → 0"], &[IN_DOUBT]);
        check(None, Vec::new(), &[], &[IN_DOUBT]);
    }
}
