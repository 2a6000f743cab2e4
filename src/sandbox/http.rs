//! The store over HTTP/1 on a loopback address: addresses, headers and statuses of the contract (sections 1 and 2).
//! It decides nothing about referrals. Trouble, if any was asked for, meets requests in [`answer`] and nowhere else.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{
    ALLOW, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HOST, HeaderName, IF_MATCH, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Router, body};
use serde::Serialize;
use tokio::net::TcpListener;

use super::document::Document;
use super::door;
use super::line::{Lines, Scissors};
use super::listing::{Page, Shown};
use super::mishap::Mishap;
use super::refusal::Refusal;
use super::request::Body;
use super::sign_in::{self, Desk, SignIn};
use super::store::Store;
use super::trouble::{Arrival, Lot, Trouble, Troublemaker};
use crate::domain::referral::ReferralId;

/// Referrals on a page (contract, section 3.9).
pub(super) const PAGE_MAX: usize = 100;

/// The largest body that is read. Referrals have a few kilobytes; the real limit is unknown (contract, section 3.9).
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// How much of a larger body is taken off the wire, so that its sender hears the answer instead of a cut connection.
const BODY_BYTES_DRAINED_MAX: usize = 8 * BODY_BYTES_MAX;

const COLLECTION: &str = "/v1.0/engagements/referrals";
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// How the store is served. No `Debug`, because of the token.
#[derive(Clone, Default)]
pub struct ServeOptions {
    /// The one bearer token that is accepted. Without it any will do, but there must be one.
    pub token: Option<String>,
    /// What goes wrong.
    pub trouble: Trouble,
    /// How signing in goes.
    pub sign_in: SignIn,
}

/// Serves `/v1.0/engagements/referrals` until `shutdown` is done and the answers under way are given, and at the same
/// address what stands in for the sign-in host, which meets with no trouble. Beside them, `GET /sandbox/state` is the sandbox's own door and none of the service's: it tells what is held and was counted,
/// without a token and without being counted.
///
/// A listener that others than this machine could reach is refused: made-up referrals are no secret, but a stand-in
/// must not be taken for the service.
pub async fn serve(
    store: Store,
    listener: TcpListener,
    options: ServeOptions,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        let message = format!("the sandbox listens on loopback addresses only, not on `{address}`");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let ServeOptions { token, trouble, sign_in } = options;
    let desk = Desk::of(sign_in, trouble.seed);
    let face = Arc::new(Face { store, token, desk, troublemaker: Troublemaker::of(trouble) });
    let router = Router::new().fallback(answer).with_state(face);
    let service = router.into_make_service_with_connect_info::<Scissors>();
    axum::serve(Lines(listener), service).with_graceful_shutdown(shutdown).await
}

struct Face {
    store: Store,
    token: Option<String>,
    desk: Desk,
    troublemaker: Troublemaker,
}

/// What an address names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Resource {
    Collection,
    One(ReferralId),
}

async fn answer(
    State(face): State<Arc<Face>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if door::is_meant(&parts) {
        return json(StatusCode::OK, &door::state(&face.store, &face.desk.tally()));
    }
    if sign_in::is_meant(&parts) {
        return match whole(body).await {
            Ok(bytes) => sign_in::answer(&face.desk, &parts, &bytes),
            Err(refusal) => refused(&refusal, &parts),
        };
    }
    let arrival = Arrival { at: Instant::now(), token: token(&parts.headers), written: changed(&parts) };
    let Lot { mishap, latency } = face.troublemaker.next(&face.store, &arrival);
    let struck = mishap.strike(&face.store, arrival.written);
    if mishap == Mishap::Cut {
        scissors.cut();
        return Response::default();
    }
    let outcome = match struck {
        Ok(()) => outcome(&face, &parts, body).await,
        Err(refusal) => Err(refusal),
    };
    let response = finished(&face, &parts, outcome);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    match mishap {
        Mishap::LoseReply => scissors.cut(),
        Mishap::Throttle { .. } => face.troublemaker.pause_announced(),
        _ => {}
    }
    response
}

/// The referral that a request wants to change.
fn changed(parts: &Parts) -> Option<ReferralId> {
    match resource(parts.uri.path()) {
        Ok(Resource::One(id)) if [Method::PATCH, Method::PUT].contains(&parts.method) => Some(id),
        _ => None,
    }
}

