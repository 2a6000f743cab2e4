//! `resume`: finishes a run that was cut short, with the settings that it was started with.

use std::path::Path;

use super::outlets::Outlets;
use super::place::Place;
use super::profile::Profile;
use super::run::{Purpose, Run};
use super::sense::Sense;
use super::settings::Settings;
use super::traffic::Traffic;
use super::{announce, arguments, connect};
use crate::console::Console;
use crate::error::{Exit, Failure, Kind};
use crate::ledger::Past;
use crate::service::Service;

/// Resumes a run.
pub fn run(arguments: &arguments::Resume, console: Console) -> Result<Exit, Failure> {
    let place = Place::of(&arguments.place)?;
    let past = match &arguments.run {
        Some(run) => Some(place.archive().past(run)?),
        None => only_unfinished(&place)?,
    };
    let Some(past) = past else {
        console.say("no run is unfinished, there is nothing to do");
        return Ok(Exit::Done);
    };
    if past.is_finished() {
        console.say(&format!("the run `{}` is finished, there is nothing to do", past.head.run));
        return Ok(Exit::Done);
    }
    let settings = Settings::from_text(&past.head.settings)?;
    let profile = Profile::load(arguments.place.config.as_deref(), &settings.profile)?;
    let client = connect::client(&settings, &profile)?;
    let _profile = place.archive().hold(&settings.profile)?;
    go_on(&past.head.run, &place, console, arguments.report.as_deref(), arguments.repeat_creates, &client)
}

/// Goes on with a run. Its report goes where the run was started to put it, unless another place is named.
pub fn go_on<S: Service>(
    run: &str,
    place: &Place,
    console: Console,
    report: Option<&Path>,
    repeat_creates: bool,
    service: &S,
) -> Result<Exit, Failure> {
    let (ledger, _lock) = place.archive().take_up(run)?;
    let head = ledger.head()?;
    let mut settings = Settings::from_text(&head.settings)?;
    settings.repeat_creates |= repeat_creates;
    let sense = Sense::of_run(&head.headings, &settings.sheet)?;
    announce(&head, console);
    let report = report.or(settings.report.as_deref());
    let outlets = Outlets::again(&head, &settings.sheet_path, report, console)?;
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
