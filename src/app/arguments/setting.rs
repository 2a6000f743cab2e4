//! Which options a profile can set, taken from the definition of the options themselves: a key is the option's name
//! with underscores, its values are the option's, and what it means is the option's help.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Command, CommandFactory};

use super::{Arguments, CONFIG};

/// Options that no profile sets, because they say where profiles are, or are about one run or one sheet.
const OF_ONE_RUN: &[&str] = &[
    "profile",
    "config",
    "state-dir", // runs are found there before their profile is known
    "sandbox",
    "rows",
    "limit",
    "shard",
    "base",
    "report",
    "repeat-creates",
    "json",
    "quiet",
    "verbose",
];

/// Options whose keys have forms of their own: `[columns]` and `ignore_columns` add to what the command line says.
const LISTS: &[&str] = &["map", "ignore-column"];

/// An option that a profile can set.
pub struct Setting {
    /// Its name in a profile.
    pub key: String,
    arg: Arg,
}

/// All of them, in the order of the help.
pub fn settings() -> Vec<Setting> {
    let definition = Arguments::command();
    let config = definition.find_subcommand(CONFIG).expect("there is such a command");
    config.get_arguments().filter_map(Setting::of).collect()
}

/// The name of an option in a profile, if it has one.
pub(super) fn key(arg: &Arg) -> Option<String> {
    let long = arg.get_long()?;
    let is_key = !OF_ONE_RUN.contains(&long) && !LISTS.contains(&long) && long != "help" && long != "version";
    is_key.then(|| long.replace('-', "_"))
}

/// Whether it looks like a key, but is the name of an option that no profile sets.
pub fn is_of_one_run(key: &str) -> bool {
    OF_ONE_RUN.contains(&key.replace('_', "-").as_str())
}

impl Setting {
    fn of(arg: &Arg) -> Option<Setting> {
        Some(Setting { key: key(arg)?, arg: arg.clone() })
    }

    /// Whether it is on or off, and nothing else.
    pub fn is_switch(&self) -> bool {
        matches!(self.arg.get_action(), ArgAction::SetTrue)
    }

    /// `--rate`
    pub fn flag(&self) -> String {
        format!("--{}", self.arg.get_long().unwrap_or_default())
    }

    /// `REFSHEET_RATE`
    pub fn variable(&self) -> String {
        self.arg.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// What it is called among all that was read.
    pub(super) fn id(&self) -> &str {
        self.arg.get_id().as_str()
    }

    /// What it means.
    pub fn meaning(&self) -> String {
        self.arg.get_help().map(StyledStr::to_string).unwrap_or_default()
    }

    /// The only values that it takes, each with what it means, if they can be listed.
    pub fn choices(&self) -> Vec<(String, String)> {
        if self.is_switch() {
            return Vec::new();
        }
        let meaning = |value: &clap::builder::PossibleValue| value.get_help().map(StyledStr::to_string);
        let choices = self.arg.get_possible_values();
        choices.iter().map(|value| (value.get_name().to_owned(), meaning(value).unwrap_or_default())).collect()
    }

    /// What is in force if nobody says anything; none where that is nothing.
    pub fn default(&self) -> Option<String> {
        let written = self.arg.get_default_values().first().map(|value| value.to_string_lossy().into_owned());
        written.or_else(|| self.is_switch().then(|| "false".to_owned()))
    }

    /// What is wrong with a value, in the words of the option itself.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let alone = Command::new("").no_binary_name(true).disable_help_flag(true).arg(self.arg.clone().env(None));
        let word = format!("{}={value}", self.flag());
        alone.try_get_matches_from([word]).map(drop).map_err(|error| complaint(&error, value))
    }
}

/// What is wrong with a value, without the option's name.
fn complaint(error: &clap::Error, value: &str) -> String {
    if let Some(ContextValue::Strings(accepted)) = error.get(ContextKind::ValidValue) {
        let suggested = match error.get(ContextKind::SuggestedValue) {
            Some(ContextValue::String(near)) => format!("; did you mean `{near}`?"),
            _ => String::new(),
        };
        return format!("`{value}` is none of {}{suggested}", accepted.join(", "));
    }
    let source = std::error::Error::source(error);
    source.map_or_else(|| format!("`{value}` is not understood"), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_shared_option_can_be_set_by_a_profile_or_is_about_one_run() {
        let definition = Arguments::command();
        let config = definition.find_subcommand(CONFIG).unwrap();
        let options: BTreeSet<&str> = config.get_arguments().filter_map(Arg::get_long).collect();
        for listed in OF_ONE_RUN.iter().chain(LISTS) {
            assert!(options.contains(listed), "--{listed} is listed, but there is no such option");
        }
        // What apply takes is what config shows, but for what is about one sheet or one decision.
        let apply = definition.find_subcommand("apply").unwrap();
        for option in apply.get_arguments().filter_map(Arg::get_long) {
            assert!(options.contains(option) || ["yes", "resume"].contains(&option), "config does not show --{option}");
        }
        let keys: Vec<String> = settings().into_iter().map(|setting| setting.key).collect();
        assert!(keys.contains(&"max_failures".to_owned()) && !keys.contains(&"limit".to_owned()), "{keys:?}");
    }

    #[test]
    fn every_default_is_a_value_and_every_setting_is_explained() {
        for setting in settings() {
            assert!(!setting.meaning().is_empty(), "{}", setting.key);
            if let Some(default) = setting.default().filter(|_| !setting.is_switch()) {
                assert_eq!(setting.check(&default), Ok(()), "{}", setting.key);
            }
        }
    }

    #[test]
    fn a_wrong_value_is_told_in_the_words_of_its_option() {
        let check = |key: &str, value: &str| {
            let settings = settings();
            settings.iter().find(|setting| setting.key == key).unwrap().check(value).unwrap_err()
        };
        assert_eq!(check("rate", "fast"), "`fast` is not a rate; write `5/s`, `300/m` or `none`");
        assert_eq!(check("decimal", "coma"), "`coma` is none of point, comma; did you mean `comma`?");
        assert_eq!(check("concurrency", "0"), "`0` is not a number from 1 to 256");
    }
}
