//! What can be wrong with the rows of a plan that only shows beside what people read in them, and beside each other.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use rust_decimal::Decimal;

use super::sense::Sense;
use crate::domain::cell::{Address, Cell, Row};
use crate::domain::change::{Ask, Base, Change, Edit, Request, Wish};
use crate::domain::create::Draft;
use crate::domain::heading::{Column, Columns, Layout};
use crate::domain::identity::Who;
use crate::domain::json::Json;
use crate::domain::planned::SHOWN;
use crate::domain::problem::Problem;
use crate::report;

/// Looks for rows that set one field of one write to different values. Takes sixteen bytes a row until it has gone
/// through all of them.
#[derive(Default)]
pub struct PlanRows {
    hasher: RandomState,
    /// Which field of which write, and what it is set to.
    wishes: Vec<(u64, u64)>,
    at_odds: HashSet<u64>,
}

impl PlanRows {
    /// Takes a row into account.
    pub fn note(&mut self, row: &Row, sense: &Sense) {
        if sense.columns.layout != Layout::Plan {
            return;
        }
        let request = sense.request(row, Who::ByCell, Base::Absent);
        if let Some((field, value)) = self.wish(&request, row, sense) {
            self.wishes.push((field, self.hasher.hash_one(value.text())));
        }
    }

    /// The same after the last one.
    pub fn noted(mut self) -> PlanRows {
        self.wishes.sort_unstable();
        self.wishes.dedup();
        self.at_odds = self.wishes.windows(2).filter(|two| two[0].0 == two[1].0).map(|two| two[0].0).collect();
        self.wishes = Vec::new();
        self
    }

    /// Why a row must not be sent.
    pub fn remarks(&self, row: &Row, sense: &Sense, request: &Request) -> Vec<Problem> {
        if sense.columns.layout != Layout::Plan {
            return Vec::new();
        }
        let edited = edited_by_hand(row, &sense.columns, request);
        let is_at_odds = |(field, _): &(u64, &Json)| self.at_odds.contains(field);
        let at_odds = self.wish(request, row, sense).filter(is_at_odds).map(|_| {
            let found = "other rows of this plan set the same field to something else";
            error(row, &sense.columns, found.to_owned(), "plan the sheet again, or mark all but one of them to skip")
        });
        edited.into_iter().chain(at_odds).collect()
    }

    fn wish<'r>(&self, request: &'r Request, row: &Row, sense: &Sense) -> Option<(u64, &'r Json)> {
        let Ask::Update(Change { referral, edits, .. }) = &request.ask else { return None };
        match edits.as_slice() {
            [Edit { field, wish: Wish::Set(value), .. }] => {
                Some((self.hasher.hash_one((sense.group(row), referral.to_string(), field.path)), value))
            }
            _ => None,
        }
    }
}

/// What people read is written for them; `apply` reads the hidden value. Whoever has changed the one wants something
/// that the other does not say.
fn edited_by_hand(row: &Row, columns: &Columns, request: &Request) -> Option<Problem> {
    let cell = row.cell(shown(columns)?.index);
    let (path, new) = match &request.ask {
        Ask::Update(Change { edits, .. }) => match edits.first()? {
            Edit { field, wish: Wish::Set(new), .. } => (field.path.to_owned(), new),
            Edit { field, wish: Wish::Append(new), .. } => (format!("{}/-", field.path), new),
        },
        Ask::Create(Draft::Document(document)) => (String::new(), document),
        Ask::Create(Draft::Fields(_)) | Ask::Skip | Ask::Invalid => return None,
    };
    let written = report::new_value(&path, new);
    if is_still(cell, &written, new) {
        return None;
    }
    let found = format!("`{cell}` is not what was planned, which is `{written}`");
    let accepted = "a plan is applied as it is: edit the sheet and plan it again, or mark the row to skip";
    Some(error(row, columns, found, accepted))
}

/// Whether a cell says what was written into it. Spreadsheets like to take texts for numbers.
fn is_still(cell: &Cell, written: &str, new: &Json) -> bool {
    let is_same_number = || match (cell, new.decimal()) {
        (Cell::Number(_), Some(planned)) => cell.to_string().parse().is_ok_and(|number: Decimal| number == planned),
        _ => false,
    };
    cell.to_string() == Cell::Text(written.to_owned()).to_string() || is_same_number()
}

fn error(row: &Row, columns: &Columns, found: String, accepted: &str) -> Problem {
    match shown(columns) {
        Some(column) => {
            Problem::error(Address { column: column.index, row: row.number }, &column.heading, found, accepted)
        }
        None => Problem::of_row(found, accepted),
    }
}

fn shown(columns: &Columns) -> Option<&Column> {
    columns.all.iter().find(|column| &*column.heading == SHOWN)
}
