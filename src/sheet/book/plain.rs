//! Workbooks as the common programs write them, fast: `.xlsx` files whose worksheet holds nothing but numbers, texts,
//! dates and booleans.
//!
//! The workbook library reads every workbook that there is, one tag after the other, and holds all texts. Large sheets
//! have no need of the first and no room for the second. So a worksheet is looked through once, and if all of it is
//! written in the usual way, its rows are cut out of the XML and read on all cores; anything strange (a formula, an
//! error, a comment, a prefix) leaves the workbook to the library as a whole. What both take, both take alike.

mod cut;
mod row;
mod slim;
mod texts;

use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use calamine::{DataRef, ExcelDateTime, Reader as _, Sheet};

use super::super::SheetError;
use super::super::limits::{CHARACTERS_MAX, ROW_BYTES_MAX};
use super::super::rows::{Batch, RowFault, Taken};
use super::super::source::Original;
use super::Wanted;
use super::archive::opened;
use super::gather::{Gather, Give};
use super::layout::{Layout, Which, parts, xml};
use super::reader::Trouble;
use super::value::{self, Habits};
use crate::domain::cell::{Cell, Row};
use cut::Cut;
use row::{Strange, Written};
use slim::{Format, Slim};
use texts::Texts;

/// A workbook whose parts, as far as they have been looked at, are as usual.
pub(super) struct Plain {
    original: Original,
    slim: Slim,
    content: Arc<Content>,
    /// Set when something strange has been found, after which all that was read of it does not count.
    is_strange: Arc<AtomicBool>,
}

/// What cells refer to.
#[derive(Debug)]
struct Content {
    texts: Texts,
    formats: Vec<Format>,
    is_1904: bool,
    habits: Habits,
}

/// Rows that nobody has taken out of the XML yet.
pub(in super::super) struct Piece {
    xml: Vec<u8>,
    content: Arc<Content>,
    wanted: Wanted,
}

impl Plain {
    /// Opens a workbook whose archive has been checked; none if it is not as usual.
    pub fn open(original: &Original, habits: Habits) -> Result<Option<Plain>, SheetError> {
        // Whatever is wrong with it, the library has words for.
        let Some((slim, formats)) = slim::open(original.reopen()?).ok().flatten() else { return Ok(None) };
        let Ok(texts) = texts_of(original.reopen()?) else { return Ok(None) };
        let content = Content { texts, formats, is_1904: slim.has_1904_epoch(), habits };
        let is_strange = Arc::new(AtomicBool::new(false));
        Ok(Some(Plain { original: original.clone(), slim, content: Arc::new(content), is_strange }))
    }

    /// All sheets, in order.
    pub fn sheets(&self) -> &[Sheet] {
        self.slim.sheets_metadata()
    }

    /// Whether something was not as usual.
    pub fn is_strange(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_strange)
    }

    /// Gives the filled rows of a worksheet, from the top, until `give` wants no more.
    pub fn for_each_row(&self, which: Which<'_>, give: Give<'_>) -> Result<(), Trouble> {
        self.look_at(which, |part| {
            let (_, mut cut) = Cut::begin(part).ok().flatten().ok_or(Strange)?;
            let mut gather = Gather::new(give);
            while let Some(piece) = cut.next().map_err(|_| Strange)? {
                if self.content.gather(&piece, &mut gather)?.is_break() {
                    return Ok(());
                }
            }
            gather.finish();
            Ok(())
        })
    }

    /// Looks through the whole worksheet: whether it is as usual, and what it does not show.
    pub fn look_through(&self, which: Which<'_>, layout: &mut Layout) -> Result<(), Trouble> {
        self.look_at(which, |part| {
            let (head, mut cut) = Cut::begin(part).ok().flatten().ok_or(Strange)?;
            let mut last = 0;
            while let Some(piece) = cut.next().map_err(|_| Strange)? {
                let mut text = std::str::from_utf8(&piece).map_err(|_| Strange)?;
                while let Some(number) = self.content.look_at_row(&mut text, layout)? {
                    if number <= last {
                        return Err(Strange);
                    }
                    last = number;
                }
            }
            let tail = cut.tail().ok_or(Strange)?;
            row::judge_head(std::str::from_utf8(&head).map_err(|_| Strange)?, &["worksheet", "sheetData"])?;
            xml::of_xlsx(head.as_slice().chain(tail), layout).map_err(|_| Strange)
        })
    }

    /// Sends the rows of a worksheet that has been looked through, until nobody receives them any more.
    pub fn send_rows(
        &self,
        which: Which<'_>,
        wanted: &Wanted,
        to: &SyncSender<Result<Batch, SheetError>>,
    ) -> Result<(), Trouble> {
        self.look_at(which, |part| {
            let (_, mut cut) = Cut::begin(part).ok().flatten().ok_or(Strange)?;
            while let Some(xml) = cut.next().map_err(|_| Strange)? {
                let piece = Piece { xml, content: Arc::clone(&self.content), wanted: wanted.clone() };
                if to.send(Ok(piece.into())).is_err() {
                    break;
                }
            }
            Ok(())
        })
    }

    fn look_at(
        &self,
        which: Which<'_>,
        look: impl FnOnce(parts::Part<'_>) -> Result<(), Strange>,
    ) -> Result<(), Trouble> {
        let file = self.original.reopen().map_err(|_| Trouble::damaged("it cannot be opened any more"))?;
        let strange = |_: Strange| {
            self.is_strange.store(true, Ordering::Relaxed);
            Trouble::damaged("it is not written in the usual way")
        };
        parts::worksheet(file, which, |part| look(part).map_err(strange)).inspect_err(|_| {
            self.is_strange.store(true, Ordering::Relaxed);
        })
    }
}

