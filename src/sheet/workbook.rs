//! Workbooks to be read by people, and by this program again.
//!
//! A workbook has pages (a few cells in a free layout, with a chart) and tables (rows without end). Tables are
//! written straight to disk, row by row, each in its own order and all of them at the same time, in constant memory.
//! A table that fills a worksheet goes on in the next: `Results`, `Results 2`, …
//!
//! A form is a table that is to be filled in or edited: its columns say what they expect ([`Expects`]), in notes, hints
//! and lists to pick from. Nothing is locked and nothing is forbidden.
//!
//! Text is text: nothing written here can become a formula.

mod page;
mod style;
mod table;

mod guide;
mod lists;

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Workbook as Book, XlsxError};

use super::out::Out;
use super::replace::{self, SaveError};
use crate::domain::cell::Cell;
use lists::Lists;
use style::Styles;
use table::Table;

pub use guide::Expects;
pub use page::{Count, Page};
pub use style::Tone;
pub use table::Column;

/// Rows of a table in one worksheet, which has a million with its headings. Excel ends at 1,048,576.
pub const ROWS_MAX: u32 = 999_999;
/// The worksheet of the rows of a form.
pub const REFERRALS: &str = "Referrals";
/// The page of a form for who has never seen one.
pub const INSTRUCTIONS: &str = "Instructions";
/// The worksheet of lists to pick from.
pub(super) const LISTS: &str = "Lists";
/// The worksheet of an export that holds what was exported; the next ones have a number behind. A cell of it that says
/// `FALSE` is one of which nothing is known.
pub const BASE: &str = "refsheet base";
/// Such a cell. Nothing that is written there is ever a boolean.
pub const UNKNOWN: Cell = Cell::Boolean(false);
/// Rows of a form that can be filtered before they are filled in.
const ROOM: u32 = 10_000;
/// Level 6 is the usual: 3 takes a third of the time off for 7 % more bytes.
const COMPRESSION_LEVEL: u8 = 3;

/// A workbook being written. It appears under its name when it is saved; dropped before, it leaves nothing.
pub struct Workbook {
    path: PathBuf,
    book: Book,
    styles: Styles,
    pages: Vec<(String, Page)>,
    tables: Vec<Table>,
    appendices: Vec<(String, Page)>,
    lists: Lists,
    rows_max: u32,
}

/// A table of a [`Workbook`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableId(usize);

impl Workbook {
    /// Begins a workbook. The rows of its tables are kept in the same folder, in files without a name.
    pub fn create(path: &Path) -> Result<Workbook, SaveError> {
        Workbook::with_rows_max(path, ROWS_MAX)
    }

    /// The same with fewer rows to a worksheet.
    pub fn with_rows_max(path: &Path, rows_max: u32) -> Result<Workbook, SaveError> {
        assert!((1..=ROWS_MAX).contains(&rows_max), "a worksheet has at least one row and at most {ROWS_MAX}");
        let mut book = Book::new();
        book.set_tempdir(replace::folder(path)).map_err(|error| failed(path, error))?;
        book.set_zip_compression_level(COMPRESSION_LEVEL);
        Ok(Workbook {
            path: path.to_owned(),
            book,
            styles: Styles::new(),
            pages: Vec::new(),
            tables: Vec::new(),
            appendices: Vec::new(),
            lists: Lists::default(),
            rows_max,
        })
    }

    /// Adds a page. Pages come before tables, in the order in which they are added.
    pub fn page(&mut self, name: &str, page: Page) {
        self.pages.push((name.to_owned(), page));
    }

    /// Adds a page behind the tables.
    pub fn appendix(&mut self, name: &str, page: Page) {
        self.appendices.push((name.to_owned(), page));
    }

    /// Begins a table. Tables come in the order in which they are begun.
    pub fn table(&mut self, name: &str, columns: Vec<Column>) -> Result<TableId, SaveError> {
        self.begin_table(Table::new(name, columns))
    }

    /// Begins a table with room below its rows, where more can be filled in.
    pub fn form(&mut self, name: &str, columns: Vec<Column>) -> Result<TableId, SaveError> {
        self.begin_table(Table::new(name, columns).with_room(ROOM))
    }

