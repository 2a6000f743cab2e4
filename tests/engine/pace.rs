//! When the service asks for patience, or for another token.

use std::time::Duration;

use refsheet::domain::event::Notice;
use refsheet::domain::outcome::Outcome;
use refsheet::engine::{Check, Stopped};
use refsheet::sandbox::{Call, Mishap};
use refsheet::service::FaultKind;

use crate::case::{Case, Run, check, check_stopped};
use crate::probe::{WAY, fault};

const SECOND: Duration = Duration::from_secs(1);

fn throttle(retry_after: Option<Duration>) -> Mishap {
    Mishap::Throttle { retry_after }
}

fn busy(retry_after: Option<Duration>) -> Mishap {
    Mishap::Busy { retry_after }
}

/// Forty rows, eight at once, with the fifth write of all meeting with a mishap.
async fn many(mishap: Mishap) -> Run {
    let rows = (1..=40).map(|number| format!("{number} | b"));
    let writes = [Mishap::None, Mishap::None, Mishap::None, Mishap::None, mishap];
    let run = Case::of(40).sheet("Notes", rows).at_once(8).meets(Call::Write, writes).apply().await;
    assert_eq!(run.tally(), [("applied", 40)].into());
    run
}

/// When calls left.
fn calls(run: &Run) -> Vec<Duration> {
    let mut calls: Vec<Duration> = ["page", "read", "patch"].iter().flat_map(|what| run.times(what)).collect();
    calls.sort_unstable();
    calls
}

/// The times between one moment and the next.
fn rests(moments: &[Duration]) -> Vec<Duration> {
    moments.windows(2).map(|pair| pair[1].checked_sub(pair[0]).unwrap()).collect()
}

