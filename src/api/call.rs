//! One request as we mean it, before there is a connection.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, IF_MATCH};
use reqwest::{Method, RequestBuilder};
use url::Url;
use uuid::Uuid;

use super::body::{PAGE_BYTES_MAX, REFERRAL_BYTES_MAX};
use crate::domain::json::Json;
use crate::domain::referral::ETag;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REPRESENTATION: HeaderValue = HeaderValue::from_static("return=representation");
const PREFER: HeaderName = HeaderName::from_static("prefer");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// One request, all but the token.
#[derive(Debug)]
pub(super) struct Call {
    pub method: Method,
    pub url: Url,
    /// The value of `client-request-id`, fresh for each call.
    pub request_id: Uuid,
    /// How long the body of the answer may be.
    pub answer_bytes_max: usize,
    body: Option<Json>,
    guard: Option<HeaderValue>,
    representation: bool,
}

/// An eTag with characters that a header cannot carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the eTag has characters that no eTag has")]
pub(super) struct BadGuard;

impl Call {
    /// Asks for one referral.
    pub(super) fn read(url: Url) -> Self {
        Call::new(Method::GET, url, REFERRAL_BYTES_MAX)
    }

    /// Asks for a page of the list.
    pub(super) fn page(url: Url) -> Self {
        Call::new(Method::GET, url, PAGE_BYTES_MAX)
    }

    /// Sends a document.
    pub(super) fn write(method: Method, url: Url, document: &Json) -> Self {
        Call { body: Some(document.clone()), ..Call::new(method, url, REFERRAL_BYTES_MAX) }
    }

    /// Only if the referral still has this version (contract, section 6).
    pub(super) fn only_if(self, guard: &ETag) -> Result<Self, BadGuard> {
        let guard = HeaderValue::from_str(guard.as_str()).map_err(|_| BadGuard)?;
        Ok(Call { guard: Some(guard), ..self })
    }

    /// Asks for the changed referral.
    pub(super) fn with_representation(self) -> Self {
        Call { representation: true, ..self }
    }

    /// The request with all its headers (contract, section 2).
    pub(super) fn request(&self, http: &reqwest::Client, authorization: HeaderValue) -> RequestBuilder {
        let request = http
            .request(self.method.clone(), self.url.clone())
            .header(AUTHORIZATION, authorization)
            .header(ACCEPT, JSON)
            .header(CLIENT_REQUEST_ID, &*self.request_id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
        let request = match &self.guard {
            Some(guard) => request.header(IF_MATCH, guard),
            None => request,
        };
        let request = if self.representation { request.header(PREFER, REPRESENTATION) } else { request };
        match &self.body {
            // Not application/json-patch+json, for a patch either: that is what all examples of the service send.
            Some(body) => request.header(CONTENT_TYPE, JSON).body(body.text().to_owned()),
            None => request,
        }
    }

    fn new(method: Method, url: Url, answer_bytes_max: usize) -> Self {
        Call { method, url, request_id: fresh(), answer_bytes_max, body: None, guard: None, representation: false }
    }
}

/// A version 4 UUID that is unlike others, which is all that is asked of it: the system's secure randomness would cost a
/// system call for each request.
fn fresh() -> Uuid {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid()
}
