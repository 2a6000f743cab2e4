//! Limits that the person sets: on failures, on time, on invalid rows.

use crate::stage::place::Place;
use crate::stage::sandbox::Sandbox;
use crate::{TO_FINISH, assert_each_once, count, scene, sheet};

/// Rows about nothing that exists, then rows about open referrals.
fn half_about_nothing(sandbox: &Sandbox, nothing: usize, rows: usize) -> Place {
    let place = Place::beside(sandbox);
    let missing: Vec<String> = (0..nothing).map(|number| format!("00000000-0000-4000-8000-{number:012}")).collect();
    let state = sandbox.state();
    let ids: Vec<&str> = missing.iter().map(String::as_str).chain(state.active().take(rows)).collect();
    place.write("sheet.csv", &sheet(ids));
    place
}

#[test]
fn more_failures_than_allowed_stop_the_run() {
    let sandbox = Sandbox::start("--referrals 20");
    let place = half_about_nothing(&sandbox, 4, 5);
    // One at a time and without pages, so that rows end in sheet order.
    let apply = "apply sheet.csv --yes --check none --concurrency 1 --max-failures 3 --report report.csv";
    let ended = place.refsheet(apply).exits(5).says("the run stopped: more than 3 rows have failed");
    let ended = ended.says("4  refused").says("5  not reached");
    assert_eq!(sandbox.state().writes(), 0);
    place.paste(&ended.command(TO_FINISH)).exits(1).says("5  applied").says("4  refused");
    assert_each_once(&sandbox, 5);
}

#[test]
fn the_allowed_failures_can_be_a_share_of_the_rows() {
    let sandbox = Sandbox::start("--referrals 100");
    let place = half_about_nothing(&sandbox, 5, 35);
    let apply = "apply sheet.csv --yes --check none --concurrency 1 --max-failures 5% --no-report --json";
    let summary = place.refsheet(apply).exits(5).json();
    assert_eq!((count(&summary, "refused"), count(&summary, "not_reached")), (3, 37));
    assert_eq!(summary["reason"], "more than 2 rows have failed");
}

#[test]
fn the_time_can_be_limited() {
    let (sandbox, place) = scene("--referrals 60", 25);
    let mut ended = place
        .refsheet("apply sheet.csv --yes --rate 10/s --max-duration 1s --no-report")
        .exits(5)
        .says("the time is up");
    let mut resumed = 0;
    while ended.code == Some(5) {
        ended = place.paste(&ended.command(TO_FINISH));
        resumed += 1;
        assert!(resumed < 10, "{ended}");
    }
    ended.exits(0).says("25  applied");
    assert_each_once(&sandbox, 25);
}

#[test]
fn strict_means_that_one_invalid_row_keeps_all_from_being_sent() {
    let (sandbox, place) = scene("--referrals 20", 3);
    place.write("sheet.csv", &format!("{}not-a-guid,a note\n", place.read("sheet.csv")));
    let ended = place.refsheet("apply sheet.csv --yes --strict --report report.csv").exits(1);
    ended.says("1 row invalid, and with --strict nothing is sent").says("3  not reached");
    assert_eq!(sandbox.state().requests(), 0);
    // That run is over. The sheet can be applied again.
    place.refsheet("apply sheet.csv --yes --no-report").exits(1).says("3  applied");
    assert_each_once(&sandbox, 3);
}
