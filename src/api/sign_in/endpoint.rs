//! One form posted to the sign-in host, and what its answer means. Bounded like every call of ours; it follows no
//! redirect, because the form holds what must go nowhere else.

use std::error::Error;
use std::time::{Duration, SystemTime};

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::{redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::Url;
use url::form_urlencoded::Serializer;

use super::authority::Authority;
use super::error::{Denied, SignInError};
use crate::api::body;
use crate::api::client::USER_AGENT;
use crate::api::error_body::clean;
use crate::api::retry_after::retry_after;
use crate::api::token::Token;

/// How long the host may take to answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How long the connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer that is read. Real ones have some 5 KiB.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How much of the host's own words is shown, in characters.
const SAID_CHARS_MAX: usize = 300;
/// How long a token is taken to be good for at most. Real ones last about an hour.
const LIFETIME_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a token is good for whose answer does not say so (contract, section 10).
const LIFETIME_DEFAULT: Duration = Duration::from_secs(3600);

/// What the sign-in host gives.
#[derive(Debug, Clone)]
pub struct Grant {
    pub(in crate::api) token: Token,
    pub(in crate::api) refresh: Option<SecretString>,
    pub(in crate::api) lifetime: Duration,
}

/// A form to be posted. The values of some fields are secrets.
pub(super) struct Form {
    fields: Vec<(&'static str, SecretString)>,
}

/// An answer that is no success.
pub(super) struct No {
    pub error: SignInError,
    /// How long the host wants to be left alone.
    pub pause: Option<Duration>,
}

/// The way to the host.
#[derive(Debug, Clone)]
pub(super) struct Host {
    http: reqwest::Client,
    name: String,
}

impl Form {
    pub(super) fn new(fields: impl IntoIterator<Item = (&'static str, SecretString)>) -> Form {
        Form { fields: fields.into_iter().collect() }
    }

    fn text(&self) -> String {
        let mut text = Serializer::new(String::new());
        for (name, value) in &self.fields {
            text.append_pair(name, value.expose_secret());
        }
        text.finish()
    }

    /// Takes out of a text what the form has sent in confidence, should the host repeat it.
    fn hide(&self, text: &str) -> String {
        const SECRETS: [&str; 3] = ["client_secret", "refresh_token", "device_code"];
        let secrets = self.fields.iter().filter(|(name, _)| SECRETS.contains(name)).map(|(_, value)| value);
        let secrets = secrets.filter(|secret| !secret.expose_secret().is_empty());
        secrets.fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), "[secret]"))
    }
}

impl Host {
    pub(super) fn new(authority: &Authority) -> Result<Host, SignInError> {
        // It fails when one is installed already, and then there is nothing to do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            // Asked once an hour, a connection that is kept would only be a stale one.
            .pool_max_idle_per_host(0)
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .https_only(!authority.is_loopback());
        let http = if authority.is_loopback() { http.no_proxy() } else { http };
        let http = http.build().map_err(|error| SignInError::NoClient(root_cause(&error)))?;
        Ok(Host { http, name: authority.host() })
    }

