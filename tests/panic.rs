//! A panic is a line of the log like any other. What panics here is this very test, in a process of its own.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::process::Command;

use refsheet::console::{Detail, Format, Log};

const FORMAT: &str = "PANIC_AS";

fn panics_as(format: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let command = command.args(["--exact", "a_process_that_panics", "--nocapture"]).env(FORMAT, format);
    String::from_utf8(command.env_remove("RUST_BACKTRACE").output().unwrap().stderr).unwrap()
}

/// Does nothing unless it is told to.
#[test]
fn a_process_that_panics() {
    let format = match std::env::var(FORMAT).as_deref() {
        Ok("json") => Format::Json,
        Ok(_) => Format::Text,
        Err(_) => return,
    };
    Log { format, detail: Detail::Errors }.install();
    panic!("so it is {}", "wrong");
}

#[test]
fn a_panic_is_a_json_line_for_machines() {
    let said = panics_as("json");
    let line: serde_json::Value =
        serde_json::from_str(said.trim_end()).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!((&line["level"], &line["event"]), (&"error".into(), &"panicked".into()));
    assert_eq!(line["message"], "a defect of this program: so it is wrong");
    assert!(line["at"].as_str().unwrap().starts_with("tests/panic.rs:"), "{line}");
}

#[test]
fn a_panic_is_told_to_people_with_what_to_do() {
    let said = panics_as("text");
    assert!(said.starts_with("error: a defect of this program: so it is wrong\n  at tests/panic.rs:"), "{said}");
    assert!(said.contains("\nhint: what was sent is in the ledger: "), "{said}");
}
