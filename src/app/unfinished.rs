//! What stands in the way of a new run: another one that holds the profile, or an unfinished one of the same sheet.

use std::time::{Duration, Instant};

use super::launch::no_ledger;
use super::place::{Place, shell_command};
use super::settings::Settings;
use super::{About, arguments, new_run, signals};
use crate::console::{Console, words};
use crate::domain::outcome::Outcome;
use crate::error::{Failure, Kind};
use crate::ledger::{LedgerError, Past, ProfileLock, Unreadable};

/// Holds the profile of a run, of which there is one at a time: they share one budget of requests. A private sandbox
/// has no budget. `what` it is held for is told to who comes second.
pub fn hold(
    mut what: impl FnMut() -> String,
    place: &Place,
    settings: &Settings,
    patience: &arguments::Patience,
    console: Console,
) -> Result<Option<ProfileLock>, Failure> {
    if settings.sandbox {
        return Ok(None);
    }
    let until = Instant::now() + Duration::from(patience.lock_wait);
    let listener = signals::listen();
    let mut is_told = false;
    loop {
        match place.archive().hold(&settings.profile, &what()) {
            Ok(lock) => return Ok(Some(lock)),
            Err(error @ LedgerError::ProfileHeld { .. }) if Instant::now() >= until => {
                return Err(Failure::from(error)
                    .hint("let it wait with --lock-wait TIME, such as 45m")
                    .hint("or give this run a profile of its own with --profile NAME"));
            }
            Err(error @ LedgerError::ProfileHeld { .. }) => {
                if !std::mem::replace(&mut is_told, true) {
                    let limit = words::duration(patience.lock_wait.into());
                    console.say(&format!("{error}; waiting for up to {limit}"));
                }
            }
            Err(error) => return Err(no_ledger(error)),
        }
        if let Some(signal) = listener.heard() {
            return Err(signals::interruption(signal));
        }
        std::thread::sleep(signals::GLANCE);
    }
}

/// The same for a run that begins when the profile is free; gives its id, too.
pub fn hold_for_run(
    place: &Place,
    settings: &Settings,
    patience: &arguments::Patience,
    console: Console,
) -> Result<(String, Option<ProfileLock>), Failure> {
    let mut run = new_run();
    let named = || {
        run = new_run();
        of_run(&run)
    };
    let lock = hold(named, place, settings, patience, console)?;
    Ok((run, lock))
}

/// What the holder of a profile is called that works on a run.
pub fn of_run(run: &str) -> String {
    format!("the run `{run}`")
}

/// The unfinished run of this very sheet, if there is one: the same content, the same worksheet and rows of it, and the
/// same service.
pub fn run_of(about: &About, settings: &Settings, place: &Place, console: Console) -> Result<Option<Past>, Failure> {
    let mut same = None;
    for run in place.archive().runs().map_err(no_ledger)? {
        match run {
            Ok(past) => {
                let is_same = past.head.sheet_sha256 == about.sha256
                    && past.head.worksheet == about.worksheet
                    && past.head.service == settings.address()
                    && Settings::from_text(&past.head.settings)
                        .is_ok_and(|then| then.sheet.bite == settings.sheet.bite);
                if is_same && !past.is_finished() {
                    same = Some(past);
                }
            }
            Err(Unreadable { run, error }) => {
                let why = Failure::from(error).chain().join(": ");
                console.note(&format!("the run `{run}` is not looked at, it may be of this sheet: {why}"));
            }
        }
    }
    Ok(same)
}

/// The refusal of a second start, with both ways out.
pub fn refused(unfinished: &Past, place: &Place) -> Failure {
    let run = &unfinished.head.run;
    let open = unfinished.tally[Outcome::NotReached] + unfinished.tally[Outcome::InDoubt];
    if unfinished.is_under_way {
        return Failure::new(Kind::Held, format!("the run `{run}` of this very sheet is under way"));
    }
    let error = format!("an unfinished run of this very sheet exists: `{run}`, {} to go", words::counted(open, "row"));
    Failure::new(Kind::Held, error)
        .hint(format!("finish it: {}", shell_command(place, &["resume", run])))
        .hint(format!("or forget it: {}, then apply the sheet again", shell_command(place, &["runs", "prune", run])))
}
