//! The current token, and how it is replaced: once, however many workers need another.
//!
//! A request notes the [`Generation`] of the token that it carries. A `401` marks that generation as refused, and
//! [`Credentials::renew`] then means: see to it that the current token is not a refused one. So a worker whose
//! refusal arrives late, when another has renewed already, gets the newer token and asks for nothing.
//!
//! A token that says when it ends is replaced before that, while it is still good: [`Credentials::make_ready`]. If that
//! does not work, it is used to its end, and tried again now and then.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
// It does not move when somebody sets the clock.
use tokio::time::Instant;

use super::command::{self, COMMAND_TIMEOUT};
use super::sign_in::{Claims, Dated, Need, StoredSignIn};
use super::token::{Token, TokenError};
use crate::service::Readiness;

/// How often a renewal that did not work is tried again before the token's end: so many times in the time that is left.
const TRIES_BEFORE_END: u32 = 10;

/// Where tokens come from, with the one that is used now.
#[derive(Debug)]
pub struct Credentials {
    source: Source,
    state: Mutex<State>,
    /// Held by the one who renews, across the wait for the source.
    turn: tokio::sync::Mutex<()>,
}

/// Which of the tokens it is, counted from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Generation(u64);

/// A new kind of source is a variant here and an arm in [`Credentials::ask`].
#[derive(Debug)]
enum Source {
    /// One token, and no way to another.
    Fixed,
    /// A command line that prints one. A secret itself: it could name a password.
    Command(SecretString),
    /// The sign-in that is kept in a file.
    SignIn(StoredSignIn),
}

/// A token, and the time that it has if that is known.
#[derive(Debug, Clone)]
struct Fresh {
    token: Token,
    /// How long it is good for, and how long before its end it is to be replaced.
    life: Option<(Duration, Duration)>,
}

#[derive(Debug)]
struct State {
    token: Token,
    generation: Generation,
    /// Whether the service has answered 401 to the current token.
    refused: bool,
    life: Option<Life>,
    /// How many renewals have ended, well or not.
    renewals: u64,
    /// Why the last renewal failed, if it did.
    failure: Option<TokenError>,
}

/// When a token is to be replaced, and when it is of no use any more.
#[derive(Debug, Clone, Copy)]
struct Life {
    due: Instant,
    ends: Instant,
    retry: Duration,
}

impl Credentials {
    /// One token that cannot be renewed.
    pub fn fixed(token: &SecretString) -> Result<Self, TokenError> {
        Ok(Credentials::new(Source::Fixed, Token::parse(token.expose_secret())?.into()))
    }

    /// A command line for the shell, whose first line of output is the token. It is asked now, and again when the
    /// service refuses what it gave.
    pub async fn command(line: SecretString) -> Result<Self, TokenError> {
        let token = from_command(&line).await?;
        Ok(Credentials::new(Source::Command(line), token.into()))
    }

    /// A sign-in that is kept in a file. It is renewed now if need be, and from then on before it ends.
    pub async fn stored(sign_in: StoredSignIn) -> Result<Self, TokenError> {
        let token = sign_in.first().await?;
        Ok(Credentials::new(Source::SignIn(sign_in), token.into()))
    }

    /// Makes sure that the current token is not one that the service has refused (contract, section 10), nor one that
    /// is about to end.
    ///
    /// Concurrent callers share one renewal and its failure.
    pub async fn renew(&self) -> Result<(), TokenError> {
        let renewals = self.state().renewals;
        let _turn = self.turn.lock().await;
        if let Some(settled) = self.state().settled_since(renewals, Instant::now()) {
            return settled;
        }
        let (at_hand, need) = self.state().at_hand(Instant::now());
        let answer = self.ask(&at_hand, need).await;
        self.state().settle(answer, Instant::now())
    }

    /// Renews a token that is about to end. What does not work now is found out by the request that needs it.
    pub(super) async fn make_ready(&self) -> Readiness {
        if !self.state().is_due(Instant::now()) {
            return Readiness::AtOnce;
        }
        let is_hopeless = self.renew().await.is_err() && self.state().has_ended(Instant::now());
        if is_hopeless { Readiness::AtOnce } else { Readiness::AfterAWait }
    }

    /// What the current token says of itself; nothing if it is opaque.
    pub fn claims(&self) -> Option<Claims> {
        Claims::of(self.state().token.expose())
    }

    /// The value of `Authorization` now, and which token it is. An error if the token has ended and the last try to
    /// get another one failed.
    pub(super) fn authorization(&self) -> Result<(HeaderValue, Generation), TokenError> {
        let state = self.state();
        match &state.failure {
            Some(failure) if state.has_ended(Instant::now()) => Err(failure.clone()),
            _ => Ok((state.token.header(), state.generation)),
        }
    }

