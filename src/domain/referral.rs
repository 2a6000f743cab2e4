//! A referral as the service holds it: its text, and the few members that we look at by name.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use json_patch::jsonptr::Pointer;
use serde_json::Value;
use uuid::Uuid;

use super::json::{Json, NotJson, Outline};
use super::status::Status;
use super::value::plain;

/// A referral's `id`: a GUID, and not the `engagementId` (contract, section 1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReferralId(Uuid);

impl ReferralId {
    /// Whether a text is an id as it is printed.
    pub fn is_plain(text: &str) -> bool {
        const HYPHENS: [usize; 4] = [8, 13, 18, 23];
        let is_in_place = |(at, byte): (usize, &u8)| match byte {
            b'-' => HYPHENS.contains(&at),
            b'0'..=b'9' | b'a'..=b'f' => !HYPHENS.contains(&at),
            _ => false,
        };
        text.len() == 36 && text.as_bytes().iter().enumerate().all(is_in_place)
    }

    /// Its 16 bytes, as the ledger keeps it.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

/// The Referrals workspace of the portal. It is not part of the documented interface and may move; a page of its own
/// for each referral is not documented at all, so the id goes along in the query, where it does no harm.
const PORTAL: &str = "https://partner.microsoft.com/dashboard/v2/referrals";

/// Where a person finds a referral in the portal.
pub fn portal_address(id: ReferralId) -> String {
    format!("{PORTAL}?id={id}")
}

/// A text that is no GUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a GUID")]
pub struct NotAGuid(String);

impl From<Uuid> for ReferralId {
    fn from(id: Uuid) -> Self {
        ReferralId(id)
    }
}

impl FromStr for ReferralId {
    type Err = NotAGuid;

    /// Takes the hyphenated form in any case, with or without braces or quotes, and with whatever a word processor has made
    /// of its hyphens.
    fn from_str(text: &str) -> Result<Self, NotAGuid> {
        // As it should be; the rest is for what people and programs make of it.
        if text.len() == 36
            && text.is_ascii()
            && let Ok(id) = Uuid::try_parse(text)
        {
            return Ok(ReferralId(id));
        }
        let bare = plain::word(text);
        let hyphenated = plain::hyphened(bare.trim_start_matches('{').trim_end_matches('}'));
        let id = Uuid::try_parse(&hyphenated).ok().filter(|_| hyphenated.len() == 36);
        id.map(ReferralId).ok_or_else(|| NotAGuid(text.to_owned()))
    }
}

impl fmt::Display for ReferralId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for ReferralId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A referral's version, with the quotes that are part of it (contract, section 6).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// Takes an eTag as the service writes it, quotes included.
    pub fn new(text: impl Into<String>) -> Self {
        ETag(text.into())
    }

    /// Takes an eTag from a sheet. A CSV reader strips the quotes of `"2500…"`, so missing ones are put back.
    pub fn from_cell(text: &str) -> Self {
        if text.ends_with('"') || text == "*" {
            return ETag(text.to_owned());
        }
        ETag(format!("\"{text}\""))
    }

    /// The text as it stands in `If-Match`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A referral, of any era: unknown members are kept, known ones may be `null` or absent (contract, section 3).
#[derive(Debug, Clone)]
pub struct Referral {
    id: ReferralId,
    etag: Option<ETag>,
    document: Json,
    outline: Outline,
    /// Made when it is first asked for.
    view: OnceLock<Value>,
}

const ID: &Pointer = Pointer::from_static("/id");
const ETAG: &Pointer = Pointer::from_static("/eTag");
const NAME: &Pointer = Pointer::from_static("/name");
const STATUS: &Pointer = Pointer::from_static("/status");
const SUBSTATUS: &Pointer = Pointer::from_static("/substatus");

/// Why a text is not a referral.
#[derive(Debug, thiserror::Error)]
pub enum NotAReferral {
    /// It is not JSON at all.
    #[error(transparent)]
    NotJson(#[from] NotJson),
    /// It has no `id`, or one that is not a GUID.
    #[error("the referral has no usable `id`")]
    NoId,
}

impl Referral {
    /// Reads one referral from the text of a response.
    pub fn parse(text: String) -> Result<Self, NotAReferral> {
        let document = Json::parse(text)?;
        let outline = document.outline();
        let id = document.str_by(&outline, ID).and_then(|id| id.parse().ok()).ok_or(NotAReferral::NoId)?;
        let etag = document.str_by(&outline, ETAG).filter(|tag| !tag.is_empty()).map(ETag::new);
        Ok(Referral { id, etag, document, outline, view: OnceLock::new() })
    }

