//! The store: referrals in memory and what may be done with them, in plain values, whoever asks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use uuid::Uuid;

use super::clock::{self, Clock};
use super::document::Document;
use super::judge::Patch;
use super::lifecycle;
use super::listing::{self, Page};
use super::mint::{self, Purpose};
use super::mishap;
use super::refusal::Refusal;
use super::request::{self, Body};
use super::seed;
use super::shelf::{Place, Shelf};
use super::tally::{Tallies, Tally, Troubles};
use super::views::Views;
use super::whole::{self, Birth};
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
    views: Views,
    clock: Clock,
    pages: u64,
    created: u64,
    registrations: u64,
    troubles: Troubles,
}

impl Store {
    /// A store of made-up referrals.
    pub fn new(settings: &Settings) -> Store {
        Store::of(Shelf::made_up(settings.seed, settings.referrals), settings)
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
            Ok((id, Document::of(&document)))
        });
        let shelf = Shelf::stock(prepared.collect::<Result<_, _>>()?).map_err(Unusable::Twice)?;
        Ok(Store::of(shelf, settings))
    }

    fn of(shelf: Shelf, settings: &Settings) -> Store {
        let (clock, troubles) = (Clock::counting(), Troubles::default());
        let state = State { shelf, views: Views::default(), clock, pages: 0, created: 0, registrations: 0, troubles };
        let Settings { referrals: _, seed, list_etags } = *settings;
        Store { shared: Arc::new(Shared { seed, list_etags, answers: AtomicU64::new(0), state: Mutex::new(state) }) }
    }

    /// The same store with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Store {
        self.state().clock = clock;
        self
    }

    /// How many referrals there are.
    pub fn referrals(&self) -> usize {
        self.state().shelf.by_creation().len()
    }

    /// All referrals in order of creation, without counting as a read.
    pub fn snapshot(&self) -> Vec<Value> {
        self.documents().iter().map(Document::value).collect()
    }

    /// The same as they stand in answers.
    pub(super) fn documents(&self) -> Vec<Document> {
        let state = self.state();
        state.shelf.by_creation().iter().map(|place| state.shelf.document(*place)).collect()
    }

    /// One referral as it is now, without counting as a read.
    pub fn peek(&self, id: ReferralId) -> Option<Value> {
        let state = self.state();
        state.shelf.find(id).map(|place| state.shelf.document(place).value())
    }

    /// What was asked for so far.
    pub fn tallies(&self) -> Tallies {
        let state = self.state();
        let records = state.shelf.by_creation().iter().map(|place| state.shelf.record(*place));
        let touched = records.filter(|record| record.tally != Tally::default());
        let referrals = touched.map(|record| (record.id, record.tally)).collect();
        Tallies { pages: state.pages, created: state.created, referrals }
    }

    /// What was asked of one referral so far.
    pub fn tally(&self, id: ReferralId) -> Tally {
        let state = self.state();
        state.shelf.find(id).map_or_else(Tally::default, |place| state.shelf.record(place).tally)
    }

    /// How often trouble struck so far.
    pub fn troubles(&self) -> Troubles {
        self.state().troubles
    }

    /// Adds to what is counted of the trouble.
    pub(super) fn count(&self, add: impl FnOnce(&mut Troubles)) {
        add(&mut self.state().troubles);
    }

    /// A colleague changes a referral: the members are merged into it as in RFC 7396, unjudged, and it is a new
    /// version. Counts as trouble and not as a request; a referral that is not there stays that.
    pub fn change_underneath(&self, id: ReferralId, members: &Value) {
        let state = &mut *self.state();
        let Some(place) = state.shelf.find(id) else { return };
        let before = state.shelf.document(place).value();
        let mut after = before.clone();
        mishap::merge(&mut after, members);
        state.troubles.changes_underneath += 1;
        state.keep(self.shared.seed, place, Revision { before, after, form: Form::Whole });
    }

    /// GET of one.
    pub fn read_one(&self, id: ReferralId) -> Result<Document, Refusal> {
        let state = &mut *self.state();
        let place = find(&state.shelf, id)?;
        state.shelf.record_mut(place).tally.reads += 1;
        Ok(state.shelf.document(place))
    }

    /// GET of a page. `query` is what stands after `?`, `page_max` at most this many referrals.
    pub(super) fn list(&self, query: &str, page_max: usize) -> Result<Page, Refusal> {
        let state = &mut *self.state();
        state.pages += 1;
        listing::page(&state.shelf, &mut state.views, query, page_max, self.shared.list_etags)
    }

    /// PATCH. Without `if_match`, the last writer wins (contract, section 6).
    pub fn patch_one(&self, id: ReferralId, if_match: Option<&str>, body: Body<'_>) -> Result<Document, Refusal> {
        let (state, place) = self.patch(id, if_match, body)?;
        Ok(state.shelf.document(place))
    }

    /// The same for who wants nothing of the referral but its eTag, which spares making it.
    pub(super) fn patch_unseen(
        &self,
        id: ReferralId,
        if_match: Option<&str>,
        body: Body<'_>,
    ) -> Result<Option<String>, Refusal> {
        let (state, place) = self.patch(id, if_match, body)?;
        Ok(state.shelf.etag(place))
    }

    /// PUT, which needs `if_match` (S9).
    pub fn replace_one(&self, id: ReferralId, if_match: Option<&str>, body: Body<'_>) -> Result<Document, Refusal> {
        let (state, place) = self.change(id, |shelf, place| {
            let tags = if_match.ok_or_else(|| Refusal::unguarded("a replacement needs `If-Match`"))?;
            request::check_guard(tags, &shelf.etag(place).unwrap_or_default())?;
            let before = shelf.document(place).value();
            let after = whole::replaced(&before, body.json()?)?;
            Ok(Revision { before, after, form: Form::Whole })
        })?;
        Ok(state.shelf.document(place))
    }

    /// POST. Not idempotent: twice makes two (contract, section 5.5).
    pub fn create_one(&self, body: Body<'_>) -> Result<Document, Refusal> {
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
        let document = Document::of(&document);
        let place = state.shelf.insert(id, document.clone());
        state.views.note(place);
        Ok(document)
    }

    /// The id of the next answer.
    pub(super) fn next_answer_id(&self) -> Uuid {
        mint::request_id(self.shared.seed, self.shared.answers.fetch_add(1, Ordering::Relaxed))
    }

    fn patch(
        &self,
        id: ReferralId,
        if_match: Option<&str>,
        body: Body<'_>,
    ) -> Result<(MutexGuard<'_, State>, Place), Refusal> {
        self.change(id, |shelf, place| {
            if let Some(tags) = if_match {
                request::check_guard(tags, &shelf.etag(place).unwrap_or_default())?;
            }
            let patch = Patch::read(body.patch()?)?;
            let (before, form) = match shelf.outline(place).filter(|outline| patch.fits(outline)) {
                Some(outline) => (outline, Form::Outline),
                None => (shelf.content(place).members().excerpt(patch.looks_at()), Form::Excerpt),
            };
            let after = patch.applied_to(&before)?;
            Ok(Revision { before, after, form })
        })
    }

    /// Stores what `judge` makes of a referral, or nothing at all (S19). Even a change that changes nothing gives a
    /// new version (S20).
    fn change(
        &self,
        id: ReferralId,
        judge: impl FnOnce(&Shelf, Place) -> Result<Revision, Refusal>,
    ) -> Result<(MutexGuard<'_, State>, Place), Refusal> {
        let mut state = self.state();
        let place = find(&state.shelf, id)?;
        state.shelf.record_mut(place).tally.writes += 1;
        let revision = judge(&state.shelf, place)?;
        state.shelf.record_mut(place).tally.applied += 1;
        state.keep(self.shared.seed, place, revision);
        Ok((state, place))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held is a failed test of its own; the referrals are whole, since each is
        // replaced in one step.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What becomes of a referral.
struct Revision {
    before: Value,
    after: Value,
    form: Form,
}

/// How much of a referral its revision shows.
enum Form {
    /// What is known of a made-up one without making it, and what has changed since.
    Outline,
    /// The places that it is about; all else stays as it is.
    Excerpt,
    Whole,
}

impl State {
    /// Puts the next version of a referral in place of the one that is there.
    fn keep(&mut self, seed: u64, place: Place, Revision { before, mut after, form }: Revision) {
        let State { shelf, views, clock, registrations, .. } = self;
        let now = clock.now();
        lifecycle::record(&before, &mut after, now);
        lifecycle::register(&before, &mut after, now, || {
            *registrations += 1;
            mint::guid(seed, Purpose::Registration, *registrations)
        });
        let record = shelf.record_mut(place);
        record.version += 1;
        after["updatedDateTime"] = json!(clock::print(now));
        after["eTag"] = json!(mint::etag(seed, record.id, record.version));
        match (form, &after) {
            (Form::Outline, _) => shelf.keep_outline(place, &after),
            (Form::Excerpt, Value::Object(changed)) => {
                shelf.keep(place, shelf.content(place).members().with(changed));
            }
            (Form::Excerpt | Form::Whole, _) => shelf.keep(place, Document::of(&after)),
        }
        views.note(place);
    }
}

fn find(shelf: &Shelf, id: ReferralId) -> Result<Place, Refusal> {
    shelf.find(id).ok_or_else(|| Refusal::not_found(&id.to_string()))
}

#[cfg(test)]
mod tests;
