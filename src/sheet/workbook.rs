//! Workbooks to be read by people, and by this program again.
//!
//! A workbook has pages (a few cells in a free layout, with a chart) and tables (rows without end). Tables are
//! written straight to disk, row by row, each in its own order and all of them at the same time, in constant memory.
//! A table that fills a worksheet goes on in the next: `Results`, `Results 2`, …
//!
//! Text is text: nothing written here can become a formula.

mod page;
mod style;
mod table;

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Workbook as Book, XlsxError};

use super::out::Out;
use super::replace::{self, SaveError};
use style::Styles;
use table::Table;

pub use page::{Count, Page};
pub use style::Tone;
pub use table::Column;

/// Rows of a table in one worksheet, headings aside. Excel ends at 1,048,576.
pub const ROWS_MAX: u32 = 1_000_000;
/// Level 6 is the usual: 3 takes a third of the time off for 7 % more bytes.
const COMPRESSION_LEVEL: u8 = 3;

/// A workbook being written. It appears under its name when it is saved; dropped before, it leaves nothing.
pub struct Workbook {
    path: PathBuf,
    book: Book,
    styles: Styles,
    pages: Vec<(String, Page)>,
    tables: Vec<Table>,
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
        let styles = Styles::new();
        Ok(Workbook { path: path.to_owned(), book, styles, pages: Vec::new(), tables: Vec::new(), rows_max })
    }

    /// Adds a page. Pages come before tables, in the order in which they are added.
    pub fn page(&mut self, name: &str, page: Page) {
        self.pages.push((name.to_owned(), page));
    }

    /// Begins a table. Tables come in the order in which they are begun.
    pub fn table(&mut self, name: &str, columns: Vec<Column>) -> Result<TableId, SaveError> {
        self.begin_table(Table::new(name, columns))
    }

    /// Begins a table in a worksheet that is not shown.
    pub fn hidden_table(&mut self, name: &str, columns: Vec<Column>) -> Result<TableId, SaveError> {
        self.begin_table(Table::new(name, columns).hidden())
    }

    /// Adds a row below the last one of the table. The tone colours the columns that show it.
    pub fn row(&mut self, table: TableId, cells: &[Out<'_>], tone: Tone) -> Result<(), SaveError> {
        let table = &mut self.tables[table.0];
        let result = if table.rows_here() >= self.rows_max {
            let worksheet = self.book.new_worksheet_with_constant_memory();
            worksheet.and_then(|worksheet| table.go_on(worksheet, &self.styles))
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
        let begun = worksheet.and_then(|worksheet| table.go_on(worksheet, &self.styles));
        begun.map_err(|error| failed(&self.path, error))?;
        self.tables.push(table);
        Ok(TableId(self.tables.len() - 1))
    }

    fn write(&mut self, file: &std::fs::File) -> Result<(), XlsxError> {
        let mut names = Names::default();
        for (name, page) in self.pages.drain(..) {
            let worksheet = self.book.add_worksheet();
            worksheet.set_name(names.unique(&name))?;
            page.draw(worksheet, &self.styles)?;
        }
        for table in self.tables.drain(..) {
            let name = table.name().to_owned();
            for mut worksheet in table.finish()? {
                worksheet.set_name(names.unique(&name))?;
                self.book.push_worksheet(worksheet);
            }
        }
        self.book.save_to_writer(std::io::BufWriter::new(file))
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
    use super::*;

    #[test]
    fn worksheet_names_are_what_excel_allows() {
        let mut names = Names::default();
        let given: Vec<String> = ["Results", "results", "a/b", "", "'q'"].map(|name| names.unique(name)).into();
        assert_eq!(given, ["Results", "results 2", "a b", "Sheet", "q"]);
        let long = "x".repeat(40);
        assert_eq!(names.unique(&long), "x".repeat(31));
        assert_eq!(names.unique(&long), format!("{} 2", "x".repeat(29)));
    }
}
