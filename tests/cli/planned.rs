//! A plan that is looked at, thinned out and given to `apply`: exactly that, or nothing.

use std::path::Path;

use crate::lab::{Lab, id, referral, rows};
use crate::wire::patch;

/// A plan of changes of three referrals, two fields each, in `plan.xlsx`.
fn planned() -> Lab {
    let cells = [(1, "one,6000"), (2, "two,7000"), (3, "three,8000.50")];
    let lab = Lab::holding([referral(1), referral(2), referral(3)]);
    let lab = lab.recorded().sheet("s.csv", rows("Notes,Deal value", cells));
    lab.refsheet("plan s.csv --report plan.xlsx").run().exits(0);
    lab
}

/// The plan as CSV, with `x` in the skip column of these rows.
fn thinned_out(path: &Path, out: &[usize]) -> String {
    use refsheet::sheet::{Options, Source, Worksheet, open};
    let options = Options { worksheet: Some(Worksheet::Name("Plan".to_owned())), ..Options::default() };
    let sheet = open(&Source::File(path.to_owned()), &options, &|_| true).unwrap();
    let quoted = |text: String| format!("\"{}\"", text.replace('"', "\"\""));
    let skip = sheet.headings.iter().find(|heading| heading.text == "skip").unwrap().column;
    let mut lines = vec![sheet.headings.iter().map(|heading| heading.text.clone()).collect::<Vec<_>>().join(",")];
    for (at, row) in sheet.rows().unwrap().enumerate() {
        let row = row.unwrap().unwrap();
        let cells =
            (0..=sheet.headings.last().unwrap().column).map(|column| match column == skip && out.contains(&at) {
                true => "x".to_owned(),
                false => quoted(row.cell(column).to_string()),
            });
        lines.push(cells.collect::<Vec<_>>().join(","));
    }
    lines.join("\n")
}

fn change(lab: &Lab, number: u32, path: &str, value: &str) {
    let operations = format!(r#"[{{"op":"replace","path":"{path}","value":{value}}}]"#);
    patch(&lab.sandbox_authority(), &format!("/v1.0/engagements/referrals/{}", id(number)), &operations);
}

#[test]
fn a_plan_is_applied_as_it_is_with_one_write_for_each_referral() {
    let lab = planned();
    let ran = lab.apply("plan.xlsx").run().exits(0);
    assert_eq!((ran.count("applied"), lab.writes().len()), (6, 3), "{}", ran.report());
    let first = "2 applied\n    Notes: \"old\" → \"one\"\n3 applied\n    Deal value: 5000 → 6000\n";
    assert!(ran.report().starts_with(first), "{}", ran.report());
    assert!(lab.writes().iter().any(|write| write.header("if-match") == Some("\"1-0\"")));
    let again = lab.apply("plan.xlsx").run().exits(0);
    assert_eq!((again.count("unchanged"), lab.writes().len()), (6, 3), "{}", again.report());
}

#[test]
fn rows_that_are_marked_are_left_out() {
    let lab = planned();
    let lab = {
        let text = thinned_out(&lab.path("plan.xlsx"), &[0, 2, 3]);
        lab.sheet("thin.csv", text)
    };
    let ran = lab.apply("thin.csv").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 skipped", "3 applied", "4 skipped", "5 skipped", "6 applied", "7 applied"]);
    assert_eq!((lab.writes().len(), lab.referral(&id(2))), (2, referral(2)));
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "old");
}