    /// Its id.
    pub fn id(&self) -> ReferralId {
        self.id
    }

    /// Its version; list items may lack it (contract, section 7).
    pub fn etag(&self) -> Option<&ETag> {
        self.etag.as_ref()
    }

    /// The same referral with a version from the `ETag` response header, where the body has none.
    #[must_use]
    pub fn or_etag(mut self, header: Option<ETag>) -> Self {
        self.etag = self.etag.or(header);
        self
    }

    /// The deal's name, for people.
    pub fn name(&self) -> Option<Cow<'_, str>> {
        self.document.str_by(&self.outline, NAME)
    }

    /// The status pair, unless the service uses one that we do not know.
    pub fn status(&self) -> Option<Status> {
        let word = |pointer| self.document.str_by(&self.outline, pointer);
        Status::from_words(&word(STATUS)?, &word(SUBSTATUS)?)
    }

    /// What is at the pointer, if the member was printed at all.
    pub fn at(&self, pointer: &Pointer) -> Option<&Value> {
        pointer.resolve_in(self.view())
    }

    /// The JSON text of what is at the pointer, if the member was printed at all.
    pub fn text_at(&self, pointer: &Pointer) -> Option<&str> {
        self.document.text_by(&self.outline, pointer)
    }

    /// What is at the pointer, with its exact digits.
    pub fn exact(&self, pointer: &Pointer) -> Option<Json> {
        self.document.get_by(&self.outline, pointer)
    }

    /// The whole text.
    pub fn document(&self) -> &Json {
        &self.document
    }

    /// The whole document parsed, which is put off until somebody needs it.
    pub fn view(&self) -> &Value {
        self.view.get_or_init(|| self.document.value())
    }
}

/// `Pointer::resolve` as a method that reads well and answers `None`.
trait ResolveIn {
    fn resolve_in<'a>(&self, document: &'a Value) -> Option<&'a Value>;
}

impl ResolveIn for Pointer {
    fn resolve_in<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.resolve(document).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_hyphenated_guid() {
        let id: ReferralId = "{49D90C72-3326-4F61-AACC-2CB57970448C}".parse().unwrap();
        assert_eq!(id.to_string(), "49d90c72-3326-4f61-aacc-2cb57970448c");
        let of_word: ReferralId = "“49D90C72–3326\u{2011}4F61-aacc-2cb57970448c\u{200b}”".parse().unwrap();
        assert_eq!(of_word, id);
        assert!("49d90c7233264f61aacc2cb57970448c".parse::<ReferralId>().is_err());
        assert!("12345".parse::<ReferralId>().is_err());
    }

    #[test]
    fn an_etag_from_a_sheet_gets_its_quotes_back() {
        assert_eq!(ETag::from_cell("25-00").as_str(), "\"25-00\"");
        assert_eq!(ETag::from_cell("\"25-00\"").as_str(), "\"25-00\"");
        assert_eq!(ETag::from_cell("W/\"25-00\"").as_str(), "W/\"25-00\"");
    }

    #[test]
    fn a_referral_without_an_id_is_none() {
        assert!(matches!(Referral::parse("{}".to_owned()), Err(NotAReferral::NoId)));
        assert!(matches!(Referral::parse("<html>".to_owned()), Err(NotAReferral::NotJson(_))));
    }
}
