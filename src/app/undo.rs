//! `undo`: puts back what a run replaced. An undo is a run like any other, whose rows are the changes that lead back.

use std::cell::OnceCell;
use std::collections::HashSet;

use jiff::Timestamp;

use super::afterwards::Afterwards;
use super::arguments::CommandLine;
use super::choices::Check;
use super::end::End;
use super::launch::Launch;
use super::outlets::{Outlets, made_for};
use super::place::Place;
use super::profile::Profile;
use super::run::{Purpose, Run, at_once};
use super::sense::Sense;
use super::settings::{Settings, SheetSettings};
use super::shard_rows::Others;
use super::traffic::Traffic;
use super::{About, PLAN, UNDO, apply, arguments, connect, head, unfinished};
use crate::console::{Console, words};
use crate::domain::change::Base;
use crate::domain::identity::Who;
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::planned::{self, Planned};
use crate::domain::problem::Problem;
use crate::domain::undo::{Undo, undo};
use crate::error::{Failure, Kind};
use crate::ledger::{Entry, Foot, Ledger, Past, State, Taken};
use crate::service::Service;

/// The number of the first row below the headings.
const FIRST_ROW: u32 = 2;

/// Undoes a run.
pub fn run(
    line: &CommandLine,
    arguments: &arguments::Undo,
    console: Console,
    afterwards: &OnceCell<Afterwards>,
) -> Result<End, Failure> {
    let place = Place::of(&arguments.place)?;
    let past = place.archive().past(&arguments.run)?;
    let settings = Settings::from_text(&past.head.settings)?;
    let profile = Profile::load(arguments.place.config.as_deref(), &settings.profile)?;
    let arguments: &arguments::Undo = &line.over(&profile)?.arguments()?;
    if !arguments.plan {
        let _ = afterwards.set(Afterwards::of(&arguments.afterwards, &profile.name));
    }
    apply::may_write(arguments.yes || arguments.plan, console.can_ask())?;
    let (run, _profile) = unfinished::hold_for_run(None, &place, &settings, &arguments.patience, console)?;
    // Whoever held the profile may have worked on it.
    let past = place.archive().past(&arguments.run)?;
    if past.is_under_way {
        return Err(Failure::new(Kind::Held, format!("the run `{}` is under way", past.head.run)));
    }
    let settings = Settings {
        // Whoever undoes without looking would overwrite what others did since.
        check: Check::Live,
        strict: false,
        max_failures: None,
        max_duration: None,
        bounds: (&arguments.bounds).into(),
        // What leads back is written down exactly; how the sheet was to be read is of no use to it.
        sheet: SheetSettings::default(),
        ..settings
    };
    let client = connect::client(&settings, &profile, &arguments.place)?;
    with_service(arguments, &past, settings, Begun { place: &place, run }, console, &client)
}

/// Where the ledger of the undo will be, and how it will be called.
struct Begun<'a> {
    place: &'a Place,
    run: String,
}

fn with_service<S: Service>(
    arguments: &arguments::Undo,
    past: &Past,
    mut settings: Settings,
    Begun { place, run }: Begun<'_>,
    console: Console,
    service: &S,
) -> Result<End, Failure> {
    let about = || about(past);
    if let Some(unfinished) = unfinished::run_of(&about(), &settings, place, console)?.filter(|_| !arguments.plan) {
        return Err(unfinished::refused(&unfinished, place));
    }
    let sheet = settings.sheet_path.with_file_name(format!("undo-{}.xlsx", past.head.run));
    let command = if arguments.plan { PLAN } else { UNDO };
    let head = head(run, about(), &mut settings, &sheet, &arguments.output, command, console);
    let outlets = Outlets::open(&settings.sheet_path, &head, &settings, None)?;
    let sense = Sense::of_run(&head.headings, &settings.sheet)?;
    let original = place.archive().open(&past.head.run)?;
    if !past.is_finished() {
        console.note(&about_unfinished(past));
    }
    let made_for = made_for(&head.service);
    let traffic = Traffic::new(&settings);
    let take_in = |ledger: &mut Ledger, sense: &Sense| {
        let rows = Back { original: &original, sense, made_for: &made_for, number: FIRST_ROW - 1 }.rows()?;
        for taken in &rows {
            if let Some(settled) = &taken.settled {
                console.row(settled, &taken.referral.map(|id| id.to_string()).unwrap_or_default());
            }
        }
        ledger.take_in(rows.into_iter().map(Ok::<_, Failure>)).map(|()| Others::default())
    };
    if arguments.plan {
        let mut ledger = Ledger::scratch(&head)?;
        take_in(&mut ledger, &sense)?;
        let run = Run { ledger, head, settings, sense };
        let finish = run.work(service, &traffic, Purpose::Plan, console)?;
        return run.conclude(&finish, outlets);
    }
    let first = || close(&original, past);
    let launch = Launch { head, settings, sense: sense.clone(), place, console, yes: arguments.yes, first: &first };
    launch.carry_out(service, &traffic, outlets, |ledger| take_in(ledger, &sense))
}

