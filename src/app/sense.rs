//! How the rows of a sheet are to be understood: what a run needs besides the cells.

use std::borrow::Cow;

use super::misread::describe;
use super::settings::SheetSettings;
use crate::domain::cell::Row;
use crate::domain::change::{Background, Base, BaseReading, Request};
use crate::domain::heading::{Column, Columns, Target};
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
    /// How the cells of the base are read, if the sheet has one.
    pub base_reading: Option<BaseReading>,
}

impl Sense {
    /// For columns that are understood, with what the user says about cells.
    pub fn new(columns: Columns, settings: &SheetSettings) -> Sense {
        let reading = columns.reading(settings.reading());
        let base_reading = settings.base.as_ref().map(|base| base.reading(settings));
        Sense { columns, reading, base_reading }
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

    /// The same for another thread.
    pub fn apart(&self) -> Sense {
        Sense { columns: self.columns.apart(), ..self.clone() }
    }

    /// What a row of a sheet asks for.
    pub fn request(&self, row: &Row, who: Who, base: Base) -> Request {
        let background = Background { who, base, base_reading: self.base_reading.as_ref() };
        Request::read(row, &self.columns, &self.reading, &background)
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
        self.request(row, who, base)
    }

    /// The id cell as it stands.
    pub fn id_text(&self, row: &Row) -> String {
        let cell = self.columns.find(Target::Id).map(|column| row.cell(column.index));
        cell.and_then(|cell| value::text_of(cell).ok()).unwrap_or_default().into_owned()
    }

    /// In a plan, which rows are one write.
    pub fn group(&self, row: &Row) -> Option<String> {
        let column = self.columns.find(Target::Planned(Part::Group))?;
        Some(row.cell(column.index).to_string()).filter(|group| !group.is_empty())
    }

    /// All that tells the row's referral from others: its id first, then what rows are matched by. Nothing for a row
    /// that says neither.
    pub fn keys(&self, row: &Row) -> Vec<Key> {
        let by_id = self.id_key(row).map(|key| Key::Id(key.into_owned()));
        let by_other = self.other_key(row).map(|key| Key::Other(key.into_owned()));
        by_id.into_iter().chain(by_other).collect()
    }

    /// The first of these, as it is compared.
    pub fn key<'r>(&self, row: &'r Row) -> Option<Cow<'r, str>> {
        self.id_key(row).or_else(|| self.other_key(row))
    }

    fn id_key<'r>(&self, row: &'r Row) -> Option<Cow<'r, str>> {
        key(MatchBy::Id, self.columns.find(Target::Id), row)
    }

    fn other_key<'r>(&self, row: &'r Row) -> Option<Cow<'r, str>> {
        key(self.columns.match_by, self.columns.key(), row)
    }
}

fn key<'r>(by: MatchBy, column: Option<&Column>, row: &'r Row) -> Option<Cow<'r, str>> {
    by.key_of(row.cell(column?.index)).ok().filter(|key| !key.is_empty())
}

/// What tells referrals apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// The referral's id.
    Id(String),
    /// What rows are matched by.
    Other(String),
}

impl Key {
    /// As it is compared.
    pub fn text(&self) -> &str {
        match self {
            Key::Id(text) | Key::Other(text) => text,
        }
    }
}
