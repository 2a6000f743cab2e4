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
use super::super::{Format, SheetError};
use super::reader::Trouble;
use super::spread;

/// Above what a worksheet of a million rows takes (about 1 GB).
const INFLATED_BYTES_MAX: u64 = 4 << 30;
/// Parts other than worksheets are held in memory.
const HELD_BYTES_MAX: u64 = 1 << 30;
/// Far more than `xl/workbook.xml` ever has before its calculation settings.
const WORKBOOK_PART_BYTES_MAX: u64 = 1 << 20;

/// What the archive tells about the workbook.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The writing program asks for all formulas to be computed on opening. Libraries that cannot compute do so, and
    /// store 0 as each result.
    pub recalculates: bool,
}

/// Which workbook a zip archive holds.
pub(in super::super) fn kind_of_archive(file: &File, name: &str) -> Result<Kind, SheetError> {
    let damaged = |error: ZipError| SheetError::Damaged { file: name.to_owned(), source: Box::new(error) };
    let archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    let mut format = None;
    for entry in archive.file_names_raw() {
        match folded(entry).as_slice() {
            b"xl/workbook.bin" => format = Some(Format::Xlsb),
            b"content.xml" => format = format.or(Some(Format::Ods)),
            entry if entry.starts_with(b"xl/") => format = format.or(Some(Format::Xlsx)),
            _ => {}
        }
    }
    match format {
        Some(format) => Ok(Kind::Workbook(format)),
        None => Err(SheetError::NotASheet { file: name.to_owned(), found: "a zip archive without a workbook" }),
    }
}

/// Reads all entries to their ends.
pub(super) fn check(original: &Original) -> Result<Facts, SheetError> {
    let trouble = |trouble: Trouble| trouble.of(&original.name);
    let file = original.reopen()?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| trouble(Trouble::damaged(error)))?;
    let mut headers = original.reopen()?;
    let mut facts = Facts::default();
    let mut left = INFLATED_BYTES_MAX;
    for index in 0..archive.len() {
        let mut entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => return Err(trouble(Trouble::Password)),
            Err(error) => return Err(trouble(Trouble::damaged(error))),
        };
        let is_same = stands_at(&mut headers, entry.header_start(), entry.name_raw());
        if !is_same.map_err(|error| trouble(Trouble::damaged(error)))? {
            return Err(trouble(Trouble::damaged("an entry of the archive has two names")));
        }
        let name = folded(entry.name_raw());
        if name == b"xl/workbook.xml" {
            facts.recalculates = asks_for_calculation(&mut entry).map_err(|error| trouble(Trouble::damaged(error)))?;
        }
        let is_streamed = name.starts_with(b"xl/worksheets/") || name == b"content.xml";
        let limit = if is_streamed { left } else { left.min(HELD_BYTES_MAX) };
        let mut content = entry.by_ref().take(limit + 1);
        if name == b"content.xml" {
            let cells = spread::cells(&mut content).map_err(|error| trouble(Trouble::damaged(error)))?;
            if cells > spread::CELLS_MAX {
                return Err(trouble(Trouble::TooLarge(
                    "there are too many cells between its first and its last".to_owned(),
                )));
            }
        } else {
            io::copy(&mut content, &mut io::sink()).map_err(|error| trouble(Trouble::damaged(error)))?;
        }
        let inflated = limit + 1 - content.limit();
        if inflated > limit {
            return Err(trouble(Trouble::TooLarge("it swells to more than 4 GB when it is unpacked".to_owned())));
        }
        left -= inflated;
    }
    Ok(facts)
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
fn folded(name: &[u8]) -> Vec<u8> {
    let fold = |byte: &u8| if *byte == b'\\' { b'/' } else { byte.to_ascii_lowercase() };
    name.iter().map(fold).collect()
}
