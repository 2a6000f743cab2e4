//! The original of an edited sheet: only cells that differ from it are changes. The user names it (`--base`), or the
//! sheet is an exported workbook, which knows by itself what was exported.

use std::collections::HashMap;
use std::path::Path;

use super::misread::{not_understood, unreadable};
use super::sense::{Key, Sense};
use super::settings::{BaseSettings, SettledColumns, SheetSettings};
use crate::domain::cell::{Cell, Row};
use crate::domain::change::Base;
use crate::domain::heading::{Column, Columns, Layout, Naming, Target, target_of};
use crate::domain::survey::Survey;
use crate::error::{Failure, Kind};
use crate::sheet::workbook::UNKNOWN;
use crate::sheet::{self, Sheet, Source, Worksheet};

/// The rows of an original under the columns of the sheet that was made from it.
pub struct Original {
    /// What it is, for people.
    pub name: String,
    /// How its cells are read.
    pub settings: BaseSettings,
    rows: Vec<Vec<Cell>>,
    by_key: HashMap<Key, usize>,
}

/// How an original is understood: as the sheet that was made from it.
pub struct Made<'a> {
    /// The columns of that sheet.
    pub columns: &'a Columns,
    /// What the user says about it.
    pub settings: &'a SheetSettings,
    /// Whether that sheet is one of rows to fix.
    pub is_report: bool,
    /// The worksheet that was asked for, in the original, too.
    pub worksheet: Option<&'a Worksheet>,
}

/// Who has written a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writer {
    /// Somebody: each referral has one row.
    Users,
    /// This program: a cell may say that nothing is known of it.
    Us,
}

impl Original {
    /// Reads the original that the user names. Of an exported workbook it is what was exported, whatever has been edited
    /// in it since.
    pub fn read(path: &Path, made: &Made<'_>) -> Result<Original, Failure> {
        if made.columns.layout != Layout::Wide {
            let error = "only a sheet with a column for each field can have a base";
            return Err(Failure::new(Kind::Usage, error).hint("leave --base away"));
        }
        let sheet = made.open(path, made.worksheet.cloned())?;
        match sheet.bases.as_slice() {
            [] => {
                let mut original = Original::named(format!("`{}`", sheet.name));
                original.take_in(&sheet, made, Writer::Users)?;
                Ok(original)
            }
            bases => Original::exported(path, bases, made),
        }
    }

    /// The same from the worksheets in which an export has kept what was exported, and a report what its rows to fix were
    /// made from.
    pub fn exported(path: &Path, worksheets: &[String], made: &Made<'_>) -> Result<Original, Failure> {
        let name = if made.is_report { "what the rows were made from" } else { "what was exported" };
        let mut original = Original::named(name.to_owned());
        for worksheet in worksheets {
            let sheet = made.open(path, Some(Worksheet::Name(worksheet.clone())))?;
            original.take_in(&sheet, made, Writer::Us)?;
        }
        Ok(original)
    }

