//! The desk: what was given to whom, and what becomes of it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::token::{self, Claims};
use super::{CODE_LIFETIME, OFFLINE, Reply, SCOPE, SLOW_DOWN, SignIn};
use crate::sandbox::mint::{self, Dice, Purpose};
use crate::sandbox::refusal::Refusal;

/// What has happened at the desk, with everything that it gave out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(in crate::sandbox) struct SignIns {
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
    /// Those made for no good reason: the access token was in the first quarter of its life.
    pub renewals_early: u64,
    /// Refresh tokens that were refused.
    pub renewals_refused: u64,
    /// Requests for referrals with a token that had ended.
    pub ended_tokens_seen: u64,
    /// All device codes, refresh tokens and access tokens, as they were given. They open nothing but this sandbox.
    pub issued: Vec<String>,
}

/// Where one signs in.
pub(in crate::sandbox) struct Desk {
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
pub(in crate::sandbox) enum Decision {
    Approve,
    Deny,
}

struct Access {
    ends: Instant,
    mfa: bool,
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
    /// When the last access token ends.
    ends: Instant,
}

/// What the application says of itself.
#[derive(Debug, Clone, Copy)]
pub(in crate::sandbox) struct Applicant<'a> {
    pub client_id: &'a str,
    pub client_secret: Option<&'a str>,
    pub tenant: &'a str,
}

/// A device code that was given.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct Given {
    pub device_code: String,
    pub user_code: String,
    pub expires_in: Duration,
    pub interval: Duration,
}

/// Tokens that were given.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct Tokens {
    pub access: String,
    pub refresh: Option<String>,
    pub expires_in: Duration,
}

/// Why nothing was given: the codes of RFC 6749, section 5.2, and RFC 8628, section 3.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum Denial {
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
    pub(in crate::sandbox) fn of(settings: SignIn, seed: u64) -> Desk {
        Desk { settings, seed, began: Instant::now(), began_at: Timestamp::now(), state: Mutex::default() }
    }

    /// Gives a device code.
    pub(in crate::sandbox) fn begin(&self, who: &Applicant<'_>, scope: &str, now: Instant) -> Result<Given, Denial> {
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
    pub(in crate::sandbox) fn poll(
        &self,
        who: &Applicant<'_>,
        device_code: &str,
        now: Instant,
    ) -> Result<Tokens, Denial> {
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
        state.families.insert(family, Family { latest: 0, parent: None, is_revoked: false, ends: now });
        let Code { client_id, tenant, is_offline, .. } = code;
        let refresh = Refresh { family, number: 0, client_id, tenant };
        Ok(self.give(state, refresh, is_offline, now))
    }

    /// New tokens for a refresh token.
    pub(in crate::sandbox) fn renew(&self, who: &Applicant<'_>, token: &str, now: Instant) -> Result<Tokens, Denial> {
        self.check(who)?;
        let state = &mut *self.state();
        let renewed = self.successor(state, who, token, now);
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

    fn successor(&self, state: &mut State, who: &Applicant<'_>, token: &str, now: Instant) -> Result<Refresh, Denial> {
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
        let left = family.ends.saturating_duration_since(now);
        state.tally.renewals_early += u64::from(is_latest && left > self.settings.token_lifetime * 3 / 4);
        family.parent = Some(used.number);
        family.latest += 1;
        Ok(Refresh { number: family.latest, ..used })
    }

    /// What a person says about a code, as it is typed. Whether there is such a code.
    pub(in crate::sandbox) fn decide(&self, typed: &str, decision: Decision, now: Instant) -> bool {
        let bare = |code: &str| code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
        let mut state = self.state();
        let code = state.codes.values_mut().find(|code| bare(&code.user_code) == bare(typed) && now < code.ends);
        code.map(|code| code.decision = Some(decision)).is_some()
    }

    /// Whether a token is good for a request. One that was not issued here is, unless signing in is required.
    pub(in crate::sandbox) fn admit(&self, token: &str, now: Instant) -> Result<(), Refusal> {
        let state = &mut *self.state();
        let Some(access) = state.access.get(token) else {
            let is_admitted = !self.settings.is_required && !token.trim().is_empty();
            return if is_admitted { Ok(()) } else { Err(Refusal::unauthenticated()) };
        };
        if now >= access.ends {
            state.tally.ended_tokens_seen += 1;
            return Err(Refusal::unauthenticated());
        }
        if access.mfa { Ok(()) } else { Err(Refusal::without_mfa()) }
    }

    /// Revokes all that was given: nobody is signed in any more.
    pub(in crate::sandbox) fn revoke_all(&self) {
        self.state().families.values_mut().for_each(|family| family.is_revoked = true);
    }

    /// What has happened so far.
    pub(in crate::sandbox) fn tally(&self) -> SignIns {
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
        state.access.insert(access.clone(), Access { ends: now + lifetime, mfa: self.settings.mfa });
        state.tally.issued.push(access.clone());
        if let Some(family) = state.families.get_mut(&family) {
            family.ends = now + lifetime;
        }
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
