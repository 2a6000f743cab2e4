//! `man`: the manual, made of the definition of the command line, with what that cannot say: how a run ends, and where
//! things are.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;

use super::arguments::{self, Arguments};
use crate::console::Console;
use crate::error::{Exit, Failure, Kind};

/// The section of user commands.
const SECTION: &str = "1";

/// Prints the main page, or writes all of them.
pub fn run(arguments: &arguments::Man, console: Console) -> Result<Exit, Failure> {
    match &arguments.folder {
        Some(folder) => write(&command(), folder).map_err(|error| Failure::new(Kind::Usage, error))?,
        None => console.print(page(&command()).map_err(|error| Failure::new(Kind::Output, error))?.trim_end()),
    }
    Ok(Exit::Done)
}

/// As it is once all that applies everywhere has been handed down.
fn command() -> clap::Command {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    command
}

fn write(command: &clap::Command, folder: &Path) -> Result<(), Unwritten> {
    let name = name(command);
    let path = folder.join(format!("{name}.{SECTION}"));
    let text = page(command).map_err(|source| Unwritten { path: path.display().to_string(), source })?;
    fs::write(&path, text).map_err(|source| Unwritten { path: path.display().to_string(), source })?;
    command.get_subcommands().try_for_each(|command| write(command, folder))
}

/// `refsheet-runs-show`
fn name(command: &clap::Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

fn page(command: &clap::Command) -> std::io::Result<String> {
    let name = name(command);
    let man = Man::new(command.clone()).title(name.to_uppercase()).section(SECTION).manual("refsheet");
    let mut bytes = Vec::new();
    man.render(&mut bytes)?;
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    if name == command.get_name() {
        text.push_str(&whole());
    }
    Ok(text)
}

/// What is true of all commands.
fn whole() -> String {
    let mut text = ".SH \"EXIT STATUS\"\n".to_owned();
    for exit in Exit::ALL {
        let _ = writeln!(text, ".TP\n{}\n{}", exit.code(), escaped(exit.meaning()));
    }
    text.push_str(".SH FILES\n");
    for (file, meaning) in [
        ("$XDG_CONFIG_HOME/refsheet/config.toml", "the settings; refsheet config shows what is in force"),
        ("$XDG_STATE_HOME/refsheet/", "the ledgers of runs, from which refsheet resume and refsheet undo work"),
    ] {
        let _ = writeln!(text, ".TP\n.I {}\n{}", escaped(file), escaped(meaning));
    }
    text.push_str(".SH ENVIRONMENT\n");
    for (variable, meaning) in [
        ("REFSHEET_…", "every option has one, named with it: REFSHEET_MAX_FAILURES for --max-failures"),
        ("REFSHEET_TOKEN", "an access token, before all other ways to one"),
        ("HTTPS_PROXY, NO_PROXY", "the proxy to the service, and the hosts that need none"),
        ("SSL_CERT_FILE, SSL_CERT_DIR", "the authorities that are trusted, instead of the machine's own"),
        ("NO_COLOR", "help without colours; nothing else has any"),
    ] {
        let _ = writeln!(text, ".TP\n.B {}\n{}", escaped(variable), escaped(meaning));
    }
    text.push_str(".SH EXAMPLES\n");
    for (meaning, line) in [
        ("Try it without an account:", "refsheet apply changes.xlsx --sandbox"),
        ("Look before you send:", "refsheet plan changes.xlsx --report plan.xlsx"),
        ("From a scheduler:", "refsheet apply export.csv --yes --resume --json --log-format json"),
    ] {
        let _ = writeln!(text, ".PP\n{}\n.PP\n.EX\n    {}\n.EE", escaped(meaning), escaped(line));
    }
    text
}

/// As roff prints it literally.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-").replace('…', "\\.\\.\\.")
}

#[derive(Debug, thiserror::Error)]
#[error("cannot write `{path}`")]
struct Unwritten {
    path: String,
    source: std::io::Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_options() {
        let folder = tempfile::tempdir().unwrap();
        write(&command(), folder.path()).unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        let main = read("refsheet.1");
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "SUBCOMMANDS", "\"EXIT STATUS\"", "FILES", "EXAMPLES"] {
            assert!(main.contains(&format!("\n.SH {section}\n")), "{section}");
        }
        assert!(read("refsheet-apply.1").contains("max\\-failures"));
        assert!(read("refsheet-runs-show.1").contains("log\\-format"));
        let pages = fs::read_dir(folder.path()).unwrap().count();
        assert!(pages > Arguments::command().get_subcommands().count(), "{pages}");
    }

    #[test]
    fn nothing_of_ours_is_taken_for_a_request_of_roff() {
        assert_eq!(escaped("--max-failures \\ …"), "\\-\\-max\\-failures \\e \\.\\.\\.");
    }
}
