//! What was asked of the sandbox so far and what went wrong with it, for those who want to know what a client does.

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

/// How often trouble struck, of those requests that could meet with it: over HTTP all, without sockets those through
/// [`Troubled`](super::Troubled).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Troubles {
    /// Requests that came, whatever became of them.
    pub requests: u64,
    /// 429s.
    pub throttled: u64,
    /// Those of the 429s whose request came although an earlier answer had announced the pause and its time was not
    /// over. A request that was under way when that answer left is none of the caller's fault, but counts.
    pub requests_during_pause: u64,
    /// Requests that were done and got no answer.
    pub replies_lost: u64,
    /// Requests that were not done and got no answer.
    pub cuts: u64,
    /// 503s.
    pub failures: u64,
    /// Referrals that a colleague changed.
    pub changes_underneath: u64,
    /// Tokens that were refused because they had been used too often, each counted once.
    pub tokens_expired: u64,
}
