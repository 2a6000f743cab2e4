//! Who is signed in, for people and as JSON. Never the token.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::connect::TokenSource;
use crate::api::Claims;
use crate::console::words;

/// Who is signed in, as the token says.
pub struct Account {
    /// Where the token is from.
    pub source: TokenSource,
    /// What it says; nothing if it is opaque.
    pub claims: Option<Claims>,
    /// When it ends, if that is known.
    pub ends_at: Option<Timestamp>,
    /// The file that it is kept in.
    pub file: Option<PathBuf>,
}

impl Account {
    /// One line for each thing that is known.
    pub fn text(&self, now: Timestamp) -> String {
        let claims = self.claims.clone().unwrap_or_default();
        let list = |items: &[String]| (!items.is_empty()).then(|| items.join(", "));
        let mfa = claims.mfa.map(|mfa| if mfa { "yes" } else { "no" }.to_owned());
        let file = self.file.as_ref().map(|file| file.display().to_string());
        let source = match file {
            Some(file) => format!("{} ({file})", self.source.word()),
            None => self.source.word().to_owned(),
        };
        let lines = [
            ("account", claims.account),
            ("name", claims.name),
            ("tenant", claims.tenant),
            ("application", claims.client_id),
            ("for", claims.audience),
            ("permissions", list(&claims.scopes)),
            ("roles", list(&claims.roles)),
            ("directory roles", list(&claims.directory_roles)),
            ("second factor", mfa),
            ("token ends", self.ends_at.map(|ends_at| until(ends_at, now))),
            ("token from", Some(source)),
        ];
        let lines = lines.into_iter().filter_map(|(name, value)| Some(format!("{name:<16} {}", value?)));
        let opaque = self.claims.is_none().then(|| "the token is opaque: it does not say whose it is".to_owned());
        opaque.into_iter().chain(lines).collect::<Vec<_>>().join("\n")
    }

    /// The same as members of a document.
    pub fn json(&self) -> Value {
        let claims = self.claims.clone().unwrap_or_default();
        json!({
            "account": claims.account,
            "name": claims.name,
            "tenant": claims.tenant,
            "client_id": claims.client_id,
            "audience": claims.audience,
            "scopes": claims.scopes,
            "roles": claims.roles,
            "directory_roles": claims.directory_roles,
            "mfa": claims.mfa,
            "opaque": self.claims.is_none(),
            "ends_at": self.ends_at.map(to_the_second),
            "source": self.source.word(),
            "file": self.file,
        })
    }
}

fn to_the_second(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn until(ends_at: Timestamp, now: Timestamp) -> String {
    match std::time::Duration::try_from(ends_at.duration_since(now)) {
        Ok(left) if !left.is_zero() => format!("{} (in {})", to_the_second(ends_at), words::duration(left)),
        _ => format!("{} (it has ended)", to_the_second(ends_at)),
    }
}
