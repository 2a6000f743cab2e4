//! The zip archive around a modern workbook, looked at before anything is parsed.
//!
//! The workbook library stops reading an entry where its data ends and so never sees the checksum behind it: of
//! single flipped bits, one in ten would change a value in silence. Here every entry is read to its end once. The
//! same reading bounds what a small file can swell to.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::super::source::{Kind, Original};
use super::super::{Format, SheetError, Stranger};
use super::markup::Markup;
use super::reader::Trouble;
use super::value::Habits;
use super::{short_cells, spread};

/// Above what a worksheet of a million rows takes (about 1 GB).
const INFLATED_BYTES_MAX: u64 = 4 << 30;
/// Parts other than worksheets are held in memory.
const HELD_BYTES_MAX: u64 = 1 << 30;
/// An entry of nothing but repetition swells a thousandfold, worksheets and lists of texts ten- to fiftyfold, and the
/// same row again and again in an `.ods` two-hundredfold. From so many bytes on, more than that is a trap.
const SWELLING_MAX: u64 = 256;
const SWOLLEN_BYTES: u64 = 64 << 20;
/// So many texts may be announced in any case; else as many as there is room for in the list.
const TEXTS_ANNOUNCED: u64 = 1_000_000;
const TEXT_BYTES_MIN: u64 = 5;
/// Excel has at most 65,490 formats of cells, of a few tags each. The reader takes 100 times a tag's length for one.
const STYLE_TAGS_MAX: u64 = 1_000_000;
/// Far more than a cell can hold. The reader holds all that stands between two tags.
const TEXT_BYTES_MAX: u64 = 16 << 20;
/// Where a part's first tag is.
const HEAD_BYTES: u64 = 4096;
/// The names of document types are shorter.
const TYPE_BYTES_MAX: u64 = 256;
/// Far more than `xl/workbook.xml` ever has before its calculation settings.
const WORKBOOK_PART_BYTES_MAX: u64 = 1 << 20;

/// How many bytes the archive may swell to.
struct Limits {
    all: u64,
    /// A part that is held in memory.
    held: u64,
}

/// What the archive tells about the workbook.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The writing program asks for all formulas to be computed on opening. Libraries that cannot compute do so, and
    /// store 0 as each result.
    pub recalculates: bool,
}

impl Facts {
    /// What they say about the workbook's cells.
    pub fn habits(&self) -> Habits {
        Habits { zero_is_unevaluated: self.recalculates, ..Habits::default() }
    }
}

/// Which workbook a zip archive holds.
pub(in super::super) fn kind_of_archive(file: &File, name: &str) -> Result<Kind, SheetError> {
    let mut archive = opened(file).map_err(|trouble| trouble.of(name))?;
    let (mut format, mut stranger, mut document_type) = (None, Stranger::Zip, None);
    for (index, entry) in archive.file_names_raw().enumerate() {
        match folded(entry).as_slice() {
            b"xl/workbook.bin" => format = Some(Format::Xlsb),
            b"content.xml" => format = format.or(Some(Format::Ods)),
            b"mimetype" => document_type = Some(index),
            b"encrypted-package" => return Err(Trouble::Password.of(name)),
            entry if entry.starts_with(b"xl/") => format = format.or(Some(Format::Xlsx)),
            entry if entry.starts_with(b"word/") || entry.starts_with(b"ppt/") => stranger = Stranger::OfficeDocument,
            entry if entry.starts_with(b"index/") && entry.ends_with(b".iwa") => stranger = Stranger::Numbers,
            _ => {}
        }
    }
    if format == Some(Format::Ods) && document_type.is_some_and(|index| is_other_document(&mut archive, index)) {
        (format, stranger) = (None, Stranger::OfficeDocument);
    }
    format.map(Kind::Workbook).ok_or_else(|| Trouble::Stranger(stranger).of(name))
}

/// An archive whose directory can be read.
pub(super) fn opened<R: Read + Seek>(file: R) -> Result<ZipArchive<BufReader<R>>, Trouble> {
    ZipArchive::new(BufReader::new(file)).map_err(|error| match error {
        ZipError::Io(error) => Trouble::damaged(error),
        // The directory is at the end, and whatever was cut short has lost it.
        _ => Trouble::damaged("its end is missing, it was probably not copied or downloaded as a whole"),
    })
}

