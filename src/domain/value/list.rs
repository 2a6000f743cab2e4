//! Lists in cells: people, solutions, ids.
//!
//! A whole list is JSON. One item is JSON too, or the portal's own form in one cell: `first, last, phone, email` for
//! a person, `id, currency, price, quantity` for a solution (contract, section 12.3, columns 33 and 34).

use std::collections::BTreeMap;

use super::amount::{self, DecimalMark};
use super::plain::{self, shown};
use super::{Complaint, currency, email, trimmed};
use crate::domain::field::Kind;
use crate::domain::field::words::SOLUTION_CATEGORIES;
use crate::domain::json::Json;

/// The members of a person that the portal demands (contract, section 3.5).
const MEMBER_PARTS: [&str; 4] = ["firstName", "lastName", "phoneNumber", "email"];
/// Items that one list holds at most (contract, section 3.9).
pub const ITEMS_MAX: usize = 50;

/// The parts without which an item is refused.
pub fn required_parts(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Members => &MEMBER_PARTS,
        Kind::Solutions => &["id"],
        _ => &[],
    }
}

/// Reads a whole list of people or solutions.
pub fn whole(kind: Kind, text: &str) -> Result<Json, Complaint> {
    let accepted = match kind {
        Kind::Members => {
            "write the whole team as JSON ([…]), or add people in columns headed `Team member 1` and so on"
        }
        _ => "write the whole list as JSON ([…]), or add solutions in columns headed `Solution 1` and so on",
    };
    let json = match text.starts_with(['[', '{']) {
        true => json(text)?,
        false => return Err(Complaint::new(format!("`{}` is not a list", shown(text)), accepted)),
    };
    let serde_json::Value::Array(items) = json.value() else {
        return Err(Complaint::new(format!("`{}` is not a list", shown(text)), accepted));
    };
    if items.len() > ITEMS_MAX {
        return Err(Complaint::new(format!("{} items are too many", items.len()), format!("at most {ITEMS_MAX}")));
    }
    for item in &items {
        check_item(kind, item)?;
    }
    Ok(json)
}

/// Reads one item from one cell: JSON, or the portal's comma form. The portal prints people whom it holds without a phone
/// number; whether a person lacks something must be asked with [`incompleteness`] when it is known that the person is new.
pub fn item(kind: Kind, text: &str) -> Result<Json, Complaint> {
    if text.starts_with('{') || !matches!(kind, Kind::Members | Kind::Solutions) {
        let json = json(text)?;
        check_item(kind, &json.value())?;
        return Ok(json);
    }
    let pieces: Vec<&str> = text.split(',').map(trimmed).collect();
    match (kind, pieces.as_slice()) {
        (Kind::Members, [first, last, phone, mail]) => {
            let parts = [("firstName", *first), ("lastName", *last), ("phoneNumber", *phone), ("email", *mail)];
            let parts = parts.into_iter().map(|(name, text)| (name, text.to_owned())).collect();
            member(&parts).map_err(|of| of.complaint)
        }
        (Kind::Members, _) => Err(Complaint::new(
            format!("`{}` is not a person", shown(text)),
            "write first name, last name, phone and e-mail, separated by commas",
        )),
        (_, [id, rest @ ..]) if rest.len() <= 3 => {
            let parts =
                ["currency", "price", "quantity"].into_iter().zip(rest).map(|(name, text)| (name, (*text).to_owned()));
            of_parts(kind, &parts.chain([("id", (*id).to_owned())]).collect()).map_err(|of| of.complaint)
        }
        _ => Err(Complaint::new(
            format!("`{}` is not a solution", shown(text)),
            "write its id, and then currency, price and quantity if they are known, separated by commas",
        )),
    }
}

/// A complaint about one part of an item, or about the item as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartComplaint {
    /// The part, such as `email`.
    pub part: Option<&'static str>,
    /// What is wrong with it.
    pub complaint: Complaint,
}

