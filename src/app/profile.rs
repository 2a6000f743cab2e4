//! The settings file: profiles, each a table of its own.
//!
//! ```toml
//! [profile.default]
//! rate = "5/s"                    # an option, by its name
//! token_command = "print-a-token" # a key that has no option
//! ignore_columns = ["Owner"]      # added to what the command line says
//! [profile.default.columns]       # likewise
//! "Betrag" = "details.dealValue"
//! ```
//!
//! The whole file is checked whenever it is read, and all that is wrong with it is told at once.

mod own;
mod read;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use secrecy::SecretString;

use super::place::shell_line;
use crate::error::{Failure, Kind};

pub use own::OWN;
pub use read::{COLUMNS, IGNORE_COLUMNS, profiles};

/// One `[profile.NAME]` table.
#[derive(Default)]
pub struct Profile {
    /// What it is called.
    pub name: String,
    /// The file that it stands in; none if there is no file.
    pub file: Option<PathBuf>,
    /// A command that prints an access token.
    pub token_command: Option<SecretString>,
    /// Where people sign in.
    pub authority: Option<String>,
    /// The directory of the organisation.
    pub tenant: Option<String>,
    /// The application that is signed in to.
    pub client_id: Option<String>,
    /// A file that holds the application's secret.
    pub client_secret_file: Option<PathBuf>,
    /// A command that prints the application's secret.
    pub client_secret_command: Option<SecretString>,
    /// Columns to leave alone.
    pub ignore_columns: Vec<String>,
    /// Headings and the fields that they stand for, in the order of the file.
    pub columns: Vec<(String, String)>,
    /// What it says of options, by key.
    options: BTreeMap<String, String>,
    /// Where in the file each of its keys is.
    lines: BTreeMap<String, usize>,
}

/// The profile that is always there, if only with nothing in it.
pub const DEFAULT: &str = "default";

impl Profile {
    /// Reads a profile. Without a file, there is the empty default profile and no other.
    pub fn load(file: Option<&Path>, name: &str) -> Result<Profile, Failure> {
        let path = match file {
            Some(path) => path.to_owned(),
            None => default_file()?,
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && file.is_none() => None,
            Err(source) => {
                let failure = Failure::new(Kind::Usage, Unreadable { path, source });
                return Err(failure.hint(format!("this writes a new one: {}", init())));
            }
        };
        let mut profiles = profiles(text.as_deref().unwrap_or_default()).map_err(|problems| {
            let error = format!("the settings in `{}` are not understood", path.display());
            let mut failure = Failure::new(Kind::Usage, error);
            failure.details = problems;
            failure.hint(format!("this writes a file with every key, its meaning and its default: {}", init()))
        })?;
        let place = text.map(|_| path.clone());
        match profiles.remove(name) {
            Some(profile) => Ok(Profile { file: place, ..profile }),
            None if name == DEFAULT => Ok(Profile { name: name.to_owned(), file: place, ..Profile::default() }),
            None => {
                let failure = Failure::new(Kind::Usage, format!("`{}` has no profile `{name}`", path.display()));
                let names: Vec<&str> = profiles.keys().map(String::as_str).collect();
                Err(if names.is_empty() { failure } else { failure.hint(format!("it has: {}", names.join(", "))) })
            }
        }
    }

    /// What it says of an option, as the option would take it.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.options.get(key).map(String::as_str)
    }

    /// The line of one of its keys in the file.
    pub fn line(&self, key: &str) -> Option<usize> {
        self.lines.get(key).copied()
    }

    /// The same without what it says of some options.
    pub fn without(mut self, keys: &[&str]) -> Profile {
        for key in keys {
            self.options.remove(*key);
            self.lines.remove(*key);
        }
        self
    }
}

fn init() -> String {
    shell_line(&["config", "init", "--config", "FILE"])
}

/// Where the settings are unless `--config` says otherwise.
pub fn default_file() -> Result<PathBuf, Failure> {
    let strategy = etcetera::choose_base_strategy()
        .map_err(|error| Failure::new(Kind::Usage, error).hint("name the settings file with --config FILE"))?;
    Ok(strategy.config_dir().join("refsheet").join("config.toml"))
}

#[derive(Debug, thiserror::Error)]
#[error("cannot read the settings in `{}`", .path.display())]
struct Unreadable {
    path: PathBuf,
    source: std::io::Error,
}
