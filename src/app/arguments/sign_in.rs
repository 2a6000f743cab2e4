//! Signing in: who, where, and how the sandbox plays it.

use clap::Args;
use clap::builder::FalseyValueParser as Flag;

use super::{Place, Talk};
use crate::api;
use crate::app::units::Span;
use crate::sandbox::Replies;

/// Whose sign-in it is: one for each profile and service.
#[derive(Debug, Args)]
pub struct Whose {
    /// The profile of the settings file
    #[arg(long, value_name = "NAME", env = "REFSHEET_PROFILE", default_value = crate::app::profile::DEFAULT)]
    pub profile: String,
    /// Where `/referrals` lives
    #[arg(long, value_name = "URL", env = "REFSHEET_BASE_URL", default_value = api::DEFAULT_BASE_URL)]
    pub base_url: String,
    /// Not with these: the private sandbox asks for no sign-in
    #[arg(long, hide = true, env = "REFSHEET_SANDBOX", value_parser = Flag::new())]
    pub sandbox: bool,
    /// Where settings and the sign-in live.
    #[command(flatten)]
    pub place: Place,
    /// One JSON document on standard output
    #[arg(long, env = "REFSHEET_JSON", value_parser = Flag::new())]
    pub json: bool,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: Talk,
}

/// `login`
#[derive(Debug, Args)]
pub struct Login {
    /// Whose sign-in it becomes.
    #[command(flatten)]
    pub whose: Whose,
    /// The organisation: a domain, a tenant id, or `organizations` for any [default: organizations]
    #[arg(long, value_name = "TENANT", env = "REFSHEET_TENANT")]
    pub tenant: Option<String>,
    /// The application that your organisation has registered for this program
    #[arg(long, value_name = "ID", env = "REFSHEET_CLIENT_ID")]
    pub client_id: Option<String>,
    /// The sign-in host [default: <https://login.microsoftonline.com>; for a service on this machine, that service]
    #[arg(long, value_name = "URL", env = "REFSHEET_AUTHORITY")]
    pub authority: Option<String>,
}

/// `logout`
#[derive(Debug, Args)]
pub struct Logout {
    /// Whose sign-in is forgotten.
    #[command(flatten)]
    pub whose: Whose,
}

/// `whoami`
#[derive(Debug, Args)]
pub struct Whoami {
    /// Whose sign-in is shown.
    #[command(flatten)]
    pub whose: Whose,
}

/// How signing in goes at the sandbox.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sign-in")]
pub struct SandboxSignIn {
    /// Take only tokens that were issued here and have not ended, instead of any
    #[arg(long, env = "REFSHEET_SANDBOX_REQUIRE_SIGN_IN", value_parser = Flag::new())]
    pub require_sign_in: bool,
    /// Let tokens end after so long
    #[arg(long, env = "REFSHEET_SANDBOX_TOKEN_LIFETIME", value_name = "TIME", default_value = "1h")]
    pub token_lifetime: Span,
    /// The answers to whoever polls for a sign-in, in their order, the last one again and again: `pending`,
    /// `slow_down`, `denied`, `expired`, `approved`; `pending` alone leaves it to the page `/devicelogin`
    #[arg(long, env = "REFSHEET_SANDBOX_SIGN_IN", value_name = "ANSWERS", default_value = "pending,approved")]
    pub sign_in: Replies,
    /// Revoke a refresh token at its first use, instead of when the one that took its place is used
    #[arg(long, env = "REFSHEET_SANDBOX_STRICT_ROTATION", value_parser = Flag::new())]
    pub strict_rotation: bool,
    /// Ask for a client secret, with this value
    #[arg(long, value_name = "TEXT", env = "REFSHEET_SANDBOX_CLIENT_SECRET", hide_env_values = true)]
    pub client_secret: Option<String>,
    /// Issue tokens without a second factor; the service refuses them with 900421
    #[arg(long, env = "REFSHEET_SANDBOX_WITHOUT_MFA", value_parser = Flag::new())]
    pub without_mfa: bool,
}
