//! The original of an edited sheet (`--base`): only cells that differ from it are changes.

use std::collections::HashMap;
use std::path::Path;

use super::intake::{not_understood, unreadable};
use super::sense::{Key, Sense};
use super::settings::{BaseSettings, SettledColumns, SheetSettings};
use crate::domain::cell::{Cell, Row};
use crate::domain::change::Base;
use crate::domain::heading::{Column, Columns, Layout, Naming, Target, target_of};
use crate::domain::survey::Survey;
use crate::error::{Failure, Kind};
use crate::sheet::{self, Sheet, Source, Worksheet};

/// The rows of an original under the columns of the sheet that was made from it.
pub struct Original {
    /// The file's name.
    pub name: String,
    /// How its cells are read.
    pub settings: BaseSettings,
    rows: Vec<Vec<Cell>>,
    by_key: HashMap<Key, usize>,
}

impl Original {
    /// Reads the original of a sheet. A worksheet that was asked for is asked for here, too.
    pub fn read(
        path: &Path,
        worksheet: Option<&Worksheet>,
        columns: &Columns,
        settings: &SheetSettings,
    ) -> Result<Original, Failure> {
        if columns.layout != Layout::Wide {
            let error = "only a sheet with a column for each field can have a base";
            return Err(Failure::new(Kind::Usage, error).hint("leave --base away"));
        }
        let naming = Naming { ignore_unknown: true, ..settings.naming() };
        let is_mapped = |text: &str| naming.map.iter().any(|(heading, _)| heading.eq_ignore_ascii_case(text.trim()));
        let is_heading = |text: &str| target_of(text).is_some() || is_mapped(text);
        let options = sheet::Options { worksheet: worksheet.cloned(), visible_only: false };
        let sheet = sheet::open(&Source::File(path.to_owned()), &options, &is_heading).map_err(unreadable)?;
        let headings = sheet.headings.iter().map(|heading| (heading.column, heading.text.as_str()));
        let own = Columns::resolve(headings, &naming).map_err(|problems| not_understood(&sheet, &problems))?;
        let places = places(columns, &own);
        let sense = Sense::new(own, settings);
        let mut survey = Survey::default();
        let (mut rows, mut by_key) = (Vec::new(), HashMap::new());
        for row in sheet.rows().map_err(unreadable)? {
            let row = row.map_err(unreadable)?.map_err(|fault| torn(&sheet, fault.row.number, &fault.message))?;
            survey.note(&row, &sense.columns, &sense.reading);
            for key in sense.keys(&row) {
                if by_key.insert(key.clone(), rows.len()).is_some() {
                    let (name, key, number) = (&sheet.name, key.text(), row.number);
                    let error = format!("`{name}` has several rows for `{key}`, row {number} is one of them");
                    return Err(Failure::new(Kind::Input, error).hint("a base has one row for each referral"));
                }
            }
            rows.push(places.iter().map(|place| taken(&row, *place)).collect());
        }
        let settings = BaseSettings {
            date_format: sense.reading.date_order.map(Into::into),
            decimal: sense.reading.decimal.map(Into::into),
            settled: SettledColumns::of(survey.findings().iter().filter_map(|finding| finding.settled)),
            from_portal: sense.columns.from_portal,
        };
        Ok(Original { name: sheet.name, settings, rows, by_key })
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
