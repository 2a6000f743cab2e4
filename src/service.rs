//! The seam: what we need of the service that holds the referrals, in our words.
//!
//! Two implementations ship: [`crate::api`] speaks HTTP to the real one, [`crate::sandbox`] holds referrals in
//! memory. Nothing here retries, waits or limits a rate: one call is one request, so that every attempt can be
//! paced and written down by who makes it ([`crate::engine`]).

use std::future::Future;
use std::time::Duration;

use crate::domain::json::Json;
use crate::domain::patch::Patch;
use crate::domain::referral::{ETag, Referral, ReferralId};

/// A service that holds referrals.
pub trait Service: Send + Sync + 'static {
    /// Reads one referral.
    fn read(&self, id: ReferralId) -> impl Future<Output = Answer<Referral>> + Send;

    /// Reads one page of the list.
    fn page(&self, query: PageQuery) -> impl Future<Output = Answer<Page>> + Send;

    /// Applies a patch. The referral comes back when `wanted` asks for it and the service obliges.
    fn patch(
        &self,
        id: ReferralId,
        patch: &Patch,
        guard: Option<&ETag>,
        wanted: Wanted,
    ) -> impl Future<Output = Answer<Option<Referral>>> + Send;

    /// Replaces a whole referral (the older contract). `document` has no `links`.
    fn replace(
        &self,
        id: ReferralId,
        document: &Json,
        guard: &ETag,
    ) -> impl Future<Output = Answer<Option<Referral>>> + Send;

    /// Creates a referral. Not idempotent (contract, section 5.5).
    fn create(&self, document: &Json) -> impl Future<Output = Answer<Referral>> + Send;

    /// Sees to it that the next call does not use a token that was refused: to be awaited after
    /// [`FaultKind::Unauthenticated`], before the call is made again (contract, section 10).
    ///
    /// Concurrent callers share one renewal, and who was refused with a token that has been replaced since returns
    /// at once. An error means that there is no other token. A service that asks for none has nothing to do.
    fn renew(&self) -> impl Future<Output = Result<(), Fault>> + Send {
        async { Ok(()) }
    }

    /// Sees to it that a call that is about to be made has what it takes: a token that will not end on the way. To be
    /// awaited before each call. When it does not work, the call will say so.
    fn make_ready(&self) -> impl Future<Output = Readiness> + Send {
        async { Readiness::AtOnce }
    }
}

/// Whether a call had to wait until it could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It did not.
    AtOnce,
    /// It did, and so did all others: whoever paces calls has to pace them anew.
    AfterAWait,
}

/// What a call ends in.
pub type Answer<T> = Result<Reply<T>, Fault>;

/// Whether the body of the changed referral is asked for (`Prefer: return=representation`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The changed referral, so that its new eTag is known.
    Representation,
    /// Only that it was done.
    Nothing,
}

/// Which page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageQuery {
    /// The first page, with at most `size` referrals, and the count of all if the service gives it.
    First {
        /// Referrals on a page; the service gives at most 100 (contract, section 3.9).
        size: u32,
        /// An OData filter, unencoded (contract, section 7).
        filter: Option<String>,
    },
    /// The page after one that was read.
    Next(Cursor),
}

/// Where the next page starts. Opaque; only the service that made it can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// One page of the list.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its referrals. Members may be left out, the eTag too (contract, section 7).
    pub referrals: Vec<Referral>,
    /// How many there are on all pages, if the service says so.
    pub total: Option<u64>,
    /// The next page, if there is one.
    pub next: Option<Cursor>,
}

/// A successful answer with what the report keeps of it.
#[derive(Debug, Clone)]
pub struct Reply<T> {
    /// What was asked for.
    pub value: T,
    /// The traces of the call.
    pub trace: Trace,
}

/// What identifies a call afterwards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// HTTP status, if an answer came.
    pub http: Option<u16>,
    /// `Request-ID` or what stands in its place (contract, section 2).
    pub request_id: Option<String>,
    /// The `ETag` header, if there was one.
    pub etag: Option<ETag>,
}

/// A call that did not succeed. Decided by status, never by message text.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// What it means for who called.
    pub kind: FaultKind,
    /// The traces of the call.
    pub trace: Trace,
    /// The deepest known error code (contract, section 8.1), or a word of ours when there was no answer.
    pub code: Option<String>,
    /// What the service said, or what went wrong on the way, for people. At most 1,024 characters.
    pub message: String,
}

/// What a fault means for who called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The service said no; asking again would give the same (400, 403, 404, 409, 422 and other 4xx).
    Refused,
    /// The guard did not match: the referral has changed (412, 428, `resourceModified`).
    Stale,
    /// The token is missing, expired or not good enough (401).
    Unauthenticated,
    /// The service asks for a pause and has done nothing (429, 503 and 509; 423).
    Busy {
        /// What `Retry-After` says, counted from the answer.
        retry_after: Option<Duration>,
        /// Whether it was throttling (429), which means that our rate is too high.
        throttled: bool,
    },
    /// Nothing reached the service (no connection).
    Unsent,
    /// It may or may not have been done (408, 500, 502, 504, a time limit, a cut connection, an unreadable answer).
    Lost,
}
