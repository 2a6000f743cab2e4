//! Signing in at the sandbox: device codes (RFC 8628), refresh tokens with rotation (RFC 6749, section 6), and access
//! tokens that end.
//!
//! ```text
//!   devicecode ──▶ code, pending ── polls ──▶ approved ──▶ access token + refresh token 1
//!                     ▲                                                  │ refresh
//!                     └── the page, or the replies that were asked for   ▼
//!                                                       access token + refresh token 2, and so on
//! ```
//!
//! A refresh token that was used is replaced. By default the replaced one is good until its successor is used, which
//! shows that the caller has got it: an answer that was lost costs nobody the sign-in. With strict rotation it is
//! good for one use. Whoever comes with an older one is taken for a thief, and the whole family of tokens is revoked
//! (RFC 9700, section 4.14.2). What the real host does is not documented in the contract; it may do either.
//!
//! The desk looks at no clock. When something happens is an argument.

mod desk;
mod face;
mod replies;
mod token;

use std::time::Duration;

pub(super) use desk::{Desk, SignIns};
pub(super) use face::{answer, is_meant};
pub use replies::{NoReplies, Replies, Reply};

/// What the token must be for (contract, section 10).
const SCOPE: &str = "https://api.partner.microsoft.com/.default";
/// Asks for a refresh token.
const OFFLINE: &str = "offline_access";
/// How long a device code is good for.
const CODE_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// What a caller that polls too often must add to the time between two polls (RFC 8628, section 3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// How signing in goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Whether only tokens that were issued here are taken.
    pub is_required: bool,
    /// How long access tokens are good for.
    pub token_lifetime: Duration,
    /// What those hear who poll.
    pub replies: Replies,
    /// How long they must wait between two polls; zero for those who may come as they like, whatever they are told.
    pub interval: Duration,
    /// Whether a refresh token is good for one use, even if the answer was lost.
    pub strict_rotation: bool,
    /// The secret that the application must show.
    pub client_secret: Option<String>,
    /// Whether the person showed a second factor.
    pub mfa: bool,
}

impl Default for SignIn {
    fn default() -> Self {
        SignIn {
            is_required: false,
            token_lifetime: Duration::from_secs(3600),
            replies: Replies::default(),
            interval: Duration::from_secs(1),
            strict_rotation: false,
            client_secret: None,
            mfa: true,
        }
    }
}

#[cfg(test)]
mod tests;
