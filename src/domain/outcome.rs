//! How rows end: exactly one outcome each, from a closed set, with all that the report shows.

use std::ops::{AddAssign, Index, IndexMut};

use jiff::Timestamp;
use json_patch::jsonptr::Pointer;
use rust_decimal::Decimal;

use super::create;
use super::json::Json;
use super::merge::Clash;
use super::plan::FieldChange;
use super::problem::Problem;
use super::referral::ETag;

/// How a row ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The service confirmed it, or it was read back and holds.
    Applied,
    /// The referral holds these values already; nothing was sent.
    Unchanged,
    /// The row's action says so.
    Skipped,
    /// In a plan: this would be sent.
    Planned,
    /// The sheet's fault; nothing was sent.
    Invalid,
    /// The service said no.
    Refused,
    /// Someone else changed the same field, or the eTag is stale.
    Conflict,
    /// Gave up after the allowed attempts.
    Failed,
    /// The reply was lost and it could not be looked up.
    InDoubt,
    /// The run stopped before this row.
    NotReached,
}

/// A row at its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// The row's number in the sheet.
    pub row: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// The referral's name, if it was read.
    pub name: Option<String>,
    /// The id that the service gave to a created referral.
    pub created_id: Option<String>,
    /// The deal as a plan would leave it: for adding values up, kept nowhere.
    pub deal: Option<Deal>,
    /// What changed, or would have changed, from what to what.
    pub changes: Vec<FieldChange>,
    /// Errors and warnings with their cells.
    pub problems: Vec<Problem>,
    /// Where two changes met.
    pub clashes: Vec<Clash>,
    /// Why it ended so, when neither problems nor clashes say it: the service's own words, or ours.
    pub reason: Option<String>,
    /// The last attempt's HTTP status.
    pub http: Option<u16>,
    /// The service's error code.
    pub error_code: Option<String>,
    /// The service's id of the last call.
    pub request_id: Option<String>,
    /// Writes that left for the service.
    pub attempts: u32,
    /// From the first request about this row to its end.
    pub milliseconds: u64,
    /// When the last write left.
    pub sent_at: Option<Timestamp>,
    /// The version that was changed.
    pub etag_before: Option<ETag>,
    /// The version that came of it, if the service told it; of a conflict, the version that is there now.
    pub etag_after: Option<ETag>,
    /// The patch as it was sent or would be sent.
    pub patch: Option<Json>,
    /// Whether no correction of the row can help: what an undo cannot take back.
    pub is_final: bool,
}

/// What a referral is worth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deal {
    /// The deal value.
    pub value: Decimal,
    /// Its currency, if the referral says so.
    pub currency: Option<String>,
}

/// How many rows ended how. They add up to the rows of the sheet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally([u64; Outcome::ALL.len()]);

impl Outcome {
    /// All outcomes, the good ones first.
    pub const ALL: [Outcome; 10] = [
        Outcome::Applied,
        Outcome::Unchanged,
        Outcome::Skipped,
        Outcome::Planned,
        Outcome::Invalid,
        Outcome::Refused,
        Outcome::Conflict,
        Outcome::Failed,
        Outcome::InDoubt,
        Outcome::NotReached,
    ];

    /// The word in the report and on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Applied => "applied",
            Outcome::Unchanged => "unchanged",
            Outcome::Skipped => "skipped",
            Outcome::Planned => "planned",
            Outcome::Invalid => "invalid",
            Outcome::Refused => "refused",
            Outcome::Conflict => "conflict",
            Outcome::Failed => "failed",
            Outcome::InDoubt => "in doubt",
            Outcome::NotReached => "not reached",
        }
    }

    /// The outcome with this word.
    pub fn from_word(word: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// What it means, in a sentence for the report.
    pub fn meaning(self) -> &'static str {
        match self {
            Outcome::Applied => "the service confirmed the change",
            Outcome::Unchanged => "the referral held these values already, nothing was sent",
            Outcome::Skipped => "the row's action says skip",
            Outcome::Planned => "this would be sent",
            Outcome::Invalid => "something in the row is wrong, nothing was sent",
            Outcome::Refused => "the service said no",
            Outcome::Conflict => "someone else changed the referral",
            Outcome::Failed => "given up after several attempts",
            Outcome::InDoubt => "the answer was lost and could not be looked up",
            Outcome::NotReached => "the run stopped before this row",
        }
    }

    /// Whether the row is as its author wanted it, or was left alone as wanted.
    pub fn is_well(self) -> bool {
        matches!(self, Outcome::Applied | Outcome::Unchanged | Outcome::Skipped | Outcome::Planned)
    }

    /// Whether the row counts as failed for `--max-failures`.
    pub fn is_failure(self) -> bool {
        matches!(self, Outcome::Refused | Outcome::Conflict | Outcome::Failed | Outcome::InDoubt)
    }

    /// What a person does next about a row that ended so.
    pub fn remedy(self, http: Option<u16>) -> &'static str {
        match (self, http) {
            (Outcome::Applied | Outcome::Unchanged | Outcome::Skipped, _) => "",
            (Outcome::Planned, _) => "run `refsheet apply` to send it",
            (Outcome::Invalid, _) => "correct the row on the sheet `To fix` and apply that sheet",
            (Outcome::Refused, Some(404)) => "check the id: this referral does not exist or is not yours to see",
            (Outcome::Refused, Some(403)) => "ask for the role Referrals admin, or for access to this referral",
            (Outcome::Refused, _) => "read the service's answer, correct the row and apply it again",
            (Outcome::Conflict, _) => {
                "look at both values and decide: on the sheet `To fix` take the row out to keep theirs, or apply it to set yours"
            }
            (Outcome::Failed, _) => "apply the row again later",
            (Outcome::InDoubt, _) => "`refsheet resume` looks it up; until then, look at the referral in the portal",
            (Outcome::NotReached, _) => "`refsheet resume` goes on with it",
        }
    }

    fn index(self) -> usize {
        self as usize
    }
}

