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

pub use digest::Digest;
pub use exported::Exported;
pub use lines::Start;
pub use log::{Detail, Format, Log};
pub use outlook::outlook;
pub use progress::Progress;
pub use summary::{Status, Summary};

use crate::domain::outcome::Settled;
use crate::error::{Exit, Failure};

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

    /// A run has ended.
    pub fn finish(self, summary: &Summary, exit: Exit) {
        self.log.say(&lines::finished(summary, exit, self.bounds()));
        self.show(summary);
    }

    /// How a run has ended.
    pub fn show(self, summary: &Summary) {
        self.print(&if self.json { summary.json().to_string() } else { summary.text() });
    }

    /// An export has ended.
    pub fn finish_export(self, exported: &Exported) {
        self.log.say(&lines::exported(exported, self.bounds()));
        self.print(&if self.json { exported.json().to_string() } else { exported.text() });
    }

    /// Shows why the run cannot go on: on standard error, and as JSON where JSON was asked for.
    pub fn fail(self, failure: &Failure) {
        self.log.say(&lines::failed(failure));
        if self.json {
            let document = serde_json::json!({
                "status": "failed",
                "exit": failure.kind.exit().code(),
                "error": failure.chain().join(": "),
                "details": failure.details,
                "hints": failure.hints,
            });
            self.print(&document.to_string());
        }
    }

    /// Whether there is a person who can be asked. Nobody answers a JSON line.
    pub fn can_ask(self) -> bool {
        self.log.format == Format::Text && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks a question that only `y` or `yes` answers with yes.
    pub fn ask(self, question: &str) -> bool {
        let mut error = std::io::stderr().lock();
        let _ = write!(error, "{} [y/N] ", log::plain(question)).and_then(|()| error.flush());
        let mut answer = String::new();
        let _ = std::io::stdin().lock().read_line(&mut answer);
        matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
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
