//! Signing in: a person once, with a device code (RFC 8628); from then on a refresh token (RFC 6749, section 6) that
//! is kept in a file and gives access tokens.
//!
//! ```text
//!   login:   Application ── devicecode ──▶ Invitation, shown to the person
//!            Application ── polls ───────▶ Kept ──▶ TokenFile
//!   a run:   Credentials ── due or refused ──▶ lock ─ read again ─ refresh ─ save ──▶ the next token
//! ```
//!
//! What it promises: tokens and the client secret go to the sign-in host and nowhere else, and into no message; a
//! refresh token is on disk before the access token that came with it is used; of all processes on this machine one
//! renews, and the others take what it got; every body, wait and repetition is bounded.
//!
//! Two requests by hand and not a crate for OAuth: what would be left to a crate are two forms and the names of a
//! dozen fields, while the bounds, the repetitions, the wording and the file are ours in any case.

mod application;
mod authority;
mod claims;
mod device;
mod endpoint;
mod error;
mod file;
mod secret;
mod stored;

pub use application::{Application, SCOPE};
pub use authority::{Authority, BadAuthority, BadTenant, Tenant};
pub use claims::Claims;
pub use device::Invitation;
pub use error::{Denied, SignInError};
pub use file::{Kept, TokenFile, Unkept};
pub use secret::ClientSecret;
pub use stored::StoredSignIn;

pub(super) use application::Need;
pub use endpoint::Grant;
pub(super) use stored::Dated;
