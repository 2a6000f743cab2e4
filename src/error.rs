//! Why the run cannot go on, and the exit codes.
//!
//! A failure has a kind, which fixes the exit code, the chain of causes, and hints: what the person can do, with a
//! command to paste where there is one. A row that fails is not a failure but an outcome.

use std::error::Error;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Every row is as wanted.
    Done,
    /// Finished, but some rows were not applied.
    SomeNotApplied,
    /// Wrong usage or settings.
    Usage,
    /// The sheet cannot be read or its headings are not understood; nothing was sent.
    Input,
    /// Sign-in failed.
    SignIn,
    /// Stopped: too many failures, or the service cannot be reached; resumable.
    Stopped,
    /// Another run holds the lock, or an unfinished run of this sheet exists.
    Held,
    /// Ctrl-C; resumable.
    Interrupted,
    /// SIGTERM; resumable.
    Terminated,
}

impl Exit {
    /// All of them, for the table in the README.
    pub const ALL: [Exit; 9] = [
        Exit::Done,
        Exit::SomeNotApplied,
        Exit::Usage,
        Exit::Input,
        Exit::SignIn,
        Exit::Stopped,
        Exit::Held,
        Exit::Interrupted,
        Exit::Terminated,
    ];

    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::SomeNotApplied => 1,
            Exit::Usage => 2,
            Exit::Input => 3,
            Exit::SignIn => 4,
            Exit::Stopped => 5,
            Exit::Held => 6,
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
        }
    }

    /// What it means.
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Done => "every row applied, unchanged or skipped (plan: nothing invalid)",
            Exit::SomeNotApplied => "finished; some rows were not applied",
            Exit::Usage => "wrong usage or settings",
            Exit::Input => "the sheet cannot be read or its headings are not understood; nothing was sent",
            Exit::SignIn => "sign-in failed",
            Exit::Stopped => "stopped: too many failures, or the service cannot be reached; resumable",
            Exit::Held => "another run holds this profile's lock, or an unfinished run of this sheet exists",
            Exit::Interrupted => "interrupted (Ctrl-C); resumable",
            Exit::Terminated => "terminated (SIGTERM); resumable",
        }
    }
}

/// What kind of failure it is. Each ends in one exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The arguments or the settings.
    Usage,
    /// The sheet.
    Input,
    /// The sign-in.
    SignIn,
    /// The service, or a disk that is full: the run stopped and can be resumed.
    Stopped,
    /// Another process works on the run, or an unfinished run of the sheet exists.
    Held,
    /// Ctrl-C, before anything was sent.
    Interrupted,
    /// SIGTERM, likewise.
    Terminated,
    /// The run is complete, but what it has to show cannot be written.
    Output,
}

/// Why the run cannot go on.
#[derive(Debug)]
pub struct Failure {
    /// What kind it is.
    pub kind: Kind,
    /// What happened, with its causes.
    pub error: Box<dyn Error + Send + Sync>,
    /// More of the same kind, one line each: all headings that are not understood, say.
    pub details: Vec<String>,
    /// What the person can do.
    pub hints: Vec<String>,
}

impl Kind {
    /// The exit code that goes with it.
    pub fn exit(self) -> Exit {
        match self {
            Kind::Usage => Exit::Usage,
            Kind::Input => Exit::Input,
            Kind::SignIn => Exit::SignIn,
            Kind::Stopped => Exit::Stopped,
            Kind::Held => Exit::Held,
            Kind::Interrupted => Exit::Interrupted,
            Kind::Terminated => Exit::Terminated,
            Kind::Output => Exit::SomeNotApplied,
        }
    }
}

impl Failure {
    /// A failure without hints.
    pub fn new(kind: Kind, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Failure { kind, error: error.into(), details: Vec::new(), hints: Vec::new() }
    }

    /// The same with one more hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// What happened and why, one cause after the other; each text leaves its cause to the next.
    pub fn chain(&self) -> Vec<String> {
        let mut texts = vec![self.error.to_string()];
        let mut cause = self.error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if texts.last() != Some(&text) {
                texts.push(text);
            }
            cause = error.source();
        }
        texts
    }
}