    /// Notes that the service answered 401 to a token.
    pub(super) fn refuse(&self, generation: Generation) {
        let mut state = self.state();
        state.refused |= state.generation == generation;
    }

    fn new(source: Source, fresh: Fresh) -> Self {
        let life = fresh.life(Instant::now());
        let state =
            State { token: fresh.token, generation: Generation(0), refused: false, life, renewals: 0, failure: None };
        Credentials { source, state: Mutex::new(state), turn: tokio::sync::Mutex::default() }
    }

    async fn ask(&self, at_hand: &Token, need: Need) -> Result<Fresh, TokenError> {
        match &self.source {
            Source::Fixed => Err(TokenError::NoOther),
            Source::Command(line) => match from_command(line).await? {
                same if same == *at_hand => Err(TokenError::SameAgain),
                other => Ok(other.into()),
            },
            Source::SignIn(sign_in) => Ok(sign_in.token(Some(at_hand), need).await?.into()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is already known to who has waited for the turn since `renewals`; nothing if it must ask itself.
    fn settled_since(&self, renewals: u64, now: Instant) -> Option<Result<(), TokenError>> {
        if !self.refused && !self.is_due(now) {
            return Some(Ok(()));
        }
        let is_news = self.renewals != renewals;
        let failure = self.failure.clone().filter(|failure| is_news || failure.is_final())?;
        Some(Err(failure))
    }

    fn at_hand(&self, now: Instant) -> (Token, Need) {
        let need = if self.refused || self.has_ended(now) { Need::Now } else { Need::Soon };
        (self.token.clone(), need)
    }

    fn is_due(&self, now: Instant) -> bool {
        self.life.is_some_and(|life| now >= life.due)
    }

    fn has_ended(&self, now: Instant) -> bool {
        self.life.is_some_and(|life| now >= life.ends)
    }

    fn settle(&mut self, answer: Result<Fresh, TokenError>, now: Instant) -> Result<(), TokenError> {
        self.renewals += 1;
        self.failure = answer.as_ref().err().cloned();
        if let (Err(_), Some(life)) = (&answer, &mut self.life) {
            // It is used to its end; who needs one after that asks at once.
            life.due = (now + life.retry).min(life.ends);
        }
        let fresh = answer?;
        self.life = fresh.life(now);
        self.token = fresh.token;
        self.generation.0 += 1;
        self.refused = false;
        Ok(())
    }
}

impl Fresh {
    fn life(&self, now: Instant) -> Option<Life> {
        let (remaining, margin) = self.life?;
        let due = now + remaining.saturating_sub(margin);
        Some(Life { due, ends: now + remaining, retry: margin / TRIES_BEFORE_END })
    }
}

impl From<Token> for Fresh {
    fn from(token: Token) -> Fresh {
        Fresh { token, life: None }
    }
}

impl From<Dated> for Fresh {
    fn from(Dated { token, remaining, margin }: Dated) -> Fresh {
        Fresh { token, life: Some((remaining, margin)) }
    }
}

async fn from_command(line: &SecretString) -> Result<Token, TokenError> {
    let line = command::first_line(line, COMMAND_TIMEOUT).await.map_err(TokenError::Command)?;
    Token::parse(line.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::command::CommandError;
    use crate::api::sign_in::SignInError;

    fn fixed() -> Credentials {
        Credentials::fixed(&SecretString::from("s3cret")).unwrap()
    }

    #[tokio::test]
    async fn a_fixed_token_that_is_refused_cannot_be_renewed() {
        let credentials = fixed();
        credentials.renew().await.unwrap();
        let (_, generation) = credentials.authorization().unwrap();
        credentials.refuse(generation);
        assert!(matches!(credentials.renew().await, Err(TokenError::NoOther)));
    }

    #[test]
    fn credentials_never_show_a_token_or_a_command() {
        let command = Credentials::new(
            Source::Command(SecretString::from("tool --key s3cret")),
            fixed().state().token.clone().into(),
        );
        assert!(!format!("{:?} {command:?}", fixed()).contains("s3cret"));
    }

    /// A command that counts how often it was asked, by a line in a file, and prints `token-<count>`.
    #[cfg(not(windows))]
    async fn counting(folder: &tempfile::TempDir, then: &str) -> Credentials {
        let file = folder.path().join("asked");
        let line = format!("echo >> '{0}'; sleep 0.05; {then} echo token-$(($(wc -l < '{0}')))", file.display());
        Credentials::command(SecretString::from(line)).await.unwrap()
    }

    #[cfg(not(windows))]
    #[tokio::test]
    async fn many_refusals_of_one_token_make_one_renewal() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = counting(&folder, "").await;
        let (_, first) = credentials.authorization().unwrap();
        let worker = || async {
            credentials.refuse(first);
            credentials.renew().await.unwrap();
        };
        tokio::join!(worker(), worker(), worker());
        worker().await;
        let (header, second) = credentials.authorization().unwrap();
        assert_eq!((header.to_str().unwrap(), second), ("Bearer token-2", Generation(1)));
        credentials.refuse(second);
        credentials.renew().await.unwrap();
        assert_eq!(credentials.authorization().unwrap().0, "Bearer token-3");
    }

    #[cfg(not(windows))]
    #[tokio::test]
    async fn those_who_wait_share_a_failure_and_the_next_one_asks_again() {
        let folder = tempfile::tempdir().unwrap();
        let asked = folder.path().join("asked");
        let then = format!("test $(wc -l < '{}') = 2 && exit 9;", asked.display());
        let credentials = counting(&folder, &then).await;
        credentials.refuse(Generation(0));
        let (a, b) = tokio::join!(credentials.renew(), credentials.renew());
        for failed in [a, b] {
            assert!(matches!(failed, Err(TokenError::Command(CommandError::Failed { code: Some(9) }))));
        }
        credentials.renew().await.unwrap();
        assert_eq!(credentials.authorization().unwrap().0, "Bearer token-3");
    }

    #[cfg(not(windows))]
    #[tokio::test]
    async fn a_command_that_repeats_itself_has_not_renewed() {
        let credentials = Credentials::command(SecretString::from("echo always")).await.unwrap();
        credentials.refuse(Generation(0));
        assert!(matches!(credentials.renew().await, Err(TokenError::SameAgain)));
        assert!(matches!(credentials.renew().await, Err(TokenError::SameAgain)));
    }

    const HOUR: Duration = Duration::from_secs(3600);
    const MARGIN: Duration = Duration::from_secs(300);

    /// A token of an hour, from now on, and what it is to be replaced by.
    fn of_an_hour(now: Instant) -> (State, Fresh) {
        let fresh = |text| Fresh { token: Token::parse(text).unwrap(), life: Some((HOUR, MARGIN)) };
        let (first, second) = (fresh("first"), fresh("second"));
        let (life, generation) = (first.life(now), Generation(0));
        (State { token: first.token, generation, refused: false, life, renewals: 0, failure: None }, second)
    }

    fn unreachable() -> TokenError {
        TokenError::SignIn(SignInError::Unreachable { host: "login.example".to_owned(), why: "no route".to_owned() })
    }

    #[test]
    fn a_token_is_renewed_before_it_ends_and_once() {
        let now = Instant::now();
        let (mut state, second) = of_an_hour(now);
        let due = now + HOUR.checked_sub(MARGIN).unwrap();
        assert!(!state.is_due(due.checked_sub(Duration::from_nanos(1)).unwrap()) && state.is_due(due));
        assert!(state.settled_since(0, due).is_none(), "the first one asks");
        state.settle(Ok(second), due).unwrap();
        assert!(matches!(state.settled_since(0, due), Some(Ok(()))), "those who waited do not");
        assert_eq!((state.token.expose(), state.is_due(due + HOUR / 2)), ("second", false));
        assert!(state.is_due(due + HOUR));
    }

    #[test]
    fn a_token_that_cannot_be_renewed_is_used_to_its_end_and_tried_now_and_then() {
        let now = Instant::now();
        let (mut state, second) = of_an_hour(now);
        let mut at = now + HOUR.checked_sub(MARGIN).unwrap();
        let mut tries = 0;
        while !state.has_ended(at) {
            assert!(state.is_due(at) && state.settled_since(state.renewals, at).is_none());
            assert!(state.settle(Err(unreachable()), at).is_err());
            assert!(!state.is_due(at) || state.has_ended(at));
            at = state.life.unwrap().due;
            tries += 1;
        }
        assert_eq!((tries, at), (TRIES_BEFORE_END, now + HOUR));
        assert!(state.settled_since(state.renewals, at).is_none(), "and again after its end");
        state.settle(Ok(second), at).unwrap();
        assert!(state.failure.is_none());
    }

    #[test]
    fn a_sign_in_that_was_revoked_is_asked_about_once() {
        let now = Instant::now();
        let (mut state, _) = of_an_hour(now);
        state.refused = true;
        let ended = TokenError::SignIn(SignInError::NoRefresh);
        assert!(state.settle(Err(ended), now).is_err());
        assert!(matches!(state.settled_since(state.renewals, now), Some(Err(_))));
    }

    #[tokio::test]
    async fn an_ended_token_is_not_sent_when_there_was_no_other() {
        let credentials = fixed();
        credentials.state().failure = Some(unreachable());
        assert!(credentials.authorization().is_ok(), "nobody knows when it ends");
        let now = Instant::now();
        credentials.state().life = Some(Life { due: now, ends: now, retry: HOUR });
        assert!(matches!(credentials.authorization(), Err(TokenError::SignIn(_))));
    }
}