    /// What the cells of a row were that is known by these keys.
    pub fn base_of<'k>(&self, mut keys: impl Iterator<Item = &'k Key>) -> Base {
        let place = keys.find_map(|key| self.by_key.get(key));
        place.map_or(Base::NotThere, |place| Base::Cells(self.rows[*place].clone()))
    }

    /// Whether it knows a row by one of these keys.
    pub fn knows<'k>(&self, mut keys: impl Iterator<Item = &'k Key>) -> bool {
        keys.any(|key| self.by_key.contains_key(key))
    }

    fn named(name: String) -> Original {
        Original { name, settings: BaseSettings::default(), rows: Vec::new(), by_key: HashMap::new() }
    }

    fn take_in(&mut self, sheet: &Sheet, made: &Made<'_>, writer: Writer) -> Result<(), Failure> {
        let headings = sheet.headings.iter().map(|heading| (heading.column, heading.text.as_str()));
        let own = Columns::resolve(headings, &made.naming()).map_err(|problems| not_understood(sheet, &problems))?;
        let places = places(made.columns, &own);
        let sense = Sense::new(own, made.settings);
        let mut survey = Survey::default();
        for row in sheet.rows().map_err(unreadable)? {
            let row = row.map_err(unreadable)?.map_err(|fault| torn(sheet, fault.row.number, &fault.message))?;
            let is_known = |cell: &Cell| writer == Writer::Users || *cell != UNKNOWN;
            let known = |column: u32| Some(row.cell(column)).filter(|cell| is_known(cell));
            let taken = |place: &Option<u32>| place.and_then(known).cloned().unwrap_or(Cell::Unevaluated);
            let taken: Vec<Cell> = places.iter().map(taken).collect();
            let blank = |cell: &Cell| if is_known(cell) { cell.clone() } else { Cell::Blank };
            let row = Row { number: row.number, cells: row.cells.iter().map(blank).collect() };
            survey.note(&row, &sense.columns, &sense.reading);
            let keys = sense.keys(&row);
            // Several rows to fix may be about one referral. Each has kept what it needs to know.
            let same = keys.first().and_then(|key| self.by_key.get(key)).filter(|_| writer == Writer::Us);
            if let Some(same) = same {
                let kept = self.rows[*same].iter_mut().zip(taken);
                kept.filter(|(_, also)| *also != Cell::Unevaluated).for_each(|(was, also)| *was = also);
                continue;
            }
            self.enter(sheet, &row, keys)?;
            self.rows.push(taken);
        }
        self.settings = BaseSettings {
            date_format: sense.reading.date_order.map(Into::into),
            decimal: sense.reading.decimal.map(Into::into),
            settled: SettledColumns::of(survey.findings().iter().filter_map(|finding| finding.settled)),
            from_portal: sense.columns.from_portal,
        };
        Ok(())
    }

    /// Notes that the next row is known by these keys.
    fn enter(&mut self, sheet: &Sheet, row: &Row, keys: Vec<Key>) -> Result<(), Failure> {
        for key in keys {
            if self.by_key.insert(key.clone(), self.rows.len()).is_some() {
                let (name, key, number) = (&sheet.name, key.text(), row.number);
                let error = format!("`{name}` has several rows for `{key}`, row {number} is one of them");
                return Err(Failure::new(Kind::Input, error).hint("a base has one row for each referral"));
            }
        }
        Ok(())
    }
}

impl Made<'_> {
    fn naming(&self) -> Naming {
        Naming { ignore_unknown: true, ..self.settings.naming() }
    }

    fn open(&self, path: &Path, worksheet: Option<Worksheet>) -> Result<Sheet, Failure> {
        let own = self.naming().map;
        let is_own = |text: &str| own.iter().any(|(heading, _)| heading.eq_ignore_ascii_case(text.trim()));
        let is_heading = |text: &str| target_of(text).is_some() || is_own(text);
        let options = sheet::Options { worksheet, visible_only: false };
        sheet::open(&Source::File(path.to_owned()), &options, &is_heading).map_err(unreadable)
    }
}

/// For each column of the sheet, up to its last, the column of the original that is for the same thing. Among several
/// for one list (`Team member 1`, `Team member 2`) those headed alike belong together.
fn places(columns: &Columns, original: &Columns) -> Vec<Option<u32>> {
    let width = columns.all.iter().map(|column| column.index + 1).max().unwrap_or(0);
    let twin = |column: &Column| {
        let is_same = |other: &&Column| other.target == column.target && column.target != Target::Ignored;
        let is_alike = |other: &&Column| other.heading.to_lowercase() == column.heading.to_lowercase();
        let mut twins = original.all.iter().filter(is_same);
        match column.target {
            Target::Item(_) => twins.find(is_alike),
            _ => twins.next(),
        }
    };
    let place = |index| columns.all.iter().find(|column| column.index == index).and_then(twin);
    (0..width).map(|index| place(index).map(|column| column.index)).collect()
}

fn torn(sheet: &Sheet, row: u32, message: &str) -> Failure {
    Failure::new(Kind::Input, format!("row {row} of the base `{}`: {message}", sheet.name))
}
