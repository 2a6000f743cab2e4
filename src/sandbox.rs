//! The service embedded: a store of referrals in memory, and its HTTP face.
//!
//! It is a judge, not a mirror. What a caller sends is read and judged here by code and tables of their own, taken
//! from the contract and not from [`crate::domain`], so that client and sandbox cannot agree on the same mistake.
//! Where the contract says "unknown", section 13 of it decides; the numbers S1 to S24 are cited where they are kept.
//!
//! ```text
//!   Service (in process) ──┐
//!                          ├──> Store ──> judge, whole ──> shape, lifecycle
//!   serve (HTTP) ──────────┘      └────> listing ──> odata
//! ```
//!
//! Trouble comes on request, between a face and the store: by chance over HTTP ([`Trouble`]), by script without
//! sockets ([`Troubled`]).
//!
//! Both faces hand over the same text, so both meet the same judge. Everything is deterministic: the same settings
//! and the same requests in the same order give the same bytes. Nothing is kept when the process ends.

mod clock;
mod mint;
mod refusal;

mod lifecycle;
mod members;
mod shape;

mod document;
mod judge;
mod part;
mod whole;

mod listing;
mod odata;
mod shelf;
mod views;

mod request;
mod seed;
mod store;
mod tally;

mod mishap;
mod trouble;

mod sign_in;

mod door;
mod http;
mod line;

mod service;
mod troubled;

pub use clock::Clock;
pub use document::Document;
pub use http::{ServeOptions, serve};
pub use mint::referral_id;
pub use mishap::Mishap;
pub use refusal::{ErrorCode, Refusal};
pub use request::Body;
pub use sign_in::{NoReplies, Replies, Reply, SignIn};
pub use store::{Settings, Store, Unusable};
pub use tally::{Tallies, Tally, Troubles};
pub use trouble::{Limit, NoLimit, NoShare, Share, Trouble};
pub use troubled::{Call, Troubled};
