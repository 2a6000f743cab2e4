//! What several commands share: the sheet, the service, when to stop, what comes out.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::builder::FalseyValueParser as Flag;
use clap::{ArgAction, Args};
use rust_decimal::Decimal as Exact;

use crate::api;
use crate::app::choices::{Check, DateFormat, Decimal, LogFormat, MatchBy, OnConflict, Via};
use crate::app::units::{Limit, Rate, Shard, Span, Zone};
use crate::domain::forecast;
use crate::domain::value::CLEAR_WORD;
use crate::sheet::Worksheet;

/// The concurrencies that make sense: the service's limit is reached long before the largest.
const CONCURRENCIES: RangeInclusive<u16> = 1..=256;

/// The sheet and how to read it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sheet")]
pub struct Sheet {
    /// A CSV or Excel file, or `-` for CSV on standard input
    #[arg(value_name = "SHEET")]
    pub path: PathBuf,
    /// How to read it.
    #[command(flatten)]
    pub how: SheetOptions,
}

/// How to read a sheet.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sheet")]
pub struct SheetOptions {
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
    /// Only the rows whose referral falls to part K of N, at its part of the rate: for several processes that share a
    /// sheet, started with the same options. `I+1/N` where an index begins at 0
    #[arg(long, value_name = "K/N", env = "REFSHEET_SHARD")]
    pub shard: Option<Shard>,
    /// The file that the sheet was made from: only cells that differ from it are changes. An exported workbook knows it
    /// by itself; `none` takes every filled cell of it for a change
    #[arg(long, value_name = "FILE", env = "REFSHEET_BASE")]
    pub base: Option<PathBuf>,
    /// What finds the referral of a row whose id is blank
    #[arg(long, value_enum, env = "REFSHEET_MATCH_BY", default_value = "id")]
    pub match_by: MatchBy,
    /// Create the referrals that --match-by does not find
    #[arg(long, env = "REFSHEET_CREATE_MISSING", value_parser = Flag::new())]
    pub create_missing: bool,
    /// A heading of yours and the field that it stands for; in the environment, several with `;` between them
    #[arg(long = "map", value_name = "HEADING=FIELD", value_parser = mapping, env = "REFSHEET_MAP")]
    pub maps: Vec<(String, String)>,
    /// A column to leave alone; in the environment, several with `;` between them
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
    /// The text that empties a field
    #[arg(long, value_name = "TEXT", env = "REFSHEET_CLEAR_WITH", default_value = CLEAR_WORD)]
    pub clear_with: String,
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
    /// Where `/referrals` lives
    #[arg(long, value_name = "URL", env = "REFSHEET_BASE_URL", default_value = api::DEFAULT_BASE_URL)]
    pub base_url: String,
    /// Requests that may leave, reads included: `5/s`, `300/m`, `none`
    #[arg(long, env = "REFSHEET_RATE", default_value = "5/s")]
    pub rate: Rate,
    /// Requests in flight, from 1 to 256
    #[arg(long, value_name = "N", env = "REFSHEET_CONCURRENCY", value_parser = concurrency, default_value = "4")]
    pub concurrency: u16,
    /// Whether to read each referral before it is changed
    #[arg(long, value_enum, env = "REFSHEET_CHECK", default_value = "live")]
    pub check: Check,
    /// How changes are sent
    #[arg(long, value_enum, env = "REFSHEET_VIA", default_value = "patch")]
    pub via: Via,
    /// What to do when somebody else has changed the referral meanwhile
    #[arg(long, value_enum, env = "REFSHEET_ON_CONFLICT", default_value = "merge")]
    pub on_conflict: OnConflict,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub patience: Patience,
    /// Where ledgers and settings live.
    #[command(flatten)]
    pub place: Place,
}

/// Whether to wait for another run of the same profile.
#[derive(Debug, Args)]
pub struct Patience {
    /// Wait so long for another run of the same profile to end, such as 45m, before giving up
    #[arg(long, value_name = "TIME", env = "REFSHEET_LOCK_WAIT", default_value = "0s")]
    pub lock_wait: Span,
}

