//! How a run stops before its last row, and how it is finished: by signals, by limits, by trouble that no row can be
//! blamed for. Each time something is said that helps, with a command that works as it is pasted, and nothing is
//! sent twice.

#![cfg(unix)]

mod stage;

#[path = "stopping/disks.rs"]
mod disks;
#[path = "stopping/limits.rs"]
mod limits;
#[path = "stopping/nights.rs"]
mod nights;
#[path = "stopping/runs.rs"]
mod runs;
#[path = "stopping/signals.rs"]
mod signals;
#[path = "stopping/trouble.rs"]
mod trouble;

use serde_json::Value;

use stage::place::Place;
use stage::sandbox::{Sandbox, State};

/// What stands in front of the command that finishes a run.
const TO_FINISH: &str = "to finish it: ";

/// A sheet that gives a note to so many of the open referrals.
fn notes(state: &State, rows: usize) -> String {
    let ids: Vec<&str> = state.active().take(rows).collect();
    assert_eq!(ids.len(), rows, "the sandbox has too few open referrals");
    sheet(ids)
}

/// A sheet that gives a note to each of these.
fn sheet<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    let rows: Vec<String> = ids.into_iter().map(|id| format!("{id},a note\n")).collect();
    format!("id,Notes\n{}", rows.concat())
}

/// A sandbox, and a place with `sheet.csv`, which gives a note to so many referrals.
fn scene(sandbox: &str, rows: usize) -> (Sandbox, Place) {
    let sandbox = Sandbox::start(sandbox);
    let place = Place::beside(&sandbox);
    place.write("sheet.csv", &notes(&sandbox.state(), rows));
    (sandbox, place)
}

/// All rows of the sheet have arrived, each once.
#[track_caller]
fn assert_each_once(sandbox: &Sandbox, rows: usize) {
    let state = sandbox.state();
    let ids: Vec<&String> = state.ids.iter().filter(|id| state.applied(id) > 0).collect();
    assert_eq!(ids.len(), rows, "referrals that were changed");
    for id in ids {
        assert_eq!((state.applied(id), &state.referrals[id]["details"]["notes"]), (1, &"a note".into()), "{id}");
    }
}

/// How many rows of a JSON summary ended so.
fn count(summary: &Value, outcome: &str) -> u64 {
    summary["rows"][outcome].as_u64().unwrap()
}
