//! Whose change wins: ours, a colleague's, or neither until somebody has looked.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use insta::assert_snapshot;
use serde_json::Value;

use crate::lab::{Lab, id, referral, rows};
use crate::wire::Answer;

/// A colleague changes referral 1 after it was read and before our first write arrives.
fn with_a_colleague(patch: &'static str) -> Lab {
    let lab = Lab::holding([referral(1), referral(2)]);
    let service = lab.sandbox_authority();
    let has_been = AtomicBool::new(false);
    lab.answering(move |heard| {
        if heard.method == "PATCH" && !has_been.swap(true, Ordering::SeqCst) {
            crate::wire::patch(&service, &format!("/v1.0/engagements/referrals/{}", id(1)), patch);
        }
        None
    })
}

#[test]
fn a_stale_etag_column_is_a_conflict_and_the_other_rows_are_applied() {
    let text = rows("Notes,eTag", [(1, "new,\"\"\"1-0\"\"\""), (2, "new,\"\"\"old\"\"\"")]);
    let lab = Lab::holding([referral(1), referral(2)]).recorded().sheet("s.csv", text);
    let ran = lab.apply("s.csv").run();
    assert_snapshot!(ran.shown(), @r#"
    exit 1
    --- out
    2 rows in s.csv
           1  applied
           1  conflict

      conflict    row 3: the referral has changed since the sheet was made (its eTag was "old"); look at both values and decide: on the sheet `To fix` take the row out to keep theirs, or apply it to set yours

    3 requests (2 reads, 1 write) in <time>
    report: report.jsonl
    --- report
    2 applied
        Notes: "old" → "new"
    3 conflict
        Notes: "old" → "new"
        the referral has changed since the sheet was made (its eTag was "old")
    "#);
    assert_eq!(lab.writes().len(), 1);
    assert_eq!(lab.referral(&id(2)), referral(2));
}

#[test]
fn what_a_colleague_changed_elsewhere_in_the_referral_stays() {
    let lab = with_a_colleague(r#"[{"op":"replace","path":"/salesStage","value":"80"}]"#);
    let lab = lab.sheet("s.csv", rows("Notes", [(1, "new")]));
    let ran = lab.apply("s.csv").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 applied"]);
    let after = lab.referral(&id(1));
    assert_eq!((&after["details"]["notes"], &after["salesStage"]), (&Value::from("new"), &Value::from("80")));
}

#[test]
fn a_field_that_both_changed_is_a_conflict_with_all_three_values() {
    let lab = with_a_colleague(r#"[{"op":"replace","path":"/details/notes","value":"theirs"}]"#);
    let lab = lab.sheet("s.csv", rows("Notes", [(1, "mine")]));
    let ran = lab.apply("s.csv").run();
    assert_snapshot!(ran.shown(), @r#"
    exit 1
    --- out
    1 row in s.csv
           1  conflict

      conflict    row 2: Notes was "old", the sheet says "mine", it is now "theirs"

    3 requests (2 reads, 1 write) in <time>
    report: report.jsonl
    --- report
    2 conflict
        Notes: "old" → "mine"
        Notes: was "old", mine "mine", theirs "theirs"
    "#);
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "theirs");
}

#[test]
fn who_wants_no_merging_gets_a_conflict() {
    let lab = with_a_colleague(r#"[{"op":"replace","path":"/salesStage","value":"80"}]"#);
    let lab = lab.sheet("s.csv", rows("Notes", [(1, "new")]));
    let ran = lab.apply("s.csv").args("--on-conflict report").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 conflict"]);
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "old");
}

/// A later row about a referral finds what the earlier one left, also when both were on one page of the list.
#[test]
fn a_later_row_of_a_referral_is_compared_with_what_the_earlier_one_left() {
    let notes = [(1, "first"), (2, "x"), (3, "x"), (1, "second"), (1, "old")];
    let lab = Lab::holding([referral(1), referral(2), referral(3)]).sheet("s.csv", rows("Notes", notes));
    let ran = lab.apply("s.csv").args("--concurrency 1").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 applied", "3 applied", "4 applied", "5 applied", "6 applied"]);
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "old");
}

/// The reply to a write is lost: it is looked up, and not sent again.
#[test]
fn a_lost_reply_is_looked_up_before_anything_is_sent_again() {
    let lab = Lab::holding([referral(1)]);
    let service = lab.sandbox_authority();
    let lab = lab.answering(move |heard| {
        if heard.method != "PATCH" {
            return None;
        }
        crate::wire::patch(&service, &heard.target, &heard.body);
        Some(Answer::new(504, ""))
    });
    let text = "id,team.add.firstName,team.add.lastName,team.add.phoneNumber,team.add.email\n\
                00000000-0000-4000-8000-000000000001,Ann,Example,5550100,ann@contoso.com\n";
    let lab = lab.sheet("s.csv", text);
    let ran = lab.apply("s.csv").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 applied"]);
    assert_eq!(lab.writes().len(), 1);
    assert_eq!(lab.referral(&id(1))["team"].as_array().unwrap().len(), 1);
}

#[test]
fn what_the_run_itself_did_to_a_referral_is_no_conflict_however_far_apart_its_rows_are() {
    let numbers = (1..=400).chain([1]).enumerate();
    let cells: Vec<(u32, String)> =
        numbers.map(|(at, number)| (number, format!("{at},\"\"\"{number}-0\"\"\""))).collect();
    let sheet = rows("Notes,eTag", cells.iter().map(|(number, cells)| (*number, cells.as_str())));
    let lab = Lab::holding((1..=400).map(referral)).sheet("s.csv", sheet);
    let ran = lab.apply("s.csv").args("--via put --concurrency 64").run().exits(0);
    assert_eq!(ran.count("applied"), 401);
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "400");
}

#[test]
fn what_the_run_itself_did_before_it_was_cut_short_is_no_conflict_either() {
    for theirs in [None, Some(r#"[{"op":"replace","path":"/salesStage","value":"80"}]"#)] {
        let writes = AtomicUsize::new(0);
        let cells = ["one", "two", "three"].map(|notes| format!("{notes},\"\"\"1-0\"\"\""));
        let sheet = rows("Notes,eTag", cells.iter().map(|cells| (1, cells.as_str())));
        let lab = Lab::holding([referral(1)]).sheet("s.csv", sheet).answering(move |heard| {
            let is_turned_away = heard.method == "PATCH" && writes.fetch_add(1, Ordering::SeqCst) == 1;
            is_turned_away.then(|| Answer::new(401, ""))
        });
        lab.apply("s.csv").run().exits(4);
        if let Some(patch) = theirs {
            crate::wire::patch(&lab.sandbox_authority(), &format!("/v1.0/engagements/referrals/{}", id(1)), patch);
        }
        let ran = lab.refsheet("resume").run();
        let (exit, ends) = match theirs {
            None => (0, ["2 applied", "3 applied", "4 applied"]),
            Some(_) => (1, ["2 applied", "3 conflict", "4 conflict"]),
        };
        assert_eq!(ran.exits(exit).outcomes(), ends);
    }
}
