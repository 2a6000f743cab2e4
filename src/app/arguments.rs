//! The command line, as the person types it.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::builder::FalseyValueParser as Flag;
use clap::{Args, Parser, Subcommand};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::choices::{Check, DateFormat, Decimal, MatchBy, OnConflict, Via};
use super::units::{Limit, Rate, Span, Zone};
use crate::domain::field::words::nearest;
use crate::domain::status::STATUS_WORDS;
use crate::domain::value;
use crate::sandbox::Share;
use crate::sheet::Worksheet;

/// The concurrencies that make sense: the service's limit is reached long before the largest.
pub const CONCURRENCIES: RangeInclusive<u16> = 1..=256;

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
    /// Write referrals into a sheet that can be edited and given back to `apply`
    Export(Export),
    /// Make a sheet to be filled in, with notes, lists to pick from, and instructions
    Template(Template),
    /// Finish a run that was cut short, with the settings that it was started with
    Resume(Resume),
    /// Put back what a run replaced, where nobody has changed it since
    Undo(Undo),
    /// List past runs, show one, or delete old ones
    Runs(Runs),
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
    /// When to stop early.
    #[command(flatten)]
    pub limits: Limits,
    /// Do not ask before writing
    #[arg(long, env = "REFSHEET_YES", value_parser = Flag::new())]
    pub yes: bool,
    /// Finish the unfinished run of this same sheet if there is one, else start
    #[arg(long, env = "REFSHEET_RESUME", value_parser = Flag::new())]
    pub resume: bool,
}

/// `resume`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Resume {
    /// The run; without it, the only unfinished one
    pub run: Option<String>,
    /// Where its ledger is.
    #[command(flatten)]
    pub place: Place,
    /// Another place for the report than the one the run was started with
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Send a create again even if nobody can tell whether it landed: it may end up there twice
    #[arg(long)]
    pub repeat_creates: bool,
    /// One JSON document on standard output instead of the summary in words
    #[arg(long)]
    pub json: bool,
    /// No progress and no notices
    #[arg(long, short)]
    pub quiet: bool,
    /// Accepted for the sake of scripts: finishing what was begun asks nothing
    #[arg(long, hide = true)]
    pub yes: bool,
}

/// `undo`
#[derive(Debug, Args)]
pub struct Undo {
    /// The run
    pub run: String,
    /// Show what would be put back, and send nothing
    #[arg(long)]
    pub plan: bool,
    /// Where its ledger is.
    #[command(flatten)]
    pub place: Place,
    /// What comes out.
    #[command(flatten)]
    pub output: Output,
    /// Do not ask before writing
    #[arg(long, env = "REFSHEET_YES", value_parser = Flag::new())]
    pub yes: bool,
}

/// `runs`
#[derive(Debug, Args)]
pub struct Runs {
    /// What about them; without it, a list.
    #[command(subcommand)]
    pub command: Option<RunsCommand>,
    /// Where their ledgers are.
    #[command(flatten)]
    pub place: Place,
    /// As JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// `runs …`
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// Show how a run ended, and make its report again
    Show {
        /// The run
        run: String,
        /// The report, `.xlsx`, `.csv` or `.jsonl`
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
    },
    /// Delete the ledgers of finished runs
    Prune {
        /// Only this run, finished or not: what was not sent never will be
        run: Option<String>,
        /// Only of runs that began longer ago than that
        #[arg(long, value_name = "TIME", default_value = "90d")]
        older_than: Span,
    },
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
    #[arg(long, conflicts_with_all = ["sandbox"], env = "REFSHEET_OFFLINE", value_parser = Flag::new())]
    pub offline: bool,
    /// Write the patches, one JSON object a line
    #[arg(long, value_name = "FILE", env = "REFSHEET_PATCHES")]
    pub patches: Option<PathBuf>,
}

/// `export`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
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
    /// No progress and no notices
    #[arg(long, short, env = "REFSHEET_QUIET", value_parser = Flag::new(), help_heading = "Output")]
    pub quiet: bool,
    /// A line on standard error for each answer of the service
    #[arg(long, short, env = "REFSHEET_VERBOSE", value_parser = Flag::new(), help_heading = "Output")]
    pub verbose: bool,
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

/// `template`
#[derive(Debug, Args)]
pub struct Template {
    /// Where it goes: `.xlsx`, or `.csv` for the headings alone
    #[arg(long, value_name = "FILE", default_value = "refsheet-template.xlsx")]
    pub out: PathBuf,
    /// Its columns, by path, label or the portal's heading; `all` for every field that can be changed
    /// [default: those of everyday changes]
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    pub fields: Vec<String>,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

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
    #[arg(long, value_name = "NAME", env = "REFSHEET_PROFILE", default_value = super::profile::DEFAULT)]
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
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
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
    /// No progress and no notices
    #[arg(long, short, env = "REFSHEET_QUIET", value_parser = Flag::new())]
    pub quiet: bool,
    /// A line on standard error for each answer of the service
    #[arg(long, short, env = "REFSHEET_VERBOSE", value_parser = Flag::new())]
    pub verbose: bool,
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
    /// Throttle above this rate, such as 20/s, with `Retry-After`
    #[arg(long, value_name = "RATE", help_heading = "Trouble")]
    pub limit: Option<crate::sandbox::Limit>,
    /// Answer this share with 503, without doing anything
    #[arg(long, value_name = "SHARE", default_value = "0%", help_heading = "Trouble")]
    pub fail: Share,
    /// Do this share and drop the connection before the answer
    #[arg(long, value_name = "SHARE", default_value = "0%", help_heading = "Trouble")]
    pub lose_replies: Share,
    /// Drop the connection of this share before anything is done
    #[arg(long, value_name = "SHARE", default_value = "0%", help_heading = "Trouble")]
    pub cut: Share,
    /// Let each answer take so long, such as 80ms
    #[arg(long, value_name = "TIME", default_value = "0s", help_heading = "Trouble")]
    pub latency: Span,
    /// Let a colleague change this share of referrals just before they are written
    #[arg(long, value_name = "SHARE", default_value = "0%", help_heading = "Trouble")]
    pub change_underneath: Share,
    /// Let a token end after so many requests
    #[arg(long, value_name = "N", help_heading = "Trouble")]
    pub expire_token_after: Option<u64>,
}

fn rows(text: &str) -> Result<(u32, u32), String> {
    let refused = || format!("`{text}` is not a range of rows; write `2-50`, or `7` for one row");
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let from: u32 = from.trim().parse().map_err(|_| refused())?;
    let to: u32 = if to.trim().is_empty() { u32::MAX } else { to.trim().parse().map_err(|_| refused())? };
    if from <= to { Ok((from, to)) } else { Err(refused()) }
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

fn mapping(text: &str) -> Result<(String, String), String> {
    let (heading, field) =
        text.rsplit_once('=').ok_or_else(|| format!("`{text}` is not a mapping; write `Heading=field`"))?;
    Ok((heading.trim().to_owned(), field.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn every_option_of_a_run_has_an_environment_variable() {
        let program = <Arguments as clap::CommandFactory>::command();
        for command in ["apply", "plan", "export"] {
            let command = program.find_subcommand(command).unwrap();
            for option in
                command.get_arguments().filter_map(|argument| Some((argument.get_long()?, argument.get_env())))
            {
                let expected = format!("REFSHEET_{}", option.0.to_uppercase().replace('-', "_"));
                assert_eq!(option.1.and_then(|name| name.to_str()), Some(expected.as_str()), "--{}", option.0);
            }
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
