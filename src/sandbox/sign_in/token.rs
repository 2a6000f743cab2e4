//! Access tokens with the shape of a JWT (RFC 7519) and the claims that a real one has. Nobody has signed them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

/// What a token says.
pub(super) struct Claims<'a> {
    pub client_id: &'a str,
    pub tenant: &'a str,
    /// Of the tenant, of the account, and of its role.
    pub ids: [Uuid; 3],
    /// What tells this token from any other.
    pub serial: Uuid,
    pub issued_at: Timestamp,
    pub lifetime: Duration,
    pub mfa: bool,
}

/// A token: header, claims, and what stands in the place of a signature.
pub(super) fn access(claims: &Claims<'_>) -> String {
    let Claims { client_id, tenant, ids: [tid, oid, role], serial, issued_at, lifetime, mfa } = claims;
    let ends = SignedDuration::try_from(*lifetime).ok().and_then(|lifetime| issued_at.checked_add(lifetime).ok());
    let header = json!({ "typ": "JWT", "alg": "none" });
    let payload = json!({
        "aud": "https://api.partner.microsoft.com",
        "iss": format!("https://sts.sandbox.invalid/{tenant}/"),
        "iat": issued_at.as_second(),
        "nbf": issued_at.as_second(),
        "exp": ends.unwrap_or(Timestamp::MAX).as_second(),
        "appid": client_id,
        "tid": tid.to_string(),
        "oid": oid.to_string(),
        "upn": "operations@sandbox.example",
        "name": "Sandbox Operations",
        "scp": "user_impersonation",
        "wids": [role.to_string()],
        "roles": ["Referral Admin"],
        "amr": if *mfa { json!(["pwd", "mfa"]) } else { json!(["pwd"]) },
        "uti": serial.simple().to_string(),
        "ver": "1.0",
    });
    format!("{}.{}.c2FuZGJveA", base64_url(&header.to_string()), base64_url(&payload.to_string()))
}

/// RFC 4648, section 5, without padding.
fn base64_url(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let letters = text.as_bytes().chunks(3).flat_map(|chunk| {
        let bits = (0..3).fold(0_u32, |bits, index| (bits << 8) | u32::from(chunk.get(index).copied().unwrap_or(0)));
        let sextet = move |index: usize| char::from(LETTERS[(bits >> (18 - 6 * index)) as usize & 63]);
        (0..=chunk.len()).map(sextet)
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_is_that_of_rfc_4648() {
        for (text, expected) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("foobar", "Zm9vYmFy"),
            ("~~?>", "fn4_Pg"),
        ] {
            assert_eq!(base64_url(text), expected);
        }
    }
}
