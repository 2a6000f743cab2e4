//! Finished, unfinished and other runs: `resume`, `apply` of the same sheet, and `runs`.

use serde_json::Value;

use crate::stage::place::Place;
use crate::stage::sandbox::Sandbox;
use crate::stage::until;
use crate::{assert_each_once, notes, scene};

/// Stops after the first failure: the sheet's first row is about nothing.
const CUT_SHORT: &str = "--yes --no-report --check none --concurrency 1 --max-failures 0";

/// A sandbox and a place with an unfinished run of `sheet.csv`, three of whose rows are still to be done.
fn unfinished() -> (Sandbox, Place) {
    let sandbox = Sandbox::start("--referrals 20");
    let place = Place::beside(&sandbox);
    place.write("sheet.csv", &with_a_bad_start(&notes(&sandbox.state(), 3)));
    place.refsheet(&format!("apply sheet.csv {CUT_SHORT}")).exits(5).says("3  not reached");
    (sandbox, place)
}

fn with_a_bad_start(sheet: &str) -> String {
    sheet.replacen('\n', "\n00000000-0000-4000-8000-000000000000,a note\n", 1)
}

#[test]
fn a_finished_run_says_so_and_sends_nothing() {
    let (sandbox, place) = scene("--referrals 20", 3);
    place.refsheet("apply sheet.csv --yes --no-report").exits(0);
    let requests = sandbox.state().requests();
    let run = place.runs().remove(0);
    place.refsheet(&format!("resume {run}")).exits(0).says(&format!("the run `{run}` is finished"));
    place.refsheet("resume").exits(0).says("no run is unfinished");
    assert_eq!(sandbox.state().requests(), requests);
}

#[test]
fn the_same_sheet_again_writes_nothing() {
    let (sandbox, place) = scene("--referrals 20", 3);
    place.refsheet("apply sheet.csv --yes --no-report").exits(0).says("3  applied");
    place.refsheet("apply sheet.csv --yes --no-report").exits(0).says("3  unchanged");
    assert_eq!(sandbox.state().writes(), 3);
}

#[test]
fn a_sheet_with_an_unfinished_run_is_refused_with_both_ways_out() {
    let (sandbox, place) = unfinished();
    // Another name does not make it another sheet.
    place.write("copy.csv", &place.read("sheet.csv"));
    let ended = place.refsheet("apply copy.csv --yes --no-report").exits(6);
    let ended = ended.says("an unfinished run of this very sheet exists").says("3 rows to go");
    assert_eq!(sandbox.state().writes(), 0);
    place.paste(&ended.command("hint: finish it: ")).exits(1).says("3  applied");
    assert_each_once(&sandbox, 3);
}

#[test]
fn another_part_of_the_sheet_is_another_run() {
    let (sandbox, place) = unfinished();
    place.refsheet("apply sheet.csv --yes --no-report --visible-only").exits(1).says("3  applied");
    place.refsheet("apply sheet.csv --yes --no-report").exits(6).says("an unfinished run of this very sheet exists");
    assert_each_once(&sandbox, 3);
}

#[test]
fn an_unfinished_run_can_be_forgotten() {
    let (sandbox, place) = unfinished();
    let ended = place.refsheet("apply sheet.csv --yes --no-report").exits(6);
    let forget = ended.command("hint: or forget it: ");
    place.paste(forget.strip_suffix(", then apply the sheet again").unwrap()).exits(0).says("is forgotten");
    assert_eq!(place.runs(), Vec::<String>::new());
    place.refsheet("apply sheet.csv --yes --no-report").exits(1).says("3  applied");
    assert_each_once(&sandbox, 3);
}

#[test]
fn apply_with_resume_finishes_what_there_is_and_else_starts() {
    let (sandbox, place) = unfinished();
    let run = place.runs();
    place.refsheet("apply sheet.csv --yes --no-report --resume").exits(1).says("3  applied");
    assert_eq!(place.runs(), run);
    assert_each_once(&sandbox, 3);
    place.refsheet("apply sheet.csv --yes --no-report --resume").exits(1).says("3  unchanged");
    assert_eq!(place.runs().len(), 2);
    assert_eq!(sandbox.state().writes(), 3);
}

