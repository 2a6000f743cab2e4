//! The service over HTTP: the only home of URLs, wire shapes and tokens.
//!
//! One call of [`Service`](crate::service::Service) is one request, and never a second one:
//!
//! ```text
//! Client ── Call ──▶ request ──▶ … ──▶ status, headers, body ──▶ Reply or Fault
//!   │                  ▲
//!   └─ Credentials ────┘ the current token; a 401 marks it as refused, `renew` replaces it, best before it ends
//! ```
//!
//! What it promises: the access token goes to the host of the [`BaseUrl`] and nowhere else, neither after a redirect nor
//! into a log or an error; a referral's text arrives as the service sent it, to the byte; every size and every
//! wait is bounded; an answer that leaves open whether something was done is a
//! [`Lost`](crate::service::FaultKind::Lost), never a success.
//!
//! Deliberately absent: retry, waiting, a rate limit, reading back. Those are the engine's, which has to pace and
//! write down every attempt.

mod base_url;
mod client;
mod command;
mod credentials;
mod sign_in;
mod token;

mod body;
mod call;
mod error_body;
mod fault;
mod list;
mod retry_after;
mod trace;

pub use base_url::{BadBaseUrl, BaseUrl, DEFAULT_BASE_URL};
pub use client::{Client, ClientError, ClientSettings};
pub use command::CommandError;
pub use credentials::Credentials;
pub use sign_in::{
    Application, Authority, BadAuthority, BadTenant, Claims, ClientSecret, Denied, Grant, Invitation, Kept, SCOPE,
    SignInError, StoredSignIn, Tenant, TokenFile, Unkept,
};
pub use token::TokenError;
