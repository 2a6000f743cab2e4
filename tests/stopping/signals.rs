//! Ctrl-C and SIGTERM.

use std::time::Duration;

use crate::stage::running::{Ended, Running};
use crate::stage::sandbox::Sandbox;
use crate::stage::until;
use crate::{TO_FINISH, assert_each_once, scene};

/// Two seconds are promised; a machine under load gets one more. Whoever waited for an answer would take longer.
const PROMPTLY: Duration = Duration::from_secs(3);
/// Well below the time that rows in flight are given to settle.
const AT_ONCE: Duration = Duration::from_millis(900);

/// Signals a run when it has written something, and waits for its end.
fn stopped_in_the_middle(sandbox: &Sandbox, running: Running, signal: &str) -> Ended {
    until("something is written", || (sandbox.state().writes() >= 3).then_some(()));
    running.signal(signal);
    running.end_within(PROMPTLY)
}

#[test]
fn after_ctrl_c_the_printed_command_finishes_the_run_as_it_is_pasted() {
    let (sandbox, place) = scene("--referrals 100", 40);
    let running = place.start("apply sheet.csv --yes --rate 40/s --report report.csv --check none");
    let ended = stopped_in_the_middle(&sandbox, running, "INT").exits(130).says("the run was interrupted");
    let report = place.read("report.csv");
    assert_eq!(report.lines().count(), 41, "each row is in the report");
    assert!(report.contains("not reached") && report.contains("applied"), "{report}");
    place.paste(&ended.command(TO_FINISH)).exits(0).says("40  applied");
    assert_each_once(&sandbox, 40);
    assert!(!place.read("report.csv").contains("not reached"));
}

#[test]
fn the_printed_command_works_with_awkward_folders_too() {
    let (sandbox, place) = scene("--referrals 100", 40);
    place.write("it's mine.toml", "");
    let pasted = format!(
        "{} apply sheet.csv --yes --rate 40/s --no-report --state-dir \"Anna's \\$runs\" --config \"it's mine.toml\"",
        crate::stage::place::PROGRAM
    );
    let running = place.start_in_shell(&format!("exec {pasted}"));
    let ended = stopped_in_the_middle(&sandbox, running, "INT").exits(130);
    place.paste(&ended.command(TO_FINISH)).exits(0).says("40  applied");
    assert_each_once(&sandbox, 40);
}

#[test]
fn sigterm_is_as_good_as_ctrl_c_and_has_its_own_exit_code() {
    let (sandbox, place) = scene("--referrals 100", 40);
    let running = place.start("apply sheet.csv --yes --rate 40/s --no-report --json");
    let ended = stopped_in_the_middle(&sandbox, running, "TERM").exits(143);
    let summary = ended.json();
    assert_eq!(summary["status"], "interrupted");
    place.paste(summary["resume"].as_str().unwrap()).exits(0).says("40  applied");
    assert_each_once(&sandbox, 40);
}

#[test]
fn no_request_keeps_a_stopped_run_waiting() {
    let (sandbox, place) = scene("--referrals 20 --latency 5s", 6);
    let running = place.start("apply sheet.csv --yes --check none --concurrency 6 --json --report report.csv");
    until("all are under way", || (sandbox.state().applied_in_all() == 6).then_some(()));
    running.signal("INT");
    let ended = running.end_within(PROMPTLY).exits(130);
    assert_eq!(crate::count(&ended.json(), "in_doubt"), 6);
    // What became of them is looked up; nothing is sent again.
    place.paste(ended.json()["resume"].as_str().unwrap()).exits(0).says("6  applied");
    assert_each_once(&sandbox, 6);
    assert_eq!(sandbox.state().writes(), 6);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (sandbox, place) = scene("--referrals 20 --latency 5s", 6);
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let running = place.start("apply sheet.csv --resume --yes --check none --concurrency 2 --no-report");
        let before = sandbox.state().requests();
        until("something is under way", || (sandbox.state().requests() > before).then_some(()));
        running.signal("INT");
        running.hears("once more to leave at once");
        running.signal(signal);
        let ended = running.end_within(AT_ONCE).exits(code);
        assert_eq!(ended.out, "");
    }
    place.refsheet("resume").exits(0).says("6  applied");
    assert_each_once(&sandbox, 6);
}

#[test]
fn a_log_of_json_lines_stays_one_when_the_run_is_stopped() {
    let (sandbox, place) = scene("--referrals 100", 40);
    let running = place.start("apply sheet.csv --yes --rate 40/s --no-report --json --log-format json -v");
    let ended = stopped_in_the_middle(&sandbox, running, "TERM").exits(143);
    let lines: Vec<serde_json::Value> = ended
        .err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events.first(), Some(&"run_started"), "{ended}");
    assert!(events.contains(&"stopping"), "{ended}");
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["event"], &last["status"], &last["exit"]),
        (&"run_finished".into(), &"interrupted".into(), &143.into())
    );
    assert_eq!((&last["rows"], &last["resume"]), (&ended.json()["rows"], &ended.json()["resume"]));
    // Rows that were not reached have not ended.
    let told = events.iter().filter(|event| **event == "row").count() as u64;
    assert_eq!(Some(told), last["rows"]["applied"].as_u64());
}
