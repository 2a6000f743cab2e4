//! What the workbook library says of a workbook without its texts and cells, for it would hold all texts in memory: its
//! worksheets, and which of its formats are dates.
//!
//! It is shown a copy without them, in which one worksheet has a cell of each format.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Cursor, Read as _, Write as _};

use calamine::{DataRef, ExcelDateTimeType, Reader as _, Xlsx};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::super::archive::{folded, opened};
use super::super::reader::Trouble;

/// The copy, opened.
pub(super) type Slim = Xlsx<Cursor<Vec<u8>>>;

/// What a number of some format is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Format {
    Number,
    Date(ExcelDateTimeType),
}

/// Parts that the library is shown as they are. Others it does not ask for.
const SHOWN: [&[u8]; 5] =
    [b"[content_types].xml", b"_rels/.rels", b"xl/workbook.xml", b"xl/_rels/workbook.xml.rels", b"xl/styles.xml"];
const TEXTS: &[u8] = b"xl/sharedstrings.xml";
const WORKSHEETS: &[u8] = b"xl/worksheets/";

/// Opens the copy, and asks about the formats. None if the archive is not laid out as usual.
pub(super) fn open(file: File) -> Result<Option<(Slim, Vec<Format>)>, Trouble> {
    let mut archive = opened(file)?;
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    let (mut worksheet, mut formats, mut shown) = (None, 0, 0);
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(Trouble::damaged)?;
        let Ok(path) = entry.name().map(Cow::into_owned) else { return Ok(None) };
        let name = folded(path.as_bytes());
        if SHOWN.contains(&name.as_slice()) {
            let mut part = Vec::new();
            entry.read_to_end(&mut part).map_err(Trouble::damaged)?;
            if name == b"xl/styles.xml" {
                formats = memchr::memmem::find_iter(&part, b"<xf").count();
            }
            copy.start_file(path, SimpleFileOptions::default()).map_err(Trouble::damaged)?;
            copy.write_all(&part).map_err(Trouble::damaged)?;
            shown += 1;
        } else if worksheet.is_none() && name.starts_with(WORKSHEETS) && name.ends_with(b".xml") {
            worksheet = Some(path);
        }
    }
    let Some(worksheet) = worksheet.filter(|_| shown == SHOWN.len()) else { return Ok(None) };
    copy.start_file(worksheet, SimpleFileOptions::default()).map_err(Trouble::damaged)?;
    copy.write_all(one_of_each(formats).as_bytes()).map_err(Trouble::damaged)?;
    let Ok(mut slim) = Xlsx::new(copy.finish().map_err(Trouble::damaged)?) else { return Ok(None) };
    Ok(formats_of(&mut slim).filter(|found| found.len() == formats).map(|formats| (slim, formats)))
}

/// The part that holds the texts, as we find it in an archive.
pub(super) fn is_of_texts(name: &[u8]) -> bool {
    folded(name) == TEXTS
}

fn one_of_each(formats: usize) -> String {
    let mut part = "<worksheet><sheetData>".to_owned();
    for format in 0..formats {
        let row = format + 1;
        let _ = write!(part, "<row r=\"{row}\"><c r=\"A{row}\" s=\"{format}\"><v>1</v></c></row>");
    }
    part + "</sheetData></worksheet>"
}

/// What the cells are in the one worksheet that is there.
fn formats_of(slim: &mut Slim) -> Option<Vec<Format>> {
    let names: Vec<String> = slim.sheets_metadata().iter().map(|sheet| sheet.name.clone()).collect();
    for name in names {
        let Ok(mut cells) = slim.worksheet_cells_reader(&name) else { continue };
        let mut formats = Vec::new();
        while let Some(cell) = cells.next_cell().ok()? {
            formats.push(match cell.get_value() {
                DataRef::DateTime(at) if at.is_duration() => Format::Date(ExcelDateTimeType::TimeDelta),
                DataRef::DateTime(_) => Format::Date(ExcelDateTimeType::DateTime),
                _ => Format::Number,
            });
        }
        return Some(formats);
    }
    None
}