/// The answer with the headers that each has.
fn finished(face: &Face, parts: &Parts, outcome: Result<Response, Refusal>) -> Response {
    let mut response = outcome.unwrap_or_else(|refusal| refused(&refusal, parts));
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, printable(&face.store.next_answer_id().to_string()));
    if let Some(id) = parts.headers.get(CLIENT_REQUEST_ID) {
        headers.insert(CLIENT_REQUEST_ID, id.clone());
    }
    response
}

/// The order of S18: who asks, what for, and only then the body.
async fn outcome(face: &Face, parts: &Parts, body: body::Body) -> Result<Response, Refusal> {
    check_token(face.token.as_deref(), &parts.headers)?;
    face.desk.admit(token(&parts.headers).unwrap_or_default(), Instant::now())?;
    let resource = resource(parts.uri.path())?;
    let if_match = text(&parts.headers, &IF_MATCH);
    let store = &face.store;
    match (resource, &parts.method) {
        (Resource::Collection, &Method::GET) => {
            let query = parts.uri.query().unwrap_or_default();
            Ok(listed(&store.list(query, PAGE_MAX)?, text(&parts.headers, &HOST)))
        }
        (Resource::Collection, &Method::POST) => {
            let bytes = whole(body).await?;
            store.create_one(sent(parts, &bytes)).map(|document| one(StatusCode::CREATED, &document))
        }
        (Resource::One(id), &Method::GET) => store.read_one(id).map(|document| one(StatusCode::OK, &document)),
        (Resource::One(id), &Method::PATCH) => {
            let bytes = whole(body).await?;
            let body = sent(parts, &bytes);
            match is_representation_wanted(&parts.headers) {
                true => store.patch_one(id, if_match, body).map(|document| represented(&document)),
                false => store.patch_unseen(id, if_match, body).map(|etag| done(etag.as_deref())),
            }
        }
        (Resource::One(id), &Method::PUT) => {
            let bytes = whole(body).await?;
            store.replace_one(id, if_match, sent(parts, &bytes)).map(|document| one(StatusCode::OK, &document))
        }
        (_, method) => Err(Refusal::method_not_allowed(method.as_str())),
    }
}