    /// Begins a table in a worksheet that is not shown, nor offered to be shown.
    pub fn hidden_table(&mut self, name: &str, columns: Vec<Column>) -> Result<TableId, SaveError> {
        self.begin_table(Table::new(name, columns).hidden())
    }

    /// Adds a row below the last one of the table. The tone colours the columns that show it.
    pub fn row(&mut self, table: TableId, cells: &[Out<'_>], tone: Tone) -> Result<(), SaveError> {
        let table = &mut self.tables[table.0];
        let result = if table.rows_here() >= self.rows_max {
            let worksheet = self.book.new_worksheet_with_constant_memory();
            worksheet.and_then(|worksheet| table.go_on(worksheet, &self.styles, &mut self.lists))
        } else {
            Ok(())
        };
        result.and_then(|()| table.row(cells, tone, &self.styles)).map_err(|error| failed(&self.path, error))
    }

    /// Puts the workbook under its name, or under `name (2).xlsx` if that is locked. Returns where it is.
    pub fn save(mut self) -> Result<PathBuf, SaveError> {
        let file = replace::beside(&self.path)?;
        self.write(file.as_file()).map_err(|error| failed(&self.path, error))?;
        replace::put_in_place(file, &self.path)
    }

    fn begin_table(&mut self, mut table: Table) -> Result<TableId, SaveError> {
        let worksheet = self.book.new_worksheet_with_constant_memory();
        let begun = worksheet.and_then(|worksheet| table.go_on(worksheet, &self.styles, &mut self.lists));
        begun.map_err(|error| failed(&self.path, error))?;
        self.tables.push(table);
        Ok(TableId(self.tables.len() - 1))
    }

    fn write(&mut self, file: &std::fs::File) -> Result<(), XlsxError> {
        let mut names = Names::default();
        let (pages, appendices) = (std::mem::take(&mut self.pages), std::mem::take(&mut self.appendices));
        self.add_pages(pages, &mut names)?;
        for table in self.tables.drain(..) {
            let name = table.name().to_owned();
            for mut worksheet in table.finish()? {
                worksheet.set_name(names.unique(&name))?;
                self.book.push_worksheet(worksheet);
            }
        }
        self.add_pages(appendices, &mut names)?;
        if !self.lists.is_empty() {
            let name = names.unique(LISTS);
            let worksheet = self.book.add_worksheet();
            worksheet.set_name(&name)?;
            self.lists.draw(worksheet, &self.styles)?;
            self.lists.define(&mut self.book, &name)?;
        }
        self.book.save_to_writer(std::io::BufWriter::new(file))
    }

    fn add_pages(&mut self, pages: Vec<(String, Page)>, names: &mut Names) -> Result<(), XlsxError> {
        for (name, page) in pages {
            let worksheet = self.book.add_worksheet();
            worksheet.set_name(names.unique(&name))?;
            page.draw(worksheet, &self.styles)?;
        }
        Ok(())
    }
}

fn failed(path: &Path, error: XlsxError) -> SaveError {
    match error {
        XlsxError::IoError(error) => SaveError::new(path, error),
        error => SaveError::new(path, error),
    }
}

/// Names of worksheets: each once, in any case, and as Excel allows them.
#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    const CHARACTERS_MAX: usize = 31;

