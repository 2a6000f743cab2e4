//! `undo`: the service is as it was before, but for what others have changed.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::lab::{Lab, id, referral, rows};
use crate::wire::Answer;

const ANN: &str = r#"{"firstName":"Ann","lastName":"Example","phoneNumber":"1","email":"ann@contoso.com"}"#;

/// The writes of the run that is undone.
const WRITES: usize = 4;

/// Three referrals and a run that has changed them in several ways.
fn done() -> (Lab, Vec<Value>, String) {
    done_with(Lab::recorded)
}

fn done_with(listening: impl FnOnce(Lab) -> Lab) -> (Lab, Vec<Value>, String) {
    let person = ANN.replace('"', "\"\"");
    let cells = [
        (1, format!("one,6000,\"{person}\"")),
        (2, "two,,".to_owned()),
        (3, "three,7000,".to_owned()),
        (1, "once more,,".to_owned()),
    ];
    let sheet = rows("Notes,Deal value,team.add", cells.iter().map(|(number, cells)| (*number, cells.as_str())));
    let lab = listening(Lab::holding([referral(1), referral(2), referral(3)])).sheet("s.csv", sheet);
    let before = lab.referrals();
    lab.apply("s.csv").run().exits(0);
    assert_eq!(lab.writes().len(), WRITES);
    let run = lab.last_run();
    (lab, before, run)
}

/// The referrals without what every write changes.
fn bare(referrals: Vec<Value>) -> Vec<Value> {
    let bare = |mut referral: Value| {
        let members = referral.as_object_mut().unwrap();
        members.shift_remove("eTag");
        members.shift_remove("updatedDateTime");
        referral
    };
    referrals.into_iter().map(bare).collect()
}

#[test]
fn a_run_is_undone_and_undone_again_without_effect() {
    let (lab, before, run) = done();
    let writes = lab.writes().len();
    let ran = lab.refsheet(&format!("undo {run} --yes --report report.jsonl")).run().exits(0);
    assert_eq!(bare(lab.referrals()), bare(before));
    // One write for each referral, whatever the number of its fields.
    assert_eq!(lab.writes().len() - writes, 3);
    assert!(ran.out.contains("6  applied"), "{}", ran.out);
    let writes = lab.writes().len();
    lab.refsheet(&format!("undo {run} --yes --no-report")).run().exits(0);
    assert_eq!(lab.writes().len(), writes);
}

#[test]
fn what_has_been_edited_since_is_a_conflict_and_stays() {
    let (lab, _, run) = done();
    let patch = r#"[{"op":"replace","path":"/details/notes","value":"theirs"}]"#;
    crate::wire::patch(&lab.sandbox_authority(), &format!("/v1.0/engagements/referrals/{}", id(2)), patch);
    let ran = lab.refsheet(&format!("undo {run} --yes --report report.jsonl")).run().exits(1);
    assert!(ran.out.contains("5  applied") && ran.out.contains("1  conflict"), "{}", ran.out);
    assert_eq!(lab.referral(&id(2))["details"]["notes"], "theirs");
    assert_eq!(lab.referral(&id(3))["details"]["notes"], "old");
}

#[test]
fn a_list_that_others_have_added_to_is_not_put_back() {
    let (lab, _, run) = done();
    let ben = ANN.replace("nn", "en");
    let patch = format!(r#"[{{"op":"add","path":"/team/-","value":{ben}}}]"#);
    crate::wire::patch(&lab.sandbox_authority(), &format!("/v1.0/engagements/referrals/{}", id(1)), &patch);
    lab.refsheet(&format!("undo {run} --yes --no-report")).run().exits(1);
    assert_eq!(lab.referral(&id(1))["team"].as_array().unwrap().len(), 2);
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "old");
    assert_eq!(lab.referral(&id(3))["details"]["notes"], "old");
}

