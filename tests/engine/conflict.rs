//! Whose change wins when a colleague was faster.

use refsheet::domain::json::Json;
use refsheet::engine::OnConflict;
use refsheet::sandbox::{Call, Mishap};
use serde_json::{Value, json};

use crate::case::{Case, check};

/// A row that wants the notes to be `b`, whose write comes after a colleague's.
fn late(theirs: Value) -> Case {
    Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, [Mishap::ChangeUnderneath(theirs)])
}

#[tokio::test(start_paused = true)]
async fn changes_of_different_fields_are_merged() {
    let case = late(json!({ "details": { "dealValue": 7 } }));
    let run = check(case, "read 1, intent 2, patch 1 stale, read 1, intent 2, patch 1, 2 applied").await;
    assert_eq!((run.notes(1), run.at(1, "/details/dealValue")), ("b".into(), 7.into()));
    assert_ne!(run.settled(2).etag_before, run.settled(2).etag_after);
    let guards: Vec<_> = run.intents().map(|intent| intent.guard.clone()).collect();
    assert_ne!(guards[0], guards[1]);
}

#[tokio::test(start_paused = true)]
async fn different_changes_of_one_field_are_a_conflict_with_all_three_values() {
    let run =
        check(late(json!({ "details": { "notes": "c" } })), "read 1, intent 2, patch 1 stale, read 1, 2 conflict")
            .await;
    let [clash] = &run.settled(2).clashes[..] else { panic!("not one clash") };
    assert_eq!(clash.label, "Notes");
    assert_eq!([&clash.base, &clash.mine, &clash.theirs].map(Json::value), ["a", "b", "c"]);
    assert_eq!(run.notes(1), "c");
}

#[tokio::test(start_paused = true)]
async fn a_row_that_conflicts_in_one_field_sends_none() {
    let theirs = Mishap::ChangeUnderneath(json!({ "details": { "notes": "c" } }));
    let case = Case::of(1).sheet("Notes | Deal value", ["1 | b | 5"]).meets(Call::Write, [theirs]);
    let run = check(case, "read 1, intent 2, patch 1 stale, read 1, 2 conflict").await;
    assert_eq!((run.notes(1), run.at(1, "/details/dealValue")), ("c".into(), 1.into()));
}

#[tokio::test(start_paused = true)]
async fn nothing_more_is_sent_when_a_colleague_has_set_the_same_value() {
    let case = late(json!({ "details": { "notes": "b" } }));
    // Nothing of ours has landed, so nothing was applied.
    check(case, "read 1, intent 2, patch 1 stale, read 1, 2 unchanged").await;
}