impl Settled {
    /// Whether the row creates a referral, or may have done so: its document is one, and no list of operations.
    pub fn creates(&self) -> bool {
        self.patch.as_ref().is_some_and(|patch| patch.text().starts_with('{'))
    }

    /// What a person does next about it.
    pub fn remedy(&self) -> &'static str {
        let own = self.patch.as_ref().filter(|_| self.creates()).map(create::external_id);
        match (self.outcome, own) {
            _ if self.is_final => "there is nothing to correct: it stays as it is",
            (Outcome::InDoubt, Some(None)) => {
                "nobody can look it up without a CRM ID: look for the referral in the portal; only if it is not there, `refsheet resume --repeat-creates` creates it"
            }
            (Outcome::InDoubt, Some(Some(_))) => {
                "`refsheet resume` looks for its CRM ID; if it stays in doubt, look for the referral in the portal; only if it is not there, `refsheet resume --repeat-creates` creates it"
            }
            (outcome, _) => outcome.remedy(self.http),
        }
    }

    /// A row that ended without a request.
    pub fn unsent(row: u32, outcome: Outcome, problems: Vec<Problem>) -> Self {
        Settled {
            row,
            outcome,
            name: None,
            created_id: None,
            deal: None,
            changes: Vec::new(),
            problems,
            clashes: Vec::new(),
            reason: None,
            http: None,
            error_code: None,
            request_id: None,
            attempts: 0,
            milliseconds: 0,
            sent_at: None,
            etag_before: None,
            etag_after: None,
            patch: None,
            is_final: false,
        }
    }
}

impl Deal {
    /// Where the deal value stands.
    pub const VALUE: &'static Pointer = Pointer::from_static("/details/dealValue");
    /// Where its currency stands.
    pub const CURRENCY: &'static Pointer = Pointer::from_static("/details/currency");

    /// What a referral is worth; one without a value is worth nothing.
    pub fn of(referral: &Json) -> Deal {
        let value = referral.get(Deal::VALUE).as_ref().and_then(Json::decimal).unwrap_or_default();
        let currency = referral.get(Deal::CURRENCY).and_then(|code| code.value().as_str().map(str::to_owned));
        Deal { value, currency }
    }
}

impl Tally {
    /// All rows.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Whether every row is as wanted.
    pub fn is_well(&self) -> bool {
        Outcome::ALL.into_iter().filter(|outcome| !outcome.is_well()).all(|outcome| self[outcome] == 0)
    }

    /// Rows that count for `--max-failures`.
    pub fn failures(&self) -> u64 {
        Outcome::ALL.into_iter().filter(|outcome| outcome.is_failure()).map(|outcome| self[outcome]).sum()
    }

    /// The outcomes that occurred, with their counts.
    pub fn occurred(&self) -> impl Iterator<Item = (Outcome, u64)> + '_ {
        Outcome::ALL.into_iter().map(|outcome| (outcome, self[outcome])).filter(|(_, count)| *count > 0)
    }
}

impl Index<Outcome> for Tally {
    type Output = u64;

    fn index(&self, outcome: Outcome) -> &u64 {
        &self.0[outcome.index()]
    }
}

impl IndexMut<Outcome> for Tally {
    fn index_mut(&mut self, outcome: Outcome) -> &mut u64 {
        &mut self.0[outcome.index()]
    }
}

impl AddAssign<Outcome> for Tally {
    fn add_assign(&mut self, outcome: Outcome) {
        self[outcome] += 1;
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_its_own_word_and_place() {
        for (at, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome.index(), at);
            assert_eq!(Outcome::from_word(outcome.word()), Some(outcome));
        }
    }

    #[test]
    fn a_create_in_doubt_without_a_crm_id_is_nothing_that_a_look_settles() {
        let in_doubt = |patch: &str| {
            let patch = Some(Json::parse(patch.to_owned()).unwrap());
            Settled { patch, ..Settled::unsent(2, Outcome::InDoubt, Vec::new()) }.remedy()
        };
        assert!(in_doubt(r#"{"name":"n"}"#).starts_with("nobody can look it up without a CRM ID"));
        assert!(in_doubt(r#"{"externalReferenceId":"7"}"#).starts_with("`refsheet resume` looks for its CRM ID"));
        assert_eq!(in_doubt("[]"), Outcome::InDoubt.remedy(None));
    }

    #[test]
    fn counts_add_up() {
        let mut tally = Tally::default();
        for outcome in Outcome::ALL {
            tally += outcome;
        }
        assert_eq!(tally.total(), 10);
        assert_eq!(tally.failures(), 4);
        assert!(!tally.is_well());
    }
}
