//! Replies that never come: looked up, then settled or sent again, in this run or by the one that resumes it.

use std::time::Duration;

use refsheet::domain::json::Json;
use refsheet::domain::outcome::Outcome;
use refsheet::engine::{Check, Stopped, Via};
use refsheet::sandbox::{Call, Mishap};
use refsheet::service::FaultKind;
use serde_json::json;

use crate::case::{Case, Run, check, check_stopped};
use crate::probe::{WAY, fault};

const BOB: &str = "1 | Bob, Li, 5550100, bob@contoso.com";
const CREATE: &str = "| create | Independent | Fabrikam | No | 5";
const CREATE_HEADINGS: &str = "action | Type | Customer name | Consent to contact | Deal value";

/// The e-mail addresses of a referral's team.
fn team(run: &Run, number: usize) -> Vec<String> {
    let team = run.at(number, "/team");
    team.as_array().unwrap().iter().map(|member| member["email"].as_str().unwrap().to_owned()).collect()
}

/// Sixty calls that are cut, more than anybody has patience for.
fn cuts() -> Vec<Mishap> {
    vec![Mishap::Cut; 60]
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_is_looked_up_before_anything_is_sent_again() {
    let case = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, [Mishap::LoseReply]);
    let run = check(case, "read 1, intent 2, patch 1 lost, read 1, 2 applied").await;
    let settled = run.settled(2);
    assert_eq!((run.notes(1), settled.attempts, settled.reason.as_deref()), ("b".into(), 1, None));
    assert_eq!(settled.changes[0].before.as_ref().unwrap().text(), r#""a""#);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_did_not_land_is_sent_again() {
    let case = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, [Mishap::Cut]);
    let run = check(case, "read 1, intent 2, patch 1 lost, read 1, intent 2, patch 1, 2 applied").await;
    assert_eq!((run.notes(1), run.settled(2).attempts), ("b".into(), 2));
    assert_eq!(run.intents().map(|intent| intent.attempt).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn somebody_who_was_added_to_a_team_before_the_reply_was_lost_is_not_added_again() {
    let case = Case::of(1).sheet("Team member 1", [BOB]).meets(Call::Write, [Mishap::LoseReply]);
    let run = check(case, "read 1, intent 2, patch 1 lost, read 1, 2 applied").await;
    assert_eq!(team(&run, 1), ["bob@contoso.com"]);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_added_twice_without_a_guard_either() {
    for mishap in [Mishap::LoseReply, Mishap::Cut] {
        let case = Case::of(1).sheet("Team member 1", [BOB]).with(|settings| settings.check = Check::None);
        let run = case.meets(Call::Write, [mishap]).apply().await;
        assert_eq!((team(&run, 1), run.settled(2).outcome), (vec!["bob@contoso.com".to_owned()], Outcome::Applied));
    }
}

#[tokio::test(start_paused = true)]
async fn a_replacement_whose_reply_was_lost_is_looked_up() {
    let case = Case::of(1).sheet("Team member 1", [BOB]).with(|settings| settings.via = Via::Put);
    let case = case.meets(Call::Write, [Mishap::LoseReply]);
    let run = check(case, "read 1, intent 2, put 1 lost, read 1, 2 applied").await;
    assert_eq!(team(&run, 1), ["bob@contoso.com"]);
}

#[tokio::test(start_paused = true)]
async fn the_look_itself_may_need_several_attempts() {
    let case = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, [Mishap::LoseReply]);
    let case = case.meets(Call::Read, [Mishap::None, Mishap::Cut, Mishap::Busy { retry_after: None }]);
    check(case, "read 1, intent 2, patch 1 lost, read 1 lost, read 1 busy, read 1, 2 applied").await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_that_cannot_be_looked_up_leaves_the_row_in_doubt() {
    let case = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, [Mishap::LoseReply]);
    let case = case.meets(Call::Read, [Mishap::None].into_iter().chain(cuts()));
    let run = check(
        case,
        "read 1, intent 2, patch 1 lost, read 1 lost, read 1 lost, read 1 lost, read 1 lost, read 1 lost, 2 in doubt",
    )
    .await;
    assert!(run.settled(2).reason.as_ref().unwrap().contains("looking it up did not work either"));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_lost_each_time_is_given_up_after_a_last_look() {
    let case = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, cuts());
    let run = case.apply().await;
    assert_eq!((run.count("patch"), run.count("read"), run.settled(2).outcome), (5, 6, Outcome::Failed));
}

#[tokio::test(start_paused = true)]
async fn the_last_attempt_is_looked_up_like_the_first() {
    let last_lands = [Mishap::Cut, Mishap::Cut, Mishap::Cut, Mishap::Cut, Mishap::LoseReply];
    let run = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, last_lands).apply().await;
    assert_eq!((run.count("patch"), run.settled(2).outcome, run.notes(1)), (5, Outcome::Applied, "b".into()));
}

#[tokio::test(start_paused = true)]
async fn a_colleagues_change_after_a_lost_reply_is_not_overwritten() {
    let run = Case::of(1).sheet("Notes", ["1 | b"]).killed_at(WAY * 3 + WAY / 2).apply().await;
    run.store().change_underneath(crate::case::id(1), &json!({ "details": { "notes": "theirs" } }));
    let run = check(run.resumed(), "read 1, 2 conflict").await;
    let clash = &run.settled(2).clashes[0];
    let values = [&clash.base, &clash.mine, &clash.theirs].map(Json::value);
    assert_eq!(values, ["a", "b", "theirs"]);
    assert_eq!(run.notes(1), "theirs");
}

#[tokio::test(start_paused = true)]
async fn a_creation_whose_reply_was_lost_is_never_repeated() {
    for mishap in [Mishap::LoseReply, Mishap::Cut] {
        let case = Case::of(1).sheet(CREATE_HEADINGS, [CREATE]).meets(Call::Creation, [mishap.clone()]);
        let run = check(case, "intent 2, create lost, 2 in doubt").await;
        assert_eq!(run.store().tallies().created, u64::from(mishap == Mishap::LoseReply));
        check(run.resumed(), "2 in doubt").await;
    }
}

/// A row that creates a referral with an id of the user's own.
fn named_create() -> Case {
    let case = Case::of(1).changed(1, &json!({ "externalReferenceId": "C-0" }));
    case.sheet(&format!("{CREATE_HEADINGS} | CRM ID"), [format!("{CREATE} | C-1")])
}

#[tokio::test(start_paused = true)]
async fn a_creation_with_an_id_of_the_users_own_is_looked_up_in_the_list() {
    let landed = named_create().meets(Call::Creation, [Mishap::LoseReply]);
    let run = check(landed, "intent 2, create lost, page, 2 applied").await;
    assert_eq!((run.store().tallies().created, run.settled(2).created_id.is_some()), (1, true));
    let cut = named_create().meets(Call::Creation, [Mishap::Cut]);
    let run = check(cut, "intent 2, create lost, page, intent 2, create, 2 applied").await;
    assert_eq!(run.store().tallies().created, 1);
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_a_killed_run_left_is_looked_up_by_the_next() {
    for (at, created) in [(WAY / 2, 0), (WAY + WAY / 2, 1)] {
        let run = named_create().killed_at(at).apply().await;
        assert_eq!(run.store().tallies().created, created);
        let story = if created == 1 { "page, 2 applied" } else { "page, intent 2, create, 2 applied" };
        let run = check(run.resumed(), story).await;
        assert_eq!(run.store().tallies().created, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_cannot_be_looked_up_is_repeated_only_if_the_user_wants_it() {
    let case = Case::of(1).sheet(CREATE_HEADINGS, [CREATE]).meets(Call::Creation, [Mishap::Cut]);
    let case = case.with(|settings| settings.repeats_creates = true);
    check(case, "intent 2, create lost, intent 2, create, 2 applied").await;
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_was_not_done_is_repeated_and_tells_its_id() {
    let case = Case::of(1).sheet(CREATE_HEADINGS, [CREATE]);
    let case = case.meets(Call::Creation, [Mishap::Busy { retry_after: None }, Mishap::Unauthenticated]);
    let run =
        check(case, "intent 2, create busy, intent 2, create unauthenticated, renew, intent 2, create, 2 applied")
            .await;
    let created = run.settled(2).created_id.clone().unwrap();
    assert_eq!(run.store().peek(created.parse().unwrap()).unwrap()["customerProfile"]["name"], "Fabrikam");
}

/// Runs until shortly before or after a write takes effect, and no longer.
async fn killed_at_write(headings: &str, row: &str, has_landed: bool) -> Run {
    // The read is there and back by then, the write is on its way, there or back.
    let at = if has_landed { WAY * 3 + WAY / 2 } else { WAY * 2 + WAY / 2 };
    let run = Case::of(1).sheet(headings, [row]).killed_at(at).apply().await;
    assert_eq!(run.story(), "read 1, intent 2, patch 1");
    run
}

#[tokio::test(start_paused = true)]
async fn a_resumed_row_whose_write_landed_is_applied_without_another() {
    for (headings, row) in [("Notes", "1 | b"), ("Team member 1", BOB)] {
        let run = killed_at_write(headings, row, true).await;
        let run = check(run.resumed(), "read 1, 2 applied").await;
        let settled = run.settled(2);
        assert_eq!((settled.attempts, settled.changes.len()), (1, 1));
        assert!(settled.patch.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_resumed_row_whose_write_did_not_land_is_sent() {
    let run = killed_at_write("Team member 1", BOB, false).await;
    let run = check(run.resumed(), "read 1, intent 2, patch 1, 2 applied").await;
    assert_eq!((team(&run, 1), run.settled(2).attempts), (vec!["bob@contoso.com".to_owned()], 2));
}

#[tokio::test(start_paused = true)]
async fn a_resumed_row_is_looked_up_even_without_a_check() {
    for has_landed in [true, false] {
        let run = killed_at_write("Team member 1", BOB, has_landed).await;
        let run = run.resumed().with(|settings| settings.check = Check::None).apply().await;
        assert_eq!((run.count("read"), run.settled(2).outcome), (1, Outcome::Applied));
        assert_eq!(team(&run, 1), ["bob@contoso.com"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_colleagues_change_of_another_field_does_not_keep_a_resumed_row_from_being_sent() {
    let run = killed_at_write("Notes", "1 | b", false).await;
    let run =
        check(run.resumed().changed(1, &json!({ "favorite": true })), "read 1, intent 2, patch 1, 2 applied").await;
    assert_eq!((run.notes(1), run.at(1, "/favorite")), ("b".into(), true.into()));
}

#[tokio::test(start_paused = true)]
async fn rows_in_doubt_are_settled_by_the_run_that_resumes_them() {
    let case = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, [Mishap::LoseReply]);
    let lost = fault(FaultKind::Lost, None, "cutOff");
    let run = case.meets(Call::Read, [Mishap::None].into_iter().chain(vec![Mishap::Cut; 5])).apply().await;
    assert_eq!(run.settled(2).outcome, Outcome::InDoubt);
    // Once more without luck, then with.
    let run = run.resumed().fails(Call::Read, usize::MAX, lost).apply().await;
    assert_eq!((run.settled(2).outcome, run.settled(2).changes.len()), (Outcome::InDoubt, 1));
    let run = check(run.resumed(), "read 1, 2 applied").await;
    assert_eq!(run.notes(1), "b");
}

#[tokio::test(start_paused = true)]
async fn a_finished_run_has_nothing_to_resume() {
    let run = Case::of(1).sheet("Notes", ["1 | b"]).apply().await;
    check(run.resumed(), "").await;
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_gone_before_the_first_write_stops_the_run() {
    let gone = fault(FaultKind::Unsent, None, "noConnection");
    let case = Case::of(2).sheet("Notes", ["1 | b", "2 | b"]).fails(Call::Read, usize::MAX, gone);
    let run = check_stopped(
        case,
        "read 1 unsent, read 1 unsent, read 1 unsent, read 1 unsent, read 1 unsent",
        Stopped::Unreachable("the service says noConnection".to_owned()),
    )
    .await;
    assert!(run.took > Duration::from_secs(4));
}

#[tokio::test(start_paused = true)]
async fn a_row_in_doubt_holds_up_the_later_rows_of_its_referral_for_another_run() {
    let case = Case::of(2).sheet("Notes", ["1 | b", "1 | c", "2 | b"]).meets(Call::Write, [Mishap::LoseReply]);
    let unreadable = vec![Mishap::Cut; 5];
    let run = case.meets(Call::Read, [Mishap::None].into_iter().chain(unreadable)).at_once(1).apply().await;
    let ends: Vec<u32> = run.all_settled().map(|settled| settled.row).collect();
    assert!(!ends.contains(&3), "{}", run.story());
    let resumed = check(run.resumed(), "read 1, 2 applied, intent 3, patch 1, 3 applied").await;
    assert_eq!(resumed.notes(1), "c");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_cannot_have_been_changed() {
    let case = Case::of(1).sheet("Notes", ["7 | b"]).with(|settings| settings.check = Check::None);
    let id = crate::case::id(7);
    let story = format!("intent 2, unguarded patch {id} lost, read {id} refused, 2 refused");
    let run = check(case.meets(Call::Write, [Mishap::Cut]), &story);
    assert_eq!(run.await.settled(2).http, Some(404));
}

/// Who may not look cannot say that it was refused: the write of the run before may have landed.
#[tokio::test(start_paused = true)]
async fn a_doubt_lasts_while_looking_is_not_allowed() {
    let case = Case::of(1).sheet("Notes", ["1 | b"]).meets(Call::Write, [Mishap::LoseReply]);
    let run = case.meets(Call::Read, [Mishap::None].into_iter().chain(vec![Mishap::Cut; 5])).apply().await;
    let forbidden = fault(FaultKind::Refused, Some(403), "accessDenied");
    let run = run.resumed().fails(Call::Read, usize::MAX, forbidden).apply().await;
    assert_eq!(run.story(), "read 1 refused, 2 in doubt");
    check(run.resumed(), "read 1, 2 applied").await;
}

/// A colleague changes the deal value between a write whose reply is lost and the look that follows.
fn overtaken(case: Case) -> Case {
    let theirs = Mishap::ChangeUnderneath(json!({ "details": { "dealValue": 7 } }));
    case.meets(Call::Write, [Mishap::LoseReply]).meets(Call::Read, [Mishap::None, theirs])
}

#[tokio::test(start_paused = true)]
async fn one_field_of_ours_shows_that_the_write_landed_and_the_others_were_changed_since() {
    let case = overtaken(Case::of(1).sheet("Notes | Deal value", ["1 | b | 5"]));
    let run = check(case, "read 1, intent 2, patch 1 lost, read 1, 2 applied").await;
    let settled = run.settled(2);
    assert_eq!(settled.problems[0].to_string(), "warning: C2 (Deal value): somebody has changed it to 7 since");
    assert_eq!((settled.changes.len(), settled.clashes.len(), settled.reason.as_ref()), (2, 0, None));
    assert_eq!((run.notes(1), run.at(1, "/details/dealValue")), ("b".into(), 7.into()));
    // The version that is there now is not the one that we left.
    assert_eq!(settled.etag_after, None);
}

#[tokio::test(start_paused = true)]
async fn a_person_of_ours_shows_it_as_well_as_a_field() {
    let case = overtaken(Case::of(1).sheet("Team member 1 | Deal value", [format!("{BOB} | 5")]));
    let run = check(case, "read 1, intent 2, patch 1 lost, read 1, 2 applied").await;
    assert_eq!((team(&run, 1).len(), run.settled(2).problems.len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_later_row_of_the_version_before_is_a_conflict_if_somebody_came_in_between() {
    let etag = Case::of(1).apply().await.at(1, "/eTag").as_str().unwrap().to_owned();
    let rows = [format!("1 | b | 5 | {etag}"), format!("1 | b | 6 | {etag}")];
    let case = overtaken(Case::of(1).sheet("Notes | Deal value | eTag", rows));
    let run = check(case, "read 1, intent 2, patch 1 lost, read 1, 2 applied, 3 conflict").await;
    assert_eq!(run.at(1, "/details/dealValue"), 7);
}

#[tokio::test(start_paused = true)]
async fn without_a_sign_that_the_write_landed_a_conflict_says_that_nobody_knows() {
    let case = overtaken(Case::of(1).sheet("Deal value", ["1 | 5"]));
    let run = check(case, "read 1, intent 2, patch 1 lost, read 1, 2 conflict").await;
    assert!(run.settled(2).reason.as_ref().unwrap().contains("it is not known whether our change had landed"));
    assert_eq!((run.settled(2).clashes.len(), run.at(1, "/details/dealValue")), (1, 7.into()));
    // A field that held already is no sign.
    let case = overtaken(Case::of(1).sheet("Notes | Deal value", ["1 | a | 5"]));
    check(case, "read 1, intent 2, patch 1 lost, read 1, 2 conflict").await;
}

#[tokio::test(start_paused = true)]
async fn a_resumed_row_whose_write_landed_tells_what_was_changed_since() {
    let theirs = json!({ "details": { "dealValue": 7 } });
    let run = killed_at_write("Notes | Deal value", "1 | b | 5", true).await;
    let run = check(run.resumed().changed(1, &theirs), "read 1, 2 applied").await;
    let settled = run.settled(2);
    assert_eq!((settled.problems.len(), settled.changes.len(), settled.attempts), (1, 2, 1));
    assert_eq!((run.notes(1), run.at(1, "/details/dealValue")), ("b".into(), 7.into()));
    // One that did not land is not known to have.
    let run = killed_at_write("Notes | Deal value", "1 | b | 5", false).await;
    let run = check(run.resumed().changed(1, &theirs), "read 1, 2 conflict").await;
    assert!(run.settled(2).reason.as_ref().unwrap().contains("not known"));
    assert_eq!(run.notes(1), "a");
}
