//! Planning: the very patches that applying would send, and not one write.

use refsheet::engine::Check;

use crate::case::Case;

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
