//! Many rows at once: how many, in which order, and what is told when.

use std::time::Duration;

use refsheet::engine::Stopped;

use crate::case::{Case, check, check_stopped};
use crate::probe::WAY;

fn numbered(count: usize, cell: &str) -> Vec<String> {
    (1..=count).map(|number| format!("{number} | {cell}")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_row_is_read_written_down_sent_and_settled() {
    let case = Case::of(1).sheet("Notes", ["1 | b"]);
    let run = check(case, "read 1, intent 2, patch 1, 2 applied").await;
    assert_eq!(run.notes(1), "b");
}

#[tokio::test(start_paused = true)]
async fn a_row_that_changes_nothing_sends_nothing() {
    check(Case::of(1).sheet("Notes", ["1 | a"]), "read 1, 2 unchanged").await;
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_are_in_flight_than_allowed_pages_included() {
    for (concurrency, ahead) in [(1, 0), (2, 0), (7, 0), (1, 1), (7, 20)] {
        let case = Case::of(250).sheet("Notes", numbered(250, "b")).at_once(concurrency).ahead(ahead);
        let run = case.apply().await;
        assert_eq!(run.in_flight_max, concurrency);
        assert_eq!(run.tally(), [("applied", 250)].into());
    }
}

#[tokio::test(start_paused = true)]
async fn rows_are_worked_on_at_once() {
    let run = Case::of(2).sheet("Notes", numbered(2, "b")).at_once(2).apply().await;
    assert_eq!(run.took, WAY * 4);
}

#[tokio::test(start_paused = true)]
async fn rows_of_one_referral_go_in_sheet_order_and_the_next_starts_from_what_the_last_left() {
    let case = Case::of(1).sheet("Notes | Deal value", ["1 | b |", "1 | c | 2", "1 | c |", "1 | d |"]).at_once(4);
    let run = check(
        case,
        "read 1, intent 2, patch 1, 2 applied, intent 3, patch 1, 3 applied, 4 unchanged, intent 5, patch 1, 5 applied",
    )
    .await;
    assert_eq!((run.notes(1), run.at(1, "/details/dealValue")), ("d".into(), 2.into()));
}

#[tokio::test(start_paused = true)]
async fn rows_of_one_referral_wait_for_each_other_while_others_go_on() {
    let case = Case::of(2).sheet("Notes", ["1 | b", "1 | c", "2 | b"]).at_once(2);
    let run = check(
        case,
        "read 1, read 2, intent 4, patch 2, intent 2, patch 1, 2 applied, 4 applied, intent 3, patch 1, 3 applied",
    )
    .await;
    assert_eq!(run.notes(1), "c");
}

#[tokio::test(start_paused = true)]
async fn a_write_behind_a_row_that_changed_nothing_is_guarded_all_the_same() {
    // The list has no eTags. What it shows is enough for the first row and not for the second.
    let case = Case::without_listed_etags(3).sheet("Notes", ["1 | a", "1 | b", "2 | a", "3 | a"]).at_once(2);
    check(case, "page, 4 unchanged, 2 unchanged, read 1, 5 unchanged, intent 3, patch 1, 3 applied").await;
}

#[tokio::test(start_paused = true)]
async fn what_a_page_has_shown_is_out_of_date_for_the_next_row() {
    let case = Case::of(3).sheet("Notes", ["1 | b", "2 | a", "1 | c", "3 | a"]);
    let run =
        check(case, "page, intent 2, patch 1, 2 applied, intent 4, patch 1, 4 applied, 3 unchanged, 5 unchanged").await;
    assert_eq!(run.notes(1), "c");
}

#[tokio::test(start_paused = true)]
async fn an_intent_that_cannot_be_kept_sends_nothing_and_stops_the_run() {
    let case = Case::of(2).sheet("Notes", numbered(2, "b")).keeping(0);
    let run = check_stopped(case, "read 1", Stopped::NotWritten).await;
    assert_eq!(run.notes(1), "a");
}

#[tokio::test(start_paused = true)]
async fn an_end_that_cannot_be_kept_stops_the_run() {
    let case = Case::of(2).sheet("Notes", numbered(2, "b")).keeping(1);
    check_stopped(case, "read 1, intent 2, patch 1", Stopped::NotWritten).await;
}

#[tokio::test(start_paused = true)]
async fn after_an_event_that_cannot_be_kept_no_write_of_any_row_leaves() {
    let case = Case::of(20).sheet("Notes", numbered(20, "b")).at_once(4).keeping(9);
    let run = case.apply().await;
    assert_eq!(run.stopped, Some(Stopped::NotWritten));
    assert_eq!(run.count("patch"), run.intents().count());
    assert_eq!(run.events.len(), 9);
}

#[tokio::test(start_paused = true)]
async fn the_rate_holds_for_all_rows_together() {
    let run = Case::of(40).sheet("Notes", numbered(40, "b")).at_once(8).at_rate(10.0).apply().await;
    let mut left = run.times("p");
    left.extend(run.times("read"));
    left.sort_unstable();
    for first in &left {
        let in_a_second = left.iter().filter(|at| (*first..=*first + Duration::from_secs(1)).contains(at)).count();
        assert!(in_a_second <= 10, "{in_a_second} in a second");
    }
}