/// What a person should know before a run is undone that was cut short.
fn about_unfinished(past: &Past) -> String {
    let (run, open) = (&past.head.run, past.tally[Outcome::NotReached]);
    let are = if open == 1 { "row was not reached and stays" } else { "rows were not reached and stay" };
    format!(
        "the run `{run}` is not finished: {} {are} so; undone, it counts as finished, and `resume` does not go on with it",
        words::number(open)
    )
}

/// A run that is undone is finished, so that nobody goes on with what is being taken back. What it has not reached stays
/// so; rows in doubt are looked up by the undo.
fn close(original: &Ledger, past: &Past) -> Result<(), Failure> {
    if past.is_finished() {
        return Ok(());
    }
    let requests = past.foot.map(|foot| foot.requests).unwrap_or_default();
    let ended_at = past.foot.map_or_else(Timestamp::now, |foot| foot.ended_at);
    Ok(original.finish(&Foot { ended_at, is_finished: true, requests })?)
}

fn about(past: &Past) -> About {
    About {
        name: format!("undo of {}", past.head.run),
        worksheet: Some(format!("{} of {}", past.head.sheet, past.head.run)),
        sha256: past.head.sheet_sha256.clone(),
        headings: (0..).zip(planned::COLUMNS).map(|(index, column)| (index, column.0.to_owned())).collect(),
        notices: Vec::new(),
    }
}

/// The way back from what a run did.
struct Back<'a> {
    original: &'a Ledger,
    sense: &'a Sense,
    made_for: &'a str,
    /// The last row so far.
    number: u32,
}

impl Back<'_> {
    /// The rows that undo the run, referral by referral, in the order in which the run met them.
    fn rows(mut self) -> Result<Vec<Taken>, Failure> {
        let mut seen = HashSet::new();
        let mut rows = Vec::new();
        self.original.each_entry(|entry| {
            let Some(referral) = entry.referral else {
                rows.extend(self.of(vec![entry], None));
                return Ok(());
            };
            if seen.insert(referral) {
                let entries = self.original.rows_about(referral)?;
                rows.extend(self.of(entries, Some(referral.to_string())));
            }
            Ok::<_, Failure>(())
        })?;
        Ok(rows)
    }

    /// What undoes the rows about one referral.
    fn of(&mut self, entries: Vec<Entry>, id: Option<String>) -> Vec<Taken> {
        let (mut ends, mut in_doubt) = (Vec::new(), Vec::new());
        for entry in entries {
            match entry.state {
                State::Done(settled) => ends.push(*settled),
                State::InDoubt(intent, _) => in_doubt.push(*intent),
                State::NotDone => {}
            }
        }
        let id = id.or_else(|| ends.iter().find_map(|end| end.created_id.clone())).unwrap_or_default();
        let Undo { back, stuck } = undo(&ends, &in_doubt, &id);
        let mut rows: Vec<Taken> = back.iter().map(|change| self.taken(change)).collect();
        rows.extend(stuck.into_iter().map(|why| self.stuck(&id, why)));
        rows
    }

    fn taken(&mut self, change: &Planned) -> Taken {
        self.number += 1;
        let row = change.to_row(self.number, self.made_for);
        let (referral, settled) = at_once(self.sense.request(&row, Who::ByCell, Base::Absent));
        Taken { row, referral, base: Base::Absent, remarks: Vec::new(), settled }
    }

    fn stuck(&mut self, id: &str, why: String) -> Taken {
        self.number += 1;
        let row = planned::row_about(id, self.number, self.made_for);
        let settled = Settled {
            is_final: true,
            ..Settled::unsent(self.number, Outcome::Invalid, vec![Problem::of_row(why, "")])
        };
        Taken { row, referral: id.parse().ok(), base: Base::Absent, remarks: Vec::new(), settled: Some(settled) }
    }
}
