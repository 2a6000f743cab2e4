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
