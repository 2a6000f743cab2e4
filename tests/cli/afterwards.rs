//! What is done when a run is over: a command hears the summary, a file has the metrics.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::lab::{Lab, referral, rows};

/// A lab whose profile keeps what it is told in `heard.json`, and its metrics in `refsheet.prom`.
fn lab() -> Lab {
    let settings = "[profile.default]\non_finish = \"env > variables; cat > heard.json\"\n\
                    metrics_file = \"refsheet.prom\"\n[profile.day]\n";
    Lab::holding((1..=3).map(referral))
        .sheet("s.csv", rows("Notes", [(1, "new"), (2, "new"), (7, "new")]))
        .sheet("c.toml", settings)
}

fn heard(lab: &Lab) -> Value {
    let text = fs::read_to_string(lab.path("heard.json")).unwrap();
    fs::remove_file(lab.path("heard.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_command_hears_how_a_run_ended_and_gets_no_token() {
    let lab = lab();
    let ran = lab.refsheet("apply s.csv --yes --no-report --json --config c.toml").run().exits(1);
    let told = heard(&lab);
    assert_eq!(told, ran.json());
    assert_eq!((&told["status"], &told["exit"], &told["rows"]["applied"]), (&"finished".into(), &1.into(), &2.into()));
    let variables = fs::read_to_string(lab.path("variables")).unwrap();
    assert!(variables.contains("HOME=") && !variables.contains("TOKEN"), "{variables}");
}

#[test]
fn a_failure_is_heard_as_soon_as_the_profile_has_been_read() {
    let lab = lab();
    for (arguments, code) in [("apply nowhere.csv --yes", 3), ("apply s.csv", 2)] {
        lab.refsheet(arguments).args("--config c.toml").run().exits(code);
        let told = heard(&lab);
        assert_eq!((&told["status"], &told["exit"]), (&"failed".into(), &code.into()));
        assert!(told["error"].is_string() && told["command"] == "apply", "{told}");
    }
    lab.refsheet("apply s.csv --yes --config c.toml").token(None).run().exits(4);
    assert_eq!(heard(&lab)["exit"], 4);
}

#[test]
fn whoever_only_looks_or_tries_tells_nobody() {
    let lab = lab();
    for arguments in ["plan s.csv --no-report", "export --out all.csv", "runs", "apply s.csv --sandbox --no-report"] {
        lab.refsheet(arguments).args("--config c.toml").run();
        assert!(!lab.path("heard.json").exists() && !lab.path("refsheet.prom").exists(), "{arguments}");
    }
    lab.refsheet("apply s.csv --sandbox --no-report --on-finish").arg("cat > heard.json").run().exits(1);
    assert_eq!(heard(&lab)["status"], "finished");
}

#[test]
fn an_undo_and_a_resumed_run_are_told_of_too() {
    let lab = lab();
    lab.refsheet("apply s.csv --yes --no-report --config c.toml").run().exits(1);
    let run = heard(&lab)["run"].as_str().unwrap().to_owned();
    lab.refsheet(&format!("undo {run} --plan --no-report --config c.toml")).run().exits(0);
    assert!(!lab.path("heard.json").exists());
    lab.refsheet(&format!("undo {run} --yes --no-report --config c.toml")).run().exits(0);
    assert_eq!(heard(&lab)["command"], "undo");
}

#[test]
fn a_command_that_fails_is_told_and_changes_nothing() {
    let lab = lab();
    let quiet = |command: &str| {
        let call = lab.refsheet("apply s.csv --yes --no-report --json --quiet --rows 2-3 --on-finish-timeout 300ms");
        let ran = call.arg("--on-finish").arg(command).run().exits(0);
        assert_eq!(ran.json()["exit"], 0);
        ran.err
    };
    assert_eq!(quiet("echo data; exit 0"), "");
    assert_eq!(quiet("echo no mail >&2; exit 3"), "warning: on_finish: the command ended with exit code 3: no mail\n");
    assert_eq!(quiet("exec sleep 60"), "warning: on_finish: the command did not end within 0.3 s and was killed\n");
    let ran = lab.refsheet("apply s.csv --yes --no-report --metrics-file nowhere/m.prom --rows 2-3").run().exits(0);
    assert!(ran.err.contains("warning: the metrics cannot be written to `nowhere/m.prom`"), "{}", ran.err);
}

/// Of the text format: each family with its help and its type, then its samples.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut samples = BTreeMap::new();
    let mut lines = text.lines().peekable();
    assert!(text.ends_with('\n'));
    while let Some(help) = lines.next() {
        let (name, help) = help.strip_prefix("# HELP ").unwrap().split_once(' ').unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && !help.is_empty(), "{name}");
        assert_eq!(lines.next(), Some(format!("# TYPE {name} gauge").as_str()));
        while let Some(sample) = lines.next_if(|line| !line.starts_with('#')) {
            let (series, value) = sample.rsplit_once(' ').unwrap();
            assert!(series.starts_with(&format!("{name}{{profile=\"")) && series.ends_with("\"}"), "{series}");
            assert!(samples.insert(series.to_owned(), value.parse().unwrap()).is_none(), "{series} is there twice");
        }
    }
    samples
}

#[test]
fn metrics_tell_of_the_last_run_and_of_the_last_success() {
    let lab = lab();
    let after = |arguments: &str, code: i32| {
        lab.refsheet(arguments).args("--config c.toml").run().exits(code);
        samples(&fs::read_to_string(lab.path("refsheet.prom")).unwrap())
    };
    let of = |name: &str, more: &str| format!("refsheet_last_{name}{{profile=\"default\"{more}}}");
    let well = after("apply s.csv --yes --no-report --rows 2-3", 0);
    assert_eq!(well[&of("run_success", "")].to_string(), "1");
    assert_eq!(well[&of("run_rows", ",outcome=\"applied\"")].to_string(), "2");
    assert_eq!(well[&of("run_requests", ",kind=\"write\"")].to_string(), "2");
    let some = after("apply s.csv --yes --no-report", 1);
    assert_eq!(some[&of("run_exit_code", "")].to_string(), "1");
    assert_eq!(some[&of("run_rows", ",outcome=\"refused\"")].to_string(), "1");
    let none = after("apply nowhere.csv --yes --no-report", 3);
    assert_eq!(
        (none[&of("run_success", "")].to_string(), none[&of("run_exit_code", "")].to_string()),
        ("0".into(), "3".into())
    );
    assert!(!none.contains_key(&of("run_duration_seconds", "")), "{none:?}");
    let success = |samples: &BTreeMap<String, f64>| samples[&of("success_timestamp_seconds", "")].to_string();
    assert_eq!((success(&some), success(&none)), (success(&well), success(&well)));
    assert!(none[&of("run_timestamp_seconds", "")] >= well[&of("run_timestamp_seconds", "")]);
    #[cfg(unix)]
    {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(lab.path("refsheet.prom")).unwrap().permissions());
        assert_eq!(mode & 0o444, 0o444, "the collector is another user");
    }
    assert!(!lab.files().iter().any(|file| file.starts_with('.')), "{:?}", lab.files());
}
