//! Wiring: arguments and surroundings in, one file per command, an exit code out.
//!
//! Here the layers meet. What stands here is about which part talks to which; what a part does stands in the part.

mod abreast;
mod account;
mod afterwards;
mod agreement;
mod ahead;
mod arguments;
mod choices;
mod connect;
mod end;
mod gaps;
mod intake;
mod launch;
mod merge;
mod metrics;
mod misread;
mod on_finish;
mod open_rows;
mod original;
mod outlets;
mod part;
mod place;
mod plan_rows;
mod profile;
mod repeats;
mod run;
mod sense;
mod settings;
mod shard_rows;
mod side_by_side;
mod sign_in;
mod signals;
mod talk;
mod traffic;
mod unfinished;
mod units;
mod version;

mod apply;
mod completions;
mod config;
mod export;
mod fields;
mod login;
mod logout;
mod man;
mod plan;
mod resume;
mod runs;
mod sandbox;
mod template;
mod undo;
mod whoami;

use std::cell::OnceCell;
use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use uuid::Uuid;

use afterwards::Afterwards;
use arguments::{Command, CommandLine, ConfigCommand};
use end::{Called, End};
use settings::Settings;
use signals::Leave;

use crate::console::{Console, Format, Start};
use crate::domain::shard::Shard;
use crate::error::{Exit, Failure, Kind};
use crate::ledger::Head;

/// Runs the program as the command line says.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let line = match CommandLine::read(words.clone()) {
        Ok(line) => line,
        Err(error) => return not_understood(&error, &words),
    };
    let console = Console { json: wants_json(&line.command), log: talk::log(&line) };
    console.log.install();
    // Who serves others says how it is stopped.
    if !matches!(line.command, Command::Sandbox(_)) {
        signals::begin(move |leave| say_goodbye(leave, console));
    }
    let afterwards = OnceCell::new();
    let ended = panic::catch_unwind(AssertUnwindSafe(|| command(&line, console, &afterwards)));
    // A run that began earlier has its own.
    let profile = afterwards.get().map(|afterwards| afterwards.profile.as_str()).or(line.profile());
    let called = Called { command: Some(line.name()), profile };
    ExitCode::from(end::conclude(ended, called, afterwards.get(), console))
}

/// A command line that is not understood, or that asks for help.
fn not_understood(error: &clap::Error, words: &[OsString]) -> ExitCode {
    let console = Console { json: arguments::wants_json(words), log: talk::log_of_words(words) };
    let lacks_all = error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if !error.use_stderr() || lacks_all && !console.json && console.log.format == Format::Text {
        error.exit();
    }
    let called = Called { command: arguments::command_of(words), profile: None };
    ExitCode::from(end::conclude(Ok(Err(arguments::usage(error, words))), called, None, console))
}

/// What is said when a signal ends the process.
fn say_goodbye(leave: Leave, console: Console) {
    let failure = match leave {
        Leave::Idle(signal) => signals::interruption(signal),
        Leave::AtOnce(signal) => Failure::new(signals::interruption(signal).kind, "left at once"),
    };
    if matches!(leave, Leave::Idle(_)) {
        console.fail(&failure);
    }
    if console.json {
        console.document(&crate::console::failed(&failure));
    }
}

/// Does what the line asks for. What is to be done afterwards is put into its cell as soon as it is known.
fn command(line: &CommandLine, console: Console, afterwards: &OnceCell<Afterwards>) -> Result<End, Failure> {
    match &line.command {
        Command::Apply(arguments) => apply::run(line, arguments, console, afterwards),
        Command::Plan(arguments) => plan::run(line, arguments, console),
        Command::Export(arguments) => export::run(line, arguments, console).map(End::from),
        Command::Template(arguments) => template::run(arguments, console).map(End::from),
        Command::Config(arguments) => config::run(line, arguments, console).map(End::from),
        Command::Login(arguments) => login::run(line, arguments, console).map(End::from),
        Command::Logout(arguments) => logout::run(line, arguments, console).map(End::from),
        Command::Whoami(arguments) => whoami::run(line, arguments, console).map(End::from),
        Command::Fields(arguments) => {
            fields::run(arguments, console);
            Ok(Exit::Done.into())
        }
        Command::Resume(arguments) => resume::run(line, arguments, console, afterwards),
        Command::Undo(arguments) => undo::run(line, arguments, console, afterwards),
        Command::Runs(arguments) => runs::run(arguments, console),
        Command::Sandbox(arguments) => sandbox::run(arguments, console).map(End::from),
        Command::Completions(arguments) => {
            completions::run(arguments, console);
            Ok(Exit::Done.into())
        }
        Command::Man(arguments) => man::run(arguments, console).map(End::from),
    }
}

