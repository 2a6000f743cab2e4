//! The service that a run talks to: the real one over HTTP, or a sandbox inside this process.

use std::sync::Arc;

use secrecy::SecretString;

use crate::api::{BaseUrl, Client, ClientSettings, Credentials};
use crate::app::arguments;
use crate::error::{Failure, Kind};

/// The environment variable that holds an access token.
const TOKEN_VARIABLE: &str = "REFSHEET_TOKEN";

/// A client for the configured service, signed in.
pub fn client(arguments: &arguments::Service) -> Result<Client, Failure> {
    let base_url: BaseUrl = arguments
        .base_url
        .parse()
        .map_err(|error| Failure::new(Kind::Usage, error).hint("give the address as https://host/path"))?;
    let credentials = credentials()?;
    let settings = ClientSettings { concurrency: usize::from(arguments.concurrency), ..ClientSettings::new(base_url) };
    Client::new(settings, Arc::new(credentials)).map_err(|error| Failure::new(Kind::Usage, error))
}

/// The address of the service, for the ledger and the report.
pub fn address(arguments: &arguments::Service) -> String {
    if arguments.sandbox { "sandbox".to_owned() } else { arguments.base_url.clone() }
}

fn credentials() -> Result<Credentials, Failure> {
    let token = std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.trim().is_empty()).ok_or_else(|| {
        Failure::new(Kind::SignIn, "no access token is configured")
            .hint(format!("set {TOKEN_VARIABLE} to an access token for https://api.partner.microsoft.com"))
            .hint("or try everything without an account: add --sandbox")
    })?;
    Credentials::fixed(&SecretString::from(token))
        .map_err(|error| Failure::new(Kind::SignIn, error).hint(format!("look at what {TOKEN_VARIABLE} holds")))
}
