//! How the rows of a sheet are to be understood: what a run needs besides the cells.

use super::intake::describe;
use super::settings::SheetSettings;
use crate::domain::cell::Row;
use crate::domain::change::{Background, Base, Request};
use crate::domain::heading::{Columns, Target};
use crate::domain::identity::{MatchBy, Who};
use crate::domain::planned::Part;
use crate::domain::referral::ReferralId;
use crate::domain::value::{self, Reading};
use crate::error::{Failure, Kind};

/// How rows are to be understood.
#[derive(Clone)]
pub struct Sense {
    /// What each column is for.
    pub columns: Columns,
    /// How cells are read.
    pub reading: Reading,
}

impl Sense {
    /// For columns that are understood, with what the user says about cells.
    pub fn new(columns: Columns, settings: &SheetSettings) -> Sense {
        let reading = columns.reading(settings.reading());
        Sense { columns, reading }
    }

    /// How the rows of a run were to be understood, from its ledger.
    pub fn of_run(headings: &[(u32, String)], settings: &SheetSettings) -> Result<Sense, Failure> {
        let headings = headings.iter().map(|(column, text)| (*column, text.as_str()));
        let columns = Columns::resolve(headings, &settings.naming()).map_err(|problems| {
            let mut failure = Failure::new(Kind::Stopped, "the headings of the run are not understood any more");
            failure.details = problems.iter().map(describe).collect();
            failure
        })?;
        Ok(Sense::new(columns, settings))
    }

    /// What a row of a sheet asks for.
    pub fn request(&self, row: &Row, background: &Background) -> Request {
        Request::read(row, &self.columns, &self.reading, background)
    }

    /// What a row of a run asks for, of which the ledger knows which referral it was found to be about.
    pub fn request_again(&self, row: &Row, referral: Option<ReferralId>, base: Base) -> Request {
        let who = match (self.columns.match_by, referral) {
            _ if !self.id_text(row).is_empty() => Who::ByCell,
            (MatchBy::Id, _) => Who::ByCell,
            (_, Some(referral)) => Who::Known(referral),
            // Rows without a referral that were not settled when they were taken in are those that create one.
            (_, None) => Who::Nobody { creates: true },
        };
        self.request(row, &Background { who, base })
    }

    /// The id cell as it stands.
    pub fn id_text(&self, row: &Row) -> String {
        let cell = self.columns.find(Target::Id).map(|column| row.cell(column.index));
        cell.and_then(|cell| value::text_of(cell).ok()).unwrap_or_default()
    }

    /// In a plan, which rows are one write.
    pub fn group(&self, row: &Row) -> Option<String> {
        let column = self.columns.find(Target::Planned(Part::Group))?;
        Some(row.cell(column.index).to_string()).filter(|group| !group.is_empty())
    }

    /// What tells the row's referral from others: its id, or what rows are matched by; none for a row that says neither.
    pub fn key(&self, row: &Row) -> Option<String> {
        let by_id = self.columns.find(Target::Id).and_then(|column| MatchBy::Id.key_of(row.cell(column.index)).ok());
        let by_key = || self.columns.match_by.key_of(row.cell(self.columns.key()?.index)).ok();
        by_id.filter(|key| !key.is_empty()).or_else(by_key).filter(|key| !key.is_empty())
    }
}
