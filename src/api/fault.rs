//! What a call that did not succeed means: decided by status, or by how far it came.

use std::error::Error;
use std::io;
use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Response, StatusCode};
use url::Url;

use super::body::{self, Unreadable};
use super::call::BadGuard;
use super::error_body::{ErrorBody, clean};
use super::retry_after::retry_after;
use super::token::TokenError;
use super::trace::trace;
use crate::service::{Fault, FaultKind, Trace};

/// The longest message of ours, in characters, causes included.
const MESSAGE_CHARS_MAX: usize = 1024;

/// Whom a request goes to and how long it may take, for messages.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    /// Host and port.
    pub authority: String,
    /// The bound for the whole call.
    pub timeout: Duration,
}

/// An answer that is not 2xx. Reads its body.
pub(super) async fn from_answer(response: Response) -> Fault {
    let (status, headers) = (response.status(), response.headers().clone());
    let trace = trace(status, &headers);
    if status.is_redirection() {
        let message = redirected(response.url(), &headers);
        return Fault { kind: FaultKind::Refused, trace, code: Some("redirect".to_owned()), message };
    }
    let ErrorBody { codes, message } = ErrorBody::read(status, &body::excerpt(response).await);
    let kind = kind(status, &codes, retry_after(&headers, SystemTime::now()));
    let message = if lacks_mfa(&codes) { without_mfa(&message) } else { message };
    Fault { kind, trace, code: codes.last().cloned(), message }
}

/// Whether the token shows no second factor (contract, section 10). No other token of the same sign-in will.
fn lacks_mfa(codes: &[String]) -> bool {
    codes.iter().any(|code| code == "900421")
}

fn without_mfa(message: &str) -> String {
    let text = format!(
        "{}; the sign-in shows no second factor (900421): `refsheet login` as somebody with multi-factor authentication",
        message.trim_end_matches('.')
    );
    clean(&text, MESSAGE_CHARS_MAX)
}

/// A request that got no answer.
pub(super) fn from_transport(error: &reqwest::Error, peer: &Peer) -> Fault {
    let (kind, code) = match error {
        error if error.is_builder() => (FaultKind::Refused, "badRequest"),
        error if error.is_connect() => (FaultKind::Unsent, "noConnection"),
        error if error.is_timeout() => (FaultKind::Lost, "timeout"),
        _ => (FaultKind::Lost, "cutOff"),
    };
    let message = match kind {
        FaultKind::Refused => format!("the request could not be made: {}", root_cause(error)),
        FaultKind::Unsent => format!("no connection to {}: {}", peer.authority, root_cause(error)),
        _ => lost(error, peer),
    };
    ours(kind, Trace::default(), code, &message)
}

/// A 2xx answer whose body could not be read. What was asked for may have been done.
pub(super) fn from_unreadable(why: &Unreadable, trace: Trace, peer: &Peer) -> Fault {
    let message = match why {
        Unreadable::TooLong { bytes_max } => format!("the answer is longer than {bytes_max} bytes"),
        Unreadable::NotText => "the answer is not text".to_owned(),
        Unreadable::Broken(error) => lost(error, peer),
    };
    ours(FaultKind::Lost, trace, "unreadable", &message)
}

/// A 2xx answer whose body is not what was asked for. What was asked for may have been done.
pub(super) fn unexpected(trace: Trace, message: &str) -> Fault {
    ours(FaultKind::Lost, trace, "unreadable", message)
}

/// Something that asking again would not help.
pub(super) fn refused(trace: Trace, code: &str, message: &str) -> Fault {
    ours(FaultKind::Refused, trace, code, message)
}

impl From<TokenError> for Fault {
    fn from(error: TokenError) -> Self {
        let causes: Vec<String> = chain(&error).map(ToString::to_string).collect();
        let kind = if error.is_passing() { FaultKind::Unsent } else { FaultKind::Unauthenticated };
        let way_out = if error.needs_person() { "; `refsheet login` signs in again" } else { "" };
        ours(kind, Trace::default(), "noToken", &format!("{}{way_out}", causes.join(": ")))
    }
}

impl From<BadGuard> for Fault {
    fn from(error: BadGuard) -> Self {
        refused(Trace::default(), "badETag", &error.to_string())
    }
}

fn ours(kind: FaultKind, trace: Trace, code: &str, message: &str) -> Fault {
    Fault { kind, trace, code: Some(code.to_owned()), message: clean(message, MESSAGE_CHARS_MAX) }
}

