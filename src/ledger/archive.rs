//! The folder of ledgers: one file for each run, and a lock beside it while somebody works on the run.
//!
//! The lock is the kernel's and dies with its process, however that ends.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::beside::{self, Part};
use super::held::ProfileLock;
use super::{Foot, Head, Ledger, LedgerError};
use crate::domain::outcome::Tally;

/// The ledgers of all runs.
#[derive(Debug, Clone)]
pub struct Archive {
    folder: PathBuf,
}

/// Held by who works on a run, or with a profile.
#[derive(Debug)]
pub struct Lock {
    pub(super) _file: File,
}

/// A run as its ledger tells it.
#[derive(Debug, Clone)]
pub struct Past {
    /// What it is about.
    pub head: Head,
    /// How it ended, if it did.
    pub foot: Option<Foot>,
    /// How many rows ended how.
    pub tally: Tally,
    /// Whether somebody works on it now.
    pub is_under_way: bool,
}

/// A run whose ledger cannot be read.
#[derive(Debug)]
pub struct Unreadable {
    /// The run's id.
    pub run: String,
    /// Why.
    pub error: LedgerError,
}

const LEDGER: &str = "db";
pub(super) const LOCK: &str = "lock";
/// Who looks whether a lock is held takes it for an instant; nobody is to be turned away for that.
pub(super) const LOOKS: u32 = 5;
pub(super) const LOOK: Duration = Duration::from_millis(20);
/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["db-wal", "db-shm", LOCK];

impl Past {
    /// Whether there is nothing left to do about it.
    pub fn is_finished(&self) -> bool {
        self.foot.is_some_and(|foot| foot.is_finished)
    }
}

impl Archive {
    /// The archive in a folder, which need not be there yet.
    pub fn at(folder: PathBuf) -> Archive {
        Archive { folder }
    }

    /// Holds a profile: its runs share one budget of requests at the service, so there is one at a time, or several that
    /// are parts of one whole. `what` it is held for is told to who comes second.
    pub fn hold(&self, profile: &str, what: &str, part: Option<&Part>) -> Result<ProfileLock, LedgerError> {
        std::fs::create_dir_all(&self.folder)?;
        let name: String = profile.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
        let path = self.folder.join(format!("profile-{name}.{LOCK}"));
        beside::hold(profile, &path, what, part)
    }

    /// Begins a run's ledger and locks it.
    pub fn create(&self, head: &Head) -> Result<(Ledger, Lock), LedgerError> {
        std::fs::create_dir_all(&self.folder)?;
        let lock = self.lock(&head.run)?;
        let path = self.path(&head.run);
        let ledger = Ledger::create(path.clone(), head).inspect_err(|_| {
            // Half a ledger is of no use to anybody; what matters is why it is only half a one.
            let _ = remove(&path);
        })?;
        // Without this, a power cut could take the file's name away.
        File::open(&self.folder)?.sync_all()?;
        Ok((ledger, lock))
    }

    /// Opens a run's ledger to look at it.
    pub fn open(&self, run: &str) -> Result<Ledger, LedgerError> {
        let path = self.path(run);
        if !path.exists() {
            return Err(LedgerError::NoSuchRun(run.to_owned()));
        }
        Ledger::open(&path)?.ok_or_else(|| LedgerError::NeverBegan(run.to_owned()))
    }

    /// Opens a run's ledger to go on with it.
    pub fn take_up(&self, run: &str) -> Result<(Ledger, Lock), LedgerError> {
        let ledger = self.open(run)?;
        Ok((ledger, self.lock(run)?))
    }

    /// All runs that began, oldest first; without hiding those whose ledger cannot be read.
    pub fn runs(&self) -> Result<Vec<Result<Past, Unreadable>>, LedgerError> {
        let runs = self.names()?.into_iter().filter_map(|run| match self.past(&run) {
            Ok(past) => Some(Ok(past)),
            Err(LedgerError::NeverBegan(_)) => None,
            Err(error) => Some(Err(Unreadable { run, error })),
        });
        Ok(runs.collect())
    }

    /// A run.
    pub fn past(&self, run: &str) -> Result<Past, LedgerError> {
        let ledger = self.open(run)?;
        let is_under_way = locked_now(&self.lock_path(run))?.is_none();
        Ok(Past { head: ledger.head()?, foot: ledger.foot()?, tally: ledger.tally()?, is_under_way })
    }

    /// Deletes what is left of runs that never began, unless somebody is about to begin them.
    pub fn sweep(&self) -> Result<(), LedgerError> {
        for run in self.names()? {
            if matches!(self.open(&run), Err(LedgerError::NeverBegan(_))) {
                match self.remove(&run) {
                    Err(LedgerError::UnderWay(_)) | Ok(()) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Deletes a run's ledger, unless somebody works on the run.
    pub fn remove(&self, run: &str) -> Result<(), LedgerError> {
        if !self.path(run).exists() {
            return Err(LedgerError::NoSuchRun(run.to_owned()));
        }
        let _lock = self.lock(run)?;
        Ok(remove(&self.path(run))?)
    }

    /// Where a run's ledger is.
    pub fn ledger(&self, run: &str) -> PathBuf {
        self.path(run)
    }

    /// The names of all ledgers, sorted.
    fn names(&self) -> Result<Vec<String>, LedgerError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == LEDGER) {
                names.extend(path.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn path(&self, run: &str) -> PathBuf {
        self.folder.join(run).with_extension(LEDGER)
    }

    fn lock(&self, run: &str) -> Result<Lock, LedgerError> {
        locked(&self.lock_path(run))?.ok_or_else(|| LedgerError::UnderWay(run.to_owned()))
    }

    fn lock_path(&self, run: &str) -> PathBuf {
        self.path(run).with_extension(LOCK)
    }
}

/// Takes a lock, unless somebody has it for longer than it takes to look.
pub(super) fn locked(path: &Path) -> io::Result<Option<Lock>> {
    for _ in 0..LOOKS {
        if let Some(lock) = locked_now(path)? {
            return Ok(Some(lock));
        }
        std::thread::sleep(LOOK);
    }
    locked_now(path)
}

pub(super) fn locked_now(path: &Path) -> io::Result<Option<Lock>> {
    let file = File::create(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Deletes a ledger and what belongs to it.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    std::fs::remove_file(path)?;
    for extension in BESIDE {
        match std::fs::remove_file(path.with_extension(extension)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
