//! What a report says about the run as a whole.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::event::Requests;

/// The circumstances of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The command: `apply`, `plan`, `undo`.
    pub command: String,
    /// The run's id.
    pub run: String,
    /// The file's name, without its folder.
    pub sheet: String,
    /// The worksheet, if the file has worksheets.
    pub worksheet: Option<String>,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Which part of its rows the run has, if not all of them: `2/3`.
    pub shard: Option<String>,
    /// The service's address.
    pub service: String,
    /// The profile of the settings, if one was taken.
    pub profile: Option<String>,
    /// The allowed pace in words: `5 requests a second, 4 at a time`.
    pub rate: String,
    /// When the run began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// How long it worked. Less than from start to end when it was resumed after a pause.
    pub duration: Duration,
    /// The requests that left for the service.
    pub requests: Requests,
    /// Who ran it.
    pub who: String,
    /// The program's version.
    pub version: String,
    /// Why the run stopped before the last row, as a fragment; none when it finished.
    pub stopped: Option<String>,
    /// What the reader of the sheet noticed, such as which of several worksheets was taken.
    pub notices: Vec<String>,
    /// The command that goes on with the run, if it stopped.
    pub resume: Option<String>,
}
