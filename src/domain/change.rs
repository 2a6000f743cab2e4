//! What a row asks for: a change of one referral, a new referral, or nothing.
//!
//! This is where cells lose their columns and become wishes about fields. All that is wrong with the row is
//! collected; a row with an error asks for nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cell::{Address, Cell, Row};
use super::field::{Field, Kind, Writable};
use super::heading::{Column, Columns, Target, target_of};
use super::json::Json;
use super::patch::Op;
use super::problem::{Problem, Severity};
use super::referral::{ETag, ReferralId};
use super::status::Status;
use super::value::amount::DecimalMark;
use super::value::list::PartComplaint;
use super::value::moment::DateOrder;
use super::value::{self, Complaint, Reading, list};

/// A row, understood.
#[derive(Debug, Clone)]
pub struct Request {
    /// The row's number in the sheet.
    pub row: u32,
    /// The id cell as it stands, for the report.
    pub id_text: String,
    /// The user's own note.
    pub note: Option<String>,
    /// All that is wrong with the row; warnings too.
    pub problems: Vec<Problem>,
    /// What it asks for.
    pub ask: Ask,
}

/// What a row asks for.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Change a referral.
    Update(Change),
    /// Create one from these fields.
    Create(Vec<Edit>),
    /// Leave it alone: the row's action says `skip`.
    Skip,
    /// Nothing, because of the problems.
    Invalid,
}

/// A wished change of one referral. Not yet compared with what the service holds.
#[derive(Debug, Clone)]
pub struct Change {
    /// Which referral.
    pub referral: ReferralId,
    /// The version that the sheet was made from, if it has an eTag column.
    pub etag: Option<ETag>,
    /// The wishes, in sheet order.
    pub edits: Vec<Edit>,
}

/// One wish about one field.
#[derive(Debug, Clone)]
pub struct Edit {
    /// The field.
    pub field: &'static Field,
    /// What is wished.
    pub wish: Wish,
    /// The cell that says so.
    pub place: Address,
    /// The heading of its column.
    pub heading: Arc<str>,
}

/// What is wished for a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// It shall be this; `null` clears it.
    Set(Json),
    /// This shall be in the list.
    Append(Json),
}

impl Request {
    /// Understands one row of a sheet.
    pub fn read(row: &Row, columns: &Columns, reading: &Reading) -> Request {
        Reader { row, columns, reading: for_columns(reading, columns), problems: Vec::new(), edits: Vec::new() }.read()
    }
}

/// A portal file has its dates and amounts in the portal's form, unless the user says otherwise.
fn for_columns(reading: &Reading, columns: &Columns) -> Reading {
    let date_order = reading.date_order.or(columns.from_portal.then_some(DateOrder::MonthDayYear));
    let decimal = reading.decimal.or(columns.from_portal.then_some(DecimalMark::Point));
    Reading { date_order, decimal, ..reading.clone() }
}

struct Reader<'a> {
    row: &'a Row,
    columns: &'a Columns,
    reading: Reading,
    problems: Vec<Problem>,
    edits: Vec<Edit>,
}

enum Action {
    Update,
    Create,
    Skip,
}

