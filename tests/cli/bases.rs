//! Sheets with a base: only what was edited is a change, and it is merged by field.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::lab::{Lab, id, referral, rows};
use crate::wire::Answer;

const HEADINGS: &str = "Notes,Deal value,Closing date,eTag";

/// Two referrals, a base with their values, and a sheet that differs from it in the cells given.
fn lab(sheet: [&str; 2]) -> Lab {
    let base = ["old,5000,2026-12-01,\"\"\"1-0\"\"\"", "old,5000,2026-12-01,\"\"\"2-0\"\"\""];
    let numbered = |cells: [&'static str; 2]| [(1, cells[0]), (2, cells[1])];
    let base = rows(HEADINGS, numbered(base));
    let sheet = rows(HEADINGS, [(1, sheet[0]), (2, sheet[1])]);
    Lab::holding([referral(1), referral(2)]).recorded().sheet("base.csv", base).sheet("s.csv", sheet)
}

fn change(lab: &Lab, pointer: &str, value: &str) {
    let patch = format!(r#"[{{"op":"replace","path":"{pointer}","value":{value}}}]"#);
    crate::wire::patch(&lab.sandbox_authority(), &format!("/v1.0/engagements/referrals/{}", id(1)), &patch);
}

#[test]
fn only_edited_cells_are_sent() {
    let lab = lab(["new,5000,2026-12-01,1-0", "old,6000.00,2026-12-01,2-0"]);
    lab.apply("s.csv").args("--base base.csv").run().exits(0);
    let bodies: Vec<String> = lab.writes().iter().map(|write| write.body.clone()).collect();
    assert_eq!(bodies.len(), 2);
    assert!(bodies.contains(&r#"[{"op":"replace","path":"/details/notes","value":"new"}]"#.to_owned()), "{bodies:?}");
    let amount = r#"[{"op":"replace","path":"/details/dealValue","value":6000.00}]"#.to_owned();
    assert!(bodies.contains(&amount), "{bodies:?}");
}

#[test]
fn a_cell_that_only_looks_different_is_no_edit() {
    let lab = lab(["old,5000.00,2026/12/01,1-0", "old,\"5,000.0\",2026-12-01T00:00:00Z,2-0"]);
    let ran = lab.apply("s.csv").args("--base base.csv").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 unchanged", "3 unchanged"]);
    assert!(lab.heard().is_empty());
}

#[test]
fn what_a_colleague_changed_elsewhere_stays_whatever_the_etag_says() {
    let lab = lab(["new,5000,2026-12-01,1-0", "old,5000,2026-12-01,2-0"]);
    change(&lab, "/details/dealValue", "7000");
    lab.apply("s.csv").args("--base base.csv").run().exits(0);
    let after = lab.referral(&id(1));
    assert_eq!((&after["details"]["notes"], &after["details"]["dealValue"]), (&"new".into(), &7000.into()));
}

#[test]
fn a_field_that_both_changed_is_a_conflict_with_base_mine_and_theirs() {
    let lab = lab(["new,6000,2026-12-01,1-0", "new,5000,2026-12-01,2-0"]);
    change(&lab, "/details/notes", r#""theirs""#);
    let ran = lab.apply("s.csv").args("--base base.csv").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 conflict", "3 applied"]);
    assert!(ran.report().contains(r#"Notes: was "old", mine "new", theirs "theirs""#), "{}", ran.report());
    assert_eq!(lab.referral(&id(1))["details"]["dealValue"], 5000);
}

#[test]
fn with_on_conflict_report_a_stale_etag_is_a_conflict_all_the_same() {
    let lab = lab(["new,5000,2026-12-01,1-0", "old,5000,2026-12-01,2-0"]);
    change(&lab, "/details/dealValue", "7000");
    let ran = lab.apply("s.csv").args("--base base.csv --on-conflict report").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 conflict", "3 unchanged"]);
}

#[test]
fn an_emptied_cell_and_an_unknown_row_are_told() {
    let lab = lab([",5000,2026-12-01,1-0", "old,5000,2026-12-01,2-0"]);
    let base = rows(HEADINGS, [(1, "old,5000,2026-12-01,1-0")]);
    let ran = lab.sheet("base.csv", base).apply("s.csv").args("--base base.csv --check none").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 unchanged", "3 applied"]);
    let report = ran.report();
    assert!(report.contains("warning B2: the cell has been emptied, which changes nothing"), "{report}");
    assert!(report.contains("warning : the base has no row for this referral"), "{report}");
}

#[test]
fn a_resumed_run_knows_the_base_still() {
    let lab = lab(["new,5000,2026-12-01,", "newer,5000,2026-12-01,"]);
    // The second write is turned away.
    let writes = AtomicU32::new(0);
    let lab = lab.answering(move |heard| {
        let is_turned_away = heard.method == "PATCH" && writes.fetch_add(1, Ordering::SeqCst) == 1;
        is_turned_away.then(|| Answer::new(401, ""))
    });
    lab.apply("s.csv").args("--base base.csv --concurrency 1").run().exits(4);
    lab.refsheet("resume --report again.jsonl").run().exits(0);
    let last = lab.writes().pop().unwrap();
    assert_eq!(last.body, r#"[{"op":"replace","path":"/details/notes","value":"newer"}]"#);
}

#[test]
fn a_base_that_is_not_one_is_refused_before_anything_is_asked() {
    let lab = lab(["new,5000,2026-12-01,", "newer,5000,2026-12-01,"]);
    lab.apply("s.csv").args("--base nothing.csv").run().exits(3);
    let twice = rows("Notes", [(1, "a"), (1, "b")]);
    let lab = lab.sheet("twice.csv", twice);
    let ran = lab.apply("s.csv").args("--base twice.csv").run().exits(3);
    assert!(ran.err.contains("has several rows for"), "{}", ran.err);
    assert!(lab.heard().is_empty());
}

#[test]
fn a_base_is_read_in_its_own_way() {
    let base = rows("Closing date,Deal value", [(1, "04/03/2027,5000"), (2, "25/03/2027,5000")]);
    let sheet = rows("Closing date,Deal value", [(1, "2027-03-04,5000"), (2, "2027-03-25,6000")]);
    let lab = Lab::holding([referral(1), referral(2)]).recorded().sheet("base.csv", base).sheet("s.csv", sheet);
    let ran = lab.plan("s.csv").args("--base base.csv --offline").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 unchanged", "3 planned"], "{}", ran.report());
}

#[test]
fn an_ambiguous_cell_of_the_base_is_asked_about() {
    let lab = Lab::new()
        .sheet("base.csv", rows("Deal value", [(1, "\"1,234\"")]))
        .sheet("s.csv", rows("Deal value", [(1, "1234")]));
    let ran = lab.plan("s.csv").args("--base base.csv --offline").run().exits(1);
    assert!(ran.out.contains("in the base, `1,234` can be read in two ways"), "{}", ran.out);
    lab.plan("s.csv").args("--base base.csv --offline --decimal point").run().exits(0);
}

#[test]
fn a_base_of_other_referrals_is_refused() {
    let lab = Lab::new().sheet("base.csv", rows("Notes", [(7, "a")])).sheet("s.csv", rows("Notes", [(1, "b")]));
    let ran = lab.plan("s.csv").args("--base base.csv --offline").run().exits(3);
    assert!(ran.err.contains("no row of `s.csv` is in the base, `base.csv`"), "{}", ran.err);
}
