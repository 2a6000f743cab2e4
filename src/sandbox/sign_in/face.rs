//! The desk over HTTP: the two endpoints of the sign-in host, and the page where a person types the code.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Instant;

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Applicant, Decision, Denial, Desk, Given, SCOPE, Tokens};

const PAGE: &str = "/devicelogin";
const REVOKE: &str = "/sandbox/revoke";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What an address names (contract, section 10).
enum Place<'a> {
    Codes {
        tenant: &'a str,
    },
    Tokens {
        tenant: &'a str,
    },
    Page,
    /// The sandbox's own: ends all sign-ins, as an administrator can.
    Revocation,
}

/// Whether a request is for the desk.
pub(in crate::sandbox) fn is_meant(parts: &Parts) -> bool {
    place(parts.uri.path()).is_some()
}

/// Answers a request for the desk.
pub(in crate::sandbox) fn answer(desk: &Desk, parts: &Parts, body: &Bytes) -> Response {
    let (Some(place), now) = (place(parts.uri.path()), Instant::now()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match (place, &parts.method) {
        (Place::Page, &Method::GET) => Html(page("")).into_response(),
        (Place::Page, &Method::POST) => Html(page(decided(desk, body, now))).into_response(),
        (Place::Revocation, &Method::POST) => {
            desk.revoke_all();
            StatusCode::NO_CONTENT.into_response()
        }
        (Place::Codes { tenant }, &Method::POST) => said(form(parts, body).and_then(|form| {
            let given = desk.begin(&form.applicant(tenant), form.needed("scope")?, now)?;
            Ok(code_given(&given, parts))
        })),
        (Place::Tokens { tenant }, &Method::POST) => said(form(parts, body).and_then(|form| {
            let who = form.applicant(tenant);
            let tokens = match form.needed("grant_type")? {
                DEVICE_GRANT => desk.poll(&who, form.needed("device_code")?, now)?,
                "refresh_token" => desk.renew(&who, form.needed("refresh_token")?, now)?,
                _ => return Err(Denial::UnsupportedGrant),
            };
            Ok(tokens_given(&tokens))
        })),
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

fn place(path: &str) -> Option<Place<'_>> {
    match path {
        PAGE => return Some(Place::Page),
        REVOKE => return Some(Place::Revocation),
        _ => {}
    }
    let (tenant, rest) = path.strip_prefix('/')?.split_once('/')?;
    match rest {
        "oauth2/v2.0/devicecode" if !tenant.is_empty() => Some(Place::Codes { tenant }),
        "oauth2/v2.0/token" if !tenant.is_empty() => Some(Place::Tokens { tenant }),
        _ => None,
    }
}

/// The fields of a form.
struct Form<'a>(HashMap<Cow<'a, str>, Cow<'a, str>>);

/// A form with no field twice (RFC 6749, section 3.2).
fn form<'a>(parts: &Parts, body: &'a Bytes) -> Result<Form<'a>, Denial> {
    let named = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if named.split(';').next().unwrap_or_default().trim() != "application/x-www-form-urlencoded" {
        return Err(Denial::InvalidRequest("the body is not a form"));
    }
    let mut fields = HashMap::new();
    for (name, value) in form_urlencoded::parse(body) {
        if fields.insert(name, value).is_some() {
            return Err(Denial::InvalidRequest("a field is there twice"));
        }
    }
    Ok(Form(fields))
}

impl Form<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(AsRef::as_ref).filter(|value| !value.is_empty())
    }

    fn needed(&self, name: &str) -> Result<&str, Denial> {
        self.get(name).ok_or(Denial::InvalidRequest("a field is missing"))
    }

    fn applicant<'a>(&'a self, tenant: &'a str) -> Applicant<'a> {
        let client_id = self.get("client_id").unwrap_or_default();
        Applicant { client_id, client_secret: self.get("client_secret"), tenant }
    }
}

fn said(outcome: Result<Value, Denial>) -> Response {
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err(denial) => denied(denial),
    };
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}

/// RFC 8628, section 3.2, with the sentence for people that the real host adds.
fn code_given(given: &Given, parts: &Parts) -> Value {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let Given { device_code, user_code, expires_in, interval } = given;
    let page = format!("http://{host}{PAGE}");
    json!({
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page,
        "expires_in": expires_in.as_secs(),
        "interval": interval.as_secs(),
        "message": format!("To sign in, open {page} and enter the code {user_code}."),
    })
}

/// RFC 6749, section 5.1.
fn tokens_given(tokens: &Tokens) -> Value {
    let mut body = json!({
        "token_type": "Bearer",
        "scope": SCOPE,
        "expires_in": tokens.expires_in.as_secs(),
        "access_token": tokens.access,
    });
    if let Some(refresh) = &tokens.refresh {
        body["refresh_token"] = json!(refresh);
    }
    body
}

/// RFC 6749, section 5.2.
fn denied(denial: Denial) -> (StatusCode, Value) {
    let (code, why) = match denial {
        Denial::InvalidRequest(why) => ("invalid_request", why),
        Denial::InvalidClient => ("invalid_client", "the client secret is missing or wrong"),
        Denial::InvalidScope => ("invalid_scope", "the scope is not that of this service"),
        Denial::InvalidGrant(why) => ("invalid_grant", why),
        Denial::UnsupportedGrant => ("unsupported_grant_type", "only device codes and refresh tokens are taken"),
        Denial::Pending => ("authorization_pending", "the person has not signed in yet"),
        Denial::SlowDown => ("slow_down", "ask less often"),
        Denial::Declined => ("access_denied", "the person has declined"),
        Denial::Expired => ("expired_token", "the device code has ended"),
    };
    let status = if denial == Denial::InvalidClient { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    (status, json!({ "error": code, "error_description": why }))
}

/// What the page says about a code that was typed.
fn decided(desk: &Desk, body: &Bytes, now: Instant) -> &'static str {
    let form = Form(form_urlencoded::parse(body).collect());
    let decision = if form.get("decision") == Some("deny") { Decision::Deny } else { Decision::Approve };
    match (desk.decide(form.get("user_code").unwrap_or_default(), decision, now), decision) {
        (false, _) => "There is no such code, or it has ended.",
        (true, Decision::Approve) => "Approved. You can close this page; the program goes on by itself.",
        (true, Decision::Deny) => "Declined.",
    }
}

fn page(message: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Sandbox sign-in</title>\
         <body style=\"font:1.1em sans-serif;max-width:30em;margin:4em auto\"><h1>Sandbox sign-in</h1>\
         <p>This is the stand-in of refsheet, and no account of yours is asked for.<p><strong>{message}</strong>\
         <form method=post><p><label>Code <input name=user_code autofocus autocomplete=off></label>\
         <p><button name=decision value=approve>Approve</button> <button name=decision value=deny>Decline</button></form>"
    )
}
