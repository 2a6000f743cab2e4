//! What an answer's head says about itself.

use reqwest::StatusCode;
use reqwest::header::{ETAG, HeaderMap};

use super::error_body::clean;
use crate::domain::referral::ETag;
use crate::service::Trace;

/// The headers that identify a call, best first; names are compared without case (contract, section 2).
const REQUEST_ID_HEADERS: [&str; 3] = ["request-id", "ms-requestid", "ms-correlationid"];

/// The longest id that is kept, in characters; a GUID has 36.
const REQUEST_ID_CHARS_MAX: usize = 128;

/// What identifies the call afterwards.
pub(super) fn trace(status: StatusCode, headers: &HeaderMap) -> Trace {
    Trace {
        http: Some(status.as_u16()),
        request_id: REQUEST_ID_HEADERS
            .iter()
            .find_map(|name| text(headers, name))
            .map(|id| clean(&id, REQUEST_ID_CHARS_MAX)),
        etag: text(headers, ETAG.as_str()).map(ETag::new),
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &str)], request_id: Option<&str>, etag: Option<&str>) {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let expected = Trace { http: Some(204), request_id: request_id.map(str::to_owned), etag: etag.map(ETag::new) };
        assert_eq!(trace(StatusCode::NO_CONTENT, &headers), expected);
    }

    #[test]
    fn the_best_id_that_came_is_kept() {
        check(&[("MS-CorrelationId", "c"), ("MS-RequestId", "b"), ("Request-ID", "a")], Some("a"), None);
        check(&[("MS-CorrelationId", "c"), ("MS-RequestId", "b")], Some("b"), None);
        check(&[("MS-CorrelationId", "c"), ("request-id", "")], Some("c"), None);
        check(&[("Request-ID", &"a".repeat(500))], Some(&"a".repeat(128)), None);
        check(&[], None, None);
    }

    #[test]
    fn the_etag_header_keeps_its_quotes() {
        check(&[("ETag", "\"25-00\"")], None, Some("\"25-00\""));
    }
}
