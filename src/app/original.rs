//! The original of an edited sheet (`--base`): only cells that differ from it are changes.

use std::collections::HashMap;
use std::path::Path;

use super::intake::{not_understood, unreadable};
use super::sense::Sense;
use super::settings::SheetSettings;
use crate::domain::cell::{Cell, Row};
use crate::domain::change::Base;
use crate::domain::heading::{Column, Columns, Layout, Naming, Target, target_of};
use crate::error::{Failure, Kind};
use crate::sheet::{self, Sheet, Source};

/// The rows of an original under the columns of the sheet that was made from it, by what tells their referrals apart.
pub struct Original {
    /// The file's name.
    pub name: String,
    rows: HashMap<String, Vec<Cell>>,
}

impl Original {
    /// Reads the original of a sheet, and shows each of its rows to `note`.
    pub fn read(
        path: &Path,
        columns: &Columns,
        settings: &SheetSettings,
        mut note: impl FnMut(&Row),
    ) -> Result<Original, Failure> {
        if columns.layout != Layout::Wide {
            let error = "only a sheet with a column for each field can have a base";
            return Err(Failure::new(Kind::Usage, error).hint("leave --base away"));
        }
        let naming = Naming { ignore_unknown: true, ..settings.naming() };
        let is_heading = |text: &str| target_of(text).is_some();
        let sheet = sheet::open(&Source::File(path.to_owned()), &sheet::Options::default(), &is_heading);
        let sheet = sheet.map_err(unreadable)?;
        let headings = sheet.headings.iter().map(|heading| (heading.column, heading.text.as_str()));
        let own = Columns::resolve(headings, &naming).map_err(|problems| not_understood(&sheet, &problems))?;
        let places = places(columns, &own);
        let mut original = Original { name: sheet.name.clone(), rows: HashMap::new() };
        let sense = Sense::new(own, settings);
        for row in sheet.rows().map_err(unreadable)? {
            let row = row.map_err(unreadable)?.map_err(|fault| torn(&sheet, fault.row.number, &fault.message))?;
            let Some(key) = sense.key(&row) else { continue };
            let row = Row { cells: places.iter().map(|place| taken(&row, *place)).collect(), ..row };
            note(&row);
            if original.rows.insert(key.clone(), row.cells).is_some() {
                let error = format!("`{}` has several rows for `{key}`, row {} is one of them", sheet.name, row.number);
                return Err(Failure::new(Kind::Input, error).hint("a base has one row for each referral"));
            }
        }
        Ok(original)
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

fn taken(row: &Row, place: Option<u32>) -> Cell {
    place.map_or(Cell::Unevaluated, |column| row.cell(column).clone())
}

fn torn(sheet: &Sheet, row: u32, message: &str) -> Failure {
    Failure::new(Kind::Input, format!("row {row} of the base `{}`: {message}", sheet.name))
}
