//! What has been read of the list so far, beside the file that is made of it: `referrals.xlsx.part`.
//!
//! ```text
//! #export {"version":1,"service":…,"filter":…,"whole":…,"began":…}
//! {"id":…}                    a referral, as the service wrote it
//! {"id":…}
//! #page {"next":"…"}          the referrals above are a page; where the next one starts, or null
//! ```
//!
//! A page counts when its last line is there: whatever stands behind the last page is a page that was cut short, and
//! is taken off. One process at a time writes a part; the lock dies with it.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::referral::{Referral, ReferralId};
use crate::error::{Failure, Kind};
use crate::service::Cursor;

/// The list goes on changing, and a cursor does not live for ever.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);
const HEAD: &str = "#export ";
const PAGE: &str = "#page ";
const VERSION: u32 = 1;

/// What is being read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Where from.
    pub service: String,
    /// What of it.
    pub filter: Option<String>,
    /// Whether each referral is read for itself.
    pub whole: bool,
}

/// A part that can be added to.
pub struct Part {
    path: PathBuf,
    file: BufWriter<File>,
    reading: Reading,
    ids: HashSet<ReferralId>,
    next: Next,
}

/// Where the reading goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// At the first page.
    First,
    /// Behind the last one.
    Page(Cursor),
    /// Nowhere: all has been read.
    Nothing,
}

#[derive(Serialize, Deserialize)]
struct Head {
    version: u32,
    began: Timestamp,
    #[serde(flatten)]
    reading: Reading,
}

#[derive(Serialize, Deserialize)]
struct PageEnd {
    next: Option<String>,
}

/// Why a part cannot be used.
enum Unusable {
    /// It is one, but not for this.
    Ours(&'static str),
    /// It is none, and somebody may miss it.
    Foreign,
}

/// What an earlier process has left.
struct Left {
    ids: HashSet<ReferralId>,
    next: Next,
    /// Bytes up to the end of the last page.
    length: u64,
}

impl Part {
    /// The part of a file that is to be written: what is left of it, or a new one. Says in `notice` what became of a
    /// part that cannot be used.
    pub fn open(target: &Path, reading: Reading, now: Timestamp, notice: impl Fn(&str)) -> Result<Part, Failure> {
        let path = path_beside(target);
        let unwritable = |error| Failure { kind: Kind::Usage, ..unwritable(&path, error) };
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&path).map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let error = format!("another export is writing `{}`", target.display());
                return Err(Failure::new(Kind::Held, error)
                    .hint("wait for it, or give this one a name of its own with --out FILE"));
            }
            Err(TryLockError::Error(error)) => return Err(unwritable(error)),
        }
        let left = left(&file, &reading, now);
        let mut part =
            Part { path: path.clone(), file: BufWriter::new(file), reading, ids: HashSet::new(), next: Next::First };
        match left {
            Ok(Some(Left { ids, next, length })) => {
                part.file.get_ref().set_len(length).map_err(unwritable)?;
                part.file.seek(SeekFrom::End(0)).map_err(unwritable)?;
                (part.ids, part.next) = (ids, next);
            }
            Ok(None) => part.start_over(now)?,
            Err(Unusable::Ours(why)) => {
                notice(&format!("`{}` is not used, {why}", path.display()));
                part.start_over(now)?;
            }
            Err(Unusable::Foreign) => {
                let error = format!("`{}` is there already, and is not of an export", path.display());
                return Err(Failure::new(Kind::Usage, error).hint("move it away, or say where with --out FILE"));
            }
        }
        Ok(part)
    }

    /// Forgets all that has been read.
    pub fn start_over(&mut self, now: Timestamp) -> Result<(), Failure> {
        let head = Head { version: VERSION, began: now, reading: self.reading.clone() };
        let head = serde_json::to_string(&head).expect("a head has text keys only");
        self.ids.clear();
        self.next = Next::First;
        let begun = self.file.get_ref().set_len(0).and_then(|()| self.file.rewind());
        begun.and_then(|()| writeln!(self.file, "{HEAD}{head}")).map_err(|error| unwritable(&self.path, error))
    }

    /// Adds a page. When this returns, it is kept.
    pub fn add(&mut self, referrals: &[Referral], next: Option<Cursor>) -> Result<(), Failure> {
        let end = PageEnd { next: next.as_ref().map(|cursor| cursor.0.clone()) };
        let end = serde_json::to_string(&end).expect("a page's end has text keys only");
        let mut write = || -> io::Result<()> {
            // A list that changes while it is read may show a referral again.
            for referral in referrals.iter().filter(|referral| self.ids.insert(referral.id())) {
                // No string of JSON holds these: only white space between its parts does.
                let line = referral.document().without("@odata.context").text().replace(['\n', '\r'], " ");
                writeln!(self.file, "{line}")?;
            }
            writeln!(self.file, "{PAGE}{end}")?;
            self.file.flush()
        };
        write().map_err(|error| unwritable(&self.path, error))?;
        self.next = next.map_or(Next::Nothing, Next::Page);
        Ok(())
    }

    /// Where the reading goes on.
    pub fn next(&self) -> &Next {
        &self.next
    }

    /// How many referrals have been read.
    pub fn len(&self) -> u64 {
        self.ids.len() as u64
    }

    /// Goes through all referrals, in the order in which they were read.
    pub fn each(&self, mut each: impl FnMut(Referral) -> Result<(), Failure>) -> Result<(), Failure> {
        let unreadable = |error: io::Error| unwritable(&self.path, error);
        let lines = BufReader::new(File::open(&self.path).map_err(unreadable)?).lines();
        for line in lines {
            let line = line.map_err(unreadable)?;
            if !line.starts_with('#') {
                let referral = Referral::parse(line).map_err(|error| unreadable(io::Error::other(error)))?;
                each(referral)?;
            }
        }
        Ok(())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes it away: the file is there.
    pub fn remove(self) {
        drop(self.file);
        // One that stays is used once more or not at all.
        let _ = std::fs::remove_file(self.path);
    }
}

