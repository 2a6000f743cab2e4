//! The store: referrals in memory and what may be done with them, in plain values, whoever asks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use uuid::Uuid;

use super::clock::{self, Clock};
use super::listing::{self, Page};
use super::mint::{self, Purpose};
use super::refusal::Refusal;
use super::request::{self, Body};
use super::seed;
use super::shelf::{Record, Shelf};
use super::tally::{Tallies, Tally};
use super::whole::{self, Birth};
use super::{judge, lifecycle};
use crate::domain::referral::ReferralId;

/// What a sandbox starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many referrals are made up.
    pub referrals: usize,
    /// What they, their ids and all eTags are made from: the same seed gives the same bytes.
    pub seed: u64,
    /// Whether the referrals of a list carry their `eTag`; real lists may lack it (contract, section 7).
    pub list_etags: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { referrals: 200, seed: 1, list_etags: true }
    }
}

/// A service that holds referrals in memory. Clones are handles to the same one.
#[derive(Debug, Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

/// A document that cannot be held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Its `id` is missing or not a GUID. Counted from 1.
    #[error("referral {0} has no usable `id`")]
    NoId(usize),
    /// Another has the same `id`.
    #[error("referral `{0}` is there twice")]
    Twice(ReferralId),
}

#[derive(Debug)]
struct Shared {
    seed: u64,
    list_etags: bool,
    /// Answers given so far, for their ids.
    answers: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    shelf: Shelf,
    clock: Clock,
    pages: u64,
    created: u64,
    registrations: u64,
}

impl Store {
    /// A store of made-up referrals.
    pub fn new(settings: &Settings) -> Store {
        let documents = (0..settings.referrals).map(|index| seed::referral(settings.seed, index)).collect();
        Store::holding(documents, settings).expect("made-up referrals have ids of their own")
    }

    /// A store of the given referrals, otherwise with default settings.
    pub fn from_referrals(documents: Vec<Value>) -> Result<Store, Unusable> {
        Store::holding(documents, &Settings::default())
    }

    /// A store of the given referrals; `referrals` of the settings does not matter. They are kept as they are, but
    /// one without an `eTag` gets one, and `@odata.context` is dropped.
    pub fn holding(documents: Vec<Value>, settings: &Settings) -> Result<Store, Unusable> {
        let prepared = documents.into_iter().enumerate().map(|(index, mut document)| {
            let id = document["id"].as_str().and_then(|id| id.parse::<ReferralId>().ok());
            let (Some(id), Some(members)) = (id, document.as_object_mut()) else {
                return Err(Unusable::NoId(index + 1));
            };
            members.shift_remove("@odata.context");
            if !members.get("eTag").is_some_and(Value::is_string) {
                members.insert("eTag".to_owned(), json!(mint::etag(settings.seed, id, 0)));
            }
            Ok((id, document))
        });
        let shelf = Shelf::stock(prepared.collect::<Result<_, _>>()?).map_err(Unusable::Twice)?;
        let state = State { shelf, clock: Clock::counting(), pages: 0, created: 0, registrations: 0 };
        let Settings { referrals: _, seed, list_etags } = *settings;
        Ok(Store {
            shared: Arc::new(Shared { seed, list_etags, answers: AtomicU64::new(0), state: Mutex::new(state) }),
        })
    }

