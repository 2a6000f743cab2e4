//! Shards of one sheet hold a profile side by side: each has a part of its budget, and rows of its own.
//!
//! ```text
//! profile-default.lock            held alone by a run, or together by shards
//! profile-default.whole           what the shards are parts of; read only while they hold it
//! profile-default.shard-2.lock    held by shard 2, with a note of its own
//! profile-default.door.lock       held for an instant by who is about to take any of these
//! ```
//!
//! Parts of different wholes overlap, so the first one says which whole it is until the last one has gone.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::archive::{LOCK, LOOK, LOOKS, locked, locked_now};
use super::held::{self, ProfileLock};
use super::{LedgerError, Lock};

/// What of a profile is wanted by one of several processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which part.
    pub number: u32,
    /// What tells the whole from others. Parts of the same whole that have different numbers do not overlap.
    pub whole: String,
}

/// Takes a profile whose lock is at `path`: all of it, or a part.
pub(super) fn hold(profile: &str, path: &Path, what: &str, part: Option<&Part>) -> Result<ProfileLock, LedgerError> {
    // Nobody stays in the door, so waiting for it is short.
    let door = File::create(path.with_extension(format!("door.{LOCK}")))?;
    door.lock()?;
    let Some(Part { number, whole }) = part else {
        let lock = locked(path)?.ok_or_else(|| refused(profile, path))?;
        return Ok(ProfileLock::of(vec![lock], path, what));
    };
    let note = path.with_extension("whole");
    if let Some(alone) = locked_now(path)? {
        std::fs::write(&note, whole)?;
        drop(alone);
    }
    let together = locked_together(path)?.ok_or_else(|| held::refused(profile, path))?;
    if std::fs::read_to_string(&note).is_ok_and(|found| found != *whole) {
        return Err(refused(profile, path));
    }
    let own = path.with_extension(format!("shard-{number}.{LOCK}"));
    let lock = locked(&own)?.ok_or_else(|| held::refused(profile, &own))?;
    Ok(ProfileLock::of(vec![lock, together], &own, what))
}

/// The refusal of who comes second, with the name of a shard if shards hold the profile.
fn refused(profile: &str, path: &Path) -> LedgerError {
    let shard = shards(path).into_iter().find(|shard| matches!(locked_now(shard), Ok(None)));
    held::refused(profile, shard.as_deref().unwrap_or(path))
}

/// The locks of all shards that there have ever been, sorted.
fn shards(path: &Path) -> Vec<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let prefix = format!("{stem}.shard-");
    let entries = path.parent().map(std::fs::read_dir).into_iter().flatten().flatten().flatten();
    let is_shard = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&prefix) && path.extension().is_some_and(|extension| extension == LOCK)
    };
    let mut shards: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_shard).collect();
    shards.sort();
    shards
}

/// Takes a lock that others may have together with us.
fn locked_together(path: &Path) -> io::Result<Option<Lock>> {
    for _ in 0..LOOKS {
        let file = File::create(path)?;
        match file.try_lock_shared() {
            Ok(()) => return Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}