#[tokio::test(start_paused = true)]
async fn both_may_add_to_a_list() {
    let ann = json!({ "firstName": "Ann", "lastName": "A", "phoneNumber": "1", "email": "ann@contoso.com" });
    let case = Case::of(1).sheet("Team member 1", ["1 | Bob, Li, 5550100, bob@contoso.com"]);
    let case = case.meets(Call::Write, [Mishap::ChangeUnderneath(json!({ "team": [ann] }))]);
    let run = check(case, "read 1, intent 2, patch 1 stale, read 1, intent 2, patch 1, 2 applied").await;
    assert_eq!(run.at(1, "/team").as_array().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_move_that_a_colleague_made_impossible_is_not_tried() {
    let closed = json!({ "status": "Closed", "substatus": "Lost" });
    let case = Case::of(1).sheet("Status | Substatus", ["1 | Closed | Won"]);
    let case = case.meets(Call::Write, [Mishap::ChangeUnderneath(closed)]);
    let run = check(case, "read 1, intent 2, patch 1 stale, read 1, 2 conflict").await;
    assert_eq!(run.settled(2).clashes[0].label, "Substatus");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_merged_when_conflicts_are_to_be_reported() {
    let case = late(json!({ "favorite": true })).with(|settings| settings.on_conflict = OnConflict::Report);
    let run = check(case, "read 1, intent 2, patch 1 stale, read 1, 2 conflict").await;
    assert_eq!((run.notes(1), run.settled(2).http), ("a".into(), Some(412)));
}

#[tokio::test(start_paused = true)]
async fn a_row_with_a_stale_etag_is_a_conflict_without_a_write() {
    let case = Case::of(1).sheet("Notes | eTag", ["1 | b | \"old\""]);
    let run = check(case, "read 1, 2 conflict").await;
    assert!(run.settled(2).reason.as_ref().unwrap().contains("\"old\""));
}

#[tokio::test(start_paused = true)]
async fn a_row_with_an_etag_is_never_merged() {
    let etag = Case::of(1).apply().await.at(1, "/eTag").as_str().unwrap().to_owned();
    let case = Case::of(1).sheet("Notes | eTag", [format!("1 | b | {etag}")]);
    let case = case.meets(Call::Write, [Mishap::ChangeUnderneath(json!({ "favorite": true }))]);
    let run = check(case, "read 1, intent 2, patch 1 stale, read 1, 2 conflict").await;
    assert_eq!(run.notes(1), "a");
}

#[tokio::test(start_paused = true)]
async fn a_row_whose_values_hold_is_unchanged_whatever_its_etag_says() {
    check(Case::of(1).sheet("Notes | eTag", ["1 | a | \"old\""]), "read 1, 2 unchanged").await;
}

#[tokio::test(start_paused = true)]
async fn a_colleague_who_is_always_faster_wins_in_the_end() {
    let star = |at: usize| Mishap::ChangeUnderneath(json!({ "favorite": at.is_multiple_of(2) }));
    let case = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, (0..20).map(star));
    let run = case.apply().await;
    assert_eq!((run.count("patch"), run.tally()), (5, [("failed", 1)].into()));
}

/// The second row was made from the same version as the first: what the first one did is nobody else's change.
#[tokio::test(start_paused = true)]
async fn rows_with_one_etag_follow_each_other() {
    let etag = Case::of(1).apply().await.at(1, "/eTag").as_str().unwrap().to_owned();
    let rows = [format!("1 | b | {etag}"), format!("1 | c | {etag}"), format!("1 | d | {etag}")];
    let case = Case::of(1).sheet("Notes | eTag", rows);
    let story = "read 1, intent 2, patch 1, 2 applied, intent 3, patch 1, 3 applied, intent 4, patch 1, 4 applied";
    assert_eq!(check(case, story).await.notes(1), "d");
}

/// The note held what the sheet says when it was looked at, so the colleague's note stays.
#[tokio::test(start_paused = true)]
async fn a_cell_that_held_already_neither_clashes_nor_undoes() {
    let theirs = Mishap::ChangeUnderneath(json!({ "details": { "notes": "theirs" } }));
    let case = Case::of(1).sheet("Notes | Deal value", ["1 | a | 5"]).meets(Call::Write, [theirs]);
    let run = check(case, "read 1, intent 2, patch 1 stale, read 1, intent 2, patch 1, 2 applied").await;
    assert_eq!((run.notes(1), run.at(1, "/details/dealValue")), ("theirs".into(), 5.into()));
}

/// Changes of referral 1 as rows of a plan, which are one write: path, new value, and what it was.
fn planned(changes: &[(&str, &str, &str)]) -> Case {
    let rows = changes.iter().map(|(path, new, was)| format!("1 | {path} | {new} | {was} | | (none)"));
    Case::of(1).sheet("path | new (JSON) | current (JSON) | made for | eTag", rows).joined()
}

#[tokio::test(start_paused = true)]
async fn in_a_plan_only_what_clashes_is_left_out() {
    let changes = [("/details/notes", r#""b""#, r#""a""#), ("/details/dealValue", "5", "1")];
    let theirs = Mishap::ChangeUnderneath(json!({ "details": { "notes": "c" } }));
    let case = planned(&changes).meets(Call::Write, [theirs]);
    let run = check(case, "read 1, intent 2, patch 1 stale, read 1, intent 2, patch 1, 2 applied").await;
    let settled = run.settled(2);
    assert_eq!((&*settled.clashes[0].label, &*settled.changes[0].label), ("Notes", "Deal value"));
    assert_eq!((settled.clashes.len(), settled.changes.len()), (1, 1));
    assert_eq!((run.notes(1), run.at(1, "/details/dealValue")), ("c".into(), 5.into()));
}

#[tokio::test(start_paused = true)]
async fn in_a_plan_of_which_all_clashes_nothing_is_sent() {
    let theirs = Mishap::ChangeUnderneath(json!({ "details": { "notes": "c" } }));
    let case = planned(&[("/details/notes", r#""b""#, r#""a""#)]).meets(Call::Write, [theirs]);
    let run = check(case, "read 1, intent 2, patch 1 stale, read 1, 2 conflict").await;
    assert_eq!(run.notes(1), "c");
}

#[tokio::test(start_paused = true)]
async fn in_a_plan_both_halves_of_a_status_are_left_out() {
    let changes = [
        ("/status", r#""Closed""#, r#""Active""#),
        ("/substatus", r#""Won""#, r#""Accepted""#),
        ("/details/notes", r#""b""#, r#""a""#),
    ];
    let theirs = Mishap::ChangeUnderneath(json!({ "status": "New", "substatus": "Pending" }));
    let run = planned(&changes).meets(Call::Write, [theirs]).apply().await;
    let labels: Vec<&str> = run.settled(2).clashes.iter().map(|clash| &*clash.label).collect();
    assert_eq!((labels, run.notes(1), run.at(1, "/status")), (vec!["Status", "Substatus"], "b".into(), "New".into()));
}

#[tokio::test(start_paused = true)]
async fn in_a_plan_a_forbidden_move_does_not_hold_up_the_rest() {
    let changes = [
        ("/status", r#""New""#, r#""Active""#),
        ("/substatus", r#""Pending""#, r#""Accepted""#),
        ("/details/notes", r#""b""#, r#""a""#),
    ];
    let run = check(planned(&changes), "read 1, intent 2, patch 1, 2 applied").await;
    let problems: Vec<String> = run.settled(2).problems.iter().map(ToString::to_string).collect();
    let why = "the referral is Active / Accepted, it cannot become New / Pending; an active referral stays active or is closed";
    assert_eq!(problems, [format!("B2 (Status): {why}"), format!("B3 (Substatus): {why}")]);
    assert_eq!((run.notes(1), run.at(1, "/status")), ("b".into(), "Active".into()));
    let run = check(planned(&changes[..2]), "read 1, 2 invalid").await;
    assert_eq!(run.at(1, "/status"), "Active");
    // With only one half of a pair, that half is what is wrong.
    let run = check(
        planned(&[("/status", r#""Closed""#, r#""Active""#), changes[2]]),
        "read 1, intent 2, patch 1, 2 applied",
    )
    .await;
    assert_eq!((run.settled(2).problems.len(), run.notes(1)), (1, "b".into()));
}
