//! A change against a referral as it is now: the smallest patch, or the reason why there is none.
//!
//! The plan is a value. It is computed here, shown by `plan`, sent by `apply`, and computed again after a lost reply
//! or a colleague's change: what has landed already drops out of it.

use json_patch::jsonptr::Pointer;
use serde_json::Value;

use super::change::{Change, Edit, Wish};
use super::field::{Kind, Writable};
use super::json::Json;
use super::patch::{DoesNotApply, Op, Operation, Patch};
use super::problem::{Problem, Severity};
use super::referral::{ETag, Referral};
use super::status::{Move, Status};
use super::value::list::ITEMS_MAX;

/// What is to be done about a change.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The step itself.
    pub step: Step,
    /// Warnings about it, or the errors that forbid it.
    pub problems: Vec<Problem>,
}

/// For telling midnights from other moments.
const SECONDS_PER_DAY: i64 = 86_400;
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
    pub label: String,
    /// Its pointer.
    pub path: String,
    /// What it held; none when that is not known, or when an item is appended.
    pub before: Option<Json>,
    /// What it shall hold.
    pub after: Json,
}

/// Plans a change against the referral that it is about.
pub fn against(change: &Change, current: &Referral) -> Plan {
    let mut problems = ignored(change, current);
    problems.extend(kept(change, current));
    let wanted = without_repeats(change.edits.iter().filter(|edit| edit.is_sent() && !holds(edit, current)));
    if wanted.is_empty() {
        return Plan { step: Step::Nothing, problems };
    }
    problems.extend(status_problems(change, current));
    problems.extend(list_problems(&wanted, current));
    if problems.iter().any(Problem::is_error) {
        return Plan { step: Step::Invalid, problems };
    }
    let changes = wanted.iter().map(|edit| field_change(edit, Some(current))).collect();
    if let Some(expected) = change.etag.clone().filter(|etag| current.etag().is_some_and(|now| now != etag)) {
        return Plan { step: Step::Stale { expected, changes }, problems };
    }
    let patch = Patch { operations: operations(&wanted, current) };
    match patch.applied_to(&with_parents(current.document(), &patch)) {
        Ok(after) => {
            let guard = change.etag.clone().or_else(|| current.etag().cloned());
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
    let operations = in_order(&wanted).into_iter().map(|edit| match &edit.wish {
        Wish::Set(value) => operation(Op::Replace, edit.field.path, value),
        Wish::Append(item) => operation(Op::Add, &format!("{}/-", edit.field.path), item),
    });
    let patch = Patch { operations: operations.collect() };
    let changes = wanted.iter().map(|edit| field_change(edit, None)).collect();
    Plan { step: Step::Write(Write { patch, guard: change.etag.clone(), changes, after: None }), problems: Vec::new() }
}

/// Whether the referral holds what the edit wishes.
pub fn holds(edit: &Edit, current: &Referral) -> bool {
    let now = current.at(edit.field.pointer());
    match &edit.wish {
        Wish::Set(wanted) => is_same(edit.field.kind, current.exact(edit.field.pointer()).as_ref(), wanted),
        Wish::Append(item) => {
            let items = now.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            items.iter().any(|there| is_same_item(edit.field.kind, there, &item.value()))
        }
    }
}

/// A row may name a person twice, in parts and in one cell; the person is added once.
fn without_repeats<'a>(edits: impl Iterator<Item = &'a Edit>) -> Vec<&'a Edit> {
    let is_repeat = |one: &Edit, other: &Edit| match (&one.wish, &other.wish) {
        (Wish::Append(one_item), Wish::Append(other_item)) => {
            one.field == other.field && is_same_item(one.field.kind, &one_item.value(), &other_item.value())
        }
        _ => false,
    };
    let mut wanted: Vec<&Edit> = Vec::new();
    for edit in edits {
        if !wanted.iter().any(|earlier| is_repeat(earlier, edit)) {
            wanted.push(edit);
        }
    }
    wanted
}