#[test]
fn an_undo_looks_even_if_the_run_did_not() {
    let lab = Lab::holding([referral(1)]).recorded().sheet("s.csv", rows("Notes", [(1, "mine")]));
    lab.apply("s.csv").run().exits(0);
    let run = lab.last_run();
    let patch = r#"[{"op":"replace","path":"/details/notes","value":"theirs"}]"#;
    crate::wire::patch(&lab.sandbox_authority(), &format!("/v1.0/engagements/referrals/{}", id(1)), patch);
    lab.refsheet(&format!("undo {run} --yes --no-report")).run().exits(1);
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "theirs");
    let ran = lab.apply("s.csv").args("--check none --json").run().exits(0);
    let summary: Value = serde_json::from_str(&ran.out).unwrap();
    let blind = summary["run"].as_str().unwrap();
    let ran = lab.refsheet(&format!("undo {blind} --yes --report report.jsonl")).run().exits(1);
    assert!(ran.report().contains("--check none"), "{}", ran.report());
}

#[test]
fn an_undo_can_be_looked_at_first() {
    let (lab, _, run) = done();
    let writes = lab.writes().len();
    let ran = lab.refsheet(&format!("undo {run} --plan --report report.jsonl")).run().exits(0);
    assert!(ran.out.contains("6  planned"), "{}", ran.out);
    assert_eq!(lab.writes().len(), writes);
}

#[test]
fn a_closed_referral_stays_closed_and_a_created_one_stays() {
    let sheet = format!(
        "id,action,Status,Substatus,Type,Customer name,Consent to contact,Deal value\n{},,Closed,Won,,,,\n,create,,,Independent,Contoso,No,2\n",
        id(1)
    );
    let lab = Lab::holding([referral(1)]).sheet("s.csv", sheet);
    lab.apply("s.csv").run().exits(0);
    let run = lab.last_run();
    let ran = lab.refsheet(&format!("undo {run} --yes --report report.jsonl")).run().exits(1);
    assert!(ran.out.contains("2  invalid"), "{}", ran.out);
    assert!(ran.report().contains("a closed referral cannot be opened again"), "{}", ran.report());
    assert!(ran.report().contains("the service has no way to delete one"), "{}", ran.report());
    assert_eq!(lab.referral(&id(1))["status"], "Closed");
}

#[test]
fn an_undo_that_was_cut_short_can_be_resumed() {
    let seen = AtomicUsize::new(0);
    let (lab, before, run) = done_with(|lab| {
        lab.answering(move |heard| {
            let is_turned_away = heard.method == "PATCH" && seen.fetch_add(1, Ordering::SeqCst) == WRITES + 1;
            is_turned_away.then(|| Answer::new(401, ""))
        })
    });
    lab.refsheet(&format!("undo {run} --yes --no-report")).run().exits(4);
    lab.refsheet("resume --report again.jsonl").run().exits(0);
    assert_eq!(bare(lab.referrals()), bare(before));
}

fn target(number: u32) -> String {
    format!("/v1.0/engagements/referrals/{}", id(number))
}

#[test]
fn a_status_that_cannot_go_back_does_not_keep_the_other_fields_from_it() {
    let mut new = referral(1);
    (new["status"], new["substatus"]) = ("New".into(), "Pending".into());
    let lab = Lab::holding([new]).sheet("s.csv", rows("Status,Substatus,Notes", [(1, "Active,Accepted,mine")]));
    lab.apply("s.csv").run().exits(0);
    let run = lab.last_run();
    let ran = lab.refsheet(&format!("undo {run} --yes --report report.jsonl")).run().exits(1);
    assert_eq!(ran.outcomes(), ["2 applied", "3 invalid"]);
    assert!(ran.report().contains("from New to Active, and the service knows no way back"), "{}", ran.report());
    assert_eq!(ran.rows[1]["what_to_do"], "there is nothing to correct: it stays as it is");
    assert_eq!(
        (&lab.referral(&id(1))["details"]["notes"], &lab.referral(&id(1))["status"]),
        (&"old".into(), &"Active".into())
    );
}

