//! What a field of a referral is: where it stands, what it is called, what it takes, who may write it.
//!
//! The table itself is [`table::FIELDS`]. Headings, conversion, checks, the `fields` command and the report's
//! labels are all derived from it, so a field is described in one place.

pub mod table;
pub mod words;

use json_patch::jsonptr::Pointer;

pub use table::FIELDS;
use words::Choice;

/// One field of the contract's section 3 that a sheet can name.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// Its JSON Pointer (RFC 6901), as the service spells it.
    pub path: &'static str,
    /// What people call it, in headings and in the report.
    pub label: &'static str,
    /// What it is, to a person who is new to it: a fragment. Empty where only the service writes it.
    pub meaning: &'static str,
    /// A cell as a person may write it; empty where nobody has shown one.
    pub example: &'static str,
    /// What Partner Center's own bulk CSV calls it (contract, section 12.3), all spellings seen.
    pub portal: &'static [&'static str],
    /// What its cells mean.
    pub kind: Kind,
    /// Who may write it.
    pub writable: Writable,
}

/// Who may write a field (the write column of the contract's section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writable {
    /// Microsoft's connector offers a patch of this very pointer (P).
    Patch,
    /// Editable elsewhere, but no source shows a patch of it (P?): compared, not sent.
    Unconfirmed,
    /// Set when a referral is created, never changed later (C).
    Create,
    /// Owned by the service (R).
    Never,
}

/// What the cells of a field mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Any text.
    Text,
    /// Text that spreadsheets like to mistake for a number: ids, phone numbers, postal codes.
    Code,
    /// A GUID.
    Guid,
    /// An e-mail address.
    Email,
    /// An amount of money or another decimal, not negative; sent with exactly its digits.
    Amount,
    /// An ISO 4217 currency code.
    Currency,
    /// An ISO 3166 two-letter country code (contract, section 11, trap 14).
    Country,
    /// A moment; a date alone is midnight UTC.
    DateTime,
    /// Yes or no.
    Boolean,
    /// `New`, `Active` or `Closed`.
    Status,
    /// The substatus that goes with the status.
    Substatus,
    /// One of these words and no other.
    Choice(&'static [Choice]),
    /// Usually one of these words, but the list is known to be incomplete: others pass with a warning.
    OpenChoice(&'static [Choice]),
    /// People of a team: an array of members (contract, section 3.5).
    Members,
    /// Solutions of a deal: an array of tags (contract, section 3.4).
    Solutions,
    /// Ids separated by semicolons: an array of `{"id": …}`.
    Tags,
    /// The one entry of an array whose member `by` says `name`: its `id`.
    Entry {
        /// The member that tells the entries apart, such as `type`.
        by: &'static str,
        /// What it says, such as `CustomerMarketplaceIntent`.
        name: &'static str,
        /// The words that are known for the id; any other text passes when there are none.
        choices: &'static [Choice],
    },
    /// Anything else: JSON.
    Json,
}

impl Field {
    /// The JSON Pointer.
    pub fn pointer(&self) -> &'static Pointer {
        Pointer::from_static(self.path)
    }

    /// The path with dots, as a heading writes it: `details.dealValue`.
    pub fn dotted(&self) -> String {
        let path = self.path.trim_start_matches('/').replace('/', ".");
        match self.kind {
            Kind::Entry { name, .. } => format!("{path}.{name}"),
            _ => path,
        }
    }

    /// The field with this pointer.
    pub fn by_path(path: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.path == path && !matches!(field.kind, Kind::Entry { .. }))
    }

    /// Whether a patch may append to it with `-` (contract, sections 5.2 and 5.3). Registrations can be
    /// appended, but not replaced as a whole.
    pub fn takes_appends(&self) -> bool {
        matches!(self.kind, Kind::Members | Kind::Solutions) || self.path == "/registrations"
    }
}

