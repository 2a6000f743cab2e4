//! The referrals themselves: found by id at once, walked in order of creation without sorting.
//!
//! A made-up referral is made each time that it is looked at, and of a change to it only what has changed is kept. So a
//! million of them take no more room than what is noted of each, and are there at once.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::document::{Content, Document};
use super::mint;
use super::odata::Scalar;
use super::seed;
use super::tally::Tally;
use crate::domain::referral::ReferralId;

/// What the sandbox notes about a referral.
#[derive(Debug)]
pub(super) struct Record {
    pub id: ReferralId,
    /// How often it was changed; every version has its own eTag.
    pub version: u64,
    pub tally: Tally,
    created: Scalar,
    kept: Kept,
}

/// What is kept of a referral.
#[derive(Debug)]
enum Kept {
    /// Nothing: it is as it was made up.
    Nothing,
    /// The text of its outline as it is now, with all that has changed since it was made up.
    Changes(Box<str>),
    /// All of it.
    Whole(Document),
}

/// All of them.
#[derive(Debug)]
pub(super) struct Shelf {
    /// Those that are made up come first, in the order of their indices.
    records: Vec<Record>,
    /// Never walked: its order means nothing.
    index: HashMap<ReferralId, Place>,
    by_creation: Vec<Place>,
    /// What they are made up from.
    seed: u64,
}

/// Where a referral stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place(u32);

impl Shelf {
    /// So many that are made up.
    pub(super) fn made_up(seed: u64, referrals: usize) -> Shelf {
        let mut shelf = Shelf::empty(seed);
        for index in 0..referrals {
            shelf.append(mint::referral_id(seed, index), Scalar::Instant(seed::created(seed, index)), Kept::Nothing);
        }
        shelf.sort();
        shelf
    }

    /// Takes them all at once. Of two with one id, the second comes back.
    pub(super) fn stock(documents: Vec<(ReferralId, Document)>) -> Result<Shelf, ReferralId> {
        // Nothing is made up, so it does not matter from what.
        let mut shelf = Shelf::empty(0);
        for (id, document) in documents {
            if shelf.index.contains_key(&id) {
                return Err(id);
            }
            let created = created(&document);
            shelf.append(id, created, Kept::Whole(document));
        }
        shelf.sort();
        Ok(shelf)
    }

    pub(super) fn find(&self, id: ReferralId) -> Option<Place> {
        self.index.get(&id).copied()
    }

    pub(super) fn record(&self, place: Place) -> &Record {
        &self.records[place.0 as usize]
    }

    pub(super) fn record_mut(&mut self, place: Place) -> &mut Record {
        &mut self.records[place.0 as usize]
    }

    /// The referral, to look into.
    pub(super) fn content(&self, place: Place) -> Content {
        let made_up = || Content::MadeUp(seed::referral(self.seed, place.0 as usize));
        match &self.record(place).kept {
            Kept::Nothing => made_up(),
            Kept::Changes(text) => Content::Kept(made_up().members().with(&changes(text))),
            Kept::Whole(document) => Content::Kept(document.clone()),
        }
    }

    /// Of a made-up referral what is known without making it: its outline, and what has changed.
    pub(super) fn outline(&self, place: Place) -> Option<Value> {
        match &self.record(place).kept {
            Kept::Nothing => Some(seed::outline(self.seed, place.0 as usize)),
            Kept::Changes(text) => Some(Value::Object(changes(text))),
            Kept::Whole(_) => None,
        }
    }

    /// Its eTag, the quotes included.
    pub(super) fn etag(&self, place: Place) -> Option<String> {
        let record = self.record(place);
        match &record.kept {
            Kept::Nothing | Kept::Changes(_) => Some(mint::etag(self.seed, record.id, record.version)),
            Kept::Whole(document) => document.etag(),
        }
    }

    /// The referral as it stands in answers.
    pub(super) fn document(&self, place: Place) -> Document {
        self.content(place).document()
    }

    /// Puts another version in its place.
    pub(super) fn keep(&mut self, place: Place, document: Document) {
        self.record_mut(place).kept = Kept::Whole(document);
    }

