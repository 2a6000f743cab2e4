//! The current token, and how it is replaced: once, however many workers see it refused.
//!
//! A request notes the [`Generation`] of the token that it carries. A `401` marks that generation as refused, and
//! [`Credentials::renew`] then means: see to it that the current token is not a refused one. So a worker whose
//! refusal arrives late, when another has renewed already, gets the newer token and asks for nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use super::token::{Token, TokenError};
use super::token_command::{self, TOKEN_COMMAND_TIMEOUT};

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
}

#[derive(Debug)]
struct State {
    token: Token,
    generation: Generation,
    /// Whether the service has answered 401 to the current token.
    refused: bool,
    /// How many renewals have ended, well or not.
    renewals: u64,
    /// Why the last renewal failed, if it did.
    failure: Option<TokenError>,
}

impl Credentials {
    /// One token that cannot be renewed.
    pub fn fixed(token: &SecretString) -> Result<Self, TokenError> {
        Ok(Credentials::new(Source::Fixed, Token::parse(token.expose_secret())?))
    }

    /// A command line for the shell, whose first line of output is the token. It is asked now, and again when the
    /// service refuses what it gave.
    pub async fn command(line: SecretString) -> Result<Self, TokenError> {
        let token = token_command::ask(&line, TOKEN_COMMAND_TIMEOUT).await?;
        Ok(Credentials::new(Source::Command(line), token))
    }

    /// Makes sure that the current token is not one that the service has refused (contract, section 10).
    ///
    /// Concurrent callers share one renewal and its failure.
    pub async fn renew(&self) -> Result<(), TokenError> {
        let renewals = self.state().renewals;
        let _turn = self.turn.lock().await;
        if let Some(settled) = self.state().settled_since(renewals) {
            return settled;
        }
        let answer = self.ask().await;
        self.state().settle(answer)
    }

    /// The value of `Authorization` now, and which token it is.
    pub(super) fn authorization(&self) -> (HeaderValue, Generation) {
        let state = self.state();
        (state.token.header(), state.generation)
    }

    /// Notes that the service answered 401 to a token.
    pub(super) fn refuse(&self, generation: Generation) {
        let mut state = self.state();
        state.refused |= state.generation == generation;
    }

    fn new(source: Source, token: Token) -> Self {
        let state = State { token, generation: Generation(0), refused: false, renewals: 0, failure: None };
        Credentials { source, state: Mutex::new(state), turn: tokio::sync::Mutex::default() }
    }

    async fn ask(&self) -> Result<Token, TokenError> {
        match &self.source {
            Source::Fixed => Err(TokenError::NoOther),
            Source::Command(line) => token_command::ask(line, TOKEN_COMMAND_TIMEOUT).await,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is already known to who has waited for the turn since `renewals`; nothing if it must ask itself.
    fn settled_since(&self, renewals: u64) -> Option<Result<(), TokenError>> {
        if !self.refused {
            return Some(Ok(()));
        }
        if self.renewals == renewals {
            return None;
        }
        self.failure.clone().map(Err)
    }

    fn settle(&mut self, answer: Result<Token, TokenError>) -> Result<(), TokenError> {
        self.renewals += 1;
        let fresh = answer.and_then(|token| if token == self.token { Err(TokenError::SameAgain) } else { Ok(token) });
        self.failure = fresh.as_ref().err().cloned();
        self.token = fresh?;
        self.generation.0 += 1;
        self.refused = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed() -> Credentials {
        Credentials::fixed(&SecretString::from("s3cret")).unwrap()
    }

    #[tokio::test]
    async fn a_fixed_token_that_is_refused_cannot_be_renewed() {
        let credentials = fixed();
        credentials.renew().await.unwrap();
        let (_, generation) = credentials.authorization();
        credentials.refuse(generation);
        assert!(matches!(credentials.renew().await, Err(TokenError::NoOther)));
    }

    #[test]
    fn credentials_never_show_a_token_or_a_command() {
        let command =
            Credentials::new(Source::Command(SecretString::from("tool --key s3cret")), fixed().state().token.clone());
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
        let (_, first) = credentials.authorization();
        let worker = || async {
            credentials.refuse(first);
            credentials.renew().await.unwrap();
        };
        tokio::join!(worker(), worker(), worker());
        worker().await;
        let (header, second) = credentials.authorization();
        assert_eq!((header.to_str().unwrap(), second), ("Bearer token-2", Generation(1)));
        credentials.refuse(second);
        credentials.renew().await.unwrap();
        assert_eq!(credentials.authorization().0, "Bearer token-3");
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
        assert!(matches!(
            (a, b),
            (Err(TokenError::Failed { code: Some(9) }), Err(TokenError::Failed { code: Some(9) }))
        ));
        credentials.renew().await.unwrap();
        assert_eq!(credentials.authorization().0, "Bearer token-3");
    }

    #[cfg(not(windows))]
    #[tokio::test]
    async fn a_command_that_repeats_itself_has_not_renewed() {
        let credentials = Credentials::command(SecretString::from("echo always")).await.unwrap();
        credentials.refuse(Generation(0));
        assert!(matches!(credentials.renew().await, Err(TokenError::SameAgain)));
        assert!(matches!(credentials.renew().await, Err(TokenError::SameAgain)));
    }
}
