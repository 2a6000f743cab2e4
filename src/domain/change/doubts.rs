//! What is doubtful only when several cells of a row are looked at together.

use std::borrow::Cow;

use super::{Edit, Wish};
use crate::domain::field::Writable;
use crate::domain::problem::Problem;

/// A postal code that a spreadsheet took for a number, and whose zero it took away. Where the country is not known, only a
/// new referral is warned about: four digits are right in many countries.
pub fn postal_code(edits: &[Edit], purpose: Writable) -> Option<Problem> {
    let find = |path: &str| edits.iter().find(|edit| edit.field.path == path);
    let text = |edit: &Edit| match &edit.wish {
        Wish::Set(json) => json.as_str().map(Cow::into_owned),
        Wish::Append(_) => None,
    };
    let edit = find("/customerProfile/address/postalCode")?;
    let code = text(edit).filter(|code| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()))?;
    let country = find("/customerProfile/address/country").and_then(text);
    let found = match country.as_deref() {
        Some("US") => format!("`{code}` has four digits: a leading zero was probably lost"),
        None if purpose == Writable::Create => {
            format!("`{code}` has four digits: if it is one of the United States, a leading zero was lost")
        }
        Some(_) | None => return None,
    };
    let accepted = format!("if so, format the cell as text and write `0{code}`");
    Some(Problem::warning(edit.place, &edit.heading, found, accepted))
}
