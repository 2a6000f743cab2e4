//! What is said on standard error: sentences for people, or JSON lines and nothing else for machines.

use serde_json::Value;

use crate::lab::{Lab, id, referral, rows};
use crate::ran::Ran;
use crate::wire::Answer;

/// All lines, each of which must be a JSON object that begins with the names that every line has.
#[track_caller]
fn lines(ran: &Ran) -> Vec<Value> {
    let line = |text: &str| {
        let line: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text:?}\n{}", ran.err));
        let names: Vec<&String> = line.as_object().unwrap().keys().take(4).collect();
        assert_eq!(names, ["timestamp", "level", "event", "message"], "{text}");
        assert!(line["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{text}");
        assert!(["error", "warn", "info", "debug"].contains(&line["level"].as_str().unwrap()), "{text}");
        line
    };
    ran.err.lines().map(line).collect()
}

fn events(ran: &Ran) -> Vec<String> {
    lines(ran).iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect()
}

fn lab() -> Lab {
    let sheet = rows("Notes,Deal value", [(1, "new,"), (2, "old,"), (3, ",a lot"), (4, "new,")]);
    Lab::holding([1, 2, 3, 4].map(referral)).sheet("s.csv", sheet)
}

#[test]
fn whatever_happens_machines_get_json_lines_and_nothing_else() {
    // One referral is refused.
    let lab = lab().answering(|heard| match heard.method.as_str() {
        "PATCH" if heard.target.ends_with(&id(4)) => Some(Answer::new(403, r#"{"error":{"code":"no"}}"#)),
        _ => None,
    });
    let lab = lab.sheet("bad.toml", "[profile.default]\nratte = 1").sheet("strange.csv", "id,Colour\n1,red");
    for (call, code, last) in [
        ("apply s.csv --yes", 1, "run_finished"),
        ("apply s.csv --yes --strict", 1, "run_finished"),
        ("plan s.csv --max-failures 1", 2, "failed"),
        ("plan s.csv --offline --no-report", 1, "run_finished"),
        ("apply s.csv", 2, "failed"),
        ("apply nowhere.csv --yes", 3, "failed"),
        ("apply strange.csv --yes", 3, "failed"),
        ("apply s.csv --yes --profile nobody", 2, "failed"),
        ("apply s.csv --yes --config bad.toml", 2, "failed"),
        ("apply s.csv --yes --concurrency many", 2, "failed"),
        ("aply s.csv", 2, "failed"),
        ("export --out e.xlsx", 0, "run_finished"),
        ("export --out e.xlsx", 2, "failed"),
        ("template --out t.xlsx", 0, ""),
        ("template --out t.xlsx", 2, "failed"),
        ("resume", 0, "message"),
        ("undo 20200101-000000-0000 --yes", 2, "failed"),
        ("runs show 20200101-000000-0000", 2, "failed"),
        ("runs", 0, ""),
        ("fields", 0, ""),
        ("--version", 0, ""),
    ] {
        let ran = lab.refsheet(&format!("{call} --log-format json")).run();
        let said = events(&ran);
        let last_said = said.last().map_or("", String::as_str);
        assert_eq!((last_said, ran.code), (last, code), "{call}\n{}\n{}", ran.out, ran.err);
        let exits = lines(&ran).last().and_then(|line| line.get("exit")?.as_i64());
        assert!(exits.is_none_or(|exit| exit == i64::from(code)), "{call}\n{}", ran.err);
    }
}

#[test]
fn a_failure_has_its_details_and_hints_as_lists() {
    let lab = Lab::new();
    let ran = lab.refsheet("apply s.csv").variable("REFSHEET_LOG_FORMAT", "json").run().exits(2);
    let line = &lines(&ran)[0];
    assert_eq!(line["message"], "there is no terminal to ask at before writing");
    assert_eq!(line["hints"][0], "add --yes to write without asking");
    let ran = lab.refsheet("apply s.csv --jsn --log-format=json").run().exits(2);
    let line = &lines(&ran)[0];
    assert_eq!(line["hints"][0], "a similar argument exists: '--json'");
}

#[test]
fn a_run_says_when_it_begins_and_ends_and_each_line_names_it() {
    let lab = lab();
    for arguments in ["", "--quiet"] {
        let ran = lab.refsheet(&format!("plan s.csv --no-report --json --log-format json {arguments}")).run().exits(1);
        let lines = lines(&ran);
        assert_eq!(events(&ran), ["run_started", "run_finished"]);
        let run = &ran.json()["run"];
        assert!(lines.iter().all(|line| &line["run"] == run), "{}", ran.err);
        let names = |line: &Value| line.as_object().unwrap().keys().skip(4).cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(names(&lines[0]), "run command sheet sheet_sha256 profile service rate version");
        assert_eq!(names(&lines[1]), "run status exit rows requests seconds");
        assert_eq!((&lines[1]["exit"], &lines[1]["rows"]), (&1.into(), &ran.json()["rows"]));
    }
    // People have the summary.
    assert_eq!(lab.refsheet("plan s.csv --no-report").run().exits(1).err, "");
}

#[test]
fn every_row_has_a_line_where_rows_are_wanted() {
    let lab = lab();
    let ran = lab.apply("s.csv").args("--log-format json -v").run().exits(1);
    let mut told: Vec<(u64, String)> = lines(&ran)
        .iter()
        .filter(|line| line["event"] == "row")
        .map(|line| (line["row"].as_u64().unwrap(), line["outcome"].as_str().unwrap().to_owned()))
        .collect();
    told.sort();
    let told: Vec<String> = told.iter().map(|(row, outcome)| format!("{row} {outcome}")).collect();
    assert_eq!(told, ran.outcomes());
    let first = lines(&ran).into_iter().find(|line| line["row"] == 2).unwrap();
    assert_eq!((&first["id"], &first["http"], &first["attempts"]), (&id(1).into(), &200.into(), &1.into()));
    assert_eq!(first["request_id"], ran.rows[0]["request_id"]);
    let invalid = lines(&ran).into_iter().find(|line| line["row"] == 4).unwrap();
    assert!(invalid["reason"].as_str().unwrap().contains("`a lot`"), "{invalid}");
    assert!(!events(&ran).contains(&"answer".to_owned()));
}

#[test]
fn every_answer_of_the_service_has_a_line_where_answers_are_wanted() {
    let lab = lab();
    let ran = lab.apply("s.csv").args("--log-format json -vv --json").run().exits(1);
    let answers = events(&ran).iter().filter(|event| *event == "answer").count();
    assert_eq!(ran.json()["requests"]["sent"], answers);
    let answer = lines(&ran).into_iter().find(|line| line["event"] == "answer").unwrap();
    let names = answer.as_object().unwrap().keys().skip(2).cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(names, "event message run method path http request_id client_request_id ms");
    // In words, too.
    let ran = lab.refsheet("plan s.csv -vv --no-report").run();
    assert!(ran.err.contains("answered method=GET path=/v1.0/engagements/referrals http=200 "), "{}", ran.err);
    assert!(ran.err.starts_with("plan s.csv, "), "{}", ran.err);
}

#[test]
fn a_profile_can_ask_for_json_and_the_command_line_has_the_last_word() {
    let lab = lab().sheet("c.toml", "[profile.default]\nlog_format = \"json\"\n[profile.other]");
    let call = |arguments: &str| {
        let ran = lab.refsheet(&format!("apply nowhere.csv --yes --config c.toml {arguments}")).run();
        (ran.code, ran.err.starts_with('{'))
    };
    assert_eq!(call(""), (3, true));
    assert_eq!(call("--log-format text"), (3, false));
    assert_eq!(call("--profile other"), (3, false));
}

#[test]
fn nobody_is_asked_in_json() {
    let lab = lab();
    let ran = lab.refsheet("apply s.csv --log-format json").input("y\n").run().exits(2);
    assert_eq!(events(&ran), ["failed"]);
}
