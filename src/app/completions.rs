//! `completions`: what a shell needs to complete our commands and options.

use clap::CommandFactory;

use super::arguments::{self, Arguments};
use crate::console::Console;

/// Prints the completions.
pub fn run(arguments: &arguments::Completions, console: Console) {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "refsheet", &mut script);
    console.print(String::from_utf8_lossy(&script).trim_end());
}
