//! Where the service lives, and the addresses below it.
//!
//! Addresses are always built from here. The links that the service prints are never followed: they are misspelled
//! in the documentation, and could name another host (contract, section 11, traps 2, 3 and 5).

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

use crate::domain::referral::ReferralId;

/// The real service (contract, section 1).
pub const DEFAULT_BASE_URL: &str = "https://api.partner.microsoft.com/v1.0/engagements";

/// The address that `/referrals` is below: https, or http on this very machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why a text cannot be a base URL. It never repeats the text, which could hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBaseUrl {
    /// It is no URL.
    #[error("the base URL is not a URL")]
    NotAUrl(#[from] url::ParseError),
    /// It is neither https nor http.
    #[error("the base URL has the scheme `{0}` instead of https")]
    Scheme(String),
    /// It is http to another machine, which would show the token to the network (contract, section 1).
    #[error("the base URL is http, but `{0}` is not this machine; only https keeps the token secret")]
    NotSecret(String),
    /// It has a user name or a password.
    #[error("the base URL has a user name or password; signing in works with a token")]
    UserInfo,
    /// It has a query, which a request's own query would replace.
    #[error("the base URL has a query, `?…`")]
    Query,
    /// It has a fragment, which no server ever sees.
    #[error("the base URL has a fragment, `#…`")]
    Fragment,
}

impl FromStr for BaseUrl {
    type Err = BadBaseUrl;

    fn from_str(text: &str) -> Result<Self, BadBaseUrl> {
        let mut url = Url::parse(text.trim())?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(BadBaseUrl::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadBaseUrl::UserInfo);
        }
        if url.query().is_some() {
            return Err(BadBaseUrl::Query);
        }
        if url.fragment().is_some() {
            return Err(BadBaseUrl::Fragment);
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(BadBaseUrl::NotSecret(url.host_str().unwrap_or_default().to_owned()));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(BaseUrl(url))
    }
}

impl fmt::Display for BaseUrl {
    /// The address without a slash at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl BaseUrl {
    /// Whether it is this very machine: `localhost`, 127.0.0.0/8 or `[::1]`.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Scheme, host and port: what a token may be sent to.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Host and port, for messages.
    pub(super) fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        let port = self.0.port_or_known_default().unwrap_or_default();
        format!("{host}:{port}")
    }

    /// The address of the collection.
    pub(super) fn referrals(&self) -> Url {
        self.below("referrals")
    }

    /// An address below it.
    pub(super) fn below(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{path}", self.0.path().trim_end_matches('/')));
        url
    }

    /// The address of the collection with a query, which may hold characters that are not yet encoded.
    pub(super) fn list(&self, query: &str) -> Url {
        let mut url = self.referrals();
        url.set_query(Some(query));
        url
    }

    /// The address of one referral.
    pub(super) fn referral(&self, id: ReferralId) -> Url {
        self.below(&format!("referrals/{id}"))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, BadBaseUrl>) {
        let parsed: Result<BaseUrl, BadBaseUrl> = text.parse();
        assert_eq!(parsed.map(|url| url.to_string()), expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn only_this_machine_may_be_reached_without_https() {
        for fine in [
            DEFAULT_BASE_URL,
            "https://example.com",
            "http://localhost:8080/v1.0",
            "http://127.8.9.1:1",
            "http://[::1]",
        ] {
            check(fine, Ok(fine));
        }
        let not_secret = |host: &str| Err(BadBaseUrl::NotSecret(host.to_owned()));
        check("http://api.partner.microsoft.com/v1.0", not_secret("api.partner.microsoft.com"));
        check("http://localhost.example.com", not_secret("localhost.example.com"));
        check("http://10.0.0.1", not_secret("10.0.0.1"));
        check("http://[::ffff:127.0.0.1]", not_secret("[::ffff:7f00:1]"));
        check("ftp://localhost", Err(BadBaseUrl::Scheme("ftp".to_owned())));
    }

    #[test]
    fn a_slash_or_a_space_at_the_end_does_not_matter() {
        check(" https://example.com/v1.0/engagements// ", Ok("https://example.com/v1.0/engagements"));
        check("https://example.com/", Ok("https://example.com"));
    }

    #[test]
    fn whatever_does_not_belong_into_it_is_refused_by_name() {
        check("https://ann:secret@example.com", Err(BadBaseUrl::UserInfo));
        check("https://ann@example.com", Err(BadBaseUrl::UserInfo));
        check("https://example.com/?a=1", Err(BadBaseUrl::Query));
        check("https://example.com/?", Err(BadBaseUrl::Query));
        check("https://example.com/#a", Err(BadBaseUrl::Fragment));
        check("api.partner.microsoft.com", Err(BadBaseUrl::NotAUrl(url::ParseError::RelativeUrlWithoutBase)));
        check("https://", Err(BadBaseUrl::NotAUrl(url::ParseError::EmptyHost)));
    }

    #[test]
    fn addresses_are_below_it() {
        let base: BaseUrl = "https://example.com:444/v1.0/engagements/".parse().unwrap();
        let id: ReferralId = "5f0c3f0e-0000-4000-8000-000000000001".parse().unwrap();
        assert_eq!(base.referral(id).as_str(), format!("{base}/referrals/{id}"));
        assert_eq!(base.list("$top=1").as_str(), format!("{base}/referrals?$top=1"));
        assert_eq!(base.authority(), "example.com:444");
        assert_eq!(DEFAULT_BASE_URL.parse::<BaseUrl>().unwrap().authority(), "api.partner.microsoft.com:443");
        assert_eq!("https://h".parse::<BaseUrl>().unwrap().referrals().as_str(), "https://h/referrals");
    }
}