/// Whether the command is asked for a JSON document.
fn wants_json(command: &Command) -> bool {
    match command {
        Command::Apply(arguments::Apply { output, .. })
        | Command::Plan(arguments::Plan { output, .. })
        | Command::Undo(arguments::Undo { output, .. }) => output.json,
        Command::Config(arguments) => {
            arguments.output.json || matches!(arguments.command, Some(ConfigCommand::Init { json: true }))
        }
        Command::Export(arguments) => arguments.json,
        Command::Resume(arguments) => arguments.json,
        Command::Runs(arguments) => arguments.json,
        Command::Fields(arguments) => arguments.json,
        Command::Template(arguments) => arguments.json,
        Command::Login(arguments::Login { whose, .. })
        | Command::Logout(arguments::Logout { whose })
        | Command::Whoami(arguments::Whoami { whose }) => whose.json,
        Command::Sandbox(_) | Command::Completions(_) | Command::Man(_) => false,
    }
}

/// Waiting is our work, and one thread waits as well as many.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::new(Kind::Stopped, error))
}

/// The command of a run that sends nothing.
const PLAN: &str = "plan";
/// The command of a run that takes another one back.
const UNDO: &str = "undo";

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

/// What a run that begins now is about, and the word that it does. Settles where its report goes.
fn head(
    run: String,
    about: About,
    settings: &mut Settings,
    sheet: &Path,
    output: &arguments::Output,
    command: &str,
    console: Console,
) -> Head {
    settings.report = report_path(output, sheet, &run);
    // A resume may be typed in another folder.
    let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let report = settings.report.as_ref().map(absolute);
    let stored = Settings { report, sheet_path: absolute(&settings.sheet_path), ..settings.clone() };
    let head = Head {
        run,
        command: command.to_owned(),
        started_at: Timestamp::now(),
        sheet: about.name,
        worksheet: about.worksheet,
        sheet_sha256: about.sha256,
        headings: about.headings,
        notices: about.notices,
        settings: stored.to_text(),
        service: settings.address(),
        profile: settings.profile.clone(),
        rate: settings.pace().to_string(),
        user: ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default(),
        program: version::version().to_owned(),
    };
    announce(&head, console);
    head
}

/// Says that a run begins or goes on.
fn announce(head: &Head, console: Console) {
    console.start(&Start {
        run: Some(&head.run),
        command: &head.command,
        sheet: Some((&head.sheet, &head.sheet_sha256)),
        profile: &head.profile,
        service: &head.service,
        rate: &head.rate,
        version: version::version(),
    });
}

/// The id of a run that begins now: the moment, so that runs sort and can be told apart by people, and a little chance.
/// Shards are started at once, and what they write may meet in one folder: so theirs say which they are.
fn new_run(shard: Option<Shard>) -> String {
    let chance = &Uuid::new_v4().simple().to_string()[..4];
    let shard = shard.map(|shard| format!("-{}of{}", shard.number(), shard.count())).unwrap_or_default();
    format!("{}-{chance}{shard}", Timestamp::now().strftime("%Y%m%d-%H%M%S"))
}

/// Where the report goes: where the user says, or beside the sheet.
fn report_path(output: &arguments::Output, sheet: &Path, run: &str) -> Option<PathBuf> {
    if output.report.is_some() || output.no_report {
        return output.report.clone();
    }
    let stem = match sheet.to_str() {
        Some("-") => "standard-input".into(),
        _ => sheet.file_stem().unwrap_or_default().to_string_lossy(),
    };
    let name = format!("{stem}-report-{run}.xlsx");
    Some(output.report_dir.as_ref().map_or_else(|| sheet.with_file_name(&name), |folder| folder.join(&name)))
}
