//! What `plan` writes for programs, and that it is the same whatever wrote the sheet.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::lab::{Lab, referral, rows};

fn patches(lab: &Lab, sheet: &str, how: &str) -> String {
    lab.refsheet(&format!("plan {sheet} {how} --no-report --patches patches.jsonl")).run().exits(0);
    fs::read_to_string(lab.path("patches.jsonl")).unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_line_names_the_row_the_referral_the_guard_and_the_patch() {
    let text = "id,eTag,Deal value,Notes,action\n\
                00000000-0000-4000-8000-000000000001,\"\"\"1-0\"\"\",12500.50,,\n\
                00000000-0000-4000-8000-000000000002,,1,,skip\n\
                00000000-0000-4000-8000-000000000003,,,\"a \"\"b\"\"\n c\",\n";
    let lab = Lab::new().sheet("s.csv", text);
    assert_snapshot!(patches(&lab, "s.csv", "--offline"), @r#"
    {"row":2,"id":"00000000-0000-4000-8000-000000000001","if_match":"\"1-0\"","patch":[{"op":"replace","path":"/details/dealValue","value":12500.50}]}
    {"row":4,"id":"00000000-0000-4000-8000-000000000003","if_match":null,"patch":[{"op":"replace","path":"/details/notes","value":"a \"b\"\n c"}]}
    "#);
}

/// Independent of the program's own builder: what RFC 6902 and the contract's section 5 demand of a document.
#[test]
fn each_patch_of_the_sample_is_a_document_of_the_contract() {
    let lab = Lab::new().sample("referral-changes.csv");
    for how in ["--offline", "--sandbox"] {
        let lines = lines(&patches(&lab, "referral-changes.csv", how));
        assert!(lines.len() >= 22, "{how}");
        for line in &lines {
            let names: Vec<&String> = line.as_object().unwrap().keys().collect();
            assert_eq!(names, ["row", "id", "if_match", "patch"]);
            assert!((2..=26).contains(&line["row"].as_u64().unwrap()));
            assert!(line["id"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());
            assert_eq!(line["if_match"].is_string(), how == "--sandbox");
            let operations = line["patch"].as_array().unwrap();
            assert!(!operations.is_empty());
            operations.iter().for_each(check_operation);
            let place = |path: &str| operations.iter().position(|operation| operation["path"] == path);
            assert!(place("/status") <= place("/substatus"), "{line}");
            let parsed: Result<json_patch::Patch, _> = serde_json::from_value(line["patch"].clone());
            assert!(parsed.is_ok(), "{line}");
        }
    }
}

fn check_operation(operation: &Value) {
    let members: Vec<&String> = operation.as_object().unwrap().keys().collect();
    assert_eq!(members, ["op", "path", "value"]);
    assert!(["replace", "add"].contains(&operation["op"].as_str().unwrap()), "{operation}");
    let value = &operation["value"];
    let is_right = match operation["path"].as_str().unwrap() {
        "/details/dealValue" => value.is_number(),
        "/details/closingDateTime" => value.as_str().is_some_and(|text| text.ends_with("T00:00:00Z")),
        "/consent/consentToShareReferralWithMicrosoftSellers" => value.is_boolean(),
        "/team/-" => ["firstName", "lastName", "phoneNumber", "email"].iter().all(|name| value[*name].is_string()),
        "/details/requirements/solutions/-" => value["id"].is_string(),
        "/status"
        | "/substatus"
        | "/statusReason"
        | "/salesStage"
        | "/details/currency"
        | "/externalReferenceId"
        | "/campaignId" => value.is_string(),
        "/details/notes" => value.is_string() || value.is_null(),
        other => panic!("{other} is not patchable"),
    };
    assert!(is_right, "{operation}");
}

#[test]
fn csv_and_workbooks_of_two_programs_give_the_same_patches_to_the_byte() {
    let saved_by_libreoffice = include_bytes!("fixtures/referral-changes.libreoffice.xlsx");
    let lab = Lab::new().sample("referral-changes.csv").sample("referral-changes.xlsx");
    let lab = lab.sheet("libreoffice.xlsx", saved_by_libreoffice);
    for how in ["--offline", "--sandbox"] {
        let of_csv = patches(&lab, "referral-changes.csv", how);
        assert_eq!(patches(&lab, "referral-changes.xlsx", how), of_csv);
        assert_eq!(patches(&lab, "libreoffice.xlsx", how), of_csv);
    }
}

#[test]
fn a_live_plan_is_minimal_and_sends_nothing() {
    let text = rows("Deal value,Notes", [(1, "5000.00,new"), (2, "5000,old")]);
    let lab = Lab::holding([referral(1), referral(2)]).recorded().sheet("s.csv", text);
    let ran = lab.plan("s.csv").args("--patches patches.jsonl").run();
    assert_snapshot!(ran.shown(), @r#"
    exit 0
    --- out
    2 rows in s.csv
           1  unchanged
           1  planned
    2 requests (2 reads, 0 writes) in <time>
    report: report.jsonl
    --- report
    2 planned
        Notes: "old" → "new"
    3 unchanged
    "#);
    assert_snapshot!(fs::read_to_string(lab.path("patches.jsonl")).unwrap(), @r#"{"row":2,"id":"00000000-0000-4000-8000-000000000001","if_match":"\"1-0\"","patch":[{"op":"replace","path":"/details/notes","value":"new"}]}"#);
    assert_eq!(lab.writes().len(), 0);
}

#[test]
fn a_referral_to_be_created_is_planned_whole() {
    let text = "id,action,Deal name,Type,Customer name,Country,Deal value,Currency,Consent to contact\n\
                ,create,A new deal,Independent,Fabrikam,DE,12500.50,EUR,Yes\n";
    let lab = Lab::new().sheet("s.csv", text);
    assert_snapshot!(patches(&lab, "s.csv", "--offline"), @r#"{"row":2,"id":null,"if_match":null,"create":{"name":"A new deal","type":"Independent","customerProfile":{"name":"Fabrikam","address":{"country":"DE"}},"details":{"dealValue":12500.50,"currency":"EUR"},"consent":{"consentToContact":true}}}"#);
}

#[test]
fn a_plan_with_something_invalid_says_so_by_its_exit_code() {
    let lab = Lab::new().sheet("s.csv", rows("Deal value", [(1, "a lot"), (2, "5")]));
    let ran = lab.plan("s.csv").args("--offline --patches p.jsonl").token(None).run().exits(1);
    assert_eq!(ran.outcomes(), ["2 invalid", "3 planned"]);
    assert_eq!(lines(&fs::read_to_string(lab.path("p.jsonl")).unwrap()).len(), 1);
}
