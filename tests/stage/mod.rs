//! What tests need that treat the program as an operating system would: start it, signal it, kill it, and look at
//! what is left. Nothing of the machine gets in, nothing gets out of a folder, and every wait has a bound.

#![allow(dead_code, reason = "each test needs its own part of it")]

pub mod place;
pub mod running;
pub mod sandbox;
pub mod wire;

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take that a test waits for. Only a failure takes so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked at.
const GLANCE: Duration = Duration::from_millis(5);

/// Looks until there is something to see.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(started.elapsed() < PATIENCE, "waited for too long until {what}");
        thread::sleep(GLANCE);
    }
}
