//! Signing in, from the command line to the sandbox's sign-in host: the real program over real sockets.
//!
//! What the client makes of each answer and when a token is due is tested beside the code. Here it is shown that a
//! person gets in, that a run stays in, and that nobody else does.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod stage;

#[path = "sign_in/host.rs"]
mod host;
#[path = "sign_in/login.rs"]
mod login;
#[path = "sign_in/renewal.rs"]
mod renewal;
#[path = "sign_in/secrets.rs"]
mod secrets;

use std::path::PathBuf;

use serde_json::Value;

use stage::place::Place;
use stage::sandbox::Sandbox;

/// A sandbox that takes only tokens of its own, and a place with `sheet.csv`, which gives a note to so many referrals.
fn scene(sandbox: &str, rows: usize) -> (Sandbox, Place) {
    let sandbox = Sandbox::start(&format!("--require-sign-in {sandbox}"));
    let place = Place::signed_out(&sandbox.base_url);
    place.write("sheet.csv", &sheet(&sandbox, rows));
    (sandbox, place)
}

/// The same with somebody signed in.
fn signed_in(sandbox: &str, rows: usize) -> (Sandbox, Place) {
    let (sandbox, place) = scene(&format!("--sign-in approved {sandbox}"), rows);
    place.refsheet("login").exits(0);
    (sandbox, place)
}

fn sheet(sandbox: &Sandbox, rows: usize) -> String {
    let state = sandbox.state();
    let rows: Vec<String> = state.active().take(rows).map(|id| format!("{id},a note\n")).collect();
    format!("id,Notes\n{}", rows.concat())
}

const APPLY: &str = "apply sheet.csv --yes --no-report";

/// What happened where one signs in.
fn count(sandbox: &Sandbox, name: &str) -> u64 {
    sandbox.state().sign_ins[name].as_u64().unwrap()
}

/// The file that the sign-in is kept in.
fn token_file(place: &Place) -> PathBuf {
    let folder = place.path("home/.local/state/refsheet/sign-in");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let file = files.next().unwrap();
    assert_eq!(files.next(), None);
    file
}

/// Changes what is kept, as time or a clumsy hand does.
fn tamper(place: &Place, member: &str, value: impl Into<Value>) {
    let file = token_file(place);
    let mut kept: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    kept[member] = value.into();
    std::fs::write(&file, kept.to_string()).unwrap();
}

/// Makes the access token that is kept look as if it had ended.
fn age(place: &Place) {
    tamper(place, "ends_at", "2026-01-01T00:00:00Z");
}

/// All rows of the sheet have arrived, each once.
#[track_caller]
fn assert_each_once(sandbox: &Sandbox, rows: usize) {
    let state = sandbox.state();
    let applied: Vec<u64> = state.ids.iter().map(|id| state.applied(id)).filter(|count| *count > 0).collect();
    assert_eq!(applied, vec![1; rows]);
}
