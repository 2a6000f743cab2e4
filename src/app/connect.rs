//! The service that a run talks to: the real one over HTTP, or a sandbox inside this process.

use std::sync::Arc;

use secrecy::SecretString;

use super::arguments;
use super::profile::Profile;
use super::settings::Settings;
use super::sign_in::{Owner, base_url, no_token};
use crate::api::{Client, ClientSettings, Credentials, SignInError, StoredSignIn};
use crate::error::{Failure, Kind};

/// The environment variable that holds an access token.
pub const TOKEN_VARIABLE: &str = "REFSHEET_TOKEN";

/// Where a token comes from, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenSource {
    /// The environment.
    Variable,
    /// The profile's command.
    Command,
    /// What `login` has kept.
    SignIn,
}

/// A client for the configured service, signed in.
pub fn client(settings: &Settings, profile: &Profile, place: &arguments::Place) -> Result<Client, Failure> {
    let base_url = base_url(&settings.base_url)?;
    let owner = Owner { name: &settings.profile, profile, base_url: base_url.clone(), place };
    let (credentials, _) = credentials(&owner)?;
    let client = ClientSettings { concurrency: usize::from(settings.concurrency), ..ClientSettings::new(base_url) };
    Client::new(client, Arc::new(credentials)).map_err(|error| Failure::new(Kind::Usage, error))
}

/// The token, from the first of the three places that has one.
pub fn credentials(owner: &Owner<'_>) -> Result<(Credentials, TokenSource), Failure> {
    match source(owner.profile) {
        TokenSource::Variable => {
            let token = SecretString::from(std::env::var(TOKEN_VARIABLE).unwrap_or_default());
            let credentials = Credentials::fixed(&token)
                .map_err(|error| no_token(owner, error, &format!("look at what {TOKEN_VARIABLE} holds")))?;
            Ok((credentials, TokenSource::Variable))
        }
        TokenSource::Command => {
            let command = owner.profile.token_command.clone().unwrap_or_default();
            let credentials = super::runtime()?.block_on(Credentials::command(command)).map_err(|error| {
                no_token(owner, error, "run the `token_command` of your profile and look at its first line")
            })?;
            Ok((credentials, TokenSource::Command))
        }
        TokenSource::SignIn => Ok((stored(owner)?, TokenSource::SignIn)),
    }
}

/// The first of the three places that has a token.
pub fn source(profile: &Profile) -> TokenSource {
    let is_set = std::env::var(TOKEN_VARIABLE).is_ok_and(|token| !token.trim().is_empty());
    match (is_set, &profile.token_command) {
        (true, _) => TokenSource::Variable,
        (false, Some(_)) => TokenSource::Command,
        (false, None) => TokenSource::SignIn,
    }
}

/// The sign-in that is kept, renewed if need be.
fn stored(owner: &Owner<'_>) -> Result<Credentials, Failure> {
    let file = owner.file()?;
    let Some(kept) = file.read().map_err(|error| owner.failed(error.into()))? else {
        return Err(owner
            .failed(SignInError::NotSignedIn)
            .hint(format!("or set {TOKEN_VARIABLE} to an access token for https://api.partner.microsoft.com"))
            .hint("or name a program that prints one as `token_command` in the profile")
            .hint("or try everything without an account: add --sandbox"));
    };
    owner.check_same(&kept)?;
    let sign_in = StoredSignIn::new(file, owner.secret()?);
    super::runtime()?.block_on(Credentials::stored(sign_in)).map_err(|error| no_token(owner, error, ""))
}

impl TokenSource {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            TokenSource::Variable => TOKEN_VARIABLE,
            TokenSource::Command => "token_command",
            TokenSource::SignIn => "sign-in",
        }
    }
}
