//! Who holds a profile: the kernel's lock says that somebody does, a note beside it says who.
//!
//! ```text
//! profile-default.lock       held, and free as soon as its process is gone
//! profile-default.holder     {"what":"the run `…`","process":4711,"since":"…"}; read only while the lock is held
//! ```

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::archive::{LOOK, LOOKS};
use super::{LedgerError, Lock};

/// A profile that nobody else can work with.
#[derive(Debug)]
pub struct ProfileLock {
    note: PathBuf,
    since: Timestamp,
    _locks: Vec<Lock>,
}

/// Who holds a profile, as far as that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// What it works on.
    what: Option<String>,
    process: Option<u32>,
    since: Option<Timestamp>,
}

/// The refusal of who comes second.
pub(super) fn refused(profile: &str, lock: &Path) -> LedgerError {
    let note = || serde_json::from_str(&std::fs::read_to_string(note_beside(lock)).ok()?).ok();
    // Who has just taken the lock needs a moment to write it.
    let read = |_| {
        note().or_else(|| {
            std::thread::sleep(LOOK);
            None
        })
    };
    let holder = (0..LOOKS).find_map(read).unwrap_or_default();
    LedgerError::ProfileHeld { profile: profile.to_owned(), holder }
}

impl ProfileLock {
    pub(super) fn of(locks: Vec<Lock>, path: &Path, what: &str) -> ProfileLock {
        let held = ProfileLock { note: note_beside(path), since: Timestamp::now(), _locks: locks };
        held.note(what);
        held
    }

    /// Tells who comes second what the profile is held for.
    pub fn note(&self, what: &str) {
        let holder = Holder { what: Some(what.to_owned()), process: Some(std::process::id()), since: Some(self.since) };
        let note = serde_json::to_string(&holder).expect("a holder has text keys only");
        // The lock is what counts.
        let _ = std::fs::write(&self.note, note);
    }
}

impl Drop for ProfileLock {
    fn drop(&mut self) {
        // One that stays is overwritten by the next holder.
        let _ = std::fs::remove_file(&self.note);
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what.as_deref().unwrap_or("another run"))?;
        if let Some(process) = self.process {
            write!(f, " (process {process})")?;
        }
        match self.since {
            Some(since) => write!(f, " since {} UTC", since.strftime("%Y-%m-%d %H:%M:%S")),
            None => Ok(()),
        }
    }
}

fn note_beside(lock: &Path) -> PathBuf {
    lock.with_extension("holder")
}
