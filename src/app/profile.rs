//! The settings file: profiles, each a table of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::Deserialize;

use super::choices::{DateFormat, Decimal, LogFormat};
use super::units::{Limit, Rate, Span, Zone};
use crate::error::{Failure, Kind};

/// One `[profile.NAME]` table. A key that is not listed here is an error.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    pub base_url: Option<String>,
    pub token_command: Option<secrecy::SecretString>,
    pub rate: Option<Rate>,
    pub concurrency: Option<u16>,
    pub max_failures: Option<Limit>,
    pub max_duration: Option<Span>,
    pub max_rows: Option<u64>,
    pub max_closed: Option<u64>,
    pub max_value_change: Option<f64>,
    pub date_format: Option<DateFormat>,
    pub decimal: Option<Decimal>,
    pub time_zone: Option<Zone>,
    pub clear_with: Option<String>,
    pub log_format: Option<LogFormat>,
    pub ignore_columns: Vec<String>,
    pub columns: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    profile: BTreeMap<String, Profile>,
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
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && file.is_none() => String::new(),
            Err(source) => return Err(Failure::new(Kind::Usage, Unreadable { path, source })),
        };
        let mut profiles = Profile::parse(&text).map_err(|error| {
            Failure::new(Kind::Usage, format!("the settings in `{}` are not understood", path.display()))
                .hint(error.to_string().trim_end().to_owned())
        })?;
        match profiles.remove(name) {
            Some(profile) => Ok(profile),
            None if name == DEFAULT => Ok(Profile::default()),
            None => {
                let failure = Failure::new(Kind::Usage, format!("`{}` has no profile `{name}`", path.display()));
                let names: Vec<&str> = profiles.keys().map(String::as_str).collect();
                Err(if names.is_empty() { failure } else { failure.hint(format!("it has: {}", names.join(", "))) })
            }
        }
    }

    fn parse(text: &str) -> Result<BTreeMap<String, Profile>, toml::de::Error> {
        toml::from_str::<File>(text).map(|file| file.profile)
    }
}

fn default_file() -> Result<PathBuf, Failure> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_holds_settings_and_headings() {
        let text = "[profile.default]\nrate = \"300/m\"\nmax_failures = \"5%\"\ndate_format = \"dmy\"\n\
                    [profile.default.columns]\n\"Betrag\" = \"details.dealValue\"";
        let profile = Profile::parse(text).unwrap().remove("default").unwrap();
        assert_eq!(profile.rate.unwrap().to_string(), "300/m");
        assert_eq!(profile.columns["Betrag"], "details.dealValue");
    }

    #[test]
    fn an_unknown_key_is_an_error_that_lists_the_known_ones() {
        let error = Profile::parse("[profile.default]\nratte = \"5/s\"").unwrap_err().to_string();
        assert!(error.contains("unknown field `ratte`") && error.contains("`rate`"), "{error}");
    }

    #[test]
    fn without_a_file_there_is_only_the_default_profile() {
        let nowhere = Path::new("nowhere/config.toml");
        assert!(Profile::load(Some(nowhere), DEFAULT).is_err());
        assert!(Profile::parse("").unwrap().is_empty());
    }
}
