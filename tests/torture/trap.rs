//! The moment at which the program is killed: not after so many milliseconds, but when its so-many-th write has come
//! exactly so far. So a kill never finds the program idle, and the worst moments come up as often as the others.
//!
//! ```text
//!   program ──── write ────▶ wire ──── write ────▶ service ──── answer ────▶ wire ──── answer ────▶ program
//!                             │                                               │                        │
//!                  Unsent, or Delayed                                       Done                   Answered
//! ```

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crate::stage::wire::{Message, Onward};

/// How far a write has come when its sender dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has left and will never arrive.
    Unsent,
    /// It is still under way: it arrives when somebody else has taken over and has begun to write.
    Delayed,
    /// The service has done it, and the answer has not come.
    Done,
    /// The answer has come, or just not.
    Answered,
}

/// Watches the writes of one process after the other.
#[derive(Default)]
pub struct Trap {
    watch: Mutex<Watch>,
    changed: Condvar,
}

#[derive(Default)]
struct Watch {
    /// Counts the processes, so that a message from the past is not taken for a new one.
    process: u64,
    /// Writes of this process.
    writes: u64,
    /// Those of the processes before.
    writes_before: u64,
    /// When it snaps.
    set: Option<(u64, Moment)>,
    /// Whether the process is to be killed now.
    is_sprung: bool,
}

impl Trap {
    pub fn new() -> Arc<Trap> {
        Arc::default()
    }

    /// Watches the next process; with `set`, for a write and how far it is to come.
    pub fn watch_next(&self, set: Option<(u64, Moment)>) {
        let mut watch = self.watch.lock().unwrap();
        *watch = Watch {
            process: watch.process + 1,
            writes_before: watch.writes_before + watch.writes,
            set,
            ..Watch::default()
        };
        self.changed.notify_all();
    }

    /// Waits for the moment to kill. False when it has not come for a while.
    pub fn is_sprung(&self, patience: Duration) -> bool {
        let watch = self.watch.lock().unwrap();
        self.changed.wait_timeout_while(watch, patience, |watch| !watch.is_sprung).unwrap().0.is_sprung
    }

    /// Writes that left so far.
    pub fn writes_so_far(&self) -> u64 {
        let watch = self.watch.lock().unwrap();
        watch.writes_before + watch.writes
    }

    /// What becomes of a request, for the wire.
    pub fn judge(&self, request: &Message, onward: &mut Onward) -> Option<Message> {
        match self.moment_of(request) {
            None => onward.pass(request),
            Some((process, Moment::Unsent)) => {
                self.spring();
                self.wait(|watch| watch.process > process);
                None
            }
            Some((process, Moment::Delayed)) => {
                self.spring();
                self.wait(|watch| watch.process > process + 1 || watch.process == process + 1 && watch.writes > 0);
                onward.pass(request)
            }
            Some((process, Moment::Done)) => {
                let answer = onward.pass(request);
                self.spring();
                self.wait(|watch| watch.process > process);
                answer
            }
            Some((_, Moment::Answered)) => {
                let answer = onward.pass(request);
                self.spring();
                answer
            }
        }
    }

    fn moment_of(&self, request: &Message) -> Option<(u64, Moment)> {
        if !request.is_write() {
            return None;
        }
        let mut watch = self.watch.lock().unwrap();
        watch.writes += 1;
        self.changed.notify_all();
        let (_, moment) = watch.set.filter(|(at, _)| *at == watch.writes)?;
        Some((watch.process, moment))
    }

    fn spring(&self) {
        self.watch.lock().unwrap().is_sprung = true;
        self.changed.notify_all();
    }

    fn wait(&self, mut is_over: impl FnMut(&Watch) -> bool) {
        let watch = self.watch.lock().unwrap();
        drop(self.changed.wait_while(watch, |watch| !is_over(watch)).unwrap());
    }
}
