//! The query of a list request (contract, section 7): a small part of OData 4.0, read strictly (S23).

mod filter;
mod lexer;
mod scalar;

use serde_json::Value;

use super::members;
use super::refusal::Refusal;

pub(super) use filter::Filter;
pub(super) use scalar::Scalar;

/// A query, read.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub filter: Option<Filter>,
    /// Empty when the caller does not care.
    pub order: Vec<Order>,
    /// How many referrals at most on all pages together.
    pub top: Option<usize>,
    pub skip: usize,
    /// The root members wanted; all when absent.
    pub select: Option<Vec<String>>,
    pub is_count_wanted: bool,
    /// Where a former page ended.
    pub after: Option<Bookmark>,
}

/// One key of `$orderby`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    pub path: Path,
    pub is_descending: bool,
}

/// Names from the root of a referral, or of a list item, to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<String>);

/// The last referral of a page: its ordering values and its id. `$skiptoken` holds it in hexadecimal, so that
/// nobody is tempted to make one up.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bookmark {
    pub keys: Vec<Value>,
    pub id: String,
}

impl Query {
    /// Reads the part of an address after `?`.
    pub(super) fn parse(text: &str) -> Result<Query, Refusal> {
        let mut query = Query::default();
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if seen.iter().any(|seen| *seen == name) {
                return Err(Refusal::invalid(name, "an option may be given once"));
            }
            match name.as_ref() {
                "$filter" => query.filter = Some(Filter::parse(&value)?),
                "$orderby" => query.order = orders(&value)?,
                "$top" => query.top = Some(number("$top", &value)?),
                "$skip" => query.skip = number("$skip", &value)?,
                "$select" => query.select = Some(selection(&value)?),
                "$count" => query.is_count_wanted = flag("$count", &value)?,
                "$skiptoken" => query.after = Some(Bookmark::parse(&value)?),
                other => return Err(Refusal::invalid(other, format!("`{other}` is not a supported query option"))),
            }
            seen.push(name.into_owned());
        }
        Ok(query)
    }
}

/// The query of the next page: what was asked, without what the first page has settled.
pub(super) fn next_query(text: &str, rest: Option<usize>, bookmark: &Bookmark) -> String {
    const SETTLED: &[&str] = &["$count", "$skip", "$skiptoken", "$top"];
    let is_kept = |piece: &&str| {
        let name = url::form_urlencoded::parse(piece.as_bytes()).next().map(|(name, _)| name.into_owned());
        name.is_some_and(|name| !SETTLED.contains(&name.as_str()))
    };
    let mut pieces: Vec<String> = text.split('&').filter(is_kept).map(str::to_owned).collect();
    if let Some(rest) = rest {
        pieces.push(format!("$top={rest}"));
    }
    pieces.push(format!("$skiptoken={}", bookmark.print()));
    pieces.join("&")
}

impl Path {
    /// Names separated by `/`, the first of them a root member.
    fn from_root(text: &str) -> Option<Path> {
        let path = Path::relative(text)?;
        members::ROOT.contains(&path.0[0].as_str()).then_some(path)
    }

    fn relative(text: &str) -> Option<Path> {
        let names: Vec<String> = text.split('/').map(str::to_owned).collect();
        let is_name = |name: &String| {
            let mut letters = name.chars();
            letters.next().is_some_and(char::is_alphabetic)
                && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
        };
        names.iter().all(is_name).then_some(Path(names))
    }

    /// The path of `createdDateTime`, in which referrals are listed unless told otherwise.
    pub(super) fn creation() -> Path {
        Path(vec!["createdDateTime".to_owned()])
    }

    /// The member of the root that it begins at.
    pub(super) fn root(&self) -> &str {
        &self.0[0]
    }

    /// What is there; nothing is the same as `null`.
    pub(super) fn of<'a>(&self, document: &'a Value) -> &'a Value {
        self.0.iter().fold(document, |value, name| &value[name])
    }
}

impl Bookmark {
    fn print(&self) -> String {
        let text = Value::from(vec![Value::from(self.keys.clone()), Value::from(self.id.as_str())]).to_string();
        text.bytes()
            .flat_map(|byte| [byte >> 4, byte & 0xf])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }

