//! Rows that wait to be worked on, and what has been seen of their referrals.

use super::Pending;
use crate::domain::change::{Ask, Change, Edit};
use crate::domain::plan::{self, Write};
use crate::domain::referral::{Referral, ReferralId};

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
}

impl Seen {
    /// What has been seen, whole or not.
    pub fn referral(&self) -> Option<&Referral> {
        match self {
            Seen::Nothing => None,
            Seen::Listed(referral) | Seen::Whole(referral) => Some(referral),
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
            (Seen::Listed(_), Some(after)) => Seen::Listed(after),
            (Seen::Nothing, _) | (_, None) => Seen::Nothing,
        }
    }

    /// Whether it shows all that a change is about: an item of the list must print each member, and its eTag if
    /// something is to be sent.
    pub fn is_enough_for(&self, change: &Change) -> bool {
        match self {
            Seen::Nothing => false,
            Seen::Whole(_) => true,
            Seen::Listed(listed) => is_enough(change, listed),
        }
    }
}

impl Work {
    /// What it changes of a referral.
    pub fn edits(&self) -> impl Iterator<Item = &Edit> {
        let edits = match &self.pending.request.ask {
            Ask::Update(change) => change.edits.as_slice(),
            Ask::Create(_) | Ask::Skip | Ask::Invalid => &[],
        };
        edits.iter()
    }

    /// Whether enough has been seen of its referral.
    pub fn is_settled(&self) -> bool {
        matches!(&self.pending.request.ask, Ask::Update(change) if self.seen.is_enough_for(change))
    }

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
    let is_printed = |edit: &Edit| listed.text_at(edit.field.pointer()).is_some();
    let shows_status = change.edits.iter().all(|edit| !edit.field.path.contains("status")) || listed.status().is_some();
    change.edits.iter().all(is_printed)
        && shows_status
        && (listed.etag().is_some() || change.edits.iter().all(|edit| plan::holds(edit, listed)))
}
