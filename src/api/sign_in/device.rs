//! Signing in with a code that is entered on any device (RFC 8628).

use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::application::{Application, SCOPE};
use super::endpoint::{Grant, Host, No, seconds};
use super::error::{Denied, SignInError};
use crate::api::error_body::clean;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// How long between two polls if the host does not say so (RFC 8628, section 3.2).
const INTERVAL_DEFAULT: Duration = Duration::from_secs(5);
/// How much longer after `slow_down` (section 3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);
/// The bounds of what the host can ask for between two polls.
const INTERVAL_MIN: Duration = Duration::from_secs(1);
const INTERVAL_MAX: Duration = Duration::from_secs(60);
/// How long a code is waited for at most. Real ones are good for 15 minutes.
const LIFETIME_MAX: Duration = Duration::from_secs(3600);
/// The longest text of the host's that a person is shown, in characters.
const SHOWN_CHARS_MAX: usize = 200;

/// What a person needs to sign in: a page and a code to be entered there.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The page.
    pub page: String,
    /// The code.
    pub code: String,
    /// How long the code is good for.
    pub lifetime: Duration,
    device_code: SecretString,
    interval: Duration,
}

impl Application {
    /// Asks for a code.
    pub async fn invite(&self) -> Result<Invitation, SignInError> {
        let host = Host::new(&self.authority)?;
        let form = self.form(&[("scope", SCOPE)], []).await?;
        let members = host.post(self.authority.codes(&self.tenant), &form).await.map_err(|no| no.error)?;
        Invitation::read(&members).ok_or_else(|| host.strange("it has no code, or no page to enter it"))
    }

    /// Waits until the person has signed in, `pause` passing the time between two questions.
    pub async fn await_person(
        &self,
        invitation: &Invitation,
        pause: impl AsyncFn(Duration),
    ) -> Result<Grant, SignInError> {
        let host = Host::new(&self.authority)?;
        let (mut interval, mut waited) = (invitation.interval, Duration::ZERO);
        while waited < invitation.lifetime {
            pause(interval).await;
            waited += interval;
            // With a form of its own each time, because a secret may be replaced while somebody looks for his phone.
            let form = self.form(&[("grant_type", GRANT)], [("device_code", &invitation.device_code)]).await?;
            match host.post(self.authority.tokens(&self.tenant), &form).await {
                Ok(members) => return host.grant(&members),
                Err(No { error: SignInError::Denied { denied: Denied::Pending, .. }, .. }) => {}
                Err(No { error: SignInError::Denied { denied: Denied::SlowDown, .. }, .. }) => interval += SLOW_DOWN,
                // A host that cannot be reached is asked ever less often (section 3.5).
                Err(No { error, .. }) if error.is_passing() => interval = (interval * 2).min(INTERVAL_MAX),
                Err(No { error, .. }) => return Err(error),
            }
        }
        Err(SignInError::Denied { denied: Denied::CodeEnded, said: String::new() })
    }
}

impl Invitation {
    fn read(members: &Map<String, Value>) -> Option<Invitation> {
        let text = |name: &str| members.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        let shown = |name: &str| text(name).map(|text| clean(text, SHOWN_CHARS_MAX));
        let span = |name: &str| members.get(name).and_then(seconds);
        Some(Invitation {
            // The older name is what drafts of the standard had.
            page: shown("verification_uri").or_else(|| shown("verification_url"))?,
            code: shown("user_code")?,
            lifetime: span("expires_in").unwrap_or(LIFETIME_MAX).min(LIFETIME_MAX),
            device_code: SecretString::from(text("device_code")?),
            interval: span("interval").unwrap_or(INTERVAL_DEFAULT).clamp(INTERVAL_MIN, INTERVAL_MAX),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(answer: Value) -> Option<(String, String, u64, u64)> {
        let Invitation { page, code, lifetime, interval, .. } = Invitation::read(answer.as_object().unwrap())?;
        Some((page, code, lifetime.as_secs(), interval.as_secs()))
    }

    #[test]
    fn an_invitation_is_read_within_bounds() {
        let full = json!({
            "device_code": "d", "user_code": "AB\u{1b}[31mC", "verification_uri": "https://microsoft.com/devicelogin",
            "expires_in": 900, "interval": 5,
        });
        let page = "https://microsoft.com/devicelogin".to_owned();
        assert_eq!(read(full.clone()), Some((page.clone(), "AB [31mC".to_owned(), 900, 5)));
        let mut wild = full.clone();
        (wild["expires_in"], wild["interval"]) = (json!(u64::MAX), json!(0));
        assert_eq!(read(wild), Some((page.clone(), "AB [31mC".to_owned(), 3600, 1)));
        let mut bare = full.clone();
        bare.as_object_mut().unwrap().retain(|name, _| !["expires_in", "interval"].contains(&name.as_str()));
        assert_eq!(read(bare), Some((page, "AB [31mC".to_owned(), 3600, 5)));
        for needed in ["device_code", "user_code", "verification_uri"] {
            let mut without = full.clone();
            without[needed] = json!(" ");
            assert_eq!(read(without), None, "{needed}");
        }
        assert!(!format!("{:?}", Invitation::read(full.as_object().unwrap())).contains("\"d\""));
    }
}
