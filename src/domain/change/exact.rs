//! One row of a plan: nothing to interpret, so whatever is not as the program wrote it is refused.

use std::sync::Arc;

use super::{Ask, Change, Draft, Edit, Precision, Request, Was, Wish};
use crate::domain::cell::{Address, Cell, Row};
use crate::domain::field::Field;
use crate::domain::heading::{Columns, Target};
use crate::domain::json::Json;
use crate::domain::planned::{NO_ETAG, NOT_READ, Part};
use crate::domain::problem::Problem;
use crate::domain::referral::ETag;

const ACCEPTED: &str = "this column is the program's own: plan the sheet again";

/// What a row of a plan asks for. Rows without a path and a value were planned to send nothing.
pub fn request(row: &Row, columns: &Columns) -> Request {
    let cells = Cells { row, columns };
    let id_text = cells.text(Target::Id);
    let (ask, problems) = match cells.ask(&id_text) {
        Ok(ask) => (ask, Vec::new()),
        Err(problem) => (Ask::Invalid, vec![problem]),
    };
    Request { row: row.number, id_text, note: None, problems, ask }
}

fn exact(value: Json) -> Was {
    Was { value, precision: Precision::Exact }
}

struct Cells<'a> {
    row: &'a Row,
    columns: &'a Columns,
}

impl Cells<'_> {
    fn ask(&self, id_text: &str) -> Result<Ask, Problem> {
        let path = self.text(Target::Path);
        let new = self.json(Part::New)?;
        let is_skipped = !self.text(Target::Planned(Part::Skip)).is_empty();
        let new = match new {
            _ if is_skipped => return Ok(Ask::Skip),
            None if path.is_empty() => return Ok(Ask::Skip),
            None => return Err(self.unknown(Target::Planned(Part::New), "is no value: it was too long for the plan")),
            Some(new) => new,
        };
        if path.is_empty() && id_text.is_empty() && new.text().starts_with('{') {
            return Ok(Ask::Create(Draft::Document(new)));
        }
        let Ok(referral) = id_text.parse() else { return Err(self.unknown(Target::Id, "is not a referral id")) };
        let (pointer, is_item) = path.strip_suffix("/-").map_or((path.as_str(), false), |list| (list, true));
        let Some(field) = Field::by_path(pointer) else { return Err(self.unknown(Target::Path, "is not a field")) };
        let (place, heading) = (self.place(Target::Path).0, Arc::from(field.label));
        let edit = match is_item {
            true => Edit { field, wish: Wish::Append(new), base: None, place, heading },
            false => Edit { field, wish: Wish::Set(new), base: self.was()?, place, heading },
        };
        if !edit.is_sent() {
            return Err(self.unknown(Target::Path, "cannot be changed"));
        }
        let etag = self.etag()?;
        Ok(Ask::Update(Change { referral, etag, edits: vec![edit], is_divisible: true, is_on_base: true }))
    }

    /// What the field was. Only the plan itself can say that it does not know: a cell that has been emptied must not
    /// take the guard away.
    fn was(&self) -> Result<Option<Was>, Problem> {
        if self.text(Target::Planned(Part::Was)) == NOT_READ {
            return Ok(None);
        }
        let was = self.json(Part::Was)?.ok_or_else(|| self.missing(Target::Planned(Part::Was)))?;
        Ok(Some(exact(was)))
    }

    /// The version that the change was planned against; none if the plan says that there is none.
    fn etag(&self) -> Result<Option<ETag>, Problem> {
        match self.text(Target::ETag).as_str() {
            "" => Err(self.missing(Target::ETag)),
            NO_ETAG => Ok(None),
            text => Ok(Some(ETag::from_cell(text))),
        }
    }

    fn json(&self, part: Part) -> Result<Option<Json>, Problem> {
        let text = self.text(Target::Planned(part));
        if text.is_empty() {
            return Ok(None);
        }
        Json::parse(text).map(Some).map_err(|_| self.unknown(Target::Planned(part), "is not JSON"))
    }

    fn text(&self, target: Target) -> String {
        match self.columns.find(target).map(|column| self.row.cell(column.index)) {
            None | Some(Cell::Blank) => String::new(),
            // Spreadsheets like to take such texts for numbers; nothing is lost that way, or it does not fit the base.
            Some(cell) => cell.to_string(),
        }
    }

    fn unknown(&self, target: Target, why: &str) -> Problem {
        let (place, heading) = self.place(target);
        Problem::error(place, &heading, format!("`{}` {why}", self.text(target)), ACCEPTED)
    }

    fn missing(&self, target: Target) -> Problem {
        let (place, heading) = self.place(target);
        Problem::error(place, &heading, "the cell has been emptied", ACCEPTED)
    }

    fn place(&self, target: Target) -> (Address, Arc<str>) {
        let column = self.columns.find(target);
        let place = Address { column: column.map_or(0, |column| column.index), row: self.row.number };
        (place, column.map_or_else(|| "".into(), |column| Arc::clone(&column.heading)))
    }
}
