//! Workbooks: which worksheet, which row of headings, and the rows.
//!
//! `.xlsx` and `.xlsb` are streamed: a thread reads ahead a few hundred rows while the caller works. `.xls` and
//! `.ods` are held in memory as a whole, because their reader knows no other way.

mod archive;
mod choice;
mod compound;
mod gather;
mod layout;
mod markup;
mod plain;
mod reader;
mod records;
mod short_cells;
mod spread;
mod value;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use super::rows::{Batches, Taken};
use super::source::Original;
use super::{Format, Options, Sheet, SheetError};
use layout::Stretches;
use reader::{Book, number};

pub(super) use archive::kind_of_archive;
pub(super) use plain::Piece;
pub(super) use value::error_name;

/// What is needed to go through the rows of one worksheet, again and again.
#[derive(Debug)]
pub(super) enum Content {
    Streamed(Streamed),
    /// All rows below the headings.
    Held(Arc<[Taken]>),
}

#[derive(Debug)]
pub(super) struct Streamed {
    original: Original,
    format: Format,
    worksheet: String,
    /// Which rows are given.
    wanted: Wanted,
    /// The workbook when no thread is reading it. To open it again would mean to read all its texts again.
    idle: Arc<Mutex<Option<Book>>>,
}

/// Rows below the headings that are not to be left out.
#[derive(Debug, Clone)]
struct Wanted {
    heading_row: u32,
    left_out: Arc<Stretches>,
}

pub(super) fn open(
    original: Original,
    format: Format,
    options: &Options,
    is_heading: &dyn Fn(&str) -> bool,
) -> Result<Sheet, SheetError> {
    let facts = Book::check(&original, format)?;
    if let Some(book) = Book::plain(&original, format, &facts)? {
        let is_strange = book.is_strange();
        let sheet = sheet_of(book, original.clone(), format, options, is_heading);
        if !is_strange.load(Ordering::Relaxed) {
            return sheet;
        }
    }
    sheet_of(Book::open(&original, format, &facts)?, original, format, options, is_heading)
}

fn sheet_of(
    mut book: Book,
    original: Original,
    format: Format,
    options: &Options,
    is_heading: &dyn Fn(&str) -> bool,
) -> Result<Sheet, SheetError> {
    let choice = choice::worksheet(&mut book, &original.name, options.worksheet.as_ref(), is_heading)?;
    let heading_row = choice.found.row;
    let mut layout = book.layout(&original, format, &choice.worksheet, heading_row)?;
    let left_out = if options.visible_only { layout.hidden.clone() } else { Stretches::default() };
    let content = match format {
        Format::Xls | Format::Ods | Format::Csv => {
            let mut rows = book.all_rows(&choice.worksheet).map_err(|trouble| trouble.of(&original.name))?;
            layout.count_held(rows.iter().map(number));
            rows.retain(|row| number(row) > heading_row && !left_out.contain(number(row)));
            Content::Held(rows.into())
        }
        Format::Xlsx | Format::Xlsb => Content::Streamed(Streamed {
            original: original.clone(),
            format,
            worksheet: choice.worksheet.clone(),
            wanted: Wanted { heading_row, left_out: Arc::new(left_out) },
            idle: Arc::new(Mutex::new(Some(book))),
        }),
    };
    let mut notices = choice.notices;
    notices.extend(choice.found.notice());
    notices.extend(layout.notices(options.visible_only));
    Ok(Sheet {
        name: original.name,
        format,
        worksheet: Some(choice.worksheet),
        worksheets: choice.visible,
        bases: choice.bases,
        sha256: original.sha256,
        headings: choice.found.headings,
        heading_row,
        notices,
        rows_left_out: if options.visible_only { layout.count.hidden } else { 0 },
        merged: layout.merged,
        content: super::Content::Book(content),
    })
}

impl Wanted {
    fn holds(&self, row: u32) -> bool {
        row > self.heading_row && !self.left_out.contain(row)
    }
}

impl Content {
    pub fn batches(&self) -> Result<Batches, SheetError> {
        match self {
            Content::Held(rows) => Ok(Batches::held(Arc::clone(rows))),
            Content::Streamed(streamed) => streamed.batches(),
        }
    }
}

impl Streamed {
    fn batches(&self) -> Result<Batches, SheetError> {
        let idle = Arc::clone(&self.idle);
        let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut book = match taken {
            Some(book) => book,
            None => Book::open(&self.original, self.format, &Book::check(&self.original, self.format)?)?,
        };
        let (worksheet, file) = (self.worksheet.clone(), self.original.name.clone());
        let wanted = self.wanted.clone();
        let (sender, batches) = std::sync::mpsc::sync_channel(gather::BATCHES_AHEAD);
        let read = move || {
            let whole = book.send_rows(&worksheet, &wanted, &sender);
            // The workbook is put back first: whoever has seen the last row may ask for the rows again.
            idle.lock().unwrap_or_else(PoisonError::into_inner).replace(book);
            if let Err(trouble) = whole {
                // Nobody listens any more: then nobody wants to know.
                let _ = sender.send(Err(trouble.of(&file)));
            }
        };
        let thread = std::thread::Builder::new().name("sheet".into()).spawn(read);
        thread.map_err(|error| self.original.unreadable(error))?;
        Ok(Batches::streamed(batches))
    }
}