#[test]
fn what_the_run_added_before_somebody_else_did_stays_and_is_said() {
    let (ann, ben, cho) = (ANN, ANN.replace("nn", "en"), ANN.replace("nn", "cho"));
    let cells = [ann, &ben].map(|person| format!("\"{}\"", person.replace('"', "\"\"")));
    let sheet = rows("team.add", cells.iter().map(|cells| (1, cells.as_str())));
    let lab = Lab::holding([referral(1)]).sheet("s.csv", sheet);
    let (service, writes) = (lab.sandbox_authority(), AtomicUsize::new(0));
    let lab = lab.answering(move |heard| {
        if heard.method == "PATCH" && writes.fetch_add(1, Ordering::SeqCst) == 1 {
            crate::wire::patch(&service, &target(1), &format!(r#"[{{"op":"add","path":"/team/-","value":{cho}}}]"#));
        }
        None
    });
    lab.apply("s.csv").run().exits(0);
    let run = lab.last_run();
    let ran = lab.refsheet(&format!("undo {run} --yes --report report.jsonl")).run().exits(1);
    assert_eq!(ran.outcomes(), ["2 applied", "3 invalid"]);
    assert!(ran.report().contains("Team: `ann@contoso.com` stays in"), "{}", ran.report());
    let team = lab.referral(&id(1))["team"].clone();
    let addresses: Vec<&Value> = team.as_array().unwrap().iter().map(|person| &person["email"]).collect();
    assert_eq!(addresses, ["ann@contoso.com", "acho@contoso.com"].map(Value::from).iter().collect::<Vec<_>>());
}

#[test]
fn a_colleague_during_an_undo_holds_up_only_the_field_that_was_changed() {
    let lab = Lab::holding([referral(1)]).sheet("s.csv", rows("Notes,Deal value,Campaign ID", [(1, "mine,7,c")]));
    let (service, writes) = (lab.sandbox_authority(), AtomicUsize::new(0));
    let lab = lab.answering(move |heard| {
        if heard.method == "PATCH" && writes.fetch_add(1, Ordering::SeqCst) == 1 {
            crate::wire::patch(&service, &target(1), r#"[{"op":"replace","path":"/details/dealValue","value":9}]"#);
        }
        None
    });
    lab.apply("s.csv").run().exits(0);
    let run = lab.last_run();
    let ran = lab.refsheet(&format!("undo {run} --yes --report report.jsonl")).run().exits(1);
    assert_eq!(ran.outcomes(), ["2 applied", "3 conflict", "4 applied"]);
    assert!(ran.report().contains("Deal value: was 7, mine 5000, theirs 9"), "{}", ran.report());
    let now = lab.referral(&id(1));
    assert_eq!(
        (&now["details"]["notes"], &now["details"]["dealValue"], &now["campaignId"]),
        (&"old".into(), &9.into(), &Value::Null)
    );
}

#[test]
fn a_row_that_landed_before_a_colleagues_change_is_applied_and_what_is_still_ours_is_put_back() {
    let lab = Lab::holding([referral(1)]).sheet("s.csv", rows("Notes,Deal value", [(1, "mine,7")]));
    let (service, writes) = (lab.sandbox_authority(), AtomicUsize::new(0));
    let lab = lab.answering(move |heard| {
        (heard.method == "PATCH" && writes.fetch_add(1, Ordering::SeqCst) == 0).then(|| {
            crate::wire::patch(&service, &target(1), &heard.body);
            crate::wire::patch(&service, &target(1), r#"[{"op":"replace","path":"/details/dealValue","value":9}]"#);
            Answer::new(504, "")
        })
    });
    let ran = lab.apply("s.csv").run().exits(0);
    assert!(ran.report().contains("warning C2: somebody has changed it to 9 since"), "{}", ran.report());
    let run = lab.last_run();
    let ran = lab.refsheet(&format!("undo {run} --yes --report report.jsonl")).run().exits(1);
    assert_eq!(ran.outcomes(), ["2 applied", "3 conflict"]);
    let now = lab.referral(&id(1));
    assert_eq!((&now["details"]["notes"], &now["details"]["dealValue"]), (&"old".into(), &9.into()));
}

/// The service writes notes down in capitals, and its answer shows it.
#[test]
fn what_the_answer_shows_is_what_is_put_back() {
    let lab = Lab::holding([referral(1)]).sheet("s.csv", rows("Notes", [(1, "low")]));
    let service = lab.sandbox_authority();
    let lab = lab.answering(move |heard| {
        (heard.method == "PATCH" && heard.body.contains("low")).then(|| {
            crate::wire::patch(&service, &target(1), &heard.body.replace("low", "LOW"));
            Answer::new(200, crate::wire::get(&service, &target(1)).to_string())
        })
    });
    let ran = lab.apply("s.csv").run().exits(0);
    assert!(ran.report().contains(r#"Notes: "old" → "LOW""#), "{}", ran.report());
    let run = lab.last_run();
    lab.refsheet(&format!("undo {run} --yes --no-report")).run().exits(0);
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "old");
}

/// Three referrals, of which a run has changed the first, may have changed the second, and has not reached the third.
fn cut_short(has_landed: bool) -> (Lab, String) {
    let sheet = rows("Notes", [(1, "mine"), (2, "mine"), (3, "mine")]);
    let lab = Lab::holding([referral(1), referral(2), referral(3)]).sheet("s.csv", sheet);
    let (service, writes, is_gone) = (lab.sandbox_authority(), AtomicUsize::new(0), AtomicUsize::new(0));
    let lab = lab.answering(move |heard| {
        let number = writes.load(Ordering::SeqCst);
        if heard.method == "PATCH" {
            writes.store(number + 1, Ordering::SeqCst);
            if number == 1 {
                if has_landed {
                    crate::wire::patch(&service, &heard.target, &heard.body);
                }
                is_gone.store(1, Ordering::SeqCst);
                return Some(Answer::new(504, ""));
            }
        }
        // Whoever signs in again finds the service as it was.
        (is_gone.fetch_min(1, Ordering::SeqCst) == 1
            && heard.header("authorization").is_some_and(|token| !token.ends_with("again")))
        .then(|| Answer::new(401, ""))
    });
    lab.apply("s.csv").args("--concurrency 1").run().exits(4);
    let run = lab.last_run();
    (lab, run)
}

#[test]
fn an_unfinished_run_that_is_undone_is_finished_and_what_was_in_doubt_is_looked_up() {
    for has_landed in [true, false] {
        let (lab, run) = cut_short(has_landed);
        let ran = lab.refsheet(&format!("undo {run} --plan --no-report")).token(Some("again")).run();
        assert!(ran.err.contains("is not finished: 1 row was not reached and stays so"), "{}", ran.err);
        let ran = lab.refsheet(&format!("undo {run} --yes --report report.jsonl")).token(Some("again")).run().exits(0);
        assert!(ran.err.contains("undone, it counts as finished"), "{}", ran.err);
        assert_eq!(ran.outcomes(), ["2 applied", if has_landed { "3 applied" } else { "3 unchanged" }]);
        assert_eq!(bare(lab.referrals()), bare(vec![referral(1), referral(2), referral(3)]));
        let ran = lab.refsheet("resume").token(Some("again")).run().exits(0);
        assert!(ran.err.contains("no run is unfinished"), "{}", ran.err);
        // The sheet is a new one to a scheduler.
        let ran = lab.apply("s.csv").args("--resume").token(Some("again")).run().exits(0);
        assert_eq!(ran.count("applied"), 3);
    }
}

#[test]
fn a_second_undo_beside_an_unfinished_one_is_told_how_to_go_on() {
    let seen = AtomicUsize::new(0);
    let (lab, _, run) = done_with(|lab| {
        lab.answering(move |heard| {
            let is_turned_away = heard.method == "PATCH" && seen.fetch_add(1, Ordering::SeqCst) == WRITES + 1;
            is_turned_away.then(|| Answer::new(401, ""))
        })
    });
    lab.refsheet(&format!("undo {run} --yes --no-report")).run().exits(4);
    let ran = lab.refsheet(&format!("undo {run} --yes --no-report")).run().exits(6);
    assert!(ran.err.contains("an unfinished undo of this very run exists"), "{}", ran.err);
    assert!(ran.err.contains("then undo the run again") && !ran.err.contains("sheet again"), "{}", ran.err);
}
