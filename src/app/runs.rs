//! `runs`: past runs, from their ledgers.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::arguments::{self, RunsCommand};
use super::end::End;
use super::merge;
use super::outlets::Outlets;
use super::place::Place;
use super::run::{Finish, Run};
use super::sense::Sense;
use super::settings::Settings;
use super::unfinished::shard_of;
use crate::console::{Console, words};
use crate::engine::Stopped;
use crate::error::{Exit, Failure};
use crate::ledger::{Past, Unreadable};

/// Lists runs, shows one, or deletes old ones.
pub fn run(arguments: &arguments::Runs, console: Console) -> Result<End, Failure> {
    let place = Place::of(&arguments.place)?;
    match &arguments.command {
        None => list(&place, console).map(End::from),
        Some(RunsCommand::Show { run, report }) => show(run, report.as_deref(), &place),
        Some(RunsCommand::Merge { runs, report }) => merge::run(runs, report.as_deref(), &place, console),
        Some(RunsCommand::Prune { run: Some(run), .. }) => forget(run, &place, console).map(End::from),
        Some(RunsCommand::Prune { run: None, older_than }) => {
            prune((*older_than).into(), &place, console).map(End::from)
        }
    }
}

fn list(place: &Place, console: Console) -> Result<Exit, Failure> {
    let mut runs = Vec::new();
    for run in place.archive().runs()? {
        match run {
            Ok(past) => runs.push(past),
            Err(Unreadable { run, error }) => {
                console.note(&format!("`{run}`: {}", Failure::from(error).chain().join(": ")));
            }
        }
    }
    if console.json {
        let runs: Vec<_> = runs.iter().map(as_json).collect();
        console.document(&json!(runs));
    } else if runs.is_empty() {
        console.say("there are no runs");
    } else {
        for past in &runs {
            console.print(&in_a_line(past));
        }
    }
    Ok(Exit::Done)
}

fn in_a_line(past: &Past) -> String {
    let counts: Vec<String> =
        past.tally.occurred().map(|(outcome, count)| format!("{} {}", words::number(count), outcome.word())).collect();
    let shard = shard_of(past).map(|shard| format!(", shard {shard}")).unwrap_or_default();
    format!("{}  {:<10}  {}{shard}  {}", past.head.run, state(past), past.head.sheet, counts.join(", "))
}

fn as_json(past: &Past) -> serde_json::Value {
    let counts = past.tally.occurred().map(|(outcome, count)| (outcome.word().replace(' ', "_"), json!(count)));
    json!({
        "run": past.head.run,
        "command": past.head.command,
        "state": state(past),
        "started_at": past.head.started_at.to_string(),
        "sheet": past.head.sheet,
        "sheet_sha256": past.head.sheet_sha256,
        "shard": shard_of(past).map(|shard| shard.to_string()),
        "service": past.head.service,
        "rows": counts.collect::<serde_json::Map<_, _>>(),
    })
}

fn state(past: &Past) -> &'static str {
    match (past.is_under_way, past.is_finished()) {
        (true, _) => "under way",
        (false, true) => "finished",
        (false, false) => "unfinished",
    }
}

/// How a run ended, and its report again if it is wanted.
fn show(run: &str, report: Option<&Path>, place: &Place) -> Result<End, Failure> {
    let past = place.archive().past(run)?;
    let settings = Settings::from_text(&past.head.settings)?;
    let sense = Sense::of_run(&past.head.headings, &settings.sheet)?;
    let outlets = Outlets::again(&past.head, &settings.sheet_path, report)?;
    let outlets = if past.is_finished() { outlets } else { outlets.with_resume(place) };
    let took = past.foot.map(|foot| foot.ended_at.duration_since(past.head.started_at));
    let finish = Finish {
        stopped: if past.is_finished() { None } else { Some(Stopped::Asked) },
        requests: past.foot.map(|foot| foot.requests).unwrap_or_default(),
        took: took.and_then(|took| Duration::try_from(took).ok()).unwrap_or_default(),
        is_past: true,
        ..Finish::without_work()
    };
    let run = Run { ledger: place.archive().open(run)?, head: past.head, settings, sense };
    run.show(&finish, outlets)
}

fn forget(run: &str, place: &Place, console: Console) -> Result<Exit, Failure> {
    place.archive().remove(run)?;
    console.say(&format!("the run `{run}` is forgotten"));
    deleted(&[run.to_owned()], console);
    Ok(Exit::Done)
}

fn prune(older_than: Duration, place: &Place, console: Console) -> Result<Exit, Failure> {
    let archive = place.archive();
    archive.sweep()?;
    let now = Timestamp::now();
    let is_old =
        |past: &Past| Duration::try_from(now.duration_since(past.head.started_at)).is_ok_and(|age| age >= older_than);
    let mut removed = Vec::new();
    for past in archive.runs()?.into_iter().flatten().filter(|past| past.is_finished() && is_old(past)) {
        archive.remove(&past.head.run)?;
        removed.push(past.head.run);
    }
    console.say(&format!("{} deleted", words::counted(removed.len() as u64, "finished run")));
    deleted(&removed, console);
    Ok(Exit::Done)
}

fn deleted(runs: &[String], console: Console) {
    if console.json {
        console.document(&json!({ "status": "finished", "deleted": runs }));
    }
}
