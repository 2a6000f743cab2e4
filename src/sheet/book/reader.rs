//! The workbook library behind one face.
//!
//! Its `worksheet_range` is used for `.xls` and `.ods` only: for the others it would allocate the whole rectangle
//! between the first and the last cell, which two far cells make larger than any memory.

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Once};

use calamine::{
    Data, DataRef, Ods, OdsError, Reader as _, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError,
};

use crate::domain::cell::Cell;

use super::super::rows::{Batch, Taken};
use super::super::source::Original;
use super::super::{Format, SheetError, Stranger};
use super::Wanted;
use super::archive::{self, Facts};
use super::compound;
use super::gather::{Batches, Gather, Give};
use super::layout::{Layout, Which};
use super::plain::Plain;
use super::value::{self, Habits};

type Input = BufReader<File>;

/// A workbook that is open.
pub(super) enum Book {
    Xlsx(Box<Xlsx<Input>>, Habits),
    Xlsb(Box<Xlsb<Input>>),
    Xls(Box<Xls<Input>>),
    Ods(Box<Ods<Input>>, Habits),
    /// An `.xlsx` that can be read without the library.
    Plain(Box<Plain>),
}

/// A worksheet by name.
pub(super) struct Tab {
    pub name: String,
    pub is_visible: bool,
}

/// What keeps us from reading a workbook, not yet saying which.
#[derive(Debug)]
pub(super) enum Trouble {
    Password,
    Stranger(Stranger),
    TooLarge(String),
    Unsupported(&'static str),
    Damaged(Box<dyn Error + Send + Sync>),
}

impl Book {
    /// Reads the archive to its end, if it is one, before anything in it is trusted.
    pub fn check(original: &Original, format: Format) -> Result<Facts, SheetError> {
        match format {
            Format::Xlsx | Format::Xlsb | Format::Ods => archive::check(original),
            Format::Xls | Format::Csv => Ok(Facts::default()),
        }
    }

    /// Opens it to be read without the library, if it is written in the usual way as far as one sees by then.
    pub fn plain(original: &Original, format: Format, facts: &Facts) -> Result<Option<Book>, SheetError> {
        if format != Format::Xlsx {
            return Ok(None);
        }
        let plain = guarded(|| Ok(Plain::open(original, facts.habits())));
        Ok(plain.unwrap_or(Ok(None))?.map(|plain| Book::Plain(Box::new(plain))))
    }

    /// Set as soon as it turns out that it is not written in the usual way.
    pub fn is_strange(&self) -> Arc<AtomicBool> {
        match self {
            Book::Plain(plain) => plain.is_strange(),
            Book::Xlsx(..) | Book::Xlsb(_) | Book::Xls(_) | Book::Ods(..) => Arc::default(),
        }
    }

    /// What a worksheet does not show.
    pub fn layout(
        &self,
        original: &Original,
        format: Format,
        worksheet: &str,
        heading_row: u32,
    ) -> Result<Layout, SheetError> {
        let which = self.which(worksheet);
        match self {
            Book::Plain(plain) => Layout::of_plain(plain, &original.name, which, heading_row),
            Book::Xlsx(..) | Book::Xlsb(_) | Book::Xls(_) | Book::Ods(..) => {
                Layout::of(original, format, which, heading_row)
            }
        }
    }

    /// Opens it with the library.
    pub fn open(original: &Original, format: Format, facts: &Facts) -> Result<Book, SheetError> {
        let input = || original.reopen().map(BufReader::new);
        let habits = facts.habits();
        let opened = match format {
            Format::Xlsx => {
                let input = input()?;
                guarded(|| Ok(Book::Xlsx(Box::new(Xlsx::new(input)?), habits)))
            }
            Format::Xlsb => {
                let input = input()?;
                guarded(|| Ok(Book::Xlsb(Box::new(Xlsb::new(input)?))))
            }
            Format::Ods => {
                let input = input()?;
                guarded(|| ods(input))
            }
            Format::Xls | Format::Csv => {
                let mut input = input()?;
                check_compound(&mut input).map_err(|trouble| trouble.of(&original.name))?;
                guarded(|| Ok(Book::Xls(Box::new(Xls::new(input)?))))
            }
        };
        opened.map_err(|trouble| trouble.of(&original.name))
    }

    /// Its worksheets, in order. Charts and macros are none.
    pub fn tabs(&self) -> Vec<Tab> {
        let sheets = self.sheets();
        let worksheets = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        worksheets
            .map(|sheet| Tab { name: sheet.name.clone(), is_visible: sheet.visible == SheetVisible::Visible })
            .collect()
    }

