//! Rows without end, from the first to the last, over as many worksheets as it takes.

use jiff::civil::{DateTime, Time};
use rust_xlsxwriter::{ExcelDateTime, Format, Worksheet, XlsxError};

use super::super::out::{NOT_AVAILABLE, Out, exact_number, fitting};
use super::guide::{Expects, Guide};
use super::lists::Lists;
use super::style::{Look, Styles, Tone};
use crate::domain::cell::Cell;

/// Rows of a table that get links and a height. Both stay in memory, some 2.5 KiB a row, until the workbook is saved, and
/// Excel takes no more than 65,530 links in a worksheet. Half of them are for rows that somebody should look at.
const DRESSED_MAX: u32 = 10_000;
/// Excel's limit for the address of a link, with room for what gets escaped.
const URL_BYTES_MAX: usize = 2_000;
const HEADER_HEIGHT: u32 = 22;
/// Points that a line of text takes.
const LINE_HEIGHT: f64 = 15.0;
/// Excel's limit for the height of a row, in lines.
const LINES_MAX: usize = 27;
/// Characters that a line loses because words are kept whole.
const LOST_TO_WORDS: usize = 4;

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    heading: String,
    look: Look,
    width: f64,
    shows_tone: bool,
    is_read_only: bool,
    is_hidden: bool,
    guide: Guide,
}

/// A table and its worksheets so far.
pub(super) struct Table {
    name: String,
    columns: Vec<Column>,
    is_hidden: bool,
    /// Rows that the filter spans at least: those that are still to be filled in.
    room: u32,
    full: Vec<Worksheet>,
    open: Option<Worksheet>,
    /// The row to write next in the open worksheet, counted from 0.
    next_row: u32,
    /// Rows with links and heights so far.
    dressed: u32,
}

impl Column {
    /// Cells of any kind, as in a sheet of the user's.
    pub fn any(heading: &str) -> Column {
        Column::new(heading, Look::Plain, 16.0)
    }

    /// Text. What a user types into its blank cells stays text, too.
    pub fn text(heading: &str) -> Column {
        Column::new(heading, Look::Text, 18.0)
    }

    /// Text of several lines, wrapped within the width. Rows grow as high as it needs.
    pub fn lines(heading: &str) -> Column {
        Column::new(heading, Look::Wrapped, 48.0)
    }

    /// Numbers.
    pub fn number(heading: &str) -> Column {
        Column::new(heading, Look::Number, 11.0)
    }

    /// Amounts of money, with each digit that they have.
    pub fn amount(heading: &str) -> Column {
        Column::new(heading, Look::Amount, 14.0)
    }

    /// Dates. Those with times show them.
    pub fn date(heading: &str) -> Column {
        Column::new(heading, Look::Date, 12.0)
    }

    /// Dates with times.
    pub fn date_time(heading: &str) -> Column {
        Column::new(heading, Look::DateTime, 19.0)
    }

    /// Dates with times to the millisecond.
    pub fn instant(heading: &str) -> Column {
        Column::new(heading, Look::Instant, 24.0)
    }

    /// Links.
    pub fn link(heading: &str) -> Column {
        Column::new(heading, Look::Link, 18.0)
    }

    /// The width in characters.
    pub fn width(self, width: f64) -> Column {
        Column { width, ..self }
    }

    /// Its cells show the tone of their rows.
    pub fn toned(self) -> Column {
        Column { shows_tone: true, ..self }
    }

    /// A note on its heading.
    pub fn note(mut self, note: &str) -> Column {
        self.guide.note = Some(note.to_owned());
        self
    }

    /// What its cells are expected to hold: offered to pick where there is a list, and asked about where it is not so.
    /// The hint is shown at each cell.
    pub fn expects(mut self, expects: Expects, hint: &str) -> Column {
        self.guide.expects = expects;
        self.guide.hint = Some(hint.to_owned());
        self
    }

    /// One more word that fits whatever is expected.
    pub fn also(mut self, word: &str) -> Column {
        self.guide.also = Some(word.to_owned());
        self
    }

