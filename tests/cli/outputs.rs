//! What comes out of a run, for people and for programs.

use std::fs;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::lab::{Lab, id, referral, rows};

/// One row of each outcome that takes no trouble.
fn lab() -> Lab {
    let text =
        rows("Deal value,action,row note", [(1, "12500.50,,=1+1"), (2, "5000,,"), (3, "1,skip,later"), (4, "lots,,")]);
    Lab::holding((1..=4).map(referral)).sheet("s.csv", text)
}

#[test]
fn the_summary_is_one_json_document_when_asked_for() {
    let lab = lab();
    let ran = lab.apply("s.csv").args("--json").run().exits(1);
    let mut summary = ran.json();
    assert!(summary["seconds"].is_number());
    assert_eq!(ran.stable(summary["run"].as_str().unwrap()), "<run>");
    for name in ["seconds", "run"] {
        summary[name] = json!(format!("<{name}>"));
    }
    assert_snapshot!(serde_json::to_string_pretty(&summary).unwrap(), @r#"
    {
      "run": "<run>",
      "status": "finished",
      "sheet": "s.csv",
      "sheet_sha256": "86b54569d6b96135e5cb81b82e61d801fc446d6453c2c27a5435b5986f2f4926",
      "rows": {
        "total": 4,
        "applied": 1,
        "unchanged": 1,
        "skipped": 1,
        "planned": 0,
        "invalid": 1,
        "refused": 0,
        "conflict": 0,
        "failed": 0,
        "in_doubt": 0,
        "not_reached": 0
      },
      "requests": {
        "sent": 3,
        "reads": 2,
        "writes": 1,
        "retried": 0,
        "throttled": 0
      },
      "seconds": "<seconds>",
      "report": "report.jsonl",
      "resume": null,
      "exit": 1,
      "command": "apply",
      "profile": "default"
    }
    "#);
}

#[test]
fn a_report_is_what_its_ending_says() {
    let lab = lab();
    for name in ["r.xlsx", "r.csv", "r.jsonl"] {
        lab.refsheet(&format!("plan s.csv --report {name}")).run().exits(1);
    }
    assert!(fs::read(lab.path("r.xlsx")).unwrap().starts_with(b"PK"));
    let lines = fs::read_to_string(lab.path("r.jsonl")).unwrap();
    let objects: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects[0]["patch"], json!([{"op": "replace", "path": "/details/dealValue", "value": 12500.5}]));
    assert!(lines.contains(r#""value":12500.50}"#), "with each digit");
    let text = fs::read_to_string(lab.path("r.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headings = reader.headers().unwrap().clone();
    let at = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    let columns = [at("Row"), at("Outcome"), at("Changes"), at("Problems"), at("Note")];
    let lines: Vec<String> = reader
        .records()
        .map(|record| columns.map(|column| record.as_ref().unwrap()[column].to_owned()).join("|"))
        .collect();
    assert_snapshot!(lines.join("\n"), @r"
    2|planned|Deal value: 5000 → 12500.50||'=1+1
    3|unchanged|||
    4|skipped|||later
    5|invalid||B5 (Deal value): `lots` is not an amount; write digits with at most one decimal mark, such as 12500 or 12500.50|
    ");
}

#[test]
fn a_report_is_put_beside_the_sheet_unless_it_is_not_wanted() {
    let lab = lab();
    lab.refsheet("plan s.csv --no-report").run().exits(1);
    assert_eq!(lab.files(), ["s.csv"]);
    let ran = lab.refsheet("plan s.csv").run().exits(1);
    assert_eq!(ran.stable(&lab.files()[0]), "s-report-<run>.xlsx");
}

#[test]
fn quiet_runs_say_nothing_but_their_summary() {
    let lab = lab();
    let loud = lab.plan("s.csv").args("--rows 2-3").run().exits(0);
    let quiet = lab.plan("s.csv").args("--rows 2-3 --quiet").run().exits(0);
    assert_eq!((loud.err.is_empty(), quiet.err.as_str()), (false, ""));
    assert_eq!(loud.stable(&loud.out), quiet.stable(&quiet.out));
}

#[test]
fn fields_are_listed_with_what_they_take() {
    let lab = Lab::new();
    let ran = lab.refsheet("fields").token(None).run().exits(0);
    let wanted =
        ["LABEL", "id ", "eTag", "Status ", "Deal value", "Closing date", "Team ", " team.add", "Customer name"];
    let lines: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| wanted.iter().any(|start| line.trim_start().starts_with(start.trim_start())))
        .collect();
    assert_snapshot!(lines.join("\n"), @"
    LABEL                                 PATH                                                                                            TAKES                                                      CHANGED BY A SHEET  (PORTAL HEADING)
    id                                                                                                                                    GUID                                                       which referral; `Referral ID` in portal files
    eTag                                                                                                                                  text                                                       the version that the sheet was made from; a referral changed since is a conflict
    Status                                status                                                                                          New, Active, Closed                                        yes  (Partner Referral Status)
    Status reason                         statusReason                                                                                    1, 2, 3, 4, 5, 6, 7, 8                                     yes  (Declined/Lost reason)
    Customer name                         customerProfile.name                                                                            text                                                       when created  (Customer Name)
    Deal value                            details.dealValue                                                                               number                                                     yes  (Estimated Deal Value)
    Closing date                          details.closingDateTime                                                                         date                                                       yes  (Estimated Close Date)
    Team                                  team                                                                                            people                                                     yes
                                          team.add                                                                                        one item                                                   adds one item; .add.2, .add.3 … a second and third
    ");
}

#[test]
fn each_field_can_be_named_by_what_fields_says() {
    let lab = Lab::new();
    let document = lab.refsheet("fields --json").token(None).run().exits(0).json();
    let fields = document["fields"].as_array().unwrap();
    assert_eq!(fields.iter().filter(|field| field["writable"] == "yes" && !field["path"].as_str().unwrap().starts_with("/registrations")).count(), 15);
    // A sheet of all of them, by each of their names in turn, is understood.
    for name in ["heading", "label", "path"] {
        let names: Vec<String> = fields.iter().map(|field| format!("\"{}\"", field[name].as_str().unwrap())).collect();
        // Fields of one list share its pointer.
        let mut names = if name == "path" { without_repeats(names) } else { names };
        names.push("id".to_owned());
        let text = format!("{}\n{}{}\n", names.join(","), ",".repeat(names.len() - 1), id(1));
        let lab = Lab::new().sheet("s.csv", text);
        let ran = lab.plan("s.csv").args("--offline").run();
        assert_eq!((ran.code, ran.outcomes()), (0, vec!["2 unchanged".to_owned()]), "{name}: {}", ran.err);
    }
}

fn without_repeats(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names.dedup();
    names
}
