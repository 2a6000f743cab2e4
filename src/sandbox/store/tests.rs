//! The store as who calls it sees it; what the judge makes of a change is tested beside the judge.

use super::*;
use crate::sandbox::refusal::ErrorCode;

const NOTE: &str = r#"[{"op":"replace","path":"/details/notes","value":"new"}]"#;

/// One open referral, its id and its eTag.
fn store() -> (Store, ReferralId, String) {
    let id = mint::referral_id(1, 0);
    let document = json!({
        "id": id.to_string(),
        "status": "Active",
        "substatus": "Accepted",
        "createdDateTime": "2026-01-01T00:00:00Z",
        "updatedDateTime": "2026-01-01T00:00:00Z",
        "details": { "notes": "old" },
    });
    let store = Store::from_referrals(vec![document]).unwrap();
    let etag = etag(&store, id);
    (store, id, etag)
}

fn etag(store: &Store, id: ReferralId) -> String {
    store.peek(id).unwrap()["eTag"].as_str().unwrap().to_owned()
}

fn status(outcome: Result<Document, Refusal>) -> u16 {
    outcome.map_or_else(|refusal| refusal.status, |_| 200)
}

#[test]
fn the_same_seed_and_the_same_requests_give_the_same_referrals() {
    let run = || {
        let store = Store::new(&Settings { referrals: 20, ..Settings::default() });
        for index in 0..20 {
            let _ = store.patch_one(mint::referral_id(1, index), None, Body::of(NOTE));
        }
        let deal = r#"{"type":"Independent","customerProfile":{},"consent":{},"details":{}}"#;
        store.create_one(Body::of(deal)).unwrap();
        (store.snapshot(), store.tallies(), store.next_answer_id())
    };
    assert_eq!(run(), run());
}

#[test]
fn a_change_gives_a_new_etag_and_the_time_of_the_clock() {
    let (store, id, etag_before) = store();
    let after = store.patch_one(id, None, Body::of(NOTE)).unwrap().value();
    assert_eq!(after["details"]["notes"], "new");
    assert_eq!(after["updatedDateTime"], "2026-11-02T09:00:00.0000000Z");
    assert_ne!(after["eTag"], etag_before);
    let store = store.with_clock(Clock::from_fn(|| clock::START + jiff::SignedDuration::from_hours(1)));
    let after = store.patch_one(id, None, Body::of(NOTE)).unwrap().value();
    assert_eq!(after["updatedDateTime"], "2026-11-02T10:00:00.0000000Z");
}

#[test]
fn s9_a_replacement_needs_a_guard() {
    let (store, id, _) = store();
    let refusal = store.replace_one(id, None, Body::of("{}")).unwrap_err();
    assert_eq!((refusal.status, refusal.code), (412, ErrorCode::PreconditionFailed));
    assert_eq!(refusal.inner_code, None);
}

#[test]
fn without_a_guard_the_last_writer_wins() {
    let (store, id, _) = store();
    assert_eq!(status(store.patch_one(id, None, Body::of(NOTE))), 200);
    assert_eq!(status(store.patch_one(id, None, Body::of(NOTE))), 200);
}

#[test]
fn s18_a_missing_referral_comes_before_a_stale_guard_and_that_before_a_wrong_body() {
    let (store, id, etag) = store();
    let wrong = Body { content_type: Some("text/plain"), bytes: b"[" };
    assert_eq!(status(store.patch_one(mint::referral_id(9, 9), Some("\"other\""), wrong)), 404);
    assert_eq!(status(store.patch_one(id, Some("\"other\""), wrong)), 412);
    assert_eq!(status(store.patch_one(id, Some(&etag), wrong)), 415);
    assert_eq!(status(store.patch_one(id, Some(&etag), Body::of("["))), 400);
}

#[test]
fn s19_one_failing_operation_and_nothing_is_stored() {
    let (store, id, _) = store();
    let before = store.snapshot();
    let patch = r#"[{"op":"replace","path":"/details/notes","value":"new"},
                    {"op":"replace","path":"/details/dealValue","value":"a lot"}]"#;
    assert_eq!(status(store.patch_one(id, None, Body::of(patch))), 400);
    assert_eq!(store.snapshot(), before);
}

#[test]
fn s20_a_patch_that_changes_nothing_still_gives_a_new_version() {
    let (store, id, _) = store();
    let first = store.patch_one(id, None, Body::of(NOTE)).unwrap().value();
    let second = store.patch_one(id, None, Body::of(NOTE)).unwrap().value();
    assert_eq!(first["details"], second["details"]);
    assert_ne!(first["eTag"], second["eTag"]);
    assert_ne!(first["updatedDateTime"], second["updatedDateTime"]);
}

#[test]
fn a_created_referral_can_be_read_and_changed() {
    let (store, _, _) = store();
    let deal = r#"{"type":"Independent","customerProfile":{},"consent":{},"details":{}}"#;
    let created = store.create_one(Body::of(deal)).unwrap().value();
    let id: ReferralId = created["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(created["createdDateTime"], "2026-11-02T09:00:00.0000000Z");
    assert_eq!(store.read_one(id).unwrap().value(), created);
    let again = store.create_one(Body::of(deal)).unwrap().value();
    assert_ne!(again["id"], created["id"]);
    assert_eq!(status(store.patch_one(id, created["eTag"].as_str(), Body::of(NOTE))), 200);
    assert_eq!(store.snapshot().len(), 3);
}

#[test]
fn a_refused_creation_takes_no_time() {
    let (store, id, _) = store();
    assert_eq!(status(store.create_one(Body::of("{}"))), 400);
    let after = store.patch_one(id, None, Body::of(NOTE)).unwrap().value();
    assert_eq!(after["updatedDateTime"], "2026-11-02T09:00:00.0000000Z");
}

#[test]
fn everything_asked_for_is_counted() {
    let (store, id, _) = store();
    store.read_one(id).unwrap();
    store.list("", 100).unwrap();
    store.patch_one(id, None, Body::of(NOTE)).unwrap();
    store.patch_one(id, None, Body::of("[]")).unwrap_err();
    let tally = Tally { reads: 1, writes: 2, applied: 1 };
    assert_eq!(store.tally(id), tally);
    assert_eq!(store.tallies(), Tallies { pages: 1, created: 0, referrals: [(id, tally)].into() });
    assert_eq!(store.tally(mint::referral_id(9, 9)), Tally::default());
}

#[test]
fn given_referrals_are_kept_as_they_are() {
    let id = "5f0c3f0e-0000-4000-8000-000000000001";
    let document = json!({ "@odata.context": "x", "id": id, "eTag": "\"1\"", "notYetKnown": 1.5 });
    let store = Store::from_referrals(vec![document]).unwrap();
    assert_eq!(store.snapshot(), [json!({ "id": id, "eTag": "\"1\"", "notYetKnown": 1.5 })]);
    assert_eq!(Store::from_referrals(vec![json!({ "id": "x" })]).unwrap_err(), Unusable::NoId(1));
    assert_eq!(Store::from_referrals(vec![json!([])]).unwrap_err(), Unusable::NoId(1));
    let twice = Store::from_referrals(vec![json!({ "id": id }), json!({ "id": id })]);
    assert_eq!(twice.unwrap_err(), Unusable::Twice(id.parse().unwrap()));
}
