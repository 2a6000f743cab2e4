//! The command line, and how it is read again when a profile is known.
//!
//! A profile is a set of defaults: its values are put in the place of the built-in ones, and the same line is read
//! once more. So flag goes before environment, environment before profile, profile before default, for every option,
//! and a value is read by the same parser wherever it stands.

use std::ffi::{OsStr, OsString};

use clap::builder::{FalseyValueParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, CommandFactory, FromArgMatches};

use super::setting::{Setting, key};
use super::{Arguments, Command};
use crate::app::profile::Profile;
use crate::error::{Failure, Kind};

/// What stands between several values in one environment variable. Other than a comma, it is rarely in a heading.
pub const SEPARATOR: char = ';';

/// A command line that has been understood.
pub struct CommandLine {
    words: Vec<OsString>,
    matches: ArgMatches,
    /// What it asks for, with the built-in defaults.
    pub command: Command,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// This option.
    Flag(String),
    /// This environment variable.
    Variable(String),
    /// The settings file, in this line.
    Profile(usize),
    /// Nobody has said anything.
    Default,
}

/// The options of a command with what a profile says in the place of their defaults.
pub struct Layered {
    given: ArgMatches,
}

impl CommandLine {
    /// Reads the words that the program was started with.
    pub fn read(words: Vec<OsString>) -> Result<CommandLine, clap::Error> {
        let matches = definition().try_get_matches_from(&words)?;
        let command = Arguments::from_arg_matches(&matches)?.command;
        Ok(CommandLine { words, matches, command })
    }

    /// The command's name.
    pub fn name(&self) -> &str {
        self.matches.subcommand_name().unwrap_or_default()
    }

    /// Options of the command that are read before its profile is.
    pub fn options<A: Args>(&self) -> Option<A> {
        A::from_arg_matches(self.given()?).ok()
    }

    /// The value of an option, if the command has it and anybody has said anything.
    pub fn said<T: Clone + Send + Sync + 'static>(&self, id: &str) -> Option<T> {
        let given = self.given()?;
        let value = given.try_get_one::<T>(id).ok()??;
        (given.value_source(id) != Some(ValueSource::DefaultValue)).then(|| value.clone())
    }

    fn given(&self) -> Option<&ArgMatches> {
        self.matches.subcommand().map(|(_, given)| given)
    }

    /// Lays the line over a profile.
    pub fn over(&self, profile: &Profile) -> Result<Layered, Failure> {
        let (name, given) = self.matches.subcommand().expect("there is always a command");
        let definition = definition().mut_subcommand(name, |command| {
            command.mut_args(|arg| {
                let is_from_variable = source(given, &arg) == Some(ValueSource::EnvVariable);
                let arg = match is_list(&arg) && is_from_variable {
                    true => arg.value_delimiter(SEPARATOR),
                    false => arg,
                };
                match key(&arg).and_then(|key| profile.value(&key)) {
                    Some(value) => arg.default_value(value.to_owned()),
                    None => arg,
                }
            })
        });
        let matches = definition.try_get_matches_from(&self.words).map_err(|error| usage(&error, &self.words))?;
        let given = matches.subcommand_matches(name).cloned().expect("it is the same line");
        Ok(Layered { given })
    }
}

impl Layered {
    /// The options, as the command takes them.
    pub fn arguments<A: Args>(&self) -> Result<A, Failure> {
        A::from_arg_matches(&self.given).map_err(|error| Failure::new(Kind::Usage, error.to_string()))
    }

    /// The value of a setting as it was written, if there is one, and where it comes from.
    pub fn value(&self, setting: &Setting, profile: &Profile) -> (Option<String>, Origin) {
        let written = self.given.get_raw(setting.id()).and_then(|mut values| values.next());
        let written = written.map(|value| value.to_string_lossy().into_owned());
        let origin = match self.given.value_source(setting.id()) {
            Some(ValueSource::CommandLine) => Origin::Flag(setting.flag()),
            Some(ValueSource::EnvVariable) => Origin::Variable(setting.variable()),
            _ => profile.line(&setting.key).map_or(Origin::Default, Origin::Profile),
        };
        (written, origin)
    }

