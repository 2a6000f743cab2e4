//! What a run has left: exit code, streams, report. Looked at together, with what differs from run to run replaced.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
    /// The rows of `report.jsonl`, if there is one.
    pub rows: Vec<Value>,
    changes: Vec<Changes>,
    folder: PathBuf,
    base_url: Option<String>,
}

/// The changes of a row, with each digit.
#[derive(Debug, Deserialize)]
struct Changes {
    changes: Vec<Change>,
}

#[derive(Debug, Deserialize)]
struct Change {
    field: String,
    before: Option<Box<RawValue>>,
    after: Box<RawValue>,
}

impl Ran {
    pub fn of(output: Output, folder: &Path, base_url: Option<&str>) -> Ran {
        let report = fs::read_to_string(folder.join("report.jsonl")).unwrap_or_default();
        let ran = Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            rows: report.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
            changes: report.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
            folder: folder.to_owned(),
            base_url: base_url.map(str::to_owned),
        };
        // Each report is of one run.
        let _ = fs::remove_file(folder.join("report.jsonl"));
        ran.assert_counts_add_up();
        ran
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "\n{}\n{}", self.out, self.err);
        self
    }

    /// All of it, for a snapshot.
    pub fn shown(&self) -> String {
        let mut text = format!("exit {}\n", self.code);
        for (name, stream) in [("out", &self.out), ("err", &self.err)] {
            if !stream.is_empty() {
                let _ = write!(text, "--- {name}\n{}", self.stable(stream));
            }
        }
        if !self.rows.is_empty() {
            let _ = write!(text, "--- report\n{}", self.report());
        }
        text
    }

    /// The report's rows, one line each and one more for each change and problem.
    pub fn report(&self) -> String {
        let mut text = String::new();
        for (row, Changes { changes }) in self.rows.iter().zip(&self.changes) {
            let _ = writeln!(text, "{} {}", row["row"], row["outcome"].as_str().unwrap());
            for Change { field, before, after } in changes {
                let _ = match before {
                    Some(before) => writeln!(text, "    {field}: {before} → {after}"),
                    None => writeln!(text, "    {field}: {after}"),
                };
            }
            for problem in row["problems"].as_array().unwrap() {
                let part = |name: &str| problem[name].as_str().unwrap_or_default();
                let _ = writeln!(text, "    {} {}: {}", part("severity"), part("cell"), part("found"));
            }
            for clash in row["clashes"].as_array().unwrap() {
                let [base, mine, theirs] = ["base", "mine", "theirs"].map(|name| &clash[name]);
                let field = clash["field"].as_str().unwrap();
                let _ = writeln!(text, "    {field}: was {base}, mine {mine}, theirs {theirs}");
            }
            if let Some(reason) = row["reason"].as_str() {
                let _ = writeln!(text, "    {}", self.stable(reason));
            }
        }
        text
    }

    /// Row number and outcome of all rows of the report.
    pub fn outcomes(&self) -> Vec<String> {
        self.rows.iter().map(|row| format!("{} {}", row["row"], row["outcome"].as_str().unwrap())).collect()
    }

    /// How many rows of the report have this outcome.
    pub fn count(&self, outcome: &str) -> usize {
        self.rows.iter().filter(|row| row["outcome"] == outcome).count()
    }

    /// Standard output as the one JSON document that it is.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }

    /// How many requests the summary speaks of: reads and writes.
    pub fn requests(&self) -> (u64, u64) {
        let line = self.out.lines().find(|line| line.contains(" request") && line.contains(") in ")).unwrap();
        let numbers = line.split(|letter: char| !letter.is_ascii_digit()).filter_map(|number| number.parse().ok());
        let numbers: Vec<u64> = numbers.collect();
        (numbers[1], numbers[2])
    }

    /// A text with what differs from run to run replaced.
    pub fn stable(&self, text: &str) -> String {
        let folder = self.folder.display().to_string();
        let text = text.replace(&folder, "<folder>").replace(env!("CARGO_BIN_EXE_refsheet"), "refsheet");
        let text = match &self.base_url {
            Some(base_url) => {
                text.replace(base_url, "<service>").replace(&crate::wire::authority(base_url), "<authority>")
            }
            None => text,
        };
        let lines: Vec<String> = text.split('\n').map(|line| without_run_id(&without_duration(line))).collect();
        lines.join("\n")
    }

    /// Whatever a run says of rows: the counts are of all rows, and the report has as many.
    fn assert_counts_add_up(&self) {
        let first = self.out.lines().next().unwrap_or_default();
        let total = match first.split_once(" row").map(|(count, _)| count.replace(',', "").parse::<usize>()) {
            Some(Ok(total)) => total,
            _ if first.starts_with('{') => match self.json()["rows"].as_object() {
                Some(rows) => {
                    let counts = rows.iter().filter(|(name, _)| *name != "total");
                    let sum: u64 = counts.map(|(_, count)| count.as_u64().unwrap()).sum();
                    assert_eq!(rows["total"], sum);
                    usize::try_from(sum).unwrap()
                }
                None => return,
            },
            _ => return,
        };
        if !first.starts_with('{') {
            let counts =
                self.out.lines().skip(1).map_while(|line| line.trim().split_once("  ")?.0.parse::<usize>().ok());
            assert_eq!(counts.sum::<usize>(), total, "{}", self.out);
        }
        assert!(self.rows.is_empty() || self.rows.len() == total, "{}", self.out);
    }
}

/// `3 requests (2 reads, 1 write) in 1.2 s` → `… in <time>`
fn without_duration(line: &str) -> String {
    match line.split_once(") in ") {
        Some((requests, _)) if line.contains(" request") => format!("{requests}) in <time>"),
        _ => line.to_owned(),
    }
}

/// `changes-report-20261102-090000-4fd1.xlsx` → `changes-report-<run>.xlsx`
fn without_run_id(line: &str) -> String {
    const SHAPE: &str = "dddddddd-dddddd-xxxx";
    let fits = |text: &str| {
        text.len() == SHAPE.len()
            && text.chars().zip(SHAPE.chars()).all(|(letter, shape)| match shape {
                'd' => letter.is_ascii_digit(),
                'x' => letter.is_ascii_hexdigit(),
                _ => letter == shape,
            })
    };
    let ends = |start: usize| line.get(start..start + SHAPE.len()).is_some_and(fits);
    match (0..line.len()).find(|start| ends(*start)) {
        Some(start) => format!("{}<run>{}", &line[..start], &line[start + SHAPE.len()..]),
        None => line.to_owned(),
    }
}
