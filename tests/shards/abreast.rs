//! Shards on one machine: who runs beside whom, and what is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::stage::place::{PROGRAM, Place};
use crate::stage::running::Running;
use crate::stage::sandbox::Sandbox;
use crate::stage::until;
use crate::stage::wire::Wire;
use crate::{APPLY, all, count, run_of, scene, sheet};

/// All rows of the sheet of three notes and two more.
const ROWS: u64 = 8 * 3 + 2;

#[test]
fn shards_started_at_once_do_each_row_once_and_in_order_and_share_the_rate() {
    let (sandbox, place) = scene("--referrals 60", 8, &["one", "two", "three"]);
    let ended = all(&place, 3, &format!("{APPLY} --no-report --rate 80/s --log-format json"));
    let rates: Vec<String> = ended
        .iter()
        .map(|ended| {
            let started = ended.err.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            let mut started = started.filter(|line| line["event"] == "run_started");
            started.next().unwrap()["rate"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(rates, ["27/s", "27/s", "26/s"]);
    let summaries: Vec<Value> = ended.iter().map(|ended| ended.json()).collect();
    let sum = |outcome| summaries.iter().map(|summary| count(summary, outcome)).sum::<u64>();
    assert_eq!((sum("total"), sum("applied"), sum("invalid"), sum("skipped")), (ROWS, 24, 1, 1));
    let codes: Vec<i32> = ended.iter().map(|ended| ended.code.unwrap()).collect();
    let expected: Vec<i32> = summaries.iter().map(|summary| i32::from(count(summary, "invalid") > 0)).collect();
    assert_eq!(codes, expected);
    let state = sandbox.state();
    let changed: Vec<&String> = state.ids.iter().filter(|id| state.applied(id) > 0).collect();
    assert_eq!(changed.len(), 8);
    for id in changed {
        assert_eq!((state.applied(id), &state.referrals[id]["details"]["notes"]), (3, &"three".into()), "{id}");
    }
}

/// Starts one of three shards, with a token of its own, which shows whose a request is.
fn start(place: &Place, number: u32, command: &str) -> Running {
    place.start_in_shell(&format!("REFSHEET_TOKEN=token-{number} exec {PROGRAM} {command} --shard {number}/3"))
}

#[test]
fn no_referral_is_written_by_two_shards() {
    let sandbox = Sandbox::start("--referrals 60");
    let writers: Arc<Mutex<BTreeMap<String, BTreeSet<String>>>> = Arc::default();
    let seen = Arc::clone(&writers);
    let wire = Wire::start(Some(sandbox.authority()), move |request, onward| {
        if request.is_write() {
            let id = request.target().rsplit('/').next().unwrap().to_owned();
            seen.lock().unwrap().entry(id).or_default().insert(request.header("authorization"));
        }
        onward.pass(request)
    });
    let place = Place::facing(&wire.base_url);
    place.write("sheet.csv", &sheet(&sandbox.state(), 12, &["one", "two"]));
    let ended: Vec<_> = [1, 2, 3].map(|number| start(&place, number, APPLY)).into_iter().map(Running::end).collect();
    assert_eq!(ended.iter().map(|ended| count(&ended.json(), "applied")).sum::<u64>(), 24);
    let writers = writers.lock().unwrap();
    assert_eq!(writers.len(), 12);
    assert!(writers.values().all(|tokens| tokens.len() == 1), "{writers:?}");
    let tokens: BTreeSet<&String> = writers.values().flatten().collect();
    assert_eq!(tokens.len(), 3, "each shard had something to do");
}

/// Waits until a process has sent something, and gives its run.
fn under_way(place: &Place, sandbox: &Sandbox) -> String {
    until("something is sent", || (sandbox.state().requests() > 0).then_some(()));
    place.runs().pop().unwrap()
}

#[test]
fn beside_a_shard_only_its_siblings_run() {
    let (sandbox, place) = scene("--referrals 100 --latency 2s", 24, &["one"]);
    place.write("other.csv", &sheet(&sandbox.state(), 6, &["another"]));
    let first = place.start(&format!("{APPLY} --no-report --check none --concurrency 1 --shard 1/3"));
    let run = under_way(&place, &sandbox);
    assert!(run.ends_with("-1of3"), "{run}");
    let held = format!("the profile `default` is in use by the run `{run}` (process {})", first.id());
    for other in [
        "apply sheet.csv --yes",
        "apply sheet.csv --yes --shard 1/3",
        "apply sheet.csv --yes --shard 1/3 --resume",
        "apply sheet.csv --yes --shard 2/2",
        "apply sheet.csv --yes --shard 2/3 --limit 3",
        "apply sheet.csv --yes --shard 2/3 --map Comment=notes",
        "apply other.csv --yes --shard 2/3",
        "plan sheet.csv --shard 1/3",
        "plan sheet.csv",
        "export",
    ] {
        place.refsheet(&format!("{other} --quiet")).exits(6).says(&held);
    }
    place.refsheet(&format!("resume {run}")).exits(6).says(&held);
    let second = place.start(&format!("{APPLY} --no-report --shard 2/3"));
    until("the second one runs", || place.runs().iter().any(|run| run.ends_with("-2of3")).then_some(()));
    assert!(count(&second.end().json(), "applied") > 0);
    first.kill();
    // Nobody is there any more: another whole may come.
    place.refsheet("plan other.csv --shard 2/2 --no-report").says("in other.csv, shard 2/2");
}

#[test]
fn beside_a_run_without_shards_none_runs() {
    let (sandbox, place) = scene("--referrals 60 --latency 2s", 8, &["one"]);
    let whole = place.start(&format!("{APPLY} --no-report --check none --concurrency 1"));
    let run = under_way(&place, &sandbox);
    let held = format!("the profile `default` is in use by the run `{run}` (process {})", whole.id());
    place.refsheet(&format!("{APPLY} --shard 1/3")).exits(6).says(&held);
    whole.kill();
}

#[test]
fn a_killed_shard_is_resumed_by_its_own_number_and_sends_nothing_twice() {
    let sandbox = Sandbox::start("--referrals 60");
    // Whatever the second one writes is done, and it never hears of it.
    let has_written = Arc::new(AtomicBool::new(false));
    let (written, end) = (Arc::clone(&has_written), Arc::new(AtomicBool::new(false)));
    let is_over = Arc::clone(&end);
    let wire = Wire::start(Some(sandbox.authority()), move |request, onward| {
        let answer = onward.pass(request);
        if !request.is_write() || request.header("authorization") != "Bearer token-2" {
            return answer;
        }
        written.store(true, Ordering::SeqCst);
        until("it is killed", || is_over.load(Ordering::SeqCst).then_some(()));
        None
    });
    let place = Place::facing(&wire.base_url);
    place.write("sheet.csv", &sheet(&sandbox.state(), 12, &["a note"]));
    let command = format!("{APPLY} --no-report --resume --check none --concurrency 1");
    let [first, second, third] = [1, 2, 3].map(|number| start(&place, number, &command));
    let ledger = until("the second one has begun", || place.runs().into_iter().find(|run| run.ends_with("-2of3")));
    until("it has written", || has_written.load(Ordering::SeqCst).then_some(()));
    second.kill();
    end.store(true, Ordering::SeqCst);
    let others = [first.end(), third.end()];
    let unfinished = place.refsheet("runs merge --json").exits(5);
    let document = unfinished.json();
    assert_eq!((&document["status"], &document["reason"]), (&"aborted".into(), &"shard 2/3 is not finished".into()));
    assert_eq!(count(&document, "total"), 14);
    // What is left would be done twice by any other division of the sheet.
    for other in ["", "--resume", "--shard 1/2", "--shard 1/2 --resume"] {
        let refused = format!("an unfinished run of this very sheet exists: `{ledger}` (shard 2/3)");
        place.refsheet(&format!("apply sheet.csv --yes --no-report {other}")).exits(6).says(&refused);
    }
    let resumed = place.refsheet(&format!("{command} --shard 2/3"));
    assert_eq!(run_of(&resumed), ledger);
    let merged = place.refsheet("runs merge --json").exits(1).json();
    assert_eq!((&merged["status"], count(&merged, "total"), count(&merged, "applied")), (&"finished".into(), 14, 12));
    assert_eq!(others.iter().chain([&resumed]).map(|ended| count(&ended.json(), "applied")).sum::<u64>(), 12);
    let state = sandbox.state();
    assert_eq!(state.ids.iter().filter(|id| state.applied(id) == 1).count(), 12);
    assert_eq!(state.applied_in_all(), 12);
}

#[test]
fn a_rate_that_cannot_be_shared_is_refused() {
    let (sandbox, place) = scene("--referrals 60", 2, &["one"]);
    let refused = place.refsheet("apply sheet.csv --yes --shard 1/6 --rate 5/s").exits(2);
    refused.says("a rate of 5/s cannot be shared by 6 processes");
    assert_eq!((sandbox.state().requests(), place.runs().len()), (0, 0));
    place.refsheet("plan sheet.csv --offline --no-report --shard 1/6 --rate 5/s");
}

#[test]
fn one_invalid_row_keeps_the_strict_shards_of_all_others_from_sending() {
    let (sandbox, place) = scene("--referrals 60", 8, &["one"]);
    for ended in all(&place, 3, &format!("{APPLY} --no-report --strict")) {
        assert_eq!(count(&ended.json(), "applied"), 0);
        ended.says("1 row invalid, and with --strict nothing is sent");
    }
    assert_eq!(sandbox.state().requests(), 0);
}

#[test]
fn ten_shards_at_once_do_not_get_in_each_others_way() {
    let (sandbox, place) = scene("--referrals 60", 20, &["one"]);
    let ended = all(&place, 10, &format!("{APPLY} --no-report"));
    for ended in &ended {
        assert!(matches!(ended.code, Some(0 | 1)), "{ended}");
        assert_eq!(ended.err, "", "{ended}");
    }
    assert_eq!(sandbox.state().applied_in_all(), 20);
    assert_eq!(count(&place.refsheet("runs merge --json").exits(1).json(), "total"), 22);
}
