//! The referrals themselves: found by id at once, walked in order of creation without sorting.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::odata::Scalar;
use super::tally::Tally;
use crate::domain::referral::ReferralId;

/// One referral and what the sandbox knows about it.
#[derive(Debug)]
pub(super) struct Record {
    pub id: ReferralId,
    /// The document as it stands in answers, `eTag` included. Shared with answers that are being written.
    pub document: Arc<Value>,
    /// How often it was changed; every version has its own eTag.
    pub version: u64,
    pub tally: Tally,
    created: Scalar,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    records: Vec<Record>,
    /// Never walked: its order means nothing.
    index: HashMap<ReferralId, usize>,
    by_creation: Vec<usize>,
}

/// A place between two referrals in order of creation.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub created: Scalar,
    pub id: ReferralId,
}

impl Shelf {
    /// Takes them all at once. Of two with one id, the second comes back.
    pub(super) fn stock(documents: Vec<(ReferralId, Value)>) -> Result<Shelf, ReferralId> {
        let mut shelf = Shelf::default();
        for (id, document) in documents {
            if shelf.index.contains_key(&id) {
                return Err(id);
            }
            shelf.append(id, document);
        }
        let Shelf { records, by_creation, .. } = &mut shelf;
        by_creation.sort_by(|this, that| records[*this].order(&records[*that]));
        Ok(shelf)
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn find(&mut self, id: ReferralId) -> Option<&mut Record> {
        self.index.get(&id).map(|index| &mut self.records[*index])
    }

    /// Adds one at its place in the order of creation, which for a new referral is nearly always the end.
    pub(super) fn insert(&mut self, id: ReferralId, document: Value) {
        self.append(id, document);
        let added = self.by_creation.pop().expect("one was appended");
        let records = &self.records;
        let place = self.by_creation.partition_point(|index| records[*index].order(&records[added]).is_lt());
        self.by_creation.insert(place, added);
    }

    /// In order of creation, from just after the mark.
    pub(super) fn after(&self, mark: Option<&Mark>) -> impl DoubleEndedIterator<Item = &Record> {
        let skipped = mark.map_or(0, |mark| self.position(Ordering::is_le, mark));
        self.by_creation[skipped..].iter().map(|index| &self.records[*index])
    }

    /// In order of creation, up to just before the mark.
    pub(super) fn before(&self, mark: Option<&Mark>) -> impl DoubleEndedIterator<Item = &Record> {
        let kept = mark.map_or(self.len(), |mark| self.position(Ordering::is_lt, mark));
        self.by_creation[..kept].iter().map(|index| &self.records[*index])
    }

    fn position(&self, is_before: impl Fn(Ordering) -> bool, mark: &Mark) -> usize {
        self.by_creation.partition_point(|index| is_before(self.records[*index].order_to(&mark.created, mark.id)))
    }

    fn append(&mut self, id: ReferralId, document: Value) {
        let index = self.records.len();
        let created = Scalar::of(&document["createdDateTime"]);
        self.index.insert(id, index);
        self.by_creation.push(index);
        self.records.push(Record { id, document: Arc::new(document), version: 0, tally: Tally::default(), created });
    }
}

impl Record {
    fn order(&self, other: &Record) -> Ordering {
        self.order_to(&other.created, other.id)
    }

    fn order_to(&self, created: &Scalar, id: ReferralId) -> Ordering {
        self.created.total_order(created).then(self.id.cmp(&id))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::mint::referral_id;

    fn document(created: &str) -> Value {
        json!({ "createdDateTime": created })
    }

    fn created(records: impl Iterator<Item = impl std::ops::Deref<Target = Value>>) -> Vec<String> {
        records.map(|document| document["createdDateTime"].as_str().unwrap()[..4].to_owned()).collect()
    }

    fn shelf() -> Shelf {
        let years = ["2026", "2024", "2025"];
        let documents = years.iter().enumerate();
        let documents =
            documents.map(|(index, year)| (referral_id(1, index), document(&format!("{year}-01-01T00:00:00Z"))));
        Shelf::stock(documents.collect()).unwrap()
    }

    #[test]
    fn referrals_stand_in_order_of_creation() {
        let mut shelf = shelf();
        shelf.insert(referral_id(1, 3), document("2023-01-01T00:00:00Z"));
        let all = created(shelf.after(None).map(|record| record.document.clone()));
        assert_eq!(all, ["2023", "2024", "2025", "2026"]);
    }

    #[test]
    fn a_mark_divides_them() {
        let shelf = shelf();
        let second = shelf.after(None).nth(1).unwrap();
        let mark = Mark { created: second.created.clone(), id: second.id };
        assert_eq!(created(shelf.after(Some(&mark)).map(|record| record.document.clone())), ["2026"]);
        assert_eq!(created(shelf.before(Some(&mark)).map(|record| record.document.clone())), ["2024"]);
    }

    #[test]
    fn an_id_stands_there_once() {
        let twice = vec![(referral_id(1, 0), json!({})), (referral_id(1, 0), json!({}))];
        assert_eq!(Shelf::stock(twice).unwrap_err(), referral_id(1, 0));
    }
}