/// What is done when a run is over, however it ended.
#[derive(Debug, Args)]
#[command(next_help_heading = "When it is over")]
pub struct Afterwards {
    /// A command for the shell that gets the JSON summary on its standard input, whatever the end: for mail, chat, tickets
    #[arg(long, value_name = "COMMAND", env = "REFSHEET_ON_FINISH", hide_env_values = true)]
    pub on_finish: Option<String>,
    /// How long that command may take
    #[arg(long, value_name = "TIME", env = "REFSHEET_ON_FINISH_TIMEOUT", default_value = "60s")]
    pub on_finish_timeout: Span,
    /// A file of metrics about the last run, for the textfile collector of Prometheus
    #[arg(long, value_name = "FILE", env = "REFSHEET_METRICS_FILE")]
    pub metrics_file: Option<PathBuf>,
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
    /// How much may be done at all.
    #[command(flatten)]
    pub bounds: Bounds,
}

/// How much a run may do: if it would do more, it does nothing.
#[derive(Debug, Args)]
#[command(next_help_heading = "Stopping")]
pub struct Bounds {
    /// Send nothing if more rows than that would change or create a referral
    #[arg(long, value_name = "N", env = "REFSHEET_MAX_ROWS", value_parser = count)]
    pub max_rows: Option<u64>,
    /// Send nothing if more rows than that would close one
    #[arg(long, value_name = "N", env = "REFSHEET_MAX_CLOSED", value_parser = count)]
    pub max_closed: Option<u64>,
    /// Send nothing if deal values of one currency would change by more than that, up and down added up
    #[arg(long, value_name = "AMOUNT", env = "REFSHEET_MAX_VALUE_CHANGE", value_parser = amount)]
    pub max_value_change: Option<Exact>,
}

/// What comes out.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// The report, `.xlsx`, `.csv` or `.jsonl` [default: <sheet>-report-<run>.xlsx beside the sheet]
    #[arg(long, value_name = "FILE", env = "REFSHEET_REPORT")]
    pub report: Option<PathBuf>,
    /// The folder of the report, if it is not named [default: the sheet's]
    #[arg(long, value_name = "DIR", env = "REFSHEET_REPORT_DIR")]
    pub report_dir: Option<PathBuf>,
    /// No report, unless it is named
    #[arg(long, env = "REFSHEET_NO_REPORT", value_parser = Flag::new())]
    pub no_report: bool,
    /// One JSON document on standard output instead of the summary in words
    #[arg(long, env = "REFSHEET_JSON", value_parser = Flag::new())]
    pub json: bool,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: Talk,
}

/// What is said on standard error, by every command.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "On standard error")]
pub struct Talk {
    /// Sentences, or one JSON object a line
    #[arg(long, value_enum, global = true, env = "REFSHEET_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
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

impl From<&Bounds> for forecast::Bounds {
    fn from(bounds: &Bounds) -> Self {
        forecast::Bounds { rows: bounds.max_rows, closed: bounds.max_closed, value_change: bounds.max_value_change }
    }
}

fn rows(text: &str) -> Result<(u32, u32), String> {
    let refused = || format!("`{text}` is not a range of rows; write `2-50`, or `7` for one row");
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let from: u32 = from.trim().parse().map_err(|_| refused())?;
    let to: u32 = if to.trim().is_empty() { u32::MAX } else { to.trim().parse().map_err(|_| refused())? };
    if from <= to { Ok((from, to)) } else { Err(refused()) }
}

/// A concurrency that makes sense.
fn concurrency(text: &str) -> Result<u16, String> {
    let concurrency = text.trim().parse().ok().filter(|concurrency| CONCURRENCIES.contains(concurrency));
    let (least, most) = CONCURRENCIES.into_inner();
    concurrency.ok_or_else(|| format!("`{text}` is not a number from {least} to {most}"))
}

fn count(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| format!("`{text}` is not a number of rows, such as 1000"))
}

fn amount(text: &str) -> Result<Exact, String> {
    let amount = text.trim().parse().ok().filter(|amount: &Exact| !amount.is_sign_negative());
    amount.ok_or_else(|| format!("`{text}` is not an amount, such as 250000"))
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
