//! Wiring: arguments and surroundings in, one file per command, an exit code out.
//!
//! Here the layers meet. What stands here is about which part talks to which; what a part does stands in the part.

mod arguments;
mod connect;
mod intake;
mod outlets;
mod run;
mod signals;

mod apply;
mod fields;
mod plan;
mod sandbox;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use etcetera::BaseStrategy;
use jiff::Timestamp;
use uuid::Uuid;

use arguments::{Arguments, Command};
use intake::Intake;

use crate::console::Console;
use crate::engine;
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
        Command::Fields(arguments) => {
            fields::run(arguments, console);
            Ok(Exit::Done)
        }
        Command::Sandbox(arguments) => sandbox::run(arguments, console),
    }
}

fn console(command: &Command) -> Console {
    match command {
        Command::Apply(arguments::Apply { output, .. }) | Command::Plan(arguments::Plan { output, .. }) => {
            Console { json: output.json, quiet: output.quiet }
        }
        Command::Fields(arguments) => Console { json: arguments.json, quiet: false },
        Command::Sandbox(_) => Console { json: false, quiet: false },
    }
}

/// Waiting is our work, and one thread waits as well as many.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::new(Kind::Stopped, error))
}

fn engine_settings(arguments: &arguments::Service) -> engine::Settings {
    engine::Settings {
        concurrency: usize::from(arguments.concurrency),
        check: arguments.check.into(),
        via: arguments.via.into(),
        on_conflict: arguments.on_conflict.into(),
        patience: engine::Patience::default(),
    }
}

fn head(intake: &Intake, service: &arguments::Service, command: &str) -> Head {
    let now = Timestamp::now();
    Head {
        run: run_id(now, Uuid::new_v4()),
        command: command.to_owned(),
        started_at: now,
        sheet: intake.sheet.name.clone(),
        worksheet: intake.sheet.worksheet.clone(),
        sheet_sha256: intake.sheet.sha256.clone(),
        headings: intake.headings(),
        service: connect::address(service),
        profile: "default".to_owned(),
        rate: service.rate.text.clone(),
        user: ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// A run's id: when it began, so that runs sort and can be told apart by people, and a little chance.
fn run_id(now: Timestamp, chance: Uuid) -> String {
    let chance = &chance.simple().to_string()[..4];
    format!("{}-{chance}", now.strftime("%Y%m%d-%H%M%S"))
}

fn state_dir(arguments: &arguments::Service) -> Result<PathBuf, Failure> {
    if let Some(folder) = &arguments.state_dir {
        return Ok(folder.clone());
    }
    let strategy = etcetera::choose_base_strategy()
        .map_err(|error| Failure::new(Kind::Usage, error).hint("say where ledgers may be kept with --state-dir DIR"))?;
    Ok(strategy.state_dir().unwrap_or_else(|| strategy.data_dir()).join("refsheet"))
}
