//! The command line, as the person types it.

mod export;
mod line;
#[cfg(test)]
mod samples;
mod setting;
mod shared;
mod sign_in;

use std::path::PathBuf;

use clap::builder::FalseyValueParser as Flag;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use super::units::Span;
use crate::sandbox::Share;

pub use export::Export;
pub use line::{CommandLine, Layered, Origin, command_of, usage, variables, wants_json};
pub use setting::{Setting, is_of_one_run, settings};
pub use shared::{Afterwards, Bounds, Limits, Output, Patience, Place, Service, Sheet, SheetOptions, Talk};
pub use sign_in::{Login, Logout, Whoami, Whose};

/// Mass updates of Partner Center referrals, from a spreadsheet and back.
#[derive(Debug, Parser)]
#[command(name = "refsheet", version = crate::app::version::version(), propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The command that shows settings.
const CONFIG: &str = "config";

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
    /// Show every setting, its value and where that comes from; or write a settings file to start from
    Config(Config),
    /// Sign in with a code on any device; runs use and renew this sign-in from then on
    Login(Login),
    /// Forget the sign-in
    Logout(Logout),
    /// Show who is signed in, and until when
    Whoami(Whoami),
    /// List every heading that a sheet may have
    Fields(Fields),
    /// Serve a local stand-in for the service, until stopped
    Sandbox(Sandbox),
    /// Print the completions for a shell
    Completions(Completions),
    /// Print the manual, or write a page for each command into a folder
    Man(Man),
}

/// `apply`
#[derive(Debug, Args)]
pub struct Apply {
    /// Do not ask before writing
    #[arg(long, env = "REFSHEET_YES", value_parser = Flag::new())]
    pub yes: bool,
    /// Finish the unfinished run of this same sheet if there is one, else start
    #[arg(long, env = "REFSHEET_RESUME", value_parser = Flag::new())]
    pub resume: bool,
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
    /// What is done when it is over.
    #[command(flatten)]
    pub afterwards: Afterwards,
}

/// `config`
#[derive(Debug, Args)]
pub struct Config {
    /// What about them; without it, they are shown.
    #[command(subcommand)]
    pub command: Option<ConfigCommand>,
    /// How sheets are read.
    #[command(flatten)]
    pub sheet: SheetOptions,
    /// The service.
    #[command(flatten)]
    pub service: Service,
    /// What comes out.
    #[command(flatten)]
    pub output: Output,
    /// When to stop early.
    #[command(flatten)]
    pub limits: Limits,
    /// What is done when a run is over.
    #[command(flatten)]
    pub afterwards: Afterwards,
}

/// `config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write a settings file with every key, its meaning and its default, to be edited
    Init {
        /// As JSON: where it was written
        #[arg(long, env = "REFSHEET_JSON", value_parser = Flag::new())]
        json: bool,
    },
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
    #[arg(long, value_name = "FILE", env = "REFSHEET_REPORT")]
    pub report: Option<PathBuf>,
    /// Send a create again even if nobody can tell whether it landed: it may end up there twice
    #[arg(long, env = "REFSHEET_REPEAT_CREATES", value_parser = Flag::new())]
    pub repeat_creates: bool,
    /// One JSON document on standard output instead of the summary in words
    #[arg(long, env = "REFSHEET_JSON", value_parser = Flag::new())]
    pub json: bool,
    /// Accepted for the sake of scripts: finishing what was begun asks nothing
    #[arg(long, hide = true, env = "REFSHEET_YES", value_parser = Flag::new())]
    pub yes: bool,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub patience: Patience,
    /// What is done when it is over.
    #[command(flatten)]
    pub afterwards: Afterwards,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: Talk,
}

/// `undo`
#[derive(Debug, Args)]
pub struct Undo {
    /// The run
    pub run: String,
    /// Do not ask before writing
    #[arg(long, env = "REFSHEET_YES", value_parser = Flag::new())]
    pub yes: bool,
    /// Show what would be put back, and send nothing
    #[arg(long, env = "REFSHEET_PLAN", value_parser = Flag::new())]
    pub plan: bool,
    /// How much may be done.
    #[command(flatten)]
    pub bounds: Bounds,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub patience: Patience,
    /// What is done when it is over.
    #[command(flatten)]
    pub afterwards: Afterwards,
    /// Where its ledger is.
    #[command(flatten)]
    pub place: Place,
    /// What comes out.
    #[command(flatten)]
    pub output: Output,
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
    #[arg(long, global = true, env = "REFSHEET_JSON", value_parser = Flag::new())]
    pub json: bool,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: Talk,
}