#[test]
fn which_of_two_unfinished_runs_has_to_be_said() {
    let (sandbox, place) = unfinished();
    place.write("second.csv", &with_a_bad_start(&notes(&sandbox.state(), 2)));
    place.refsheet(&format!("apply second.csv {CUT_SHORT}")).exits(5);
    let mut ended = place.refsheet("resume").exits(2).says("several runs are unfinished");
    for run in place.runs() {
        ended = ended.says(&run);
    }
    ended.says("sheet.csv").says("second.csv");
    assert_eq!(sandbox.state().writes(), 0);
}

#[test]
fn a_run_under_way_is_left_alone() {
    let (sandbox, place) = scene("--referrals 20 --latency 2s", 3);
    let running = place.start("apply sheet.csv --yes --no-report --check none --concurrency 1");
    until("something is sent", || (sandbox.state().requests() > 0).then_some(()));
    let run = place.runs().remove(0);
    let held = format!("the profile `default` is in use by the run `{run}` (process ");
    for command in ["resume", "apply sheet.csv --yes --no-report", "apply sheet.csv --yes --no-report --resume"] {
        place.refsheet(command).exits(6).says(&held);
    }
    place.refsheet(&format!("resume {run}")).exits(6).says(&held);
    place.refsheet(&format!("undo {run} --yes")).exits(6).says(&held);
    place.refsheet(&format!("runs prune {run}")).exits(6).says("is under way");
    place.refsheet("runs").exits(0).says("under way");
    running.end().exits(0).says("3  applied");
    assert_each_once(&sandbox, 3);
}

#[test]
fn past_runs_are_listed_shown_and_forgotten() {
    let (_sandbox, place) = unfinished();
    place.write("other.csv", "id,Notes\nnot-a-guid,a note\n");
    place.refsheet("apply other.csv --yes --no-report").exits(1);
    let runs = place.runs();
    let listed = place.refsheet("runs").exits(0);
    assert_eq!(listed.out.lines().count(), 2);
    let listed =
        listed.says("unfinished  sheet.csv  1 refused, 3 not reached").says("finished    other.csv  1 invalid");
    assert_eq!(listed.err, "");

    let json = place.refsheet("runs --json").exits(0).json();
    let states: Vec<&Value> = json.as_array().unwrap().iter().map(|run| &run["state"]).collect();
    assert_eq!(states.len(), 2);
    assert!(states.contains(&&"finished".into()) && states.contains(&&"unfinished".into()), "{json}");

    let unfinished = json.as_array().unwrap().iter().find(|run| run["state"] == "unfinished").unwrap();
    let name = unfinished["run"].as_str().unwrap();
    place.refsheet(&format!("runs show {name} --report f.csv")).exits(0).says("3  not reached").says("to finish it: ");
    assert_eq!(place.read("f.csv").lines().count(), 5);

    // Only what is finished and old is swept away, and the unfinished never.
    place.refsheet("runs prune").exits(0).says("0 finished runs deleted");
    place.refsheet("runs prune --older-than 0s").exits(0).says("1 finished run deleted");
    assert_eq!(place.runs(), [name]);
    place.refsheet(&format!("runs prune {name}")).exits(0).says("is forgotten");
    place.refsheet("runs").exits(0).says("there are no runs");
    place.refsheet(&format!("runs show {}", runs[0])).exits(2).says("there is no run");
}

#[test]
fn a_ledger_of_another_version_is_refused_in_plain_words() {
    let (_sandbox, place) = unfinished();
    let ledger = rusqlite::Connection::open(&place.ledgers()[0]).unwrap();
    ledger.execute("UPDATE run SET value = '99' WHERE key = 'version'", []).unwrap();
    drop(ledger);
    let run = &place.runs()[0];
    let message = "written by another version of this program (ledger version 99, this one uses 5)";
    place.refsheet(&format!("resume {run}")).exits(5).says(message);
    place.refsheet(&format!("runs show {run}")).exits(5).says(message);
    place.refsheet("runs").exits(0).says(message);
    place.refsheet(&format!("runs prune {run}")).exits(0).says("is forgotten");
}

#[test]
fn a_damaged_ledger_is_named_and_stops_no_other_run() {
    let (sandbox, place) = unfinished();
    let ledger = place.ledgers().remove(0);
    std::fs::write(ledger.with_file_name("20260101-000000-dead.db"), "this is no database, whatever it is called\n")
        .unwrap();
    place.refsheet("runs").exits(0).says("`20260101-000000-dead`").says("file is not a database");
    place.refsheet("resume").exits(1).says("3  applied");
    assert_each_once(&sandbox, 3);
}
