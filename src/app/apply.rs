//! `apply`: the main job.

use super::arguments;
use super::intake::Intake;
use super::outlets::Outlets;
use super::run::{Purpose, Run};
use super::{connect, engine_settings, head, state_dir};
use crate::console::{Console, words};
use crate::domain::outcome::Outcome;
use crate::error::{Exit, Failure, Kind};
use crate::ledger::Ledger;
use crate::sandbox;
use crate::service::Service;

/// Applies a sheet.
pub fn run(arguments: &arguments::Apply, console: Console) -> Result<Exit, Failure> {
    may_write(arguments, console)?;
    if arguments.service.sandbox {
        let store = sandbox::Store::new(&sandbox::Settings::default());
        return with_service(arguments, console, &store);
    }
    let client = connect::client(&arguments.service)?;
    with_service(arguments, console, &client)
}

fn with_service<S: Service>(arguments: &arguments::Apply, console: Console, service: &S) -> Result<Exit, Failure> {
    let intake = Intake::open(&arguments.sheet)?;
    let head = head(&intake, &arguments.service, "apply");
    let outlets = Outlets::open(&intake, &arguments.sheet.path, &arguments.output, &head.run, None, console)?;
    for notice in intake.notices() {
        console.say(&format!("note: {notice}"));
    }
    let ledger = match arguments.service.sandbox {
        true => Ledger::scratch(&head)?,
        false => {
            let folder = state_dir(&arguments.service)?.join("runs");
            Ledger::create(&folder, &head).map_err(|error| {
                Failure::new(Kind::Usage, error).hint("say where ledgers may be kept with --state-dir DIR")
            })?
        }
    };
    let run = Run::take_in(&intake, ledger, head, console)?;
    let open = run.tally()?[Outcome::NotReached];
    let question = format!("Send the changes of {} to {}?", words::counted(open, "row"), run.head.service);
    if open > 0 && !arguments.yes && !arguments.service.sandbox && !console.ask(&question) {
        return Err(Failure::new(Kind::Usage, "nothing was sent").hint("`refsheet plan` shows what would be sent"));
    }
    let settings = engine_settings(&arguments.service);
    let finish = run.work(service, Purpose::Apply, arguments.service.rate.rate, &settings)?;
    run.conclude(&finish, outlets)
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
