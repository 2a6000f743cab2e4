//! Where in its archive a worksheet stands. It is looked for as the workbook library does, so that both read the same.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;

use zip::ZipArchive;
use zip::read::ZipFile;

use super::super::archive::{folded, opened};
use super::super::markup::Tag;
use super::super::reader::Trouble;
use super::xml::each_tag;
use super::{Which, records};

type Archive = ZipArchive<BufReader<File>>;
/// A part of an archive.
pub(in super::super) type Part<'a> = BufReader<ZipFile<'a, BufReader<File>>>;

const WORKBOOK_OF_XLSB: &str = "xl/workbook.bin";

/// Shows the part of an `.xlsx` worksheet.
pub(in super::super) fn worksheet(
    file: File,
    which: Which<'_>,
    look: impl FnOnce(Part<'_>) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let mut archive = opened(file)?;
    let workbook = related(&mut archive, "", |relation| {
        relation.attribute("Type").is_some_and(|kind| kind.ends_with("/relationships/officeDocument"))
    })?;
    let mut ids = Vec::new();
    each_tag(part(&mut archive, &workbook)?, |tag| {
        if tag.local_name() == b"sheet" && !tag.is_end() {
            ids.push(tag.attribute("id").map(Cow::into_owned));
        }
        Ok(())
    })?;
    let id = ids.get(which.index).and_then(Option::as_deref).ok_or_else(misfit)?;
    look_at_related(&mut archive, &workbook, id, look)
}

/// Shows the part of an `.xlsb` worksheet.
pub(super) fn binary_worksheet(
    file: File,
    which: Which<'_>,
    look: impl FnOnce(Part<'_>) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let mut archive = opened(file)?;
    let ids = records::sheets_of_xlsb(part(&mut archive, WORKBOOK_OF_XLSB)?)?;
    let id = ids.get(which.index).ok_or_else(misfit)?;
    look_at_related(&mut archive, WORKBOOK_OF_XLSB, id, look)
}

/// Shows the part of an `.ods` that has all its worksheets.
pub(super) fn content(file: File, look: impl FnOnce(Part<'_>) -> Result<(), Trouble>) -> Result<(), Trouble> {
    look(part(&mut opened(file)?, "content.xml")?)
}

fn look_at_related(
    archive: &mut Archive,
    of: &str,
    id: &str,
    look: impl FnOnce(Part<'_>) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let name = related(archive, of, |relation| relation.attribute("Id").as_deref() == Some(id))?;
    look(part(archive, &name)?)
}

/// The name of a part that another part, or the package as a whole, is related to.
fn related(archive: &mut Archive, of: &str, is_it: impl Fn(&Tag<'_>) -> bool) -> Result<String, Trouble> {
    let (folder, name) = of.split_at(of.rfind('/').map_or(0, |at| at + 1));
    let mut target = None;
    each_tag(part(archive, &format!("{folder}_rels/{name}.rels"))?, |tag| {
        if tag.local_name() == b"Relationship" && !tag.is_end() && is_it(tag) {
            target = tag.attribute("Target").map(Cow::into_owned);
        }
        Ok(())
    })?;
    let target = target.ok_or_else(misfit)?;
    Ok(target.strip_prefix('/').map_or_else(|| format!("{folder}{target}"), str::to_owned))
}

fn part<'a>(archive: &'a mut Archive, name: &str) -> Result<Part<'a>, Trouble> {
    let name = folded(name.as_bytes());
    let index = archive.file_names_raw().position(|entry| folded(entry) == name).ok_or_else(misfit)?;
    archive.by_index(index).map(BufReader::new).map_err(Trouble::damaged)
}

fn misfit() -> Trouble {
    Trouble::damaged("its list of worksheets does not fit its parts")
}
