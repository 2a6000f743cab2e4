//! One row, cell by cell.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::doubts;
use super::parts::Parts;
use super::{Ask, Background, Base, Change, Edit, Precision, Request, Was, Wish};
use crate::domain::cell::{Address, Cell, Row};
use crate::domain::create::Draft;
use crate::domain::field::{Field, Kind, Writable};
use crate::domain::heading::{Column, Columns, Layout, Target, target_of};
use crate::domain::identity::{Candidate, Who};
use crate::domain::json::Json;
use crate::domain::patch::Op;
use crate::domain::problem::{Problem, Severity};
use crate::domain::referral::{ETag, ReferralId};
use crate::domain::status::{Status, UNCONFIRMED_SUBSTATUSES};
use crate::domain::value::list::PartComplaint;
use crate::domain::value::plain::shown;
use crate::domain::value::same::is_same;
use crate::domain::value::{self, Complaint, Reading, list};

/// Candidates that one message names.
const CANDIDATES_MAX: usize = 5;

/// Reads one row.
pub struct Reader<'a> {
    row: &'a Row,
    columns: &'a Columns,
    reading: &'a Reading,
    background: &'a Background<'a>,
    problems: Vec<Problem>,
    edits: Vec<Edit>,
}

enum Action {
    Update,
    Create,
    Skip,
}

impl<'a> Reader<'a> {
    pub fn new(row: &'a Row, columns: &'a Columns, reading: &'a Reading, background: &'a Background<'a>) -> Self {
        let edits = Vec::with_capacity(columns.all.len());
        Reader { row, columns, reading, background, problems: Vec::new(), edits }
    }

    pub fn read(mut self) -> Request {
        let action = self.action();
        let id_text = self.text(Target::Id).unwrap_or_default();
        let note = self.text(Target::Note);
        let ask = match (action, &self.background.who) {
            (None, _) => Ask::Invalid,
            (Some(Action::Skip), _) => Ask::Skip,
            (Some(Action::Create), Who::ByCell | Who::Nobody { .. })
            | (Some(Action::Update), Who::Nobody { creates: true }) => self.create(&id_text),
            (Some(Action::Update | Action::Create), _) => self.update(&id_text),
        };
        if self.background.base == Base::NotThere && matches!(&ask, Ask::Update(change) if !change.edits.is_empty()) {
            let found = "the base has no row for this referral: every filled cell counts as a change";
            self.problems.push(Problem { severity: Severity::Warning, ..Problem::of_row(found, "") });
        }
        Request { row: self.row.number, id_text, note, problems: self.problems, ask }
    }

    fn update(&mut self, id_text: &str) -> Ask {
        let referral = self.referral(id_text);
        let etag = self.text(Target::ETag).map(|text| ETag::from_cell(&text));
        self.read_edits(Writable::Patch);
        match (referral, self.problems.iter().any(Problem::is_error)) {
            (Some(referral), false) => {
                Ask::Update(Change { referral, etag, edits: std::mem::take(&mut self.edits), is_divisible: false })
            }
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
            Ask::Create(Draft::Fields(std::mem::take(&mut self.edits)))
        }
    }

    fn action(&mut self) -> Option<Action> {
        match self.text(Target::Action).map(|text| text.to_lowercase()).as_deref() {
            None | Some("update") => Some(Action::Update),
            Some("skip") => Some(Action::Skip),
            Some("create") => Some(Action::Create),
            Some(other) => {
                let complaint = Complaint::new(
                    format!("`{}` is not an action", shown(other)),
                    "accepted: `update`, `skip`, `create`, or blank",
                );
                self.complain(Target::Action, complaint);
                None
            }
        }
    }

    fn referral(&mut self, id_text: &str) -> Option<ReferralId> {
        // It has been said already why the cell cannot be read.
        let place = self.columns.find(Target::Id).map(|id| self.place(id));
        if place.is_some() && self.problems.iter().any(|problem| problem.is_error() && problem.place == place) {
            return None;
        }
        let complaint = match &self.background.who {
            Who::Known(id) => return Some(*id),
            Who::Nobody { .. } => self.unmatched(),
            Who::Several(candidates) => self.ambiguous(candidates),
            Who::ByCell => match (id_text.parse(), self.columns.match_by.field()) {
                (Ok(id), _) => return Some(id),
                (Err(_), Some(key)) if id_text.is_empty() => {
                    let found = format!("the {} is missing", key.label);
                    Complaint::new(found, "each row needs it, or the id of its referral")
                }
                (Err(_), _) => not_an_id(id_text),
            },
        };
        match self.columns.key().filter(|_| id_text.is_empty()) {
            Some(key) => self.complain_at(key, complaint),
            None => self.complain(Target::Id, complaint),
        }
        None
    }

    fn unmatched(&self) -> Complaint {
        let (label, key) = self.key();
        Complaint::new(
            format!("no referral has the {label} `{key}`"),
            "correct it, or create the referral with the action `create` or with --create-missing",
        )
    }