/// Whether the entry that names an `OpenDocument`'s type names another one than a spreadsheet or a template of one.
fn is_other_document<R: Read + Seek>(archive: &mut ZipArchive<R>, index: usize) -> bool {
    let mut found = String::new();
    let read = archive.by_index(index).map(|entry| entry.take(TYPE_BYTES_MAX).read_to_string(&mut found));
    let is_read = matches!(read, Ok(Ok(length)) if length > 0);
    is_read && !found.starts_with("application/vnd.oasis.opendocument.spreadsheet")
}

/// Reads all entries to their ends.
pub(super) fn check(original: &Original) -> Result<Facts, SheetError> {
    check_within(original, &Limits { all: INFLATED_BYTES_MAX, held: HELD_BYTES_MAX })
}

fn check_within(original: &Original, limits: &Limits) -> Result<Facts, SheetError> {
    let (file, headers) = (original.reopen()?, original.reopen()?);
    facts(file, headers, limits).map_err(|trouble| trouble.of(&original.name))
}

fn facts(file: File, mut headers: File, limits: &Limits) -> Result<Facts, Trouble> {
    let mut archive = opened(file)?;
    if archive.decompressed_size().is_some_and(|bytes| bytes > u128::from(limits.all)) {
        return Err(swollen());
    }
    let mut facts = Facts::default();
    let mut left = limits.all;
    for index in 0..archive.len() {
        let entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => return Err(Trouble::Password),
            Err(error) => return Err(Trouble::damaged(error)),
        };
        if !stands_at(&mut headers, entry.header_start(), entry.name_raw()).map_err(Trouble::damaged)? {
            return Err(Trouble::damaged("an entry of the archive has two names"));
        }
        let name = folded(entry.name_raw());
        let is_streamed = name.starts_with(b"xl/worksheets/") || name == b"content.xml";
        let limit = if is_streamed { left } else { left.min(limits.held) };
        let limit = limit.min(entry.compressed_size().saturating_mul(SWELLING_MAX).max(SWOLLEN_BYTES));
        let size = entry.size();
        if size > limit {
            return Err(swollen());
        }
        let mut content = Content::new(entry.take(size + 1));
        look_into(&name, size, &mut content, &mut facts)?;
        io::copy(&mut content, &mut io::sink()).map_err(Trouble::damaged)?;
        if content.input.limit() == 0 {
            return Err(Trouble::damaged("an entry of the archive is larger than its directory says"));
        }
        if name.ends_with(b".xml") && content.longest_text > TEXT_BYTES_MAX {
            return Err(swollen());
        }
        left -= size + 1 - content.input.limit();
    }
    Ok(facts)
}

fn swollen() -> Trouble {
    Trouble::TooLarge("it is far larger unpacked than any worksheet".to_owned())
}

/// What an entry holds; measures how far its tags are apart.
struct Content<R> {
    input: R,
    text: u64,
    longest_text: u64,
}

impl<R> Content<R> {
    fn new(input: R) -> Content<R> {
        Content { input, text: 0, longest_text: 0 }
    }
}

impl<R: Read> Read for Content<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        let read = &buffer[..count];
        let first = read.iter().position(|byte| *byte == b'<');
        self.longest_text = self.longest_text.max(self.text + first.unwrap_or(count) as u64);
        self.text = match read.iter().rposition(|byte| *byte == b'<') {
            Some(last) => (count - last) as u64,
            None => self.text + count as u64,
        };
        Ok(count)
    }
}

/// Reads as much of an entry as tells something about the workbook.
fn look_into(name: &[u8], bytes: u64, content: &mut dyn Read, facts: &mut Facts) -> Result<(), Trouble> {
    match name {
        b"xl/workbook.xml" => facts.recalculates = asks_for_calculation(content).map_err(Trouble::damaged)?,
        b"xl/sharedstrings.xml" => {
            let texts_max = (bytes / TEXT_BYTES_MIN).max(TEXTS_ANNOUNCED);
            if announced_texts(content).map_err(Trouble::damaged)? > texts_max {
                return Err(Trouble::damaged("it announces more texts than it has room for"));
            }
        }
        b"xl/styles.xml" => {
            let mut tags = 0;
            let mut markup = Markup::new(content);
            while markup.next().map_err(Trouble::damaged)?.is_some() {
                tags += 1;
                if tags > STYLE_TAGS_MAX {
                    return Err(Trouble::damaged("it has more formats than a workbook can have"));
                }
            }
        }
        b"content.xml" => spread::check(content)?,
        part if part.starts_with(b"xl/worksheets/") && part.ends_with(b".bin") => short_cells::refuse(content)?,
        _ => {}
    }
    Ok(())
}

