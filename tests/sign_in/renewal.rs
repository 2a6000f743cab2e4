//! A sign-in is renewed while it is used: in time, once, and whatever is lost on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::stage::place::Place;
use crate::stage::sandbox::Sandbox;
use crate::stage::wire::{Message, Wire};
use crate::{APPLY, age, count, sheet, signed_in, tamper};

/// Each token was renewed once, and only when it was needed: no refresh token was used twice, none was refused, and
/// each access token served.
#[track_caller]
fn assert_once_each(sandbox: &Sandbox, renewals_min: u64) {
    let renewals = count(sandbox, "renewals");
    assert!(renewals >= renewals_min, "only {renewals} renewals");
    assert_eq!((count(sandbox, "renewals_repeated"), count(sandbox, "renewals_refused")), (0, 0));
    assert_eq!(count(sandbox, "tokens_used"), renewals + 1);
}

#[test]
fn a_long_run_outlives_its_tokens() {
    // Three seconds at least, with tokens of one.
    let (sandbox, place) = signed_in("--token-lifetime 1s --strict-rotation", 60);
    place.refsheet(&format!("{APPLY} --check none --rate 20/s --concurrency 16")).exits(0).says("60  applied");
    assert_once_each(&sandbox, 2);
    assert_eq!(sandbox.state().applied_in_all(), 60);
}

#[test]
fn tokens_that_are_refused_while_many_requests_are_under_way_are_renewed_once_each() {
    let (sandbox, place) = signed_in("--expire-token-after 200 --latency 5ms --strict-rotation --referrals 1000", 480);
    place.refsheet(&format!("{APPLY} --check none --concurrency 32")).exits(0).says("480  applied");
    assert_once_each(&sandbox, 2);
    assert_eq!(count(&sandbox, "renewals"), sandbox.state().trouble("tokens_expired"));
}

#[test]
fn processes_that_need_a_token_at_the_same_time_renew_it_once() {
    let (sandbox, place) = signed_in("--strict-rotation", 20);
    age(&place);
    let apply = place.start(APPLY);
    let others: Vec<_> = (0..4).map(|_| place.start("whoami")).collect();
    for process in others.into_iter().chain([apply]) {
        process.end().exits(0);
    }
    assert_eq!((count(&sandbox, "renewals"), count(&sandbox, "renewals_refused")), (1, 0));
}

#[test]
fn a_sign_in_that_was_revoked_stops_the_run_and_says_how_to_go_on() {
    let (sandbox, place) = signed_in("--expire-token-after 10", 30);
    sandbox.post("/sandbox/revoke", "");
    let ended = place.refsheet(&format!("{APPLY} --check none")).exits(4).says("10  applied").says("20  not reached");
    let ended = ended.says("the sign-in was not accepted: ").says("the sign-in has ended: it was revoked");
    let ended = ended.says("`refsheet login` signs in again");
    // Once it is known, it is not asked about again.
    assert_eq!(count(&sandbox, "renewals_refused"), 1);
    place.refsheet("login").exits(0);
    let mut ended = place.paste(&ended.command("to finish it: "));
    while ended.code == Some(4) {
        place.refsheet("login").exits(0);
        ended = place.refsheet("resume");
    }
    ended.exits(0).says("30  applied");
    crate::assert_each_once(&sandbox, 30);
}

#[test]
fn a_sign_in_that_was_revoked_is_told_before_a_run_begins() {
    let (sandbox, place) = signed_in("", 1);
    sandbox.post("/sandbox/revoke", "");
    age(&place);
    let ended = place.refsheet(APPLY).exits(4).says("the sign-in has ended: it was revoked");
    place.paste(&ended.command("hint: sign in: ")).exits(0);
    place.refsheet(APPLY).exits(0);
}

#[test]
fn a_sign_in_without_a_refresh_token_ends_with_its_token() {
    let (_sandbox, place) = signed_in("", 1);
    tamper(&place, "refresh_token", serde_json::Value::Null);
    place.refsheet(APPLY).exits(0);
    age(&place);
    place.refsheet(APPLY).exits(4).says("it came without a refresh token").says("hint: sign in: ");
}

