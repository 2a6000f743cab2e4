//! The beginning of a run that writes: rows into the ledger, the last question, and off it goes.

use std::error::Error;

use super::end::End;
use super::outlets::Outlets;
use super::place::Place;
use super::run::{ELSEWHERE, Finish, Purpose, Run};
use super::sense::Sense;
use super::settings::Settings;
use super::shard_rows::Others;
use super::signals::{self, Listener};
use super::traffic::Traffic;
use crate::console::{self, Console, words};
use crate::domain::forecast::Forecast;
use crate::domain::outcome::{Outcome, Tally};
use crate::error::{Failure, Kind};
use crate::ledger::{Head, Ledger};
use crate::service::Service;

/// A run that is about to begin.
pub struct Launch<'a> {
    /// What it is about.
    pub head: Head,
    /// How it is to be done.
    pub settings: Settings,
    /// How its rows are to be understood.
    pub sense: Sense,
    /// Where its ledger will be.
    pub place: &'a Place,
    /// Where the question is asked.
    pub console: Console,
    /// Whether it has been answered beforehand.
    pub yes: bool,
    /// What else is to be done when it is agreed to, before anything is sent.
    pub first: &'a dyn Fn() -> Result<(), Failure>,
}

impl<'a> Launch<'a> {
    /// Takes the rows in, asks, and does it.
    pub fn carry_out<S: Service>(
        self,
        service: &S,
        traffic: &Traffic,
        outlets: Outlets<'a>,
        take_in: impl FnOnce(&mut Ledger) -> Result<Others, Failure>,
    ) -> Result<End, Failure> {
        let Launch { head, settings, sense, place, console, yes, first } = self;
        // From here to the end, nobody leaves before it is written down how far the run has come.
        let listener = signals::listen();
        let is_private = settings.sandbox;
        let (mut ledger, _lock) = match is_private {
            true => (Ledger::scratch(&head)?, None),
            false => {
                let (ledger, lock) = place.archive().create(&head).map_err(no_ledger)?;
                (ledger, Some(lock))
            }
        };
        let others = match take_in(&mut ledger) {
            Ok(others) => others,
            Err(failure) => {
                ledger.discard()?;
                return Err(match failure.kind {
                    Kind::Stopped => no_ledger(failure.error),
                    _ => failure,
                });
            }
        };
        let run = Run { ledger, head, settings, sense };
        let asks = !yes && !is_private;
        let has_limits = run.settings.strict || asks || run.settings.bounds.are_set();
        // It takes a look at each row.
        let tally = if has_limits { run.tally()? } else { Tally::default() };
        if run.settings.shard().is_some() {
            run.ledger.note_whole(run.ledger.row_count()? + others.rows)?;
        }
        let invalid = tally[Outcome::Invalid] + others.invalid;
        if run.settings.strict && invalid > 0 {
            let invalid = words::counted(invalid, "row");
            console.say(&format!("{invalid} invalid, and with --strict nothing is sent"));
            run.ledger.begin_run()?;
            let finish = Finish { requests: traffic.requests.get(), ..Finish::without_work() };
            return run.conclude(&finish, outlets);
        }
        if tally[Outcome::NotReached] > 0 && (asks || run.settings.bounds.are_set()) {
            let forecast = run.forecast(service, traffic, console);
            let agreed = forecast.and_then(|forecast| agreed(&run, &forecast, tally, console, asks, &listener));
            if let Err(failure) = agreed {
                run.ledger.discard()?;
                return Err(failure);
            }
        }
        if let Err(failure) = first() {
            run.ledger.discard()?;
            return Err(failure);
        }
        run.ledger.begin_run()?;
        let finish = run.work(service, traffic, Purpose::Apply, console)?;
        let outlets = if is_private { outlets } else { outlets.with_resume(place) };
        run.conclude(&finish, outlets)
    }
}

/// Whether the run may do what it would do: the profile's limits first, then the person.
fn agreed(
    run: &Run,
    forecast: &Forecast,
    tally: Tally,
    console: Console,
    asks: bool,
    listener: &Listener,
) -> Result<(), Failure> {
    let beyond = forecast.beyond(&run.settings.bounds);
    if !beyond.is_empty() {
        let error =
            format!("nothing was sent: this is more than may be done at once (profile `{}`)", run.settings.profile);
        let mut failure = Failure::new(Kind::Stopped, error).hint("`refsheet plan` shows what would be sent");
        failure.details = beyond;
        return Err(
            failure.hint("take less of the sheet with --rows or --limit, or raise the limit, here or in the profile")
        );
    }
    let part = run.settings.shard().map(|shard| format!(", shard {shard} of the sheet,")).unwrap_or_default();
    let question = format!("{}\nSend this{part} to {}?", console::outlook(forecast, tally), run.head.service);
    if !asks || forecast.changed + forecast.created == 0 {
        return Ok(());
    }
    let answer = console.ask(&question, || listener.heard().is_some());
    if let Some(signal) = listener.heard() {
        return Err(signals::interruption(signal));
    }
    if answer == Some(true) {
        return Ok(());
    }
    Err(Failure::new(Kind::Usage, "nothing was sent").hint("`refsheet plan` shows what would be sent"))
}

/// Nothing has been sent: without a ledger, nothing may be.
pub fn no_ledger(error: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
    Failure::new(Kind::Usage, error).hint(ELSEWHERE)
}
