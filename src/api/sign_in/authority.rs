//! The sign-in host, and whom it signs in.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::api::base_url::{BadBaseUrl, BaseUrl};

/// The sign-in host: https, or http on this very machine. The same rules as for a base URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority(BaseUrl);

/// Why a text cannot be the address of the sign-in host. It never repeats the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the address of the sign-in host cannot be used")]
pub struct BadAuthority(#[source] BadBaseUrl);

/// An organisation at the sign-in host: a domain, an id, or a word such as `organizations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant(String);

/// A text that names no tenant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no tenant: a domain such as `contoso.onmicrosoft.com`, or the tenant's id, is expected")]
pub struct BadTenant(String);

/// The longest domain name.
const TENANT_BYTES_MAX: usize = 253;

impl Authority {
    /// The host that signs in to the real service (contract, section 10).
    pub const DEFAULT: &str = "https://login.microsoftonline.com";

    /// What signs in to a service: the service itself where that is on this machine, since such a one is a sandbox.
    pub fn for_service(base_url: &BaseUrl) -> Self {
        let fallback = || Authority::DEFAULT.parse().expect("the default is an address");
        if base_url.is_loopback() { base_url.origin().parse().unwrap_or_else(|_| fallback()) } else { fallback() }
    }

    /// Whether it is this very machine.
    pub fn is_loopback(&self) -> bool {
        self.0.is_loopback()
    }

    /// Host and port, for messages.
    pub(super) fn host(&self) -> String {
        self.0.authority()
    }

    /// Where device codes are given.
    pub(super) fn codes(&self, tenant: &Tenant) -> Url {
        self.0.below(&format!("{tenant}/oauth2/v2.0/devicecode"))
    }

    /// Where tokens are given.
    pub(super) fn tokens(&self, tenant: &Tenant) -> Url {
        self.0.below(&format!("{tenant}/oauth2/v2.0/token"))
    }
}

impl FromStr for Authority {
    type Err = BadAuthority;

    fn from_str(text: &str) -> Result<Self, BadAuthority> {
        text.parse().map(Authority).map_err(BadAuthority)
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Tenant {
    /// Anybody with an account of an organisation. Only such accounts can have a role at the service.
    pub const DEFAULT: &str = "organizations";
}

impl FromStr for Tenant {
    type Err = BadTenant;

    /// Takes what can stand in an address as it is, so that nothing else can get into the address.
    fn from_str(text: &str) -> Result<Self, BadTenant> {
        let name = text.trim();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        let is_name = name.bytes().all(is_plain) && name.bytes().any(|byte| byte.is_ascii_alphanumeric());
        if is_name && name.len() <= TENANT_BYTES_MAX {
            Ok(Tenant(name.to_owned()))
        } else {
            Err(BadTenant(shown(name)))
        }
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn shown(text: &str) -> String {
    text.chars().take(64).filter(|letter| !letter.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_may_sign_in_without_https() {
        assert!("http://127.0.0.1:8089".parse::<Authority>().unwrap().is_loopback());
        assert!("http://login.example".parse::<Authority>().is_err());
        assert!("https://ann:s3cret@login.example".parse::<Authority>().is_err());
    }

    #[test]
    fn a_tenant_is_part_of_an_address_and_cannot_change_it() {
        let tokens = |tenant: &str| {
            let authority: Authority = Authority::DEFAULT.parse().unwrap();
            tenant.parse::<Tenant>().map(|tenant| authority.tokens(&tenant).to_string())
        };
        for fine in ["contoso.onmicrosoft.com", "7f6e5d4c-0000-4000-8000-000000000001", "organizations"] {
            assert_eq!(tokens(fine).unwrap(), format!("https://login.microsoftonline.com/{fine}/oauth2/v2.0/token"));
        }
        for bad in ["", "..", "a/b", "a?b", "a b", "%2e", "ä.de", "-"] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_service_on_this_machine_signs_in_itself() {
        let of = |base_url: &str| Authority::for_service(&base_url.parse().unwrap()).to_string();
        assert_eq!(of("http://127.0.0.1:8089/v1.0/engagements"), "http://127.0.0.1:8089");
        assert_eq!(of("http://[::1]:8089/v1.0/engagements"), "http://[::1]:8089");
        assert_eq!(of("https://api.partner.microsoft.com/v1.0/engagements"), Authority::DEFAULT);
    }
}