#[test]
fn what_changed_underneath_is_merged_or_a_conflict_and_never_overwritten() {
    let lab = planned();
    change(&lab, 1, "/details/notes", r#""theirs""#);
    change(&lab, 2, "/salesStage", r#""80""#);
    let ran = lab.apply("plan.xlsx").run().exits(1);
    let expected = ["2 conflict", "3 applied", "4 applied", "5 applied", "6 applied", "7 applied"];
    assert_eq!(ran.outcomes(), expected, "{}", ran.report());
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "theirs");
    let second = lab.referral(&id(2));
    assert_eq!((&second["salesStage"], &second["details"]["notes"]), (&"80".into(), &"two".into()));
}

#[test]
fn with_on_conflict_report_only_the_very_versions_of_the_plan_are_changed() {
    let lab = planned();
    change(&lab, 2, "/salesStage", r#""80""#);
    let ran = lab.apply("plan.xlsx").args("--on-conflict report").run().exits(1);
    assert_eq!((ran.count("conflict"), ran.count("applied")), (2, 4), "{}", ran.report());
}

#[test]
fn a_plan_for_another_service_is_refused() {
    let lab = planned();
    let ran = lab.apply("plan.xlsx").args("--sandbox").run().exits(3);
    assert!(ran.err.contains("was made for another service"), "{}", ran.err);
    assert!(lab.writes().is_empty());
}

#[test]
fn what_cannot_be_sent_is_in_the_plan_with_its_reason_and_is_not_sent() {
    let lab =
        Lab::holding([referral(1)]).recorded().sheet("s.csv", rows("Notes,Deal value", [(1, "x,1.2.3"), (1, "y,")]));
    lab.refsheet("plan s.csv --report plan.xlsx").run().exits(1);
    let ran = lab.apply("plan.xlsx").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 skipped", "3 applied"], "{}", ran.report());
}

#[test]
fn new_referrals_and_people_go_through_a_plan() {
    let text = format!(
        "id,action,Type,Customer name,Consent to contact,Deal value,Team member 1\n{},,,,,,\"Ann, Example, 1, ann@contoso.com\"\n,create,Independent,Contoso,No,2.50,\n",
        id(1)
    );
    let lab = Lab::holding([referral(1)]).recorded().sheet("s.csv", text);
    lab.refsheet("plan s.csv --report plan.xlsx").run().exits(0);
    let ran = lab.apply("plan.xlsx").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 applied", "3 applied"], "{}", ran.report());
    assert_eq!(lab.referral(&id(1))["team"][0]["email"], "ann@contoso.com");
    assert_eq!(lab.referrals().len(), 2);
}

/// The plan as CSV, with other cells: row from 0, heading, text.
fn damaged(path: &Path, cells: &[(usize, &str, &str)]) -> String {
    let csv = thinned_out(path, &[]);
    let mut lines = csv.lines();
    let headings: Vec<&str> = lines.next().unwrap().split(',').collect();
    let lines = lines.enumerate().map(|(at, line)| {
        let mut row: Vec<String> = line[1..line.len() - 1].split("\",\"").map(str::to_owned).collect();
        for (_, heading, text) in cells.iter().filter(|(row, ..)| *row == at) {
            let column = headings.iter().position(|there| there == heading).unwrap();
            (*text).clone_into(&mut row[column]);
        }
        format!("\"{}\"", row.join("\",\""))
    });
    std::iter::once(headings.join(",")).chain(lines).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_row_without_its_guards_is_invalid() {
    let lab = planned();
    let text = damaged(&lab.path("plan.xlsx"), &[(0, "current (JSON)", ""), (3, "eTag", "")]);
    let lab = lab.sheet("damaged.csv", text);
    change(&lab, 1, "/details/notes", r#""theirs""#);
    let ran = lab.apply("damaged.csv").run().exits(1);
    let expected = ["2 invalid", "3 applied", "4 applied", "5 invalid", "6 applied", "7 applied"];
    assert_eq!(ran.outcomes(), expected, "{}", ran.report());
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "theirs");
}

#[test]
fn a_plan_that_has_read_nothing_says_so_and_can_be_applied() {
    let lab = Lab::holding([referral(1)]).recorded().sheet("s.csv", rows("Notes", [(1, "one")]));
    lab.refsheet("plan s.csv --offline --report plan.xlsx").run().exits(0);
    assert_eq!(lab.apply("plan.xlsx").run().exits(0).outcomes(), ["2 applied"]);
}

#[test]
fn a_new_value_that_was_edited_by_hand_is_not_ignored() {
    let lab = planned();
    let text = damaged(&lab.path("plan.xlsx"), &[(0, "New value", "by hand"), (5, "New value", "8000.5")]);
    let lab = lab.sheet("edited.csv", text);
    let ran = lab.apply("edited.csv").run().exits(1);
    let expected = ["2 invalid", "3 applied", "4 applied", "5 applied", "6 applied", "7 invalid"];
    assert_eq!(ran.outcomes(), expected, "{}", ran.report());
    assert!(ran.report().contains("`by hand` is not what was planned, which is `one`"), "{}", ran.report());
}

#[test]
fn a_row_that_is_there_twice_is_sent_once() {
    let lab = planned();
    let text = damaged(&lab.path("plan.xlsx"), &[]);
    let row = |number: usize| text.lines().nth(number).unwrap().to_owned();
    let twice = [row(0), row(1), row(2), row(1), row(2)].join("\n");
    let lab = lab.sheet("twice.csv", twice);
    let ran = lab.apply("twice.csv").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 applied", "3 applied", "4 unchanged", "5 unchanged"], "{}", ran.report());
    assert!(ran.report().contains("row 2 asks for the very same"), "{}", ran.report());
    let bodies: Vec<String> = lab.writes().iter().map(|write| write.body.clone()).collect();
    assert_eq!(bodies.len(), 1);
    assert_eq!(bodies[0].matches("\"op\"").count(), 2, "{bodies:?}");
}

#[test]
fn rows_that_want_one_field_to_be_two_things_are_invalid() {
    let lab = planned();
    let text = damaged(&lab.path("plan.xlsx"), &[]);
    let row = |number: usize| text.lines().nth(number).unwrap().to_owned();
    let twice = [row(0), row(1), row(1).replace("one", "two"), row(2)].join("\n");
    let lab = lab.sheet("twice.csv", twice);
    let ran = lab.apply("twice.csv").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 invalid", "3 invalid", "4 applied"], "{}", ran.report());
}

#[test]
fn a_report_given_back_is_its_rows_to_fix() {
    let lab =
        Lab::holding([referral(1), referral(2)]).recorded().sheet("s.csv", rows("Deal value", [(1, "lots"), (2, "7")]));
    lab.refsheet("apply s.csv --yes --report first.xlsx").run().exits(1);
    let ran = lab.apply("first.xlsx").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 invalid"], "{}", ran.report());
}

#[test]
fn half_a_status_pair_is_invalid_alone() {
    let lab = Lab::holding([referral(1)]).sheet("s.csv", rows("Status,Substatus,Notes", [(1, "Closed,Won,mine")]));
    lab.refsheet("plan s.csv --report plan.xlsx").run().exits(0);
    let text = thinned_out(&lab.path("plan.xlsx"), &[1]);
    let lab = lab.sheet("thin.csv", text);
    let ran = lab.apply("thin.csv").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 invalid", "3 skipped", "4 applied"], "{}", ran.report());
    assert_eq!(
        (&lab.referral(&id(1))["details"]["notes"], &lab.referral(&id(1))["status"]),
        (&"mine".into(), &"Active".into())
    );
}

#[test]
fn what_a_plan_only_adds_is_added_whatever_else_was_changed() {
    let sheet = rows("Team member 1", [(1, "\"Ann, Example, 1, ann@contoso.com\"")]);
    let lab = Lab::holding([referral(1)]).sheet("s.csv", sheet);
    lab.refsheet("plan s.csv --report plan.xlsx").run().exits(0);
    change(&lab, 1, "/salesStage", r#""80""#);
    let ran = lab.apply("plan.xlsx").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 applied"], "{}", ran.report());
    assert_eq!(
        (&lab.referral(&id(1))["salesStage"], &lab.referral(&id(1))["team"][0]["email"]),
        (&"80".into(), &"ann@contoso.com".into())
    );
}