/// Whether two values of a field mean the same: `null` is as good as absent, dates are moments, numbers are numbers.
pub fn is_same(kind: Kind, now: Option<&Json>, wanted: &Json) -> bool {
    let Some(now) = now.filter(|now| !now.is_null()) else { return wanted.is_null() };
    if now == wanted {
        return true;
    }
    match kind {
        Kind::Amount => now.decimal().is_some() && now.decimal() == wanted.decimal(),
        Kind::DateTime => moment(now).is_some() && moment(now) == moment(wanted),
        Kind::Entry { by, name, .. } => entry(&now.value(), by, name) == wanted.value().as_str().map(str::to_owned),
        Kind::Text
        | Kind::Code
        | Kind::Guid
        | Kind::Email
        | Kind::Currency
        | Kind::Country
        | Kind::Boolean
        | Kind::Status
        | Kind::Substatus
        | Kind::Choice(_)
        | Kind::OpenChoice(_)
        | Kind::Members
        | Kind::Solutions
        | Kind::Tags
        | Kind::Json => now.value() == wanted.value(),
    }
}

/// People are the same by e-mail, solutions by id, anything else when it is equal.
fn is_same_item(kind: Kind, there: &Value, item: &Value) -> bool {
    let Some(name) = key_of(kind) else { return there == item };
    let text = |value: &Value| value.get(name).and_then(Value::as_str).map(str::to_lowercase);
    text(there).is_some() && text(there) == text(item)
}

/// The member that tells the items of a list apart.
fn key_of(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Members => Some("email"),
        Kind::Solutions => Some("id"),
        _ => None,
    }
}

fn moment(json: &Json) -> Option<jiff::Timestamp> {
    json.value().as_str()?.parse().ok()
}

fn entry(array: &Value, by: &str, name: &str) -> Option<String> {
    let found = array.as_array()?.iter().find(|entry| entry.get(by).and_then(Value::as_str) == Some(name))?;
    Some(found.get("id")?.as_str()?.to_owned())
}

/// Cells of columns that are not sent: fine while they say what the referral holds, else a warning, as in the portal.
fn ignored(change: &Change, current: &Referral) -> Vec<Problem> {
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
fn kept(change: &Change, current: &Referral) -> Vec<Problem> {
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

/// The members that an item sets to something else than what is there. What kind of solution it is, the portal does
/// not print; we guess it.
fn other_members<'a>(there: &Value, item: &'a Value) -> Vec<&'a str> {
    let is_other = |name: &str, wanted: &Value| match (there.get(name).and_then(Value::as_f64), wanted.as_f64()) {
        (Some(now), Some(wanted)) => now.to_bits() != wanted.to_bits(),
        _ => there.get(name) != Some(wanted),
    };
    let members = item.as_object().into_iter().flatten();
    let others =
        members.filter(|(name, wanted)| !["id", "email", "type"].contains(&name.as_str()) && is_other(name, wanted));
    others.map(|(name, _)| name.as_str()).collect()
}

/// The portal prints days where the service holds moments. Of a field that is compared only, the day is enough.
fn is_day_of(edit: &Edit, current: &Referral) -> bool {
    let Wish::Set(wanted) = &edit.wish else { return false };
    let now = current.exact(edit.field.pointer()).as_ref().and_then(moment);
    let day = |moment: jiff::Timestamp| moment.to_zoned(jiff::tz::TimeZone::UTC).date();
    match (edit.field.kind, now, moment(wanted)) {
        (Kind::DateTime, Some(now), Some(wanted)) => {
            day(now) == day(wanted) && wanted.as_second().rem_euclid(SECONDS_PER_DAY) == 0
        }
        _ => false,
    }
}

fn status_problems(change: &Change, current: &Referral) -> Vec<Problem> {
    let find = |path: &str| change.edits.iter().find(|edit| edit.field.path == path);
    let (status, substatus) = (find("/status"), find("/substatus"));
    let mut problems = Vec::new();
    if let Some(edit) = status.or(substatus) {
        problems.extend(pair_problem(edit, status, substatus, current));
    }
    let is_closed = current.status().is_some_and(Status::is_closed);
    let edits_fields = change.edits.iter().filter(|edit| edit.is_sent() && !holds(edit, current));
    let first = edits_fields.into_iter().find(|edit| !edit.field.path.starts_with("/registrations"));
    if let Some(edit) = first.filter(|_| is_closed && problems.is_empty()) {
        problems.push(Problem::warning(
            edit.place,
            &edit.heading,
            "the referral is closed",
            "the portal does not change closed referrals; the service decides",
        ));
    }
    problems
}