    /// A worksheet, as others find it in the file.
    pub fn which<'w>(&self, worksheet: &'w str) -> Which<'w> {
        let index = self.sheets().iter().position(|sheet| sheet.name == worksheet);
        Which { name: worksheet, index: index.unwrap_or_default() }
    }

    /// All sheets, in order.
    fn sheets(&self) -> &[calamine::Sheet] {
        match self {
            Book::Xlsx(book, _) => book.sheets_metadata(),
            Book::Xlsb(book) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
            Book::Ods(book, _) => book.sheets_metadata(),
            Book::Plain(book) => book.sheets(),
        }
    }

    /// Gives the filled rows of a worksheet, from the top, until `give` wants no more.
    pub fn for_each_row(&mut self, worksheet: &str, give: Give<'_>) -> Result<(), Trouble> {
        let which = self.which(worksheet);
        guarded(|| match self {
            Book::Plain(book) => book.for_each_row(which, give),
            Book::Xlsx(book, habits) => xlsx_rows(book, worksheet, *habits, give),
            Book::Xlsb(book) => xlsb_rows(book, worksheet, give),
            Book::Xls(book) => {
                let (values, formulas) = (book.worksheet_range(worksheet)?, book.worksheet_formula(worksheet)?);
                held_rows(&values, &formulas, Habits::default(), give)
            }
            Book::Ods(book, habits) => {
                let (values, formulas) = (book.worksheet_range(worksheet)?, book.worksheet_formula(worksheet)?);
                held_rows(&values, &formulas, *habits, give)
            }
        })
    }

    /// All filled rows at once.
    pub fn all_rows(&mut self, worksheet: &str) -> Result<Vec<Taken>, Trouble> {
        let mut rows = Vec::new();
        self.for_each_row(worksheet, &mut |row| {
            rows.push(row);
            ControlFlow::Continue(())
        })?;
        Ok(rows)
    }

    /// Sends the rows that are wanted by their numbers, until nobody receives them any more.
    pub fn send_rows(
        &mut self,
        worksheet: &str,
        wanted: &Wanted,
        to: &SyncSender<Result<Batch, SheetError>>,
    ) -> Result<(), Trouble> {
        let which = self.which(worksheet);
        if let Book::Plain(plain) = self {
            return plain.send_rows(which, wanted, to);
        }
        let mut batches = Batches::default();
        let result = self.for_each_row(worksheet, &mut |row| {
            if !wanted.holds(number(&row)) {
                return ControlFlow::Continue(());
            }
            match batches.add(row).map(|batch| to.send(Ok(batch.into()))) {
                Some(Err(_)) => ControlFlow::Break(()),
                Some(Ok(())) | None => ControlFlow::Continue(()),
            }
        });
        // If nobody receives, the rest is not wanted.
        let _ = to.send(Ok(batches.rest().into()));
        result
    }
}

/// The number of a row, faulty or not.
pub(super) fn number(row: &Taken) -> u32 {
    row.as_ref().map_or_else(|fault| fault.row.number, |row| row.number)
}

fn check_compound(input: &mut Input) -> Result<(), Trouble> {
    let mut bytes = Vec::new();
    input.by_ref().take(compound::BYTES_MAX + 1).read_to_end(&mut bytes).map_err(Trouble::damaged)?;
    if bytes.len() as u64 > compound::BYTES_MAX {
        return Err(Trouble::TooLarge("it has more than 1 GB".to_owned()));
    }
    compound::check(&bytes)?;
    input.rewind().map_err(Trouble::damaged)
}

/// LibreOffice leaves out the result of a formula if it is an empty text. Who else leaves one out has not computed it.
fn ods(input: Input) -> Result<Book, Trouble> {
    let book = Ods::new(input)?;
    let generator = book.workbook_properties()?.application.unwrap_or_default();
    let nothing_is_evaluated = generator.starts_with("LibreOffice") || generator.starts_with("OpenOffice");
    let habits = Habits { nothing_is_evaluated, ..Habits::default() };
    Ok(Book::Ods(Box::new(book), habits))
}

fn xlsx_rows(book: &mut Xlsx<Input>, worksheet: &str, habits: Habits, give: Give<'_>) -> Result<(), Trouble> {
    let mut cells = book.worksheet_cells_reader(worksheet)?;
    let mut gather = Gather::new(give);
    loop {
        match cells.next_cell_with_formula_metadata() {
            Ok(Some(cell)) => {
                let value = value::cell(&cell.value, cell.formula.is_some(), habits);
                if gather.cell(cell.pos, value)?.is_break() {
                    return Ok(());
                }
            }
            Ok(None) => break,
            // An error value that the library does not know. It can go on behind it.
            Err(XlsxError::CellError(name)) => gather.unreadable_cell(&format!("the error {name}")),
            Err(error) => return Err(error.into()),
        }
    }
    gather.finish();
    Ok(())
}

