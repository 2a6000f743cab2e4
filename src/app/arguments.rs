//! The command line, as the person types it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::domain::value::amount::DecimalMark;
use crate::domain::value::moment::DateOrder;
use crate::engine;
use crate::sheet::Worksheet;

/// Mass updates of Partner Center referrals, from a spreadsheet and back.
#[derive(Debug, Parser)]
#[command(name = "refsheet", version, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read a sheet of changes, check it, send the changes, write a report
    Apply(Apply),
    /// Show what `apply` would send, and send nothing
    Plan(Plan),
    /// List every heading that a sheet may have
    Fields(Fields),
    /// Serve a local stand-in for the service, until stopped
    Sandbox(Sandbox),
}

/// `apply`
#[derive(Debug, Args)]
pub struct Apply {
    /// The sheet and how to read it.
    #[command(flatten)]
    pub sheet: Sheet,
    /// The service.
    #[command(flatten)]
    pub service: Service,
    /// What comes out.
    #[command(flatten)]
    pub output: Output,
    /// Do not ask before writing
    #[arg(long, env = "REFSHEET_YES", value_parser = clap::builder::FalseyValueParser::new())]
    pub yes: bool,
}

/// `plan`
#[derive(Debug, Args)]
pub struct Plan {
    /// The sheet and how to read it.
    #[command(flatten)]
    pub sheet: Sheet,
    /// The service.
    #[command(flatten)]
    pub service: Service,
    /// What comes out.
    #[command(flatten)]
    pub output: Output,
    /// Do not ask the service: every filled cell becomes an operation
    #[arg(long, conflicts_with_all = ["sandbox"])]
    pub offline: bool,
    /// Write the patches, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub patches: Option<PathBuf>,
}

/// The sheet and how to read it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sheet")]
pub struct Sheet {
    /// A CSV or Excel file, or `-` for CSV on standard input
    #[arg(value_name = "SHEET")]
    pub path: PathBuf,
    /// The worksheet, by name or number
    #[arg(long, value_name = "NAME|NUMBER", env = "REFSHEET_SHEET")]
    pub sheet: Option<Worksheet>,
    /// Only these rows, as numbered in the sheet
    #[arg(long, value_name = "FROM-TO", value_parser = rows)]
    pub rows: Option<(u32, u32)>,
    /// Only so many rows: a first careful bite
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// A heading of yours and the field that it stands for
    #[arg(long = "map", value_name = "HEADING=FIELD", value_parser = mapping)]
    pub maps: Vec<(String, String)>,
    /// A column to leave alone
    #[arg(long = "ignore-column", value_name = "HEADING")]
    pub ignored: Vec<String>,
    /// Leave all columns alone that are not known
    #[arg(long, env = "REFSHEET_IGNORE_UNKNOWN_COLUMNS", value_parser = clap::builder::FalseyValueParser::new())]
    pub ignore_unknown_columns: bool,
    /// How dates such as 03/04/2026 are to be read
    #[arg(long, value_enum, env = "REFSHEET_DATE_FORMAT")]
    pub date_format: Option<DateFormat>,
    /// How amounts such as 1,234 are to be read
    #[arg(long, value_enum, env = "REFSHEET_DECIMAL")]
    pub decimal: Option<Decimal>,
    /// Where times without an offset are told, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", env = "REFSHEET_TIME_ZONE", value_parser = time_zone)]
    pub time_zone: Option<jiff::tz::TimeZone>,
    /// The text that empties a field
    #[arg(long, value_name = "TEXT", env = "REFSHEET_CLEAR_WITH", default_value = crate::domain::value::CLEAR_WORD)]
    pub clear_with: String,
}

/// The service and how to treat it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Service")]
pub struct Service {
    /// Use a private sandbox with made-up referrals: no account, no network
    #[arg(long)]
    pub sandbox: bool,
    /// Where `/referrals` lives
    #[arg(long, value_name = "URL", env = "REFSHEET_BASE_URL", default_value = crate::api::DEFAULT_BASE_URL)]
    pub base_url: String,
    /// Requests that may leave, reads included: `5/s`, `300/m`, `none`
    #[arg(long, env = "REFSHEET_RATE", default_value = "5/s")]
    pub rate: Rate,
    /// Requests in flight
    #[arg(long, value_name = "N", env = "REFSHEET_CONCURRENCY", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,
    /// Whether to read each referral before it is changed
    #[arg(long, value_enum, env = "REFSHEET_CHECK", default_value_t = Check::Live)]
    pub check: Check,
    /// How changes are sent
    #[arg(long, value_enum, env = "REFSHEET_VIA", default_value_t = Via::Patch)]
    pub via: Via,
    /// What to do when somebody else has changed the referral meanwhile
    #[arg(long, value_enum, env = "REFSHEET_ON_CONFLICT", default_value_t = OnConflict::Merge)]
    pub on_conflict: OnConflict,
    /// Where the ledgers of runs live
    #[arg(long, value_name = "DIR", env = "REFSHEET_STATE_DIR")]
    pub state_dir: Option<PathBuf>,
}