    fn parse(text: &str) -> Result<Bookmark, Refusal> {
        let read = || {
            let pairs = text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
            let bytes: Vec<u8> = pairs.collect::<Option<_>>()?;
            match serde_json::from_slice(&bytes).ok()? {
                (Value::Array(keys), Value::String(id)) => Some(Bookmark { keys, id }),
                _ => None,
            }
        };
        read().ok_or_else(|| Refusal::invalid("$skiptoken", "the skip token is not one of ours"))
    }
}

fn orders(text: &str) -> Result<Vec<Order>, Refusal> {
    let order = |key: &str| {
        let mut words = key.split_whitespace();
        let path = Path::from_root(words.next()?)?;
        let is_descending = match words.next() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return None,
        };
        words.next().is_none().then_some(Order { path, is_descending })
    };
    let read: Option<Vec<Order>> = text.split(',').map(order).collect();
    read.ok_or_else(|| Refusal::invalid("$orderby", format!("`{text}` is no ordering")))
}

fn selection(text: &str) -> Result<Vec<String>, Refusal> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| !members::ROOT.contains(&name.as_str())) {
        Some(name) => Err(Refusal::invalid("$select", format!("`{name}` is no member of a referral"))),
        None => Ok(names),
    }
}

fn number(name: &str, text: &str) -> Result<usize, Refusal> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_plain);
    number.ok_or_else(|| Refusal::invalid(name, format!("`{text}` is no number of referrals")))
}

fn flag(name: &str, text: &str) -> Result<bool, Refusal> {
    text.parse().map_err(|_| Refusal::invalid(name, format!("`{text}` is neither true nor false")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check_refused(query: &str, target: &str) {
        let refusal = Query::parse(query).unwrap_err();
        assert_eq!((refusal.status, refusal.code.word()), (400, "invalidRequest"), "{query}");
        assert_eq!(refusal.target.as_deref(), Some(target), "{query}");
    }

    #[test]
    fn a_query_is_read_whole() {
        let query =
            Query::parse("$top=10&%24skip=5&$count=true&$select=id,%20status&$orderby=createdDateTime%20desc,name")
                .unwrap();
        assert_eq!((query.top, query.skip, query.is_count_wanted), (Some(10), 5, true));
        assert_eq!(query.select.unwrap(), ["id", "status"]);
        assert_eq!(query.order.len(), 2);
        assert!(query.order[0].is_descending && !query.order[1].is_descending);
    }

    #[test]
    fn s23_unknown_options_and_wrong_values_are_refused() {
        check_refused("$expand=team", "$expand");
        check_refused("pagesize=10", "pagesize");
        check_refused("top=10", "top");
        check_refused("$top=-1", "$top");
        check_refused("$top=ten", "$top");
        check_refused("$count=yes", "$count");
        check_refused("$orderby=createdDateTime down", "$orderby");
        check_refused("$orderby=unknown", "$orderby");
        check_refused("$orderby=", "$orderby");
        check_refused("$select=unknown", "$select");
        check_refused("$filter=status", "$filter");
        check_refused("$filter=status is 'New'", "$filter");
        check_refused("$top=1&$top=2", "$top");
        check_refused("$skiptoken=xyz", "$skiptoken");
        check_refused("$skiptoken=abcd", "$skiptoken");
    }

    #[test]
    fn a_bookmark_survives_its_printing() {
        let bookmark = Bookmark { keys: vec![json!("2026-01-01T00:00:00Z"), json!(5.5)], id: "x".to_owned() };
        let query = format!("$skiptoken={}", bookmark.print());
        assert_eq!(Query::parse(&query).unwrap().after, Some(bookmark));
    }

    #[test]
    fn the_next_query_repeats_what_still_matters() {
        let bookmark = Bookmark { keys: vec![], id: String::new() };
        let next = next_query("$count=true&$filter=status%20eq%20'New'&$top=150&$skip=3", Some(50), &bookmark);
        assert_eq!(next, "$filter=status%20eq%20'New'&$top=50&$skiptoken=5b5b5d2c22225d");
        assert_eq!(next_query("", None, &bookmark), "$skiptoken=5b5b5d2c22225d");
    }
}
