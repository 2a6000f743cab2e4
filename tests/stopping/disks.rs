//! Disks that are full, and places where nothing can be written.

use std::fs;

use crate::stage::place::PROGRAM;
use crate::{TO_FINISH, assert_each_once, scene};

#[test]
fn without_a_place_for_the_ledger_nothing_is_sent() {
    let (sandbox, place) = scene("--referrals 20", 3);
    place.write("a-file", "");
    let ended = place.refsheet("apply sheet.csv --yes --report report.csv --state-dir a-file").exits(2);
    ended.says("the ledger cannot be used").says("say where ledgers may be kept with --state-dir DIR");
    assert_eq!(sandbox.state().requests(), 0);
    assert!(!place.path("report.csv").exists());
}

#[test]
fn without_a_place_for_the_report_nothing_is_sent() {
    let (sandbox, place) = scene("--referrals 20", 3);
    for report in ["no/such/folder/report.xlsx", "no/such/folder/report.csv", "report.doc"] {
        let ended = place.refsheet(&format!("apply sheet.csv --yes --report {report}")).exits(2);
        ended.says("--report FILE");
    }
    assert_eq!(sandbox.state().requests(), 0);
    // Nor is there a run that would have to be finished.
    place.refsheet("apply sheet.csv --yes --no-report").exits(0);
}

#[test]
fn a_full_disk_stops_the_run_and_nothing_is_lost() {
    let (sandbox, place) = scene("--referrals 200", 80);
    // To the program, a file that must not grow any more looks like a full disk.
    let apply = format!("{PROGRAM} apply sheet.csv --yes --no-report --rate none");
    let ended = place.paste(&format!("trap '' XFSZ; ulimit -f 500; exec {apply}")).exits(5);
    let ended = ended.says("the run stopped: the ledger cannot be used").says("make room");
    let applied = sandbox.state().applied_in_all();
    assert!((1..80).contains(&applied), "{applied} rows were applied before the disk was full");
    place.paste(&ended.command(TO_FINISH)).exits(0).says("80  applied");
    assert_each_once(&sandbox, 80);
}

#[test]
fn a_disk_that_is_full_from_the_start_leaves_no_run_behind() {
    let (sandbox, place) = scene("--referrals 200", 80);
    let apply = format!("{PROGRAM} apply sheet.csv --yes --no-report");
    // Too little for the tables, and enough for them but not for the rows.
    for blocks in [60, 150] {
        let ended = place.paste(&format!("trap '' XFSZ; ulimit -f {blocks}; exec {apply}")).exits(2);
        ended.says("the ledger cannot be used").says("--state-dir DIR");
        assert_eq!(place.runs(), Vec::<String>::new());
    }
    assert_eq!(sandbox.state().requests(), 0);
    place.refsheet("apply sheet.csv --yes --no-report").exits(0).says("80  applied");
}

#[test]
fn a_report_that_cannot_be_written_any_more_does_not_undo_the_run() {
    let (sandbox, place) = scene("--referrals 20 --latency 1s", 3);
    fs::create_dir(place.path("reports")).unwrap();
    let running = place.start("apply sheet.csv --yes --check none --report reports/report.csv");
    crate::stage::until("something is sent", || (sandbox.state().requests() > 0).then_some(()));
    fs::remove_dir_all(place.path("reports")).unwrap();
    let ended = running.end().exits(1).says("3  applied").says("only the report is missing");
    let run = &place.runs()[0];
    place.refsheet(&format!("resume {run}")).exits(0).says("is finished");
    let again = ended.command("to make it again: ").replace("FILE", "report.csv");
    place.paste(&again).exits(0).says("3  applied");
    assert_eq!(place.read("report.csv").lines().count(), 4);
    assert_each_once(&sandbox, 3);
}
