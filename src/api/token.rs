//! An access token: what it must look like, and what can go wrong on the way to one.

use std::fmt;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use super::command::CommandError;
use super::sign_in::SignInError;

/// A token that can stand in the `Authorization` header. Prints as dots.
#[derive(Clone)]
pub(super) struct Token(SecretString);

/// Why there is no token. Never holds one, nor the command that was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TokenError {
    /// There is nothing.
    #[error("the token is empty")]
    Empty,
    /// It holds white space or characters that a header cannot carry.
    #[error("the token is not one word of plain ASCII characters")]
    NotOneWord,
    /// The service refused it, and it is the only one.
    #[error("the service refuses the token, and there is no way to ask for another")]
    NoOther,
    /// The service refused it, and asking again gave it again.
    #[error("the service refuses the token, and the token command gives the same one again")]
    SameAgain,
    /// The token command gave none.
    #[error("the token command {0}")]
    Command(CommandError),
    /// The sign-in that is kept gave none.
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

impl TokenError {
    /// Whether the same may work a little later: nothing was wrong but the way to the token.
    pub fn is_passing(&self) -> bool {
        matches!(self, TokenError::SignIn(error) if error.is_passing())
    }

    /// Whether a person has to sign in again.
    pub fn needs_person(&self) -> bool {
        matches!(self, TokenError::SignIn(error) if error.needs_person())
    }

    /// Whether asking again cannot help before a person has done something.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, TokenError::SignIn(error) if !error.is_passing())
    }
}

impl Token {
    /// Takes a token, white space around it aside.
    pub(super) fn parse(text: &str) -> Result<Self, TokenError> {
        let word = text.trim();
        if word.is_empty() {
            return Err(TokenError::Empty);
        }
        if !word.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::NotOneWord);
        }
        Ok(Token(SecretString::from(word)))
    }

    /// The token itself, for the file that it is kept in and to look at its claims.
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The value of `Authorization` (contract, section 2), marked so that no log prints it.
    pub(super) fn header(&self) -> HeaderValue {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.0.expose_secret()))
            .expect("a token is checked to be one word of visible ASCII");
        value.set_sensitive(true);
        value
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word_that_a_header_can_carry() {
        assert_eq!(Token::parse(" eyJ0.e-_~+/= \n").unwrap().header(), "Bearer eyJ0.e-_~+/=");
        for (text, expected) in [
            ("", "the token is empty"),
            (" \n", "the token is empty"),
            ("please sign in", "the token is not one word of plain ASCII characters"),
            ("a\nb", "the token is not one word of plain ASCII characters"),
            ("café", "the token is not one word of plain ASCII characters"),
            ("a\0b", "the token is not one word of plain ASCII characters"),
        ] {
            assert_eq!(Token::parse(text).unwrap_err().to_string(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_token_never_shows() {
        let token = Token::parse("s3cret").unwrap();
        assert!(!format!("{token:?} {:?}", token.header()).contains("s3cret"));
    }
}