    fn unique(&mut self, wanted: &str) -> String {
        let allowed = wanted.replace(['[', ']', ':', '*', '?', '/', '\\'], " ");
        let allowed = allowed.trim_matches(['\'', ' ']);
        let base = if allowed.is_empty() { "Sheet" } else { allowed };
        let mut number = 1;
        loop {
            let suffix = if number == 1 { String::new() } else { format!(" {number}") };
            let kept = base.chars().take(Self::CHARACTERS_MAX - suffix.len());
            let name: String = kept.chain(suffix.chars()).collect();
            if !self.0.contains(&name.to_lowercase()) {
                self.0.push(name.to_lowercase());
                return name;
            }
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::civil::{DateTime, date};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::cell::Row;
    use crate::sheet::csv_file::CsvFile;
    use crate::sheet::{self, Options, Source};

    #[test]
    fn worksheet_names_are_what_excel_allows() {
        let mut names = Names::default();
        let given: Vec<String> = ["Results", "results", "a/b", "", "'q'"].map(|name| names.unique(name)).into();
        assert_eq!(given, ["Results", "results 2", "a b", "Sheet", "q"]);
        let long = "x".repeat(40);
        assert_eq!(names.unique(&long), "x".repeat(31));
        assert_eq!(names.unique(&long), format!("{} 2", "x".repeat(29)));
    }

    fn read(path: &Path, worksheet: Option<&str>) -> Vec<Row> {
        let worksheet = worksheet.map(|name| sheet::Worksheet::Name(name.to_owned()));
        let sheet =
            sheet::open(&Source::File(path.to_owned()), &Options { worksheet, ..Options::default() }, &|_| true)
                .unwrap();
        sheet.rows().unwrap().map(|row| row.unwrap().unwrap()).collect()
    }

    fn headings() -> Vec<Column> {
        ["a", "b", "c"].map(Column::any).into()
    }

    fn cells() -> impl Strategy<Value = Vec<Cell>> {
        let days = 0..2_900_000_i64;
        let moment = (days, 0..86_400_000_i64).prop_map(|(day, millisecond)| -> Option<DateTime> {
            let at = date(1900, 3, 1).at(0, 0, 0, 0).checked_add(jiff::Span::new().days(day)).ok()?;
            at.checked_add(jiff::SignedDuration::from_millis(millisecond)).ok()
        });
        let cell = prop_oneof![
            Just(Cell::Blank),
            any::<bool>().prop_map(Cell::Boolean),
            prop::num::f64::NORMAL.prop_map(Cell::Number),
            (-1_000_000..1_000_000_i32).prop_map(|number| Cell::Number(f64::from(number) / 100.0)),
            moment.prop_filter_map("beyond the calendar", |at| at.map(Cell::DateTime)),
            Just(Cell::Error("#DIV/0!".to_owned())),
            "[ -~\t\néß€\u{1}\u{1F}\u{1F600}]{1,12}".prop_map(Cell::Text),
            "(_x00[0-4][0-9A-F]_| |'|=|<|&|\"|\r){1,5}".prop_map(Cell::Text),
        ];
        prop::collection::vec(
            cell.prop_filter("white space is blank", |cell| *cell == Cell::Blank || !cell.is_blank()),
            3,
        )
    }

    /// As the reader gives rows: without those that are blank, and without blanks at the end.
    fn without_blanks(rows: &[Vec<Cell>]) -> Vec<Vec<Cell>> {
        let ends = |row: &Vec<Cell>| row.iter().rposition(|cell| !cell.is_blank()).map(|last| row[..=last].to_vec());
        rows.iter().filter_map(ends).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_workbook_written_and_read_is_the_same(rows in prop::collection::vec(cells(), 1..30)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("out.xlsx");
            let mut book = Workbook::create(&path).unwrap();
            let table = book.table("Rows", headings()).unwrap();
            for row in &rows {
                let out: Vec<Out<'_>> = row.iter().map(Out::Cell).collect();
                book.row(table, &out, Tone::Plain).unwrap();
            }
            book.save().unwrap();
            let read: Vec<Vec<Cell>> = read(&path, None).into_iter().map(|row| row.cells).collect();
            prop_assert_eq!(read, without_blanks(&rows));
        }

        #[test]
        fn text_written_to_csv_and_read_is_the_same(rows in prop::collection::vec(cells(), 1..30)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("out.csv");
            let mut file = CsvFile::create(&path, &["a", "b", "c"]).unwrap();
            let text = |cell: &Cell| match cell {
                Cell::Text(_) | Cell::Error(_) | Cell::Blank => cell.clone(),
                other => Cell::Text(other.to_string()),
            };
            let rows: Vec<Vec<Cell>> = rows.iter().map(|row| row.iter().map(text).collect()).collect();
            for row in &rows {
                file.row(&row.iter().map(Out::Cell).collect::<Vec<_>>()).unwrap();
            }
            file.save().unwrap();
            let read: Vec<Vec<Cell>> = read(&path, None).into_iter().map(|row| row.cells).collect();
            prop_assert_eq!(read, without_blanks(&rows));
        }
    }

    #[test]
    fn tables_are_written_side_by_side_and_go_on_in_further_worksheets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.xlsx");
        let mut book = Workbook::with_rows_max(&path, 10).unwrap();
        let all = book.table("All", vec![Column::number("Row")]).unwrap();
        let even = book.table("Even", vec![Column::number("Row")]).unwrap();
        let base = book.hidden_table("Base", vec![Column::number("Row")]).unwrap();
        for number in 1..=25_u8 {
            let cell = [Out::Number(f64::from(number))];
            book.row(all, &cell, Tone::Good).unwrap();
            if number % 2 == 0 {
                book.row(even, &cell, Tone::Bad).unwrap();
            }
        }
        book.row(base, &[Out::Text("hidden")], Tone::Plain).unwrap();
        book.page("Summary", Page::new().title("t", "s"));
        assert_eq!(book.save().unwrap(), path);
        let counts = ["All", "All 2", "All 3", "Even", "Even 2", "Base"].map(|name| read(&path, Some(name)).len());
        assert_eq!(counts, [10, 10, 5, 10, 2, 1]);
        assert_eq!(read(&path, Some("All 3"))[4].cells, [Cell::Number(25.0)]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_row_is_written_once_also_if_it_is_tall_and_the_last() {
        let folder = tempfile::tempdir().unwrap();
        for (lines, rows) in [("", "1 2"), ("one", "1 2 3"), ("one\ntwo", "1 2 3")] {
            let path = folder.path().join("out.xlsx");
            let mut book = Workbook::create(&path).unwrap();
            let table = book.table("Rows", vec![Column::lines("a")]).unwrap();
            if !lines.is_empty() {
                book.row(table, &[Out::Text(lines)], Tone::Plain).unwrap();
            }
            book.save().unwrap();
            let mut archive = zip::ZipArchive::new(std::fs::File::open(&path).unwrap()).unwrap();
            let text = std::io::read_to_string(archive.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
            let written: Vec<&str> =
                text.split("<row r=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
            assert_eq!(written.join(" "), rows, "{lines}");
        }
    }

    #[test]
    fn what_excel_does_not_take_becomes_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.xlsx");
        let mut book = Workbook::create(&path).unwrap();
        let table = book.table("Links", vec![Column::link("Link"), Column::any("x"), Column::any("y")]).unwrap();
        let long = format!("https://x.example/{}", "a".repeat(3_000));
        let text = "x".repeat(40_000);
        let digits = Out::Digits("12345678901234567.89");
        book.row(table, &[Out::Link { url: &long, text: "long" }, Out::Number(f64::NAN), digits], Tone::Bad).unwrap();
        book.row(table, &[Out::Text(&text), Out::Cell(&Cell::Unevaluated), Out::Digits("12500.50")], Tone::Bad)
            .unwrap();
        for _ in 0..65_600 {
            book.row(table, &[Out::Link { url: "https://x.example/", text: "link" }], Tone::Plain).unwrap();
        }
        book.save().unwrap();
        let rows = read(&path, None);
        let not_available = || Cell::Error("#N/A".to_owned());
        let text = |text: &str| Cell::Text(text.to_owned());
        assert_eq!(rows[0].cells, [text("long"), not_available(), text("12345678901234567.89")]);
        assert_eq!(rows[1].cells[0].to_string().chars().count(), 32_767);
        assert_eq!(rows[1].cells[1..], [not_available(), Cell::Number(12500.5)]);
        assert_eq!(rows.last().unwrap().cells, [text("link")]);
    }

    #[test]
    fn a_formula_that_a_library_wrote_with_zero_as_its_result_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.xlsx");
        let mut book = Book::new();
        let worksheet = book.add_worksheet();
        worksheet.write_string(0, 0, "a").unwrap();
        worksheet.write_formula(1, 0, "=1+2").unwrap();
        worksheet.write_number(2, 0, 0).unwrap();
        book.save(&path).unwrap();
        let cells: Vec<Cell> = read(&path, None).into_iter().flat_map(|row| row.cells).collect();
        assert_eq!(cells, [Cell::Unevaluated, Cell::Number(0.0)]);
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let error = Workbook::create(Path::new("/no/such/folder/out.xlsx")).err().unwrap();
        assert_eq!(error.to_string(), "cannot write `/no/such/folder/out.xlsx`");
    }
}
