//! What several commands share: the sheet, the service, when to stop, what comes out.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::builder::FalseyValueParser as Flag;
use clap::{ArgAction, Args};

use crate::app::choices::{Check, DateFormat, Decimal, LogFormat, MatchBy, OnConflict, Via};
use crate::app::units::{Limit, Rate, Span, Zone};
use crate::sheet::Worksheet;

/// The concurrencies that make sense: the service's limit is reached long before the largest.
pub const CONCURRENCIES: RangeInclusive<u16> = 1..=256;

/// The sheet and how to read it.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Sheet")]
pub struct Sheet {
    /// A CSV or Excel file, or `-` for CSV on standard input
    #[arg(value_name = "SHEET")]
    pub path: PathBuf,
    /// The worksheet, by name or number
    #[arg(long, value_name = "NAME|NUMBER", env = "REFSHEET_SHEET")]
    pub sheet: Option<Worksheet>,
    /// Leave out the rows that are hidden, by a filter or by hand
    #[arg(long, env = "REFSHEET_VISIBLE_ONLY", value_parser = Flag::new())]
    pub visible_only: bool,
    /// Only these rows, as numbered in the sheet
    #[arg(long, value_name = "FROM-TO", value_parser = rows, env = "REFSHEET_ROWS")]
    pub rows: Option<(u32, u32)>,
    /// Only so many rows: a first careful bite
    #[arg(long, value_name = "N", env = "REFSHEET_LIMIT")]
    pub limit: Option<u32>,
    /// The file that the sheet was made from: only cells that differ from it are changes. An exported workbook knows it
    /// by itself; `none` takes every filled cell of it for a change
    #[arg(long, value_name = "FILE", env = "REFSHEET_BASE")]
    pub base: Option<PathBuf>,
    /// What finds the referral of a row whose id is blank [default: id]
    #[arg(long, value_enum, env = "REFSHEET_MATCH_BY")]
    pub match_by: Option<MatchBy>,
    /// Create the referrals that --match-by does not find
    #[arg(long, requires = "match_by", env = "REFSHEET_CREATE_MISSING", value_parser = Flag::new())]
    pub create_missing: bool,
    /// A heading of yours and the field that it stands for
    #[arg(long = "map", value_name = "HEADING=FIELD", value_parser = mapping, env = "REFSHEET_MAP")]
    pub maps: Vec<(String, String)>,
    /// A column to leave alone
    #[arg(long = "ignore-column", value_name = "HEADING", env = "REFSHEET_IGNORE_COLUMN")]
    pub ignored: Vec<String>,
    /// Leave all columns alone that are not known
    #[arg(long, env = "REFSHEET_IGNORE_UNKNOWN_COLUMNS", value_parser = Flag::new())]
    pub ignore_unknown_columns: bool,
    /// How dates such as 03/04/2026 are to be read
    #[arg(long, value_enum, env = "REFSHEET_DATE_FORMAT")]
    pub date_format: Option<DateFormat>,
    /// How amounts such as 1,234 are to be read
    #[arg(long, value_enum, env = "REFSHEET_DECIMAL")]
    pub decimal: Option<Decimal>,
    /// Where times without an offset are told, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", env = "REFSHEET_TIME_ZONE")]
    pub time_zone: Option<Zone>,
    /// The text that empties a field [default: (clear)]
    #[arg(long, value_name = "TEXT", env = "REFSHEET_CLEAR_WITH")]
    pub clear_with: Option<String>,
}

/// The service and how to treat it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Service")]
pub struct Service {
    /// Use a private sandbox with made-up referrals: no account, no network
    #[arg(long, env = "REFSHEET_SANDBOX", value_parser = Flag::new())]
    pub sandbox: bool,
    /// The profile of the settings file
    #[arg(long, value_name = "NAME", env = "REFSHEET_PROFILE", default_value = crate::app::profile::DEFAULT)]
    pub profile: String,
    /// Where `/referrals` lives [default: the service's own]
    #[arg(long, value_name = "URL", env = "REFSHEET_BASE_URL")]
    pub base_url: Option<String>,
    /// Requests that may leave, reads included: `5/s`, `300/m`, `none` [default: 5/s]
    #[arg(long, env = "REFSHEET_RATE")]
    pub rate: Option<Rate>,
    /// Requests in flight, from 1 to 256 [default: 4]
    #[arg(long, value_name = "N", env = "REFSHEET_CONCURRENCY")]
    pub concurrency: Option<u16>,
    /// Whether to read each referral before it is changed [default: live]
    #[arg(long, value_enum, env = "REFSHEET_CHECK")]
    pub check: Option<Check>,
    /// How changes are sent [default: patch]
    #[arg(long, value_enum, env = "REFSHEET_VIA")]
    pub via: Option<Via>,
    /// What to do when somebody else has changed the referral meanwhile [default: merge]
    #[arg(long, value_enum, env = "REFSHEET_ON_CONFLICT")]
    pub on_conflict: Option<OnConflict>,
    /// Where ledgers and settings live.
    #[command(flatten)]
    pub place: Place,
}

