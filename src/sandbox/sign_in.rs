//! Signing in at the sandbox: device codes (RFC 8628), refresh tokens with rotation (RFC 6749, section 6), and access
//! tokens that end.
//!
//! ```text
//!   devicecode ──▶ code, pending ── polls ──▶ approved ──▶ access token + refresh token 1
//!                     ▲                                                  │ refresh
//!                     └── the page, or the replies that were asked for   ▼
//!                                                       access token + refresh token 2, and so on
//! ```
//!
//! A refresh token that was used is replaced. By default the replaced one is good until its successor is used, which
//! shows that the caller has got it: an answer that was lost costs nobody the sign-in. With strict rotation it is
//! good for one use. Whoever comes with an older one is taken for a thief, and the whole family of tokens is revoked
//! (RFC 9700, section 4.14.2). What the real host does is not documented in the contract; it may do either.
//!
//! The desk looks at no clock. When something happens is an argument.

mod face;
mod replies;
mod token;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub(super) use face::{answer, is_meant};
pub use replies::{NoReplies, Replies, Reply};

use super::mint::{self, Dice, Purpose};
use super::refusal::Refusal;
use token::Claims;

/// What the token must be for (contract, section 10).
const SCOPE: &str = "https://api.partner.microsoft.com/.default";
/// Asks for a refresh token.
const OFFLINE: &str = "offline_access";
/// How long a device code is good for.
const CODE_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// What a caller that polls too often must add to the time between two polls (RFC 8628, section 3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// How signing in goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Whether only tokens that were issued here are taken.
    pub is_required: bool,
    /// How long access tokens are good for.
    pub token_lifetime: Duration,
    /// What those hear who poll.
    pub replies: Replies,
    /// How long they must wait between two polls; zero for those who may come as they like, whatever they are told.
    pub interval: Duration,
    /// Whether a refresh token is good for one use, even if the answer was lost.
    pub strict_rotation: bool,
    /// The secret that the application must show.
    pub client_secret: Option<String>,
    /// Whether the person showed a second factor.
    pub mfa: bool,
}

impl Default for SignIn {
    fn default() -> Self {
        SignIn {
            is_required: false,
            token_lifetime: Duration::from_secs(3600),
            replies: Replies::default(),
            interval: Duration::from_secs(1),
            strict_rotation: false,
            client_secret: None,
            mfa: true,
        }
    }
}

/// What has happened at the desk, with everything that it gave out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct SignIns {
    /// Device codes given.
    pub codes: u64,
    /// Times that somebody asked whether a code is approved.
    pub polls: u64,
    /// Those that came too early.
    pub polls_too_early: u64,
    /// Codes that became tokens.
    pub signed_in: u64,
    /// Refresh tokens that became new tokens.
    pub renewals: u64,
    /// Those among them that had been used before.
    pub renewals_repeated: u64,
    /// Refresh tokens that were refused.
    pub renewals_refused: u64,
    /// Requests for referrals with a token that had ended.
    pub ended_tokens_seen: u64,
    /// All device codes, refresh tokens and access tokens, as they were given. They open nothing but this sandbox.
    pub issued: Vec<String>,
    /// Access tokens that were used for a request.
    pub tokens_used: u64,
}

/// Where one signs in.
pub(super) struct Desk {
    settings: SignIn,
    seed: u64,
    began: Instant,
    began_at: Timestamp,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    minted: u64,
    codes: HashMap<String, Code>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    families: HashMap<u64, Family>,
    tally: SignIns,
}

/// A device code.
struct Code {
    user_code: String,
    client_id: String,
    tenant: String,
    is_offline: bool,
    ends: Instant,
    interval: Duration,
    polled: Option<Instant>,
    /// How many replies of the list were given.
    replies: usize,
    /// What the person said on the page.
    decision: Option<Decision>,
}

/// What a person says on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Approve,
    Deny,
}

struct Access {
    ends: Instant,
    mfa: bool,
    is_used: bool,
}

#[derive(Clone)]
struct Refresh {
    family: u64,
    number: u64,
    client_id: String,
    tenant: String,
}

/// Refresh tokens that follow from one sign-in.
struct Family {
    latest: u64,
    /// Whose successor the latest is.
    parent: Option<u64>,
    is_revoked: bool,
}

/// What the application says of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Applicant<'a> {
    pub client_id: &'a str,
    pub client_secret: Option<&'a str>,
    pub tenant: &'a str,
}

/// A device code that was given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub device_code: String,
    pub user_code: String,
    pub expires_in: Duration,
    pub interval: Duration,
}

