//! Nights: several runs of one profile, and nobody there.

use std::time::Duration;

use serde_json::Value;

use crate::stage::place::Place;
use crate::stage::until;
use crate::{assert_each_once, count, notes, scene};

/// What a scheduler starts every night.
const NIGHTLY: &str = "apply sheet.csv --yes --resume --no-report --json --check none --concurrency 1";
/// Much longer than a run that has nothing to wait for.
const LONG: &str = "10m";

/// Waits until a run has sent something, and gives its name.
fn under_way(place: &Place, sandbox: &crate::stage::sandbox::Sandbox) -> String {
    until("something is sent", || (sandbox.state().requests() > 0).then_some(()));
    place.runs().pop().unwrap()
}

#[test]
fn of_two_nightly_runs_one_runs_and_a_third_resumes_what_kill_9_has_left() {
    let (sandbox, place) = scene("--referrals 30 --latency 150ms", 10);
    let runs = [place.start(NIGHTLY), place.start(NIGHTLY)];
    let run = under_way(&place, &sandbox);
    let [mut first, mut second] = runs;
    // One of them is turned away, whichever came second.
    let first_is_over = until("one of them is turned away", || {
        let over = (first.is_over(), second.is_over());
        (over.0 || over.1).then_some(over.0)
    });
    let (away, at_work) = if first_is_over { (first, second) } else { (second, first) };
    let process = at_work.id();
    let away = away.end().exits(6);
    let document = away.json();
    assert_eq!((&document["status"], &document["exit"]), (&"failed".into(), &6.into()));
    let error = document["error"].as_str().unwrap();
    let expected = format!("the profile `default` is in use by the run `{run}` (process {process}) since 20");
    assert!(error.starts_with(&expected) && error.ends_with(" UTC"), "{error}");

    until("some rows have arrived", || (sandbox.state().applied_in_all() >= 3).then_some(()));
    at_work.kill();
    let resumed = place.refsheet(NIGHTLY).exits(0).json();
    assert_eq!((&resumed["run"], count(&resumed, "applied")), (&Value::from(run), 10));
    assert_each_once(&sandbox, 10);
    assert_eq!(place.runs().len(), 1);
}

#[test]
fn a_run_can_wait_for_another_and_says_so_once() {
    let (sandbox, place) = scene("--referrals 30 --latency 300ms", 5);
    place.write("other.csv", &notes(&sandbox.state(), 2));
    let first = place.start(NIGHTLY);
    let run = under_way(&place, &sandbox);
    let second = place.start(&format!("apply other.csv --yes --no-report --json --lock-wait {LONG}"));
    second.hears(&format!("the profile `default` is in use by the run `{run}` (process {})", first.id()));
    first.end().exits(0);
    let second = second.end().exits(0);
    assert_eq!(second.err.matches("waiting for up to 10 min").count(), 1, "{second}");
    assert_eq!(count(&second.json(), "unchanged"), 2);
    // Whoever only reads shares the budget, too.
    let reading = place.refsheet("plan other.csv --no-report --lock-wait 1s").exits(0);
    assert!(!reading.err.contains("waiting"), "{reading}");
}

#[test]
fn whoever_waits_can_be_called_off() {
    let (sandbox, place) = scene("--referrals 30 --latency 2s", 3);
    let first = place.start(NIGHTLY);
    under_way(&place, &sandbox);
    for (command, signal, code) in [
        ("apply sheet.csv --yes --no-report --json", "INT", 130),
        ("export --out all.csv --json", "TERM", 143),
        ("resume --json", "INT", 130),
    ] {
        let waiting = place.start(&format!("{command} --lock-wait {LONG}"));
        waiting.hears("waiting for up to");
        waiting.signal(signal);
        let ended = waiting.end_within(Duration::from_secs(20)).exits(code);
        let document = ended.json();
        assert_eq!((&document["status"], &document["exit"]), (&"failed".into(), &code.into()), "{command}");
    }
    assert!(!place.path("all.csv").exists());
    first.end().exits(0);
    assert_each_once(&sandbox, 3);
}

