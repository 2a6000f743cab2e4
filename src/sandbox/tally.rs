//! What was asked of the sandbox so far, for those who want to know how much a client asks.

use std::collections::BTreeMap;

use crate::domain::referral::ReferralId;

/// How often one referral was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// GET requests of this one; pages of the list do not count here.
    pub reads: u64,
    /// PATCH and PUT requests that reached it, refused ones included.
    pub writes: u64,
    /// Those that were stored.
    pub applied: u64,
}

/// How often anything was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallies {
    /// Pages of the list.
    pub pages: u64,
    /// Referrals created.
    pub created: u64,
    /// Referrals that were read or written at least once.
    pub referrals: BTreeMap<ReferralId, Tally>,
}
