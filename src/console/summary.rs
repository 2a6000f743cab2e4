//! The last thing a run says: counts that add up, the report's place, and how to go on if it was cut short.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::words::{counted, duration, number};
use crate::domain::event::Requests;
use crate::domain::outcome::{Outcome, Tally};

/// How a run ended, for the person or the scheduler.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The run's id.
    pub run: String,
    /// Whether all rows were reached, or why not.
    pub status: Status,
    /// The sheet's name.
    pub sheet: String,
    /// SHA-256 of the sheet.
    pub sheet_sha256: String,
    /// Which part of it the run has, if not all of it: `2/3`.
    pub shard: Option<String>,
    /// How many rows ended how.
    pub tally: Tally,
    /// What was sent.
    pub requests: Requests,
    /// From the first request to the last answer.
    pub took: Duration,
    /// Where the report is, if there is one.
    pub report: Option<PathBuf>,
    /// The command that finishes the run, if it is not finished.
    pub resume: Option<String>,
    /// Problems in few lines.
    pub digest: String,
}

/// Whether a run went to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// All rows were reached.
    Finished,
    /// Somebody stopped it.
    Interrupted,
    /// It stopped itself; the text says why.
    Aborted(String),
}

impl Summary {
    /// In words.
    pub fn text(&self) -> String {
        let shard = self.shard.as_ref().map(|shard| format!(", shard {shard}")).unwrap_or_default();
        let mut text = format!("{} in {}{shard}", counted(self.tally.total(), "row"), self.sheet);
        text.push_str(match (self.tally.total(), &self.shard) {
            (0, None) => ": no row is filled in, so there is nothing to do\n",
            (0, Some(_)) => ": all rows fall to other shards, so there is nothing to do\n",
            _ => "\n",
        });
        for (outcome, count) in self.tally.occurred() {
            let _ = writeln!(text, "{:>8}  {}", number(count), outcome.word());
        }
        if !self.digest.is_empty() {
            let _ = write!(text, "\n{}\n", self.digest);
        }
        let _ = writeln!(text, "{} in {}", requests_in_words(&self.requests), duration(self.took));
        if let Some(report) = &self.report {
            let _ = writeln!(text, "report: {}", report.display());
        }
        match &self.status {
            Status::Finished => {}
            Status::Interrupted => text.push_str("the run was interrupted\n"),
            Status::Aborted(why) => {
                let _ = writeln!(text, "the run stopped: {why}");
            }
        }
        if let Some(resume) = &self.resume {
            let _ = writeln!(text, "to finish it: {resume}");
        }
        text.trim_end().to_owned()
    }

    /// As the JSON document of the contract.
    pub fn json(&self) -> Value {
        let (status, reason) = match &self.status {
            Status::Finished => ("finished", None),
            Status::Interrupted => ("interrupted", None),
            Status::Aborted(why) => ("aborted", Some(why)),
        };
        let mut rows = Map::new();
        rows.insert("total".to_owned(), self.tally.total().into());
        for outcome in Outcome::ALL {
            rows.insert(outcome.word().replace(' ', "_"), self.tally[outcome].into());
        }
        let mut document = json!({
            "run": self.run,
            "status": status,
            "sheet": self.sheet,
            "sheet_sha256": self.sheet_sha256,
            "rows": rows,
            "requests": requests_as_json(&self.requests),
            "seconds": seconds(self.took),
            "report": self.report,
            "resume": self.resume,
        });
        if let Some(shard) = &self.shard {
            document["shard"] = json!(shard);
        }
        if let Some(reason) = reason {
            document["reason"] = json!(reason);
        }
        document
    }
}

/// `3 requests (2 reads, 1 write)`
pub(super) fn requests_in_words(requests: &Requests) -> String {
    let mut text = counted(requests.sent(), "request");
    let _ = write!(text, " ({}, {}", counted(requests.reads, "read"), counted(requests.writes, "write"));
    if requests.retried > 0 {
        let _ = write!(text, ", {} repeated", number(requests.retried));
    }
    if requests.throttled > 0 {
        let _ = write!(text, ", {} throttled", number(requests.throttled));
    }
    text.push(')');
    text
}

pub(super) fn requests_as_json(requests: &Requests) -> Value {
    json!({
        "sent": requests.sent(),
        "reads": requests.reads,
        "writes": requests.writes,
        "retried": requests.retried,
        "throttled": requests.throttled,
    })
}

/// To the millisecond.
pub(super) fn seconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> Summary {
        let mut tally = Tally::default();
        tally += Outcome::Applied;
        tally += Outcome::Invalid;
        Summary {
            run: "r1".to_owned(),
            status: Status::Finished,
            sheet: "changes.csv".to_owned(),
            sheet_sha256: "00".to_owned(),
            shard: None,
            tally,
            requests: Requests { reads: 2, writes: 1, retried: 0, throttled: 0 },
            took: Duration::from_millis(1200),
            report: Some("changes-report.xlsx".into()),
            resume: None,
            digest: String::new(),
        }
    }

    #[test]
    fn a_person_reads_counts_and_where_the_report_is() {
        assert_eq!(
            summary().text(),
            "2 rows in changes.csv\n       1  applied\n       1  invalid\n3 requests (2 reads, 1 write) in 1.2 s\nreport: changes-report.xlsx"
        );
    }

    #[test]
    fn a_scheduler_reads_json_whose_counts_add_up() {
        let json = summary().json();
        let rows = json["rows"].as_object().unwrap();
        let sum: u64 = rows.iter().filter(|(name, _)| *name != "total").map(|(_, count)| count.as_u64().unwrap()).sum();
        assert_eq!(rows["total"], sum);
        assert_eq!(json["requests"]["sent"], 3);
        assert_eq!(json["rows"]["in_doubt"], 0);
    }
}
