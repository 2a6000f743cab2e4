//! The lines of the log: each event, its level, and its fields, said once. Who adds or renames one adds or renames it
//! in `docs/logs.md`.
//!
//! | event | level | fields |
//! |---|---|---|
//! | `run_started` | info | `command`, `sheet`, `sheet_sha256`, `profile`, `service`, `rate`, `version` |
//! | `note`, `message` | info | |
//! | `warning` | warn | |
//! | `sign_in` | info | `page`, `code`, `seconds` |
//! | `sign_in_renewed` | info | `ends_at` |
//! | `sign_in_not_renewed` | warn | `reason` |
//! | `sign_in_answer` | debug | `host`, `path`, `http` |
//! | `progress` | info | `done`, `total`, `rows` |
//! | `paused` | warn | `seconds` |
//! | `retrying` | warn | |
//! | `stopping` | warn | |
//! | `row` | info | `row`, `id`, `outcome`, `http`, `error_code`, `request_id`, `attempts`, `ms`, `reason` |
//! | `answer`, `no_answer` | debug | `method`, `path`, `http`, `request_id`, `client_request_id`, `ms`, `reason` |
//! | `run_finished` | info, warn, error | `status`, `exit`, `rows`, `requests`, `seconds`, `report`, `resume`, `reason` |
//! | `failed` | error | `exit`, `details`, `hints` |
//! | `panicked` | error | `at`, `backtrace` |

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::exported::Exported;
use super::log::{Detail, Level, Line};
use super::summary::{Status, Summary};
use super::words::{counted, duration, number};
use crate::domain::event::Notice;
use crate::domain::outcome::{Outcome, Settled, Tally};
use crate::error::{Exit, Failure};

/// What a run that begins, or goes on, is about.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// Its id; an export has none.
    pub run: Option<&'a str>,
    /// The command.
    pub command: &'a str,
    /// The sheet's name, and its SHA-256.
    pub sheet: Option<(&'a str, &'a str)>,
    /// The profile.
    pub profile: &'a str,
    /// Where the service is.
    pub service: &'a str,
    /// How fast it may be asked.
    pub rate: &'a str,
    /// Which program it is.
    pub version: &'a str,
}

/// A sentence.
pub(super) fn message(text: &str) -> Line {
    Line::new(Level::Info, Detail::Notices, "message", text)
}

/// Something about the sheet or the settings that a person may have overlooked.
pub(super) fn note(text: &str) -> Line {
    Line { text: Some(format!("note: {text}")), ..Line::new(Level::Info, Detail::Notices, "note", text) }
}

/// Something went wrong that changes nothing about the run.
pub(super) fn warning(text: &str) -> Line {
    Line { text: Some(format!("warning: {text}")), ..Line::new(Level::Warn, Detail::Errors, "warning", text) }
}

/// Where a person signs in. Without it, nobody could.
pub(super) fn invitation(page: &str, code: &str, lifetime: Duration) -> Line {
    let message = format!("To sign in, open {page} and enter the code {code}");
    let minutes = counted(lifetime.as_secs().div_ceil(60), "minute");
    let text = Some(format!("{message}\nwaiting for you; the code is good for {minutes}"));
    let line = Line { text, ..Line::new(Level::Info, Detail::Errors, "sign_in", message) };
    line.with("page", page).with("code", code).with("seconds", lifetime.as_secs())
}

/// A run begins. In words it is said only where every row is.
pub(super) fn started(start: &Start<'_>, detail: Detail) -> Line {
    let sheet = start.sheet.map(|sheet| format!(" {}", sheet.0)).unwrap_or_default();
    let run = start.run.map(|run| format!(", run {run}")).unwrap_or_default();
    let message = format!("{}{sheet}, {}{run}", start.command, start.service);
    Line::new(Level::Info, detail, "run_started", message)
        .with("command", start.command)
        .with("sheet", start.sheet.map(|sheet| sheet.0))
        .with("sheet_sha256", start.sheet.map(|sheet| sheet.1))
        .with("profile", start.profile)
        .with("service", start.service)
        .with("rate", start.rate)
        .with("version", start.version)
}

/// A run has ended; in words, standard output has it.
pub(super) fn finished(summary: &Summary, exit: u8, detail: Detail) -> Line {
    let (level, how, reason) = match &summary.status {
        Status::Finished => (Level::Info, "finished", None),
        Status::Interrupted => (Level::Warn, "interrupted", None),
        Status::Aborted(why) => (Level::Error, "stopped", Some(why.as_str())),
    };
    let why = reason.map(|why| format!(": {why}")).unwrap_or_default();
    let document = summary.json();
    let message = format!("{how}{why}: {}", counts(&summary.tally));
    let line = Line::new(level, detail, "run_finished", message).with("status", document["status"].clone());
    ["rows", "requests", "seconds", "report", "resume", "reason"]
        .into_iter()
        .fold(line.with("exit", exit), |line, name| line.with(name, document[name].clone()))
}

