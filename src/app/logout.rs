//! `logout`: forgets the sign-in of a profile.

use serde_json::json;

use super::arguments::{self, CommandLine};
use super::connect::{self, TOKEN_VARIABLE, TokenSource};
use super::profile::Profile;
use super::sign_in::{Owner, refuse_sandbox};
use crate::console::Console;
use crate::error::{Exit, Failure};

/// Signs out.
pub fn run(line: &CommandLine, arguments: &arguments::Logout, console: Console) -> Result<Exit, Failure> {
    refuse_sandbox(&arguments.whose, "logout")?;
    let profile = Profile::load(arguments.whose.place.config.as_deref(), &arguments.whose.profile)?;
    let arguments: arguments::Logout = line.over(&profile)?.arguments()?;
    let whose = &arguments.whose;
    let owner = Owner::of(whose, &profile)?;
    let file = owner.file()?;
    let was_there = super::runtime()?.block_on(file.forget()).map_err(|error| owner.failed(error.into()))?;
    let path = file.path().display();
    let (status, text) = match was_there {
        true => ("signed out", format!("signed out: `{path}` is deleted")),
        false => ("not signed in", format!("nobody was signed in, there is no `{path}`")),
    };
    match console.json {
        true => console.document(&json!({ "status": status, "file": file.path() })),
        false => console.print(&text),
    }
    match connect::source(&profile) {
        TokenSource::SignIn => {}
        TokenSource::Variable => console.say(&format!("note: {TOKEN_VARIABLE} is set and still gives a token")),
        TokenSource::Command => console.say("note: the `token_command` of the profile still gives a token"),
    }
    Ok(Exit::Done)
}