    /// It is there to be read: its text steps back, and who writes into it is asked.
    pub fn read_only(self, hint: &str) -> Column {
        Column { is_read_only: true, ..self.expects(Expects::Nothing, hint) }
    }

    /// The same, and nothing can be typed into it in rows in which the column of this heading is filled.
    pub fn locked_beside(self, heading: &str) -> Column {
        let hint = self.guide.hint.clone().unwrap_or_default();
        Column { is_read_only: true, ..self.expects(Expects::NothingBeside(heading.to_owned()), &hint) }
    }

    /// It is there for the program: not shown unless somebody asks for it.
    pub fn hidden(self) -> Column {
        Column { is_hidden: true, ..self }
    }

    pub(super) fn heading(&self) -> &str {
        &self.heading
    }

    fn header<'s>(&self, styles: &'s Styles) -> &'s Format {
        match self.look {
            _ if self.is_read_only => &styles.header_quiet,
            Look::Number | Look::Amount => &styles.header_right,
            Look::Plain | Look::Text | Look::Wrapped | Look::Date | Look::DateTime | Look::Instant | Look::Link => {
                &styles.header
            }
        }
    }

    /// The tone of its cells in a row of this tone.
    fn tone(&self, row: Tone) -> Tone {
        match (self.is_read_only, self.shows_tone) {
            (true, _) => Tone::Quiet,
            (false, true) => row,
            (false, false) => Tone::Plain,
        }
    }

    fn new(heading: &str, look: Look, width: f64) -> Column {
        let guide = Guide::default();
        Column {
            heading: heading.to_owned(),
            look,
            width,
            shows_tone: false,
            is_read_only: false,
            is_hidden: false,
            guide,
        }
    }
}

impl Table {
    pub fn new(name: &str, columns: Vec<Column>) -> Table {
        let name = name.to_owned();
        Table { name, columns, is_hidden: false, room: 0, full: Vec::new(), open: None, next_row: 0, dressed: 0 }
    }

    pub fn hidden(self) -> Table {
        Table { is_hidden: true, ..self }
    }

