//! Headings: understood, or nothing is sent.

use insta::assert_snapshot;

use crate::lab::{Lab, id, referral, rows};

fn lab(headings: &str, cells: &str) -> Lab {
    Lab::holding([referral(1)]).recorded().sheet("s.csv", rows(headings, [(1, cells)]))
}

#[test]
fn unknown_headings_are_all_listed_with_the_nearest_known_one_and_nothing_is_sent() {
    let lab = lab("Deal valeu,Betrag,Substatsu,# mine", "1,2,Won,x");
    let ran = lab.apply("s.csv").run();
    assert_snapshot!(ran.shown(), @r#"
    exit 3
    --- err
    error: the headings of `s.csv` are not understood
      column B: `Deal valeu` is not known; did you mean `Deal value`?
      column C: `Betrag` is not known
      column D: `Substatsu` is not known; did you mean `substatus`?
    hint: --map "Deal valeu=Deal value" or --ignore-column "Deal valeu"
    hint: --map "Betrag=details.notes" or --ignore-column "Betrag"
    hint: --map "Substatsu=substatus" or --ignore-column "Substatsu"
    hint: `refsheet fields` lists every heading
    "#);
    assert_eq!(lab.heard().len(), 0);
    assert_eq!(lab.files(), ["s.csv"]);
}

#[test]
fn two_columns_for_one_field_are_refused() {
    let lab = lab("Deal value,Estimated Deal Value*", "1,2");
    let ran = lab.apply("s.csv").run();
    assert_snapshot!(ran.shown(), @r#"
    exit 3
    --- err
    error: the headings of `s.csv` are not understood
      columns B (`Deal value`) and C (`Estimated Deal Value*`) are both for `Deal value`
    hint: --ignore-column "Estimated Deal Value*"
    hint: `refsheet fields` lists every heading
    "#);
    assert_eq!(lab.heard().len(), 0);
}

#[test]
fn a_sheet_without_ids_is_refused() {
    let lab = Lab::new().sheet("s.csv", "Notes,Deal value\nx,1\n");
    assert_snapshot!(lab.plan("s.csv").args("--offline").run().shown(), @r#"
    exit 3
    --- err
    error: the headings of `s.csv` are not understood
      no column is headed `id` (or `Referral ID`)
    hint: --map "your heading=id"
    hint: or find the referrals by something else: --match-by crm-id, engagement-id or name
    hint: `refsheet fields` lists every heading
    "#);
}

#[test]
fn a_heading_of_ones_own_can_be_mapped() {
    let lab = lab("Betrag in EUR", "12500");
    lab.apply("s.csv").arg("--map").arg("Betrag in EUR=details.dealValue").run().exits(0);
    assert_eq!(lab.referral(&id(1))["details"]["dealValue"], 12500);
}

#[test]
fn a_mapping_to_no_field_is_told_with_the_nearest_one() {
    let lab = lab("Betrag", "12500");
    assert_snapshot!(lab.apply("s.csv").args("--map Betrag=details.dealvaleu").run().shown(), @r"
    exit 3
    --- err
    error: the headings of `s.csv` are not understood
      `Betrag` is mapped to `details.dealvaleu`, which is not a field; did you mean `details.dealValue`?
    hint: `refsheet fields` lists every heading
    ");
}

#[test]
fn columns_can_be_left_alone_one_by_one_or_all_at_once() {
    let lab = lab("Owner,Region code,Notes", "Ann,EMEA,new");
    lab.apply("s.csv").arg("--ignore-column").arg("Owner").run().exits(3);
    lab.apply("s.csv").args("--ignore-column Owner --ignore-column").arg("Region code").run().exits(0);
    let ran = lab.apply("s.csv").args("--ignore-unknown-columns").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 unchanged"]);
}

#[test]
fn an_ignored_column_settles_two_columns_for_one_field() {
    let lab = lab("Deal value,Estimated Deal Value*", "1,2");
    lab.apply("s.csv").arg("--ignore-column").arg("Estimated Deal Value*").run().exits(0);
    assert_eq!(lab.referral(&id(1))["details"]["dealValue"], 1);
}
