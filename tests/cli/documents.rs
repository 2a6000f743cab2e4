//! For schedulers: with `--json`, standard output is one document, whatever happens.

use serde_json::Value;

use crate::lab::{Lab, referral, rows};

/// Failures of any kind say that they are some, and how the program ends.
#[test]
fn every_command_prints_one_document_and_nothing_else() {
    let lab = Lab::holding((1..=3).map(referral)).sheet("s.csv", rows("Notes", [(1, "new"), (2, "new")]));
    let lab = lab.sheet("c.toml", "[profile.default]\nratte = 1\n");
    lab.refsheet("apply s.csv --yes --no-report").run().exits(0);
    let run = lab.last_run();
    for (arguments, code) in [
        ("apply s.csv --yes --json --no-report", 0),
        ("apply s.csv --sandbox --json --no-report", 1),
        ("plan s.csv --json --no-report", 0),
        ("plan s.csv --json --no-report --offline", 0),
        ("export --json --out all.xlsx", 0),
        ("template --json", 0),
        ("fields --json", 0),
        ("resume --json", 0),
        (&format!("resume {run} --json"), 0),
        (&format!("undo {run} --json --plan --no-report"), 0),
        (&format!("undo {run} --json --yes --no-report"), 0),
        ("runs --json", 0),
        (&format!("runs show {run} --json"), 0),
        (&format!("runs show {run} --json --report again.xlsx"), 0),
        ("runs prune --json", 0),
        (&format!("runs prune {run} --json"), 0),
        ("config --json", 0),
        ("config init --json --config new.toml", 0),
    ] {
        let ran = lab.refsheet(arguments).run().exits(code);
        assert!(ran.json().is_object() || ran.json().is_array(), "{arguments}");
    }
    for (arguments, code) in [
        ("apply nowhere.csv --yes --json", 3),
        ("apply s.csv --yes --json --shard 3/2", 2),
        ("runs merge --json", 2),
        ("apply s.csv --json", 2),
        ("apply --json", 2),
        ("apply s.csv --yes --json --ratte 5/s", 2),
        ("apply s.csv --yes --json --rate fast", 2),
        ("apply s.csv --yes --json --config c.toml", 2),
        ("apply s.csv --yes --json --profile nobody", 2),
        ("apply s.csv --yes --json --base-url http://partner.example.com", 2),
        ("apply s.csv --yes --json --create-missing", 2),
        ("plan s.csv --json --report report.pdf", 2),
        ("export --json --out all.pdf", 2),
        ("export --json --out s.csv", 2),
        ("template --json --fields Nonsense", 2),
        ("resume 20200101-000000-aaaa --json", 2),
        ("undo 20200101-000000-aaaa --json --yes", 2),
        ("undo --json", 2),
        ("runs show 20200101-000000-aaaa --json", 2),
        ("runs prune --older-than ever --json", 2),
        ("config --json --config nowhere.toml", 2),
        ("config init --json --config new.toml", 2),
        ("aply s.csv --json", 2),
    ] {
        let document = lab.refsheet(arguments).run().exits(code).json();
        assert_eq!((&document["status"], &document["exit"]), (&"failed".into(), &Value::from(code)), "{arguments}");
        assert!(document["error"].is_string() && document["hints"].is_array(), "{document}");
    }
    lab.refsheet("apply s.csv --yes --json --no-report").token(None).run().exits(4).json();
    // The environment asks for it as well, also from a line that is not understood.
    lab.refsheet("apply s.csv --ratte").variable("REFSHEET_JSON", "1").run().exits(2).json();
    assert_eq!(lab.refsheet("apply s.csv --ratte").variable("REFSHEET_JSON", "0").run().exits(2).out, "");
}

#[test]
fn the_document_names_the_command_and_the_profile() {
    let lab = Lab::new().sheet("c.toml", "[profile.night]\n");
    let of = |arguments: &str| {
        let document = lab.refsheet(arguments).run().json();
        (document["command"].clone(), document["profile"].clone())
    };
    assert_eq!(of("apply s.csv --yes --json --config c.toml --profile night"), ("apply".into(), "night".into()));
    assert_eq!(of("plan s.csv --json"), ("plan".into(), "default".into()));
    assert_eq!(of("apply s.csv --ratte --json"), ("apply".into(), Value::Null));
}