fn path_beside(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    target.with_file_name(name)
}

/// What a part holds that was left by an earlier process; none if it is new.
fn left(file: &File, reading: &Reading, now: Timestamp) -> Result<Option<Left>, Unusable> {
    let mut lines = BufReader::new(file);
    let mut line = String::new();
    let mut read = |line: &mut String| {
        line.clear();
        lines.read_line(line)
    };
    let mut at = read(&mut line).map_err(|_| Unusable::Foreign)? as u64;
    let Some(head) = line.strip_prefix(HEAD) else {
        return if HEAD.starts_with(&line) { Ok(None) } else { Err(Unusable::Foreign) };
    };
    match serde_json::from_str::<Head>(head) {
        Err(_) => return Ok(None),
        Ok(head) if head.version != VERSION || head.reading != *reading => {
            return Err(Unusable::Ours("it was read from another service, or with another filter"));
        }
        Ok(head) if now.duration_since(head.began).abs() > AGE_MAX => {
            return Err(Unusable::Ours("it is older than a day"));
        }
        Ok(_) => {}
    }
    let mut left = Left { ids: HashSet::new(), next: Next::First, length: at };
    let mut page = Vec::new();
    loop {
        // What cannot be read behind the last page does not matter.
        let Ok(length @ 1..) = read(&mut line) else { return Ok(Some(left)) };
        at += length as u64;
        match line.strip_prefix(PAGE) {
            Some(_) if !line.ends_with('\n') => return Ok(Some(left)),
            Some(end) => {
                let Ok(PageEnd { next }) = serde_json::from_str(end) else { return Ok(Some(left)) };
                left.next = next.map_or(Next::Nothing, |next| Next::Page(Cursor(next)));
                left.length = at;
                left.ids.extend(page.drain(..));
            }
            None => {
                let Ok(referral) = Referral::parse(std::mem::take(&mut line)) else { return Ok(Some(left)) };
                page.push(referral.id());
            }
        }
    }
}

fn unwritable(path: &Path, error: io::Error) -> Failure {
    let failure = Failure::new(Kind::Stopped, Unwritable { path: path.to_owned(), source: error });
    failure.hint("make room, or say where with --out FILE")
}