    fn ambiguous(&self, candidates: &[Candidate]) -> Complaint {
        let (label, key) = self.key();
        let named = |candidate: &Candidate| match &candidate.name {
            Some(name) => format!("{} ({name})", candidate.id),
            None => candidate.id.to_string(),
        };
        let list: Vec<String> = candidates.iter().take(CANDIDATES_MAX).map(named).collect();
        let more = match candidates.len() - list.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Complaint::new(
            format!("{} referrals have the {label} `{key}`", candidates.len()),
            format!("put the id of the right one into a column `id`: {}{more}", list.join(", ")),
        )
    }

    fn key(&self) -> (&'static str, String) {
        let label = self.columns.match_by.field().map_or("id", |field| field.label);
        (label, self.columns.key().map(|column| self.row.cell(column.index).to_string()).unwrap_or_default())
    }

    fn read_edits(&mut self, purpose: Writable) {
        if self.columns.layout == Layout::Long {
            self.read_operation(purpose);
        } else {
            self.read_columns(purpose);
        }
        self.check_status_pair();
        self.problems.extend(doubts::postal_code(&self.edits, purpose));
    }

    fn read_columns(&mut self, purpose: Writable) {
        let mut parts: BTreeMap<(&'static str, u16), Parts> = BTreeMap::new();
        let columns = self.columns;
        // What a referral was found by is no wish.
        let key = columns.key().filter(|_| purpose == Writable::Patch && self.background.who != Who::ByCell);
        for column in columns.all.iter().filter(|column| Some(*column) != key) {
            let cell = self.row.cell(column.index);
            if cell.is_blank() {
                self.note_if_emptied(column);
                continue;
            }
            match column.target {
                Target::Field(field) => self.read_field(field, column, cell, purpose),
                Target::Item(list) => self.read_item(list, column, cell),
                Target::Part { list, slot, part } => {
                    let is_edited = self.background.base.cell(column.index) != Some(cell);
                    let item = parts.entry((list.path, slot)).or_insert_with(|| Parts::new(list));
                    match value::part_of(part, cell, self.reading.decimal) {
                        Ok(text) => {
                            item.take(part, text.clone(), column, is_edited);
                            self.doubt(column, value::doubt_of_text(&text));
                        }
                        Err(complaint) => {
                            item.is_spoilt = true;
                            self.complain_at(column, complaint);
                        }
                    }
                }
                Target::Id | Target::ETag | Target::Action | Target::Note | Target::Ignored => {}
                Target::Op | Target::Path | Target::Value | Target::Planned(_) => {
                    unreachable!("a layout of operations has its own reader")
                }
            }
        }
        for parts in parts.into_values().filter(|parts| parts.is_edited && !parts.is_spoilt) {
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

    /// Whoever empties a cell of an exported sheet may well mean to empty the field.
    fn note_if_emptied(&mut self, column: &Column) {
        let had_something = self.background.base.cell(column.index).is_some_and(|was| !was.is_blank());
        if had_something && matches!(column.target, Target::Field(_) | Target::Item(_) | Target::Part { .. }) {
            let accepted = format!("to empty the field, write `{}`", self.reading.clear_word);
            let found = "the cell has been emptied, which changes nothing";
            self.problems.push(Problem::warning(self.place(column), &column.heading, found, accepted));
        }
    }

    fn read_field(&mut self, field: &'static Field, column: &Column, cell: &Cell, purpose: Writable) {
        let place = self.place(column);
        let was = self.background.base.cell(column.index);
        if was.is_some_and(|was| is_same_text(was, cell)) {
            return;
        }
        let base = was.map(|was| self.value_of(field, was)).transpose();
        let base = match base {
            Ok(base) => base,
            // What would not be sent anyway need not be understood.
            Err(_) if purpose == Writable::Patch && field.writable != Writable::Patch => None,
            Err(Complaint { found, accepted }) => {
                self.complain_at(column, Complaint::new(format!("in the base, {found}"), accepted));
                return;
            }
        };
        if base.as_ref().is_some_and(|base| lost_only_zeros(field, cell, base)) {
            let found = "leading zeros have been lost, the field stays as it is";
            self.problems.push(Problem::warning(place, &column.heading, found, "format the cell as text to keep them"));
            return;
        }
        match value::read(field, cell, self.reading) {
            Ok(value) if base.as_ref().is_some_and(|base| is_same(field.kind, Some(&base.value), &value.json)) => {}
            Ok(value) => {
                self.doubt(column, value.doubt);
                let heading = Arc::clone(&column.heading);
                self.edits.push(Edit { field, wish: Wish::Set(value.json), base, place, heading });
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

    /// What a cell of the base said.
    fn value_of(&self, field: &'static Field, was: &Cell) -> Result<Was, Complaint> {
        let other = self.background.base_reading;
        let precision = other.map_or(Precision::Cell, |other| other.precision);
        if was.is_blank() {
            return Ok(Was { value: Json::null(), precision });
        }
        let reading = other.map_or(self.reading, |other| &other.reading);
        Ok(Was { value: value::read(field, was, reading)?.json, precision })
    }

    fn read_item(&mut self, list: &'static Field, column: &Column, cell: &Cell) {
        let item = |cell: &Cell| value::text_of(cell).and_then(|text| list::item(list.kind, &text));
        let was = self.background.base.cell(column.index);
        if was.is_some_and(|was| is_same_text(was, cell)) {
            return;
        }
        match item(cell) {
            Ok(new) => {
                if let Some(was) = was.filter(|was| !was.is_blank()) {
                    let found = format!("`{was}` stays in the list: a list is only added to");
                    let accepted = "to take it out, use the portal";
                    self.problems.push(Problem::warning(self.place(column), &column.heading, found, accepted));
                }
                self.doubt(column, value::doubt_of_text(&cell.to_string()));
                self.edits.push(Edit {
                    field: list,
                    wish: Wish::Append(new),
                    base: None,
                    place: self.place(column),
                    heading: Arc::clone(&column.heading),
                });
            }
            Err(complaint) => self.complain_at(column, complaint),
        }
    }

    /// One row of the long layout: `id, op, path, value`.
    fn read_operation(&mut self, purpose: Writable) {
        let op = self.text(Target::Op).unwrap_or_default().to_lowercase();
        if ![Op::Replace, Op::Add].iter().any(|known| known.word() == op) {
            self.complain(
                Target::Op,
                Complaint::new(format!("`{}` is not an operation", shown(&op)), "accepted: `replace` and `add`"),
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
                let found = format!("`{}` is not a field", shown(&path));
                let complaint = Complaint::new(found, "`refsheet fields` lists the paths");
                self.complain(Target::Path, complaint);
            }
        }
    }

    /// What can be said of a status pair without knowing the referral.
    fn check_status_pair(&mut self) {
        let (Some((status, _)), Some((substatus, edit))) = (self.word(Kind::Status), self.word(Kind::Substatus)) else {
            return;
        };
        let is_confirmed = !UNCONFIRMED_SUBSTATUSES.contains(&substatus.as_ref());
        if is_confirmed && Status::from_words(&status, &substatus).is_none() {
            let accepted = format!("`{status}` goes with {}", Status::substatuses_of(&status).join(", "));
            let found = format!("substatus `{substatus}` does not belong to status `{status}`");
            let problem = Problem::error(edit.place, &edit.heading, found, accepted);
            self.problems.push(problem);
        }
    }

    fn word(&self, kind: Kind) -> Option<(Cow<'_, str>, &Edit)> {
        let edit = self.edits.iter().find(|edit| edit.field.kind == kind)?;
        let Wish::Set(json) = &edit.wish else { return None };
        Some((json.as_str()?, edit))
    }

    fn text(&mut self, target: Target) -> Option<String> {
        let column = self.columns.find(target)?;
        let cell = self.row.cell(column.index);
        // A note is for people; a date in it is a date.
        match if target == Target::Note { value::text_of(cell) } else { value::code_of(cell) } {
            Ok(text) => Some(text.into_owned()).filter(|text| !text.is_empty()),
            Err(complaint) => {
                self.complain_at(column, complaint);
                None
            }
        }
    }

    fn doubt(&mut self, column: &Column, doubt: Option<Complaint>) {
        if let Some(Complaint { found, accepted }) = doubt {
            self.problems.push(Problem::warning(self.place(column), &column.heading, found, accepted));
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

fn not_an_id(text: &str) -> Complaint {
    if text.is_empty() {
        return Complaint::new("the id is missing", "each row needs the id of its referral, a GUID");
    }
    Complaint::new(
        format!("`{}` is not a referral id", shown(text)),
        "an id is a GUID such as 49d90c72-3326-4f61-aacc-2cb57970448c; the engagement id is another one",
    )
}

/// Whether two cells say the same, letter by letter. Spreadsheets write line ends in their own way.
pub(super) fn is_same_text(was: &Cell, is: &Cell) -> bool {
    match (value::text_of(was), value::text_of(is)) {
        (Ok(was), Ok(is)) => was == is || was.replace("\r\n", "\n") == is.replace("\r\n", "\n"),
        _ => was == is,
    }
}

/// Whether a spreadsheet has made a number of a text such as `00123`, which nobody meant as an edit.
fn lost_only_zeros(field: &Field, cell: &Cell, base: &Was) -> bool {
    let (Cell::Number(_), Kind::Code | Kind::Text) = (cell, field.kind) else { return false };
    let digits = value::code_of(cell).unwrap_or_default();
    base.value.as_str().is_some_and(|was| was.starts_with('0') && was.trim_start_matches('0') == digits)
}
