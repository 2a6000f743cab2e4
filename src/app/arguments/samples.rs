//! The command lines in `samples/` are understood, and so are their settings, whatever becomes of the options.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;

use super::Arguments;
use crate::app::profile::profiles;

/// The files that start the program by a line, each with how its lines begin.
const LINES: &[(&str, &str)] = &[
    ("systemd/refsheet@.service", "ExecStart=/usr/bin/refsheet "),
    ("cron/refsheet", "refsheet  refsheet "),
    ("windows/refsheet.xml", "<Arguments>/d /s /c \"\"C:\\Program Files\\refsheet\\refsheet.exe\" "),
    ("github-actions/referrals.yml", "          refsheet "),
];

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

fn text(name: &str) -> String {
    fs::read_to_string(samples().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The words of a line, up to where its output goes; double quotes keep words together.
fn words(line: &str) -> Vec<String> {
    let end = [" > ", " >> ", " &gt;&gt; "].iter().filter_map(|mark| line.find(mark)).min().unwrap_or(line.len());
    let parts = line[..end].split('"').enumerate();
    let words = |(at, part): (usize, &str)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    };
    parts.flat_map(words).collect()
}

#[track_caller]
fn check(name: &str, words: &[String]) {
    let words = std::iter::once("refsheet".to_owned()).chain(words.iter().cloned());
    if let Err(error) = Arguments::try_parse_from(words) {
        panic!("{name}: {error}");
    }
}

#[test]
fn every_line_that_starts_the_program_is_understood() {
    for (name, beginning) in LINES {
        let text = text(name);
        let lines: Vec<&str> = text.lines().filter_map(|line| line.split_once(beginning)).map(|line| line.1).collect();
        assert_eq!(lines.len(), 1, "{name}");
        check(name, &words(lines[0]));
    }
}

#[test]
fn the_arguments_of_the_container_are_understood() {
    let text = text("kubernetes/cronjob.yaml");
    let list = text.split_once("args:\n").unwrap().1;
    let words = list.lines().map_while(|line| line.trim().strip_prefix("- ")).map(str::to_owned);
    let words: Vec<String> = words.collect();
    assert!(words.len() > 3, "{words:?}");
    check("kubernetes/cronjob.yaml", &words);
}

#[test]
fn the_settings_are_understood() {
    assert!(profiles(&text("systemd/config.toml")).is_ok_and(|profiles| profiles.contains_key("nightly")));
}
