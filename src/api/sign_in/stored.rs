//! The sign-in that is kept, as a source of tokens.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::application::{Application, Need};
use super::endpoint::Grant;
use super::error::SignInError;
use super::file::{Kept, TokenFile};
use super::secret::ClientSecret;
use crate::api::token::Token;

/// How long before its end a token is renewed (contract, section 10).
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// The share of a token's life that this may be.
const MARGIN_SHARE: u32 = 5;

/// A sign-in that is kept in a file.
#[derive(Debug, Clone)]
pub struct StoredSignIn {
    file: TokenFile,
    secret: ClientSecret,
}

/// A token with what is known of its end.
#[derive(Debug, Clone)]
pub(in crate::api) struct Dated {
    pub token: Token,
    /// How long it is good for.
    pub remaining: Duration,
    /// How long before its end it is to be renewed.
    pub margin: Duration,
}

impl StoredSignIn {
    /// What is kept in a file, and the secret that renewing it takes, if it takes one.
    pub fn new(file: TokenFile, secret: ClientSecret) -> Self {
        StoredSignIn { file, secret }
    }

    /// Keeps a new sign-in.
    pub async fn begin(file: &TokenFile, application: &Application, grant: Grant) -> Result<Kept, SignInError> {
        let _lock = file.lock().await?;
        let kept = kept(application, grant, Timestamp::now());
        file.keep(&kept)?;
        Ok(kept)
    }

    /// The first token of a process. One that is about to end will do if no other can be had.
    pub(in crate::api) async fn first(&self) -> Result<Dated, SignInError> {
        let kept = self.read()?;
        let left = Dated::of(&kept);
        let need = if left.remaining.is_zero() { Need::Now } else { Need::Soon };
        match self.token(None, need).await {
            Err(error) if error.is_passing() && need == Need::Soon => Ok(left),
            answer => answer,
        }
    }

    /// A token that is good for a while and another than the one at hand, if there is one at hand.
    ///
    /// Another process may have got it already. Otherwise the sign-in is renewed, by one process at a time; what comes
    /// of it is on disk before it is used.
    pub(in crate::api) async fn token(&self, at_hand: Option<&Token>, need: Need) -> Result<Dated, SignInError> {
        let is_fine = |dated: &Dated| dated.remaining > dated.margin && at_hand != Some(&dated.token);
        let usable = |kept: &Kept| Some(Dated::of(kept)).filter(is_fine);
        if let Some(dated) = usable(&self.read()?) {
            return Ok(dated);
        }
        let _lock = self.file.lock().await?;
        let kept = self.read()?;
        if let Some(dated) = usable(&kept) {
            return Ok(dated);
        }
        let refresh = kept.refresh.as_ref().ok_or(SignInError::NoRefresh)?;
        let application = Application {
            authority: kept.authority.clone(),
            tenant: kept.tenant.clone(),
            client_id: kept.client_id.clone(),
            secret: self.secret.clone(),
        };
        let room = self.file.room()?;
        // The life of a token begins when it is asked for, not when the answer has come.
        let asked_at = Timestamp::now();
        let mut grant = application.renew(refresh, need).await?;
        // A host that does not replace the refresh token leaves it as it is.
        grant.refresh = grant.refresh.or_else(|| kept.refresh.clone());
        let renewed = self::kept(&application, grant, asked_at);
        room.keep(&self.file, &renewed)?;
        tracing::info!(ends_at = %renewed.ends_at, "the sign-in was renewed");
        Ok(Dated::of(&renewed))
    }

    fn read(&self) -> Result<Kept, SignInError> {
        self.file.read()?.ok_or(SignInError::NotSignedIn)
    }
}

impl Dated {
    fn of(kept: &Kept) -> Dated {
        let (remaining, margin) = (kept.remaining(Timestamp::now()), margin(kept.lifetime));
        Dated { token: kept.token.clone(), remaining, margin }
    }
}

fn kept(application: &Application, grant: Grant, asked_at: Timestamp) -> Kept {
    let lifetime = SignedDuration::try_from(grant.lifetime).unwrap_or_default();
    Kept {
        authority: application.authority.clone(),
        tenant: application.tenant.clone(),
        client_id: application.client_id.clone(),
        ends_at: asked_at.saturating_add(lifetime).unwrap_or(asked_at),
        lifetime: grant.lifetime,
        token: grant.token,
        refresh: grant.refresh,
    }
}

/// Five minutes, and less for a token that lives only minutes.
fn margin(lifetime: Duration) -> Duration {
    MARGIN.min(lifetime / MARGIN_SHARE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_five_minutes_early_or_a_fifth_of_its_life() {
        for (lifetime, expected) in [(3600, 300), (1500, 300), (600, 120), (2, 0)] {
            assert_eq!(margin(Duration::from_secs(lifetime)).as_secs(), expected);
        }
        assert_eq!(margin(Duration::from_secs(2)), Duration::from_millis(400));
    }
}