    pub fn with_room(self, room: u32) -> Table {
        Table { room, ..self }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Rows in the open worksheet, headings aside.
    pub fn rows_here(&self) -> u32 {
        self.next_row.saturating_sub(1)
    }

    /// Goes on in a new worksheet, from its headings.
    pub fn go_on(&mut self, mut worksheet: Worksheet, styles: &Styles, lists: &mut Lists) -> Result<(), XlsxError> {
        self.close()?;
        for (index, column) in (0..).zip(&self.columns) {
            worksheet.set_column_width(index, column.width)?;
            if column.is_hidden {
                worksheet.set_column_hidden(index)?;
            }
            worksheet.set_column_format(index, styles.cell(column.look, column.tone(Tone::Plain)))?;
            worksheet.write_string_with_format(0, index, fitting(&column.heading), column.header(styles))?;
            column.guide.put_on(&mut worksheet, index, &self.columns, lists, super::ROWS_MAX)?;
        }
        worksheet.set_row_height(0, HEADER_HEIGHT)?;
        worksheet.set_freeze_panes(1, 0)?;
        worksheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_footer("&R&P / &N");
        worksheet.set_repeat_rows(0, 0)?;
        worksheet.set_very_hidden(self.is_hidden);
        self.open = Some(worksheet);
        self.next_row = 1;
        Ok(())
    }

    /// Writes the next row.
    pub fn row(&mut self, cells: &[Out<'_>], tone: Tone, styles: &Styles) -> Result<(), XlsxError> {
        assert!(cells.len() <= self.columns.len(), "more cells than columns in `{}`", self.name);
        let worksheet = self.open.as_mut().expect("a table has an open worksheet until it is finished");
        let room = if tone.is_calm() { DRESSED_MAX / 2 } else { DRESSED_MAX };
        let is_dressed = self.dressed < room;
        if is_dressed {
            self.dressed += 1;
            // Excel measures rows when it opens a file, other programs take them as they are.
            let lines = self.columns.iter().zip(cells).map(|(column, cell)| lines(column, cell)).max().unwrap_or(1);
            if lines > 1 {
                worksheet.set_row_height(self.next_row, height(lines))?;
            }
        }
        let mut pen = Pen { worksheet, styles, row: self.next_row, is_dressed };
        for ((index, column), cell) in (0..).zip(&self.columns).zip(cells) {
            pen.write(index, cell, column, column.tone(tone))?;
        }
        self.next_row += 1;
        Ok(())
    }

    /// All its worksheets.
    pub fn finish(mut self) -> Result<Vec<Worksheet>, XlsxError> {
        self.close()?;
        Ok(self.full)
    }

    fn close(&mut self) -> Result<(), XlsxError> {
        let Some(mut worksheet) = self.open.take() else { return Ok(()) };
        let last_column = u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        worksheet.autofilter(0, 0, (self.next_row - 1).max(self.room), last_column)?;
        // The library writes the last row twice if it has a height, and Excel calls that damage. A number below, taken
        // back at once, makes an empty row the last.
        worksheet.write_number(self.next_row, 0, 0)?.clear_cell(self.next_row, 0);
        self.full.push(worksheet);
        Ok(())
    }
}

/// Writes the cells of one row.
struct Pen<'p> {
    worksheet: &'p mut Worksheet,
    styles: &'p Styles,
    row: u32,
    /// Whether links are links.
    is_dressed: bool,
}

impl<'p> Pen<'p> {
    fn write(&mut self, index: u16, cell: &Out<'_>, column: &Column, tone: Tone) -> Result<(), XlsxError> {
        match *cell {
            Out::Blank | Out::Cell(Cell::Blank) => self.blank(index, tone),
            Out::Text(text) => self.text(index, text, column, tone),
            Out::Number(number) => self.number(index, number, column, tone),
            Out::Digits(digits) => match exact_number(digits) {
                Some(number) => self.number(index, number, column, tone),
                None => self.text(index, digits, column, tone),
            },
            Out::DateTime(at) | Out::Cell(&Cell::DateTime(at)) => self.date_time(index, at, column, tone),
            Out::Link { url, text } => self.link(index, url, text, column, tone),
            Out::Cell(Cell::Text(text) | Cell::Error(text)) => self.text(index, text, column, tone),
            Out::Cell(Cell::Unevaluated) => self.text(index, NOT_AVAILABLE, column, tone),
            Out::Cell(Cell::Number(number)) => self.number(index, *number, column, tone),
            Out::Cell(Cell::Boolean(value)) => {
                let format = self.styles.cell(Look::Plain, tone);
                self.worksheet.write_boolean_with_format(self.row, index, *value, format).map(drop)
            }
        }
    }

    /// The format of a cell; none if it is its column's: the library hashes all of a format for each cell that names one.
    fn format(&self, look: Look, tone: Tone, column: &Column) -> Option<&'p Format> {
        (look != column.look || tone != column.tone(Tone::Plain)).then(|| self.styles.cell(look, tone))
    }

    fn blank(&mut self, index: u16, tone: Tone) -> Result<(), XlsxError> {
        match tone {
            Tone::Plain => Ok(()),
            tone => self.worksheet.write_blank(self.row, index, self.styles.cell(Look::Plain, tone)).map(drop),
        }
    }

    fn text(&mut self, index: u16, text: &str, column: &Column, tone: Tone) -> Result<(), XlsxError> {
        let look = match column.look {
            Look::Plain | Look::Wrapped => column.look,
            // As if somebody had typed it: Excel wraps a cell with the first line break in it.
            _ if has_lines(text) => Look::Wrapped,
            Look::Text | Look::Number | Look::Amount | Look::Date | Look::DateTime | Look::Instant | Look::Link => {
                Look::Text
            }
        };
        let text = fitting(text);
        match self.format(look, tone, column) {
            Some(format) => self.worksheet.write_string_with_format(self.row, index, text, format).map(drop),
            None => self.worksheet.write_string(self.row, index, text).map(drop),
        }
    }