impl Kind {
    /// The kind in a word or two, for `fields` and for messages.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Code => "text (id)",
            Kind::Guid => "GUID",
            Kind::Email => "e-mail",
            Kind::Amount => "number",
            Kind::Currency => "currency code",
            Kind::Country => "country code",
            Kind::DateTime => "date",
            Kind::Boolean => "yes or no",
            Kind::Status => "status",
            Kind::Substatus => "substatus",
            Kind::Choice(_) => "one of",
            Kind::OpenChoice(_) => "text, usually one of",
            Kind::Members => "people",
            Kind::Solutions => "solutions",
            Kind::Tags => "ids, separated by ;",
            Kind::Entry { .. } => "text (in a list)",
            Kind::Json => "JSON",
        }
    }

    /// Whether a cell can set it to `null`.
    pub fn can_be_cleared(self) -> bool {
        match self {
            Kind::Status | Kind::Substatus | Kind::Boolean => false,
            Kind::Text
            | Kind::Code
            | Kind::Guid
            | Kind::Email
            | Kind::Amount
            | Kind::Currency
            | Kind::Country
            | Kind::DateTime
            | Kind::Choice(_)
            | Kind::OpenChoice(_)
            | Kind::Members
            | Kind::Solutions
            | Kind::Tags
            | Kind::Entry { .. }
            | Kind::Json => true,
        }
    }

    /// The words that a person picks from, where there is a list of them: the portal's where it has any.
    pub fn offered(self) -> Vec<&'static str> {
        match self {
            Kind::Boolean => vec!["Yes", "No"],
            Kind::Choice(choices) | Kind::OpenChoice(choices) | Kind::Entry { choices, .. } => {
                choices.iter().map(Choice::in_words).collect()
            }
            Kind::Status | Kind::Substatus => self.choices(),
            Kind::Text
            | Kind::Code
            | Kind::Guid
            | Kind::Email
            | Kind::Amount
            | Kind::Currency
            | Kind::Country
            | Kind::DateTime
            | Kind::Members
            | Kind::Solutions
            | Kind::Tags
            | Kind::Json => Vec::new(),
        }
    }

    /// The exact words it takes, where there is a list of them.
    pub fn choices(self) -> Vec<&'static str> {
        match self {
            Kind::Status => super::status::STATUS_WORDS.to_vec(),
            Kind::Substatus => super::status::SUBSTATUS_WORDS.to_vec(),
            Kind::Choice(choices) | Kind::OpenChoice(choices) | Kind::Entry { choices, .. } => {
                choices.iter().map(|choice| choice.value).collect()
            }
            Kind::Text
            | Kind::Code
            | Kind::Guid
            | Kind::Email
            | Kind::Amount
            | Kind::Currency
            | Kind::Country
            | Kind::DateTime
            | Kind::Boolean
            | Kind::Members
            | Kind::Solutions
            | Kind::Tags
            | Kind::Json => Vec::new(),
        }
    }
}

impl Writable {
    /// The word that `fields` prints.
    pub fn word(self) -> &'static str {
        match self {
            Writable::Patch => "yes",
            Writable::Unconfirmed => "compared only",
            Writable::Create => "when created",
            Writable::Never => "no",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cell::Cell;
    use crate::domain::value::{self, Reading};

    /// The list of the contract's section 5.2, without the three appending forms of its lists.
    const CONNECTOR_PATHS: [&str; 15] = [
        "/campaignId",
        "/consent/consentToShareReferralWithMicrosoftSellers",
        "/customerProfile/team",
        "/details/closingDateTime",
        "/details/currency",
        "/details/dealValue",
        "/details/notes",
        "/details/requirements/solutions",
        "/externalReferenceId",
        "/referralProgram",
        "/salesStage",
        "/status",
        "/substatus",
        "/statusReason",
        "/team",
    ];

    #[test]
    fn what_the_connector_patches_is_patchable_and_nothing_else_but_registrations() {
        let mut patchable: Vec<&str> =
            FIELDS.iter().filter(|field| field.writable == Writable::Patch).map(|field| field.path).collect();
        patchable.retain(|path| !path.starts_with("/registrations"));
        let mut expected = CONNECTOR_PATHS.to_vec();
        patchable.sort_unstable();
        expected.sort_unstable();
        assert_eq!(patchable, expected);
    }

    #[test]
    fn what_a_sheet_can_write_is_explained_by_an_example_that_is_read_as_it_stands() {
        for field in FIELDS {
            assert_eq!(
                field.meaning.is_empty(),
                field.writable == Writable::Never && field.path != "/registrations",
                "{}",
                field.label
            );
            assert!(!field.meaning.ends_with('.'), "{}", field.label);
            if !field.example.is_empty() {
                let read = value::read(field, &Cell::Text(field.example.to_owned()), &Reading::default());
                assert_eq!(read.map(|value| value.doubt), Ok(None), "{}", field.label);
            }
        }
    }

    #[test]
    fn every_word_that_is_offered_is_read_as_its_value() {
        for field in FIELDS {
            for (shown, exact) in field.kind.offered().into_iter().zip(field.kind.choices()) {
                let value = value::read(field, &Cell::Text(shown.to_owned()), &Reading::default()).unwrap();
                assert_eq!(value.json.value().as_str(), Some(exact), "{}", field.label);
            }
        }
        assert_eq!(Kind::Choice(words::MARKETPLACE_INTENT).offered(), ["Yes", "No", "Have not decided"]);
        assert_eq!(Kind::Choice(words::ASSISTANCE).offered()[0], "WorkloadSpecificValueProposition");
        assert_eq!(Kind::Boolean.offered(), ["Yes", "No"]);
    }

    #[test]
    fn every_pointer_is_valid_and_every_name_is_said_once() {
        let mut seen = std::collections::HashSet::new();
        for field in FIELDS {
            assert!(Pointer::parse(field.path).is_ok(), "{}", field.path);
            assert!(seen.insert(field.dotted()), "{} twice", field.dotted());
            assert!(seen.insert(field.label.to_owned()), "{} twice", field.label);
        }
    }
}
