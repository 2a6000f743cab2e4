//! Wiring: arguments and surroundings in, one file per command, an exit code out.
//!
//! Here the layers meet. What stands here is about which part talks to which; what a part does stands in the part.

mod abreast;
mod arguments;
mod choices;
mod connect;
mod gaps;
mod intake;
mod launch;
mod open_rows;
mod original;
mod outlets;
mod part;
mod place;
mod profile;
mod repeats;
mod run;
mod sense;
mod settings;
mod signals;
mod traffic;
mod unfinished;
mod units;

mod apply;
mod export;
mod fields;
mod plan;
mod resume;
mod runs;
mod sandbox;
mod template;
mod undo;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use uuid::Uuid;

use arguments::{Arguments, Command};
use settings::Settings;

use crate::console::Console;
use crate::error::{Exit, Failure, Kind};
use crate::ledger::Head;

/// Runs the program as the command line says.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let console = console(&arguments.command);
    let exit = command(&arguments.command, console).unwrap_or_else(|failure| {
        console.fail(&failure);
        failure.kind.exit()
    });
    ExitCode::from(exit.code())
}

fn command(command: &Command, console: Console) -> Result<Exit, Failure> {
    match command {
        Command::Apply(arguments) => apply::run(arguments, console),
        Command::Plan(arguments) => plan::run(arguments, console),
        Command::Export(arguments) => export::run(arguments, console),
        Command::Template(arguments) => template::run(arguments, console),
        Command::Fields(arguments) => {
            fields::run(arguments, console);
            Ok(Exit::Done)
        }
        Command::Resume(arguments) => resume::run(arguments, console),
        Command::Undo(arguments) => undo::run(arguments, console),
        Command::Runs(arguments) => runs::run(arguments, console),
        Command::Sandbox(arguments) => sandbox::run(arguments, console),
    }
}

fn console(command: &Command) -> Console {
    match command {
        Command::Apply(arguments::Apply { output, .. }) | Command::Plan(arguments::Plan { output, .. }) => {
            if output.verbose {
                crate::console::log_verbosely();
            }
            Console { json: output.json, quiet: output.quiet }
        }
        Command::Undo(arguments) => {
            if arguments.output.verbose {
                crate::console::log_verbosely();
            }
            Console { json: arguments.output.json, quiet: arguments.output.quiet }
        }
        Command::Export(arguments) => {
            if arguments.verbose {
                crate::console::log_verbosely();
            }
            Console { json: arguments.json, quiet: arguments.quiet }
        }
        Command::Resume(arguments) => Console { json: arguments.json, quiet: arguments.quiet },
        Command::Runs(arguments) => Console { json: arguments.json, quiet: false },
        Command::Fields(arguments) => Console { json: arguments.json, quiet: false },
        Command::Template(_) | Command::Sandbox(_) => Console { json: false, quiet: false },
    }
}

/// Waiting is our work, and one thread waits as well as many.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::new(Kind::Stopped, error))
}

/// The command of a run that sends nothing.
const PLAN: &str = "plan";

/// What the rows of a run are from.
pub struct About {
    /// What people call it: a file's name.
    pub name: String,
    /// The worksheet, or another part of it.
    pub worksheet: Option<String>,
    /// What tells it from others of the same name.
    pub sha256: String,
    /// Column counted from 0, and heading.
    pub headings: Vec<(u32, String)>,
    /// What was noticed about it.
    pub notices: Vec<String>,
}

/// What a run that begins now is about. Settles where its report goes.
fn head(about: About, settings: &mut Settings, sheet: &Path, output: &arguments::Output, command: &str) -> Head {
    let now = Timestamp::now();
    let run = run_id(now, Uuid::new_v4());
    settings.report = report_path(output, sheet, &run);
    // A resume may be typed in another folder.
    let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let report = settings.report.as_ref().map(absolute);
    let stored = Settings { report, sheet_path: absolute(&settings.sheet_path), ..settings.clone() };
    Head {
        run,
        command: command.to_owned(),
        started_at: now,
        sheet: about.name,
        worksheet: about.worksheet,
        sheet_sha256: about.sha256,
        headings: about.headings,
        notices: about.notices,
        settings: stored.to_text(),
        service: settings.address(),
        profile: settings.profile.clone(),
        rate: settings.rate.to_string(),
        user: ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// A run's id: when it began, so that runs sort and can be told apart by people, and a little chance.
fn run_id(now: Timestamp, chance: Uuid) -> String {
    let chance = &chance.simple().to_string()[..4];
    format!("{}-{chance}", now.strftime("%Y%m%d-%H%M%S"))
}

/// Where the report goes: where the user says, or beside the sheet.
fn report_path(output: &arguments::Output, sheet: &Path, run: &str) -> Option<PathBuf> {
    if output.no_report {
        return None;
    }
    let beside_sheet = || {
        let stem = match sheet.to_str() {
            Some("-") => "standard-input".into(),
            _ => sheet.file_stem().unwrap_or_default().to_string_lossy(),
        };
        sheet.with_file_name(format!("{stem}-report-{run}.xlsx"))
    };
    Some(output.report.clone().unwrap_or_else(beside_sheet))
}