/// How many texts the list of texts says it has. The reader makes room for them all before it reads the first.
fn announced_texts(content: &mut dyn Read) -> io::Result<u64> {
    let mut markup = Markup::new(content.take(HEAD_BYTES));
    while let Some(tag) = markup.next()? {
        if tag.name().ends_with(b"sst") {
            return Ok(if tag.mentions("uniqueCount") { tag.number("uniqueCount") } else { 0 });
        }
    }
    Ok(0)
}

fn asks_for_calculation(entry: &mut dyn Read) -> io::Result<bool> {
    let mut text = Vec::new();
    entry.take(WORKBOOK_PART_BYTES_MAX).read_to_end(&mut text)?;
    let contains = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    Ok(contains(b"fullCalcOnLoad=\"1\"") || contains(b"fullCalcOnLoad=\"true\""))
}

/// Whether the header before an entry's data has the name that the directory has. No checksum covers either, and an
/// entry that is lost by its name (styles, say, without which dates are numbers) is one that nobody misses.
fn stands_at(file: &mut File, header: u64, name: &[u8]) -> io::Result<bool> {
    const FIXED_BYTES: usize = 30;
    let mut fixed = [0; FIXED_BYTES];
    file.seek(SeekFrom::Start(header))?;
    file.read_exact(&mut fixed)?;
    let length = usize::from(u16::from_le_bytes([fixed[26], fixed[27]]));
    let mut found = vec![0; length];
    file.read_exact(&mut found)?;
    Ok(found == name)
}

/// An entry's name as we compare it. Some programs on Windows write backslashes.
pub(super) fn folded(name: &[u8]) -> Vec<u8> {
    let fold = |byte: &u8| if *byte == b'\\' { b'/' } else { byte.to_ascii_lowercase() };
    name.iter().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;
    use crate::sheet::Source;

    #[test]
    fn an_archive_that_swells_too_far_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bomb.xlsx");
        let mut archive = ZipWriter::new(File::create(&path).unwrap());
        for name in ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"] {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(&vec![b' '; 100_000]).unwrap();
        }
        archive.finish().unwrap();
        let original = Original::of(&Source::File(path)).unwrap();
        let check =
            |all, held| check_within(&original, &Limits { all, held }).map(drop).map_err(|error| error.to_string());
        let refused = Err("`bomb.xlsx` is too large to read: it is far larger unpacked than any worksheet".to_owned());
        assert_eq!(check(200_000, 100_000), Ok(()));
        assert_eq!(check(199_999, 100_000), refused);
        assert_eq!(check(200_000, 99_999), refused);
        assert_eq!(check(99_999, 99_999), refused);
    }

    #[test]
    fn an_entry_that_is_larger_than_announced_is_not_read_further() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("liar.xlsx");
        let mut archive = ZipWriter::new(File::create(&path).unwrap());
        archive.start_file("xl/workbook.xml", SimpleFileOptions::default()).unwrap();
        archive.write_all(&vec![b' '; 100_000]).unwrap();
        archive.finish().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let directory = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
        bytes[directory + 24..directory + 28].copy_from_slice(&1000_u32.to_le_bytes());
        std::fs::write(&path, bytes).unwrap();
        let error = check(&Original::of(&Source::File(path)).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "`liar.xlsx` is damaged");
    }

    #[test]
    fn texts_are_measured_across_pieces() {
        let mut content = Content::new(io::Cursor::new(b"<a>12345</a>").chain(io::Cursor::new(b"1234567<b/>")));
        io::copy(&mut content, &mut io::sink()).unwrap();
        assert_eq!(content.longest_text, "</a>1234567".len() as u64);
    }
}
