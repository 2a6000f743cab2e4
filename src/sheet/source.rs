//! The file behind a sheet: its bytes' fingerprint, and what kind of file it is.
//!
//! The whole file is gone through once, before anything is parsed. That gives the SHA-256, and tells for certain
//! whether a text is UTF-8, where a look at its beginning could only guess.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use sha2::{Digest, Sha256};
use tempfile::TempPath;

use super::stranger::Stranger;
use super::{Format, SheetError, Source};

const CHUNK_BYTES: usize = 256 * 1024;
/// Enough to tell text from bytes.
const UTF16_PAIRS_LOOKED_AT: usize = 512;

/// A file that has been gone through once.
#[derive(Debug, Clone)]
pub(super) struct Original {
    /// As messages call it.
    pub name: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    pub kind: Kind,
    place: Place,
    length: u64,
    modified: Option<SystemTime>,
}

/// What the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text(Utf8),
    Workbook(Format),
}

/// Whether a text is UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Utf8 {
    /// All of it.
    Valid,
    /// No: the byte at this offset, before which there is nothing but ASCII.
    Never,
    /// No: the byte at this offset, though there are letters beyond ASCII in good UTF-8 before it.
    Until(u64),
}

/// Where the bytes are; a spooled copy goes away with the last owner.
#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Spool(Arc<TempPath>),
}

impl Original {
    pub fn of(source: &Source) -> Result<Original, SheetError> {
        match source {
            Source::File(path) => {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
                Original::looked_at(name, Place::File(path.clone()))
            }
            Source::StandardInput => {
                let name = "standard input".to_owned();
                match spool(&mut io::stdin().lock()) {
                    Ok(path) => Original::looked_at(name, Place::Spool(Arc::new(path))),
                    Err(source) => Err(SheetError::Unreadable { file: name, source }),
                }
            }
        }
    }

    fn looked_at(name: String, place: Place) -> Result<Original, SheetError> {
        let unreadable = |source| SheetError::Unreadable { file: name.clone(), source };
        let mut file = File::open(place.path()).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        let look = look(&mut file).map_err(unreadable)?;
        let kind = match look.beginning.as_slice() {
            [] => return Err(SheetError::Empty { file: name }),
            beginning if is_archive(beginning) => super::book::kind_of_archive(&file, &name)?,
            beginning => {
                kind(beginning, look.utf8).map_err(|found| SheetError::NotASheet { file: name.clone(), found })?
            }
        };
        Ok(Original {
            name,
            sha256: look.sha256,
            kind,
            place,
            length: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }

    /// Opens the file again, if it is still the one that was looked at.
    pub fn reopen(&self) -> Result<File, SheetError> {
        let open = || -> io::Result<(File, u64, Option<SystemTime>)> {
            let file = File::open(self.place.path())?;
            let metadata = file.metadata()?;
            Ok((file, metadata.len(), metadata.modified().ok()))
        };
        match open() {
            Ok((file, length, modified)) if length == self.length && modified == self.modified => Ok(file),
            Ok(_) => Err(SheetError::Changed { file: self.name.clone() }),
            Err(source) => Err(self.unreadable(source)),
        }
    }

    pub fn unreadable(&self, source: io::Error) -> SheetError {
        SheetError::Unreadable { file: self.name.clone(), source }
    }
}

impl Place {
    fn path(&self) -> &Path {
        match self {
            Place::File(path) => path,
            Place::Spool(path) => path,
        }
    }
}

fn spool(input: &mut dyn Read) -> io::Result<TempPath> {
    let mut file = tempfile::NamedTempFile::new()?;
    io::copy(input, &mut file)?;
    Ok(file.into_temp_path())
}

struct Look {
    beginning: Vec<u8>,
    sha256: String,
    utf8: Utf8,
}

/// Goes through a file from its start.
fn look(file: &mut File) -> io::Result<Look> {
    file.seek(SeekFrom::Start(0))?;
    let mut hash = Sha256::new();
    let mut text = Utf8Check::default();
    let mut beginning = Vec::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&chunk[..count]);
        text.feed(&chunk[..count]);
        if beginning.len() < CHUNK_BYTES {
            beginning.extend_from_slice(&chunk[..count]);
        }
    }
    let mut sha256 = String::new();
    for byte in hash.finalize() {
        write!(sha256, "{byte:02x}").expect("writing to a string cannot fail");
    }
    Ok(Look { beginning, sha256, utf8: text.finish() })
}

/// Checks for UTF-8 piece by piece; a letter may be cut in two by the end of a piece.
#[derive(Default)]
struct Utf8Check {
    offset: u64,
    cut: Vec<u8>,
    beyond_ascii: bool,
    failed_at: Option<u64>,
}

impl Utf8Check {
    fn feed(&mut self, mut chunk: &[u8]) {
        while self.failed_at.is_none() && !self.cut.is_empty() && !chunk.is_empty() {
            self.cut.push(chunk[0]);
            chunk = &chunk[1..];
            match std::str::from_utf8(&self.cut) {
                Ok(_) => {
                    self.offset += self.cut.len() as u64;
                    self.beyond_ascii = true;
                    self.cut.clear();
                }
                Err(error) if error.error_len().is_none() => {}
                Err(_) => self.failed_at = Some(self.offset),
            }
        }
        if self.failed_at.is_some() {
            return;
        }
        match std::str::from_utf8(chunk) {
            Ok(_) => {
                self.beyond_ascii = self.beyond_ascii || !chunk.is_ascii();
                self.offset += chunk.len() as u64;
            }
            Err(error) => {
                let (good, rest) = chunk.split_at(error.valid_up_to());
                self.beyond_ascii = self.beyond_ascii || !good.is_ascii();
                self.offset += good.len() as u64;
                match error.error_len() {
                    Some(_) => self.failed_at = Some(self.offset),
                    None => self.cut.extend_from_slice(rest),
                }
            }
        }
    }

