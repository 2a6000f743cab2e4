//! The limits of a profile: what is more than they allow is not sent at all.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::lab::{Lab, id, referral, rows};

fn lab(limits: &str) -> Lab {
    let cells = [(1, "Closed,Won,5000"), (2, "Closed,Lost,9000"), (3, "Active,Accepted,5000")];
    let sheet = rows("Status,Substatus,Deal value", cells);
    Lab::holding([referral(1), referral(2), referral(3)])
        .recorded()
        .sheet("s.csv", sheet)
        .sheet("c.toml", format!("[profile.default]\n{limits}\n"))
}

#[test]
fn a_run_beyond_a_limit_sends_nothing_and_says_by_how_much() {
    for (limits, why) in [
        ("max_rows = 1", "rows: 2, and max_rows is 1"),
        ("max_closed = 1", "closed: 2, and max_closed is 1"),
        ("max_value_change = 3999.5", "deal values: 4000 USD changed, and max_value_change is 3999.5"),
    ] {
        let lab = lab(limits);
        for options in ["", "--check none"] {
            let ran = lab.apply("s.csv").args("--config c.toml").args(options).run().exits(5);
            assert!(ran.err.contains(why), "{options} {}", ran.err);
            assert!(lab.writes().is_empty());
            assert!(lab.refsheet("runs --json").run().out.contains("[]"));
        }
    }
}

#[test]
fn a_run_within_its_limits_is_sent() {
    let lab = lab("max_rows = 2\nmax_closed = 2\nmax_value_change = 4000");
    lab.apply("s.csv").args("--config c.toml").run().exits(0);
    assert_eq!(lab.writes().len(), 2);
}

/// Two referrals, the first to be changed and the second as it shall be already. A colleague changes both once each
/// has been looked at, before anything is sent.
fn shown_and_then_changed(headings: &str, cells: [(u32, &str); 2], theirs: &'static str) -> Lab {
    let lab = Lab::holding([referral(1), referral(2)]).sheet("s.csv", rows(headings, cells));
    let (service, reads) = (lab.sandbox_authority(), AtomicUsize::new(0));
    lab.sheet("c.toml", "[profile.default]\nmax_value_change = 100\n").answering(move |heard| {
        if heard.method == "GET" && reads.fetch_add(1, Ordering::SeqCst) == 2 {
            for number in [1, 2] {
                crate::wire::patch(&service, &format!("/v1.0/engagements/referrals/{}", id(number)), theirs);
            }
        }
        None
    })
}

#[test]
fn what_others_change_after_it_was_shown_is_not_overwritten() {
    let theirs = r#"[{"op":"replace","path":"/details/dealValue","value":9999999}]"#;
    let lab = shown_and_then_changed("Deal value", [(1, "5050"), (2, "5000")], theirs);
    let ran = lab.apply("s.csv").args("--config c.toml").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 conflict", "3 unchanged"]);
    assert!(ran.report().contains("was 5000, mine 5050, theirs 9999999"), "{}", ran.report());
    assert_eq!(lab.referral(&id(1))["details"]["dealValue"], 9_999_999);
    assert_eq!(lab.referral(&id(2))["details"]["dealValue"], 9_999_999);
}

#[test]
fn what_others_change_elsewhere_after_it_was_shown_is_merged_unless_nothing_shall_be() {
    for (options, ends) in [("", ["2 applied", "3 unchanged"]), ("--on-conflict report", ["2 conflict", "3 unchanged"])]
    {
        let theirs = r#"[{"op":"replace","path":"/salesStage","value":"80"}]"#;
        let lab = shown_and_then_changed("Deal value", [(1, "5050"), (2, "5000")], theirs);
        let ran = lab.apply("s.csv").args("--config c.toml").args(options).run();
        assert_eq!(ran.outcomes(), ends);
        assert_eq!(lab.referral(&id(1))["salesStage"], Value::from("80"));
    }
}

#[test]
fn several_rows_of_one_referral_are_agreed_to_as_well() {
    let lab = Lab::holding([referral(1)]).recorded().sheet("c.toml", "[profile.default]\nmax_rows = 3\n");
    let lab = lab.sheet("s.csv", rows("Deal value,Notes", [(1, "5050,"), (1, "6000,new"), (1, ",new")]));
    let ran = lab.apply("s.csv").args("--config c.toml").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 applied", "3 applied", "4 unchanged"]);
    assert_eq!(lab.referral(&id(1))["details"]["dealValue"], 6000);
}