/// Makes one item of the columns `….add.email` and so on. Blank parts count as absent.
pub fn of_parts(kind: Kind, parts: &BTreeMap<&'static str, String>) -> Result<Json, PartComplaint> {
    if kind == Kind::Members {
        let absent = absent(|name| part(parts, name).is_some());
        return match absent.as_slice() {
            [] => member(parts),
            absent => Err(PartComplaint { part: None, complaint: incomplete(absent) }),
        };
    }
    let about = |part: &'static str| move |complaint| PartComplaint { part: Some(part), complaint };
    let text = |name: &'static str| part(parts, name).map(|text| (name, Json::string(trimmed(text))));
    let id = part(parts, "id").map(plain::code).ok_or_else(|| {
        let complaint = Complaint::new("the solution has no id", "write its id");
        PartComplaint { part: None, complaint }
    })?;
    let mut members = vec![("id", Json::string(&id))];
    members.extend(text("name"));
    members.extend(text("type").or_else(|| solution_type(&id).map(|word| ("type", Json::string(word)))));
    if let Some(code) = part(parts, "currency") {
        members.push(("currency", Json::string(currency(&plain::word(code)).map_err(about("currency"))?)));
    }
    for name in ["price", "quantity"] {
        if let Some(digits) = part(parts, name) {
            let amount = amount::read(&plain::word(digits), Some(DecimalMark::Point)).map_err(about(name))?;
            members.push((name, Json::number(amount)));
        }
    }
    Ok(Json::object(members.iter().map(|(name, value)| (*name, value))))
}

/// What a new item of a list lacks, if it lacks something.
pub fn incompleteness(kind: Kind, item: &serde_json::Value) -> Option<Complaint> {
    check_item(kind, item).err()
}

/// A person, as far as the parts go.
fn member(parts: &BTreeMap<&'static str, String>) -> Result<Json, PartComplaint> {
    let text = |name: &'static str| part(parts, name).map(|text| (name, Json::string(trimmed(text))));
    let mut members: Vec<(&str, Json)> = ["firstName", "lastName"].into_iter().filter_map(text).collect();
    members.extend(part(parts, "phoneNumber").map(|phone| ("phoneNumber", Json::string(&plain::code(phone)))));
    if let Some(address) = part(parts, "email") {
        let about = |complaint| PartComplaint { part: Some("email"), complaint };
        members.push(("email", Json::string(&email(&plain::word(address)).map_err(about)?)));
    }
    members.extend(text("title"));
    Ok(Json::object(members.iter().map(|(name, value)| (*name, value))))
}

fn part<'p>(parts: &'p BTreeMap<&'static str, String>, name: &str) -> Option<&'p str> {
    parts.get(name).map(String::as_str).filter(|text| !trimmed(text).is_empty())
}

/// Reads ids separated by semicolons, which none of the known ids contains (contract, section 11, trap 30).
pub fn tags(text: &str) -> Result<Json, Complaint> {
    if text.starts_with('[') {
        return json(text);
    }
    let ids = text.split(';').map(trimmed).filter(|id| !id.is_empty());
    let tags: Vec<Json> = ids.map(|id| Json::object([("id", &Json::string(id))])).collect();
    Ok(Json::array(&tags))
}

/// Reads JSON.
pub fn json(text: &str) -> Result<Json, Complaint> {
    Json::parse(text.to_owned()).map_err(|_| match text.contains(['“', '”', '„', '‟']) {
        true => Complaint::new(
            format!("`{}` has round quotes (“ ”), as word processors make them", shown(text)),
            "JSON has straight ones (\"): replace them all",
        ),
        false => Complaint::new(format!("`{}` is not JSON", shown(text)), "write a JSON value"),
    })
}

fn check_item(kind: Kind, item: &serde_json::Value) -> Result<(), Complaint> {
    let part = |name: &str| item.get(name).and_then(serde_json::Value::as_str).filter(|text| !text.trim().is_empty());
    match kind {
        Kind::Members => {
            let absent = absent(|name| part(name).is_some());
            if !absent.is_empty() {
                return Err(incomplete(&absent));
            }
            email(part("email").unwrap_or_default()).map(drop)
        }
        Kind::Solutions if part("id").is_none() => Err(Complaint::new("a solution has no id", "give each an id")),
        _ => Ok(()),
    }
}

fn absent(has: impl Fn(&str) -> bool) -> Vec<&'static str> {
    MEMBER_PARTS.into_iter().filter(|name| !has(name)).collect()
}

fn incomplete(absent: &[&str]) -> Complaint {
    Complaint::new(
        format!("the person lacks {}", absent.iter().map(|name| in_words(name)).collect::<Vec<_>>().join(", ")),
        "a person needs a first name, a last name, a phone number and an e-mail address",
    )
}

