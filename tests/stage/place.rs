//! A folder of its own for each test, and the program run in it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::running::{Ended, Running};
use super::sandbox::Sandbox;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_refsheet");

pub struct Place {
    folder: TempDir,
    /// The settings that the program finds in its environment.
    environment: Vec<(&'static str, String)>,
}

impl Place {
    /// Where the program finds its service at this address, a token, and no pace.
    pub fn facing(base_url: &str) -> Place {
        let environment = [("REFSHEET_BASE_URL", base_url), ("REFSHEET_TOKEN", "a-token"), ("REFSHEET_RATE", "none")];
        let environment = environment.map(|(name, value)| (name, value.to_owned())).to_vec();
        Place { folder: TempDir::new().unwrap(), environment }
    }

    /// The same without a token.
    pub fn signed_out(base_url: &str) -> Place {
        let mut place = Place::facing(base_url);
        place.environment.retain(|(name, _)| *name != "REFSHEET_TOKEN");
        place
    }

    /// With one more setting in the environment.
    pub fn with(mut self, name: &'static str, value: &str) -> Place {
        self.environment.push((name, value.to_owned()));
        self
    }

    /// Where the program finds a sandbox.
    pub fn beside(sandbox: &Sandbox) -> Place {
        Place::facing(&sandbox.base_url)
    }

    /// Where the program finds what a profile says, in `config.toml`, and nothing else. A token comes from the first
    /// line that the script `token.sh` prints.
    pub fn with_profile(base_url: &str, settings: &str, token: &str) -> Place {
        let place = Place { folder: TempDir::new().unwrap(), environment: Vec::new() };
        let script = place.path("token.sh").display().to_string();
        let profile =
            format!("[profile.default]\nbase_url = \"{base_url}\"\ntoken_command = \"sh '{script}'\"\n{settings}\n");
        place.write("config.toml", &profile);
        place.write("token.sh", token);
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The ledgers, by name.
    pub fn ledgers(&self) -> Vec<PathBuf> {
        let runs = self.path("home/.local/state/refsheet/runs");
        let paths = fs::read_dir(runs).into_iter().flatten().map(|entry| entry.unwrap().path());
        let mut ledgers: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|extension| extension == "db")).collect();
        ledgers.sort();
        ledgers
    }

    /// The names of the runs that have ledgers, oldest first.
    pub fn runs(&self) -> Vec<String> {
        self.ledgers().iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    }

    /// Runs the program to its end. Arguments are separated by blanks.
    pub fn refsheet(&self, arguments: &str) -> Ended {
        self.start(arguments).end()
    }

    /// Starts the program.
    pub fn start(&self, arguments: &str) -> Running {
        Running::start(self.at_home(PROGRAM).args(arguments.split_whitespace()))
    }

    /// Starts the program at a terminal of its own, whose both streams are one.
    pub fn start_at_terminal(&self, arguments: &str) -> Running {
        let mut command = self.at_home("script");
        command.args(["--quiet", "--return", "--command", &format!("'{PROGRAM}' {arguments}"), "/dev/null"]);
        Running::start(command.env("PATH", "/usr/bin:/bin").stdin(Stdio::piped()))
    }

    /// Gives a line to the shell, as somebody does who pastes it.
    pub fn paste(&self, line: &str) -> Ended {
        self.start_in_shell(line).end()
    }

    /// The same without waiting for the end.
    pub fn start_in_shell(&self, line: &str) -> Running {
        Running::start(self.at_home("sh").arg("-c").arg(line))
    }

    /// A program that knows this folder and the settings of this place, and nothing else.
    fn at_home(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.folder.path()).env("HOME", self.path("home"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}
