//! `whoami`: who is signed in, as the token says that a run would use now. An ended sign-in is renewed first.

use jiff::Timestamp;

use super::account::Account;
use super::arguments::{self, CommandLine};
use super::connect::{self, TokenSource};
use super::profile::Profile;
use super::sign_in::{Owner, refuse_sandbox, remarks};
use crate::console::Console;
use crate::error::{Exit, Failure};

/// Shows who is signed in.
pub fn run(line: &CommandLine, arguments: &arguments::Whoami, console: Console) -> Result<Exit, Failure> {
    refuse_sandbox(&arguments.whose, "whoami")?;
    let profile = Profile::load(arguments.whose.place.config.as_deref(), &arguments.whose.profile)?;
    let arguments: arguments::Whoami = line.over(&profile)?.arguments()?;
    let whose = &arguments.whose;
    let owner = Owner::of(whose, &profile)?;
    let (credentials, source) = connect::credentials(&owner)?;
    let claims = credentials.claims();
    let (file, kept) = match source {
        TokenSource::SignIn => {
            let file = owner.file()?;
            let kept = file.read().map_err(|error| owner.failed(error.into()))?;
            (Some(file.path().to_owned()), kept)
        }
        TokenSource::Variable | TokenSource::Command => (None, None),
    };
    let ends_at = kept.map(|kept| kept.ends_at).or(claims.as_ref().and_then(|claims| claims.ends_at));
    for remark in claims.iter().flat_map(remarks) {
        console.say(&format!("note: {remark}"));
    }
    let account = Account { source, claims, ends_at, file };
    match console.json {
        true => console.document(&account.json()),
        false => console.print(&account.text(Timestamp::now())),
    }
    Ok(Exit::Done)
}
