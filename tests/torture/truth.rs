//! What must be true at the end, whatever happened on the way.

use serde_json::Value;

use crate::sheet::Sheet;
use crate::stage::sandbox::State;

/// Members that a change changes without being about them, and those that the colleague changes.
const VOLATILE: [&str; 6] =
    ["eTag", "updatedDateTime", "closedDateTime", "expirationDateTime", "lastModifiedVia", "favorite"];

/// Compares what the service holds with what the sheet says, and the report with both.
pub fn holds(sheet: &Sheet, before: &State, after: &State, report: &str, summary: &Value) {
    every_referral_is_what_the_sheet_says(sheet, before, after);
    nothing_happened_twice(sheet, after);
    the_colleagues_changes_are_still_there(before, after);
    the_report_tells_what_happened(sheet, before, report);
    let applied = summary["rows"]["applied"].as_u64().unwrap();
    assert_eq!(applied, after.applied_in_all(), "the counts of the summary are those of the service");
}

/// Not only what the sheet names: nothing else may have changed either.
fn every_referral_is_what_the_sheet_says(sheet: &Sheet, before: &State, after: &State) {
    assert_eq!(before.ids, after.ids);
    for id in &before.ids {
        let mut expected = before.referrals[id].clone();
        sheet.changes(id).for_each(|row| row.applied_to(&mut expected));
        assert_eq!(steady(&after.referrals[id]), steady(&expected), "referral {id}");
    }
}

fn nothing_happened_twice(sheet: &Sheet, after: &State) {
    for id in &after.ids {
        let rows = u64::try_from(sheet.changes(id).count()).unwrap();
        assert_eq!(after.applied(id), rows, "writes that were done to {id}");
    }
}

/// Every second colleague turns the star on or off, and each leaves how the referral was edited. Nobody else does.
fn the_colleagues_changes_are_still_there(before: &State, after: &State) {
    let mut stars_turned = 0;
    for (id, now) in &after.referrals {
        let was = &before.referrals[id];
        let is_turned = (now["favorite"] == true) != (was["favorite"] == true);
        let is_by_colleague = now["lastModifiedVia"] == "PartnerCenter";
        let is_as_before = now["lastModifiedVia"] == was["lastModifiedVia"];
        assert!(is_by_colleague || is_as_before && !is_turned, "{now}");
        stars_turned += u64::from(is_turned);
    }
    assert_eq!(stars_turned, after.trouble("changes_underneath") / 2);
}

fn the_report_tells_what_happened(sheet: &Sheet, before: &State, report: &str) {
    let lines: Vec<Value> = report.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), sheet.rows.len(), "each row is in the report, once");
    for (line, row) in lines.iter().zip(&sheet.rows) {
        assert_eq!(line["row"], row.number);
        assert_eq!(line["id"], *row.id);
        assert_eq!(line["outcome"], *row.outcome, "{line}");
        let is_well = ["applied", "unchanged"].contains(&row.outcome);
        let names_a_reason =
            line["reason"].is_string() || line["problems"].as_array().is_some_and(|all| !all.is_empty());
        assert!(is_well || names_a_reason, "{line}");
        if row.outcome == "applied" {
            the_changes_are_from_what_it_was(line, &before.referrals[&row.id]);
        }
    }
}

fn the_changes_are_from_what_it_was(line: &Value, before: &Value) {
    let changes = line["changes"].as_array().unwrap();
    assert!(!changes.is_empty(), "{line}");
    for change in changes {
        let path = change["path"].as_str().unwrap();
        let was = before.pointer(path).unwrap_or(&Value::Null);
        // What it was is not known to who has not looked.
        assert!(change["before"].is_null() || change["before"] == *was, "{path} was {was}: {line}");
    }
}

fn steady(referral: &Value) -> Value {
    let mut steady = referral.clone();
    for name in VOLATILE {
        steady.as_object_mut().unwrap().shift_remove(name);
    }
    steady
}
