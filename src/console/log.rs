//! Lines on standard error: sentences for people, or one JSON object a line for machines. Nothing else is written there.
//!
//! Every line has an event, a word from a fixed list (`lines.rs`), a message for people, and the facts behind it as
//! fields. People get the message alone, without a time: a terminal needs none, and the journal has its own.

mod panic;
mod traced;

use std::borrow::Cow;
use std::io::Write;
use std::sync::OnceLock;

use jiff::Timestamp;
use serde_json::{Map, Value};

/// How and how much is said on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// For whom.
    pub format: Format,
    /// How much.
    pub detail: Detail,
}

/// For whom the lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Sentences, for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How much is said; each level includes the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Why the program could not do what it was asked to; in JSON also when a run begins and ends.
    Errors,
    /// Progress, notes, what the service asks for.
    Notices,
    /// Each row that has ended.
    Rows,
    /// Each answer of the service.
    Answers,
}

/// How grave it is, for who filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It was not done.
    Error,
    /// It may need somebody.
    Warn,
    /// It happened.
    Info,
    /// For who looks for a fault.
    Debug,
}

/// One thing to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// How grave it is.
    pub level: Level,
    /// From which detail on it is said.
    pub detail: Detail,
    /// What kind of thing it is, from the list in `lines.rs`.
    pub event: Cow<'static, str>,
    /// For people, in one line.
    pub message: String,
    /// The facts.
    pub fields: Map<String, Value>,
    /// For people, if one line is not enough.
    pub text: Option<String>,
}

/// The run that this process works on; there is never a second one. Who panics or traces cannot be told otherwise.
static RUN: OnceLock<String> = OnceLock::new();

impl Log {
    /// From now on, what the parts of the program trace is said here, and a panic too.
    pub fn install(self) {
        traced::listen(self);
        panic::listen(self);
    }

    /// From now on, JSON lines name this run.
    pub fn name_run(self, run: &str) {
        let _ = RUN.set(run.to_owned());
    }

    /// Whether there is such a run.
    pub fn has_run(self) -> bool {
        RUN.get().is_some()
    }

    /// Whether lines of this detail are said.
    pub fn says(self, detail: Detail) -> bool {
        detail <= self.detail
    }

    /// Says it, if it is to be said.
    pub fn say(self, line: &Line) {
        if self.says(line.detail) {
            write(&match self.format {
                Format::Text => plain(line.text.as_ref().unwrap_or(&line.message)),
                Format::Json => line.json(Timestamp::now(), RUN.get().map(String::as_str)).to_string(),
            });
        }
    }
}

impl Line {
    /// A line of a message alone.
    pub fn new(level: Level, detail: Detail, event: &'static str, message: impl Into<String>) -> Line {
        Line { level, detail, event: event.into(), message: message.into(), fields: Map::new(), text: None }
    }

    /// One more fact. One that is not known is left out.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Line {
        let value = value.into();
        if !value.is_null() {
            self.fields.insert(name.to_owned(), value);
        }
        self
    }

    /// The names before the facts are in every line, but for `run`, which is in every line of a run.
    fn json(&self, now: Timestamp, run: Option<&str>) -> Value {
        let mut object = Map::new();
        object.insert("timestamp".to_owned(), format!("{now:.3}").into());
        object.insert("level".to_owned(), self.level.word().into());
        object.insert("event".to_owned(), self.event.as_ref().into());
        object.insert("message".to_owned(), self.message.clone().into());
        object.extend(run.map(|run| ("run".to_owned(), run.into())));
        object.extend(self.fields.clone());
        Value::Object(object)
    }
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
        }
    }
}

/// A text without characters that a terminal would obey: sheets and services may hold anything.
pub fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() && !"\n\t".contains(letter) { ' ' } else { letter }).collect()
}

/// In one piece, so that lines of several processes that share a file do not tear.
fn write(text: &str) {
    // Whoever closed it does not want it.
    let _ = std::io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_reads_the_same_names_in_the_same_order_in_every_line() {
        let now: Timestamp = "2026-11-21T02:00:00.1234Z".parse().unwrap();
        let line = Line::new(Level::Warn, Detail::Notices, "paused", "a \"pause\"\nof 7 s")
            .with("seconds", 7)
            .with("http", None::<u16>);
        assert_eq!(
            line.json(now, Some("r1")).to_string(),
            r#"{"timestamp":"2026-11-21T02:00:00.123Z","level":"warn","event":"paused","message":"a \"pause\"\nof 7 s","run":"r1","seconds":7}"#
        );
        assert_eq!(line.json(now, None).get("run"), None);
    }

    #[test]
    fn each_detail_includes_the_ones_before() {
        let log = Log { format: Format::Text, detail: Detail::Rows };
        assert!(log.says(Detail::Errors) && log.says(Detail::Notices) && log.says(Detail::Rows));
        assert!(!log.says(Detail::Answers));
    }

    #[test]
    fn nothing_that_is_said_moves_the_cursor_of_a_terminal() {
        assert_eq!(plain("C3: \u{1b}[2Jgone\u{9b}31m\r\n\tnext"), "C3:  [2Jgone 31m \n\tnext");
    }
}
