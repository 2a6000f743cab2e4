//! What can go wrong on the way to being signed in, in words for people. Never holds a secret.

use super::file::Unkept;
use crate::api::command::CommandError;

/// Why there is no sign-in, or none any more.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignInError {
    /// Nobody has signed in with this profile.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The sign-in host did not answer, or not so that it could be read.
    #[error("the sign-in host {host} cannot be reached: {why}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What happened.
        why: String,
    },
    /// The sign-in host asks for patience.
    #[error("the sign-in host {host} is busy (status {status})")]
    Busy {
        /// Host and port.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer is none that a sign-in host gives.
    #[error("the sign-in host {host} gave an answer that is not understood: {why}")]
    Strange {
        /// Host and port.
        host: String,
        /// What is strange about it.
        why: String,
    },
    /// The sign-in host said no.
    #[error("{denied}{}", words_of_theirs(.said))]
    Denied {
        /// What its no means.
        denied: Denied,
        /// Its own words; may be empty.
        said: String,
    },
    /// The sign-in came without a refresh token and has ended.
    #[error("the sign-in has ended, and it came without a refresh token")]
    NoRefresh,
    /// The file with the sign-in cannot be used.
    #[error(transparent)]
    Unkept(#[from] Unkept),
    /// The command for the client secret gave none.
    #[error("the command for the client secret {0}")]
    SecretCommand(CommandError),
    /// The file with the client secret cannot be read.
    #[error("the file with the client secret, `{path}`, {why}")]
    SecretFile {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    NoClient(String),
}

/// What a no of the sign-in host means: RFC 6749, section 5.2, RFC 8628, section 3.5, and the words of the real host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// `authorization_pending`
    #[error("nobody has entered the code yet")]
    Pending,
    /// `slow_down`
    #[error("the sign-in host wants to be asked less often")]
    SlowDown,
    /// `expired_token`
    #[error("the code was not entered in time")]
    CodeEnded,
    /// `access_denied`, `authorization_declined`
    #[error("the sign-in was declined")]
    Declined,
    /// `invalid_grant`
    #[error("the sign-in has ended: it was revoked, or not used for too long, or the password has changed")]
    Ended,
    /// `interaction_required`, `login_required`
    #[error("the sign-in host wants to see the person again")]
    WantsPerson,
    /// `consent_required`, `invalid_scope`, `invalid_resource`
    #[error("the application has no permission for Partner Center in this organisation")]
    NoPermission,
    /// `invalid_client`
    #[error("the sign-in host does not accept the application's client secret")]
    Secret,
    /// `unauthorized_client`
    #[error("the application may not be signed in to with a code, or is not known in this organisation")]
    NotAllowed,
    /// `temporarily_unavailable`, `server_error`
    #[error("the sign-in host is not available at the moment")]
    Unavailable,
    /// Another code.
    #[error("the sign-in host refuses with `{0}`")]
    Other(String),
}

impl SignInError {
    /// Whether the same may work a little later, without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            SignInError::Unreachable { .. } | SignInError::Busy { .. } => true,
            SignInError::Denied { denied, .. } => *denied == Denied::Unavailable,
            SignInError::Unkept(unkept) => matches!(unkept, Unkept::Held(_)),
            SignInError::NotSignedIn
            | SignInError::Strange { .. }
            | SignInError::NoRefresh
            | SignInError::SecretCommand(_)
            | SignInError::SecretFile { .. }
            | SignInError::NoClient(_) => false,
        }
    }

    /// Whether a person has to sign in again.
    pub fn needs_person(&self) -> bool {
        match self {
            SignInError::NotSignedIn | SignInError::NoRefresh | SignInError::Unkept(Unkept::Strange { .. }) => true,
            SignInError::Denied { denied, .. } => {
                matches!(denied, Denied::Ended | Denied::WantsPerson | Denied::CodeEnded | Denied::Declined)
            }
            _ => false,
        }
    }
}

impl Denied {
    /// From the code of the answer.
    pub(super) fn of(code: &str) -> Denied {
        match code {
            "authorization_pending" => Denied::Pending,
            "slow_down" => Denied::SlowDown,
            "expired_token" | "code_expired" => Denied::CodeEnded,
            "access_denied" | "authorization_declined" => Denied::Declined,
            "invalid_grant" | "bad_verification_code" => Denied::Ended,
            "interaction_required" | "login_required" => Denied::WantsPerson,
            "consent_required" | "invalid_scope" | "invalid_resource" => Denied::NoPermission,
            "invalid_client" => Denied::Secret,
            "unauthorized_client" => Denied::NotAllowed,
            "temporarily_unavailable" | "server_error" => Denied::Unavailable,
            other => Denied::Other(other.to_owned()),
        }
    }
}

fn words_of_theirs(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(" (it says: {said})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_is_told_in_our_words_and_then_in_theirs() {
        let error = |said: &str| SignInError::Denied { denied: Denied::of("access_denied"), said: said.to_owned() };
        assert_eq!(error("").to_string(), "the sign-in was declined");
        assert_eq!(error("AADSTS70000").to_string(), "the sign-in was declined (it says: AADSTS70000)");
        assert_eq!(Denied::of("new_code").to_string(), "the sign-in host refuses with `new_code`");
    }

    #[test]
    fn what_passes_by_itself_needs_nobody() {
        let denied = |code: &str| SignInError::Denied { denied: Denied::of(code), said: String::new() };
        for (code, passes, needs) in [
            ("temporarily_unavailable", true, false),
            ("invalid_grant", false, true),
            ("interaction_required", false, true),
            ("invalid_client", false, false),
        ] {
            assert_eq!((denied(code).is_passing(), denied(code).needs_person()), (passes, needs), "{code}");
        }
    }
}
