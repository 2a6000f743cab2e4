//! `plan`: what `apply` would send.

use super::arguments;
use super::intake::Intake;
use super::outlets::Outlets;
use super::run::{Finish, Purpose, Run, at_once};
use super::{connect, engine_settings, head};
use crate::console::Console;
use crate::domain::change::{Ask, Request};
use crate::domain::create;
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::plan::{self, Step};
use crate::error::{Exit, Failure};
use crate::ledger::Ledger;
use crate::sandbox;
use crate::service::Service;

/// Plans a sheet.
pub fn run(arguments: &arguments::Plan, console: Console) -> Result<Exit, Failure> {
    match (arguments.offline, arguments.service.sandbox) {
        (true, _) => offline(arguments, console),
        (false, true) => {
            let store = sandbox::Store::new(&sandbox::Settings::default());
            live(arguments, console, &store)
        }
        (false, false) => live(arguments, console, &connect::client(&arguments.service)?),
    }
}

/// Against the referrals as they are.
fn live<S: Service>(arguments: &arguments::Plan, console: Console, service: &S) -> Result<Exit, Failure> {
    let intake = Intake::open(&arguments.sheet)?;
    let head = head(&intake, &arguments.service, "plan");
    let outlets = outlets(arguments, &intake, &head.run, console)?;
    // Nobody resumes a plan: its ledger only puts the rows in order.
    let run = Run::take_in(&intake, Ledger::scratch(&head)?, head, console)?;
    let settings = engine_settings(&arguments.service);
    let finish = run.work(service, Purpose::Plan, arguments.service.rate.rate, &settings)?;
    run.conclude(&finish, outlets)
}

/// From the sheet alone: row by row, in constant memory.
fn offline(arguments: &arguments::Plan, console: Console) -> Result<Exit, Failure> {
    let intake = Intake::open(&arguments.sheet)?;
    let head = head(&intake, &arguments.service, "plan");
    let mut outlets = outlets(arguments, &intake, &head.run, console)?;
    for item in intake.requests()? {
        let (row, request) = item?;
        let id = request.id_text.clone();
        outlets.take(&row, &id, &unseen(request))?;
    }
    outlets.close(&head, &Finish::without_work())
}

fn outlets<'a>(
    arguments: &arguments::Plan,
    intake: &'a Intake,
    run: &str,
    console: Console,
) -> Result<Outlets<'a>, Failure> {
    for notice in intake.notices() {
        console.say(&format!("note: {notice}"));
    }
    Outlets::open(intake, &arguments.sheet.path, &arguments.output, run, arguments.patches.as_deref(), console)
}

/// What would be sent for a request if nobody looked at the referral.
fn unseen(request: Request) -> Settled {
    let planned = |request: &Request| Settled::unsent(request.row, Outcome::Planned, request.problems.clone());
    match &request.ask {
        Ask::Update(change) => {
            let plan = plan::unseen(change);
            let mut settled = planned(&request);
            settled.problems.extend(plan.problems);
            match plan.step {
                Step::Write(write) => Settled {
                    changes: write.changes,
                    etag_before: write.guard,
                    patch: Some(write.patch.to_json()),
                    ..settled
                },
                Step::Nothing | Step::Stale { .. } | Step::Invalid => {
                    Settled { outcome: Outcome::Unchanged, ..settled }
                }
            }
        }
        Ask::Create(edits) => {
            let mut settled = planned(&request);
            match create::document(edits) {
                Ok((document, problems)) => {
                    settled.problems.extend(problems);
                    Settled { name: create::name(&document), patch: Some(document), ..settled }
                }
                Err(problems) => {
                    settled.problems.extend(problems);
                    Settled { outcome: Outcome::Invalid, ..settled }
                }
            }
        }
        Ask::Skip | Ask::Invalid => at_once(request).1.expect("such a row needs no request"),
    }
}
