//! Planning: the very patches that applying would send, and not one write.

use refsheet::domain::outcome::Outcome;
use refsheet::engine::Check;

use crate::case::{Case, Run};

const HEADINGS: &str = "Notes | Deal value | Team member 1 | eTag";
const BOB: &str = "Bob, Li, 5550100, bob@contoso.com";

/// Rows of all sorts, several about one referral among them.
fn sheet(case: Case) -> Case {
    let rows = [
        "1 | b | |".to_owned(),
        format!("2 | a | 2.50 | {BOB}"),
        "3 | a | 1.0 |".to_owned(),
        "4 | b | | | old".to_owned(),
        format!("1 | b | 3 | {BOB}"),
        "1 | a | |".to_owned(),
        format!("1 | | | {BOB}"),
        "9 | b | |".to_owned(),
    ];
    case.sheet(HEADINGS, rows)
}

/// What each row sends or would send, in sheet order.
fn patches(run: &Run) -> Vec<String> {
    let is_sent = |outcome| matches!(outcome, Outcome::Planned | Outcome::Applied);
    let mut rows: Vec<_> = run.all_settled().filter(|settled| is_sent(settled.outcome)).collect();
    rows.sort_by_key(|settled| settled.row);
    rows.iter().map(|settled| format!("{} {}", settled.row, settled.patch.as_ref().unwrap())).collect()
}

async fn check_same(case: impl Fn() -> Case) {
    let (planned, applied) = (sheet(case()).plan().await, sheet(case()).apply().await);
    assert_eq!(patches(&planned), patches(&applied));
    assert_eq!((planned.requests.writes, planned.intents().count()), (0, 0));
    let others = |run: &Run| {
        let outcomes = run.all_settled().map(|settled| (settled.row, settled.outcome));
        let mut outcomes: Vec<_> = outcomes.filter(|(_, outcome)| *outcome != Outcome::Planned).collect();
        outcomes.retain(|(_, outcome)| *outcome != Outcome::Applied);
        outcomes.sort_unstable();
        outcomes
    };
    assert_eq!(others(&planned), others(&applied));
}

#[tokio::test(start_paused = true)]
async fn a_plan_says_what_applying_sends() {
    check_same(|| Case::of(5)).await;
    check_same(|| Case::of(5).at_once(4)).await;
    check_same(|| Case::without_listed_etags(5)).await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_a_look_asks_the_service_nothing() {
    let run = sheet(Case::of(5)).with(|settings| settings.check = Check::None).plan().await;
    assert_eq!((run.requests.sent(), run.tally()), (0, [("planned", 8)].into()));
}

#[tokio::test(start_paused = true)]
async fn a_referral_to_be_created_is_planned_as_a_document() {
    let headings = "action | Type | Customer name | Consent to contact | Deal value";
    let case = Case::of(1).sheet(headings, ["| create | Independent | Fabrikam | No | 5", "| create | | | | 5"]);
    let run = case.plan().await;
    assert_eq!(run.story(), "2 planned, 3 invalid");
    assert_eq!(run.settled(2).patch.as_ref().unwrap().value()["customerProfile"]["name"], "Fabrikam");
}
