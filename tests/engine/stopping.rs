//! Why a run ends before its last row, and that rows in flight are finished all the same.

use refsheet::engine::{Check, Settings, Stopped};
use refsheet::sandbox::{Call, Mishap};
use refsheet::service::FaultKind;

use crate::case::{Case, Run, check_stopped};
use crate::probe::{WAY, fault};

/// Many rows, one referral each, four at once.
fn many() -> Case {
    Case::of(90).sheet("Notes", (1..=90).map(|number| format!("{number} | b"))).at_once(4)
}

/// Every row of which anything was told has settled.
fn check_no_loose_ends(run: &Run) {
    for intent in run.intents() {
        assert_eq!(run.settled(intent.row).row, intent.row);
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_the_end_gets_it_after_the_rows_in_flight() {
    // The page is there after two ways; the first four writes are on their way then.
    let run = many().stopping_at(WAY * 2 + WAY / 2).apply().await;
    assert_eq!((run.stopped.clone(), run.tally()), (Some(Stopped::Asked), [("applied", 4)].into()));
    assert_eq!(run.took, WAY * 4);
    check_no_loose_ends(&run);
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_turn_when_the_run_stops_is_not_sent_and_not_in_doubt() {
    let blind = |settings: &mut Settings| settings.check = Check::None;
    let rows = || Case::of(4).sheet("Notes", ["1 | b", "2 | b", "3 | b", "4 | b"]).with(blind).stopping_at(WAY / 2);
    for (case, story) in [
        (
            rows().at_once(3).at_rate(1.0),
            "intent 4, unguarded patch 3, intent 3, intent 2, 2 withdrawn, 3 withdrawn, 4 applied",
        ),
        (
            rows().at_once(1).ahead(2),
            "intent 2, unguarded patch 1, intent 3, intent 4, 4 withdrawn, 3 withdrawn, 2 applied",
        ),
    ] {
        check_stopped(case, story, Stopped::Asked).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_in_flight_is_brought_to_its_end_although_its_reply_was_lost() {
    let case = Case::of(2).sheet("Notes", ["1 | b", "2 | b"]).meets(Call::Write, [Mishap::LoseReply]);
    let case = case.stopping_at(WAY * 2 + WAY / 2);
    check_stopped(case, "read 1, intent 2, patch 1 lost, read 1, 2 applied", Stopped::Asked).await;
}

#[tokio::test(start_paused = true)]
async fn who_asks_before_the_first_row_gets_none() {
    check_stopped(many().stopping_at(WAY), "page", Stopped::Asked).await;
}

#[tokio::test(start_paused = true)]
async fn the_time_that_a_run_may_take_is_kept() {
    let run = many().with(|settings| settings.duration_max = Some(WAY * 2 + WAY / 2)).apply().await;
    assert_eq!((run.stopped.clone(), run.tally()), (Some(Stopped::TimeUp), [("applied", 4)].into()));
    check_no_loose_ends(&run);
}

#[tokio::test(start_paused = true)]
async fn what_a_stopped_run_left_is_done_by_the_next() {
    let run = many().stopping_at(WAY * 20 + WAY / 2).apply().await;
    let done = run.tally()["applied"];
    assert_eq!(run.resumed().at_once(4).apply().await.tally(), [("applied", 90 - done)].into());
}

#[tokio::test(start_paused = true)]
async fn more_failures_than_allowed_stop_the_run() {
    let rows = ["1 | b", "2 | -", "3 | -", "4 | b"];
    let case = Case::of(4)
        .sheet("Notes | eTag", rows.map(|row| format!("{row} |{}", if row.ends_with('-') { "x" } else { "" })));
    let case = case.with(|settings| settings.failures_max = Some(1));
    check_stopped(
        case,
        "page, intent 2, patch 1, 2 applied, 3 conflict, 4 conflict",
        Stopped::TooManyFailures { failures_max: 1 },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn as_many_failures_as_allowed_do_not_stop_the_run() {
    let case = Case::of(2).sheet("Notes | eTag", ["1 | b | x", "2 | b |"]);
    let run = case.with(|settings| settings.failures_max = Some(1)).apply().await;
    assert_eq!((run.stopped.clone(), run.tally()), (None, [("applied", 1), ("conflict", 1)].into()));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_forbids_everything_is_asked_twenty_times_and_no_more() {
    let forbidden = fault(FaultKind::Refused, Some(403), "accessDenied");
    let case = many().at_once(1).fails(Call::Write, usize::MAX, forbidden.clone());
    let run = case.apply().await;
    assert_eq!(
        run.stopped,
        Some(Stopped::AllAlike { why: "the service says accessDenied".to_owned(), http: Some(403) })
    );
    assert_eq!(run.tally(), [("refused", 20)].into());
    // What goes well once speaks for the service.
    let case = many().at_once(1).meets(Call::Write, [Mishap::None]).fails(Call::Write, 19, forbidden);
    let run = case.apply().await;
    assert_eq!((run.stopped.clone(), run.tally()), (None, [("applied", 71), ("refused", 19)].into()));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_cannot_be_reached_any_more_stops_the_run() {
    let gone = fault(FaultKind::Unsent, None, "noConnection");
    let case = Case::of(2).sheet("Notes", ["1 | b", "2 | b"]).fails(Call::Write, usize::MAX, gone.clone());
    let run = case.apply().await;
    assert_eq!(run.stopped, Some(Stopped::Unreachable("the service says noConnection".to_owned())));
    assert_eq!((run.count("patch"), run.tally()), (5, [].into()));
    let run = many().fails(Call::Page, usize::MAX, gone).apply().await;
    assert_eq!(run.stopped, Some(Stopped::Unreachable("the service says noConnection".to_owned())));
    assert_eq!((run.count("page"), run.count("read")), (5, 0));
}

#[tokio::test(start_paused = true)]
async fn a_short_absence_of_the_service_is_waited_out() {
    let gone = fault(FaultKind::Unsent, None, "noConnection");
    let run = Case::of(1).sheet("Notes", ["1 | b"]).fails(Call::Write, 4, gone).apply().await;
    assert_eq!((run.stopped.clone(), run.tally()), (None, [("applied", 1)].into()));
}
