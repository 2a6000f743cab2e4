//! What an access token says about itself: the claims of a JWT (RFC 7519), looked at and not verified. Only the service
//! can tell whether they are true; here they are shown to the person who is signed in anyway.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::api::error_body::clean;

/// The longest claim that is shown, in characters.
const CHARS_MAX: usize = 200;
/// How many roles and the like are shown.
const ITEMS_MAX: usize = 50;

/// The claims that say who is signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The account's sign-in name.
    pub account: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    /// The organisation's id.
    pub tenant: Option<String>,
    /// The application's id.
    pub client_id: Option<String>,
    /// What the token is for.
    pub audience: Option<String>,
    /// What the application may do.
    pub scopes: Vec<String>,
    /// The roles that the token names.
    pub roles: Vec<String>,
    /// The ids of the account's roles in its directory.
    pub directory_roles: Vec<String>,
    /// Whether a second factor was shown, if the token says how the person signed in.
    pub mfa: Option<bool>,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
}

impl Claims {
    /// The claims of a token; none of one that is opaque.
    pub fn of(token: &str) -> Option<Claims> {
        let mut parts = token.split('.');
        let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
        let members: Map<String, Value> = serde_json::from_slice(&base64_url(payload)?).ok()?;
        let first = |names: &[&str]| names.iter().find_map(|name| text(members.get(*name)?));
        let list = |name: &str| items(members.get(name));
        let methods = members.get("amr").map(|methods| items(Some(methods)));
        Some(Claims {
            account: first(&["upn", "preferred_username", "unique_name", "email"]),
            name: first(&["name"]),
            tenant: first(&["tid"]),
            client_id: first(&["appid", "azp"]),
            audience: first(&["aud"]),
            scopes: list("scp"),
            roles: list("roles"),
            directory_roles: list("wids"),
            mfa: methods.map(|methods| methods.iter().any(|method| method == "mfa")),
            ends_at: members.get("exp").and_then(Value::as_i64).and_then(|exp| Timestamp::from_second(exp).ok()),
        })
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(|text| clean(text, CHARS_MAX)).filter(|text| !text.is_empty())
}

/// A list, or words in one text.
fn items(value: Option<&Value>) -> Vec<String> {
    let texts: Vec<&str> = match value {
        Some(Value::String(words)) => words.split_whitespace().collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    texts.into_iter().take(ITEMS_MAX).map(|text| clean(text, CHARS_MAX)).collect()
}

/// RFC 4648, section 5, with or without padding.
fn base64_url(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let (mut bytes, mut bits, mut count) = (Vec::with_capacity(text.len() * 3 / 4), 0_u32, 0_u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_claims_of_a_token_are_shown() {
        // {"typ":"JWT"} . claims . signature, made with another program.
        let payload = concat!(
            "eyJhdWQiOiJodHRwczovL2FwaS5wYXJ0bmVyLm1pY3Jvc29mdC5jb20iLCJ1cG4iOiJvcHNAY29udG9zby5leGFtcGxlIiwidGlk",
            "IjoiNy03Iiwic2NwIjoidXNlcl9pbXBlcnNvbmF0aW9uIG90aGVyIiwicm9sZXMiOlsiUmVmZXJyYWwgQWRtaW4iXSwiYW1yIjpb",
            "InB3ZCIsIm1mYSJdLCJleHAiOjE3OTM2MTAwMDB9",
        );
        let claims = Claims::of(&format!("eyJ0eXAiOiJKV1QifQ.{payload}.c2ln")).unwrap();
        assert_eq!(claims.account.as_deref(), Some("ops@contoso.example"));
        assert_eq!(
            (claims.tenant.as_deref(), claims.scopes),
            (Some("7-7"), vec!["user_impersonation".into(), "other".into()])
        );
        assert_eq!((claims.roles, claims.mfa), (vec!["Referral Admin".to_owned()], Some(true)));
        assert_eq!(claims.ends_at.unwrap().to_string(), "2026-11-02T09:00:00Z");
    }

    #[test]
    fn a_token_that_is_no_jwt_is_opaque() {
        for opaque in ["", "abc", "a.b.c", "a.e30", "..", "a.!!.c", "a.W10.c"] {
            assert_eq!(Claims::of(opaque), None, "{opaque}");
        }
        let nothing = Claims::of("e30.e30.").unwrap();
        assert_eq!(nothing, Claims::default());
    }

    #[test]
    fn the_alphabet_is_that_of_rfc_4648() {
        for (text, expected) in
            [("", ""), ("Zg", "f"), ("Zg==", "f"), ("Zm8", "fo"), ("Zm9v", "foo"), ("fn4_Pg", "~~?>")]
        {
            assert_eq!(base64_url(text).as_deref(), Some(expected.as_bytes()));
        }
        assert_eq!(base64_url("a+b"), None);
    }
}
