//! Progress: a bar for a person at a terminal, a line every so often elsewhere.

use std::cell::{Cell, RefCell};
use std::fmt::Write;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::log::{Detail, Line};
use super::{Console, Format, lines};
use crate::domain::event::{Event, Notice};
use crate::domain::outcome::Tally;

/// How often a log gets a line.
const LINE_EVERY: Duration = Duration::from_secs(30);
/// How often the service's troubles are worth a line.
const NOTICE_EVERY: Duration = Duration::from_secs(5);

/// Listens to a run and shows how far it is.
pub struct Progress {
    console: Console,
    total: Cell<u64>,
    noun: &'static str,
    tally: RefCell<Tally>,
    bar: Option<ProgressBar>,
    last_line: Cell<Instant>,
    last_notice: RefCell<String>,
    last_notice_at: Cell<Option<Instant>>,
}

impl Progress {
    /// Begins to show a run of so many rows.
    pub fn begin(console: Console, total: u64) -> Self {
        Progress::of(console, total, "row")
    }

    /// Begins to show how many of something have been reached.
    pub fn of(console: Console, total: u64, noun: &'static str) -> Self {
        // A bar that lines run through is none.
        let is_watched = console.log.format == Format::Text
            && console.log.detail == Detail::Notices
            && std::io::stderr().is_terminal()
            && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb");
        let bar = is_watched.then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template(&format!(
                "{{bar:30}} {{pos}}/{{len}} {noun}s  {{speed}}  {{eta}} left  {{msg}}"
            ));
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style.with_key("speed", move |state: &ProgressState, out: &mut dyn Write| {
                let _ = write!(out, "{:.1} {noun}s/s", state.per_sec());
            }));
            bar
        });
        Progress {
            console,
            total: Cell::new(total),
            noun,
            tally: RefCell::default(),
            bar,
            last_line: Cell::new(Instant::now()),
            last_notice: RefCell::default(),
            last_notice_at: Cell::default(),
        }
    }

    /// Takes note of an event.
    pub fn note(&self, event: &Event) {
        match event {
            Event::Settled(settled) => {
                *self.tally.borrow_mut() += settled.outcome;
                self.show();
            }
            Event::Intent(_) | Event::Withdrawn { .. } => {}
        }
    }

    /// Takes note of how far it is: `done` of `total`, if that is known.
    pub fn reach(&self, done: u64, total: Option<u64>) {
        let total = total.unwrap_or(done).max(done);
        self.total.set(total);
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(done);
        } else {
            self.line(|| lines::progress(done, total, self.noun, None));
        }
    }

    /// Says why nothing moves. What has just been said is not said again, and in hard times not everything is said.
    pub fn tell(&self, notice: &Notice) {
        if self.last_notice_at.get().is_some_and(|at| at.elapsed() < NOTICE_EVERY) {
            return;
        }
        let line = lines::notice(notice);
        if self.last_notice.replace(line.message.clone()) != line.message {
            self.last_notice_at.set(Some(Instant::now()));
            self.put(&line);
        }
    }

    /// Says something.
    pub fn say(&self, text: &str) {
        self.put(&lines::message(text));
    }

    /// Says that somebody asked the run to stop.
    pub fn stopping(&self) {
        self.put(&lines::stopping());
    }

    /// Without disturbing the bar.
    fn put(&self, line: &Line) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.console.log.say(line)),
            None => self.console.log.say(line),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn show(&self) {
        let tally = self.tally.borrow();
        if let Some(bar) = &self.bar {
            bar.set_position(tally.total());
            bar.set_message(lines::counts(&tally));
        } else {
            self.line(|| lines::progress(tally.total(), self.total.get(), self.noun, Some(&tally)));
        }
    }

    fn line(&self, line: impl FnOnce() -> Line) {
        if self.last_line.get().elapsed() >= LINE_EVERY {
            self.last_line.set(Instant::now());
            self.console.log.say(&line());
        }
    }
}
