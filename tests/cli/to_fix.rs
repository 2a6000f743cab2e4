//! The rows to fix of a report, given back: what was edited is done, and nobody's work is overwritten or done twice.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::lab::{Lab, id, referral, rows};
use crate::wire::Answer;

fn change(lab: &Lab, number: u32, pointer: &str, value: &str) {
    let patch = format!(r#"[{{"op":"replace","path":"{pointer}","value":{value}}}]"#);
    crate::wire::patch(&lab.sandbox_authority(), &format!("/v1.0/engagements/referrals/{}", id(number)), &patch);
}

/// Writes other texts into the cells of a workbook that say these.
fn corrected(from: &Path, to: &Path, texts: &[(&str, &str)]) {
    let mut book = zip::ZipArchive::new(std::fs::File::open(from).unwrap()).unwrap();
    let mut copy = zip::ZipWriter::new(std::fs::File::create(to).unwrap());
    for index in 0..book.len() {
        let mut part = book.by_index(index).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        for (was, is) in texts {
            text = text.replace(&format!("<t>{was}</t>"), &format!("<t>{is}</t>"));
        }
        copy.start_file(part.name().unwrap().to_string(), zip::write::SimpleFileOptions::default()).unwrap();
        copy.write_all(text.as_bytes()).unwrap();
    }
    copy.finish().unwrap();
}

#[test]
fn what_nobody_edited_does_not_come_back_as_a_change() {
    let mut first = referral(1);
    first["externalReferenceId"] = "OURS".into();
    let lab = Lab::holding([first]);
    let base = rows("Notes,CRM ID", [(1, "old,OURS")]);
    let lab = lab.sheet("base.csv", base).sheet("s.csv", rows("Notes,CRM ID", [(1, "mine,OURS")]));
    change(&lab, 1, "/details/notes", r#""theirs""#);
    change(&lab, 1, "/externalReferenceId", r#""THEIRS""#);
    lab.refsheet("apply s.csv --base base.csv --yes --report first.xlsx").run().exits(1);
    let ran = lab.apply("first.xlsx").run().exits(0);
    assert_eq!(ran.report(), "2 applied\n    Notes: \"theirs\" → \"mine\"\n");
    assert_eq!(lab.referral(&id(1))["externalReferenceId"], "THEIRS");
}

#[test]
fn what_was_matched_by_a_crm_id_comes_back_by_its_id_and_leaves_the_crm_id_alone() {
    let mut first = referral(1);
    first["externalReferenceId"] = "OURS".into();
    let lab = Lab::holding([first])
        .sheet("base.csv", "id,CRM ID,Notes\n,OURS,old\n")
        .sheet("s.csv", "id,CRM ID,Notes\n,OURS,mine\n");
    change(&lab, 1, "/details/notes", r#""theirs""#);
    lab.refsheet("apply s.csv --base base.csv --match-by crm-id --yes --report first.xlsx").run().exits(1);
    change(&lab, 1, "/externalReferenceId", r#""THEIRS""#);
    let ran = lab.apply("first.xlsx").args("--match-by crm-id").run().exits(0);
    assert_eq!(ran.report(), "2 applied\n    Notes: \"theirs\" → \"mine\"\n");
}

#[test]
fn a_conflict_that_has_been_seen_is_one_again_when_somebody_has_changed_it_since() {
    for base in ["", "--base base.csv"] {
        let is_theirs = AtomicBool::new(false);
        let lab = Lab::holding([referral(1)]);
        let service = lab.sandbox_authority();
        let path = format!("/v1.0/engagements/referrals/{}", id(1));
        let lab = lab.answering(move |heard| {
            if heard.method == "PATCH" && !is_theirs.swap(true, Ordering::SeqCst) {
                let operations = r#"[{"op":"replace","path":"/details/notes","value":"theirs"}]"#;
                crate::wire::patch(&service, &path, operations);
            }
            None
        });
        let lab = lab.sheet("base.csv", rows("Notes", [(1, "old")])).sheet("s.csv", rows("Notes", [(1, "mine")]));
        lab.refsheet(&format!("apply s.csv {base} --yes --report first.xlsx")).run().exits(1);
        change(&lab, 1, "/details/notes", r#""theirs again""#);
        lab.refsheet("apply first.xlsx --yes --report second.xlsx").run().exits(1);
        assert_eq!(lab.referral(&id(1))["details"]["notes"], "theirs again", "{base}");
        // Now that one has been seen, and nobody has changed it since.
        lab.refsheet("apply second.xlsx --yes --report third.xlsx").run().exits(0);
        assert_eq!(lab.referral(&id(1))["details"]["notes"], "mine", "{base}");
    }
}

#[test]
fn an_invalid_row_that_has_been_corrected_is_merged_with_what_others_did() {
    let headings = "Notes,Deal value,Closing date";
    let same = "old,5000,2026-12-01";
    let lab = Lab::holding([referral(1), referral(2), referral(3)])
        .sheet("base.csv", rows(headings, [(1, same), (2, same), (3, same)]))
        .sheet(
            "s.csv",
            rows(headings, [(1, "old,lots,2026-12-01"), (2, "old,many,2026-12-01"), (3, "mine,few,2026-12-01")]),
        );
    lab.refsheet("apply s.csv --base base.csv --yes --report first.xlsx").run().exits(1);
    change(&lab, 1, "/details/notes", r#""theirs""#);
    change(&lab, 2, "/details/dealValue", "31337");
    change(&lab, 3, "/details/closingDateTime", r#""2027-01-01T00:00:00Z""#);
    let texts = [("lots", "99"), ("many", "99"), ("few", "99")];
    corrected(&lab.path("first.xlsx"), &lab.path("fixed.xlsx"), &texts);
    let ran = lab.apply("fixed.xlsx").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 applied", "3 conflict", "4 applied"], "{}", ran.report());
    assert!(ran.report().contains("Deal value: was 5000, mine 99, theirs 31337"), "{}", ran.report());
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "theirs");
    let third = lab.referral(&id(3));
    assert_eq!(third["details"]["closingDateTime"], "2027-01-01T00:00:00Z");
    assert_eq!((&third["details"]["notes"], &third["details"]["dealValue"]), (&"mine".into(), &99.into()));
}

#[test]
fn several_rows_of_one_referral_keep_their_bases() {
    let lab = Lab::holding([referral(1)])
        .sheet("base.csv", rows("Notes,Deal value", [(1, "old,5000")]))
        .sheet("s.csv", rows("Notes,Deal value", [(1, "mine,5000"), (1, "old,lots")]));
    change(&lab, 1, "/details/notes", r#""theirs""#);
    lab.refsheet("apply s.csv --base base.csv --yes --report first.xlsx").run().exits(1);
    corrected(&lab.path("first.xlsx"), &lab.path("fixed.xlsx"), &[("lots", "99")]);
    let ran = lab.apply("fixed.xlsx").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 applied", "3 applied"], "{}", ran.report());
}

const CREATES: &str = "id,action,CRM ID,Deal name,Type,Customer name,Consent to contact,Deal value\n\
                       ,create,Q1,one,Independent,Contoso,No,2.50\n\
                       ,create,,two,Independent,Contoso,No,lots\n";

#[test]
fn a_create_in_doubt_is_not_offered_to_be_done_again() {
    let lab = Lab::holding([referral(1)]);
    let service = lab.sandbox_authority();
    let (is_lost, is_over) = (AtomicBool::new(false), std::sync::Arc::new(AtomicBool::new(false)));
    let over = std::sync::Arc::clone(&is_over);
    let lab = lab.sheet("s.csv", CREATES).answering(move |heard| {
        if over.load(Ordering::SeqCst) {
            return None;
        }
        if heard.method == "POST" {
            crate::wire::post(&service, &heard.target, &heard.body);
            is_lost.store(true, Ordering::SeqCst);
            return Some(Answer::new(504, ""));
        }
        is_lost.load(Ordering::SeqCst).then(|| Answer::new(400, ""))
    });
    let first = lab.refsheet("apply s.csv --yes --report first.xlsx").run().exits(1);
    assert!(first.out.contains("1  in doubt"), "{}", first.out);
    is_over.store(true, Ordering::SeqCst);
    let ran = lab.apply("first.xlsx").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 invalid"], "{}", ran.report());
    assert!(ran.err.contains("1 row of the run"), "{}", ran.err);
    assert_eq!(lab.referrals().len(), 2);
}

#[test]
fn what_an_unfinished_run_would_do_itself_is_not_done_by_its_report() {
    let lab = Lab::holding([referral(1), referral(2)]);
    let lab = lab.answering(|heard| (heard.method == "PATCH").then(|| Answer::new(401, "")));
    let lab = lab.sheet("s.csv", rows("Notes", [(1, "one"), (2, "two")]));
    lab.refsheet("apply s.csv --yes --report first.xlsx").run().exits(4);
    let ran = lab.apply("first.xlsx").run().exits(6);
    assert!(ran.err.contains("is not finished, 2 rows to go, and would do them again"), "{}", ran.err);
    let run = lab.last_run();
    lab.refsheet(&format!("runs prune {run}")).run().exits(0);
    assert_eq!(lab.apply("first.xlsx").run().exits(4).rows.len(), 2);
}
