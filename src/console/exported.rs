//! The last thing an export says: what is where, and what to do with it.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::summary::{requests_as_json, requests_in_words, seconds};
use super::words::{counted, duration};
use crate::domain::event::Requests;

/// How an export ended, for the person or the scheduler.
#[derive(Debug, Clone)]
pub struct Exported {
    /// Where it is.
    pub file: PathBuf,
    /// Where the referrals are from.
    pub service: String,
    /// How many it has.
    pub referrals: u64,
    /// How many were read that it was not to have.
    pub left_out: u64,
    /// How many columns it has, where it has any.
    pub columns: Option<usize>,
    /// What was sent.
    pub requests: Requests,
    /// How long it took.
    pub took: Duration,
    /// What was said about it.
    pub notices: Vec<String>,
    /// The command that a person may want next.
    pub next: Option<String>,
}

impl Exported {
    /// In words.
    pub fn text(&self) -> String {
        let columns =
            self.columns.map(|columns| format!(", {}", counted(columns as u64, "column"))).unwrap_or_default();
        let left_out = match self.left_out {
            0 => String::new(),
            left_out => format!("; {} left out by the conditions", counted(left_out, "more referral")),
        };
        let requests = format!("{} in {}", requests_in_words(&self.requests), duration(self.took));
        let next =
            self.next.as_ref().map(|next| format!("\nedit it, then see what would change: {next}")).unwrap_or_default();
        let what = counted(self.referrals, "referral");
        format!("wrote {} ({what}{columns}{left_out})\n{requests}{next}", self.file.display())
    }

    /// As one document.
    pub fn json(&self) -> Value {
        json!({
            "status": "finished",
            "file": self.file,
            "service": self.service,
            "referrals": self.referrals,
            "left_out": self.left_out,
            "columns": self.columns,
            "requests": requests_as_json(&self.requests),
            "seconds": seconds(self.took),
            "notices": self.notices,
        })
    }
}
