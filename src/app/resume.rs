//! `resume`: finishes a run that was cut short, with the settings that it was started with.

use std::cell::OnceCell;
use std::path::Path;

use serde_json::json;

use super::afterwards::Afterwards;
use super::announce;
use super::arguments::{self, CommandLine};
use super::end::End;
use super::outlets::Outlets;
use super::place::Place;
use super::profile::Profile;
use super::run::{Purpose, Run};
use super::sense::Sense;
use super::settings::Settings;
use super::traffic::Traffic;
use super::unfinished::{self, of_run};
use super::{connect, signals};
use crate::console::Console;
use crate::error::{Exit, Failure, Kind};
use crate::ledger::{Past, ProfileLock};
use crate::service::Service;

/// Resumes a run.
pub fn run(
    line: &CommandLine,
    arguments: &arguments::Resume,
    console: Console,
    afterwards: &OnceCell<Afterwards>,
) -> Result<End, Failure> {
    let place = Place::of(&arguments.place)?;
    let past = match &arguments.run {
        Some(run) => Some(place.archive().past(run)?),
        None => only_unfinished(&place)?,
    };
    let Some(past) = past.filter(|past| !past.is_finished()) else { return Ok(nothing_to_do(arguments, console)) };
    let settings = Settings::from_text(&past.head.settings)?;
    let profile = Profile::load(arguments.place.config.as_deref(), &settings.profile)?;
    let arguments: arguments::Resume = line.over(&profile)?.arguments()?;
    let _ = afterwards.set(Afterwards::of(&arguments.afterwards, &settings.profile));
    let client = connect::client(&settings, &profile, &arguments.place)?;
    let wanted = unfinished::part_of(&past, &settings);
    let held_for = || of_run(&past.head.run);
    let lock = unfinished::hold(held_for, wanted.as_ref(), &place, &settings, &arguments.patience, console)?;
    // Whoever held the profile may have finished it.
    if place.archive().past(&past.head.run)?.is_finished() {
        return Ok(nothing_to_do(&arguments, console));
    }
    let again = Again { report: arguments.report.as_deref(), repeat_creates: arguments.repeat_creates };
    go_on(&past.head.run, &place, lock.as_ref(), console, &again, &client)
}

/// There is no run, or it is finished.
fn nothing_to_do(arguments: &arguments::Resume, console: Console) -> End {
    let why = match &arguments.run {
        Some(run) => format!("the run `{run}` is finished, there is nothing to do"),
        None => "no run is unfinished, there is nothing to do".to_owned(),
    };
    console.say(&why);
    if console.json {
        let document = json!({ "run": arguments.run, "status": "finished", "exit": 0, "reason": why, "resume": null });
        console.document(&document);
    }
    Exit::Done.into()
}

/// What a person says anew when a run goes on.
pub struct Again<'a> {
    /// Another place for the report.
    pub report: Option<&'a Path>,
    /// Whether creates of which nobody knows whether they landed are sent again.
    pub repeat_creates: bool,
}

/// Goes on with a run. Its report goes where the run was started to put it, unless another place is named.
pub fn go_on<S: Service>(
    run: &str,
    place: &Place,
    profile: Option<&ProfileLock>,
    console: Console,
    again: &Again<'_>,
    service: &S,
) -> Result<End, Failure> {
    // From here to the end, nobody leaves before it is written down how far the run has come.
    let _listener = signals::listen();
    let (ledger, _lock) = place.archive().take_up(run)?;
    if let Some(profile) = profile {
        profile.note(&of_run(run));
    }
    let head = ledger.head()?;
    let mut settings = Settings::from_text(&head.settings)?;
    settings.repeat_creates |= again.repeat_creates;
    let sense = Sense::of_run(&head.headings, &settings.sheet)?;
    announce(&head, console);
    let report = again.report.or(settings.report.as_deref());
    let outlets = Outlets::again(&head, &settings.sheet_path, report)?;
    let run = Run { ledger, head, settings, sense };
    let traffic = Traffic::new(&run.settings);
    let finish = run.work(service, &traffic, Purpose::Apply, console)?;
    run.conclude(&finish, outlets.with_resume(place))
}

fn only_unfinished(place: &Place) -> Result<Option<Past>, Failure> {
    let mut unfinished: Vec<Past> =
        place.archive().runs()?.into_iter().flatten().filter(|past| !past.is_finished()).collect();
    match (unfinished.pop(), unfinished.len()) {
        (Some(past), 0) => Ok(Some(past)),
        (Some(past), _) => {
            unfinished.push(past);
            let mut failure = Failure::new(Kind::Usage, "several runs are unfinished").hint("name one of them");
            failure.details = unfinished.iter().map(|past| format!("{} {}", past.head.run, past.head.sheet)).collect();
            Err(failure)
        }
        (None, _) => Ok(None),
    }
}
