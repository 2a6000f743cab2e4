//! As few reads as the job allows: pages where they are cheaper, single reads where they are needed.

use refsheet::engine::{Check, Via};
use refsheet::sandbox::{Call, Mishap};
use refsheet::service::FaultKind;
use serde_json::json;

use crate::case::{Case, check, referral};
use crate::probe::fault;

fn all(count: usize, cell: &str) -> Vec<String> {
    (1..=count).map(|number| format!("{number} | {cell}")).collect()
}

/// Applies a case and counts pages, single reads and writes.
async fn check_counts(case: Case, expected: [usize; 3]) {
    let run = case.at_once(4).apply().await;
    let counts = [run.count("page"), run.count("read"), run.count("patch")];
    assert_eq!(counts, expected, "pages, reads, writes: {}", run.story());
}

#[tokio::test(start_paused = true)]
async fn a_whole_list_is_read_in_pages() {
    check_counts(Case::of(200).sheet("Notes", all(200, "b")), [2, 0, 200]).await;
}

#[tokio::test(start_paused = true)]
async fn one_or_two_referrals_are_read_one_by_one() {
    check_counts(Case::of(200).sheet("Notes", all(2, "b")), [0, 2, 2]).await;
}

#[tokio::test(start_paused = true)]
async fn few_of_many_cost_at_most_one_page() {
    check_counts(Case::of(900).sheet("Notes", ["898 | b", "899 | b", "900 | b"]), [1, 3, 3]).await;
}

#[tokio::test(start_paused = true)]
async fn further_pages_are_read_while_enough_referrals_are_left() {
    check_counts(Case::of(300).sheet("Notes", ["1 | b", "150 | b", "151 | b", "250 | b"]), [2, 1, 4]).await;
}

#[tokio::test(start_paused = true)]
async fn a_list_without_etags_is_enough_for_rows_that_change_nothing() {
    let case = Case::without_listed_etags(3).sheet("Notes", ["1 | a", "2 | b", "3 | a"]);
    check(case, "page, 2 unchanged, read 2, intent 3, patch 2, 3 applied, 4 unchanged").await;
}

/// Three referrals, of which these have no notes.
fn without_notes(numbers: &[usize], list_etags: bool) -> Case {
    let mut referrals: Vec<_> = (1..=3).map(referral).collect();
    for number in numbers {
        referrals[number - 1]["details"].as_object_mut().unwrap().shift_remove("notes");
    }
    Case::holding(referrals, list_etags).sheet("Notes", ["1 | a", "2 | b", "3 | a"])
}

#[tokio::test(start_paused = true)]
async fn what_an_item_lacks_and_another_one_prints_is_not_there() {
    check(without_notes(&[2], true), "page, 2 unchanged, intent 3, patch 2, 3 applied, 4 unchanged").await;
}

#[tokio::test(start_paused = true)]
async fn what_no_item_prints_may_have_been_left_out_of_the_list() {
    let case = without_notes(&[1, 2, 3], true);
    check(
        case,
        "page, read 1, intent 2, patch 1, 2 applied, read 2, intent 3, patch 2, 3 applied, read 3, intent 4, patch 3, 4 applied",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_an_item_without_an_etag_lacks_is_read() {
    check(without_notes(&[2], false), "page, 2 unchanged, read 2, intent 3, patch 2, 3 applied, 4 unchanged").await;
}

#[tokio::test(start_paused = true)]
async fn a_list_without_etags_is_left_when_it_saves_no_request() {
    check_counts(Case::without_listed_etags(300).sheet("Notes", all(300, "b")), [1, 300, 300]).await;
}

#[tokio::test(start_paused = true)]
async fn a_list_that_shows_nothing_of_what_is_wanted_is_followed_for_a_hundredth_of_the_rows() {
    let rows: Vec<String> = (1001..=1300).map(|number| format!("{number} | b")).collect();
    check_counts(Case::of(1300).sheet("Notes", rows), [4, 300, 300]).await;
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_had_costs_no_row() {
    let refused = fault(FaultKind::Refused, Some(400), "invalidRequest");
    let case = Case::of(3).sheet("Notes", all(3, "a")).fails(Call::Page, usize::MAX, refused);
    check(case, "page refused, read 1, 2 unchanged, read 2, 3 unchanged, read 3, 4 unchanged").await;
}

#[tokio::test(start_paused = true)]
async fn a_page_that_was_lost_is_asked_for_again() {
    let case = Case::of(3).sheet("Notes", all(3, "a")).meets(Call::Page, [Mishap::Cut]);
    check(case, "page lost, page, 2 unchanged, 3 unchanged, 4 unchanged").await;
}

#[tokio::test(start_paused = true)]
async fn a_referral_that_is_not_there_is_refused_with_the_services_words() {
    let run =
        check(Case::of(1).sheet("Notes", ["7 | b"]), &format!("read {} refused, 2 refused", crate::case::id(7))).await;
    assert_eq!((run.settled(2).http, run.settled(2).error_code.as_deref()), (Some(404), Some("itemNotFound")));
}

#[tokio::test(start_paused = true)]
async fn without_a_check_nothing_is_read_and_only_the_sheets_etag_guards() {
    let etag = referral_etag();
    let rows = ["1 | a |".to_owned(), format!("2 | b | {etag}"), "3 | b | \"old\"".to_owned()];
    let case = Case::of(3).sheet("Notes | eTag", rows).with(|settings| settings.check = Check::None);
    let run = check(
        case,
        "intent 2, unguarded patch 1, 2 applied, intent 3, patch 2, 3 applied, intent 4, patch 3 stale, 4 conflict",
    )
    .await;
    assert_eq!((run.notes(2), run.notes(3)), ("b".into(), "a".into()));
}

/// The eTag of the second referral.
fn referral_etag() -> String {
    let store = refsheet::sandbox::Store::from_referrals((1..=3).map(referral).collect()).unwrap();
    store.snapshot()[1]["eTag"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_replacement_is_read_singly_and_sent_whole_without_its_links() {
    let case = Case::of(3).sheet("Notes", ["1 | b", "2 | a", "3 | a"]).with(|settings| settings.via = Via::Put);
    let run = check(case, "read 1, intent 2, put 1, 2 applied, read 2, 3 unchanged, read 3, 4 unchanged").await;
    // The sandbox refuses `links`; what it does not know must have come back.
    assert_eq!((run.notes(1), run.at(1, "/brandNew")), ("b".into(), json!([1.10])));
}

#[tokio::test(start_paused = true)]
async fn a_replacement_keeps_what_a_colleague_changed_meanwhile() {
    let star = Mishap::ChangeUnderneath(json!({ "favorite": true }));
    let case = Case::of(1).sheet("Notes", ["1 | b"]).with(|settings| settings.via = Via::Put);
    let case = case.meets(Call::Write, [star]);
    let run = check(case, "read 1, intent 2, put 1 stale, read 1, intent 2, put 1, 2 applied").await;
    assert_eq!((run.notes(1), run.at(1, "/favorite")), ("b".into(), true.into()));
}
