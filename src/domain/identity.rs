//! Which referral a row is about, when the sheet does not know its id: found by a name that the user's own systems
//! know, in one pass over the list.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::cell::Cell;
use super::field::Field;
use super::referral::{Referral, ReferralId};
use super::value::{self, Complaint};

/// What rows are matched by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MatchBy {
    /// The referral's own id.
    #[default]
    Id,
    /// `externalReferenceId`: the id of the user's CRM, exactly.
    CrmId,
    /// `engagementId`, which several referrals may share.
    EngagementId,
    /// The deal's name, in any case and with any white space.
    Name,
}

/// Which referral a row is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Who {
    /// The id cell says it.
    #[default]
    ByCell,
    /// It has been found.
    Known(ReferralId),
    /// There is none.
    Nobody {
        /// Whether it is to be created then.
        creates: bool,
    },
    /// There are several.
    Several(Vec<Candidate>),
}

/// A referral that a row might be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: ReferralId,
    /// The deal's name.
    pub name: Option<String>,
}

/// All referrals by what rows are matched by.
#[derive(Debug)]
pub struct Directory {
    by: MatchBy,
    candidates: HashMap<String, Vec<Candidate>>,
    /// Whether the list has shown for any referral what is matched by, `null` included.
    is_shown: bool,
}

impl MatchBy {
    /// The field whose column identifies a row; none for the id itself.
    pub fn field(self) -> Option<&'static Field> {
        Field::by_path(match self {
            MatchBy::Id => return None,
            MatchBy::CrmId => "/externalReferenceId",
            MatchBy::EngagementId => "/engagementId",
            MatchBy::Name => "/name",
        })
    }

    /// What a cell says about the identity of its row, in the form in which it is compared; empty for a blank cell.
    pub fn key_of(self, cell: &Cell) -> Result<Cow<'_, str>, Complaint> {
        Ok(match value::code_of(cell)? {
            Cow::Borrowed(text) => self.key(text),
            Cow::Owned(text) => Cow::Owned(self.key(&text).into_owned()),
        })
    }

    fn key(self, text: &str) -> Cow<'_, str> {
        match self {
            MatchBy::CrmId => Cow::Borrowed(text.trim()),
            MatchBy::Id | MatchBy::EngagementId if ReferralId::is_plain(text) => Cow::Borrowed(text),
            MatchBy::Id | MatchBy::EngagementId => {
                let id = text.parse().map_or_else(|_| text.trim().to_lowercase(), |id: ReferralId| id.to_string());
                Cow::Owned(id)
            }
            MatchBy::Name => Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()),
        }
    }
}

impl Directory {
    /// A directory without entries.
    pub fn new(by: MatchBy) -> Self {
        Directory { by, candidates: HashMap::new(), is_shown: false }
    }

    /// Enters a referral of the list.
    pub fn enter(&mut self, referral: &Referral) {
        let value = self.by.field().and_then(|field| referral.at(field.pointer()));
        self.is_shown |= value.is_some();
        let text = value.and_then(Value::as_str);
        let Some(key) = text.map(|text| self.by.key(text)).filter(|key| !key.is_empty()) else { return };
        let candidates = self.candidates.entry(key.into_owned()).or_default();
        // A list that grows while it is read may show a referral twice.
        if candidates.iter().all(|candidate| candidate.id != referral.id()) {
            candidates.push(Candidate { id: referral.id(), name: referral.name().map(Cow::into_owned) });
        }
    }

    /// Whether nobody's entry can be trusted, because items of a list may leave members out (contract, section 7). A
    /// list that shows the member for one referral leaves it out only for those that have none.
    pub fn is_blind(&self) -> bool {
        !self.is_shown
    }

    /// Who has this key. `creates` says what happens when nobody has.
    pub fn find(&self, key: &str, creates: bool) -> Who {
        match self.candidates.get(key).map(Vec::as_slice) {
            None | Some([]) => Who::Nobody { creates },
            Some([one]) => Who::Known(one.id),
            Some(several) => Who::Several(several.to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "49d90c72-3326-4f61-aacc-2cb57970448c";
    const SECOND: &str = "59d90c72-3326-4f61-aacc-2cb57970448c";

    fn check(by: MatchBy, key: &str, expected: &[&str]) {
        let mut directory = Directory::new(by);
        for (id, crm, name) in
            [(FIRST, "007", "Fabrikam  Cloud"), (SECOND, "00A", "fabrikam cloud"), (SECOND, "00A", "")]
        {
            let text = format!(r#"{{"id":"{id}","externalReferenceId":"{crm}","name":"{name}"}}"#);
            directory.enter(&Referral::parse(text).unwrap());
        }
        let cell = Cell::Text(key.to_owned());
        let key = by.key_of(&cell).unwrap();
        let found: Vec<String> = match directory.find(&key, false) {
            Who::ByCell | Who::Nobody { .. } => Vec::new(),
            Who::Known(id) => vec![id.to_string()],
            Who::Several(candidates) => candidates.iter().map(|candidate| candidate.id.to_string()).collect(),
        };
        assert_eq!(found, expected, "{key}");
    }

    #[test]
    fn an_id_of_the_crm_is_compared_exactly_and_a_name_in_any_case() {
        check(MatchBy::CrmId, " 007 ", &[FIRST]);
        check(MatchBy::CrmId, "7", &[]);
        check(MatchBy::CrmId, "00a", &[]);
        check(MatchBy::Name, "FABRIKAM CLOUD", &[FIRST, SECOND]);
        check(MatchBy::Name, "Fabrikam", &[]);
    }

    #[test]
    fn a_referral_that_is_listed_twice_is_one() {
        check(MatchBy::CrmId, "00A", &[SECOND]);
    }
}
