//! Rows that wait to be worked on, and what has been seen of their referrals.

use super::Pending;
use crate::domain::change::{Ask, Change, Edit};
use crate::domain::plan::{self, Write};
use crate::domain::referral::{ETag, Referral, ReferralId};

/// A row that waits to be worked on.
#[derive(Debug)]
pub struct Work {
    /// The row.
    pub pending: Pending,
    /// What has been seen of its referral.
    pub seen: Seen,
}

/// What has been seen of a referral so far.
#[derive(Debug)]
pub enum Seen {
    /// Nothing.
    Nothing,
    /// An item of the list, in which members may be left out (contract, section 7).
    Listed(Box<Referral>),
    /// All of it.
    Whole(Box<Referral>),
    /// All of it, as an earlier row of this run left it.
    Left {
        /// The version that the earlier rows were made from. A row that was made from the same one is up to date.
        made_from: Option<ETag>,
        /// The pointers of the fields that the earlier rows have set.
        ours: Vec<&'static str>,
        /// The referral.
        referral: Box<Referral>,
    },
}

impl Seen {
    /// What has been seen, whole or not.
    pub fn referral(&self) -> Option<&Referral> {
        match self {
            Seen::Nothing => None,
            Seen::Listed(referral) | Seen::Whole(referral) | Seen::Left { referral, .. } => Some(referral),
        }
    }

    /// All of a referral, if the service has shown it.
    pub fn whole(referral: Option<Referral>) -> Seen {
        referral.map_or(Seen::Nothing, |referral| Seen::Whole(Box::new(referral)))
    }

    /// What would be seen after a write that is only planned.
    pub fn after(self, write: &Write) -> Seen {
        let after = write.after.as_ref().and_then(|after| Referral::parse(after.text().to_owned()).ok());
        match (self, after.map(Box::new)) {
            (Seen::Whole(_), Some(after)) => Seen::Whole(after),
            (Seen::Left { made_from, ours, .. }, Some(referral)) => Seen::Left { made_from, ours, referral },
            (Seen::Listed(_), Some(after)) => Seen::Listed(after),
            (Seen::Nothing, _) | (_, None) => Seen::Nothing,
        }
    }

    /// Whether it shows all that a change is about: an item of the list must print each member, and its eTag if
    /// something is to be sent.
    pub fn is_enough_for(&self, change: &Change) -> bool {
        match self {
            Seen::Nothing => false,
            Seen::Whole(_) | Seen::Left { .. } => true,
            Seen::Listed(listed) => is_enough(change, listed),
        }
    }

    /// A change as it stands after the earlier rows of this run: what they did to the referral is not somebody else's
    /// change.
    pub fn catch_up(&self, change: &Change) -> Change {
        let Seen::Left { made_from, ours, referral } = self else { return change.clone() };
        let etag = match &change.etag {
            Some(etag) if Some(etag) == made_from.as_ref() => referral.etag().cloned(),
            other => other.clone(),
        };
        let mut edits = change.edits.clone();
        for edit in edits.iter_mut().filter(|edit| ours.contains(&edit.field.path)) {
            edit.base = None;
        }
        Change { etag, edits, ..*change }
    }

    /// What the next row finds, whose rows were made from `made_from` and have set `ours`.
    pub fn left(self, made_from: Option<ETag>, ours: Vec<&'static str>) -> Seen {
        match self {
            Seen::Whole(referral) | Seen::Left { referral, .. } => Seen::Left { made_from, ours, referral },
            Seen::Nothing | Seen::Listed(_) => self,
        }
    }

    /// The pointers of the fields that earlier rows of this run have set.
    pub fn ours(&self) -> Vec<&'static str> {
        match self {
            Seen::Left { ours, .. } => ours.clone(),
            Seen::Nothing | Seen::Listed(_) | Seen::Whole(_) => Vec::new(),
        }
    }

    /// The version that earlier rows of this run were made from.
    pub fn made_from(&self) -> Option<ETag> {
        match self {
            Seen::Left { made_from, .. } => made_from.clone(),
            Seen::Nothing | Seen::Listed(_) | Seen::Whole(_) => None,
        }
    }
}

impl Work {
    /// The referral that the row is about; none when it is to be created.
    pub fn referral(&self) -> Option<ReferralId> {
        match &self.pending.request.ask {
            Ask::Update(change) => Some(change.referral),
            Ask::Create(_) | Ask::Skip | Ask::Invalid => None,
        }
    }
}

/// Whether a list item shows all that the change is about: with its eTag if something is to be sent.
fn is_enough(change: &Change, listed: &Referral) -> bool {
    let is_printed = |edit: &Edit| listed.at(edit.field.pointer()).is_some();
    let shows_status = change.edits.iter().all(|edit| !edit.field.path.contains("status")) || listed.status().is_some();
    change.edits.iter().all(is_printed)
        && shows_status
        && (listed.etag().is_some() || change.edits.iter().all(|edit| plan::holds(edit, listed)))
}
