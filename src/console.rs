//! The only printer: what people and schedulers see.
//!
//! Standard output is data: the summary, in words or as JSON. Standard error is talk: progress, notices, failures, in
//! words or as JSON lines. A bar moves only for a person at a terminal; elsewhere there is a line every so often.

mod digest;
mod exported;
mod lines;
mod log;
mod outlook;
mod progress;
mod summary;
pub mod words;

use std::io::{BufRead, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use serde_json::{Value, json};

pub use digest::Digest;
pub use exported::Exported;
pub use lines::Start;
pub use log::{Detail, Format, Log};
pub use outlook::outlook;
pub use progress::Progress;
pub use summary::{Status, Summary};

use crate::domain::outcome::Settled;
use crate::error::Failure;

/// How often it is looked whether a question has become pointless.
const GLANCE: Duration = Duration::from_millis(50);

/// How much is said, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Console {
    /// The summary is one JSON document.
    pub json: bool,
    /// What is said on standard error.
    pub log: Log,
}

impl Console {
    /// Prints data.
    pub fn print(self, text: &str) {
        let mut out = std::io::stdout().lock();
        // Whoever closed the pipe does not want the rest.
        let _ = writeln!(out, "{}", log::plain(text)).and_then(|()| out.flush());
    }

    /// Says something to the person.
    pub fn say(self, text: &str) {
        self.log.say(&lines::message(text));
    }

    /// Says something about the sheet or the settings that the person may have overlooked.
    pub fn note(self, text: &str) {
        self.log.say(&lines::note(text));
    }

    /// A run begins, or goes on.
    pub fn start(self, start: &Start<'_>) {
        if let Some(run) = start.run {
            self.log.name_run(run);
        }
        self.log.say(&lines::started(start, self.bounds()));
    }

    /// A row has ended, with this id.
    pub fn row(self, settled: &Settled, id: &str) {
        if self.tells_rows() {
            self.log.say(&lines::row(settled, id));
        }
    }

    /// Whether anybody wants to hear of single rows.
    pub fn tells_rows(self) -> bool {
        self.log.says(Detail::Rows)
    }

    /// The run that began here has ended, if one did: past ones are only looked at.
    pub fn end(self, summary: &Summary, exit: u8) {
        if self.log.has_run() {
            self.log.say(&lines::finished(summary, exit, self.bounds()));
        }
    }

    /// An export has ended.
    pub fn end_export(self, exported: &Exported) {
        self.log.say(&lines::exported(exported, self.bounds()));
    }

    /// Prints a document, unless there was one already: whoever reads standard output reads one, whatever happens.
    pub fn document(self, document: &Value) {
        static PRINTED: AtomicBool = AtomicBool::new(false);
        let mut out = std::io::stdout().lock();
        if !PRINTED.swap(true, Ordering::SeqCst) {
            let _ = writeln!(out, "{document}").and_then(|()| out.flush());
        }
    }

    /// Says something that must be known, whatever was asked for.
    pub fn warn(self, text: &str) {
        self.log.say(&lines::warning(text));
    }

    /// Shows why the run cannot go on.
    pub fn fail(self, failure: &Failure) {
        self.log.say(&lines::failed(failure));
    }

    /// Whether there is a person who can be asked. Nobody answers a JSON line.
    pub fn can_ask(self) -> bool {
        self.log.format == Format::Text && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks a question that only `y` or `yes` answers with yes; none if `is_over` before there is an answer.
    pub fn ask(self, question: &str, is_over: impl Fn() -> bool) -> Option<bool> {
        let mut error = std::io::stderr().lock();
        let _ = write!(error, "{} [y/N] ", log::plain(question)).and_then(|()| error.flush());
        let (tell, told) = mpsc::channel();
        // Nobody can be called back from reading: a thread that still waits ends with the process.
        std::thread::spawn(move || {
            let mut answer = String::new();
            let _ = std::io::stdin().lock().read_line(&mut answer);
            let _ = tell.send(answer);
        });
        loop {
            match told.recv_timeout(GLANCE) {
                Ok(answer) => return Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")),
                Err(RecvTimeoutError::Disconnected) => return Some(false),
                Err(RecvTimeoutError::Timeout) if is_over() => {
                    let _ = writeln!(error);
                    return None;
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// When the beginning and the end of a run are said: to a machine always, to a person where every row is, because
    /// the summary says it all.
    fn bounds(self) -> Detail {
        match self.log.format {
            Format::Json => Detail::Errors,
            Format::Text => Detail::Rows,
        }
    }
}

/// A failure as a document.
pub fn failed(failure: &Failure) -> Value {
    json!({
        "status": "failed",
        "exit": failure.kind.exit().code(),
        "error": failure.chain().join(": "),
        "details": failure.details,
        "hints": failure.hints,
    })
}
