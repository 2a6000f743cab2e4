//! Rows that do not know the id of their referral.

use serde_json::{Value, json};

use crate::lab::{Lab, id, referral};

fn named(number: u32, crm: &str, name: &str) -> Value {
    let mut referral = referral(number);
    referral["externalReferenceId"] = json!(crm);
    referral["name"] = json!(name);
    referral
}

fn lab(sheet: &str) -> Lab {
    let referrals = [named(1, "CRM-1", "Cloud"), named(2, "007", "Edge"), named(3, "007", "Edge")];
    Lab::holding(referrals).recorded().sheet("s.csv", sheet)
}

#[test]
fn a_row_is_found_by_the_id_of_the_crm_in_one_pass_over_the_list() {
    let lab = lab("CRM ID,Notes\nCRM-1,new\n");
    let ran = lab.apply("s.csv").args("--match-by crm-id").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 applied"]);
    assert_eq!(ran.rows[0]["id"], id(1));
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "new");
    assert_eq!(ran.requests().1, 1);
}

#[test]
fn no_match_and_several_are_invalid_with_the_candidates() {
    let lab = lab("CRM ID,Notes\n7,new\n007,new\n,new\n");
    let ran = lab.apply("s.csv").args("--match-by crm-id").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 invalid", "3 invalid", "4 invalid"]);
    let report = ran.report();
    assert!(report.contains("error A2: no referral has the CRM ID `7`"), "{report}");
    assert!(report.contains("error A3: 2 referrals have the CRM ID `007`"), "{report}");
    assert!(report.contains("error A4: the CRM ID is missing"), "{report}");
    let accepted = ran.rows[1]["problems"][0]["accepted"].as_str().unwrap();
    assert!(accepted.contains(&id(2)) && accepted.contains(&id(3)) && accepted.contains("Edge"), "{accepted}");
    assert!(lab.writes().is_empty());
}

#[test]
fn a_row_with_an_id_needs_no_match() {
    let lab = lab(&format!("id,CRM ID,Notes\n{},other,new\n", id(2)));
    lab.apply("s.csv").args("--match-by crm-id").run().exits(0);
    assert_eq!(lab.referral(&id(2))["externalReferenceId"], "other");
}

#[test]
fn a_name_is_matched_in_any_case() {
    let lab = lab("Deal name,Notes\n cLOUD ,new\n");
    let ran = lab.apply("s.csv").args("--match-by name").run().exits(0);
    assert_eq!(
        (ran.rows[0]["id"].clone(), ran.report().contains("warning")),
        (id(1).into(), false),
        "{}",
        ran.report()
    );
}

const UPSERT: &str = "CRM ID,Type,Customer name,Consent to contact,Deal value\nCRM-1,,,,1\nnew-1,Independent,Contoso,No,2\nnew-1,Independent,Contoso,No,3\n";

#[test]
fn what_is_not_found_is_created_once_if_that_is_wanted() {
    let lab = lab(UPSERT);
    let ran = lab.apply("s.csv").args("--match-by crm-id --create-missing").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 applied", "3 applied", "4 invalid"], "{}", ran.report());
    assert!(ran.report().contains("row 3 creates this referral already"), "{}", ran.report());
    let made = lab.referrals().into_iter().filter(|referral| referral["externalReferenceId"] == "new-1").count();
    assert_eq!(made, 1);
    let again = lab.apply("s.csv").args("--match-by crm-id --create-missing").run().exits(0);
    assert_eq!(again.outcomes(), ["2 unchanged", "3 unchanged", "4 applied"], "{}", again.report());
}

#[test]
fn the_action_create_finds_what_is_there_and_creates_the_rest() {
    let lab = lab(
        "CRM ID,action,Type,Customer name,Consent to contact,Deal value\nCRM-1,create,,,,9\nnew,create,Independent,Contoso,No,2\n",
    );
    lab.apply("s.csv").args("--match-by crm-id").run().exits(0);
    assert_eq!(lab.referral(&id(1))["details"]["dealValue"], 9);
    assert_eq!(lab.referrals().len(), 4);
}

#[test]
fn a_list_that_does_not_show_what_is_matched_by_is_not_trusted() {
    let lab = lab("CRM ID,Notes\nCRM-1,new\n");
    let authority = lab.sandbox_authority();
    let lab = lab.answering(move |heard| {
        let is_list = heard.method == "GET" && heard.target.contains("/referrals?");
        is_list.then(|| {
            let mut page = crate::wire::get(&authority, &heard.target);
            for referral in page["value"].as_array_mut().unwrap() {
                referral.as_object_mut().unwrap().shift_remove("externalReferenceId");
            }
            crate::wire::Answer::new(200, page.to_string())
        })
    });
    let ran = lab.apply("s.csv").args("--match-by crm-id").run().exits(0);
    assert_eq!(ran.rows[0]["id"], id(1));
}

#[test]
fn a_sheet_without_the_column_and_a_plan_without_the_service_are_refused() {
    let lab = lab("id,Notes\n1,new\n");
    let ran = lab.apply("s.csv").args("--match-by crm-id").run().exits(3);
    assert!(ran.err.contains("no column is headed `CRM ID`"), "{}", ran.err);
    lab.plan("s.csv").args("--match-by crm-id --offline").run().exits(2);
    lab.apply("s.csv").args("--create-missing").run().exits(2);
    assert!(lab.heard().is_empty());
}
