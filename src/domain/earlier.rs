//! What the earlier rows of a run have done to a referral: what we did ourselves is nobody else's change.

use super::change::{Change, Precision, Was};
use super::json::Json;
use super::outcome::{Outcome, Settled};
use super::referral::ETag;

/// What the rows before a row have done to its referral.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Earlier {
    /// The version that they were made from, and the one that they left, as long as nobody else came between.
    versions: Option<(ETag, ETag)>,
    /// The pointers of the fields that they have set, each with its value, the latest last.
    set: Vec<(String, Json)>,
}

impl Earlier {
    /// Adds a row that has ended.
    pub fn note(&mut self, settled: &Settled) {
        if !matches!(settled.outcome, Outcome::Applied | Outcome::Planned) {
            return;
        }
        self.set.extend(settled.changes.iter().map(|change| (change.path.to_string(), change.after.clone())));
        let (Some(before), Some(after)) = (&settled.etag_before, &settled.etag_after) else { return };
        let made_from = match self.versions.take() {
            Some((made_from, left)) if left == *before => made_from,
            _ => before.clone(),
        };
        self.versions = Some((made_from, after.clone()));
    }

    /// A change as it stands after them. What was made from the same version as they were is made from the one that
    /// they left, and what a field was in the sheet's base is what they made of it.
    pub fn catch_up(&self, change: &Change) -> Change {
        let mut change = change.clone();
        if let Some((made_from, left)) = &self.versions
            && change.etag.as_ref() == Some(made_from)
        {
            change.etag = Some(left.clone());
        }
        for edit in change.edits.iter_mut().filter(|edit| edit.base.is_some()) {
            if let Some((_, value)) = self.set.iter().rfind(|(path, _)| path == edit.field.path) {
                edit.base = Some(Was { value: value.clone(), precision: Precision::Cell });
            }
        }
        change
    }
}

impl<'a> FromIterator<&'a Settled> for Earlier {
    fn from_iter<I: IntoIterator<Item = &'a Settled>>(rows: I) -> Self {
        let mut earlier = Earlier::default();
        rows.into_iter().for_each(|settled| earlier.note(settled));
        earlier
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cell::Address;
    use crate::domain::change::{Edit, Wish};
    use crate::domain::field::Field;
    use crate::domain::plan::FieldChange;

    const NOTES: &str = "/details/notes";

    fn json(text: &str) -> Json {
        Json::parse(text.to_owned()).unwrap()
    }

    fn etag(text: &str) -> ETag {
        ETag::new(text)
    }

    /// A row that ended, from which version to which, and what it set the notes to.
    fn row(outcome: Outcome, before: &str, after: &str, notes: &str) -> Settled {
        let label = "Notes".to_owned();
        let change = FieldChange { label: label.into(), path: NOTES.into(), before: None, after: json(notes) };
        Settled {
            etag_before: Some(etag(before)),
            etag_after: Some(etag(after)),
            changes: vec![change],
            ..Settled::unsent(2, outcome, Vec::new())
        }
    }

    /// What becomes of a change that was made from the version `a`, when the notes were `"old"`.
    fn check(rows: &[Settled], expected_etag: &str, expected_base: &str) {
        let edit = Edit {
            field: Field::by_path(NOTES).unwrap(),
            wish: Wish::Set(json(r#""mine""#)),
            base: Some(Was { value: json(r#""old""#), precision: Precision::Cell }),
            place: Address { column: 1, row: 9 },
            heading: "Notes".into(),
        };
        let referral = "49d90c72-3326-4f61-aacc-2cb57970448c".parse().unwrap();
        let change = Change { referral, etag: Some(etag(r#""a""#)), edits: vec![edit], is_divisible: false };
        let now = rows.iter().collect::<Earlier>().catch_up(&change);
        assert_eq!(now.etag.unwrap(), etag(expected_etag));
        assert_eq!(now.edits[0].base.as_ref().unwrap().value, json(expected_base));
    }

    #[test]
    fn what_earlier_rows_did_is_nobody_elses_change() {
        let first = row(Outcome::Applied, r#""a""#, r#""b""#, r#""one""#);
        check(&[], r#""a""#, r#""old""#);
        check(std::slice::from_ref(&first), r#""b""#, r#""one""#);
        check(&[first, row(Outcome::Applied, r#""b""#, r#""c""#, r#""two""#)], r#""c""#, r#""two""#);
    }

    #[test]
    fn what_others_did_in_between_stays_theirs() {
        let first = row(Outcome::Applied, r#""a""#, r#""b""#, r#""one""#);
        check(&[first, row(Outcome::Applied, r#""theirs""#, r#""c""#, r#""two""#)], r#""a""#, r#""two""#);
        check(&[row(Outcome::Unchanged, r#""theirs""#, r#""theirs""#, r#""one""#)], r#""a""#, r#""old""#);
        check(&[row(Outcome::Conflict, r#""a""#, r#""theirs""#, r#""one""#)], r#""a""#, r#""old""#);
    }
}
