//! Lists in cells: people, solutions, ids.
//!
//! A whole list is JSON. One item is JSON too, or the portal's own form in one cell: `first, last, phone, email` for
//! a person, `id, currency, price, quantity` for a solution (contract, section 12.3, columns 33 and 34).

use std::collections::BTreeMap;

use super::amount::{self, DecimalMark};
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
    let json = json(text)?;
    let serde_json::Value::Array(items) = json.value() else {
        return Err(Complaint::new("this is not a list", "write a JSON array, or add items one by one"));
    };
    if items.len() > ITEMS_MAX {
        return Err(Complaint::new(format!("{} items are too many", items.len()), format!("at most {ITEMS_MAX}")));
    }
    for item in &items {
        check_item(kind, item)?;
    }
    Ok(json)
}

/// Reads one item from one cell: JSON, or the portal's comma form.
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
            of_parts(kind, &parts.into_iter().map(|(name, text)| (name, text.to_owned())).collect())
                .map_err(|of| of.complaint)
        }
        (Kind::Members, _) => Err(Complaint::new(
            format!("`{text}` is not a person"),
            "write first name, last name, phone and e-mail, separated by commas",
        )),
        (_, [id, rest @ ..]) if rest.len() <= 3 => {
            let parts =
                ["currency", "price", "quantity"].into_iter().zip(rest).map(|(name, text)| (name, (*text).to_owned()));
            of_parts(kind, &parts.chain([("id", (*id).to_owned())]).collect()).map_err(|of| of.complaint)
        }
        _ => Err(Complaint::new(
            format!("`{text}` is not a solution"),
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
    let part = |name: &str| parts.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let text = |name: &'static str| part(name).map(|text| (name, Json::string(text)));
    let about = |part: Option<&'static str>| move |complaint| PartComplaint { part, complaint };
    let mut members: Vec<(&str, Json)> = Vec::new();
    if kind == Kind::Members {
        let absent: Vec<&str> = MEMBER_PARTS.into_iter().filter(|name| part(name).is_none()).collect();
        if !absent.is_empty() {
            return Err(about(None)(incomplete(&absent)));
        }
        email(part("email").unwrap_or_default()).map_err(about(Some("email")))?;
        members.extend(["firstName", "lastName", "phoneNumber", "email", "title"].into_iter().filter_map(text));
    } else {
        let no_id = || about(None)(Complaint::new("the solution has no id", "write its id"));
        let id = part("id").ok_or_else(no_id)?;
        members.push(("id", Json::string(id)));
        members.extend(text("name"));
        members.extend(text("type").or_else(|| solution_type(id).map(|word| ("type", Json::string(word)))));
        if let Some(code) = part("currency") {
            members.push(("currency", Json::string(currency(code).map_err(about(Some("currency")))?)));
        }
        for name in ["price", "quantity"] {
            if let Some(digits) = part(name) {
                let amount = amount::read(digits, Some(DecimalMark::Point)).map_err(about(Some(name)))?;
                members.push((name, Json::number(amount)));
            }
        }
    }
    Ok(Json::object(members.iter().map(|(name, value)| (*name, value))))
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
    Json::parse(text.to_owned()).map_err(|_| Complaint::new(format!("`{text}` is not JSON"), "write a JSON value"))
}

fn check_item(kind: Kind, item: &serde_json::Value) -> Result<(), Complaint> {
    let part = |name: &str| item.get(name).and_then(serde_json::Value::as_str).filter(|text| !text.trim().is_empty());
    match kind {
        Kind::Members => {
            let absent: Vec<&str> = MEMBER_PARTS.into_iter().filter(|name| part(name).is_none()).collect();
            if !absent.is_empty() {
                return Err(incomplete(&absent));
            }
            email(part("email").unwrap_or_default()).map(drop)
        }
        Kind::Solutions if part("id").is_none() => Err(Complaint::new("a solution has no id", "give each an id")),
        _ => Ok(()),
    }
}

fn incomplete(absent: &[&str]) -> Complaint {
    Complaint::new(
        format!("the person lacks {}", absent.join(", ")),
        "a person needs firstName, lastName, phoneNumber and email",
    )
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
        check_refused(Kind::Members, "Ann, Example, , ann@contoso.com", "lacks phoneNumber");
        check_refused(Kind::Members, "Ann Example", "not a person");
        check_refused(Kind::Members, "Ann, Example, 1, ann@contoso", "not an e-mail address");
        check_refused(Kind::Members, r#"{"email":"ann@contoso.com"}"#, "lacks firstName, lastName, phoneNumber");
    }

    #[test]
    fn a_whole_list_is_json_and_each_item_is_checked() {
        assert!(whole(Kind::Solutions, r#"[{"id":"SOL-1","price":1.10}]"#).unwrap().text().contains("1.10"));
        assert!(whole(Kind::Solutions, r#"[{"name":"x"}]"#).unwrap_err().found.contains("no id"));
        assert!(whole(Kind::Members, "{}").unwrap_err().found.contains("not a list"));
        let many = format!("[{}]", vec![r#"{"id":"x"}"#; 51].join(","));
        assert!(whole(Kind::Solutions, &many).unwrap_err().found.contains("too many"));
    }

    #[test]
    fn ids_with_commas_stay_whole() {
        let tags = tags("Agriculture, Forestry, & Fishing; Education").unwrap();
        assert_eq!(tags.text(), r#"[{"id":"Agriculture, Forestry, & Fishing"},{"id":"Education"}]"#);
    }
}
