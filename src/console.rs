//! The only printer: what people and schedulers see.
//!
//! Standard output is data: the summary, in words or as JSON. Standard error is talk: progress, notices, failures.
//! A bar moves only for a person at a terminal; elsewhere there is a line every so often.

mod digest;
mod exported;
mod outlook;
mod progress;
mod summary;
pub mod words;

use std::io::{BufRead, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use serde_json::{Value, json};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;

pub use digest::Digest;
pub use exported::Exported;
pub use outlook::outlook;
pub use progress::Progress;
pub use summary::{Status, Summary};

use crate::error::Failure;

/// How often it is looked whether a question has become pointless.
const GLANCE: Duration = Duration::from_millis(50);

/// How much is said, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Console {
    /// The summary is one JSON document.
    pub json: bool,
    /// No progress and no notices.
    pub quiet: bool,
}

/// From now on, what the parts of the program trace is written on standard error, a line each.
pub fn log_verbosely() {
    // Only our own parts: the libraries would trace whole requests, headers included.
    let ours = tracing_subscriber::filter::filter_fn(|metadata| metadata.target().starts_with(env!("CARGO_PKG_NAME")));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_filter(ours);
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines));
}

impl Console {
    /// Prints data.
    pub fn print(self, text: &str) {
        let mut out = std::io::stdout().lock();
        // Whoever closed the pipe does not want the rest.
        let _ = writeln!(out, "{text}").and_then(|()| out.flush());
    }

    /// Says something to the person.
    pub fn say(self, text: &str) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
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
        let _ = writeln!(std::io::stderr().lock(), "warning: {text}");
    }

    /// Shows why the run cannot go on.
    pub fn fail(self, failure: &Failure) {
        let error = failure.chain().join(": ");
        let details = failure.details.iter().map(|detail| format!("\n  {detail}"));
        let hints = failure.hints.iter().map(|hint| format!("\nhint: {hint}"));
        let text: String = std::iter::once(format!("error: {error}")).chain(details).chain(hints).collect();
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Whether there is a person who can be asked.
    pub fn can_ask(self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks a question that only `y` or `yes` answers with yes; none if `is_over` before there is an answer.
    pub fn ask(self, question: &str, is_over: impl Fn() -> bool) -> Option<bool> {
        let mut error = std::io::stderr().lock();
        let _ = write!(error, "{question} [y/N] ").and_then(|()| error.flush());
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
