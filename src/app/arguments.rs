//! The command line, as the person types it.

mod export;
mod shared;

use std::path::PathBuf;

use clap::builder::FalseyValueParser as Flag;
use clap::{Args, Parser, Subcommand};

use super::units::Span;
use crate::sandbox::Share;

pub use export::Export;
pub use shared::{CONCURRENCIES, Limits, Output, Place, Service, Sheet, Talk};

/// Mass updates of Partner Center referrals, from a spreadsheet and back.
#[derive(Debug, Parser)]
#[command(name = "refsheet", version, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: Talk,
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
}
