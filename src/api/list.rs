//! The list, page by page (contract, section 7).

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use crate::domain::referral::{NotAReferral, Referral};
use crate::service::{Cursor, Page};

/// The most that the service puts on a page (contract, section 3.9).
const PAGE_SIZE_MAX: u32 = 100;

/// Why a page is of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadPage {
    /// It is not a collection of referrals.
    #[error("the answer is not a list of referrals")]
    NotAList(#[source] serde_json::Error),
    /// One of its items is not a referral.
    #[error("item {number} of the list is not a referral")]
    Item {
        /// Which one, counted from 1.
        number: usize,
        /// Why.
        #[source]
        why: NotAReferral,
    },
    /// The link to the next page has no query, so nothing says where to go on.
    #[error("the list's link to the next page has no query")]
    LinkWithoutQuery,
    /// The link to the next page leads back to this one, and following it would never end.
    #[error("the list's link to the next page leads to the same page again")]
    LinkToItself,
}

impl BadPage {
    /// Whether asking again could give a better page.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, BadPage::NotAList(_) | BadPage::Item { .. })
    }
}

/// The query of the first page.
///
/// `$top` counts over all pages in OData, so a full page is asked for by leaving it out; with a smaller `size` there
/// is no next page.
pub(super) fn first_query(size: u32, filter: Option<&str>) -> String {
    let filter = filter.map(|filter| format!("&$filter={}", encoded(filter))).unwrap_or_default();
    let top = if size < PAGE_SIZE_MAX { format!("&$top={size}") } else { String::new() };
    format!("$count=true&$orderby=createdDateTime{filter}{top}")
}

/// Reads the page that was found at the address `asked`.
///
/// Of the link to the next page only the query is used, on our own address: the published link is http, lacks a part
/// of the path, and could name another host, which must never see the token.
pub(super) fn read(text: &str, asked: &Url) -> Result<Page, BadPage> {
    let body: Body<'_> = serde_json::from_str(text).map_err(BadPage::NotAList)?;
    let items = body.value.iter().enumerate().map(|(index, item)| {
        Referral::parse(item.get().to_owned()).map_err(|why| BadPage::Item { number: index + 1, why })
    });
    Ok(Page {
        referrals: items.collect::<Result<_, _>>()?,
        total: body.count.as_ref().and_then(count),
        next: body.next_link.filter(|link| !link.is_empty()).map(|link| cursor(&link, asked)).transpose()?,
    })
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(rename = "@odata.count")]
    count: Option<Value>,
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
}

/// OData may print a count as text.
fn count(count: &Value) -> Option<u64> {
    count.as_u64().or_else(|| count.as_str()?.parse().ok())
}

fn cursor(link: &str, asked: &Url) -> Result<Cursor, BadPage> {
    let without_fragment = link.split('#').next().unwrap_or_default();
    let query = without_fragment.split_once('?').map(|(_, query)| query).filter(|query| !query.is_empty());
    let mut next = asked.clone();
    next.set_query(Some(query.ok_or(BadPage::LinkWithoutQuery)?));
    if next == *asked {
        return Err(BadPage::LinkToItself);
    }
    Ok(Cursor(next.query().unwrap_or_default().to_owned()))
}

/// The text with everything encoded that could mean something else in a query; spaces as `%20`, since a `+` is not
/// a space everywhere.
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() || b"-._~()$,/:@".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = "https://h/v1.0/engagements/referrals?$count=true";
    const ID: &str = "5f0c3f0e-0000-4000-8000-000000000001";

    fn page(text: &str) -> Result<Page, String> {
        read(text, &ASKED.parse().unwrap()).map_err(|why| why.to_string())
    }

    fn check_link(link: &str, expected: Result<Option<&str>, &str>) {
        let next = page(&format!(r#"{{"value":[],"@odata.nextLink":"{link}"}}"#)).map(|page| page.next);
        let expected = expected.map(|next| next.map(|query| Cursor(query.to_owned()))).map_err(str::to_owned);
        assert_eq!(next, expected, "{link}");
    }

    #[test]
    fn the_first_page_is_asked_for_with_a_count_and_in_a_fixed_order() {
        assert_eq!(first_query(100, None), "$count=true&$orderby=createdDateTime");
        assert_eq!(first_query(500, None), first_query(100, None));
        assert_eq!(first_query(10, None), "$count=true&$orderby=createdDateTime&$top=10");
        assert_eq!(
            first_query(100, Some("status eq 'Active' and team/any(t:t/email eq 'a+b&c#@é.com')")),
            "$count=true&$orderby=createdDateTime&$filter=status%20eq%20%27Active%27%20and%20\
             team/any(t:t/email%20eq%20%27a%2Bb%26c%23@%C3%A9.com%27)"
        );
    }

    #[test]
    fn only_the_query_of_a_link_is_used() {
        check_link("http://api.partner.microsoft.com/v1.0/referrals?$skiptoken=abc", Ok(Some("$skiptoken=abc")));
        check_link("https://evil.example/?$skiptoken=a%20b&$count=true#x", Ok(Some("$skiptoken=a%20b&$count=true")));
        check_link("referrals?$skiptoken=a b", Ok(Some("$skiptoken=a%20b")));
        check_link("", Ok(None));
    }

    #[test]
    fn a_link_that_leads_nowhere_or_back_is_refused() {
        check_link("https://h/v1.0/referrals", Err("the list's link to the next page has no query"));
        check_link("https://h/v1.0/referrals?", Err("the list's link to the next page has no query"));
        check_link("http://other/?$count=true", Err("the list's link to the next page leads to the same page again"));
    }

    #[test]
    fn items_keep_their_text_and_a_count_may_be_text() {
        let item = format!(r#"{{ "id":"{ID}", "details":{{"dealValue":1.10}} }}"#);
        let read = page(&format!(r#"{{"@odata.context":"x","@odata.count":"7","value":[ {item} ]}}"#)).unwrap();
        assert_eq!((read.total, read.next), (Some(7), None));
        assert_eq!(read.referrals[0].document().text(), item);
        assert_eq!(page(r#"{"value":[],"@odata.count":null,"@odata.nextLink":null}"#).unwrap().total, None);
    }

    #[test]
    fn what_is_not_a_list_of_referrals_says_so() {
        for text in ["<html>", "{}", r#"{"value":null}"#, r#"{"totalCount":1,"items":[]}"#, "[]"] {
            assert_eq!(page(text).unwrap_err(), "the answer is not a list of referrals", "{text}");
        }
        let text = format!(r#"{{"value":[{{"id":"{ID}"}},{{"name":"no id"}}]}}"#);
        assert_eq!(page(&text).unwrap_err(), "item 2 of the list is not a referral");
    }
}
