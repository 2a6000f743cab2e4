//! Shards: several processes that share a sheet, do each of its rows once, in order, at the rate of one, and whose
//! reports add up to one.

#![cfg(unix)]

mod stage;

#[path = "shards/abreast.rs"]
mod abreast;
#[path = "shards/division.rs"]
mod division;
#[path = "shards/merged.rs"]
mod merged;
#[path = "shards/samples.rs"]
mod samples;

use serde_json::Value;

use stage::place::Place;
use stage::running::Ended;
use stage::sandbox::{Sandbox, State};

/// What every shard is told.
const APPLY: &str = "apply sheet.csv --yes --json";

/// A sandbox, and a place with a sheet that gives notes, one after the other, to each of so many referrals, and has one
/// row that is about nothing and one that is to be skipped.
fn scene(sandbox: &str, referrals: usize, notes: &[&str]) -> (Sandbox, Place) {
    let sandbox = Sandbox::start(sandbox);
    let place = Place::beside(&sandbox);
    place.write("sheet.csv", &sheet(&sandbox.state(), referrals, notes));
    (sandbox, place)
}

fn sheet(state: &State, referrals: usize, notes: &[&str]) -> String {
    let ids: Vec<&str> = state.active().take(referrals).collect();
    assert_eq!(ids.len(), referrals, "the sandbox has too few open referrals");
    let rows = notes.iter().flat_map(|note| ids.iter().map(move |id| format!("{id},{note},\n")));
    format!("id,Notes,action\n{}not-an-id,a note,\n{},a note,skip\n", rows.collect::<String>(), ids[0])
}

/// Starts all shards at once and waits for them.
fn all(place: &Place, count: u32, command: &str) -> Vec<Ended> {
    let started: Vec<_> =
        (1..=count).map(|number| place.start(&format!("{command} --shard {number}/{count}"))).collect();
    started.into_iter().map(stage::running::Running::end).collect()
}

/// How many rows of a JSON summary ended so.
fn count(summary: &Value, outcome: &str) -> u64 {
    summary["rows"][outcome].as_u64().unwrap()
}

/// The id of a summary's run.
fn run_of(ended: &Ended) -> String {
    ended.json()["run"].as_str().unwrap().to_owned()
}

/// Row number, id and outcome of all rows of a report.
fn rows(report: &str) -> Vec<(u64, String, String)> {
    let lines = report.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    lines.map(|row| (row["row"].as_u64().unwrap(), text(&row["id"]), text(&row["outcome"]))).collect()
}
