//! Where ledgers live, and how a command is printed that finds them again.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::arguments;
use super::run::ELSEWHERE;
use crate::error::{Failure, Kind};
use crate::ledger::Archive;

/// The folder of what the program keeps, and how the person named it.
pub struct Place {
    state_dir: PathBuf,
    /// Options without which a later command would look elsewhere.
    options: Vec<String>,
}

impl Place {
    /// The place that the person named, or the usual one.
    pub fn of(arguments: &arguments::Place) -> Result<Place, Failure> {
        let state_dir = match &arguments.state_dir {
            Some(folder) => folder.clone(),
            None => usual_state_dir()?,
        };
        let named = [("--state-dir", &arguments.state_dir), ("--config", &arguments.config)];
        let options =
            named.into_iter().filter_map(|(name, path)| Some([name.to_owned(), path.as_ref()?.display().to_string()]));
        Ok(Place { state_dir, options: options.flatten().collect() })
    }

    /// The folder.
    pub fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    /// The folder of the sign-ins.
    pub fn sign_ins(&self) -> PathBuf {
        self.state_dir.join("sign-in")
    }

    /// The folder of the ledgers.
    pub fn runs(&self) -> PathBuf {
        self.state_dir.join("runs")
    }

    /// The ledgers.
    pub fn archive(&self) -> Archive {
        Archive::at(self.runs())
    }
}

/// A command of this program that can be pasted into a shell.
pub fn shell_command(place: &Place, words: &[&str]) -> String {
    let options = place.options.iter().map(String::as_str);
    let words: Vec<&str> = words.iter().copied().chain(options).collect();
    shell_line(&words)
}

/// The same for a command that looks at no such place.
pub fn shell_line(words: &[&str]) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "refsheet".to_owned());
    let words = std::iter::once(program.as_str()).chain(words.iter().copied());
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

fn usual_state_dir() -> Result<PathBuf, Failure> {
    let strategy =
        etcetera::choose_base_strategy().map_err(|error| Failure::new(Kind::Usage, error).hint(ELSEWHERE))?;
    Ok(strategy.state_dir().unwrap_or_else(|| strategy.data_dir()).join("refsheet"))
}

/// A word as a POSIX shell takes it literally.
pub fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:=@%+,".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_when_a_shell_would_read_more_into_them() {
        assert_eq!(quoted("runs/20261121-a1b2"), "runs/20261121-a1b2");
        assert_eq!(quoted("my runs"), "'my runs'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
