//! What stands in the way of a new run: another one that holds the profile, or an unfinished one of the same sheet.

use std::path::Path;
use std::time::{Duration, Instant};

use super::launch::no_ledger;
use super::merge::BETWEEN_RUNS;
use super::place::{Place, shell_command};
use super::settings::Settings;
use super::{About, UNDO, arguments, new_run, signals};
use crate::console::{Console, words};
use crate::domain::cell::Cell;
use crate::domain::outcome::Outcome;
use crate::domain::shard::Shard;
use crate::error::{Failure, Kind};
use crate::ledger::{LedgerError, Part, Past, ProfileLock, Unreadable};
use crate::report;
use crate::sheet::{self, Options, Source, Worksheet};

/// Holds the profile of a run, of which there is one at a time: they share one budget of requests. A private sandbox
/// has no budget. `what` it is held for is told to who comes second; a shard wants only its `part`.
pub fn hold(
    mut what: impl FnMut() -> String,
    part: Option<&Part>,
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
        match place.archive().hold(&settings.profile, &what(), part) {
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
    part: Option<&Part>,
    place: &Place,
    settings: &Settings,
    patience: &arguments::Patience,
    console: Console,
) -> Result<(String, Option<ProfileLock>), Failure> {
    let shard = settings.shard().filter(|_| part.is_some());
    let mut run = new_run(shard);
    let named = || {
        run = new_run(shard);
        of_run(&run)
    };
    let lock = hold(named, part, place, settings, patience, console)?;
    Ok((run, lock))
}

/// What the holder of a profile is called that works on a run.
pub fn of_run(run: &str) -> String {
    format!("the run `{run}`")
}

/// The part of a profile that a shard wants; none if it is no shard, and wants all of it.
pub fn part(settings: &Settings, about: &About) -> Option<Part> {
    let whole = settings.whole(&about.sha256, about.worksheet.as_deref())?;
    Some(Part { number: settings.shard()?.number(), whole })
}

/// The same for a run that began earlier, with its settings.
pub fn part_of(past: &Past, settings: &Settings) -> Option<Part> {
    let whole = settings.whole(&past.head.sheet_sha256, past.head.worksheet.as_deref())?;
    Some(Part { number: settings.shard()?.number(), whole })
}

/// Which part of its sheet a run has, if not all of it.
pub fn shard_of(past: &Past) -> Option<Shard> {
    Settings::from_text(&past.head.settings).ok()?.shard()
}

/// The unfinished run of this very sheet, if there is one: the same content, the same worksheet and rows of it, and the
/// same service. Other shards of the same whole are none of its business; any other division of the sheet has rows in
/// common with it.
pub fn run_of(about: &About, settings: &Settings, place: &Place, console: Console) -> Result<Option<Past>, Failure> {
    let mut same = None;
    for run in place.archive().runs().map_err(no_ledger)? {
        match run {
            Ok(past) => {
                let has_rows_in_common = |then: &Settings| {
                    then.sheet.bite == settings.sheet.bite
                        && match (part_of(&past, then), part(settings, about)) {
                            (Some(theirs), Some(ours)) if theirs.whole == ours.whole => theirs == ours,
                            (Some(_) | None, _) => true,
                        }
                };
                let is_same = past.head.sheet_sha256 == about.sha256
                    && past.head.worksheet == about.worksheet
                    && past.head.service == settings.address()
                    && Settings::from_text(&past.head.settings).is_ok_and(|then| has_rows_in_common(&then));
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

/// Refuses the rows to fix of a report as long as the run that it is of would go on with some of them itself. Only a run
/// of which a ledger is here can.
pub fn check_report(sheet: &Path, place: &Place, console: Console) -> Result<(), Failure> {
    let Some(runs) = runs_of_report(sheet) else { return Ok(()) };
    runs.split(BETWEEN_RUNS).try_for_each(|run| check_run_of_report(run, place, console))
}

fn check_run_of_report(run: &str, place: &Place, console: Console) -> Result<(), Failure> {
    let Ok(past) = place.archive().past(run) else { return Ok(()) };
    let open = past.tally[Outcome::NotReached];
    if past.is_under_way {
        return Err(Failure::new(Kind::Held, format!("the run `{run}` that this report is of is under way")));
    }
    let in_doubt = past.tally[Outcome::InDoubt];
    if open == 0 && in_doubt > 0 {
        let rows = words::counted(in_doubt, "row");
        let resume = shell_command(place, &["resume", run]);
        console.note(&format!("{rows} of the run `{run}` in doubt, which are not among the rows to fix: {resume}"));
    }
    if past.is_finished() || open == 0 {
        return Ok(());
    }
    let rows = words::counted(open, "row");
    let error =
        format!("the run `{run}` that this report is of is not finished, {rows} to go, and would do them again");
    Err(Failure::new(Kind::Held, error)
        .hint(format!("finish it: {}, then apply its new report", shell_command(place, &["resume", run])))
        .hint(format!("or forget it: {}, then apply this one", shell_command(place, &["runs", "prune", run]))))
}

/// The run that a report is of, or several, from its summary.
fn runs_of_report(sheet: &Path) -> Option<String> {
    let options = Options { worksheet: Some(Worksheet::Name(report::SUMMARY.to_owned())), visible_only: false };
    let summary = sheet::open(&Source::File(sheet.to_owned()), &options, &|_| false).ok()?;
    for row in summary.rows().ok()? {
        let cells = row.ok()?.ok()?.cells;
        let label = cells.iter().position(|cell| cell.to_string() == report::RUN);
        if let Some(run) = label.and_then(|label| cells.get(label + 1)).map(Cell::to_string) {
            return Some(run);
        }
    }
    None
}

/// The refusal of a second start, with both ways out.
pub fn refused(unfinished: &Past, place: &Place) -> Failure {
    let run = &unfinished.head.run;
    let open = unfinished.tally[Outcome::NotReached] + unfinished.tally[Outcome::InDoubt];
    let (what, again) = match unfinished.head.command.as_str() {
        UNDO => ("undo of this very run", "undo the run again"),
        _ => ("run of this very sheet", "apply the sheet again"),
    };
    let shard = shard_of(unfinished).map(|shard| format!(" (shard {shard})")).unwrap_or_default();
    if unfinished.is_under_way {
        return Failure::new(Kind::Held, format!("another {what} is under way: `{run}`{shard}"));
    }
    let error = format!("an unfinished {what} exists: `{run}`{shard}, {} to go", words::counted(open, "row"));
    Failure::new(Kind::Held, error)
        .hint(format!("finish it: {}", shell_command(place, &["resume", run])))
        .hint(format!("or forget it: {}, then {again}", shell_command(place, &["runs", "prune", run])))
}