fn check_token(configured: Option<&str>, headers: &HeaderMap) -> Result<(), Refusal> {
    let is_accepted =
        token(headers).is_some_and(|given| configured.map_or(!given.trim().is_empty(), |token| token == given));
    if is_accepted { Ok(()) } else { Err(Refusal::unauthenticated()) }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, &AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn resource(path: &str) -> Result<Resource, Refusal> {
    let rest = path.strip_prefix(COLLECTION).map(|rest| rest.trim_end_matches('/'));
    match rest {
        Some("") => Ok(Resource::Collection),
        Some(rest) => rest
            .strip_prefix('/')
            .and_then(|id| id.parse().ok())
            .map(Resource::One)
            .ok_or_else(|| Refusal::not_found(path)),
        None => Err(Refusal::not_found(path)),
    }
}

async fn whole(body: body::Body) -> Result<Bytes, Refusal> {
    let bytes = body::to_bytes(body, BODY_BYTES_DRAINED_MAX).await.ok();
    bytes.filter(|bytes| bytes.len() <= BODY_BYTES_MAX).ok_or_else(|| Refusal::too_large(BODY_BYTES_MAX))
}

fn sent<'a>(parts: &'a Parts, bytes: &'a Bytes) -> Body<'a> {
    Body { content_type: text(&parts.headers, &CONTENT_TYPE), bytes }
}

fn is_representation_wanted(headers: &HeaderMap) -> bool {
    let preferences = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let mut preferences = preferences.flat_map(|value| value.split([',', ';'])).map(str::trim);
    preferences.any(|preference| preference.eq_ignore_ascii_case("return=representation"))
}

/// One referral, with the context as the examples misspell it (contract, section 11, trap 2).
fn one(status: StatusCode, document: &Document) -> Response {
    const CONTEXT: &str = "https://api.partner.microsoft.com/v1.0/engagments/referrals/$metadata#Referrals/$entity";
    let members = document.text().trim_start_matches('{');
    with_etag(written(status, format!(r#"{{"@odata.context":"{CONTEXT}",{members}"#)), document.etag().as_deref())
}

fn represented(document: &Document) -> Response {
    let mut response = one(StatusCode::OK, document);
    response.headers_mut().insert(PREFERENCE_APPLIED, HeaderValue::from_static("return=representation"));
    response
}

/// 204, with its length spelled out as in the documented answer (contract, section 2).
///
/// HTTP forbids that header there, and the server library leaves it out when it sees that the body is at its end;
/// through a stream it cannot see it.
fn done(etag: Option<&str>) -> Response {
    let headers = [(CONTENT_LENGTH, HeaderValue::from_static("0"))];
    let nothing = body::Body::from_stream(body::Body::empty().into_data_stream());
    with_etag((StatusCode::NO_CONTENT, headers, nothing).into_response(), etag)
}

/// A page whose link to the next is of the documented, misleading kind: not https, and another path (contract,
/// section 11, trap 5).
fn listed(page: &Page, host: Option<&str>) -> Response {
    const HOST_DOCUMENTED: &str = "api.partner.microsoft.com";
    const CONTEXT: &str = "http://api.partner.microsoft.com/v1.0/referrals/$metadata#Referrals";
    #[derive(Serialize)]
    struct Listed<'a> {
        #[serde(rename = "@odata.context")]
        context: &'static str,
        #[serde(rename = "@odata.count", skip_serializing_if = "Option::is_none")]
        total: Option<usize>,
        value: Vec<Shown<'a>>,
        #[serde(rename = "@odata.nextLink", skip_serializing_if = "Option::is_none")]
        next: Option<String>,
    }
    let host = host.unwrap_or(HOST_DOCUMENTED);
    let next = page.next.as_ref().map(|query| format!("http://{host}/v1.0/referrals?{query}"));
    let value = page.documents.iter().map(|document| Shown { document, view: &page.view }).collect();
    json(StatusCode::OK, &Listed { context: CONTEXT, total: page.total, value, next })
}

fn refused(refusal: &Refusal, parts: &Parts) -> Response {
    let status = StatusCode::from_u16(refusal.status).expect("a refusal has a documented status");
    let mut response = json(status, &refusal.body());
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(retry_after) = refusal.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs()));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = match resource(parts.uri.path()) {
            Ok(Resource::Collection) => "GET, POST",
            Ok(Resource::One(_)) | Err(_) => "GET, PATCH, PUT",
        };
        headers.insert(ALLOW, HeaderValue::from_static(allowed));
    }
    response
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    written(status, serde_json::to_vec(body).expect("an answer can be written as JSON"))
}

fn written(status: StatusCode, text: impl Into<body::Body>) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], text.into()).into_response()
}

fn with_etag(mut response: Response, etag: Option<&str>) -> Response {
    if let Some(etag) = etag {
        response.headers_mut().insert(ETAG, printable(etag));
    }
    response
}

/// A header value; one that cannot be printed, as a file of referrals may hold, is left empty.
fn printable(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_slash_does_not_matter() {
        let id = "5f0c3f0e-0000-4000-8000-000000000001";
        for path in [COLLECTION.to_owned(), format!("{COLLECTION}/")] {
            assert_eq!(resource(&path), Ok(Resource::Collection));
        }
        for path in [format!("{COLLECTION}/{id}"), format!("{COLLECTION}/{id}//")] {
            assert_eq!(resource(&path), Ok(Resource::One(id.parse().unwrap())));
        }
        for path in ["/", "/v1.0/referrals", "/v1.0/engagements/referrals/CRM-1", "/v1.0/engagements/referralsx"] {
            assert_eq!(resource(path).unwrap_err().status, 404, "{path}");
        }
    }

    #[test]
    fn a_token_is_needed_and_only_the_configured_one_if_there_is_one() {
        let check = |header: Option<&'static str>, configured: Option<&str>, expected: bool| {
            let headers = header.map(|header| (AUTHORIZATION, HeaderValue::from_static(header)));
            let outcome = check_token(configured, &headers.into_iter().collect());
            assert_eq!(outcome.is_ok(), expected, "{header:?} for {configured:?}");
        };
        check(None, None, false);
        check(Some("Bearer "), None, false);
        check(Some("Basic abc"), None, false);
        check(Some("Bearer abc"), None, true);
        check(Some("bearer abc"), Some("abc"), true);
        check(Some("Bearer abd"), Some("abc"), false);
    }
}