/// Nothing leaves from when the news has come, one way after a call left and was judged, until the pause is over.
fn check_pause(run: &Run, marked: &str, pause: Duration) {
    let entries = run.entries();
    let left = entries.iter().find(|(_, text)| text.ends_with(marked)).unwrap().0;
    let heard = left + WAY * 2;
    let during = calls(run).into_iter().filter(|at| (heard..heard + pause).contains(at)).count();
    assert_eq!(during, 0, "{entries:?}");
    assert!(calls(run).contains(&(heard + pause)), "work goes on at once: {entries:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_throttling_asks_for_holds_up_all_rows() {
    let run = many(throttle(Some(SECOND * 7))).await;
    check_pause(&run, "throttled", SECOND * 7);
    assert_eq!((run.requests.throttled, run.requests.retried), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_a_busy_service_asks_for_holds_up_all_rows() {
    let run = many(busy(Some(SECOND * 7))).await;
    check_pause(&run, "busy", SECOND * 7);
    assert_eq!(run.requests.throttled, 0);
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_up_the_others_also_when_its_row_is_given_up() {
    let rows = ["1 | b", "2 | b"];
    let given_up = (0..5).map(|_| busy(Some(SECOND)));
    let run = Case::of(2).sheet("Notes", rows).meets(Call::Write, given_up).apply().await;
    assert_eq!(run.tally(), [("applied", 1), ("failed", 1)].into());
    let last = *run.times("patch 1 busy").last().unwrap();
    assert_eq!(run.times("read 2"), [last + WAY * 2 + SECOND]);
}

#[tokio::test(start_paused = true)]
async fn a_pause_beyond_all_bounds_is_cut_short() {
    let rows = ["1 | b"];
    let case = Case::of(1).sheet("Notes", rows).meets(Call::Write, [throttle(Some(SECOND * 86_400))]);
    let run = case.with(|settings| settings.patience.pause_max = SECOND * 9).apply().await;
    assert_eq!(rests(&calls(&run)).into_iter().max(), Some(SECOND * 9 + WAY * 2));
    assert_eq!(run.notices, [Notice::Paused { pause: SECOND * 9 }]);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_busy_without_saying_for_how_long_holds_up_one_row_only() {
    let run = many(busy(None)).await;
    let entries = run.entries();
    let busy = entries.iter().find_map(|(_, text)| text.strip_suffix(" busy")).unwrap();
    let attempts: Vec<_> = entries.iter().filter(|(_, text)| text.trim_end_matches(" busy") == busy).collect();
    let [(first, _), (second, _)] = attempts[..] else { panic!("not two attempts: {}", run.story()) };
    let (first, second) = (*first, *second);
    let others = calls(&run).into_iter().filter(|at| (first + WAY * 2..second).contains(at)).count();
    assert!(others > 0);
    assert!(second >= first + Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn delays_grow_from_attempt_to_attempt() {
    let run = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, vec![busy(None); 4]).apply().await;
    let delays = rests(&run.times("patch"));
    for (attempt, delay) in (0..).zip(&delays) {
        let least = Duration::from_millis(500) * 2_u32.pow(attempt);
        assert!((least..least * 2 + WAY * 3).contains(delay), "{delays:?}");
    }
    assert_eq!(run.settled(2).outcome, Outcome::Applied);
}

#[tokio::test(start_paused = true)]
async fn a_row_is_given_up_after_its_attempts() {
    let case = Case::of(2).sheet("Notes", ["1 | b", "2 | b"]).meets(Call::Write, vec![busy(None); 5]);
    let run = case.apply().await;
    assert_eq!(run.tally(), [("applied", 1), ("failed", 1)].into());
    let settled = run.settled(2);
    assert_eq!((settled.attempts, settled.http, settled.outcome), (5, Some(503), Outcome::Failed));
    assert_eq!(run.notes(1), "a");
}

#[tokio::test(start_paused = true)]
async fn a_referral_that_cannot_be_read_is_given_up_after_its_attempts() {
    let case = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Read, vec![busy(None); 5]);
    check(case, "read 1 busy, read 1 busy, read 1 busy, read 1 busy, read 1 busy, 2 failed").await;
}

#[tokio::test(start_paused = true)]
async fn being_throttled_does_not_use_up_a_rows_attempts() {
    let throttled = vec![throttle(Some(SECOND)); 20];
    let mishaps = throttled.iter().cloned().chain(vec![busy(None); 4]).chain(throttled.clone());
    let run = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, mishaps).apply().await;
    assert_eq!((run.settled(2).outcome, run.requests.throttled), (Outcome::Applied, 40));
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_throttled_for_ever_is_given_up_all_the_same() {
    let run = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, vec![throttle(None); 200]).apply().await;
    assert_eq!((run.settled(2).outcome, run.settled(2).attempts), (Outcome::Failed, 100));
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_renewed_once_and_the_row_goes_on() {
    let case = Case::of(1).sheet("Notes", ["1 | b"]);
    let case = case.meets(Call::Read, [Mishap::Unauthenticated]).meets(Call::Write, [Mishap::Unauthenticated]);
    check(
        case,
        "read 1 unauthenticated, renew, read 1, intent 2, patch 1 unauthenticated, renew, intent 2, patch 1, 2 applied",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_page_is_read_with_a_fresh_token() {
    let case = Case::of(3).sheet("Notes", ["1 | a", "2 | a", "3 | a"]).meets(Call::Page, [Mishap::Unauthenticated]);
    check(case, "page unauthenticated, renew, page, 2 unchanged, 3 unchanged, 4 unchanged").await;
}

fn sign_in(run: &Run) {
    assert!(matches!(run.stopped, Some(Stopped::SignIn(_))), "{:?}", run.stopped);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_renewed_stops_the_run_and_leaves_the_row_open() {
    let case = Case::of(2).sheet("Notes", ["1 | b", "2 | b"]).meets(Call::Write, [Mishap::Unauthenticated]);
    let run = case.meets(Call::Renewal, [Mishap::Unauthenticated]).apply().await;
    sign_in(&run);
    assert_eq!(run.story(), "read 1, intent 2, patch 1 unauthenticated, renew, 2 withdrawn");
    check(run.resumed(), "read 1, intent 2, patch 1, 2 applied, read 2, intent 3, patch 2, 3 applied").await;
}

#[tokio::test(start_paused = true)]
async fn a_fresh_token_that_is_refused_stops_the_run() {
    let refused = fault(FaultKind::Unauthenticated, Some(401), "unauthenticated");
    for (call, story) in [
        (Call::Read, "read 1 unauthenticated, renew, read 1 unauthenticated"),
        (
            Call::Write,
            "read 1, intent 2, patch 1 unauthenticated, renew, intent 2, patch 1 unauthenticated, 2 withdrawn",
        ),
    ] {
        let case = Case::of(2).sheet("Notes", ["1 | b", "2 | b"]).fails(call, usize::MAX, refused.clone());
        check_stopped(case, story, Stopped::SignIn("the service says unauthenticated".to_owned())).await;
    }
    let case = Case::of(3).sheet("Notes", ["1 | b", "2 | b", "3 | b"]).fails(Call::Page, usize::MAX, refused);
    let run = case.apply().await;
    sign_in(&run);
    assert_eq!(run.story(), "page unauthenticated, renew, page unauthenticated");
}

#[tokio::test(start_paused = true)]
async fn a_row_that_takes_long_may_outlive_several_tokens() {
    let mishaps = [busy(None), busy(None), busy(None), busy(None)].into_iter();
    let mishaps = mishaps.flat_map(|busy| [Mishap::Unauthenticated, busy]).chain([Mishap::Unauthenticated]);
    let run = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, mishaps).apply().await;
    assert_eq!((run.settled(2).outcome, run.count("renew")), (Outcome::Applied, 5));
}

#[tokio::test(start_paused = true)]
async fn whoever_waited_for_a_token_does_not_leave_with_all_others_at_once() {
    let rows = (1..=60).map(|number| format!("{number} | b"));
    let case = Case::of(60).sheet("Notes", rows).at_once(16).at_rate(5.0).with(|settings| settings.check = Check::None);
    let run = case.lapsing(SECOND * 2, SECOND * 10).apply().await;
    assert_eq!(run.tally(), [("applied", 60)].into());
    let calls = calls(&run);
    assert!(!calls.iter().any(|at| (SECOND * 2..SECOND * 12).contains(at)), "{calls:?}");
    for (index, from) in calls.iter().enumerate() {
        let within = calls[index..].iter().take_while(|at| **at < *from + SECOND).count();
        assert!(within <= 5, "{within} calls in the second from {from:?}: {calls:?}");
    }
}