/// Tokens that were given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tokens {
    pub access: String,
    pub refresh: Option<String>,
    pub expires_in: Duration,
}

/// Why nothing was given: the codes of RFC 6749, section 5.2, and RFC 8628, section 3.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denial {
    InvalidRequest(&'static str),
    InvalidClient,
    InvalidScope,
    InvalidGrant(&'static str),
    UnsupportedGrant,
    Pending,
    SlowDown,
    Declined,
    Expired,
}

impl Desk {
    pub(super) fn of(settings: SignIn, seed: u64) -> Desk {
        Desk { settings, seed, began: Instant::now(), began_at: Timestamp::now(), state: Mutex::default() }
    }

    /// Gives a device code.
    pub(super) fn begin(&self, who: &Applicant<'_>, scope: &str, now: Instant) -> Result<Given, Denial> {
        self.check(who)?;
        let is_offline = check_scope(scope)?;
        let state = &mut *self.state();
        let number = state.number();
        let device_code = format!("device-{}", mint::guid(self.seed, Purpose::SignIn, number).simple());
        let user_code = user_code(self.seed, number);
        state.codes.insert(
            device_code.clone(),
            Code {
                user_code: user_code.clone(),
                client_id: who.client_id.to_owned(),
                tenant: who.tenant.to_owned(),
                is_offline,
                ends: now + CODE_LIFETIME,
                interval: self.settings.interval,
                polled: None,
                replies: 0,
                decision: None,
            },
        );
        state.tally.codes += 1;
        state.tally.issued.push(device_code.clone());
        Ok(Given { device_code, user_code, expires_in: CODE_LIFETIME, interval: self.settings.interval })
    }

    /// Answers a poll.
    pub(super) fn poll(&self, who: &Applicant<'_>, device_code: &str, now: Instant) -> Result<Tokens, Denial> {
        self.check(who)?;
        let state = &mut *self.state();
        state.tally.polls += 1;
        let code = state.codes.get_mut(device_code).ok_or(Denial::InvalidGrant("the device code is not known"))?;
        if code.client_id != who.client_id || code.tenant != who.tenant {
            return Err(Denial::InvalidGrant("the device code was given to another application or tenant"));
        }
        let is_early = code.polled.replace(now).is_some_and(|polled| now.duration_since(polled) < code.interval);
        let is_early = is_early && !self.settings.interval.is_zero();
        if now >= code.ends {
            state.codes.remove(device_code);
            return Err(Denial::Expired);
        }
        if is_early {
            code.interval += SLOW_DOWN;
            state.tally.polls_too_early += 1;
            return Err(Denial::SlowDown);
        }
        let reply = match code.decision {
            Some(Decision::Approve) => Reply::Approved,
            Some(Decision::Deny) => Reply::Denied,
            None => self.settings.replies.at(code.replies),
        };
        code.replies += 1;
        match reply {
            Reply::Pending => return Err(Denial::Pending),
            Reply::SlowDown => {
                code.interval += SLOW_DOWN;
                return Err(Denial::SlowDown);
            }
            Reply::Denied | Reply::Expired => {
                state.codes.remove(device_code);
                return Err(if reply == Reply::Denied { Denial::Declined } else { Denial::Expired });
            }
            Reply::Approved => {}
        }
        // A code is good for one sign-in.
        let code = state.codes.remove(device_code).expect("it was there a moment ago");
        state.tally.signed_in += 1;
        let family = state.number();
        state.families.insert(family, Family { latest: 0, parent: None, is_revoked: false });
        let Code { client_id, tenant, is_offline, .. } = code;
        let refresh = Refresh { family, number: 0, client_id, tenant };
        Ok(self.give(state, refresh, is_offline, now))
    }

    /// New tokens for a refresh token.
    pub(super) fn renew(&self, who: &Applicant<'_>, token: &str, now: Instant) -> Result<Tokens, Denial> {
        self.check(who)?;
        let state = &mut *self.state();
        let renewed = self.successor(state, who, token);
        match renewed {
            Ok(refresh) => {
                state.tally.renewals += 1;
                Ok(self.give(state, refresh, true, now))
            }
            Err(denial) => {
                state.tally.renewals_refused += 1;
                Err(denial)
            }
        }
    }

    fn successor(&self, state: &mut State, who: &Applicant<'_>, token: &str) -> Result<Refresh, Denial> {
        let used = state.refresh.get(token).cloned().ok_or(Denial::InvalidGrant("the refresh token is not known"))?;
        if used.client_id != who.client_id || used.tenant != who.tenant {
            return Err(Denial::InvalidGrant("the refresh token was given to another application or tenant"));
        }
        let family = state.families.get_mut(&used.family).expect("each refresh token has a family");
        let is_latest = used.number == family.latest;
        let is_repeated = !self.settings.strict_rotation && family.parent == Some(used.number);
        if family.is_revoked || !(is_latest || is_repeated) {
            family.is_revoked = true;
            return Err(Denial::InvalidGrant("the refresh token has been used or revoked"));
        }
        state.tally.renewals_repeated += u64::from(!is_latest);
        family.parent = Some(used.number);
        family.latest += 1;
        Ok(Refresh { number: family.latest, ..used })
    }

    /// What a person says about a code, as it is typed. Whether there is such a code.
    pub(super) fn decide(&self, typed: &str, decision: Decision, now: Instant) -> bool {
        let bare = |code: &str| code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
        let mut state = self.state();
        let code = state.codes.values_mut().find(|code| bare(&code.user_code) == bare(typed) && now < code.ends);
        code.map(|code| code.decision = Some(decision)).is_some()
    }

    /// Whether a token is good for a request. One that was not issued here is, unless signing in is required.
    pub(super) fn admit(&self, token: &str, now: Instant) -> Result<(), Refusal> {
        let state = &mut *self.state();
        let Some(access) = state.access.get_mut(token) else {
            let is_admitted = !self.settings.is_required && !token.trim().is_empty();
            return if is_admitted { Ok(()) } else { Err(Refusal::unauthenticated()) };
        };
        if now >= access.ends {
            state.tally.ended_tokens_seen += 1;
            return Err(Refusal::unauthenticated());
        }
        state.tally.tokens_used += u64::from(!std::mem::replace(&mut access.is_used, true));
        if access.mfa { Ok(()) } else { Err(Refusal::without_mfa()) }
    }

    /// Revokes all that was given: nobody is signed in any more.
    pub(super) fn revoke_all(&self) {
        self.state().families.values_mut().for_each(|family| family.is_revoked = true);
    }

    /// What has happened so far.
    pub(super) fn tally(&self) -> SignIns {
        self.state().tally.clone()
    }

    fn check(&self, who: &Applicant<'_>) -> Result<(), Denial> {
        if who.client_id.is_empty() {
            return Err(Denial::InvalidRequest("`client_id` is missing"));
        }
        match &self.settings.client_secret {
            Some(secret) if who.client_secret != Some(secret) => Err(Denial::InvalidClient),
            _ => Ok(()),
        }
    }

    fn give(&self, state: &mut State, refresh: Refresh, is_offline: bool, now: Instant) -> Tokens {
        let Refresh { family, number, .. } = refresh;
        let serial = state.number();
        let lifetime = self.settings.token_lifetime;
        let issued_at = self.began_at.saturating_add(SignedDuration::try_from(now - self.began).unwrap_or_default());
        let issued_at = issued_at.unwrap_or(self.began_at);
        let access = token::access(&Claims {
            client_id: &refresh.client_id,
            tenant: &refresh.tenant,
            ids: [0, 1, 2].map(|index| mint::guid(self.seed, Purpose::SignIn, u64::MAX - index)),
            serial: mint::guid(self.seed, Purpose::SignIn, serial),
            issued_at,
            lifetime,
            mfa: self.settings.mfa,
        });
        state.access.insert(access.clone(), Access { ends: now + lifetime, mfa: self.settings.mfa, is_used: false });
        state.tally.issued.push(access.clone());
        let refresh = is_offline.then(|| {
            let chance = mint::guid(self.seed, Purpose::SignIn, serial).simple();
            let token = format!("refresh-{family}-{number}-{chance}");
            state.refresh.insert(token.clone(), refresh);
            state.tally.issued.push(token.clone());
            token
        });
        Tokens { access, refresh, expires_in: lifetime }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whatever a panic left half done here is at worst a sign-in that has to be begun again.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.minted += 1;
        self.minted
    }
}

/// Whether a refresh token is asked for as well.
fn check_scope(scope: &str) -> Result<bool, Denial> {
    let mut words = scope.split_ascii_whitespace();
    if words.clone().any(|word| word == SCOPE) {
        Ok(words.any(|word| word == OFFLINE))
    } else {
        Err(Denial::InvalidScope)
    }
}

/// Eight letters of which none is taken for another and no word can be made.
fn user_code(seed: u64, number: u64) -> String {
    let mut dice = Dice::new(seed, Purpose::SignIn as u64 + (number << 8));
    let mut letters = || (0..4).map(|_| char::from(*dice.pick(b"BCDFGHJKLMNPQRSTVWXZ"))).collect::<String>();
    format!("{}-{}", letters(), letters())
}

#[cfg(test)]
mod tests;
