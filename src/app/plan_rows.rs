//! What can be wrong with the rows of a plan that only shows beside what people read in them, and beside each other.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use rust_decimal::Decimal;

use super::misread::unreadable;
use super::sense::Sense;
use super::settings::Bite;
use crate::domain::cell::{Address, Cell, Row};
use crate::domain::change::{Ask, Base, Change, Edit, Request, Wish};
use crate::domain::create::Draft;
use crate::domain::heading::{Column, Columns, Layout};
use crate::domain::identity::Who;
use crate::domain::json::Json;
use crate::domain::planned::SHOWN;
use crate::domain::problem::Problem;
use crate::error::Failure;
use crate::report;
use crate::sheet::Sheet;

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
    /// Goes through the rows of a plan; those of other sheets are none of its business.
    pub fn of(sheet: &Sheet, sense: &Sense, bite: &Bite) -> Result<PlanRows, Failure> {
        let mut plan_rows = PlanRows::default();
        if sense.columns.layout != Layout::Plan {
            return Ok(plan_rows);
        }
        for row in sheet.rows().map_err(unreadable)? {
            let Ok(row) = row.map_err(unreadable)? else { continue };
            let request = sense.request(&row, Who::ByCell, Base::Absent);
            if let Some((field, value)) = plan_rows.wish(&request, &row, sense).filter(|_| bite.holds(row.number)) {
                let value = plan_rows.hasher.hash_one(value.text());
                plan_rows.wishes.push((field, value));
            }
        }
        plan_rows.wishes.sort_unstable();
        plan_rows.wishes.dedup();
        let twice = plan_rows.wishes.windows(2).filter(|two| two[0].0 == two[1].0);
        plan_rows.at_odds = twice.map(|two| two[0].0).collect();
        plan_rows.wishes = Vec::new();
        Ok(plan_rows)
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
