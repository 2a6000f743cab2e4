//! How the program talks on standard error, settled before anything can go wrong: by the command line, the environment,
//! or the profile, as far as each can be understood.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::arguments::{CommandLine, Talk};
use super::choices::LogFormat;
use super::profile::{self, Profile};
use crate::console::{Detail, Log};

/// How it talks when the line is understood.
pub fn log(line: &CommandLine) -> Log {
    let (verbose, quiet) = line.options().map_or((0, false), |talk: Talk| (talk.verbose, talk.quiet));
    let detail = match (quiet, verbose) {
        (true, _) => Detail::Errors,
        (false, 0) => Detail::Notices,
        (false, 1) => Detail::Rows,
        (false, _) => Detail::Answers,
    };
    let of_profile = || {
        let config: Option<PathBuf> = line.said("config");
        of_profile(config.as_deref(), line.said("profile"))
    };
    let format = line.said("log_format").or_else(of_profile).unwrap_or(LogFormat::Text);
    Log { format: format.into(), detail }
}

/// How it talks when the line is not understood.
pub fn log_of_words(words: &[OsString]) -> Log {
    let said = |option: &str| typed(words, option).or_else(|| variable(option));
    let format = match said("--log-format") {
        Some(format) => LogFormat::from_str(&format, false).ok(),
        None => of_profile(said("--config").as_deref().map(Path::new), said("--profile")),
    };
    Log { format: format.unwrap_or(LogFormat::Text).into(), detail: Detail::Notices }
}

/// What a profile says. If it cannot be read, that will be said, in words.
fn of_profile(config: Option<&Path>, name: Option<String>) -> Option<LogFormat> {
    let profile = Profile::load(config, name.as_deref().unwrap_or(profile::DEFAULT)).ok()?;
    LogFormat::from_str(profile.value("log_format")?, false).ok()
}

/// What stands behind an option, wherever that is.
fn typed(words: &[OsString], option: &str) -> Option<String> {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let behind = words.iter().position(|word| *word == option).and_then(|at| words.get(at + 1)).copied();
    let joined = || words.iter().find_map(|word| word.strip_prefix(option)?.strip_prefix('='));
    behind.or_else(joined).map(str::to_owned)
}

fn variable(option: &str) -> Option<String> {
    let name = format!("REFSHEET_{}", option.trim_start_matches('-').to_uppercase().replace('-', "_"));
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Format;

    fn check(words: &str, expected: Format) {
        let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
        assert_eq!(log_of_words(&words).format, expected, "{words:?}");
    }

    #[test]
    fn the_format_is_found_on_a_line_that_is_wrong_elsewhere() {
        check("refsheet aply --log-format json --config nowhere.toml", Format::Json);
        check("refsheet --log-format=json --ratte 5/s apply", Format::Json);
        check("refsheet aply --log-format text", Format::Text);
        check("refsheet apply --config nowhere.toml --log-format", Format::Text);
        check("refsheet apply --log-format yaml", Format::Text);
    }
}
