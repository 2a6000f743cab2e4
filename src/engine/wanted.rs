//! The referrals that are still to be handed on, in seventeen bytes each: there may be a million.

use crate::domain::referral::ReferralId;

/// Referrals, and which of them are left.
pub struct Wanted {
    /// Sorted.
    ids: Vec<ReferralId>,
    is_left: Vec<bool>,
    left: usize,
}

impl Wanted {
    /// All of these.
    pub fn of(mut ids: Vec<ReferralId>) -> Wanted {
        ids.sort_unstable();
        ids.dedup();
        Wanted { is_left: vec![true; ids.len()], left: ids.len(), ids }
    }

    /// How many are left.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Whether this one is left.
    pub fn has(&self, id: ReferralId) -> bool {
        self.ids.binary_search(&id).is_ok_and(|place| self.is_left[place])
    }

    /// Takes one away. False if it was not there any more.
    pub fn take(&mut self, id: ReferralId) -> bool {
        let Ok(place) = self.ids.binary_search(&id) else { return false };
        let was_left = std::mem::replace(&mut self.is_left[place], false);
        self.left -= usize::from(was_left);
        was_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_taken_once() {
        let id = |number: u128| ReferralId::from(uuid::Uuid::from_u128(number));
        let mut wanted = Wanted::of(vec![id(3), id(1), id(3), id(2)]);
        assert_eq!(wanted.left(), 3);
        assert!(wanted.has(id(3)) && !wanted.has(id(4)));
        assert!(wanted.take(id(3)));
        assert!(!wanted.take(id(3)) && !wanted.take(id(4)));
        assert!(!wanted.has(id(3)) && wanted.has(id(1)));
        assert_eq!(wanted.left(), 2);
    }
}