impl Reader<'_> {
    fn read(mut self) -> Request {
        let action = self.action();
        let id_text = self.text(Target::Id).unwrap_or_default();
        let note = self.text(Target::Note);
        let ask = match action {
            Some(Action::Skip) => Ask::Skip,
            Some(Action::Create) => self.create(&id_text),
            Some(Action::Update) => self.update(&id_text),
            None => Ask::Invalid,
        };
        Request { row: self.row.number, id_text, note, problems: self.problems, ask }
    }

    fn update(&mut self, id_text: &str) -> Ask {
        let referral = self.referral(id_text);
        let etag = self.text(Target::ETag).map(|text| ETag::from_cell(&text));
        self.read_edits(Writable::Patch);
        match (referral, self.problems.iter().any(Problem::is_error)) {
            (Some(referral), false) => Ask::Update(Change { referral, etag, edits: std::mem::take(&mut self.edits) }),
            _ => Ask::Invalid,
        }
    }

    fn create(&mut self, id_text: &str) -> Ask {
        if !id_text.is_empty() {
            self.complain(
                Target::Id,
                Complaint::new("a referral to be created has no id yet", "clear the id, or the action"),
            );
        }
        self.read_edits(Writable::Create);
        if self.problems.iter().any(Problem::is_error) {
            Ask::Invalid
        } else {
            Ask::Create(std::mem::take(&mut self.edits))
        }
    }

    fn action(&mut self) -> Option<Action> {
        match self.text(Target::Action).map(|text| text.to_lowercase()).as_deref() {
            None | Some("update") => Some(Action::Update),
            Some("skip") => Some(Action::Skip),
            Some("create") => Some(Action::Create),
            Some(other) => {
                let complaint = Complaint::new(
                    format!("`{other}` is not an action"),
                    "accepted: `update`, `skip`, `create`, or blank",
                );
                self.complain(Target::Action, complaint);
                None
            }
        }
    }

    fn referral(&mut self, id_text: &str) -> Option<ReferralId> {
        if id_text.is_empty() {
            self.complain(
                Target::Id,
                Complaint::new("the id is missing", "each row needs the id of its referral, a GUID"),
            );
            return None;
        }
        match id_text.parse() {
            Ok(id) => Some(id),
            Err(_) => {
                let complaint = Complaint::new(
                    format!("`{id_text}` is not a referral id"),
                    "an id is a GUID such as 49d90c72-3326-4f61-aacc-2cb57970448c; the engagement id is another one",
                );
                self.complain(Target::Id, complaint);
                None
            }
        }
    }

    fn read_edits(&mut self, purpose: Writable) {
        if self.columns.is_long() {
            self.read_operation(purpose);
        } else {
            self.read_columns(purpose);
        }
        self.check_status_pair();
    }

    fn read_columns(&mut self, purpose: Writable) {
        let mut parts: BTreeMap<(&'static str, u16), Parts> = BTreeMap::new();
        let columns = self.columns;
        for column in &columns.all {
            let cell = self.row.cell(column.index);
            if cell.is_blank() {
                continue;
            }
            match column.target {
                Target::Field(field) => self.read_field(field, column, cell, purpose),
                Target::Item(list) => self.read_item(list, column, cell),
                Target::Part { list, slot, part } => match value::code_of(cell) {
                    Ok(text) => {
                        parts.entry((list.path, slot)).or_insert_with(|| Parts::new(list)).take(part, text, column);
                    }
                    Err(complaint) => self.complain_at(column, complaint),
                },
                Target::Id | Target::ETag | Target::Action | Target::Note | Target::Ignored => {}
                Target::Op | Target::Path | Target::Value => unreachable!("a layout of operations has its own reader"),
            }
        }
        for parts in parts.into_values() {
            match list::of_parts(parts.list.kind, &parts.texts) {
                Ok(item) => self.edits.push(parts.append(item, self.row.number)),
                Err(PartComplaint { part, complaint: Complaint { found, accepted } }) => {
                    let (column, heading) = parts.place_of(part);
                    let place = Address { column, row: self.row.number };
                    self.problems.push(Problem::error(place, heading, found, accepted));
                }
            }
        }
    }

    fn read_field(&mut self, field: &'static Field, column: &Column, cell: &Cell, purpose: Writable) {
        let place = self.place(column);
        match value::read(field, cell, &self.reading) {
            Ok(value) => {
                if let Some(doubt) = value.doubt {
                    self.problems.push(Problem::warning(place, &column.heading, doubt.found, doubt.accepted));
                }
                self.edits.push(Edit {
                    field,
                    wish: Wish::Set(value.json),
                    place,
                    heading: Arc::clone(&column.heading),
                });
            }
            // What would not be sent anyway cannot make the row invalid.
            Err(complaint) if purpose == Writable::Patch && field.writable != Writable::Patch => {
                self.problems.push(Problem::warning(
                    place,
                    &column.heading,
                    complaint.found,
                    "ignored, this column is not sent",
                ));
            }
            Err(complaint) => self.complain_at(column, complaint),
        }
    }

    fn read_item(&mut self, list: &'static Field, column: &Column, cell: &Cell) {
        match value::text_of(cell).and_then(|text| list::item(list.kind, &text)) {
            Ok(item) => self.edits.push(Edit {
                field: list,
                wish: Wish::Append(item),
                place: self.place(column),
                heading: Arc::clone(&column.heading),
            }),
            Err(complaint) => self.complain_at(column, complaint),
        }
    }

    /// One row of the long layout: `id, op, path, value`.
    fn read_operation(&mut self, purpose: Writable) {
        let op = self.text(Target::Op).unwrap_or_default().to_lowercase();
        if ![Op::Replace, Op::Add].iter().any(|known| known.word() == op) {
            self.complain(
                Target::Op,
                Complaint::new(format!("`{op}` is not an operation"), "accepted: `replace` and `add`"),
            );
        }
        let path = self.text(Target::Path).unwrap_or_default();
        let Some(column) = self.columns.find(Target::Value) else { return };
        let cell = self.row.cell(column.index);
        match target_of(&path) {
            Some(Target::Field(field)) if field.writable == Writable::Patch && !cell.is_blank() => {
                self.read_field(field, column, cell, purpose);
            }
            Some(Target::Item(list)) if !cell.is_blank() => self.read_item(list, column, cell),
            Some(Target::Field(field)) if field.writable != Writable::Patch => {
                let complaint =
                    Complaint::new(format!("`{path}` cannot be changed"), "`refsheet fields` lists what can");
                self.complain(Target::Path, complaint);
            }
            Some(Target::Field(_) | Target::Item(_)) => {
                self.complain(Target::Value, Complaint::new("the value is missing", "write a value, or `(clear)`"));
            }
            _ => {
                let complaint = Complaint::new(format!("`{path}` is not a field"), "`refsheet fields` lists the paths");
                self.complain(Target::Path, complaint);
            }
        }
    }

    /// What can be said of a status pair without knowing the referral.
    fn check_status_pair(&mut self) {
        let (Some(status), Some(substatus)) = (self.word("/status"), self.word("/substatus")) else { return };
        if Status::from_words(&status.0, &substatus.0).is_none() {
            let accepted = format!("`{}` goes with {}", status.0, Status::substatuses_of(&status.0).join(", "));
            let found = format!("substatus `{}` does not belong to status `{}`", substatus.0, status.0);
            self.problems.push(Problem::error(substatus.1, &substatus.2, found, accepted));
        }
    }

    fn word(&self, path: &str) -> Option<(String, Address, Arc<str>)> {
        let edit = self.edits.iter().find(|edit| edit.field.path == path)?;
        let Wish::Set(json) = &edit.wish else { return None };
        Some((json.value().as_str()?.to_owned(), edit.place, Arc::clone(&edit.heading)))
    }

    fn text(&mut self, target: Target) -> Option<String> {
        let column = self.columns.find(target)?;
        match value::code_of(self.row.cell(column.index)) {
            Ok(text) => Some(text).filter(|text| !text.is_empty()),
            Err(complaint) => {
                self.complain_at(column, complaint);
                None
            }
        }
    }

    fn place(&self, column: &Column) -> Address {
        Address { column: column.index, row: self.row.number }
    }

    fn complain(&mut self, target: Target, complaint: Complaint) {
        match self.columns.find(target) {
            Some(column) => self.complain_at(column, complaint),
            None => self.problems.push(Problem::of_row(complaint.found, complaint.accepted)),
        }
    }

    fn complain_at(&mut self, column: &Column, complaint: Complaint) {
        self.problems.push(Problem {
            severity: Severity::Error,
            place: Some(self.place(column)),
            heading: Arc::clone(&column.heading),
            found: complaint.found,
            accepted: complaint.accepted,
        });
    }
}