fn in_words(part: &str) -> &'static str {
    match part {
        "firstName" => "a first name",
        "lastName" => "a last name",
        "phoneNumber" => "a phone number",
        _ => "an e-mail address",
    }
}

/// Ids of the catalogue begin with `SOL-`; categories come from a fixed list (contract, section 3.4).
fn solution_type(id: &str) -> Option<&'static str> {
    if SOLUTION_CATEGORIES.contains(&id) {
        return Some("Category");
    }
    id.starts_with("SOL-").then_some("Name")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, text: &str, json: &str) {
        assert_eq!(item(kind, text).map(|item| item.to_string()).as_deref(), Ok(json), "{text}");
    }

    fn check_refused(kind: Kind, text: &str, found: &str) {
        let complaint = item(kind, text).unwrap_err();
        assert!(complaint.found.contains(found), "{}", complaint.found);
    }

    #[test]
    fn the_portals_cells_become_items() {
        check(
            Kind::Members,
            "Ann, Example, +1 555 0100, ann@contoso.com",
            r#"{"firstName":"Ann","lastName":"Example","phoneNumber":"+1 555 0100","email":"ann@contoso.com"}"#,
        );
        check(
            Kind::Solutions,
            "SOL-AAAAA-BBB, usd, 12.50, 3",
            r#"{"id":"SOL-AAAAA-BBB","type":"Name","currency":"USD","price":12.50,"quantity":3}"#,
        );
        check(Kind::Solutions, "DevOps", r#"{"id":"DevOps","type":"Category"}"#);
    }

    #[test]
    fn an_incomplete_person_is_refused_with_what_is_missing() {
        check_refused(Kind::Members, "Ann Example", "not a person");
        check_refused(Kind::Members, "Ann, Example, 1, ann@contoso", "not an e-mail address");
        check_refused(
            Kind::Members,
            r#"{"email":"ann@contoso.com"}"#,
            "lacks a first name, a last name, a phone number",
        );
    }

    #[test]
    fn a_person_of_the_portal_may_be_known_already_and_is_taken_as_far_as_it_goes() {
        let lacks = |text: &str| {
            let item = item(Kind::Members, text).unwrap();
            incompleteness(Kind::Members, &item.value()).map(|complaint| complaint.found)
        };
        check(
            Kind::Members,
            "Ann, Example, , ann@contoso.com",
            r#"{"firstName":"Ann","lastName":"Example","email":"ann@contoso.com"}"#,
        );
        assert_eq!(lacks("Ann, Example, , ann@contoso.com").as_deref(), Some("the person lacks a phone number"));
        assert_eq!(lacks("Ann, Example, 5550100, ").as_deref(), Some("the person lacks an e-mail address"));
        assert_eq!(lacks("Ann, Example, 5550100, ann@contoso.com"), None);
    }

    #[test]
    fn what_word_processors_do_to_parts_is_undone_but_names_are_left_alone() {
        check(
            Kind::Members,
            "An\u{200d}n, O’Hara, 555\u{2011}0100, “ann@contoso.com\u{200b}”",
            "{\"firstName\":\"An\u{200d}n\",\"lastName\":\"O’Hara\",\"phoneNumber\":\"555-0100\",\"email\":\"ann@contoso.com\"}",
        );
        check(Kind::Solutions, "SOL\u{2011}1, “EUR”", r#"{"id":"SOL-1","type":"Name","currency":"EUR"}"#);
        assert!(json("[{“id”: 1}]").unwrap_err().found.contains("round quotes"));
    }

    #[test]
    fn a_whole_list_is_json_and_each_item_is_checked() {
        assert!(whole(Kind::Solutions, r#"[{"id":"SOL-1","price":1.10}]"#).unwrap().text().contains("1.10"));
        assert!(whole(Kind::Solutions, r#"[{"name":"x"}]"#).unwrap_err().found.contains("no id"));
        assert!(whole(Kind::Members, "{}").unwrap_err().found.contains("`{}` is not a list"));
        let many = format!("[{}]", vec![r#"{"id":"x"}"#; 51].join(","));
        assert!(whole(Kind::Solutions, &many).unwrap_err().found.contains("too many"));
    }

    #[test]
    fn ids_with_commas_stay_whole() {
        let tags = tags("Agriculture, Forestry, & Fishing; Education").unwrap();
        assert_eq!(tags.text(), r#"[{"id":"Agriculture, Forestry, & Fishing"},{"id":"Education"}]"#);
    }
}