    /// Whether the values of an option come from the environment.
    pub fn is_from_variable(&self, id: &str) -> bool {
        self.given.value_source(id) == Some(ValueSource::EnvVariable)
    }
}

/// Why a line is not understood, in the words of the parser: the first paragraph says it, the others help.
pub fn usage(error: &clap::Error, words: &[OsString]) -> Failure {
    let text = error.render().to_string();
    let mut paragraphs = text.trim().split("\n\n");
    let mut lines = paragraphs.next().unwrap_or_default().lines().map(str::trim);
    let first = lines.next().unwrap_or_default();
    let mut failure = Failure::new(Kind::Usage, first.strip_prefix("error: ").unwrap_or(first).to_owned());
    failure.details = lines.map(str::to_owned).collect();
    let hints = paragraphs.flat_map(|paragraph| paragraph.lines().map(str::trim).filter(|line| !line.is_empty()));
    failure.hints = hints.map(|hint| hint.strip_prefix("tip: ").unwrap_or(hint).to_owned()).collect();
    if let Some(variable) = variable_at_fault(error, words) {
        failure.hints.insert(0, format!("the value comes from the environment variable {variable}"));
    }
    failure
}

/// The variable that a wrong value comes from: whoever has not typed the option would look for it in vain.
fn variable_at_fault(error: &clap::Error, words: &[OsString]) -> Option<String> {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return None };
    let flag = option.split(' ').next()?;
    let is_typed =
        |word: &OsString| word.to_str().is_some_and(|word| word == flag || word.starts_with(&format!("{flag}=")));
    let long = flag.strip_prefix("--").filter(|_| !words.iter().any(is_typed))?;
    let variable = |arg: &Arg| (arg.get_long() == Some(long)).then(|| arg.get_env().map(OsStr::to_owned)).flatten();
    let set =
        all_arguments(&Arguments::command(), &variable).into_iter().find(|name| std::env::var_os(name).is_some())?;
    Some(set.to_string_lossy().into_owned())
}

fn all_arguments<T>(command: &clap::Command, look: &impl Fn(&Arg) -> Option<T>) -> Vec<T> {
    let own = command.get_arguments().filter_map(look);
    own.chain(command.get_subcommands().flat_map(|command| all_arguments(command, look))).collect()
}

/// Whether the summary is wanted as JSON, by a line that is not understood otherwise.
pub fn wants_json(words: &[OsString]) -> bool {
    let is_on =
        |value: OsString| FalseyValueParser::new().parse_ref(&clap::Command::new(""), None, &value).unwrap_or(false);
    let is_typed = words.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json");
    is_typed || std::env::var_os("REFSHEET_JSON").is_some_and(is_on)
}

/// The command that a line names, even if it is not understood otherwise.
pub fn command_of(words: &[OsString]) -> Option<&str> {
    let definition = Arguments::command();
    words.iter().skip(1).filter_map(|word| word.to_str()).find(|word| definition.find_subcommand(word).is_some())
}

/// All environment variables that stand for an option.
pub fn variables() -> Vec<String> {
    let name = |arg: &Arg| arg.get_env().map(|name| name.to_string_lossy().into_owned());
    all_arguments(&Arguments::command(), &name)
}

/// A variable that is set to nothing says nothing, as schedulers do that cannot take one away.
fn definition() -> clap::Command {
    silenced(Arguments::command())
}

fn silenced(command: clap::Command) -> clap::Command {
    let is_empty = |arg: &Arg| arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
    let command = command.mut_args(|arg| if is_empty(&arg) { arg.env(None) } else { arg });
    command.mut_subcommands(silenced)
}

fn is_list(arg: &Arg) -> bool {
    matches!(arg.get_action(), clap::ArgAction::Append) && arg.get_value_delimiter().is_none()
}

fn source(given: &ArgMatches, arg: &Arg) -> Option<ValueSource> {
    given.try_contains_id(arg.get_id().as_str()).ok()?;
    given.value_source(arg.get_id().as_str())
}