    /// The same for one of which the outline was changed.
    pub(super) fn keep_outline(&mut self, place: Place, outline: &Value) {
        self.record_mut(place).kept = Kept::Changes(outline.to_string().into());
    }

    /// Adds one at its place in the order of creation, which for a new referral is nearly always the end.
    pub(super) fn insert(&mut self, id: ReferralId, document: Document) -> Place {
        self.append(id, created(&document), Kept::Whole(document));
        let added = self.by_creation.pop().expect("one was appended");
        let is_before = |place: &Place| self.record(*place).order(self.record(added)).is_lt();
        let at = self.by_creation.partition_point(is_before);
        self.by_creation.insert(at, added);
        added
    }

    /// All of them in order of creation.
    pub(super) fn by_creation(&self) -> &[Place] {
        &self.by_creation
    }

    fn empty(seed: u64) -> Shelf {
        Shelf { records: Vec::new(), index: HashMap::new(), by_creation: Vec::new(), seed }
    }

    fn append(&mut self, id: ReferralId, created: Scalar, kept: Kept) {
        let place = Place(u32::try_from(self.records.len()).expect("memory ends before the numbers do"));
        self.index.insert(id, place);
        self.by_creation.push(place);
        self.records.push(Record { id, version: 0, tally: Tally::default(), created, kept });
    }

    fn sort(&mut self) {
        let Shelf { records, by_creation, .. } = self;
        let record = |place: Place| &records[place.0 as usize];
        by_creation.sort_by(|this, that| record(*this).order(record(*that)));
    }
}

fn changes(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).expect("what is kept is a JSON object")
}

fn created(document: &Document) -> Scalar {
    Scalar::of(&document.members().excerpt(["createdDateTime"])["createdDateTime"])
}

impl Record {
    /// How it stands to another in order of creation.
    pub(super) fn order(&self, other: &Record) -> Ordering {
        self.order_to(&other.created, other.id)
    }

    /// The same, to one of which only that is known.
    pub(super) fn order_to(&self, created: &Scalar, id: ReferralId) -> Ordering {
        self.created.total_order(created).then(self.id.cmp(&id))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::mint::referral_id;

    fn document(created: &str) -> Document {
        Document::of(&json!({ "createdDateTime": created }))
    }

    fn years(shelf: &Shelf) -> Vec<String> {
        let created = shelf.by_creation().iter().map(|place| shelf.document(*place).value()["createdDateTime"].take());
        created.map(|created| created.as_str().unwrap()[..4].to_owned()).collect()
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
        assert_eq!(years(&shelf), ["2023", "2024", "2025", "2026"]);
    }

    #[test]
    fn an_id_stands_there_once() {
        let document = || Document::of(&json!({}));
        let twice = vec![(referral_id(1, 0), document()), (referral_id(1, 0), document())];
        assert_eq!(Shelf::stock(twice).unwrap_err(), referral_id(1, 0));
    }

    #[test]
    fn what_is_made_up_stands_where_it_would_if_it_were_kept() {
        let made_up = Shelf::made_up(1, 300);
        let documents: Vec<(ReferralId, Document)> =
            (0..300).map(|index| (referral_id(1, index), made_up.document(Place(index.try_into().unwrap())))).collect();
        let kept = Shelf::stock(documents).unwrap();
        let all = |shelf: &Shelf| shelf.by_creation().iter().map(|place| shelf.document(*place)).collect::<Vec<_>>();
        assert_eq!(all(&made_up), all(&kept));
        let id = |document: &Document| document.value()["id"].take();
        let ids = made_up.by_creation().iter().map(|place| made_up.record(*place).id.to_string());
        assert!(ids.eq(all(&made_up).iter().map(|document| id(document).as_str().unwrap().to_owned())));
    }

    #[test]
    fn a_change_is_kept() {
        let mut shelf = Shelf::made_up(1, 2);
        let place = shelf.find(referral_id(1, 1)).unwrap();
        shelf.keep(place, document("2020"));
        assert_eq!(shelf.document(place), document("2020"));
        assert_eq!(shelf.document(Place(0)).value()["id"], Value::from(referral_id(1, 0).to_string()));
    }
}