fn pair_problem(edit: &Edit, status: Option<&Edit>, substatus: Option<&Edit>, current: &Referral) -> Option<Problem> {
    let wished = |edit: Option<&Edit>, path: &str| match edit.map(|edit| &edit.wish) {
        Some(Wish::Set(json)) => json.value().as_str().map(str::to_owned),
        _ => current.view().get(path).and_then(Value::as_str).map(str::to_owned),
    };
    let (next_status, next_substatus) = (wished(status, "status")?, wished(substatus, "substatus")?);
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

fn list_problems(wanted: &[&Edit], current: &Referral) -> Vec<Problem> {
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

/// Status first, substatus next, the rest as in the sheet.
fn in_order<'a>(wanted: &[&'a Edit]) -> Vec<&'a Edit> {
    let mut ordered = wanted.to_vec();
    ordered.sort_by_key(|edit| match edit.field.kind {
        Kind::Status => 0,
        Kind::Substatus => 1,
        _ => 2,
    });
    ordered
}

fn operations(wanted: &[&Edit], current: &Referral) -> Vec<Operation> {
    let mut operations: Vec<Operation> = Vec::new();
    for edit in in_order(wanted) {
        let path = edit.field.path;
        let now = current.at(edit.field.pointer());
        let sets = if now.is_some() { Op::Replace } else { Op::Add };
        match &edit.wish {
            Wish::Set(value) => operations.push(operation(sets, path, value)),
            Wish::Append(item) if now.is_some_and(Value::is_array) => {
                operations.push(operation(Op::Add, &format!("{path}/-"), item));
            }
            // There is no list to append to yet: the first item brings it, the next ones join it.
            Wish::Append(item) => match operations.iter_mut().find(|operation| operation.path.as_str() == path) {
                Some(list) => list.value = list.value.with(LAST, item).expect("a list takes one more item"),
                None => operations.push(operation(sets, path, &Json::array([item]))),
            },
        }
    }
    operations
}

fn operation(op: Op, path: &str, value: &Json) -> Operation {
    let path = path.parse().expect("the field table holds valid pointers");
    Operation { op, path, value: value.clone() }
}

/// Responses leave members out (contract, section 3): an object that a patch goes through is there all the same.
fn with_parents(document: &Json, patch: &Patch) -> Json {
    let mut document = document.clone();
    for operation in &patch.operations {
        let mut missing = Vec::new();
        let mut at = operation.path.parent();
        while let Some(parent) = at.filter(|parent| !parent.is_root()) {
            if document.get(parent).is_none_or(|value| value.is_null()) {
                missing.push(parent);
            }
            at = parent.parent();
        }
        for parent in missing.into_iter().rev() {
            document = document.with(parent, &Json::object([])).unwrap_or(document);
        }
    }
    document
}

