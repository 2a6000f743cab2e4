//! `logout`: forgets the sign-in of a profile.

use serde_json::json;

use super::arguments;
use super::connect::{self, TOKEN_VARIABLE, TokenSource};
use super::profile::Profile;
use super::sign_in::{Owner, refuse_sandbox};
use crate::console::Console;
use crate::error::{Exit, Failure};

/// Signs out.
pub fn run(arguments: &arguments::Logout, console: Console) -> Result<Exit, Failure> {
    let whose = &arguments.whose;
    refuse_sandbox(whose, "logout")?;
    let profile = Profile::load(whose.place.config.as_deref(), &whose.profile)?;
    let owner = Owner::of(whose, &profile)?;
    let file = owner.file()?;
    let was_there = super::runtime()?.block_on(file.forget()).map_err(|error| owner.failed(error.into()))?;
    let path = file.path().display();
    console.print(&match (console.json, was_there) {
        (true, _) => {
            let status = if was_there { "signed out" } else { "not signed in" };
            json!({ "status": status, "file": file.path() }).to_string()
        }
        (false, true) => format!("signed out: `{path}` is deleted"),
        (false, false) => format!("nobody was signed in, there is no `{path}`"),
    });
    match connect::source(&profile) {
        TokenSource::SignIn => {}
        TokenSource::Variable => console.say(&format!("note: {TOKEN_VARIABLE} is set and still gives a token")),
        TokenSource::Command => console.say("note: the `token_command` of the profile still gives a token"),
    }
    Ok(Exit::Done)
}