#[derive(Debug, thiserror::Error)]
#[error("cannot keep what has been read in `{}`", .path.display())]
struct Unwritable {
    path: PathBuf,
    source: io::Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading() -> Reading {
        Reading { service: "https://x".to_owned(), filter: None, whole: false }
    }

    fn referral(number: u32) -> Referral {
        Referral::parse(format!("{{\n\"id\":\"00000000-0000-4000-8000-{number:012}\",\n\"n\":1.10}}")).unwrap()
    }

    fn open(target: &Path, reading: &Reading, hours: i64) -> (Part, Vec<String>) {
        let notices = std::cell::RefCell::new(Vec::new());
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        // A child that another test is starting holds the locks of all until it is a program of its own.
        let part = loop {
            match Part::open(target, reading.clone(), now, |text| notices.borrow_mut().push(text.to_owned())) {
                Err(failure) if failure.kind == Kind::Held => std::thread::yield_now(),
                part => break part.unwrap(),
            }
        };
        (part, notices.into_inner())
    }

    fn held(part: &Part) -> Vec<String> {
        let mut held = Vec::new();
        part.each(|referral| {
            held.push(referral.document().text().to_owned());
            Ok(())
        })
        .unwrap();
        held
    }

    #[test]
    fn a_page_that_was_cut_short_is_taken_off_at_any_byte() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.xlsx");
        let (mut part, _) = open(&target, &reading(), 0);
        part.add(&[referral(1), referral(2)], Some(Cursor("two".to_owned()))).unwrap();
        let kept = std::fs::metadata(part.path()).unwrap().len();
        part.add(&[referral(2), referral(3)], None).unwrap();
        let path = part.path().to_owned();
        drop(part);
        let whole = std::fs::read(&path).unwrap();
        for length in usize::try_from(kept).unwrap()..=whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let (part, notices) = open(&target, &reading(), 1);
            assert!(notices.is_empty());
            if length < whole.len() {
                assert_eq!((part.next(), part.len()), (&Next::Page(Cursor("two".to_owned())), 2), "{length}");
            } else {
                assert_eq!((part.next(), part.len()), (&Next::Nothing, 3));
            }
            assert_eq!(held(&part).len() as u64, part.len());
        }
    }

    #[test]
    fn referrals_are_kept_to_the_digit_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let (mut part, _) = open(&folder.path().join("out.csv"), &reading(), 0);
        part.add(&[referral(1)], Some(Cursor("two".to_owned()))).unwrap();
        part.add(&[referral(1)], None).unwrap();
        assert_eq!(held(&part), [r#"{"id":"00000000-0000-4000-8000-000000000001","n":1.10}"#]);
        part.remove();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_was_read_of_something_else_or_long_ago_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.xlsx");
        let begin = |part: &mut Part| part.add(&[referral(1)], Some(Cursor("two".to_owned())));
        begin(&mut open(&target, &reading(), 0).0).unwrap();
        let (part, notices) = open(&target, &reading(), 25);
        assert!(notices[0].ends_with("it is older than a day"), "{notices:?}");
        assert_eq!((part.next(), part.len()), (&Next::First, 0));
        drop(part);
        begin(&mut open(&target, &reading(), 25).0).unwrap();
        let other = Reading { filter: Some("x".to_owned()), ..reading() };
        let (part, notices) = open(&target, &other, 25);
        assert!(notices[0].ends_with("or with another filter"), "{notices:?}");
        drop(part);
        std::fs::write(path_beside(&target), "my notes").unwrap();
        let foreign = Part::open(&target, reading(), Timestamp::UNIX_EPOCH, |_| {});
        assert_eq!(foreign.err().map(|failure| failure.kind), Some(Kind::Usage));
        assert_eq!(std::fs::read_to_string(path_beside(&target)).unwrap(), "my notes");
        std::fs::write(path_beside(&target), "#export {\"vers").unwrap();
        assert_eq!(open(&target, &reading(), 0).0.next(), &Next::First);
    }

    #[test]
    fn one_process_at_a_time_writes_a_part() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.xlsx");
        let (_part, _) = open(&target, &reading(), 0);
        let second = Part::open(&target, reading(), Timestamp::UNIX_EPOCH, |_| {});
        assert_eq!(second.err().map(|failure| failure.kind), Some(Kind::Held));
    }
}
