//! `export`: which referrals, and what becomes of them.

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser as Flag;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Service, Talk};
use crate::app::units::Zone;
use crate::domain::field::words::nearest;
use crate::domain::status::STATUS_WORDS;
use crate::domain::value;

/// `export`
#[derive(Debug, Args)]
#[command(mut_arg("check", |option| option.hide(true)), mut_arg("via", |option| option.hide(true)))]
#[command(mut_arg("on_conflict", |option| option.hide(true)), mut_arg("state_dir", |option| option.hide(true)))]
pub struct Export {
    /// Where it goes: `.xlsx`, `.csv`, or `.jsonl` for the referrals as the service holds them
    /// [default: referrals-<date>.xlsx]
    #[arg(long, value_name = "FILE", env = "REFSHEET_OUT")]
    pub out: Option<PathBuf>,
    /// Its columns, by path, label or the portal's heading; `all` for every field [default: those of everyday changes]
    #[arg(long, value_name = "FIELDS", value_delimiter = ',', env = "REFSHEET_FIELDS")]
    pub fields: Vec<String>,
    /// Replace the file if it is there
    #[arg(long, env = "REFSHEET_FORCE", value_parser = Flag::new())]
    pub force: bool,
    /// Read each referral for itself, because the list may leave fields out: one request for each
    #[arg(long, env = "REFSHEET_WHOLE", value_parser = Flag::new())]
    pub whole: bool,
    /// Where times without an offset are told, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", env = "REFSHEET_TIME_ZONE")]
    pub time_zone: Option<Zone>,
    /// Which referrals.
    #[command(flatten)]
    pub which: Which,
    /// The service.
    #[command(flatten)]
    pub service: Service,
    /// One JSON document on standard output instead of the summary in words
    #[arg(long, env = "REFSHEET_JSON", value_parser = Flag::new(), help_heading = "Output")]
    pub json: bool,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: Talk,
}

/// Which referrals are exported.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which referrals (all of these must hold)")]
pub struct Which {
    /// An OData filter, passed on as it is
    #[arg(long, value_name = "ODATA", env = "REFSHEET_FILTER")]
    pub filter: Option<String>,
    /// Those with this status: New, Active or Closed, or several with commas
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status, env = "REFSHEET_STATUS")]
    pub status: Vec<&'static str>,
    /// Those changed on this day or later, or since a moment such as 2026-11-01T08:00:00Z
    #[arg(long, value_name = "DATE", value_parser = moment, env = "REFSHEET_CHANGED_SINCE")]
    pub changed_since: Option<Timestamp>,
    /// Those with this person in the team, by e-mail address
    #[arg(long, value_name = "EMAIL", value_parser = mail, env = "REFSHEET_TEAM_MEMBER")]
    pub team_member: Option<String>,
    /// Those with a closing date before this day
    #[arg(long, value_name = "DATE", value_parser = moment, env = "REFSHEET_CLOSING_BEFORE")]
    pub closing_before: Option<Timestamp>,
}

fn status(text: &str) -> Result<&'static str, String> {
    let known = STATUS_WORDS.iter().copied().find(|word| word.eq_ignore_ascii_case(text.trim()));
    known.ok_or_else(|| match nearest(text, STATUS_WORDS.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("accepted: {}", STATUS_WORDS.join(", ")),
    })
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let moment = value::moment::read(text.trim(), None, &TimeZone::UTC);
    moment.map_err(|complaint| format!("{}; {}", complaint.found, complaint.accepted))
}

fn mail(text: &str) -> Result<String, String> {
    value::email(text.trim()).map_err(|complaint| complaint.accepted)
}
