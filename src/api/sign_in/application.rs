//! The application that is signed in to, as the organisation has registered it, and what it asks of the sign-in host.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::sleep;

use super::authority::{Authority, Tenant};
use super::endpoint::{Form, Grant, Host, No};
use super::error::SignInError;
use super::secret::ClientSecret;

/// What the token is for (contract, section 10), and that it can be renewed.
pub const SCOPE: &str = "https://api.partner.microsoft.com/.default offline_access";

/// The pauses between attempts to renew a sign-in. Renewing begins minutes before it must be done.
const RENEWAL_PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// The longest pause that the host can ask for between them.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// An application and where it signs people in.
#[derive(Debug, Clone)]
pub struct Application {
    /// The sign-in host.
    pub authority: Authority,
    /// The organisation.
    pub tenant: Tenant,
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub secret: ClientSecret,
}

/// How much another token is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api) enum Need {
    /// The one at hand is good for a while: everybody else waits as long as this takes, so it is to be quick.
    Soon,
    /// There is no other.
    Now,
}

impl Application {
    /// Asks for another access token; several times if it is needed now. A refresh token whose answer was lost may
    /// have been replaced; hosts take it once more, or the person has to sign in again.
    pub(super) async fn renew(&self, refresh: &SecretString, need: Need) -> Result<Grant, SignInError> {
        let host = Host::new(&self.authority)?;
        let form =
            self.form(&[("grant_type", "refresh_token"), ("scope", SCOPE)], [("refresh_token", refresh)]).await?;
        let mut pauses = match need {
            Need::Soon => [].iter(),
            Need::Now => RENEWAL_PAUSES.iter(),
        };
        loop {
            let error = match host.post(self.authority.tokens(&self.tenant), &form).await {
                Ok(members) => return host.grant(&members),
                Err(No { error, pause }) if error.is_passing() => match pauses.next() {
                    Some(usual) => {
                        tracing::warn!(%error, "the sign-in could not be renewed yet");
                        sleep(pause.unwrap_or(*usual).min(PAUSE_MAX)).await;
                        continue;
                    }
                    None => error,
                },
                Err(No { error, .. }) => error,
            };
            return Err(error);
        }
    }

    /// The fields that each form has, and these.
    pub(super) async fn form<const N: usize>(
        &self,
        fields: &[(&'static str, &str)],
        secrets: [(&'static str, &SecretString); N],
    ) -> Result<Form, SignInError> {
        let client_id = [("client_id", self.client_id.as_str())];
        let fields = fields.iter().chain(&client_id).map(|(name, value)| (*name, SecretString::from(*value)));
        let secrets = secrets.map(|(name, value)| (name, SecretString::from(value.expose_secret())));
        let secret = self.secret.read().await?.map(|secret| ("client_secret", secret));
        Ok(Form::new(fields.chain(secrets).chain(secret)))
    }
}