/// An export has ended, likewise.
pub(super) fn exported(exported: &Exported, detail: Detail) -> Line {
    let Value::Object(mut fields) = exported.json() else { return message("") };
    // They have had lines of their own.
    fields.remove("notices");
    fields.insert("exit".to_owned(), Exit::Done.code().into());
    let message = format!("wrote {} ({})", exported.file.display(), counted(exported.referrals, "referral"));
    Line { fields, ..Line::new(Level::Info, detail, "run_finished", message) }
}

/// How far it is.
pub(super) fn progress(done: u64, total: u64, noun: &str, tally: Option<&Tally>) -> Line {
    let so_far = tally.map(|tally| format!(": {}", counts(tally))).unwrap_or_default();
    let message = format!("{} of {}{so_far}", number(done), counted(total, noun));
    Line::new(Level::Info, Detail::Notices, "progress", message)
        .with("done", done)
        .with("total", total)
        .with("rows", tally.map(by_outcome))
}

/// Why nothing moves.
pub(super) fn notice(notice: &Notice) -> Line {
    match notice {
        Notice::Paused { pause } => {
            let message = format!("the service asks for a pause of {}", duration(*pause));
            Line::new(Level::Warn, Detail::Notices, "paused", message).with("seconds", super::summary::seconds(*pause))
        }
        Notice::Retrying { reason } => {
            Line::new(Level::Warn, Detail::Notices, "retrying", format!("{reason}; trying again"))
        }
    }
}

/// Somebody asked the run to stop.
pub(super) fn stopping() -> Line {
    let message = "stopping; rows under way are settled first (Ctrl-C once more to leave at once)";
    Line::new(Level::Warn, Detail::Notices, "stopping", message)
}

/// A row has ended.
pub(super) fn row(settled: &Settled, id: &str) -> Line {
    let Settled { row, outcome, http, milliseconds, attempts, .. } = settled;
    let answer = http.map(|http| format!(" ({http}, {milliseconds} ms)")).unwrap_or_default();
    let reason = reason(settled);
    let why = reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let message = format!("row {row} {id} {}{answer}{why}", outcome.word());
    Line::new(Level::Info, Detail::Rows, "row", message)
        .with("row", *row)
        .with("id", Some(id).filter(|id| !id.is_empty()))
        .with("outcome", key(*outcome))
        .with("http", *http)
        .with("error_code", settled.error_code.clone())
        .with("request_id", settled.request_id.clone())
        .with("attempts", *attempts)
        .with("ms", *milliseconds)
        .with("reason", reason)
}

/// Why the program could not do what it was asked to.
pub(super) fn failed(failure: &Failure) -> Line {
    let error = failure.chain().join(": ");
    let details = failure.details.iter().map(|detail| format!("\n  {detail}"));
    let hints = failure.hints.iter().map(|hint| format!("\nhint: {hint}"));
    let text = std::iter::once(format!("error: {error}")).chain(details).chain(hints).collect();
    let line = Line::new(Level::Error, Detail::Errors, "failed", error)
        .with("exit", failure.kind.exit().code())
        .with("details", list(&failure.details))
        .with("hints", list(&failure.hints));
    Line { text: Some(text), ..line }
}

/// Our bug.
pub(super) fn panicked(what: &str, at: &str, backtrace: Option<String>) -> Line {
    let message = format!("a defect of this program: {what}");
    let trace = backtrace.as_ref().map(|trace| format!("\n{trace}")).unwrap_or_default();
    let text = format!(
        "error: {message}\n  at {at}{trace}\n\
         hint: what was sent is in the ledger: `refsheet runs` lists the run, `refsheet resume` finishes it"
    );
    let line = Line::new(Level::Error, Detail::Errors, "panicked", message).with("at", at).with("backtrace", backtrace);
    Line { text: Some(text), ..line }
}

/// What a row ended for: the words of the service or ours, else what is wrong with it.
fn reason(settled: &Settled) -> Option<String> {
    let is_well = settled.outcome.is_well();
    let problem = || settled.problems.iter().filter(|_| !is_well).map(ToString::to_string).next();
    let labels: Vec<&str> = settled.clashes.iter().map(|clash| clash.label.as_str()).collect();
    let clash = (!labels.is_empty()).then(|| format!("somebody else has changed {}", labels.join(", ")));
    settled.reason.clone().or(clash).or_else(problem)
}

/// `25 applied, 2 invalid`
pub(super) fn counts(tally: &Tally) -> String {
    let counts: Vec<String> =
        tally.occurred().map(|(outcome, count)| format!("{} {}", number(count), outcome.word())).collect();
    counts.join(", ")
}

fn by_outcome(tally: &Tally) -> Value {
    let counts: Map<String, Value> = tally.occurred().map(|(outcome, count)| (key(outcome), count.into())).collect();
    Value::Object(counts)
}

/// As in the summary: `not_reached`.
fn key(outcome: Outcome) -> String {
    outcome.word().replace(' ', "_")
}

fn list(texts: &[String]) -> Option<Value> {
    (!texts.is_empty()).then(|| json!(texts))
}
