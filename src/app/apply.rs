//! `apply`: the main job.

use std::cell::OnceCell;

use super::afterwards::Afterwards;
use super::arguments::{self, CommandLine};
use super::end::End;
use super::intake::Intake;
use super::launch::Launch;
use super::outlets::Outlets;
use super::place::Place;
use super::profile::Profile;
use super::resume::Again;
use super::run::take_in;
use super::settings::{Settings, SheetSettings};
use super::traffic::Traffic;
use super::{connect, head, resume, unfinished};
use crate::console::Console;
use crate::error::{Failure, Kind};
use crate::sandbox;
use crate::service::Service;

/// Applies a sheet.
pub fn run(
    line: &CommandLine,
    arguments: &arguments::Apply,
    console: Console,
    afterwards: &OnceCell<Afterwards>,
) -> Result<End, Failure> {
    let profile = Profile::load(arguments.service.place.config.as_deref(), &arguments.service.profile)?;
    // What is tried out is nobody else's business, unless it is asked for.
    let profile = if arguments.service.sandbox { profile.without(&["on_finish", "metrics_file"]) } else { profile };
    let arguments: &arguments::Apply = &line.over(&profile)?.arguments()?;
    let _ = afterwards.set(Afterwards::of(&arguments.afterwards, &profile.name));
    let reads_standard_input = arguments.sheet.path.as_os_str() == "-";
    may_write(arguments.yes || arguments.service.sandbox, console.can_ask() && !reads_standard_input)?;
    let sheet = SheetSettings::resolve(&arguments.sheet.how, &profile)?;
    let settings = Settings::resolve(sheet, arguments.sheet.path.clone(), &arguments.service, Some(&arguments.limits));
    settings.check_pace()?;
    if settings.sandbox {
        let store = sandbox::Store::new(&sandbox::Settings::default());
        return with_service(arguments, settings, console, &store);
    }
    let client = connect::client(&settings, &profile, &arguments.service.place)?;
    with_service(arguments, settings, console, &client)
}

fn with_service<S: Service>(
    arguments: &arguments::Apply,
    mut settings: Settings,
    console: Console,
    service: &S,
) -> Result<End, Failure> {
    let mut intake = Intake::open(&arguments.sheet, &mut settings)?;
    let place = Place::of(&arguments.service.place)?;
    if intake.is_report && !settings.sandbox {
        unfinished::check_report(&arguments.sheet.path, &place, console)?;
    }
    let about = intake.about();
    let part = unfinished::part(&settings, &about);
    let patience = &arguments.service.patience;
    let (run, lock) = unfinished::hold_for_run(part.as_ref(), &place, &settings, patience, console)?;
    let unfinished = match settings.sandbox {
        true => None,
        false => unfinished::run_of(&about, &settings, &place, console)?,
    };
    if let Some(unfinished) = unfinished {
        let is_this = unfinished::shard_of(&unfinished) == settings.shard();
        return match arguments.resume && is_this {
            true => {
                let again =
                    Again { report: arguments.output.report.as_deref(), repeat_creates: settings.repeat_creates };
                resume::go_on(&unfinished.head.run, &place, lock.as_ref(), console, &again, service)
            }
            false => Err(unfinished::refused(&unfinished, &place)),
        };
    }
    let head = head(run, intake.about(), &mut settings, &arguments.sheet.path, &arguments.output, "apply", console);
    let outlets = Outlets::open(&arguments.sheet.path, &head, &settings, None)?;
    for notice in &head.notices {
        console.note(notice);
    }
    if let Some(shard) = settings.shard().filter(|_| settings.bounds.are_set()) {
        console.note(&format!("--max-rows, --max-closed and --max-value-change count the rows of shard {shard} alone"));
    }
    let traffic = Traffic::new(&settings);
    if let Some(directory) = traffic.directory(service, &settings, console)? {
        intake.look_up_in(directory);
    }
    let (sense, yes) = (intake.sense.clone(), arguments.yes);
    let launch = Launch { head, settings, sense, place: &place, console, yes, first: &|| Ok(()) };
    launch.carry_out(service, &traffic, outlets, |ledger| take_in(ledger, &intake, console))
}

/// Without somebody who can be asked, writing must have been allowed beforehand.
pub fn may_write(is_allowed: bool, can_ask: bool) -> Result<(), Failure> {
    if is_allowed || can_ask {
        return Ok(());
    }
    let failure = Failure::new(Kind::Usage, "there is no terminal to ask at before writing");
    Err(failure.hint("add --yes to write without asking").hint("or look first with `refsheet plan`"))
}
