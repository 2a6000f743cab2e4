//! The service that a run talks to: the real one over HTTP, or a sandbox inside this process.

use std::sync::Arc;

use secrecy::SecretString;

use super::profile::Profile;
use super::settings::Settings;
use crate::api::{BaseUrl, Client, ClientSettings, Credentials};
use crate::error::{Failure, Kind};

/// The environment variable that holds an access token.
pub const TOKEN_VARIABLE: &str = "REFSHEET_TOKEN";

/// A client for the configured service, signed in.
pub fn client(settings: &Settings, profile: &Profile) -> Result<Client, Failure> {
    let base_url: BaseUrl = settings
        .base_url
        .parse()
        .map_err(|error| Failure::new(Kind::Usage, error).hint("give the address as https://host/path"))?;
    let credentials = credentials(profile)?;
    let client = ClientSettings { concurrency: usize::from(settings.concurrency), ..ClientSettings::new(base_url) };
    Client::new(client, Arc::new(credentials)).map_err(|error| Failure::new(Kind::Usage, error))
}

fn credentials(profile: &Profile) -> Result<Credentials, Failure> {
    let token = std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.trim().is_empty());
    match (token, &profile.token_command) {
        (Some(token), _) => Credentials::fixed(&SecretString::from(token))
            .map_err(|error| Failure::new(Kind::SignIn, error).hint(format!("look at what {TOKEN_VARIABLE} holds"))),
        (None, Some(command)) => super::runtime()?.block_on(Credentials::command(command.clone())).map_err(|error| {
            Failure::new(Kind::SignIn, error).hint("run the `token_command` of your profile and look at its first line")
        }),
        (None, None) => Err(Failure::new(Kind::SignIn, "no access token is configured")
            .hint(format!("set {TOKEN_VARIABLE} to an access token for https://api.partner.microsoft.com"))
            .hint("or name a program that prints one as `token_command` in the profile")
            .hint("or try everything without an account: add --sandbox")),
    }
}