fn texts_of(file: File) -> Result<Texts, Strange> {
    let mut archive = opened(file).map_err(|_| Strange)?;
    let index = archive.file_names_raw().position(slim::is_of_texts);
    match index {
        Some(index) => Texts::read(archive.by_index(index).map_err(|_| Strange)?),
        None => Ok(Texts::default()),
    }
}

impl Content {
    /// Judges a row, takes it off, and counts it; gives its number.
    fn look_at_row(&self, text: &mut &str, layout: &mut Layout) -> Result<Option<u32>, Strange> {
        let (mut text_bytes, mut last) = (0, None);
        let head = row::read(text, |_, column, written| {
            let bytes = match written {
                Written::Listed(number) => self.texts.get(number).ok_or(Strange)?.len(),
                Written::Inline(text, keeps_space) => texts::plain(text, keeps_space)?.len(),
                Written::Number(..) | Written::Boolean(_) => 0,
            };
            text_bytes += bytes;
            let is_in_order = last.is_none_or(|last| column > last);
            last = Some(column);
            // The rows behind these limits are told of by the way that all other workbooks take.
            if is_in_order && bytes <= CHARACTERS_MAX && text_bytes <= ROW_BYTES_MAX { Ok(()) } else { Err(Strange) }
        })?;
        let Some(head) = head else { return Ok(None) };
        layout.take_row(head.number, head.is_hidden, head.is_filled);
        Ok(Some(head.number))
    }

    /// Takes the cells of all rows out of their XML.
    fn gather(&self, xml: &[u8], gather: &mut Gather<'_>) -> Result<ControlFlow<()>, Strange> {
        let mut text = std::str::from_utf8(xml).map_err(|_| Strange)?;
        let mut goes_on = true;
        while goes_on {
            let give = |row, column, written| {
                let at = (row - 1, column);
                goes_on &= gather.cell(at, self.cell(written)?).map_err(|_| Strange)?.is_continue();
                Ok(())
            };
            if row::read(&mut text, give)?.is_none() {
                return Ok(ControlFlow::Continue(()));
            }
        }
        Ok(ControlFlow::Break(()))
    }

    fn cell(&self, written: Written<'_>) -> Result<Cell, Strange> {
        let inline;
        let value = match written {
            Written::Number(number, format) => match format.and_then(|format| self.formats.get(format)) {
                Some(Format::Date(kind)) => DataRef::DateTime(ExcelDateTime::new(number, *kind, self.is_1904)),
                Some(Format::Number) | None => DataRef::Float(number),
            },
            Written::Listed(number) => DataRef::SharedString(self.texts.get(number).ok_or(Strange)?),
            Written::Inline(text, keeps_space) => {
                inline = texts::plain(text, keeps_space)?;
                DataRef::SharedString(&inline)
            }
            Written::Boolean(value) => DataRef::Bool(value),
        };
        Ok(value::cell(&value, false, self.habits))
    }
}

impl Piece {
    /// Its rows, as far as they are wanted.
    pub fn into_rows(self) -> Vec<Taken> {
        let mut rows = Vec::new();
        let mut give = |row: Taken| {
            if self.wanted.holds(super::reader::number(&row)) {
                rows.push(row);
            }
            ControlFlow::Continue(())
        };
        let mut gather = Gather::new(&mut give);
        match self.content.gather(&self.xml, &mut gather) {
            Ok(_) => gather.finish(),
            // It has been looked through; so it is another one by now, though of the same length and age.
            Err(Strange) => rows.push(Err(Box::new(RowFault {
                row: Row { number: 0, cells: Vec::new() },
                message: "the workbook changed while it was being read".to_owned(),
            }))),
        }
        rows
    }
}

#[cfg(test)]
mod tests;
