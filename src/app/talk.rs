//! How the program talks on standard error, settled before anything can go wrong: by the command line, the environment,
//! or the profile.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use super::arguments::{self, Arguments, Command, Talk};
use super::choices::LogFormat;
use super::profile::{self, Profile};
use crate::console::{Console, Detail, Format, Log};
use crate::error::{Failure, Kind};

const FORMAT_OPTION: &str = "--log-format";
const FORMAT_VARIABLE: &str = "REFSHEET_LOG_FORMAT";

/// What the person typed. If that is not understood, or only asks for help, it has been said.
pub fn arguments() -> Result<Arguments, ExitCode> {
    Arguments::try_parse().map_err(|error| {
        let format = typed_format(std::env::args_os()).unwrap_or(LogFormat::Text);
        if error.use_stderr() && format == LogFormat::Json {
            Log { format: Format::Json, detail: Detail::Notices }.install();
            let console = Console { json: false, log: Log { format: Format::Json, detail: Detail::Notices } };
            console.fail(&in_our_words(&error));
        } else {
            let _ = error.print();
        }
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Kind::Usage.exit().code()))
    })
}

/// How it is talked.
pub fn log(arguments: &Arguments) -> Log {
    let Talk { log_format, verbose, quiet } = arguments.talk;
    let detail = match (quiet, verbose) {
        (true, _) => Detail::Errors,
        (false, 0) => Detail::Notices,
        (false, 1) => Detail::Rows,
        (false, _) => Detail::Answers,
    };
    let format = log_format.or_else(|| profile_format(&arguments.command)).unwrap_or(LogFormat::Text);
    Log { format: format.into(), detail }
}

/// What the profile says. If it cannot be read, the command will say so, in words.
fn profile_format(command: &Command) -> Option<LogFormat> {
    let of_service = |service: &arguments::Service| load(service.place.config.as_deref(), &service.profile);
    let of_place = |place: &arguments::Place| load(place.config.as_deref(), profile::DEFAULT);
    match command {
        Command::Apply(apply) => of_service(&apply.service),
        Command::Plan(plan) => of_service(&plan.service),
        Command::Export(export) => of_service(&export.service),
        Command::Resume(resume) => of_place(&resume.place),
        Command::Undo(undo) => of_place(&undo.place),
        Command::Runs(runs) => of_place(&runs.place),
        Command::Template(_) | Command::Fields(_) | Command::Sandbox(_) => None,
    }
}

fn load(config: Option<&Path>, profile: &str) -> Option<LogFormat> {
    Profile::load(config, profile).ok()?.log_format
}

/// The format that was asked for on a command line that is not understood otherwise.
fn typed_format(words: impl Iterator<Item = OsString>) -> Option<LogFormat> {
    let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let behind = words.iter().position(|word| word == FORMAT_OPTION).and_then(|at| words.get(at + 1));
    let joined = words.iter().find_map(|word| word.strip_prefix(FORMAT_OPTION)?.strip_prefix('='));
    let typed = behind.map(String::as_str).or(joined);
    let variable = std::env::var(FORMAT_VARIABLE).ok();
    LogFormat::from_str(typed.or(variable.as_deref())?, false).ok()
}

/// What clap says, as a failure: its first sentence, then its tips and the usage.
fn in_our_words(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let mut failure = Failure::new(Kind::Usage, first);
    for line in lines {
        match line.strip_prefix("tip: ") {
            Some(tip) => failure.hints.push(tip.to_owned()),
            None => failure.details.push(line.to_owned()),
        }
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &str) -> Option<LogFormat> {
        typed_format(words.split(' ').map(OsString::from))
    }

    #[test]
    fn the_format_is_found_on_a_command_line_that_is_wrong_elsewhere() {
        assert_eq!(typed("refsheet aply --log-format json"), Some(LogFormat::Json));
        assert_eq!(typed("refsheet --log-format=json --ratte 5/s apply"), Some(LogFormat::Json));
        assert_eq!(typed("refsheet --log-format text"), Some(LogFormat::Text));
        assert_eq!(typed("refsheet --log-format"), None);
        assert_eq!(typed("refsheet apply --log-format yaml"), None);
    }

    #[test]
    fn a_wrong_command_line_is_a_failure_like_any_other() {
        let error = Arguments::try_parse_from(["refsheet", "apply", "s.csv", "--jsn"]).unwrap_err();
        let failure = in_our_words(&error);
        assert_eq!(failure.error.to_string(), "unexpected argument '--jsn' found");
        assert_eq!(failure.hints, ["a similar argument exists: '--json'"]);
        assert_eq!(failure.details[0], "Usage: refsheet apply --json <SHEET>");
    }
}
