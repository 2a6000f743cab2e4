//! How the sandbox says no: an HTTP status and the error body of the contract (section 8.1).

use std::time::Duration;

use serde_json::{Value, json};

/// The longest message that the service sends (contract, section 3.9).
const MESSAGE_CHARS_MAX: usize = 1024;

/// The inner code of an eTag that did not match, the only inner code that is known (contract, section 8.2).
const ETAG_MISMATCH: &str = "99918";

/// The code of a token without the claim of a second factor (contract, section 10).
const WITHOUT_MFA: &str = "900421";

/// The values of `error.code` that the sandbox uses (contract, section 8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// 400, and the other 4xx for which no code is documented (405, 413, 415).
    InvalidRequest,
    /// 401
    Unauthenticated,
    /// 404
    ItemNotFound,
    /// 412
    PreconditionFailed,
    /// 503, and 429, for which no code is documented.
    ServiceNotAvailable,
}

impl ErrorCode {
    /// The code as the service spells it.
    pub fn word(self) -> &'static str {
        match self {
            ErrorCode::InvalidRequest => "invalidRequest",
            ErrorCode::Unauthenticated => "unauthenticated",
            ErrorCode::ItemNotFound => "itemNotFound",
            ErrorCode::PreconditionFailed => "preconditionFailed",
            ErrorCode::ServiceNotAvailable => "serviceNotAvailable",
        }
    }
}

/// A request that the sandbox does not carry out. Nothing was stored (S19).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// `error.code`
    pub code: ErrorCode,
    /// `error.message`, for developers.
    pub message: String,
    /// `error.target`: what the error is about, a pointer or a name.
    pub target: Option<String>,
    /// `error.innerError.code`
    pub inner_code: Option<&'static str>,
    /// `Retry-After`
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// 400: what was sent is wrong, and `target` names where.
    pub(super) fn invalid(target: impl Into<String>, message: impl AsRef<str>) -> Self {
        Refusal::new(400, ErrorCode::InvalidRequest, message).about(target)
    }

    /// 401: no token, or not the configured one.
    pub(super) fn unauthenticated() -> Self {
        Refusal::new(401, ErrorCode::Unauthenticated, "the request needs a valid bearer token")
    }

    /// 401: a token that shows no second factor (contract, section 10).
    pub(super) fn without_mfa() -> Self {
        let refusal = Refusal::new(401, ErrorCode::Unauthenticated, "the token has no MFA claim");
        Refusal { inner_code: Some(WITHOUT_MFA), ..refusal }
    }

    /// 404: no such referral, or no such resource at all.
    pub(super) fn not_found(what: &str) -> Self {
        Refusal::new(404, ErrorCode::ItemNotFound, format!("nothing is at `{what}`")).about("referral")
    }

    /// 405: the resource has no such operation (contract, section 1).
    pub(super) fn method_not_allowed(method: &str) -> Self {
        Refusal::new(405, ErrorCode::InvalidRequest, format!("`{method}` is not supported here"))
    }

    /// 412: `If-Match` names another version (contract, section 6).
    pub(super) fn stale() -> Self {
        let mut refusal = Refusal::unguarded("the eTag of the request is not that of the referral");
        refusal.inner_code = Some(ETAG_MISMATCH);
        refusal
    }

    /// 412: a replacement without `If-Match` (S9).
    pub(super) fn unguarded(message: &str) -> Self {
        Refusal::new(412, ErrorCode::PreconditionFailed, message).about("ETag")
    }

    /// 413: the body is larger than the sandbox takes.
    pub(super) fn too_large(bytes_max: usize) -> Self {
        Refusal::new(413, ErrorCode::InvalidRequest, format!("the body is larger than {bytes_max} bytes"))
    }

    /// 415: neither of the media types of S21.
    pub(super) fn media_type(found: &str) -> Self {
        Refusal::new(415, ErrorCode::InvalidRequest, format!("`{found}` is no media type for this request"))
            .about("Content-Type")
    }

    /// 429: too many requests (contract, section 9).
    pub(super) fn throttled(retry_after: Option<Duration>) -> Self {
        let refusal = Refusal::new(429, ErrorCode::ServiceNotAvailable, "too many requests; try again later");
        Refusal { retry_after, ..refusal }
    }

    /// 503: not now.
    pub(super) fn not_available(retry_after: Option<Duration>) -> Self {
        let refusal =
            Refusal::new(503, ErrorCode::ServiceNotAvailable, "the service is not available; try again later");
        Refusal { retry_after, ..refusal }
    }

    /// The error body.
    pub fn body(&self) -> Value {
        let mut error = json!({ "code": self.code.word(), "message": self.message });
        if let Some(target) = &self.target {
            error["target"] = json!(target);
        }
        if let Some(code) = self.inner_code {
            error["innerError"] = json!({ "code": code, "message": self.message, "details": null });
        }
        json!({ "error": error })
    }

    fn new(status: u16, code: ErrorCode, message: impl AsRef<str>) -> Self {
        let message = message.as_ref().chars().take(MESSAGE_CHARS_MAX).collect();
        Refusal { status, code, message, target: None, inner_code: None, retry_after: None }
    }

    fn about(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_guard_looks_like_the_one_real_answer_that_is_known() {
        let refusal = Refusal::stale();
        let error = &refusal.body()["error"];
        assert_eq!(refusal.status, 412);
        assert_eq!(error["code"], "preconditionFailed");
        assert_eq!(error["target"], "ETag");
        assert_eq!(error["innerError"]["code"], "99918");
    }

    #[test]
    fn a_message_is_never_longer_than_the_service_allows() {
        let refusal = Refusal::invalid("referral", "é".repeat(5_000));
        assert_eq!(refusal.message.chars().count(), 1024);
    }
}
