//! `apply`: the main job.

use std::error::Error;

use super::arguments;
use super::intake::Intake;
use super::outlets::Outlets;
use super::place::{Place, shell_command};
use super::profile::Profile;
use super::run::{ELSEWHERE, Finish, Purpose, Run, take_in};
use super::settings::Settings;
use super::traffic::Traffic;
use super::{connect, head, resume};
use crate::console::{Console, words};
use crate::domain::outcome::Outcome;
use crate::error::{Exit, Failure, Kind};
use crate::ledger::{Ledger, LedgerError, Past, Unreadable};
use crate::sandbox;
use crate::service::Service;

/// Applies a sheet.
pub fn run(arguments: &arguments::Apply, console: Console) -> Result<Exit, Failure> {
    may_write(arguments, console)?;
    let profile = Profile::load(arguments.service.place.config.as_deref(), &arguments.service.profile)?;
    let settings = Settings::resolve(&arguments.sheet, &arguments.service, Some(&arguments.limits), &profile)?;
    if settings.sandbox {
        let store = sandbox::Store::new(&sandbox::Settings::default());
        return with_service(arguments, settings, console, &store);
    }
    let client = connect::client(&settings, &profile)?;
    with_service(arguments, settings, console, &client)
}

fn with_service<S: Service>(
    arguments: &arguments::Apply,
    mut settings: Settings,
    console: Console,
    service: &S,
) -> Result<Exit, Failure> {
    let mut intake = Intake::open(&arguments.sheet, &mut settings.sheet)?;
    let place = Place::of(&arguments.service.place)?;
    let _profile = match settings.sandbox {
        true => None,
        false => Some(place.archive().hold(&settings.profile).map_err(held_or_no_ledger)?),
    };
    let unfinished = if settings.sandbox { None } else { unfinished_run(&place, &intake, &settings, console)? };
    if let Some(unfinished) = unfinished {
        return match arguments.resume {
            true => {
                let report = arguments.output.report.as_deref();
                resume::go_on(&unfinished.head.run, &place, console, report, service)
            }
            false => Err(refused(&unfinished, &place)),
        };
    }
    let head = head(&intake, &mut settings, &arguments.sheet.path, &arguments.output, "apply");
    let outlets = Outlets::open(&arguments.sheet.path, &head, &settings, None, console)?;
    for notice in &head.notices {
        console.say(&format!("note: {notice}"));
    }
    let traffic = Traffic::new(&settings);
    if let Some(directory) = traffic.directory(service, &settings, console)? {
        intake.look_up_in(directory);
    }
    let (mut ledger, _lock) = match settings.sandbox {
        true => (Ledger::scratch(&head)?, None),
        false => {
            let (ledger, lock) = place.archive().create(&head).map_err(no_ledger)?;
            (ledger, Some(lock))
        }
    };
    if let Err(failure) = take_in(&mut ledger, &intake) {
        ledger.discard()?;
        return Err(match failure.kind {
            Kind::Stopped => no_ledger(failure.error),
            _ => failure,
        });
    }
    let run = Run { ledger, head, settings, sense: intake.sense };
    let tally = run.tally()?;
    if run.settings.strict && tally[Outcome::Invalid] > 0 {
        let why =
            format!("{} invalid, and with --strict nothing is sent", words::counted(tally[Outcome::Invalid], "row"));
        console.say(&why);
        run.ledger.begin_run()?;
        let finish = Finish { requests: traffic.requests.get(), ..Finish::without_work() };
        return run.conclude(&finish, outlets);
    }
    let open = tally[Outcome::NotReached];
    let left_out = match tally[Outcome::Invalid] {
        0 => String::new(),
        invalid => format!(" ({} left out)", words::counted(invalid, "invalid row")),
    };
    let question = format!("Send the changes of {} to {}{left_out}?", words::counted(open, "row"), run.head.service);
    if open > 0 && !arguments.yes && !run.settings.sandbox && !console.ask(&question) {
        run.ledger.discard()?;
        return Err(Failure::new(Kind::Usage, "nothing was sent").hint("`refsheet plan` shows what would be sent"));
    }
    run.ledger.begin_run()?;
    let finish = run.work(service, &traffic, Purpose::Apply, console)?;
    let outlets = if run.settings.sandbox { outlets } else { outlets.with_resume(&place) };
    run.conclude(&finish, outlets)
}

/// Nothing has been sent: without a ledger, nothing may be.
fn no_ledger(error: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
    Failure::new(Kind::Usage, error).hint(ELSEWHERE)
}

/// Without somebody who can be asked, writing must have been allowed beforehand.
fn may_write(arguments: &arguments::Apply, console: Console) -> Result<(), Failure> {
    let reads_standard_input = arguments.sheet.path.as_os_str() == "-";
    if arguments.yes || arguments.service.sandbox || (console.can_ask() && !reads_standard_input) {
        return Ok(());
    }
    let failure = Failure::new(Kind::Usage, "there is no terminal to ask at before writing");
    Err(failure.hint("add --yes to write without asking").hint("or look first with `refsheet plan`"))
}

fn held_or_no_ledger(error: LedgerError) -> Failure {
    match error {
        LedgerError::ProfileHeld(_) => {
            Failure::from(error).hint("wait for it, or give this run a profile of its own with --profile NAME")
        }
        error => no_ledger(error),
    }
}

/// The unfinished run of this very sheet, if there is one: the same content, the same worksheet and rows of it, and the
/// same service.
fn unfinished_run(
    place: &Place,
    intake: &Intake,
    settings: &Settings,
    console: Console,
) -> Result<Option<Past>, Failure> {
    let mut same = None;
    for run in place.archive().runs().map_err(no_ledger)? {
        match run {
            Ok(past) => {
                let is_same = past.head.sheet_sha256 == intake.sheet.sha256
                    && past.head.worksheet == intake.sheet.worksheet
                    && past.head.service == settings.address()
                    && Settings::from_text(&past.head.settings)
                        .is_ok_and(|then| then.sheet.bite == settings.sheet.bite);
                if is_same && !past.is_finished() {
                    same = Some(past);
                }
            }
            Err(Unreadable { run, error }) => {
                let why = Failure::from(error).chain().join(": ");
                console.say(&format!("note: the run `{run}` is not looked at, it may be of this sheet: {why}"));
            }
        }
    }
    Ok(same)
}

fn refused(unfinished: &Past, place: &Place) -> Failure {
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