/// Somebody who keeps the first answer to a renewal to himself, and hangs up.
fn thief(sandbox: &Sandbox) -> (Wire, Arc<AtomicBool>) {
    let has_stolen = Arc::new(AtomicBool::new(false));
    let stolen = Arc::clone(&has_stolen);
    let wire = Wire::start(Some(sandbox.authority()), move |request: &Message, onward| {
        let answer = onward.pass(request);
        let is_renewal = request.is_for("/token") && request.holds("grant_type=refresh_token");
        if is_renewal && !stolen.swap(true, Ordering::SeqCst) { None } else { answer }
    });
    (wire, has_stolen)
}

fn behind(wire: &Wire, sandbox: &Sandbox, rows: usize) -> Place {
    let place = Place::signed_out(&wire.base_url);
    place.write("sheet.csv", &sheet(sandbox, rows));
    place.refsheet("login").exits(0);
    age(&place);
    place
}

#[test]
fn a_renewal_whose_answer_was_lost_is_asked_for_again() {
    let sandbox = Sandbox::start("--require-sign-in --sign-in approved");
    let (wire, has_stolen) = thief(&sandbox);
    let place = behind(&wire, &sandbox, 2);
    place.refsheet(APPLY).exits(0).says("2  applied");
    assert!(has_stolen.load(Ordering::SeqCst));
    assert_eq!((count(&sandbox, "renewals"), count(&sandbox, "renewals_repeated")), (2, 1));
}

#[test]
fn a_host_that_takes_a_refresh_token_once_costs_a_sign_in_when_its_answer_is_lost() {
    let sandbox = Sandbox::start("--require-sign-in --sign-in approved --strict-rotation");
    let (wire, _) = thief(&sandbox);
    let place = behind(&wire, &sandbox, 2);
    let ended = place.refsheet(APPLY).exits(4).says("the sign-in has ended");
    place.paste(&ended.command("hint: sign in: ")).exits(0);
    place.refsheet(APPLY).exits(0).says("2  applied");
}

#[test]
fn a_crash_between_the_answer_and_the_file_leaves_a_sign_in_that_works() {
    let sandbox = Sandbox::start("--require-sign-in --sign-in approved");
    // The answer to the first renewal is kept until its receiver is dead.
    let is_held = Arc::new(AtomicBool::new(true));
    let is_asked = Arc::new(AtomicBool::new(false));
    let (held, asked) = (Arc::clone(&is_held), Arc::clone(&is_asked));
    let wire = Wire::start(Some(sandbox.authority()), move |request: &Message, onward| {
        let answer = onward.pass(request);
        if request.is_for("/token") && request.holds("grant_type=refresh_token") {
            asked.store(true, Ordering::SeqCst);
            crate::stage::until("the receiver is dead", || (!held.load(Ordering::SeqCst)).then_some(()));
        }
        answer
    });
    let place = behind(&wire, &sandbox, 2);
    let before = std::fs::read_to_string(crate::token_file(&place)).unwrap();
    let running = place.start(APPLY);
    crate::stage::until("a renewal is asked for", || is_asked.load(Ordering::SeqCst).then_some(()));
    running.kill();
    is_held.store(false, Ordering::SeqCst);
    assert_eq!(std::fs::read_to_string(crate::token_file(&place)).unwrap(), before, "nothing half written");
    place.refsheet(APPLY).exits(0).says("2  applied");
    assert_eq!((count(&sandbox, "renewals"), count(&sandbox, "renewals_repeated")), (2, 1));
}

#[test]
fn a_sign_in_host_that_is_away_does_not_disturb_a_token_that_is_good() {
    // The token is due, but not over: a fifth of its life is left.
    let sandbox = Sandbox::start("--require-sign-in --sign-in approved --token-lifetime 1h");
    let wire = Wire::start(Some(sandbox.authority()), |request: &Message, onward| {
        let is_renewal = request.is_for("/token") && request.holds("grant_type=refresh_token");
        if is_renewal { None } else { onward.pass(request) }
    });
    let place = behind(&wire, &sandbox, 2);
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(200);
    tamper(&place, "ends_at", soon.to_string());
    place.refsheet(APPLY).exits(0).says("2  applied");
    assert_eq!(count(&sandbox, "renewals"), 0);
    // Over is over.
    age(&place);
    place
        .refsheet(APPLY)
        .exits(4)
        .says("the sign-in host")
        .says("cannot be reached")
        .says("hint: try again in a while");
}
