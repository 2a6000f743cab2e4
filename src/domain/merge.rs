//! Whose change wins: three ways, field by field.
//!
//! *Base* is the referral that our change was computed from, *mine* the row, *theirs* the referral as it is now.
//! What only they changed stays theirs; what only we change is ours; what both changed to different values is a
//! clash, which nobody but a person can settle.

use super::change::{Change, Edit, Precision, Was, Wish};
use super::event::Intent;
use super::field::Field;
use super::json::Json;
use super::plan::holds;
use super::referral::Referral;
use super::value::same::{is_same, is_still};

/// A field that both sides changed to different values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The field's label.
    pub label: String,
    /// What it was.
    pub base: Json,
    /// What the row wants.
    pub mine: Json,
    /// What it is now.
    pub theirs: Json,
}

/// The fields on which this change and somebody else's clash. Items to append never do: a list takes both.
pub fn clashes(change: &Change, base: &Referral, theirs: &Referral) -> Vec<Clash> {
    // What held already was no change of ours.
    let edits = change.edits.iter().filter(|edit| edit.is_sent() && !holds(edit, base));
    let clashes = edits.filter_map(|edit| {
        let was = base.exact(edit.field.pointer());
        clash(edit, was.clone(), theirs, |is| is_same(edit.field.kind, was.as_ref(), is))
    });
    clashes.collect()
}

/// The same for the base that the sheet itself knows, cell by cell.
pub fn clashes_with_sheet(change: &Change, theirs: &Referral) -> Vec<Clash> {
    let edits = change.edits.iter().filter(|edit| edit.is_sent());
    let clashes = edits.filter_map(|edit| {
        let was = edit.base.as_ref()?;
        clash(edit, Some(was.value.clone()), theirs, |is| is_still(edit.field.kind, was, Some(is)))
    });
    clashes.collect()
}

fn clash(edit: &Edit, base: Option<Json>, theirs: &Referral, is_untouched: impl Fn(&Json) -> bool) -> Option<Clash> {
    let Wish::Set(mine) = &edit.wish else { return None };
    let is = theirs.exact(edit.field.pointer()).unwrap_or_else(Json::null);
    if holds(edit, theirs) || is_untouched(&is) {
        return None;
    }
    let (label, mine) = (edit.field.label.to_owned(), mine.clone());
    Some(Clash { label, base: base.unwrap_or_else(Json::null), mine, theirs: is })
}

/// What of a change is left to be done once it has been compared with a base: what held there already was no change,
/// and must not undo somebody else's.
pub fn against_base(change: &Change, base: &Referral) -> Change {
    let edits = change.edits.iter().filter(|edit| !edit.is_sent() || !holds(edit, base));
    Change { edits: edits.cloned().collect(), ..change.clone() }
}

/// The same after a run that was cut short, from the intent that it left: what the intent does not name held already.
pub fn against_intent(change: &Change, intent: &Intent) -> Change {
    let is_named = |edit: &&Edit| !edit.is_sent() || intent.changes.iter().any(|named| named.is_of(edit));
    Change { edits: change.edits.iter().filter(is_named).cloned().collect(), ..change.clone() }
}

/// A change as it was shown and agreed to: what held already then is no change, and each field is expected to be what
/// was shown. A row with an eTag of its own is guarded by that.
pub fn as_agreed(change: &Change, agreed: &Intent) -> Change {
    let mut change = against_intent(change, agreed);
    if change.etag.is_none() {
        for edit in change.edits.iter_mut().filter(|edit| edit.base.is_none()) {
            let shown = agreed.changes.iter().find(|named| named.is_of(edit)).and_then(|named| named.before.clone());
            edit.base = shown.map(|value| Was { value, precision: Precision::Exact });
        }
    }
    change
}

