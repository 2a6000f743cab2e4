use super::*;
use crate::domain::cell::{Cell, Row};
use crate::domain::change::{Ask, Background, Request};
use crate::domain::heading::{Columns, Naming};
use crate::domain::value::Reading;

const ID: &str = "49d90c72-3326-4f61-aacc-2cb57970448c";

fn referral(members: &str) -> Referral {
    Referral::parse(format!(r#"{{"id":"{ID}","eTag":"\"1\"",{members}}}"#)).unwrap()
}

fn change(headings: &[&str], cells: &[&str]) -> Change {
    let all = std::iter::once("id").chain(headings.iter().copied()).zip(0..).map(|(text, at)| (at, text));
    let columns = Columns::resolve(all, &Naming::default()).unwrap();
    let cells = std::iter::once(&ID).chain(cells).map(|text| Cell::Text((*text).to_owned())).collect();
    match Request::read(&Row { number: 2, cells }, &columns, &Reading::default(), &Background::default()).ask {
        Ask::Update(change) => change,
        other => panic!("{other:?}"),
    }
}

fn check(members: &str, headings: &[&str], cells: &[&str], expected: &[&str]) {
    let plan = against(&change(headings, cells), &referral(members));
    let mut lines = match &plan.step {
        Step::Nothing => vec!["nothing".to_owned()],
        Step::Write(write) => write
            .patch
            .operations()
            .iter()
            .map(|operation| format!("{} {} {}", operation.op.word(), operation.path, operation.value))
            .collect(),
        Step::Stale { expected, .. } => vec![format!("stale, expected {expected}")],
        Step::Invalid => vec!["invalid".to_owned()],
    };
    lines.extend(plan.problems.iter().map(ToString::to_string));
    assert_eq!(lines, expected);
}

const ACTIVE: &str = r#""status":"Active","substatus":"Accepted""#;

#[test]
fn what_holds_already_is_left_out() {
    check(
        r#""details":{"dealValue":5000.00,"notes":"a","closingDateTime":"2026-12-31T00:00:00.0000000Z"}"#,
        &["Deal value", "Notes", "Closing date"],
        &["5000", "b", "2026-12-31"],
        &[r#"replace /details/notes "b""#],
    );
}

#[test]
fn a_row_that_changes_nothing_sends_nothing_whatever_its_etag() {
    check(r#""details":{"notes":"a"}"#, &["Notes", "eTag"], &["a", "old"], &["nothing"]);
    check(r#""campaignId":null"#, &["Campaign ID"], &["(clear)"], &["nothing"]);
    check(r#""x":1"#, &["Campaign ID"], &["(clear)"], &["nothing"]);
}

#[test]
fn a_stale_etag_stops_a_row_that_would_change_something() {
    check(r#""details":{"notes":"a"}"#, &["Notes", "eTag"], &["b", "old"], &["stale, expected \"old\""]);
    check(r#""details":{"notes":"a"}"#, &["Notes", "eTag"], &["b", "1"], &[r#"replace /details/notes "b""#]);
}

#[test]
fn a_referral_without_an_etag_is_changed_with_a_warning() {
    let referral = Referral::parse(format!(r#"{{"id":"{ID}","campaignId":null}}"#)).unwrap();
    let plan = against(&change(&["Campaign ID"], &["c"]), &referral);
    assert!(matches!(plan.step, Step::Write(write) if write.guard.is_none()));
    assert!(plan.problems[0].to_string().starts_with("warning: the referral has no eTag"));
}

#[test]
fn status_comes_before_substatus_and_both_before_the_rest() {
    check(
        &format!(r#"{ACTIVE},"details":{{"notes":null}}"#),
        &["Notes", "Substatus", "Status"],
        &["x", "Won", "Closed"],
        &[r#"replace /status "Closed""#, r#"replace /substatus "Won""#, r#"replace /details/notes "x""#],
    );
}

#[test]
fn a_member_that_is_not_printed_is_added_and_its_parents_are_taken_as_there() {
    check(
        ACTIVE,
        &["Campaign ID", "Share with Microsoft sellers"],
        &["c", "Yes"],
        &[r#"add /campaignId "c""#, "add /consent/consentToShareReferralWithMicrosoftSellers true"],
    );
}

#[test]
fn forbidden_moves_are_invalid_and_doubtful_ones_are_left_to_the_service() {
    let closed = r#""status":"Closed","substatus":"Won""#;
    check(
        closed,
        &["Status", "Substatus"],
        &["Active", "Accepted"],
        &[
            "invalid",
            "B2 (Status): the referral is Closed / Won, it cannot become Active / Accepted; a closed referral stays closed",
        ],
    );
    check(
        ACTIVE,
        &["Status"],
        &["Closed"],
        &[
            "invalid",
            "B2 (Status): status `Closed` does not go with the substatus `Accepted` that the referral has; fill in the substatus too: Won, Lost, Declined, Expired",
        ],
    );
    check(
        ACTIVE,
        &["Substatus"],
        &["Won"],
        &[
            "invalid",
            "B2 (Substatus): substatus `Won` does not go with the status `Active` that the referral has; fill in the status too: Closed",
        ],
    );
    check(
        &format!(r#"{closed},"details":{{"notes":"a"}}"#),
        &["Notes"],
        &["b"],
        &[
            r#"replace /details/notes "b""#,
            "warning: B2 (Notes): the referral is closed; the portal does not change closed referrals; the service decides",
        ],
    );
    check(
        r#""status":"New","substatus":"Pending""#,
        &["Status", "Substatus"],
        &["Closed", "Won"],
        &[
            r#"replace /status "Closed""#,
            r#"replace /substatus "Won""#,
            "warning: B2 (Status): the portal offers only accepting or declining a new referral; sent all the same; the service decides",
        ],
    );
}

#[test]
fn a_status_that_we_do_not_know_is_left_to_the_service() {
    check(
        r#""status":"Active","substatus":"Engaged""#,
        &["Status", "Substatus"],
        &["Closed", "Won"],
        &[r#"replace /status "Closed""#, r#"replace /substatus "Won""#],
    );
}

#[test]
fn a_pair_that_is_there_already_is_no_move_whatever_it_is() {
    let error = r#""status":"Closed","substatus":"Error","statusReason":"9","campaignId":null"#;
    let headings = ["Status", "Substatus", "Status reason", "Campaign ID"];
    check(error, &headings, &["Closed", "Error", "9", "c"], &[r#"replace /campaignId "c""#]);
    check(error, &["Status", "Campaign ID"], &["Closed", "c"], &[r#"replace /campaignId "c""#]);
    check(
        &format!("{ACTIVE},\"campaignId\":null"),
        &["Status", "Substatus"],
        &["Closed", "Error"],
        &[
            "invalid",
            "C2 (Substatus): the documentation of the service does not have the substatus `Error`; accepted: Pending, Received, Accepted, Won, Lost, Declined, Expired; to set `Error`, use the portal",
        ],
    );
}

/// The portal prints whom it holds, with or without a phone number.
#[test]
fn a_person_who_is_there_may_lack_something_and_a_new_one_may_not() {
    let ann = r#"{"firstName":"Ann","lastName":"A","phoneNumber":null,"email":"ann@contoso.com"}"#;
    let bob = r#"{"firstName":"Bob","lastName":"B","phoneNumber":"1"}"#;
    let headings = ["Team member 1", "Team member 2", "Notes"];
    let team = format!(r#""team":[{ann},{bob}],"details":{{"notes":null}}"#);
    check(&team, &headings, &["Ann, A, , ann@contoso.com", "bob, B, 1, ", "x"], &[r#"replace /details/notes "x""#]);
    check(
        &team,
        &headings,
        &["Cid, C, , cid@contoso.com", "Bob, B, 2, ", "x"],
        &[
            "invalid",
            "B2 (Team member 1): the person lacks a phone number; a person needs a first name, a last name, a phone number and an e-mail address",
            "C2 (Team member 2): the person lacks an e-mail address; a person needs a first name, a last name, a phone number and an e-mail address",
        ],
    );
    let unseen = unseen(&change(&["Team member 1"], &["Ann, A, , ann@contoso.com"]));
    assert!(matches!(unseen.step, Step::Invalid), "{:?}", unseen.step);
}

#[test]
fn who_is_in_the_team_already_is_not_added_again() {
    let ann = r#"{"firstName":"Ann","lastName":"A","phoneNumber":"1","email":"ANN@contoso.com","title":"x"}"#;
    let bob = r#"{"firstName":"Bob","lastName":"B","phoneNumber":"1","email":"bob@contoso.com"}"#;
    let cells = ["Ann, A, 1, ann@contoso.com", "Bob, B, 1, bob@contoso.com"];
    let headings = ["Team member 1", "Team member 2"];
    check(&format!(r#""team":[{ann}]"#), &headings, &cells, &[&format!("add /team/- {bob}")]);
    let both = format!(
        r#"add /team [{{"firstName":"Ann","lastName":"A","phoneNumber":"1","email":"ann@contoso.com"}},{bob}]"#
    );
    check(ACTIVE, &headings, &cells, &[&both]);
    check(r#""team":null"#, &headings, &cells, &[&both.replace("add", "replace")]);
}

#[test]
fn other_details_of_who_is_there_already_are_not_dropped_in_silence() {
    check(
        r#""team":[{"firstName":"Ann","lastName":"A","phoneNumber":"1","email":"ann@contoso.com"}]"#,
        &["Team member 1"],
        &["Ann, A, 2, ann@contoso.com"],
        &[
            "nothing",
            "warning: B2 (Team member 1): `ann@contoso.com` is there already, the other phoneNumber here is ignored; to change it, give the whole list as JSON in a column `Team`, or use the portal",
        ],
    );
    let solution = r#""details":{"requirements":{"solutions":[{"id":"SOL-1","type":"Category","price":5}]}}"#;
    check(solution, &["Solution 1"], &["SOL-1, , 5.00"], &["nothing"]);
    check(
        solution,
        &["Solution 1"],
        &["SOL-1, EUR, 6"],
        &[
            "nothing",
            "warning: B2 (Solution 1): `SOL-1` is there already, the other currency, price here is ignored; to change it, give the whole list as JSON in a column `Solutions`, or use the portal",
        ],
    );
}

#[test]
fn a_list_holds_fifty() {
    let team = vec![r#"{"email":"x@y.zz"}"#; 50].join(",");
    check(
        &format!(r#""team":[{team}]"#),
        &["Team member 1"],
        &["Ann, A, 1, ann@contoso.com"],
        &["invalid", "B2 (Team member 1): the referral has 50 entries in Team, this would be number 51; at most 50"],
    );
}

#[test]
fn columns_that_are_not_sent_are_compared() {
    check(r#""customerProfile":{"name":"Contoso"}"#, &["Customer name"], &["Contoso"], &["nothing"]);
    let created = r#""createdDateTime":"2026-02-24T14:27:34.6524653Z""#;
    check(created, &["Created Date"], &["2026-02-24"], &["nothing"]);
    for other in ["2026-02-25", "2026-02-24T14:00:00Z"] {
        let warning = "warning: B2 (Created Date): ignored, the service sets this itself";
        check(created, &["Created Date"], &[other], &["nothing", warning]);
    }
    check(
        r#""customerProfile":{"name":"Contoso","ids":[{"profileType":"Duns","id":"1"}]}"#,
        &["Customer name", "D-U-N-S number"],
        &["Fabrikam", "1"],
        &["nothing", "warning: B2 (Customer name): ignored, this can be set only when the referral is created"],
    );
}

#[test]
fn without_looking_every_wish_is_an_operation() {
    let change = change(&["Notes", "eTag", "Team member 1"], &["x", "7", "Ann, A, 1, ann@contoso.com"]);
    let Step::Write(write) = unseen(&change).step else { panic!("nothing to write") };
    assert_eq!(write.guard.unwrap().as_str(), "\"7\"");
    let paths: Vec<&str> = write.patch.operations().iter().map(|operation| operation.path.as_str()).collect();
    assert_eq!(paths, ["/details/notes", "/team/-"]);
}