    fn number(&mut self, index: u16, number: f64, column: &Column, tone: Tone) -> Result<(), XlsxError> {
        if !number.is_finite() {
            return self.text(index, NOT_AVAILABLE, column, tone);
        }
        let look = match column.look {
            Look::Number if number.fract() == 0.0 => Look::Number,
            Look::Amount => Look::Amount,
            Look::Plain
            | Look::Text
            | Look::Wrapped
            | Look::Number
            | Look::Date
            | Look::DateTime
            | Look::Instant
            | Look::Link => Look::Plain,
        };
        match self.format(look, tone, column) {
            Some(format) => self.worksheet.write_number_with_format(self.row, index, number, format).map(drop),
            None => self.worksheet.write_number(self.row, index, number).map(drop),
        }
    }

    fn date_time(&mut self, index: u16, at: DateTime, column: &Column, tone: Tone) -> Result<(), XlsxError> {
        let Some(date_time) = excel_date_time(at) else {
            return self.text(index, &Cell::DateTime(at).to_string(), column, tone);
        };
        let look = match at.time() {
            time if time == Time::midnight() && !matches!(column.look, Look::DateTime | Look::Instant) => Look::Date,
            time if time.subsec_nanosecond() == 0 && column.look != Look::Instant => Look::DateTime,
            _ => Look::Instant,
        };
        match self.format(look, tone, column) {
            Some(format) => self.worksheet.write_datetime_with_format(self.row, index, &date_time, format).map(drop),
            // The library wants a format where there is none, although the column has it.
            None => self.worksheet.write_number(self.row, index, date_time.to_excel()).map(drop),
        }
    }

    fn link(&mut self, index: u16, url: &str, text: &str, column: &Column, tone: Tone) -> Result<(), XlsxError> {
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        if !is_web || url.len() > URL_BYTES_MAX || !self.is_dressed || text.is_empty() {
            return self.text(index, text, column, tone);
        }
        let format = self.styles.cell(Look::Link, tone);
        self.worksheet.write_url_with_options(self.row, index, url, fitting(text), "", Some(format)).map(drop)
    }
}

/// About how many lines a cell takes.
fn lines(column: &Column, cell: &Out<'_>) -> usize {
    let Out::Text(text) = cell else { return 1 };
    if column.look != Look::Wrapped && !has_lines(text) {
        return 1;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "widths are small and not negative")]
    let width = column.width as usize;
    let wrapped = |line: &str| match line.chars().count() {
        characters if characters <= width => 1,
        characters => characters.div_ceil(width.saturating_sub(LOST_TO_WORDS).max(1)),
    };
    text.lines().map(wrapped).sum()
}

fn has_lines(text: &str) -> bool {
    text.contains('\n')
}

#[expect(clippy::cast_precision_loss, reason = "not more lines than a row can hold")]
fn height(lines: usize) -> f64 {
    lines.min(LINES_MAX) as f64 * LINE_HEIGHT
}

/// The date as Excel counts, if it can: from March 1900, before which its calendar is wrong by a day.
fn excel_date_time(at: DateTime) -> Option<ExcelDateTime> {
    let year = u16::try_from(at.year()).ok()?;
    if at.date() < jiff::civil::date(1900, 3, 1) {
        return None;
    }
    let small = |value: i8| u8::try_from(value).unwrap_or(0);
    let date = ExcelDateTime::from_ymd(year, small(at.month()), small(at.day())).ok()?;
    let seconds = f64::from(at.second()) + f64::from(at.subsec_nanosecond()) / 1e9;
    date.and_hms(u16::from(small(at.hour())), small(at.minute()), seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_they_wrap() {
        let check = |text: &str, expected: usize| {
            assert_eq!(lines(&Column::lines("Problems").width(14.0), &Out::Text(text)), expected, "{text}");
        };
        check("", 0);
        check("one line", 1);
        check("one line and another one", 3);
        check("fourteen wide.", 1);
        check("one\n\nthree", 3);
        assert_eq!(lines(&Column::text("Name").width(14.0), &Out::Text("one")), 1);
        assert_eq!(lines(&Column::text("Name").width(14.0), &Out::Text("one\ntwo")), 2);
        assert!((height(1_000) - 405.0).abs() < f64::EPSILON);
    }
}
