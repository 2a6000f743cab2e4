//! A problem: something wrong in a sheet, with its place, what was found, and what would be accepted.
//!
//! Problems are data, not errors. All of a row are collected; errors make it invalid, warnings do not.

use std::fmt;
use std::sync::Arc;

use super::cell::Address;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The row is not sent.
    Error,
    /// The row is sent; the person should know.
    Warning,
}

/// One thing wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The cell, unless the row as a whole is meant.
    pub place: Option<Address>,
    /// The heading of its column, for grouping and for people; empty when the row as a whole is meant.
    pub heading: Arc<str>,
    /// What was found, and why that is wrong: a lowercase fragment.
    pub found: String,
    /// What would be accepted; may be empty when `found` says it all.
    pub accepted: String,
}

impl Problem {
    /// An error about a cell.
    pub fn error(place: Address, heading: &Arc<str>, found: impl Into<String>, accepted: impl Into<String>) -> Self {
        Problem {
            severity: Severity::Error,
            place: Some(place),
            heading: Arc::clone(heading),
            found: found.into(),
            accepted: accepted.into(),
        }
    }

    /// A warning about a cell.
    pub fn warning(place: Address, heading: &Arc<str>, found: impl Into<String>, accepted: impl Into<String>) -> Self {
        Problem { severity: Severity::Warning, ..Problem::error(place, heading, found, accepted) }
    }

    /// An error about a whole row.
    pub fn of_row(found: impl Into<String>, accepted: impl Into<String>) -> Self {
        Problem {
            severity: Severity::Error,
            place: None,
            heading: "".into(),
            found: found.into(),
            accepted: accepted.into(),
        }
    }

    /// Whether it keeps the row from being sent.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    /// `C17 (Deal value): "12,5,0" is not an amount; write 12500 or 12500.50`, after `warning: ` for a warning; the
    /// alternate form `{:#}` leaves that word away.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.severity == Severity::Warning && !f.alternate() {
            f.write_str("warning: ")?;
        }
        match (self.place, self.heading.is_empty()) {
            (Some(place), true) => write!(f, "{place}: ")?,
            (Some(place), false) => write!(f, "{place} ({}): ", self.heading)?,
            (None, false) => write!(f, "{}: ", self.heading)?,
            (None, true) => {}
        }
        f.write_str(&self.found)?;
        if !self.accepted.is_empty() {
            write!(f, "; {}", self.accepted)?;
        }
        Ok(())
    }
}
