//! A sign-in as it is kept, and the text that it is kept as.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::authority::{Authority, Tenant};
use super::claims::Claims;
use crate::api::token::Token;

/// The shape of the text. A reader refuses any other.
const VERSION: u32 = 1;

/// A sign-in as it is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Where the person signed in.
    pub authority: Authority,
    /// The organisation.
    pub tenant: Tenant,
    /// The application.
    pub client_id: String,
    /// When the access token ends, by the clock of this machine.
    pub ends_at: Timestamp,
    /// How long it was good for when it was new.
    pub(in crate::api) lifetime: Duration,
    pub(in crate::api) token: Token,
    pub(super) refresh: Option<SecretString>,
}

#[derive(Serialize, Deserialize)]
struct Shape {
    version: u32,
    service: String,
    authority: String,
    tenant: String,
    client_id: String,
    ends_at: Timestamp,
    lifetime_s: u64,
    access_token: String,
    refresh_token: Option<String>,
}

impl Kept {
    /// What the access token says of itself; nothing if it is opaque.
    pub fn claims(&self) -> Option<Claims> {
        Claims::of(self.token.expose())
    }

    /// Whether there is a refresh token.
    pub fn can_be_renewed(&self) -> bool {
        self.refresh.is_some()
    }

    /// How long the access token is still good for. A clock that was put back makes it no younger than new.
    pub(super) fn remaining(&self, now: Timestamp) -> Duration {
        let remaining = Duration::try_from(self.ends_at.duration_since(now)).unwrap_or_default();
        remaining.min(self.lifetime)
    }

    /// The text for a sign-in to this service.
    pub(super) fn to_text(&self, service: &str) -> SecretString {
        let shape = Shape {
            version: VERSION,
            service: service.to_owned(),
            authority: self.authority.to_string(),
            tenant: self.tenant.to_string(),
            client_id: self.client_id.clone(),
            ends_at: self.ends_at,
            lifetime_s: self.lifetime.as_secs(),
            access_token: self.token.expose().to_owned(),
            refresh_token: self.refresh.as_ref().map(|token| token.expose_secret().to_owned()),
        };
        SecretString::from(serde_json::to_string_pretty(&shape).expect("it has text keys only"))
    }

    /// From the text; or what is strange about it, without a word of it.
    pub(super) fn from_text(text: &str, service: &str) -> Result<Kept, String> {
        // Whatever the parser says could repeat what it has read.
        let shape: Shape = serde_json::from_str(text).map_err(|error| {
            format!("it is not what this program writes, from line {} column {}", error.line(), error.column())
        })?;
        if shape.version != VERSION {
            return Err(format!("it is of version {}, this program uses {VERSION}", shape.version));
        }
        if shape.service != service {
            return Err("it is for another service".to_owned());
        }
        Ok(Kept {
            authority: shape.authority.parse().map_err(|_| "its sign-in host cannot be used".to_owned())?,
            tenant: shape.tenant.parse().map_err(|_| "its tenant cannot be used".to_owned())?,
            client_id: shape.client_id,
            ends_at: shape.ends_at,
            lifetime: Duration::from_secs(shape.lifetime_s),
            token: Token::parse(&shape.access_token).map_err(|error| error.to_string())?,
            refresh: shape.refresh_token.map(SecretString::from),
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::api::sign_in) fn kept() -> Kept {
        Kept {
            authority: "https://login.example".parse().unwrap(),
            tenant: "contoso".parse().unwrap(),
            client_id: "an-application".to_owned(),
            ends_at: "2026-11-02T10:00:00Z".parse().unwrap(),
            lifetime: Duration::from_secs(3600),
            token: Token::parse("s3cret-access").unwrap(),
            refresh: Some(SecretString::from("s3cret-refresh")),
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_never_shows() {
        let again = Kept::from_text(kept().to_text("a").expose_secret(), "a").unwrap();
        assert_eq!((again.token.expose(), again.ends_at), ("s3cret-access", kept().ends_at));
        assert_eq!(again.lifetime, kept().lifetime);
        assert_eq!(again.refresh.as_ref().unwrap().expose_secret(), "s3cret-refresh");
        assert!(!format!("{again:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_not_understood_is_refused_without_being_repeated() {
        let check = |text: &str, expected: &str| {
            let error = Kept::from_text(text, "a").unwrap_err();
            assert!(error.ends_with(expected) && !error.contains("s3cret"), "{error}");
        };
        let text = kept().to_text("a");
        let text = text.expose_secret();
        check("", "from line 1 column 0");
        check(&text.replace("\"version\": 1", "\"version\": \"s3cret\""), "from line 2 column 21");
        check(&text.replace("\"version\": 1", "\"version\": 2"), "it is of version 2, this program uses 1");
        check(&text.replace("\"service\": \"a\"", "\"service\": \"b\""), "it is for another service");
        check(&text.replace("https://login", "http://login"), "its sign-in host cannot be used");
    }

    #[test]
    fn a_clock_that_was_put_back_makes_no_token_younger() {
        let remaining = |now: &str| kept().remaining(now.parse().unwrap()).as_secs();
        assert_eq!(remaining("2026-11-02T09:59:00Z"), 60);
        assert_eq!(remaining("2026-11-02T11:00:00Z"), 0);
        assert_eq!(remaining("2020-01-01T00:00:00Z"), 3600);
    }
}
