//! A new referral from the fields of a row: the document that is posted.

use json_patch::jsonptr::Pointer;
use serde_json::Value;

use super::change::{Edit, Wish};
use super::field::{Kind, Writable};
use super::json::Json;
use super::plan;
use super::problem::Problem;
use super::referral::Referral;

/// The members that the service demands of a new referral (contract, section 3.10), with a column that brings each.
const REQUIRED: [(&str, &str); 4] = [
    ("type", "Type"),
    ("customerProfile", "Customer name"),
    ("consent", "Consent to contact"),
    ("details", "Deal value"),
];

/// A referral that is to be created.
#[derive(Debug, Clone)]
pub enum Draft {
    /// From the fields of a row.
    Fields(Vec<Edit>),
    /// Exactly so, as it was planned.
    Document(Json),
}

impl Draft {
    /// The document that is posted, with warnings about it; or what is missing.
    pub fn document(&self) -> Result<(Json, Vec<Problem>), Vec<Problem>> {
        match self {
            Draft::Fields(edits) => document(edits),
            Draft::Document(document) => Ok((document.clone(), Vec::new())),
        }
    }
}

/// Puts the fields of a row together, or says what is missing. Columns that are the service's own are ignored with a
/// warning.
fn document(edits: &[Edit]) -> Result<(Json, Vec<Problem>), Vec<Problem>> {
    let mut document = Json::object([]);
    let mut problems = plan::unsendable(&edits.iter().collect::<Vec<_>>());
    for edit in edits {
        if edit.field.writable == Writable::Never {
            let found = "ignored, the service sets this itself";
            problems.push(Problem::warning(edit.place, &edit.heading, found, ""));
            continue;
        }
        document = put(&document, edit);
    }
    let given = document.value();
    let absent = REQUIRED.iter().filter(|(member, _)| given.get(member).is_none());
    problems.extend(absent.map(|(member, column)| {
        Problem::of_row(format!("a new referral needs `{member}`"), format!("fill in a column such as `{column}`"))
    }));
    if problems.iter().any(Problem::is_error) { Err(problems) } else { Ok((document, problems)) }
}

fn put(document: &Json, edit: &Edit) -> Json {
    let pointer = edit.field.pointer();
    match (&edit.wish, edit.field.kind) {
        (Wish::Append(item), _) => append(document, pointer, item),
        (Wish::Set(id), Kind::Entry { by, name, .. }) => {
            append(document, pointer, &Json::object([(by, &Json::string(name)), ("id", id)]))
        }
        (Wish::Set(value), _) => set(document, pointer, value),
    }
}

fn append(document: &Json, list: &Pointer, item: &Json) -> Json {
    match document.get(list) {
        Some(there) => {
            let longer = there.with(Pointer::from_static("/-"), item).unwrap_or_else(|_| Json::array([item]));
            set(document, list, &longer)
        }
        None => set(document, list, &Json::array([item])),
    }
}

/// Sets a value and makes the objects on the way to it. `…/team/0/email` makes the list and its one person.
fn set(document: &Json, pointer: &Pointer, value: &Json) -> Json {
    let mut document = document.clone();
    let mut parents: Vec<&Pointer> = std::iter::successors(pointer.parent(), |at| at.parent()).collect();
    parents.reverse();
    for parent in parents.into_iter().filter(|parent| !parent.is_root()) {
        if document.get(parent).is_some() {
            continue;
        }
        let holds_people = pointer.as_str()[parent.as_str().len()..].starts_with("/0/");
        let empty = if holds_people { Json::array([&Json::object([])]) } else { Json::object([]) };
        document = document.with(parent, &empty).expect("the parents were made from the root on");
    }
    document.with(pointer, value).expect("the parents have been made")
}

/// The name of a referral that is to be created, for the report.
pub fn name(document: &Json) -> Option<String> {
    document.value().get("name").and_then(Value::as_str).map(str::to_owned)
}

/// The member that holds the id that the user's own systems have for a referral.
pub const EXTERNAL_ID: &str = "externalReferenceId";
/// What tells a referral that we have sent from another one with the same id of the user's own.
const TELLING: [&str; 4] = ["/name", "/customerProfile/name", "/details/dealValue", "/details/currency"];

/// The id that the user's own systems have for a referral that is to be created.
pub fn external_id(document: &Json) -> Option<String> {
    let id = document.value().get(EXTERNAL_ID)?.as_str()?.to_owned();
    (!id.trim().is_empty()).then_some(id)
}

/// Whether a referral holds what tells the one that was sent from others, as far as it shows it: items of a list may
/// leave members out (contract, section 7).
pub fn is_what_was_sent(document: &Json, referral: &Referral) -> bool {
    let sent = document.value();
    TELLING.iter().all(|path| {
        let pointer = Pointer::from_static(path);
        match (pointer.resolve(&sent).ok(), referral.at(pointer)) {
            (Some(sent), Some(there)) => sent == there || sent.as_f64().is_some() && sent.as_f64() == there.as_f64(),
            (None, _) | (_, None) => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::domain::cell::{Cell, Row};
    use crate::domain::change::{Ask, Background, Request};
    use crate::domain::heading::{Columns, Naming};
    use crate::domain::value::Reading;

    fn check(cells: &[(&str, &str)], expected: &str) {
        let headings = [("id", ""), ("action", "create")];
        let all: Vec<(&str, &str)> = headings.into_iter().chain(cells.iter().copied()).collect();
        let columns = Columns::resolve((0..).zip(all.iter().map(|cell| cell.0)), &Naming::default()).unwrap();
        let row = Row { number: 2, cells: all.iter().map(|cell| Cell::Text(cell.1.to_owned())).collect() };
        let Ask::Create(draft) = Request::read(&row, &columns, &Reading::default(), &Background::default()).ask else {
            panic!("no create")
        };
        let text = match draft.document() {
            Ok((document, _)) => document.to_string(),
            Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        };
        assert_eq!(text, expected);
    }

    #[test]
    fn fields_become_a_nested_document() {
        check(
            &[
                ("Type", "Independent"),
                ("Customer name", "Contoso"),
                ("Customer contact e-mail", "ann@contoso.com"),
                ("Consent to contact", "No"),
                ("Deal value", "12500.50"),
                ("Marketplace intent", "Have not decided"),
                ("Solution 1", "SOL-1"),
            ],
            concat!(
                r#"{"type":"Independent","customerProfile":{"name":"Contoso","team":[{"email":"ann@contoso.com"}]},"#,
                r#""consent":{"consentToContact":false},"details":{"dealValue":12500.50,"requirements":{"#,
                r#""additionalRequirements":{"attributes":[{"type":"CustomerMarketplaceIntent","id":"HaveNotDecided"}]},"#,
                r#""solutions":[{"id":"SOL-1","type":"Name"}]}}}"#
            ),
        );
    }

    #[test]
    fn what_the_service_demands_is_checked_first() {
        check(
            &[("Type", "Independent"), ("Deal value", "1")],
            "a new referral needs `customerProfile`; fill in a column such as `Customer name`\n\
             a new referral needs `consent`; fill in a column such as `Consent to contact`",
        );
    }
}