/// `runs …`
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// Show how a run ended, and make its report again
    Show {
        /// The run
        run: String,
        /// The report, `.xlsx`, `.csv` or `.jsonl`
        #[arg(long, value_name = "FILE", env = "REFSHEET_REPORT")]
        report: Option<PathBuf>,
    },
    /// Join the reports of all shards of a sheet
    Merge {
        /// The runs, by their ids, or by the paths of their ledgers (`.db`) where they come from other machines; without
        /// any, the shards that began last
        runs: Vec<String>,
        /// The report, `.xlsx`, `.csv` or `.jsonl`
        #[arg(long, value_name = "FILE", env = "REFSHEET_REPORT")]
        report: Option<PathBuf>,
    },
    /// Delete the ledgers of finished runs
    Prune {
        /// Only this run, finished or not: what was not sent never will be
        run: Option<String>,
        /// Only of runs that began longer ago than that
        #[arg(long, value_name = "TIME", default_value = "90d", env = "REFSHEET_OLDER_THAN")]
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
    #[arg(long, value_name = "FILE", default_value = "refsheet-template.xlsx", env = "REFSHEET_OUT")]
    pub out: PathBuf,
    /// Its columns, by path, label or the portal's heading; `all` for every field that can be changed
    /// [default: those of everyday changes]
    #[arg(long, value_name = "FIELDS", value_delimiter = ',', env = "REFSHEET_FIELDS")]
    pub fields: Vec<String>,
    /// Replace the file if it is there
    #[arg(long, env = "REFSHEET_FORCE", value_parser = Flag::new())]
    pub force: bool,
    /// As JSON: what was written where
    #[arg(long, env = "REFSHEET_JSON", value_parser = Flag::new())]
    pub json: bool,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: Talk,
}

/// `fields`
#[derive(Debug, Args)]
pub struct Fields {
    /// As JSON
    #[arg(long, env = "REFSHEET_JSON", value_parser = Flag::new())]
    pub json: bool,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: Talk,
}

/// `completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: Talk,
}

/// `man`
#[derive(Debug, Args)]
pub struct Man {
    /// A folder that is there; without it, the main page goes to standard output
    pub folder: Option<PathBuf>,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: Talk,
}

/// `sandbox`. Its variables have a prefix of their own: they are about the service, not about what is asked of it.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// The port on this machine; 0 takes a free one
    #[arg(long, env = "REFSHEET_SANDBOX_PORT", default_value_t = 8089)]
    pub port: u16,
    /// How many referrals to make up
    #[arg(long, env = "REFSHEET_SANDBOX_REFERRALS", value_name = "N", default_value_t = crate::sandbox::Settings::default().referrals)]
    pub referrals: usize,
    /// What they are made from: the same seed gives the same referrals
    #[arg(long, env = "REFSHEET_SANDBOX_SEED", default_value_t = crate::sandbox::Settings::default().seed)]
    pub seed: u64,
    /// Referrals to start with instead, one JSON object a line
    #[arg(long, env = "REFSHEET_SANDBOX_FROM", value_name = "FILE", conflicts_with = "referrals")]
    pub from: Option<PathBuf>,
    /// Leave the eTag out of lists, as the service may
    #[arg(long, env = "REFSHEET_SANDBOX_NO_LIST_ETAGS", value_parser = Flag::new())]
    pub no_list_etags: bool,
    /// Throttle above this rate, such as 20/s, with `Retry-After`
    #[arg(long, env = "REFSHEET_SANDBOX_LIMIT", value_name = "RATE", help_heading = "Trouble")]
    pub limit: Option<crate::sandbox::Limit>,
    /// Answer this share with 503, without doing anything
    #[arg(long, env = "REFSHEET_SANDBOX_FAIL", value_name = "SHARE", default_value = "0%", help_heading = "Trouble")]
    pub fail: Share,
    /// Do this share and drop the connection before the answer
    #[arg(
        long,
        env = "REFSHEET_SANDBOX_LOSE_REPLIES",
        value_name = "SHARE",
        default_value = "0%",
        help_heading = "Trouble"
    )]
    pub lose_replies: Share,
    /// Drop the connection of this share before anything is done
    #[arg(long, env = "REFSHEET_SANDBOX_CUT", value_name = "SHARE", default_value = "0%", help_heading = "Trouble")]
    pub cut: Share,
    /// Let each answer take so long, such as 80ms
    #[arg(long, env = "REFSHEET_SANDBOX_LATENCY", value_name = "TIME", default_value = "0s", help_heading = "Trouble")]
    pub latency: Span,
    /// Let a colleague change this share of referrals just before they are written
    #[arg(
        long,
        env = "REFSHEET_SANDBOX_CHANGE_UNDERNEATH",
        value_name = "SHARE",
        default_value = "0%",
        help_heading = "Trouble"
    )]
    pub change_underneath: Share,
    /// Let a token end after so many requests
    #[arg(long, env = "REFSHEET_SANDBOX_EXPIRE_TOKEN_AFTER", value_name = "N", help_heading = "Trouble")]
    pub expire_token_after: Option<u64>,
    /// How signing in goes.
    #[command(flatten)]
    pub sign_in: sign_in::SandboxSignIn,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: Talk,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    /// Of a command and of the commands below it.
    fn check_variables(command: &clap::Command, prefix: &str) {
        for option in command.get_arguments() {
            let Some(long) = option.get_long().filter(|long| !["help", "version"].contains(long)) else { continue };
            // How a command talks is not about what it does.
            let prefix = if ["log-format", "verbose", "quiet"].contains(&long) { "REFSHEET_" } else { prefix };
            let expected = format!("{prefix}{}", long.to_uppercase().replace('-', "_"));
            let found = option.get_env().and_then(|name| name.to_str());
            assert_eq!(found, Some(expected.as_str()), "{} --{long}", command.get_name());
        }
        command.get_subcommands().for_each(|command| check_variables(command, prefix));
    }

    #[test]
    fn every_option_has_an_environment_variable() {
        for command in <Arguments as clap::CommandFactory>::command().get_subcommands() {
            let prefix = if command.get_name() == "sandbox" { "REFSHEET_SANDBOX_" } else { "REFSHEET_" };
            check_variables(command, prefix);
        }
    }
}
