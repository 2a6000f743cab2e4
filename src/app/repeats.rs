//! Referrals that several rows of a sheet are about: that is allowed, but two rows that want one field to be two things
//! are probably a slip.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use crate::domain::cell::Address;
use crate::domain::change::{Ask, Change, Edit, Request, Wish};
use crate::domain::create::{self, Draft};
use crate::domain::field::Kind;
use crate::domain::problem::Problem;

/// Counts rows by what tells their referrals apart, in eight bytes a row.
#[derive(Default, Clone)]
pub struct Counter {
    hasher: RandomState,
    keys: Vec<u64>,
}

/// The referrals that several rows are about.
#[derive(Default)]
pub struct Several {
    hasher: RandomState,
    keys: HashSet<u64>,
}

/// Finds the contradictions among the rows of one referral. Keeps something only of referrals that are there several
/// times.
pub struct Repeats<'a> {
    several: &'a Several,
    wishes: HashMap<(u64, &'static str), (u64, Address)>,
    creators: HashMap<u64, u32>,
}

impl Counter {
    /// Takes a row into account.
    pub fn note(&mut self, key: &str) {
        self.keys.push(self.hasher.hash_one(key));
    }

    /// Takes other rows into account, counted by a clone of this counter.
    pub fn join(&mut self, other: &Counter) {
        self.keys.extend_from_slice(&other.keys);
    }

    /// What was counted.
    pub fn several(mut self) -> Several {
        self.keys.sort_unstable();
        let keys = self.keys.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        Several { hasher: self.hasher, keys }
    }
}

impl Several {
    /// Whether there is no such referral.
    pub fn are_none(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether the referral with this key is one.
    pub fn contain(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    fn find(&self, key: &str) -> Option<u64> {
        Some(self.hasher.hash_one(key)).filter(|key| self.keys.contains(key))
    }
}

impl<'a> Repeats<'a> {
    /// Before the first row.
    pub fn among(several: &'a Several) -> Repeats<'a> {
        Repeats { several, wishes: HashMap::new(), creators: HashMap::new() }
    }

    /// Whether a request may have to be compared with others. If not, it makes no difference to them either.
    pub fn concern(several: &Several, key: Option<&str>, request: &Request) -> bool {
        match request.ask {
            Ask::Update(_) => key.is_some_and(|key| several.contain(key)),
            Ask::Create(_) => true,
            Ask::Skip | Ask::Invalid => false,
        }
    }

    /// Compares a request with the earlier ones about the same referral: warnings of contradictions, or why it must not
    /// be sent.
    pub fn remarks(&mut self, key: Option<&str>, request: &Request) -> Vec<Problem> {
        match &request.ask {
            Ask::Update(Change { edits, .. }) => {
                let key = key.and_then(|key| self.several.find(key));
                let sent = edits.iter().filter(|edit| edit.is_sent());
                key.map(|key| sent.filter_map(|edit| self.contradicts(key, edit)).collect()).unwrap_or_default()
            }
            Ask::Create(draft) => self.creates_again(key, draft, request.row).into_iter().collect(),
            Ask::Skip | Ask::Invalid => Vec::new(),
        }
    }

    /// A lost reply to a create is looked up by the id of the user's own, so no two may have the same.
    fn creates_again(&mut self, key: Option<&str>, draft: &Draft, row: u32) -> Option<Problem> {
        let own = draft.document().ok().and_then(|(document, _)| create::external_id(&document));
        let hasher = &self.several.hasher;
        let keys = [key.map(|key| hasher.hash_one(key)), own.map(|own| hasher.hash_one(("own", own)))];
        let earlier = keys.iter().flatten().find_map(|key| self.creators.get(key)).copied();
        for key in keys.into_iter().flatten() {
            self.creators.entry(key).or_insert(row);
        }
        let found = format!("row {} creates this referral already", earlier?);
        let accepted = "give it another CRM ID, or apply the sheet once more afterwards, then it is found and updated";
        Some(Problem::of_row(found, accepted))
    }

    fn contradicts(&mut self, key: u64, edit: &Edit) -> Option<Problem> {
        let Wish::Set(value) = &edit.wish else { return None };
        let wish = match value.decimal().filter(|_| edit.field.kind == Kind::Amount) {
            Some(amount) => self.several.hasher.hash_one(amount),
            None => self.several.hasher.hash_one(value.text()),
        };
        let (earlier, place) = self.wishes.insert((key, edit.field.path), (wish, edit.place))?;
        let found = format!("{place} sets {} of the same referral to something else", edit.field.label);
        let accepted = "rows are sent in the order of the sheet, so this one has the last word";
        (earlier != wish).then(|| Problem::warning(edit.place, &edit.heading, found, accepted))
    }
}
