//! A command line of the user's, given to the shell of the system.

use tokio::process::Command;

/// The shell, about to read the line. Neither its streams nor its environment are arranged yet.
#[cfg(not(windows))]
pub fn command(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line);
    command
}

/// The shell, about to read the line. Neither its streams nor its environment are arranged yet.
#[cfg(windows)]
pub fn command(line: &str) -> Command {
    let mut command = Command::new("cmd");
    // As it is: `cmd` has quoting rules of its own.
    command.arg("/C").raw_arg(line);
    command
}