/// The library passes over formulas whose result is an error, as if their cells were blank. So the formulas are
/// listed first: one without a value is such an error.
fn xlsb_rows(book: &mut Xlsb<Input>, worksheet: &str, give: Give<'_>) -> Result<(), Trouble> {
    let mut formulas = Vec::new();
    let mut reader = book.worksheet_cells_reader(worksheet)?;
    while let Some(formula) = reader.next_formula()? {
        formulas.push(formula.get_position());
    }
    drop(reader);
    let mut formulas = formulas.into_iter().peekable();
    let mut reader = book.worksheet_cells_reader(worksheet)?;
    let mut gather = Gather::new(give);
    let error = || Cell::Error(value::UNKNOWN_ERROR.to_owned());
    while let Some(cell) = reader.next_cell()? {
        let at = cell.get_position();
        while let Some(before) = formulas.next_if(|formula| *formula < at) {
            if gather.cell(before, error())?.is_break() {
                return Ok(());
            }
        }
        let is_formula = formulas.next_if_eq(&at).is_some();
        if gather.cell(at, value::cell(cell.get_value(), is_formula, Habits::default()))?.is_break() {
            return Ok(());
        }
    }
    for at in formulas {
        if gather.cell(at, error())?.is_break() {
            return Ok(());
        }
    }
    gather.finish();
    Ok(())
}

fn held_rows(
    values: &calamine::Range<Data>,
    formulas: &calamine::Range<String>,
    habits: Habits,
    give: Give<'_>,
) -> Result<(), Trouble> {
    let mut gather = Gather::new(give);
    let start = values.start().unwrap_or_default();
    for (row, cells) in (start.0..).zip(values.rows()) {
        for (column, data) in (start.1..).zip(cells) {
            let formula = formulas.get_value((row, column)).map_or("", String::as_str);
            let value = match formula {
                // LibreOffice makes these of booleans that come from Excel, with 1 and 0 as results.
                "of:=TRUE()" => Cell::Boolean(true),
                "of:=FALSE()" => Cell::Boolean(false),
                formula => value::cell(&borrowed(data), !formula.is_empty(), habits),
            };
            if gather.cell((row, column), value)?.is_break() {
                return Ok(());
            }
        }
    }
    gather.finish();
    Ok(())
}

fn borrowed(data: &Data) -> DataRef<'_> {
    match data {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(at) => DataRef::DateTime(*at),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

/// A damaged file can make the library panic; that is a damaged file all the same.
fn guarded<T>(read: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let read = silently(|| catch_unwind(AssertUnwindSafe(read)));
    read.unwrap_or_else(|_| Err(Trouble::damaged("its parts do not fit together")))
}

/// Panics of this thread say nothing meanwhile: the person reads that the file is damaged, and not also the place in
/// the library where that was found out.
fn silently<T>(work: impl FnOnce() -> T) -> T {
    thread_local! {
        static IS_SILENT: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !IS_SILENT.get() {
                usual(panic);
            }
        }));
    });
    let before = IS_SILENT.replace(true);
    let done = work();
    IS_SILENT.set(before);
    done
}

impl Trouble {
    pub fn damaged(error: impl Into<Box<dyn Error + Send + Sync>>) -> Trouble {
        Trouble::Damaged(error.into())
    }

    /// The library repeats the words of a cause in front of it; the cause alone says more in less.
    fn caused(error: &(dyn Error + 'static)) -> Trouble {
        let mut cause = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        Trouble::damaged(cause.to_string())
    }

    /// The error about the named file.
    pub fn of(self, file: &str) -> SheetError {
        let file = file.to_owned();
        match self {
            Trouble::Password => SheetError::Password { file },
            Trouble::Stranger(found) => SheetError::NotASheet { file, found },
            Trouble::TooLarge(found) => SheetError::TooLarge { file, found },
            Trouble::Unsupported(found) => SheetError::Unsupported { file, found },
            Trouble::Damaged(source) => SheetError::Damaged { file, source },
        }
    }
}

impl From<XlsxError> for Trouble {
    fn from(error: XlsxError) -> Trouble {
        match error {
            XlsxError::Password => Trouble::Password,
            error => Trouble::caused(&error),
        }
    }
}

impl From<XlsbError> for Trouble {
    fn from(error: XlsbError) -> Trouble {
        match error {
            XlsbError::Password => Trouble::Password,
            error => Trouble::caused(&error),
        }
    }
}

impl From<XlsError> for Trouble {
    fn from(error: XlsError) -> Trouble {
        match error {
            XlsError::Password => Trouble::Password,
            error => Trouble::caused(&error),
        }
    }
}

impl From<OdsError> for Trouble {
    fn from(error: OdsError) -> Trouble {
        match error {
            OdsError::Password => Trouble::Password,
            OdsError::CellLimitExceeded { .. } => Trouble::TooLarge("its cells are too far apart".to_owned()),
            error => Trouble::caused(&error),
        }
    }
}

impl fmt::Debug for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Book")
    }
}