#[test]
fn whoever_reads_shares_the_budget_of_the_profile() {
    let (sandbox, place) = scene("--referrals 30 --latency 2s", 3);
    let first = place.start(NIGHTLY);
    let run = under_way(&place, &sandbox);
    for command in ["plan sheet.csv --no-report --json", "export --out all.csv --json"] {
        let refused = place.refsheet(command).exits(6).json();
        assert!(refused["error"].as_str().unwrap().contains(&run), "{refused}");
    }
    place.refsheet("plan sheet.csv --no-report --offline").exits(0);
    place.refsheet("apply sheet.csv --no-report --sandbox");
    first.end().exits(0);
}

#[test]
fn a_signal_before_the_run_begins_is_told_in_the_document() {
    let (sandbox, place) = scene("--referrals 20", 3);
    let slow = Place::with_profile(&sandbox.base_url, "", "touch asked; exec sleep 20");
    slow.write("sheet.csv", &place.read("sheet.csv"));
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let running = slow.start("apply sheet.csv --yes --json --config config.toml");
        until("it is asked for a token", || slow.path("asked").exists().then_some(()));
        running.signal(signal);
        let ended = running.end_within(Duration::from_secs(10)).exits(code);
        assert_eq!((&ended.json()["status"], &ended.json()["exit"]), (&"failed".into(), &code.into()));
        std::fs::remove_file(slow.path("asked")).unwrap();
    }
    assert_eq!((slow.runs().len(), sandbox.state().requests()), (0, 0));
}

#[test]
fn a_run_that_is_left_at_once_has_its_document_too() {
    let (sandbox, place) = scene("--referrals 20 --latency 5s", 6);
    let running = place.start("apply sheet.csv --yes --check none --no-report --json");
    until("something is under way", || (sandbox.state().requests() > 0).then_some(()));
    running.signal("INT");
    running.hears("once more to leave at once");
    running.signal("INT");
    assert_eq!(running.end().exits(130).json()["status"], "failed");
}

/// Other systems have another `script`.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_and_no_answer_at_the_question_leave_nothing_behind() {
    let (sandbox, place) = scene("--referrals 20", 3);
    for (typed, code, said) in [
        ("\x03", 130, "interrupted; nothing was sent"),
        ("n\n", 2, "nothing was sent"),
        ("\x04", 2, "nothing was sent"),
    ] {
        let mut running = place.start_at_terminal("apply sheet.csv --no-report");
        running.shows("[y/N]");
        running.types(typed);
        running.end_within(Duration::from_secs(20)).exits(code).says(said);
        assert_eq!(place.ledgers().len(), 0, "no run is left behind");
    }
    assert_eq!(sandbox.state().writes(), 0);
    let mut running = place.start_at_terminal("apply sheet.csv --no-report");
    running.shows("[y/N]");
    running.types("y\n");
    running.end().exits(0).says("3  applied");
    assert_each_once(&sandbox, 3);
}

#[test]
fn on_finish_hears_of_every_end_of_a_night() {
    let (sandbox, place) = scene("--referrals 30 --latency 150ms", 8);
    let told = |code: i64, status: &str| {
        let document: Value = serde_json::from_str(&place.read("heard.json")).unwrap();
        std::fs::remove_file(place.path("heard.json")).unwrap();
        assert_eq!((&document["exit"], &document["status"]), (&code.into(), &status.into()), "{document}");
        document
    };
    let hear = |document: &str| format!("--metrics-file m.prom --on-finish-timeout 5s --on-finish=cat>{document}");
    let first = place.start(&format!("{NIGHTLY} {}", hear("heard-first.json")));
    under_way(&place, &sandbox);
    place.refsheet(&format!("{NIGHTLY} {}", hear("heard.json"))).exits(6);
    told(6, "failed");
    first.signal("TERM");
    first.end().exits(143);
    let interrupted: Value = serde_json::from_str(&place.read("heard-first.json")).unwrap();
    assert_eq!((&interrupted["exit"], &interrupted["status"]), (&143.into(), &"interrupted".into()));
    assert!(place.read("m.prom").contains("refsheet_last_run_exit_code{profile=\"default\"} 143\n"));
    place.refsheet(&format!("resume {}", hear("heard.json"))).exits(0);
    assert_eq!(told(0, "finished")["command"], "resume");
    assert!(place.read("m.prom").contains("refsheet_last_run_success{profile=\"default\"} 1\n"));
    assert_each_once(&sandbox, 8);
}