    /// The same store with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Store {
        self.state().clock = clock;
        self
    }

    /// All referrals in order of creation, without counting as a read.
    pub fn snapshot(&self) -> Vec<Value> {
        self.state().shelf.after(None).map(|record| (*record.document).clone()).collect()
    }

    /// One referral as it is now, without counting as a read.
    pub fn peek(&self, id: ReferralId) -> Option<Value> {
        self.state().shelf.find(id).map(|record| (*record.document).clone())
    }

    /// What was asked for so far.
    pub fn tallies(&self) -> Tallies {
        let state = self.state();
        let touched = state.shelf.after(None).filter(|record| record.tally != Tally::default());
        let referrals = touched.map(|record| (record.id, record.tally)).collect();
        Tallies { pages: state.pages, created: state.created, referrals }
    }

    /// What was asked of one referral so far.
    pub fn tally(&self, id: ReferralId) -> Tally {
        self.state().shelf.find(id).map_or_else(Tally::default, |record| record.tally)
    }

    /// GET of one.
    pub fn read_one(&self, id: ReferralId) -> Result<Arc<Value>, Refusal> {
        let mut state = self.state();
        let record = find(&mut state.shelf, id)?;
        record.tally.reads += 1;
        Ok(Arc::clone(&record.document))
    }

    /// GET of a page. `query` is what stands after `?`, `page_max` at most this many referrals.
    pub(super) fn list(&self, query: &str, page_max: usize) -> Result<Page, Refusal> {
        let mut state = self.state();
        state.pages += 1;
        listing::page(&state.shelf, query, page_max, self.shared.list_etags)
    }

    /// PATCH. Without `if_match`, the last writer wins (contract, section 6).
    pub fn patch_one(&self, id: ReferralId, if_match: Option<&str>, body: Body<'_>) -> Result<Arc<Value>, Refusal> {
        self.change(id, |current| {
            if_match.map_or(Ok(()), |tags| request::check_guard(tags, current))?;
            judge::patched(current, body.patch()?)
        })
    }

    /// PUT, which needs `if_match` (S9).
    pub fn replace_one(&self, id: ReferralId, if_match: Option<&str>, body: Body<'_>) -> Result<Arc<Value>, Refusal> {
        self.change(id, |current| {
            let tags = if_match.ok_or_else(|| Refusal::unguarded("a replacement needs `If-Match`"))?;
            request::check_guard(tags, current)?;
            whole::replaced(current, body.json()?)
        })
    }

    /// POST. Not idempotent: twice makes two (contract, section 5.5).
    pub fn create_one(&self, body: Body<'_>) -> Result<Arc<Value>, Refusal> {
        let bytes = body.json()?;
        let seed = self.shared.seed;
        let state = &mut *self.state();
        // Seeded referrals count up from 0, created ones count down from the end, so that their ids never meet.
        let index = u64::MAX - state.created;
        let id = ReferralId::from(mint::guid(seed, Purpose::Referral, index));
        let (organization_id, organization_name) = seed::organization(seed);
        let engagement_id = mint::guid(seed, Purpose::Engagement, index);
        let birth = Birth { id, engagement_id, organization_id, organization_name };
        let mut document = whole::created(bytes, &birth)?;
        let now = clock::print(state.clock.now());
        for name in ["createdDateTime", "updatedDateTime", "acceptedDateTime"] {
            document[name] = json!(now);
        }
        document["eTag"] = json!(mint::etag(seed, id, 0));
        state.created += 1;
        state.shelf.insert(id, document);
        Ok(Arc::clone(&find(&mut state.shelf, id)?.document))
    }

    /// The id of the next answer.
    pub(super) fn next_answer_id(&self) -> Uuid {
        mint::request_id(self.shared.seed, self.shared.answers.fetch_add(1, Ordering::Relaxed))
    }

    /// Stores what `judge` makes of a referral, or nothing at all (S19). Even a change that changes nothing gives a
    /// new version (S20).
    fn change(
        &self,
        id: ReferralId,
        judge: impl FnOnce(&Value) -> Result<Value, Refusal>,
    ) -> Result<Arc<Value>, Refusal> {
        let seed = self.shared.seed;
        let State { shelf, clock, registrations, .. } = &mut *self.state();
        let record = find(shelf, id)?;
        record.tally.writes += 1;
        let mut after = judge(&record.document)?;
        let now = clock.now();
        lifecycle::record(&record.document, &mut after, now);
        lifecycle::register(&record.document, &mut after, now, || {
            *registrations += 1;
            mint::guid(seed, Purpose::Registration, *registrations)
        });
        record.version += 1;
        record.tally.applied += 1;
        after["updatedDateTime"] = json!(clock::print(now));
        after["eTag"] = json!(mint::etag(seed, id, record.version));
        record.document = Arc::new(after);
        Ok(Arc::clone(&record.document))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held is a failed test of its own; the referrals are whole, since each is
        // replaced in one step.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find(shelf: &mut Shelf, id: ReferralId) -> Result<&mut Record, Refusal> {
    shelf.find(id).ok_or_else(|| Refusal::not_found(&id.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::refusal::ErrorCode;

    const NOTE: &str = r#"[{"op":"replace","path":"/details/notes","value":"new"}]"#;

    /// One open referral, its id and its eTag.
    fn store() -> (Store, ReferralId, String) {
        let id = mint::referral_id(1, 0);
        let document = json!({
            "id": id.to_string(),
            "status": "Active",
            "substatus": "Accepted",
            "createdDateTime": "2026-01-01T00:00:00Z",
            "updatedDateTime": "2026-01-01T00:00:00Z",
            "details": { "notes": "old" },
        });
        let store = Store::from_referrals(vec![document]).unwrap();
        let etag = etag(&store, id);
        (store, id, etag)
    }

    fn etag(store: &Store, id: ReferralId) -> String {
        store.peek(id).unwrap()["eTag"].as_str().unwrap().to_owned()
    }

    fn status(outcome: Result<Arc<Value>, Refusal>) -> u16 {
        outcome.map_or_else(|refusal| refusal.status, |_| 200)
    }

    #[test]
    fn the_same_seed_and_the_same_requests_give_the_same_referrals() {
        let run = || {
            let store = Store::new(&Settings { referrals: 20, ..Settings::default() });
            for index in 0..20 {
                let _ = store.patch_one(mint::referral_id(1, index), None, Body::of(NOTE));
            }
            let deal = r#"{"type":"Independent","customerProfile":{},"consent":{},"details":{}}"#;
            store.create_one(Body::of(deal)).unwrap();
            (store.snapshot(), store.tallies(), store.next_answer_id())
        };
        assert_eq!(run(), run());
    }

    #[test]
    fn a_change_gives_a_new_etag_and_the_time_of_the_clock() {
        let (store, id, etag_before) = store();
        let after = store.patch_one(id, None, Body::of(NOTE)).unwrap();
        assert_eq!(after["details"]["notes"], "new");
        assert_eq!(after["updatedDateTime"], "2026-11-02T09:00:00.0000000Z");
        assert_ne!(after["eTag"], etag_before);
        let store = store.with_clock(Clock::from_fn(|| clock::START + jiff::SignedDuration::from_hours(1)));
        let after = store.patch_one(id, None, Body::of(NOTE)).unwrap();
        assert_eq!(after["updatedDateTime"], "2026-11-02T10:00:00.0000000Z");
    }

    #[test]
    fn s9_a_replacement_needs_a_guard() {
        let (store, id, _) = store();
        let refusal = store.replace_one(id, None, Body::of("{}")).unwrap_err();
        assert_eq!((refusal.status, refusal.code), (412, ErrorCode::PreconditionFailed));
        assert_eq!(refusal.inner_code, None);
    }

    #[test]
    fn without_a_guard_the_last_writer_wins() {
        let (store, id, _) = store();
        assert_eq!(status(store.patch_one(id, None, Body::of(NOTE))), 200);
        assert_eq!(status(store.patch_one(id, None, Body::of(NOTE))), 200);
    }

    #[test]
    fn s18_a_missing_referral_comes_before_a_stale_guard_and_that_before_a_wrong_body() {
        let (store, id, etag) = store();
        let wrong = Body { content_type: Some("text/plain"), bytes: b"[" };
        assert_eq!(status(store.patch_one(mint::referral_id(9, 9), Some("\"other\""), wrong)), 404);
        assert_eq!(status(store.patch_one(id, Some("\"other\""), wrong)), 412);
        assert_eq!(status(store.patch_one(id, Some(&etag), wrong)), 415);
        assert_eq!(status(store.patch_one(id, Some(&etag), Body::of("["))), 400);
    }

    #[test]
    fn s19_one_failing_operation_and_nothing_is_stored() {
        let (store, id, _) = store();
        let before = store.snapshot();
        let patch = r#"[{"op":"replace","path":"/details/notes","value":"new"},
                        {"op":"replace","path":"/details/dealValue","value":"a lot"}]"#;
        assert_eq!(status(store.patch_one(id, None, Body::of(patch))), 400);
        assert_eq!(store.snapshot(), before);
    }

    #[test]
    fn s20_a_patch_that_changes_nothing_still_gives_a_new_version() {
        let (store, id, _) = store();
        let first = store.patch_one(id, None, Body::of(NOTE)).unwrap();
        let second = store.patch_one(id, None, Body::of(NOTE)).unwrap();
        assert_eq!(first["details"], second["details"]);
        assert_ne!(first["eTag"], second["eTag"]);
        assert_ne!(first["updatedDateTime"], second["updatedDateTime"]);
    }

    #[test]
    fn a_created_referral_can_be_read_and_changed() {
        let (store, _, _) = store();
        let deal = r#"{"type":"Independent","customerProfile":{},"consent":{},"details":{}}"#;
        let created = store.create_one(Body::of(deal)).unwrap();
        let id: ReferralId = created["id"].as_str().unwrap().parse().unwrap();
        assert_eq!(created["createdDateTime"], "2026-11-02T09:00:00.0000000Z");
        assert_eq!(store.read_one(id).unwrap(), created);
        let again = store.create_one(Body::of(deal)).unwrap();
        assert_ne!(again["id"], created["id"]);
        assert_eq!(status(store.patch_one(id, created["eTag"].as_str(), Body::of(NOTE))), 200);
        assert_eq!(store.snapshot().len(), 3);
    }

    #[test]
    fn a_refused_creation_takes_no_time() {
        let (store, id, _) = store();
        assert_eq!(status(store.create_one(Body::of("{}"))), 400);
        let after = store.patch_one(id, None, Body::of(NOTE)).unwrap();
        assert_eq!(after["updatedDateTime"], "2026-11-02T09:00:00.0000000Z");
    }

    #[test]
    fn everything_asked_for_is_counted() {
        let (store, id, _) = store();
        store.read_one(id).unwrap();
        store.list("", 100).unwrap();
        store.patch_one(id, None, Body::of(NOTE)).unwrap();
        store.patch_one(id, None, Body::of("[]")).unwrap_err();
        let tally = Tally { reads: 1, writes: 2, applied: 1 };
        assert_eq!(store.tally(id), tally);
        assert_eq!(store.tallies(), Tallies { pages: 1, created: 0, referrals: [(id, tally)].into() });
        assert_eq!(store.tally(mint::referral_id(9, 9)), Tally::default());
    }

    #[test]
    fn given_referrals_are_kept_as_they_are() {
        let id = "5f0c3f0e-0000-4000-8000-000000000001";
        let document = json!({ "@odata.context": "x", "id": id, "eTag": "\"1\"", "notYetKnown": 1.5 });
        let store = Store::from_referrals(vec![document]).unwrap();
        assert_eq!(store.snapshot(), [json!({ "id": id, "eTag": "\"1\"", "notYetKnown": 1.5 })]);
        assert_eq!(Store::from_referrals(vec![json!({ "id": "x" })]).unwrap_err(), Unusable::NoId(1));
        assert_eq!(Store::from_referrals(vec![json!([])]).unwrap_err(), Unusable::NoId(1));
        let twice = Store::from_referrals(vec![json!({ "id": id }), json!({ "id": id })]);
        assert_eq!(twice.unwrap_err(), Unusable::Twice(id.parse().unwrap()));
    }
}