    /// Posts a form and gives the members of the answer.
    pub(super) async fn post(&self, url: Url, form: &Form) -> Result<Map<String, Value>, No> {
        let request = self.http.post(url.clone()).header(ACCEPT, "application/json");
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.text());
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        tracing::debug!(host = self.name, path = url.path(), http = status.as_u16(), "the sign-in host answered");
        if status.is_redirection() {
            return Err(self.strange("it redirects, which is not followed").into());
        }
        let text = match body::whole(response, ANSWER_BYTES_MAX).await {
            Ok(text) => text.unwrap_or_default(),
            Err(body::Unreadable::Broken(error)) => return Err(self.unreachable(&error)),
            Err(body::Unreadable::TooLong { .. }) => return Err(self.strange("it is too long").into()),
            Err(body::Unreadable::NotText) => return Err(self.strange("it is not text").into()),
        };
        let members = match serde_json::from_str(&text) {
            Ok(Value::Object(members)) => Some(members),
            _ => None,
        };
        match members {
            Some(members) if status.is_success() => Ok(members),
            None if status.is_success() => Err(self.strange("it is not a JSON object").into()),
            members => Err(self.no(status.as_u16(), &headers, members.unwrap_or_default(), form)),
        }
    }

    /// Tokens from the members of an answer (RFC 6749, section 5.1).
    pub(super) fn grant(&self, members: &Map<String, Value>) -> Result<Grant, SignInError> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        if text("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(self.strange("its token is no bearer token"));
        }
        let token = text("access_token").ok_or_else(|| self.strange("it has no access token"))?;
        let token = Token::parse(token).map_err(|error| self.strange(&error.to_string()))?;
        let refresh = text("refresh_token").filter(|token| !token.is_empty()).map(SecretString::from);
        let lifetime = members.get("expires_in").and_then(seconds).unwrap_or(LIFETIME_DEFAULT);
        Ok(Grant { token, refresh, lifetime: lifetime.clamp(Duration::from_secs(1), LIFETIME_MAX) })
    }

    pub(super) fn strange(&self, why: &str) -> SignInError {
        SignInError::Strange { host: self.name.clone(), why: why.to_owned() }
    }

    fn unreachable(&self, error: &reqwest::Error) -> No {
        let why = match error.is_timeout() && !error.is_connect() {
            true => format!("no answer within {} s", TIMEOUT.as_secs()),
            false => root_cause(error),
        };
        SignInError::Unreachable { host: self.name.clone(), why }.into()
    }

    fn no(&self, status: u16, headers: &HeaderMap, members: Map<String, Value>, form: &Form) -> No {
        let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
        let code = clean(&form.hide(text("error")), 64);
        // The first line says it; the others are trace ids.
        let said = text("error_description").lines().next().unwrap_or_default();
        let said = clean(&form.hide(said), SAID_CHARS_MAX);
        let error = match status {
            _ if !code.is_empty() => SignInError::Denied { denied: Denied::of(&code), said },
            408 | 429 | 500.. => SignInError::Busy { host: self.name.clone(), status },
            _ => self.strange(&format!("status {status} without a word of explanation")),
        };
        No { error, pause: retry_after(headers, SystemTime::now()) }
    }
}

impl From<SignInError> for No {
    fn from(error: SignInError) -> No {
        No { error, pause: None }
    }
}

/// A number of seconds; older hosts print it as text.
pub(super) fn seconds(value: &Value) -> Option<Duration> {
    let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
    number.map(Duration::from_secs)
}

/// The innermost cause, which says most, and has no address in it.
fn root_cause(error: &(dyn Error + 'static)) -> String {
    let last = std::iter::successors(Some(error), |&error| error.source()).last();
    last.map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn grant(answer: Value) -> Result<Grant, String> {
        let host = Host::new(&"http://127.0.0.1:1".parse().unwrap()).unwrap();
        host.grant(answer.as_object().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn tokens_are_taken_as_the_host_gives_them() {
        let full =
            grant(json!({ "token_type": "bearer", "access_token": "a", "refresh_token": "r", "expires_in": 3599 }));
        let full = full.unwrap();
        assert_eq!((full.token.expose(), full.lifetime.as_secs()), ("a", 3599));
        assert_eq!(full.refresh.unwrap().expose_secret(), "r");
        let lifetime = |expires_in: Value| {
            grant(json!({ "access_token": "a", "expires_in": expires_in })).unwrap().lifetime.as_secs()
        };
        assert_eq!(lifetime(json!("600")), 600);
        assert_eq!(lifetime(json!(0)), 1);
        assert_eq!(lifetime(json!(u64::MAX)), 24 * 3600);
        assert_eq!(lifetime(json!(null)), 3600);
    }

    #[test]
    fn what_is_no_token_is_not_taken_for_one() {
        for strange in [
            json!({}),
            json!({ "access_token": "" }),
            json!({ "access_token": "two words" }),
            json!({ "access_token": "a", "token_type": "mac" }),
        ] {
            assert!(grant(strange).unwrap_err().starts_with("the sign-in host 127.0.0.1:1 gave an answer that is"));
        }
    }

    #[test]
    fn what_was_sent_in_confidence_is_not_repeated() {
        let form = Form::new([("client_id", "an-id".into()), ("refresh_token", "s3cret".into())]);
        assert_eq!(form.hide("an-id may not use s3cret"), "an-id may not use [secret]");
        assert_eq!(form.text(), "client_id=an-id&refresh_token=s3cret");
    }
}
