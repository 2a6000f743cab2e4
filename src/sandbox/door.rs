//! The sandbox's own door, beside the service's address: `GET /sandbox/state`.
//!
//! The real service has nothing like it. It is for those who want to prove what a client did: everything held and
//! everything counted, as JSON. It needs no token, meets with no trouble, counts as no request and takes no number,
//! so looking changes nothing.

use axum::http::Method;
use axum::http::request::Parts;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::document::Document;
use super::sign_in::SignIns;
use super::store::Store;
use super::tally::{Tallies, Troubles};

const STATE: &str = "/sandbox/state";

pub(super) fn is_meant(request: &Parts) -> bool {
    request.method == Method::GET && request.uri.path() == STATE
}

/// All referrals in order of creation; pages, creations and, for each referral that was asked for, reads, writes and
/// writes that were stored; how often trouble struck; what happened where one signs in.
#[derive(Serialize)]
pub(super) struct State<'a> {
    referrals: Vec<Document>,
    tallies: Value,
    troubles: Value,
    sign_ins: &'a SignIns,
}

pub(super) fn state<'a>(store: &Store, sign_ins: &'a SignIns) -> State<'a> {
    State {
        referrals: store.documents(),
        tallies: tallies(&store.tallies()),
        troubles: troubles(&store.troubles()),
        sign_ins,
    }
}

fn tallies(tallies: &Tallies) -> Value {
    let of_one = tallies.referrals.iter().map(|(id, tally)| {
        (id.to_string(), json!({ "reads": tally.reads, "writes": tally.writes, "applied": tally.applied }))
    });
    json!({ "pages": tallies.pages, "created": tallies.created, "referrals": of_one.collect::<Map<_, _>>() })
}

fn troubles(troubles: &Troubles) -> Value {
    json!({
        "requests": troubles.requests,
        "throttled": troubles.throttled,
        "requests_during_pause": troubles.requests_during_pause,
        "replies_lost": troubles.replies_lost,
        "cuts": troubles.cuts,
        "failures": troubles.failures,
        "changes_underneath": troubles.changes_underneath,
        "tokens_expired": troubles.tokens_expired,
    })
}
