//! What is done when a run is over, however it ended: a command gets the summary, a file the metrics.
//!
//! Neither changes how the run ended: what goes wrong here is said on standard error, and that is all.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::{arguments, metrics, on_finish, signals};
use crate::console::{Console, Summary};

/// What is to be done.
pub struct Afterwards {
    /// The profile's name.
    pub profile: String,
    on_finish: Option<String>,
    timeout: Duration,
    metrics_file: Option<PathBuf>,
}

impl Afterwards {
    /// What the options and the profile say.
    pub fn of(arguments: &arguments::Afterwards, profile: &str) -> Afterwards {
        Afterwards {
            profile: profile.to_owned(),
            on_finish: arguments.on_finish.clone().filter(|line| !line.trim().is_empty()),
            timeout: arguments.on_finish_timeout.into(),
            metrics_file: arguments.metrics_file.clone(),
        }
    }

    /// Does it.
    pub(super) fn carry_out(&self, document: &Value, summary: Option<&Summary>, code: u8, console: Console) {
        // Whoever is impatient now ends the command that is waited for, and not what has been said of the run.
        let _listener = signals::listen();
        let last = metrics::Last { profile: &self.profile, summary, code, ended: Timestamp::now() };
        if let Some(path) = &self.metrics_file
            && let Err(error) = metrics::write(path, &last)
        {
            console.warn(&format!("the metrics cannot be written to `{}`: {error}", path.display()));
        }
        if let Some(line) = &self.on_finish
            && let Err(error) = on_finish::run(line, document, self.timeout)
        {
            console.warn(&format!("on_finish: {error}"));
        }
    }
}
