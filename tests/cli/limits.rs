//! The limits of a profile: what is more than they allow is not sent at all.

use crate::lab::{Lab, referral, rows};

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
        let ran = lab.apply("s.csv").args("--config c.toml").run().exits(5);
        assert!(ran.err.contains(why), "{}", ran.err);
        assert!(lab.writes().is_empty());
        assert!(lab.refsheet("runs --json").run().out.contains("[]"));
    }
}

#[test]
fn a_run_within_its_limits_is_sent() {
    let lab = lab("max_rows = 2\nmax_closed = 2\nmax_value_change = 4000");
    lab.apply("s.csv").args("--config c.toml").run().exits(0);
    assert_eq!(lab.writes().len(), 2);
}