/// What a status means for who called (contract, section 8.3).
fn kind(status: StatusCode, codes: &[String], retry_after: Option<Duration>) -> FaultKind {
    let modified = || codes.iter().any(|code| code.eq_ignore_ascii_case("resourceModified"));
    match status.as_u16() {
        401 => FaultKind::Unauthenticated,
        412 | 428 => FaultKind::Stale,
        409 if modified() => FaultKind::Stale,
        429 => FaultKind::Busy { retry_after, throttled: true },
        423 | 503 | 509 => FaultKind::Busy { retry_after, throttled: false },
        408 => FaultKind::Lost,
        ..=499 | 501 | 505 | 507 => FaultKind::Refused,
        // 500, 502, 504, and those of proxies that no table lists.
        _ => FaultKind::Lost,
    }
}

/// Names only the host: the rest of a redirect's target may hold what is nobody's business.
fn redirected(asked: &Url, headers: &HeaderMap) -> String {
    let target = headers.get(LOCATION).and_then(|location| location.to_str().ok());
    let host = target.and_then(|target| asked.join(target).ok()).and_then(|url| url.host_str().map(str::to_owned));
    host.map_or_else(
        || "redirected to nowhere; redirects are not followed".to_owned(),
        |host| format!("redirected to `{host}`; redirects are not followed"),
    )
}

fn lost(error: &reqwest::Error, peer: &Peer) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", peer.timeout.as_secs_f32());
    }
    if is_badly_packed(error) {
        return format!("the answer cannot be unpacked: {}", root_cause(error));
    }
    format!("the connection was cut before the answer came: {}", root_cause(error))
}

/// Whether the unpacking failed, and not the connection under it, which shows as the same kind of error.
fn is_badly_packed(error: &reqwest::Error) -> bool {
    let causes = chain(error).filter_map(|cause| cause.downcast_ref::<io::Error>());
    let is_bad = |cause: &io::Error| matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
    error.is_decode() && causes.into_iter().any(is_bad)
}

/// The innermost cause, which says most, and has no URL in it.
fn root_cause(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::command::CommandError;

    fn check(statuses: impl IntoIterator<Item = u16>, code: &str, expected: FaultKind) {
        for status in statuses {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(kind(status, &[code.to_owned()], Some(Duration::from_secs(9))), expected, "{status} {code}");
        }
    }

    #[test]
    fn every_documented_status_has_its_meaning() {
        let busy = |throttled| FaultKind::Busy { retry_after: Some(Duration::from_secs(9)), throttled };
        check([400, 403, 404, 405, 406, 409, 410, 411, 413, 415, 416, 422, 501, 507], "", FaultKind::Refused);
        check([401], "", FaultKind::Unauthenticated);
        check([412, 428], "", FaultKind::Stale);
        check([429], "", busy(true));
        check([423, 503, 509], "", busy(false));
        check([500, 504], "generalException", FaultKind::Lost);
    }

    #[test]
    fn a_status_outside_the_table_is_lost_only_if_it_may_have_been_done() {
        check([402, 407, 418, 451, 499, 505], "", FaultKind::Refused);
        check([408, 502, 506, 511, 520, 522, 599, 600, 999], "", FaultKind::Lost);
    }

    #[test]
    fn a_conflict_is_stale_only_if_its_code_says_so() {
        check([409, 412], "ResourceModified", FaultKind::Stale);
        check([409], "preconditionFailed", FaultKind::Refused);
        check([400], "resourceModified", FaultKind::Refused);
    }

    #[test]
    fn a_redirect_is_named_by_its_host_only() {
        let check = |location: Option<&str>, expected: &str| {
            let headers = location.map(|location| (LOCATION, location.parse().unwrap())).into_iter().collect();
            let message = redirected(&"https://api.example/referrals".parse().unwrap(), &headers);
            assert_eq!(message, format!("redirected to {expected}; redirects are not followed"));
        };
        check(Some("https://login.example/?code=s3cret"), "`login.example`");
        check(Some("/elsewhere"), "`api.example`");
        check(Some("//other.example:81/a"), "`other.example`");
        check(Some("https://"), "nowhere");
        check(None, "nowhere");
    }

    #[test]
    fn a_token_that_could_not_be_had_is_a_matter_of_signing_in() {
        let error = CommandError::NotRun(std::sync::Arc::new(io::ErrorKind::PermissionDenied.into()));
        let fault = Fault::from(TokenError::Command(error));
        assert_eq!(fault.kind, FaultKind::Unauthenticated);
        assert_eq!(fault.message, "the token command could not be run: permission denied");
    }
}