    fn finish(self) -> Utf8 {
        let failed_at = self.failed_at.or((!self.cut.is_empty()).then_some(self.offset));
        match failed_at {
            None => Utf8::Valid,
            Some(_) if !self.beyond_ascii => Utf8::Never,
            Some(offset) => Utf8::Until(offset),
        }
    }
}

fn is_archive(beginning: &[u8]) -> bool {
    beginning.starts_with(b"PK\x03\x04") || beginning.starts_with(b"PK\x05\x06")
}

/// The kind of a file that is no archive, or what else it is.
fn kind(beginning: &[u8], utf8: Utf8) -> Result<Kind, Stranger> {
    const OLE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    if beginning.starts_with(&OLE) {
        return Ok(Kind::Workbook(Format::Xls));
    }
    if beginning.contains(&0) && !is_utf16(beginning) {
        return Err(Stranger::of_bytes(beginning));
    }
    match Stranger::of_text(beginning) {
        Some(stranger) => Err(stranger),
        // A small file of another kind may happen to have no zero byte.
        None if utf8 != Utf8::Valid && Stranger::of_bytes(beginning) != Stranger::Binary => {
            Err(Stranger::of_bytes(beginning))
        }
        None => Ok(Kind::Text(utf8)),
    }
}

/// With a byte order mark; or without one, when every other byte of the first ones is zero, as in text that is mostly
/// ASCII.
fn is_utf16(beginning: &[u8]) -> bool {
    if beginning.starts_with(&[0xFF, 0xFE]) || beginning.starts_with(&[0xFE, 0xFF]) {
        return true;
    }
    let pairs = || beginning.chunks_exact(2).take(UTF16_PAIRS_LOOKED_AT);
    let zeros = |at: usize| pairs().filter(|pair| pair[at] == 0).count();
    let (first, second, all) = (zeros(0), zeros(1), pairs().count());
    // The detector goes by the first letters, so these must be ASCII.
    let begins_in_ascii = matches!(beginning, [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..]);
    begins_in_ascii && first.min(second) == 0 && first.max(second) * 4 >= all * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf8(pieces: &[&[u8]]) -> Utf8 {
        let mut check = Utf8Check::default();
        for piece in pieces {
            check.feed(piece);
        }
        check.finish()
    }

    #[test]
    fn utf8_is_checked_across_pieces() {
        assert_eq!(utf8(&[b"plain"]), Utf8::Valid);
        assert_eq!(utf8(&["Zürich".as_bytes()]), Utf8::Valid);
        assert_eq!(utf8(&[b"Z\xC3", b"\xBCrich \xE2", b"\x82", b"\xAC"]), Utf8::Valid);
        assert_eq!(utf8(&[b"Z\xFCrich"]), Utf8::Never);
        assert_eq!(utf8(&[b"Z\xC3", b"rich"]), Utf8::Never);
        assert_eq!(utf8(&["Zürich\nGen".as_bytes(), b"\xE8ve"]), Utf8::Until(11));
        assert_eq!(utf8(&["é".as_bytes(), b"\xC3"]), Utf8::Until(2));
    }

    #[test]
    fn standard_input_is_kept_as_long_as_it_is_read() {
        let spool = Arc::new(spool(&mut &b"Id\n1\n"[..]).unwrap());
        let path = spool.to_path_buf();
        let original = Original::looked_at("standard input".into(), Place::Spool(spool)).unwrap();
        let again = original.clone();
        drop(original);
        assert_eq!(io::read_to_string(again.reopen().unwrap()).unwrap(), "Id\n1\n");
        drop(again);
        assert!(!path.exists());
    }

    #[test]
    fn other_files_are_named() {
        let name = |beginning: &[u8]| kind(beginning, Utf8::Valid);
        assert_eq!(name(b"id,name"), Ok(Kind::Text(Utf8::Valid)));
        assert_eq!(name(b"\xFF\xFEi\0d\0"), Ok(Kind::Text(Utf8::Valid)));
        assert_eq!(name(b"i\0d\0,\0n\0"), Ok(Kind::Text(Utf8::Valid)));
        assert_eq!(name(b"\0i\0d\0,\0n"), Ok(Kind::Text(Utf8::Valid)));
        assert_eq!(name(b"i\0d\0\0\0n\0"), Err(Stranger::Binary));
        assert_eq!(name(b"\xEF\xBB\xBF <HTML><body>"), Err(Stranger::WebPage));
        assert_eq!(name(b"%PDF-1.7\0"), Err(Stranger::Pdf));
        assert_eq!(name(b"\x7FELF\0\0"), Err(Stranger::Binary));
        assert_eq!(kind(b"\x1F\x8B\x08\x01", Utf8::Never), Err(Stranger::Compressed));
        assert_eq!(kind(b"BZh\xFCrich", Utf8::Valid), Ok(Kind::Text(Utf8::Valid)));
        assert_eq!(name(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), Ok(Kind::Workbook(Format::Xls)));
    }
}
