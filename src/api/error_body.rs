//! What the service says when it says no (contract, section 8.1), and what others say in its place.
//!
//! Read leniently: names in any case, unknown members ignored, plain text and HTML taken as they are. Nothing is
//! decided here; the status has to be enough for that.

use reqwest::StatusCode;
use serde_json::{Map, Value};

/// The longest message that is kept, in characters; the contract's own bound.
const MESSAGE_CHARS_MAX: usize = 1024;
/// The longest error code that is kept, in characters. Known ones have at most 20.
const CODE_CHARS_MAX: usize = 64;
/// How many inner errors are looked into.
const INNER_ERRORS_MAX: usize = 16;

/// An error body, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ErrorBody {
    /// The error codes, from the general one to the specific one.
    pub codes: Vec<String>,
    /// What to show to people. Never empty.
    pub message: String,
}

impl ErrorBody {
    /// Reads whatever came with an error status.
    pub(super) fn read(status: StatusCode, text: &str) -> Self {
        let (codes, message) = match serde_json::from_str(text) {
            Ok(Value::Object(root)) => from_object(&root),
            Ok(Value::String(text)) => (Vec::new(), first_line(&text)),
            Ok(_) => (Vec::new(), None),
            Err(_) => (Vec::new(), first_line(text)),
        };
        let message = message.map(|message| clean(&message, MESSAGE_CHARS_MAX)).filter(|message| !message.is_empty());
        ErrorBody { codes, message: message.unwrap_or_else(|| reason(status)) }
    }
}

/// The text without control characters and without white space around it, cut.
pub(super) fn clean(text: &str, chars_max: usize) -> String {
    let printable = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    printable.take(chars_max).collect::<String>().trim().to_owned()
}

fn from_object(root: &Map<String, Value>) -> (Vec<String>, Option<String>) {
    // Some gateways print code and message without the `error` around them.
    let outermost = member(root, &["error"]).and_then(Value::as_object).unwrap_or(root);
    let chain: Vec<_> = std::iter::successors(Some(outermost), |&error| inner(error)).take(INNER_ERRORS_MAX).collect();
    let codes = chain.iter().filter_map(|error| code(error)).collect();
    (codes, message(&chain))
}

fn inner(error: &Map<String, Value>) -> Option<&Map<String, Value>> {
    member(error, &["innererror"])?.as_object()
}

fn code(error: &Map<String, Value>) -> Option<String> {
    let code = match member(error, &["code", "error"])? {
        Value::String(code) => clean(code, CODE_CHARS_MAX),
        Value::Number(code) => code.to_string(),
        _ => return None,
    };
    (!code.is_empty()).then_some(code)
}

/// The general message, then the most specific one, then what it is about; each only if it says something new.
fn message(chain: &[&Map<String, Value>]) -> Option<String> {
    let said = |error: &&Map<String, Value>| {
        member(error, &["message", "error_description", "description", "detail", "title"])?.as_str().map(str::to_owned)
    };
    let mut message = chain.iter().find_map(said)?;
    if let Some(specific) = chain.iter().rev().find_map(said).filter(|specific| !message.contains(specific.as_str())) {
        message = format!("{}: {specific}", message.trim_end_matches('.'));
    }
    let target = chain.iter().rev().find_map(|error| member(error, &["target"])?.as_str());
    if let Some(target) = target.filter(|target| !target.is_empty() && !message.contains(target)) {
        message = format!("{message} (`{target}`)");
    }
    Some(message)
}

/// The first of the names that has a value, in any case.
fn member<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| {
        object.iter().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null()).map(|(_, value)| value)
    })
}

/// The first line of a plain text, or the title of a page.
fn first_line(text: &str) -> Option<String> {
    if text.trim_start().starts_with('<') {
        return title(text);
    }
    text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

fn title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find('<')?;
    Some(page[start..end].to_owned())
}

fn reason(status: StatusCode) -> String {
    status.canonical_reason().map_or_else(|| format!("status {}", status.as_u16()), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, codes: &[&str], message: &str) {
        let body = ErrorBody::read(StatusCode::BAD_GATEWAY, text);
        assert_eq!((body.codes, body.message.as_str()), (codes.iter().map(ToString::to_string).collect(), message));
    }

    #[test]
    fn the_documented_body_gives_its_codes_and_its_message() {
        check(
            r#"{"error":{"code":"preconditionFailed","message":"ETag does not match","target":"ETag",
                "innerError":{"code":"99918","message":"","details":null}}}"#,
            &["preconditionFailed", "99918"],
            "ETag does not match",
        );
        check(
            r#"{"error":{"code":"invalidRequest","message":"The request is not valid.","target":"status"}}"#,
            &["invalidRequest"],
            "The request is not valid. (`status`)",
        );
        check(
            r#"{"error":{"code":"invalidRequest","message":"Invalid.",
                "innererror":{"code":"a","innerError":{"code":"b","message":"dealValue is negative"}}}}"#,
            &["invalidRequest", "a", "b"],
            "Invalid: dealValue is negative",
        );
    }

    #[test]
    fn names_come_in_any_case_and_members_that_are_not_known_do_no_harm() {
        check(
            r#"{"Error":{"Code":"unAuthorized","MESSAGE":"no","new":[1],"InnerError":null,"target":null}}"#,
            &["unAuthorized"],
            "no",
        );
        check(r#"{"error":{"code":900421,"message":"MFA is required"}}"#, &["900421"], "MFA is required");
    }

    #[test]
    fn bodies_of_others_are_read_too() {
        check(r#"{"statusCode":429,"message":"Rate limit is exceeded."}"#, &[], "Rate limit is exceeded.");
        check(r#"{"error":"invalid_grant","error_description":"expired"}"#, &["invalid_grant"], "expired");
        check("\n\n  upstream connect error \r\n more", &[], "upstream connect error");
        check("<html><head><TITLE >\n502 Bad\u{7}Gateway</title></head><body>x", &[], "502 Bad Gateway");
    }

    #[test]
    fn what_says_nothing_is_said_by_the_status() {
        for nothing in ["", "  \n", "{}", "[]", "null", r#"{"error":{}}"#, r#"{"error":{"code":"","message":""}}"#] {
            check(nothing, &[], "Bad Gateway");
        }
        check("<p>no title</p>", &[], "Bad Gateway");
        check("<title", &[], "Bad Gateway");
        assert_eq!(ErrorBody::read(StatusCode::from_u16(599).unwrap(), "").message, "status 599");
    }

    #[test]
    fn long_and_wild_texts_are_tamed() {
        let body = ErrorBody::read(StatusCode::BAD_REQUEST, &format!("a\u{1b}[31m{}", "é".repeat(5000)));
        assert_eq!(body.message.chars().count(), 1024);
        assert!(body.message.starts_with("a [31mé"));
        let deep = format!("{}{}", r#"{"innerError":"#.repeat(100), "{}".to_owned() + &"}".repeat(100));
        assert_eq!(ErrorBody::read(StatusCode::BAD_REQUEST, &deep).message, "Bad Request");
    }
}