fn field_change(edit: &Edit, current: Option<&Referral>) -> FieldChange {
    let (before, after) = match &edit.wish {
        Wish::Set(value) => {
            (current.map(|current| current.exact(edit.field.pointer()).unwrap_or_else(Json::null)), value)
        }
        Wish::Append(item) => (None, item),
    };
    let path = match edit.wish {
        Wish::Set(_) => edit.field.path.to_owned(),
        Wish::Append(_) => format!("{}/-", edit.field.path),
    };
    FieldChange { label: edit.field.label.to_owned(), path, before, after: after.clone() }
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
mod tests {
    use super::*;
    use crate::domain::cell::{Cell, Row};
    use crate::domain::change::{Ask, Request};
    use crate::domain::heading::{Columns, Naming};
    use crate::domain::value::Reading;

    const ID: &str = "49d90c72-3326-4f61-aacc-2cb57970448c";

    fn referral(members: &str) -> Referral {
        Referral::parse(format!(r#"{{"id":"{ID}","eTag":"\"1\"",{members}}}"#)).unwrap()
    }

    fn change(headings: &[&str], cells: &[&str]) -> Change {
        let all = std::iter::once("id").chain(headings.iter().copied()).zip(0..).map(|(text, at)| (at, text));
        let columns = Columns::resolve(all, &Naming::default()).unwrap();
        let cells = std::iter::once(&ID).chain(cells).map(|text| Cell::Text((*text).to_owned())).collect();
        match Request::read(&Row { number: 2, cells }, &columns, &Reading::default()).ask {
            Ask::Update(change) => change,
            other => panic!("{other:?}"),
        }
    }

    fn check(members: &str, headings: &[&str], cells: &[&str], expected: &[&str]) {
        let plan = against(&change(headings, cells), &referral(members));
        let mut lines = match &plan.step {
            Step::Nothing => vec!["nothing".to_owned()],
            Step::Write(write) => write
                .patch
                .operations
                .iter()
                .map(|operation| format!("{} {} {}", operation.op.word(), operation.path, operation.value))
                .collect(),
            Step::Stale { expected, .. } => vec![format!("stale, expected {expected}")],
            Step::Invalid => vec!["invalid".to_owned()],
        };
        lines.extend(plan.problems.iter().map(ToString::to_string));
        assert_eq!(lines, expected);
    }

    const ACTIVE: &str = r#""status":"Active","substatus":"Accepted""#;

    #[test]
    fn what_holds_already_is_left_out() {
        check(
            r#""details":{"dealValue":5000.00,"notes":"a","closingDateTime":"2026-12-31T00:00:00.0000000Z"}"#,
            &["Deal value", "Notes", "Closing date"],
            &["5000", "b", "2026-12-31"],
            &[r#"replace /details/notes "b""#],
        );
    }

    #[test]
    fn a_row_that_changes_nothing_sends_nothing_whatever_its_etag() {
        check(r#""details":{"notes":"a"}"#, &["Notes", "eTag"], &["a", "old"], &["nothing"]);
        check(r#""campaignId":null"#, &["Campaign ID"], &["(clear)"], &["nothing"]);
        check(r#""x":1"#, &["Campaign ID"], &["(clear)"], &["nothing"]);
    }

    #[test]
    fn a_stale_etag_stops_a_row_that_would_change_something() {
        check(r#""details":{"notes":"a"}"#, &["Notes", "eTag"], &["b", "old"], &["stale, expected \"old\""]);
        check(r#""details":{"notes":"a"}"#, &["Notes", "eTag"], &["b", "1"], &[r#"replace /details/notes "b""#]);
    }

    #[test]
    fn status_comes_before_substatus_and_both_before_the_rest() {
        check(
            &format!(r#"{ACTIVE},"details":{{"notes":null}}"#),
            &["Notes", "Substatus", "Status"],
            &["x", "Won", "Closed"],
            &[r#"replace /status "Closed""#, r#"replace /substatus "Won""#, r#"replace /details/notes "x""#],
        );
    }

    #[test]
    fn a_member_that_is_not_printed_is_added_and_its_parents_are_taken_as_there() {
        check(
            ACTIVE,
            &["Campaign ID", "Share with Microsoft sellers"],
            &["c", "Yes"],
            &[r#"add /campaignId "c""#, "add /consent/consentToShareReferralWithMicrosoftSellers true"],
        );
    }

    #[test]
    fn forbidden_moves_are_invalid_and_doubtful_ones_are_left_to_the_service() {
        let closed = r#""status":"Closed","substatus":"Won""#;
        check(
            closed,
            &["Status", "Substatus"],
            &["Active", "Accepted"],
            &[
                "invalid",
                "B2 (Status): the referral is Closed / Won, it cannot become Active / Accepted; a closed referral stays closed",
            ],
        );
        check(
            ACTIVE,
            &["Status"],
            &["Closed"],
            &[
                "invalid",
                "B2 (Status): status `Closed` does not go with the substatus `Accepted` that the referral has; fill in the substatus too: Won, Lost, Declined, Expired",
            ],
        );
        check(
            ACTIVE,
            &["Substatus"],
            &["Won"],
            &[
                "invalid",
                "B2 (Substatus): substatus `Won` does not go with the status `Active` that the referral has; fill in the status too: Closed",
            ],
        );
        check(
            &format!(r#"{closed},"details":{{"notes":"a"}}"#),
            &["Notes"],
            &["b"],
            &[
                r#"replace /details/notes "b""#,
                "warning: B2 (Notes): the referral is closed; the portal does not change closed referrals; the service decides",
            ],
        );
        check(
            r#""status":"New","substatus":"Pending""#,
            &["Status", "Substatus"],
            &["Closed", "Won"],
            &[
                r#"replace /status "Closed""#,
                r#"replace /substatus "Won""#,
                "warning: B2 (Status): the portal offers only accepting or declining a new referral; sent all the same; the service decides",
            ],
        );
    }

    #[test]
    fn a_status_that_we_do_not_know_is_left_to_the_service() {
        check(
            r#""status":"Active","substatus":"Engaged""#,
            &["Status", "Substatus"],
            &["Closed", "Won"],
            &[r#"replace /status "Closed""#, r#"replace /substatus "Won""#],
        );
    }

    #[test]
    fn who_is_in_the_team_already_is_not_added_again() {
        let ann = r#"{"firstName":"Ann","lastName":"A","phoneNumber":"1","email":"ANN@contoso.com","title":"x"}"#;
        let bob = r#"{"firstName":"Bob","lastName":"B","phoneNumber":"1","email":"bob@contoso.com"}"#;
        let cells = ["Ann, A, 1, ann@contoso.com", "Bob, B, 1, bob@contoso.com"];
        let headings = ["Team member 1", "Team member 2"];
        check(&format!(r#""team":[{ann}]"#), &headings, &cells, &[&format!("add /team/- {bob}")]);
        let both = format!(
            r#"add /team [{{"firstName":"Ann","lastName":"A","phoneNumber":"1","email":"ann@contoso.com"}},{bob}]"#
        );
        check(ACTIVE, &headings, &cells, &[&both]);
        check(r#""team":null"#, &headings, &cells, &[&both.replace("add", "replace")]);
    }

    #[test]
    fn other_details_of_who_is_there_already_are_not_dropped_in_silence() {
        check(
            r#""team":[{"firstName":"Ann","lastName":"A","phoneNumber":"1","email":"ann@contoso.com"}]"#,
            &["Team member 1"],
            &["Ann, A, 2, ann@contoso.com"],
            &[
                "nothing",
                "warning: B2 (Team member 1): `ann@contoso.com` is there already, the other phoneNumber here is ignored; to change it, give the whole list as JSON in a column `Team`, or use the portal",
            ],
        );
        let solution = r#""details":{"requirements":{"solutions":[{"id":"SOL-1","type":"Category","price":5}]}}"#;
        check(solution, &["Solution 1"], &["SOL-1, , 5.00"], &["nothing"]);
        check(
            solution,
            &["Solution 1"],
            &["SOL-1, EUR, 6"],
            &[
                "nothing",
                "warning: B2 (Solution 1): `SOL-1` is there already, the other currency, price here is ignored; to change it, give the whole list as JSON in a column `Solutions`, or use the portal",
            ],
        );
    }

    #[test]
    fn a_list_holds_fifty() {
        let team = vec![r#"{"email":"x@y.zz"}"#; 50].join(",");
        check(
            &format!(r#""team":[{team}]"#),
            &["Team member 1"],
            &["Ann, A, 1, ann@contoso.com"],
            &[
                "invalid",
                "B2 (Team member 1): the referral has 50 entries in Team, this would be number 51; at most 50",
            ],
        );
    }

    #[test]
    fn columns_that_are_not_sent_are_compared() {
        check(r#""customerProfile":{"name":"Contoso"}"#, &["Customer name"], &["Contoso"], &["nothing"]);
        let created = r#""createdDateTime":"2026-02-24T14:27:34.6524653Z""#;
        check(created, &["Created Date"], &["2026-02-24"], &["nothing"]);
        for other in ["2026-02-25", "2026-02-24T14:00:00Z"] {
            let warning = "warning: B2 (Created Date): ignored, the service sets this itself";
            check(created, &["Created Date"], &[other], &["nothing", warning]);
        }
        check(
            r#""customerProfile":{"name":"Contoso","ids":[{"profileType":"Duns","id":"1"}]}"#,
            &["Customer name", "D-U-N-S number"],
            &["Fabrikam", "1"],
            &["nothing", "warning: B2 (Customer name): ignored, this can be set only when the referral is created"],
        );
    }

    #[test]
    fn without_looking_every_wish_is_an_operation() {
        let change = change(&["Notes", "eTag", "Team member 1"], &["x", "7", "Ann, A, 1, ann@contoso.com"]);
        let Step::Write(write) = unseen(&change).step else { panic!("nothing to write") };
        assert_eq!(write.guard.unwrap().as_str(), "\"7\"");
        let paths: Vec<&str> = write.patch.operations.iter().map(|operation| operation.path.as_str()).collect();
        assert_eq!(paths, ["/details/notes", "/team/-"]);
    }
}
