//! What rows do to referrals, and what the service hears of it.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::lab::{Lab, TOKEN, id, referral, rows};
use crate::wire::{Answer, Heard};

fn three() -> [Value; 3] {
    [referral(1), referral(2), referral(3)]
}

#[test]
fn each_write_is_signed_guarded_and_only_replaces_or_adds() {
    let lab = Lab::with_sandbox().recorded().sample("referral-changes.csv");
    lab.apply("referral-changes.csv").run().exits(0);
    let writes = lab.writes();
    assert!(writes.len() >= 23);
    for write in &writes {
        assert_eq!(write.method, "PATCH");
        assert_eq!(write.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
        assert_eq!(write.header("content-type"), Some("application/json"));
        let guard = write.header("if-match").unwrap();
        assert!(guard.starts_with('"') && guard.ends_with('"') && guard.len() > 2, "{guard}");
        let patch = write.json();
        let operations = patch.as_array().unwrap();
        assert!(!operations.is_empty());
        assert!(operations.iter().all(|operation| operation["op"] == "replace" || operation["op"] == "add"), "{patch}");
    }
    let ids: std::collections::HashSet<_> =
        lab.heard().iter().map(|heard| heard.header("client-request-id").map(str::to_owned)).collect();
    assert_eq!(ids.len(), lab.heard().len(), "each request has an id of its own");
}

#[test]
fn one_row_from_sheet_to_service() {
    let text = rows("Deal value,Status,Substatus", [(1, "\"12,500.50\",closed,Won"), (2, ",,")]);
    let lab = Lab::holding(three()).recorded().sheet("s.csv", text);
    let ran = lab.apply("s.csv").run();
    assert_snapshot!(ran.shown(), @r#"
    exit 0
    --- out
    2 rows in s.csv
           1  applied
           1  unchanged
    2 requests (1 read, 1 write) in <time>
    report: report.jsonl
    --- report
    2 applied
        Deal value: 5000 → 12500.50
        Status: "Active" → "Closed"
        Substatus: "Accepted" → "Won"
    3 unchanged
    "#);
    let write = &lab.writes()[0];
    assert_eq!(write.header("if-match"), Some("\"1-0\""));
    assert_snapshot!(write.body, @r#"[{"op":"replace","path":"/status","value":"Closed"},{"op":"replace","path":"/substatus","value":"Won"},{"op":"replace","path":"/details/dealValue","value":12500.50}]"#);
    let after = lab.referral(&id(1));
    assert_eq!((&after["status"], &after["substatus"]), (&json!("Closed"), &json!("Won")));
    assert_eq!(after["details"]["dealValue"], json!(12500.5));
    assert_eq!(after["details"]["notes"], "old");
    assert_eq!(lab.referral(&id(2)), referral(2));
}

#[test]
fn clear_empties_a_field_and_blank_leaves_it() {
    let lab = Lab::holding(three()).sheet("s.csv", rows("Notes,Sales stage", [(1, "(clear),"), (2, "n/a,40")]));
    lab.apply("s.csv").run().exits(0);
    let after = lab.referral(&id(1));
    assert_eq!((&after["details"]["notes"], &after["salesStage"]), (&Value::Null, &json!("20")));
    lab.apply("s.csv").args("--clear-with n/a --rows 3").run().exits(0);
    assert_eq!(lab.referral(&id(2))["details"]["notes"], Value::Null);
}

#[test]
fn without_a_check_nothing_is_read_and_only_the_sheets_etag_guards() {
    let text = rows("Notes,eTag", [(1, "new,\"\"\"1-0\"\"\""), (2, "new,"), (3, "new,\"\"\"gone\"\"\"")]);
    let lab = Lab::holding(three()).recorded().sheet("s.csv", text);
    let ran = lab.apply("s.csv").args("--check none").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 applied", "3 applied", "4 conflict"]);
    let heard = lab.heard();
    assert_eq!(heard.iter().filter(|heard| heard.method == "GET").count(), 0);
    let mut guards: Vec<_> = heard.iter().map(|write| write.header("if-match").unwrap_or("none")).collect();
    guards.sort_unstable();
    assert_eq!(guards, ["\"1-0\"", "\"gone\"", "none"]);
}

#[test]
fn a_new_referral_is_created_and_the_report_has_its_id() {
    let text = "id,action,Deal name,Type,Customer name,Country,Deal value,Currency,Consent to contact\n\
                ,create,A new deal,Independent,Fabrikam,DE,12500,EUR,Yes\n\
                00000000-0000-4000-8000-000000000001,,,,,,1,,\n";
    let lab = Lab::holding(three()).recorded().sheet("s.csv", text);
    let ran = lab.apply("s.csv").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 applied", "3 applied"]);
    assert_eq!(lab.writes().iter().filter(|write| write.method == "POST").count(), 1);
    let created = lab.referral(ran.rows[0]["id"].as_str().unwrap());
    assert_eq!((&created["name"], &created["details"]["dealValue"]), (&json!("A new deal"), &json!(12500)));
    assert_eq!(lab.referrals().len(), 4);
}

const WHOLE: &str = r#"{"id":"00000000-0000-4000-8000-000000000001","name":"Deal 1","eTag":"\"1-0\"","status":"Active","substatus":"Accepted","notYetKnown":{"deep":[1.10,"x",null]},"details":{"notes":"old","dealValue":12345678901234567.890,"requirements":{"solutions":[{"id":"SOL-1","price":0.10}]}},"links":{"self":{"uri":"https://example.invalid","method":"GET"}}}"#;

/// The sandbox keeps amounts as doubles; this service keeps its text.
#[test]
fn put_sends_the_whole_referral_without_links_with_each_digit_and_member() {
    let answer = |heard: &Heard| {
        let answer = if heard.method == "PUT" { heard.body.clone() } else { WHOLE.to_owned() };
        Some(Answer::new(200, answer))
    };
    let lab = Lab::new().answering(answer).sheet("s.csv", rows("Notes", [(1, "new")]));
    lab.apply("s.csv").args("--via put").run().exits(0);
    let writes = lab.writes();
    assert_eq!((writes.len(), writes[0].method.as_str()), (1, "PUT"));
    assert_eq!(writes[0].header("if-match"), Some("\"1-0\""));
    assert_eq!(writes[0].header("content-type"), Some("application/json"));
    let links = r#","links":{"self":{"uri":"https://example.invalid","method":"GET"}}"#;
    assert_eq!(writes[0].body, WHOLE.replace(links, "").replace(r#""old""#, r#""new""#));
}

#[test]
fn put_and_patch_leave_the_same_behind() {
    let after = |how: &str| {
        let lab = Lab::with_sandbox().sample("referral-changes.csv");
        lab.apply("referral-changes.csv").args(how).run().exits(0);
        let mut referrals = lab.referrals();
        // When which row was written depends on how many at once.
        for referral in &mut referrals {
            for name in ["updatedDateTime", "acceptedDateTime", "closedDateTime", "eTag"] {
                referral[name] = Value::Null;
            }
        }
        referrals
    };
    assert_eq!(after("--via put"), after("--via patch"));
}

#[test]
fn rows_and_limit_are_a_first_careful_bite() {
    let text = rows("Notes", [(1, "new"), (2, "new"), (3, "new")]);
    let lab = Lab::holding(three()).sheet("s.csv", text);
    assert_eq!(lab.apply("s.csv").args("--limit 1").run().exits(0).outcomes(), ["2 applied"]);
    assert_eq!(lab.apply("s.csv").args("--rows 2-3").run().exits(0).outcomes(), ["2 unchanged", "3 applied"]);
    assert_eq!(lab.referral(&id(3))["details"]["notes"], "old");
}

#[test]
fn a_sheet_of_operations_is_applied_in_its_order() {
    let text = format!(
        "id,op,path,value\n{0},replace,/details/notes,first\n{1},replace,details.dealValue,7\n{0},replace,/details/notes,last\n",
        id(1),
        id(2)
    );
    let lab = Lab::holding([referral(1), referral(2)]).sheet("s.csv", text);
    lab.apply("s.csv").run().exits(0);
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "last");
    assert_eq!(lab.referral(&id(2))["details"]["dealValue"], 7);
}

#[test]
fn csv_is_taken_from_standard_input() {
    let lab = Lab::holding(three());
    let ran = lab.apply("-").input("id,Notes\n00000000-0000-4000-8000-000000000001,new\n").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 applied"]);
}