/// The parts of one list item, gathered from several columns.
struct Parts {
    list: &'static Field,
    texts: BTreeMap<&'static str, String>,
    /// Where each part stands, the first one first.
    places: Vec<(&'static str, u32, Arc<str>)>,
}

impl Parts {
    fn new(list: &'static Field) -> Self {
        Parts { list, texts: BTreeMap::new(), places: Vec::new() }
    }

    fn take(&mut self, part: &'static str, text: String, column: &Column) {
        self.texts.insert(part, text);
        self.places.push((part, column.index, Arc::clone(&column.heading)));
    }

    /// The column of a part, or of the first one.
    fn place_of(&self, part: Option<&str>) -> (u32, &Arc<str>) {
        let found = self.places.iter().find(|place| Some(place.0) == part).or(self.places.first());
        let (_, column, heading) = found.expect("an item is made when its first part is taken");
        (*column, heading)
    }

    fn append(&self, item: Json, row: u32) -> Edit {
        let (column, heading) = self.place_of(None);
        let place = Address { column, row };
        Edit { field: self.list, wish: Wish::Append(item), place, heading: Arc::clone(heading) }
    }
}

impl Edit {
    /// Whether the service takes a patch of it.
    pub fn is_sent(&self) -> bool {
        match self.wish {
            Wish::Set(_) => self.field.writable == Writable::Patch,
            Wish::Append(_) => self.field.takes_appends(),
        }
    }

    /// Whether its field holds several values at once.
    pub fn is_of_list(&self) -> bool {
        matches!(self.field.kind, Kind::Members | Kind::Solutions)
    }
}

#[cfg(test)]
mod tests;