/// When to stop early.
#[derive(Debug, Args)]
#[command(next_help_heading = "Stopping")]
pub struct Limits {
    /// Send nothing if any row is invalid
    #[arg(long, env = "REFSHEET_STRICT", value_parser = Flag::new())]
    pub strict: bool,
    /// Send a create again even if nobody can tell whether it landed: it may end up there twice
    #[arg(long, env = "REFSHEET_REPEAT_CREATES", value_parser = Flag::new())]
    pub repeat_creates: bool,
    /// Stop once more rows than that have failed
    #[arg(long, value_name = "N|N%", env = "REFSHEET_MAX_FAILURES")]
    pub max_failures: Option<Limit>,
    /// Stop after so long, such as 45m
    #[arg(long, value_name = "TIME", env = "REFSHEET_MAX_DURATION")]
    pub max_duration: Option<Span>,
}

/// What comes out.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// The report, `.xlsx`, `.csv` or `.jsonl` [default: <sheet>-report-<run>.xlsx beside the sheet]
    #[arg(long, value_name = "FILE", env = "REFSHEET_REPORT")]
    pub report: Option<PathBuf>,
    /// No report
    #[arg(long, conflicts_with = "report", env = "REFSHEET_NO_REPORT", value_parser = Flag::new())]
    pub no_report: bool,
    /// One JSON document on standard output instead of the summary in words
    #[arg(long, env = "REFSHEET_JSON", value_parser = Flag::new())]
    pub json: bool,
}

/// What is said on standard error, by every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Log, on standard error")]
pub struct Talk {
    /// Sentences, or one JSON object a line [default: text]
    #[arg(long, value_enum, global = true, env = "REFSHEET_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// A line for each row; twice, for each answer of the service too
    #[arg(long, short, global = true, action = ArgAction::Count, env = "REFSHEET_VERBOSE", value_name = "LEVEL")]
    pub verbose: u8,
    /// Nothing but errors
    #[arg(long, short, global = true, env = "REFSHEET_QUIET", value_parser = Flag::new())]
    pub quiet: bool,
}

/// Where ledgers, settings and tokens come from.
#[derive(Debug, Args)]
pub struct Place {
    /// The settings file [default: refsheet/config.toml in the user's configuration folder]
    #[arg(long, value_name = "FILE", env = "REFSHEET_CONFIG", global = true)]
    pub config: Option<PathBuf>,
    /// Where the ledgers of runs live
    #[arg(long, value_name = "DIR", env = "REFSHEET_STATE_DIR", global = true)]
    pub state_dir: Option<PathBuf>,
}

fn rows(text: &str) -> Result<(u32, u32), String> {
    let refused = || format!("`{text}` is not a range of rows; write `2-50`, or `7` for one row");
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let from: u32 = from.trim().parse().map_err(|_| refused())?;
    let to: u32 = if to.trim().is_empty() { u32::MAX } else { to.trim().parse().map_err(|_| refused())? };
    if from <= to { Ok((from, to)) } else { Err(refused()) }
}

fn mapping(text: &str) -> Result<(String, String), String> {
    let (heading, field) =
        text.rsplit_once('=').ok_or_else(|| format!("`{text}` is not a mapping; write `Heading=field`"))?;
    Ok((heading.trim().to_owned(), field.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_a_person_counts_them() {
        assert_eq!(rows("2-50"), Ok((2, 50)));
        assert_eq!(rows("7"), Ok((7, 7)));
        assert_eq!(rows("7-"), Ok((7, u32::MAX)));
        assert!(rows("50-2").is_err());
    }
}