/// What comes out.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// The report, `.xlsx`, `.csv` or `.jsonl` [default: <sheet>-report-<run>.xlsx beside the sheet]
    #[arg(long, value_name = "FILE", env = "REFSHEET_REPORT")]
    pub report: Option<PathBuf>,
    /// No report
    #[arg(long, conflicts_with = "report")]
    pub no_report: bool,
    /// One JSON document on standard output instead of the summary in words
    #[arg(long)]
    pub json: bool,
    /// No progress and no notices
    #[arg(long, short)]
    pub quiet: bool,
}

/// `fields`
#[derive(Debug, Args)]
pub struct Fields {
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// `sandbox`
#[derive(Debug, Args)]
pub struct Sandbox {
    /// The port on this machine; 0 takes a free one
    #[arg(long, default_value_t = 8089)]
    pub port: u16,
    /// How many referrals to make up
    #[arg(long, value_name = "N", default_value_t = crate::sandbox::Settings::default().referrals)]
    pub referrals: usize,
    /// What they are made from: the same seed gives the same referrals
    #[arg(long, default_value_t = crate::sandbox::Settings::default().seed)]
    pub seed: u64,
    /// Referrals to start with instead, one JSON object a line
    #[arg(long, value_name = "FILE", conflicts_with = "referrals")]
    pub from: Option<PathBuf>,
    /// Leave the eTag out of lists, as the service may
    #[arg(long)]
    pub no_list_etags: bool,
}

/// `--date-format`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum DateFormat {
    /// Day first: 31/12/2026
    Dmy,
    /// Month first: 12/31/2026
    Mdy,
    /// Year first: 2026/12/31
    Ymd,
}

/// `--decimal`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Decimal {
    /// 12,500.50
    Point,
    /// 12.500,50
    Comma,
}

/// `--check`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Check {
    /// Read it, and send only what differs
    Live,
    /// Read nothing, send every filled cell
    None,
}

/// `--via`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Via {
    /// JSON Patch
    Patch,
    /// The whole referral, the older contract
    Put,
}

/// `--on-conflict`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum OnConflict {
    /// Merge field by field; only the same field set to two values is a conflict
    Merge,
    /// Report the row, send nothing
    Report,
}

/// `--rate`, with the text that was typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// As the engine takes it.
    pub rate: engine::Rate,
    /// As it was typed.
    pub text: String,
}

impl std::str::FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("`{text}` is not a rate; write `5/s`, `300/m` or `none`");
        if text == "none" {
            return Ok(Rate { rate: engine::Rate::Unlimited, text: text.to_owned() });
        }
        let (count, unit) = text.split_once('/').ok_or_else(refused)?;
        let count: u32 = count.trim().parse().ok().filter(|count| *count > 0).ok_or_else(refused)?;
        let seconds = match unit.trim() {
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(refused()),
        };
        Ok(Rate { rate: engine::Rate::PerSecond(f64::from(count) / seconds), text: text.to_owned() })
    }
}

impl From<DateFormat> for DateOrder {
    fn from(format: DateFormat) -> Self {
        match format {
            DateFormat::Dmy => DateOrder::DayMonthYear,
            DateFormat::Mdy => DateOrder::MonthDayYear,
            DateFormat::Ymd => DateOrder::YearMonthDay,
        }
    }
}

impl From<Decimal> for DecimalMark {
    fn from(decimal: Decimal) -> Self {
        match decimal {
            Decimal::Point => DecimalMark::Point,
            Decimal::Comma => DecimalMark::Comma,
        }
    }
}

impl From<Check> for engine::Check {
    fn from(check: Check) -> Self {
        match check {
            Check::Live => engine::Check::Live,
            Check::None => engine::Check::None,
        }
    }
}

impl From<Via> for engine::Via {
    fn from(via: Via) -> Self {
        match via {
            Via::Patch => engine::Via::Patch,
            Via::Put => engine::Via::Put,
        }
    }
}

impl From<OnConflict> for engine::OnConflict {
    fn from(on_conflict: OnConflict) -> Self {
        match on_conflict {
            OnConflict::Merge => engine::OnConflict::Merge,
            OnConflict::Report => engine::OnConflict::Report,
        }
    }
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

fn time_zone(text: &str) -> Result<jiff::tz::TimeZone, String> {
    jiff::tz::TimeZone::get(text).map_err(|_| format!("`{text}` is not a time zone; write one such as Europe/Berlin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn rates_are_read_in_three_units() {
        let rate = |text: &str| text.parse::<Rate>().map(|rate| rate.rate);
        assert_eq!(rate("5/s"), Ok(engine::Rate::PerSecond(5.0)));
        assert_eq!(rate("300/m"), Ok(engine::Rate::PerSecond(5.0)));
        assert_eq!(rate("none"), Ok(engine::Rate::Unlimited));
        for wrong in ["5", "0/s", "-1/s", "5/x", "fast"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rows_are_read_as_a_person_counts_them() {
        assert_eq!(rows("2-50"), Ok((2, 50)));
        assert_eq!(rows("7"), Ok((7, 7)));
        assert_eq!(rows("7-"), Ok((7, u32::MAX)));
        assert!(rows("50-2").is_err());
    }
}
