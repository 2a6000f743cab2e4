//! The original of an edited sheet: only cells that differ from it are changes. The user names it (`--base`), or the
//! sheet is an exported workbook, which knows by itself what was exported.

use std::collections::HashMap;
use std::path::Path;

use super::intake::{not_understood, unreadable};
use super::sense::Sense;
use super::settings::SheetSettings;
use crate::domain::cell::{Cell, Row};
use crate::domain::change::Base;
use crate::domain::heading::{Column, Columns, Layout, Naming, Target, target_of};
use crate::error::{Failure, Kind};
use crate::sheet::{self, Sheet, Source, Worksheet};

/// The rows of an original under the columns of the sheet that was made from it, by what tells their referrals apart.
pub struct Original {
    /// What it is, for people.
    pub name: String,
    rows: HashMap<String, Vec<Cell>>,
}

/// How an original is understood: as the sheet that was made from it.
pub struct Made<'a> {
    /// The columns of that sheet.
    pub columns: &'a Columns,
    /// What the user says about it.
    pub settings: &'a SheetSettings,
}

impl Original {
    /// Reads the original that the user names, and shows each of its rows to `note`. Of an exported workbook it is what
    /// was exported, whatever has been edited in it since.
    pub fn read(path: &Path, made: &Made<'_>, note: impl FnMut(&Row)) -> Result<Original, Failure> {
        if made.columns.layout != Layout::Wide {
            let error = "only a sheet with a column for each field can have a base";
            return Err(Failure::new(Kind::Usage, error).hint("leave --base away"));
        }
        let sheet = open(path, None)?;
        match sheet.bases.as_slice() {
            [] => {
                let mut original = Original { name: format!("`{}`", sheet.name), rows: HashMap::new() };
                original.take_in(&sheet, made, Cell::clone, note)?;
                Ok(original)
            }
            bases => Original::exported(path, bases, made, note),
        }
    }

    /// The same from the worksheets in which an export has kept what was exported.
    pub fn exported(
        path: &Path,
        worksheets: &[String],
        made: &Made<'_>,
        mut note: impl FnMut(&Row),
    ) -> Result<Original, Failure> {
        let mut original = Original { name: "what was exported".to_owned(), rows: HashMap::new() };
        for worksheet in worksheets {
            let sheet = open(path, Some(Worksheet::Name(worksheet.clone())))?;
            let known = |cell: &Cell| if *cell == Cell::Boolean(false) { Cell::Unevaluated } else { cell.clone() };
            original.take_in(&sheet, made, known, &mut note)?;
        }
        Ok(original)
    }

    fn take_in(
        &mut self,
        sheet: &Sheet,
        made: &Made<'_>,
        known: impl Fn(&Cell) -> Cell,
        mut note: impl FnMut(&Row),
    ) -> Result<(), Failure> {
        let naming = Naming { ignore_unknown: true, ..made.settings.naming() };
        let headings = sheet.headings.iter().map(|heading| (heading.column, heading.text.as_str()));
        let own = Columns::resolve(headings, &naming).map_err(|problems| not_understood(sheet, &problems))?;
        let places = places(made.columns, &own);
        let sense = Sense::new(own, made.settings);
        for row in sheet.rows().map_err(unreadable)? {
            let row = row.map_err(unreadable)?.map_err(|fault| torn(sheet, fault.row.number, &fault.message))?;
            let Some(key) = sense.key(&row) else { continue };
            let taken = |place: &Option<u32>| place.map_or(Cell::Unevaluated, |column| known(row.cell(column)));
            let cells = places.iter().map(taken).collect();
            let row = Row { cells, ..row };
            note(&row);
            if self.rows.insert(key.clone(), row.cells).is_some() {
                let error = format!("`{}` has several rows for `{key}`, row {} is one of them", sheet.name, row.number);
                return Err(Failure::new(Kind::Input, error).hint("a base has one row for each referral"));
            }
        }
        Ok(())
    }

    /// What the cells of a row were.
    pub fn base_of(&self, key: Option<&str>) -> Base {
        key.and_then(|key| self.rows.get(key)).map_or(Base::NotThere, |cells| Base::Cells(cells.clone()))
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

fn open(path: &Path, worksheet: Option<Worksheet>) -> Result<Sheet, Failure> {
    let is_heading = |text: &str| target_of(text).is_some();
    sheet::open(&Source::File(path.to_owned()), &sheet::Options { worksheet }, &is_heading).map_err(unreadable)
}

fn torn(sheet: &Sheet, row: u32, message: &str) -> Failure {
    Failure::new(Kind::Input, format!("row {row} of the base `{}`: {message}", sheet.name))
}
