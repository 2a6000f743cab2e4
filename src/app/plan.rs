//! `plan`: what `apply` would send.

use super::arguments::{self, CommandLine};
use super::choices::MatchBy;
use super::end::End;
use super::intake::{Intake, Taken};
use super::outlets::{Ended, Outlets, Stretch};
use super::place::Place;
use super::profile::Profile;
use super::run::{Finish, Purpose, Run, at_once, take_in};
use super::settings::{Settings, SheetSettings};
use super::traffic::Traffic;
use super::{PLAN, connect, head, new_run, signals, unfinished};
use crate::console::Console;
use crate::domain::change::{Ask, Request};
use crate::domain::create;
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::plan::{self, Step};
use crate::error::{Failure, Kind};
use crate::ledger::{Head, Ledger};
use crate::sandbox;
use crate::service::Service;

/// Plans a sheet.
pub fn run(line: &CommandLine, arguments: &arguments::Plan, console: Console) -> Result<End, Failure> {
    let profile = Profile::load(arguments.service.place.config.as_deref(), &arguments.service.profile)?;
    let arguments: &arguments::Plan = &line.over(&profile)?.arguments()?;
    let sheet = SheetSettings::resolve(&arguments.sheet.how, &profile)?;
    let settings = Settings::resolve(sheet, arguments.sheet.path.clone(), &arguments.service, None);
    if arguments.offline {
        if settings.sheet.match_by != MatchBy::Id {
            let error = "offline, nobody can say which referral a row is about without its id";
            return Err(Failure::new(Kind::Usage, error).hint("leave --match-by away, or --offline"));
        }
        return offline(arguments, settings, console);
    }
    settings.check_pace()?;
    if settings.sandbox {
        let store = sandbox::Store::new(&sandbox::Settings::default());
        return live(arguments, settings, console, &store);
    }
    let client = connect::client(&settings, &profile, &arguments.service.place)?;
    live(arguments, settings, console, &client)
}

/// Against the referrals as they are.
fn live<S: Service>(
    arguments: &arguments::Plan,
    mut settings: Settings,
    console: Console,
    service: &S,
) -> Result<End, Failure> {
    let mut intake = Intake::open(&arguments.sheet, &mut settings)?;
    let place = Place::of(&arguments.service.place)?;
    let part = unfinished::part(&settings, &intake.about());
    let whose = settings.shard().map(|shard| format!(", shard {shard}")).unwrap_or_default();
    let what = format!("a plan of `{}`{whose}", intake.sheet.name);
    let patience = &arguments.service.patience;
    let _profile = unfinished::hold(|| what.clone(), part.as_ref(), &place, &settings, patience, console)?;
    // From here on, there are files that are taken away at the end.
    let _listener = signals::listen();
    let run = new_run(settings.shard());
    let head = head(run, intake.about(), &mut settings, &arguments.sheet.path, &arguments.output, PLAN, console);
    let outlets = outlets(arguments, &head, &settings, console)?;
    let traffic = Traffic::new(&settings);
    if let Some(directory) = traffic.directory(service, &settings, console)? {
        intake.look_up_in(directory);
    }
    // Nobody resumes a plan: its ledger only puts the rows in order.
    let mut ledger = Ledger::scratch(&head)?;
    take_in(&mut ledger, &intake, console)?;
    let run = Run { ledger, head, settings, sense: intake.sense };
    let finish = run.work(service, &traffic, Purpose::Plan, console)?;
    run.conclude(&finish, outlets)
}

/// From the sheet alone, in constant memory.
fn offline(arguments: &arguments::Plan, mut settings: Settings, console: Console) -> Result<End, Failure> {
    let intake = Intake::open(&arguments.sheet, &mut settings)?;
    let run = new_run(settings.shard());
    let head = head(run, intake.about(), &mut settings, &arguments.sheet.path, &arguments.output, PLAN, console);
    let mut outlets = outlets(arguments, &head, &settings, console)?;
    let listener = signals::listen();
    let wanted = outlets.wanted(console);
    let make = |rows: Vec<Taken>| {
        let mut stretch = Stretch::begin(wanted);
        for Taken { row, base, request, .. } in rows {
            let id = match &request.ask {
                Ask::Update(change) => change.referral.to_string(),
                Ask::Create(_) | Ask::Skip | Ask::Invalid => request.id_text.clone(),
            };
            stretch.add(Ended { row, base, id, settled: unseen(request) });
        }
        stretch
    };
    intake.each(make, |stretches| {
        for stretch in stretches {
            if let Some(signal) = listener.heard() {
                return Err(signals::interruption(signal));
            }
            outlets.take_stretch(&stretch?, console)?;
        }
        Ok::<_, Failure>(())
    })??;
    outlets.close(&head, &Finish::without_work())
}

fn outlets<'a>(
    arguments: &arguments::Plan,
    head: &Head,
    settings: &Settings,
    console: Console,
) -> Result<Outlets<'a>, Failure> {
    for notice in &head.notices {
        console.note(notice);
    }
    Outlets::open(&arguments.sheet.path, head, settings, arguments.patches.as_deref())
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
                    patch: Some(write.patch.document().clone()),
                    ..settled
                },
                Step::Invalid => Settled { outcome: Outcome::Invalid, ..settled },
                Step::Nothing | Step::Stale { .. } => Settled { outcome: Outcome::Unchanged, ..settled },
            }
        }
        Ask::Create(draft) => {
            let mut settled = planned(&request);
            match draft.document() {
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
