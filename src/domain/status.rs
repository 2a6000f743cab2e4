//! Status and substatus: one value, so that a forbidden pair cannot be written down.
//!
//! The table is section 4.1 of the contract; who may do what beyond it is section 4.3.

/// The seven pairs of status and substatus that the service documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// `New` / `Pending`
    NewPending,
    /// `New` / `Received`
    NewReceived,
    /// `Active` / `Accepted`
    ActiveAccepted,
    /// `Closed` / `Won`
    ClosedWon,
    /// `Closed` / `Lost`
    ClosedLost,
    /// `Closed` / `Declined`
    ClosedDeclined,
    /// `Closed` / `Expired`
    ClosedExpired,
}

/// What the sources say about a move from one pair to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// The API's table and the portal agree that it is fine.
    Allowed,
    /// The API's table allows it, the portal does not offer it; the service decides.
    Doubtful(&'static str),
    /// The API's table forbids it.
    Forbidden,
}

/// The status words of a sheet, in the order of a deal's life.
pub const STATUS_WORDS: &[&str] = &["New", "Active", "Closed"];
/// The substatus words of a sheet.
pub const SUBSTATUS_WORDS: &[&str] = &["Pending", "Received", "Accepted", "Won", "Lost", "Declined", "Expired"];

/// Substatuses that sources of 2023 and later mention, but the API's table does not have (contract, sections 3.8 and
/// 12.3). A sheet may say that a referral has one; none is sent.
pub const UNCONFIRMED_SUBSTATUSES: &[&str] = &["Engaged", "Error"];

impl Status {
    /// All pairs.
    pub const ALL: [Status; 7] = [
        Status::NewPending,
        Status::NewReceived,
        Status::ActiveAccepted,
        Status::ClosedWon,
        Status::ClosedLost,
        Status::ClosedDeclined,
        Status::ClosedExpired,
    ];

    /// The pair of these two words, if the documented table has it.
    pub fn from_words(status: &str, substatus: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|pair| pair.words() == (status, substatus))
    }

    /// Status and substatus as the service spells them.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Status::NewPending => ("New", "Pending"),
            Status::NewReceived => ("New", "Received"),
            Status::ActiveAccepted => ("Active", "Accepted"),
            Status::ClosedWon => ("Closed", "Won"),
            Status::ClosedLost => ("Closed", "Lost"),
            Status::ClosedDeclined => ("Closed", "Declined"),
            Status::ClosedExpired => ("Closed", "Expired"),
        }
    }

    /// Whether the deal is final by the portal's rules.
    pub fn is_closed(self) -> bool {
        self.words().0 == "Closed"
    }

    /// The substatuses that go with a status word.
    pub fn substatuses_of(status: &str) -> Vec<&'static str> {
        Status::ALL.into_iter().map(Status::words).filter(|pair| pair.0 == status).map(|pair| pair.1).collect()
    }

    /// The status word that a substatus belongs to.
    pub fn status_of(substatus: &str) -> Option<&'static str> {
        Status::ALL.into_iter().map(Status::words).find(|pair| pair.1 == substatus).map(|pair| pair.0)
    }

    /// Whether the API's table leads from one status word to another at all. Of words that it does not have, nothing is
    /// known, and the service decides.
    pub fn leads(from: &str, to: &str) -> bool {
        let pairs = |word: &str| Status::ALL.into_iter().filter(move |pair| pair.words().0 == word).collect::<Vec<_>>();
        let (from, to) = (pairs(from), pairs(to));
        let is_unknown = from.is_empty() || to.is_empty();
        is_unknown || from.iter().any(|from| to.iter().any(|to| from.move_to(*to) != Move::Forbidden))
    }

    /// What the sources say about moving from this pair to another.
    pub fn move_to(self, next: Status) -> Move {
        use Status::{ActiveAccepted, ClosedDeclined, ClosedExpired, ClosedLost, ClosedWon, NewPending, NewReceived};
        if self == next {
            return Move::Allowed;
        }
        match (self, next) {
            (ActiveAccepted, NewPending | NewReceived)
            | (ClosedWon | ClosedLost | ClosedDeclined | ClosedExpired, NewPending | NewReceived | ActiveAccepted) => {
                Move::Forbidden
            }
            (_, ClosedExpired) => Move::Doubtful("only the service itself sets `Expired`"),
            (ClosedWon | ClosedLost | ClosedDeclined | ClosedExpired, _) => {
                Move::Doubtful("the portal treats a closed referral as final")
            }
            (NewPending | NewReceived, ClosedWon | ClosedLost) => {
                Move::Doubtful("the portal offers only accepting or declining a new referral")
            }
            (ActiveAccepted, ClosedDeclined) => {
                Move::Doubtful("the portal offers only Won or Lost for an active referral")
            }
            (NewPending | NewReceived, NewPending | NewReceived | ActiveAccepted | ClosedDeclined)
            | (ActiveAccepted, ActiveAccepted | ClosedWon | ClosedLost) => Move::Allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_found_by_its_words_and_no_other_is() {
        for pair in Status::ALL {
            let (status, substatus) = pair.words();
            assert_eq!(Status::from_words(status, substatus), Some(pair));
            assert_eq!(Status::status_of(substatus), Some(status));
        }
        assert_eq!(Status::from_words("Active", "Won"), None);
        assert_eq!(Status::from_words("None", "None"), None);
    }

    #[test]
    fn the_documented_table_of_moves_holds() {
        for from in Status::ALL {
            for to in Status::ALL {
                let documented = match from.words().0 {
                    "New" => true,
                    "Active" => to.words().0 != "New",
                    _ => to.is_closed(),
                };
                assert_eq!(from.move_to(to) != Move::Forbidden, documented, "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn substatuses_are_listed_for_messages() {
        assert_eq!(Status::substatuses_of("Closed"), ["Won", "Lost", "Declined", "Expired"]);
        assert_eq!(Status::substatuses_of("Active"), ["Accepted"]);
    }
}