/// The clashes of a write of which only the intent is known: its before-values are the base. A guarded write that was
/// made for the very version that is there has not landed, and nobody else has changed anything.
pub fn clashes_since(intent: &Intent, theirs: &Referral) -> Vec<Clash> {
    if intent.guard.is_some() && intent.guard.as_ref() == theirs.etag() {
        return Vec::new();
    }
    let set = intent.changes.iter().filter_map(|change| Some((change, change.before.clone()?)));
    set.filter_map(|(change, base)| {
        let field = Field::by_path(&change.path)?;
        let is = theirs.exact(field.pointer()).unwrap_or_else(Json::null);
        let is_settled = is_same(field.kind, Some(&is), &change.after) || is_same(field.kind, Some(&is), &base);
        (!is_settled).then(|| Clash { label: change.label.to_string(), base, mine: change.after.clone(), theirs: is })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cell::Address;
    use crate::domain::change::Edit;
    use crate::domain::field::Field;

    const ID: &str = "49d90c72-3326-4f61-aacc-2cb57970448c";

    fn referral(notes: &str) -> Referral {
        Referral::parse(format!(r#"{{"id":"{ID}","details":{{"notes":{notes}}}}}"#)).unwrap()
    }

    fn check(base: &str, mine: &str, theirs: &str, clash: bool) {
        let edit = Edit {
            field: Field::by_path("/details/notes").unwrap(),
            wish: Wish::Set(Json::parse(mine.to_owned()).unwrap()),
            base: None,
            place: Address { column: 1, row: 2 },
            heading: "Notes".into(),
        };
        let change = Change { referral: ID.parse().unwrap(), etag: None, edits: vec![edit], is_divisible: false };
        assert_eq!(!clashes(&change, &referral(base), &referral(theirs)).is_empty(), clash, "{base} {mine} {theirs}");
    }

    #[test]
    fn an_intent_of_a_run_that_was_cut_short_clashes_only_with_a_third_value() {
        let json = |text: &str| Json::parse(text.to_owned()).unwrap();
        let change = crate::domain::plan::FieldChange {
            label: "Notes".into(),
            path: "/details/notes".into(),
            before: Some(json(r#""a""#)),
            after: json(r#""b""#),
        };
        let intent = Intent {
            row: 2,
            attempt: 1,
            at: jiff::Timestamp::UNIX_EPOCH,
            guard: None,
            patch: Json::array([]),
            changes: vec![change],
        };
        let count = |notes: &str| clashes_since(&intent, &referral(notes)).len();
        assert_eq!([count(r#""a""#), count(r#""b""#), count(r#""c""#)], [0, 0, 1]);
    }

    #[test]
    fn a_field_that_is_no_more_what_the_sheet_was_made_from_clashes() {
        let json = |text: &str| Json::parse(text.to_owned()).unwrap();
        let clashes = |base: Option<&str>, now: &str| {
            let edit = Edit {
                field: Field::by_path("/details/notes").unwrap(),
                wish: Wish::Set(json(r#""mine""#)),
                base: base.map(|base| Was { value: json(base), precision: Precision::Cell }),
                place: Address { column: 1, row: 2 },
                heading: "Notes".into(),
            };
            let change = Change { referral: ID.parse().unwrap(), etag: None, edits: vec![edit], is_divisible: false };
            clashes_with_sheet(&change, &referral(now)).len()
        };
        assert_eq!(clashes(Some(r#""a""#), r#""a""#), 0);
        assert_eq!(clashes(Some(r#""a""#), r#""theirs""#), 1);
        assert_eq!(clashes(Some(r#""a""#), r#""mine""#), 0);
        assert_eq!(clashes(Some("null"), r#""theirs""#), 1);
        assert_eq!(clashes(None, r#""theirs""#), 0);
        assert_eq!(clashes(Some(r#""two\nlines""#), r#""two\r\nlines ""#), 0);
        assert_eq!(clashes(Some("null"), r#""""#), 0);
    }

    #[test]
    fn only_two_different_changes_of_one_field_clash() {
        check(r#""a""#, r#""b""#, r#""a""#, false);
        check(r#""a""#, r#""a""#, r#""c""#, false);
        check(r#""a""#, r#""b""#, r#""b""#, false);
        check(r#""a""#, r#""b""#, r#""c""#, true);
        check("null", r#""b""#, "null", false);
    }
}
