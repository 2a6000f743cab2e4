//! One page of the list: filtered, ordered, cut, and where the next one starts.
//!
//! Pages are found by key and not by counting, so that a referral which changes between two pages neither hides
//! another nor makes it come twice.

use serde::ser::{Serialize, Serializer};

use super::document::Document;
use super::odata::{self, Bookmark, Order, Path, Query, Scalar};
use super::refusal::Refusal;
use super::shelf::{Place, Shelf};
use super::views::{self, Views};
use crate::domain::referral::ReferralId;

/// A page, not yet written.
#[derive(Debug)]
pub(super) struct Page {
    pub documents: Vec<Document>,
    pub view: View,
    pub total: Option<usize>,
    /// The query of the next page.
    pub next: Option<String>,
}

/// Which members of its referrals a page shows.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub select: Option<Vec<String>>,
    pub shows_etags: bool,
}

/// A referral as a page shows it.
pub(super) struct Shown<'a> {
    pub document: &'a Document,
    pub view: &'a View,
}

/// In which order a list is.
#[derive(Debug, Clone, Copy)]
enum Arrangement<'a> {
    Creation { is_descending: bool },
    Keys(&'a [Order]),
}

/// Cuts a page of at most `page_max` referrals. `$top` limits all pages together, as OData has it (S22).
pub(super) fn page(
    shelf: &Shelf,
    views: &mut Views,
    text: &str,
    page_max: usize,
    shows_etags: bool,
) -> Result<Page, Refusal> {
    let query = Query::parse(text)?;
    let size = query.top.unwrap_or(usize::MAX).min(page_max);
    let arrangement = Arrangement::of(&query.order);
    let all = match (&query.filter, arrangement) {
        (None, Arrangement::Creation { .. }) => shelf.by_creation(),
        (filter, Arrangement::Creation { .. }) => views.of(shelf, filter.as_ref(), &[]),
        (filter, Arrangement::Keys(order)) => views.of(shelf, filter.as_ref(), order),
    };
    // The page and, to see whether there is another, one more.
    let end = query.skip.saturating_add(size).saturating_add(1);
    let rest = rest(shelf, all, arrangement, query.after.as_ref())?;
    let mut places: Vec<Place> = match arrangement {
        Arrangement::Creation { is_descending: true } => {
            rest.iter().rev().take(end).skip(query.skip).copied().collect()
        }
        _ => rest.iter().take(end).skip(query.skip).copied().collect(),
    };
    let has_more = places.len() > size;
    places.truncate(size);
    let top_left = query.top.map(|top| top - size);
    let last = places.last().filter(|_| has_more && top_left != Some(0));
    let next = last.map(|last| odata::next_query(text, top_left, &bookmark(shelf, *last, &query.order)));
    let total = query.is_count_wanted.then_some(all.len());
    let documents = places.into_iter().map(|place| shelf.document(place)).collect();
    Ok(Page { documents, view: View { select: query.select, shows_etags }, total, next })
}

impl Arrangement<'_> {
    fn of(order: &[Order]) -> Arrangement<'_> {
        match order {
            [] => Arrangement::Creation { is_descending: false },
            [only] if only.path == Path::creation() => Arrangement::Creation { is_descending: only.is_descending },
            keys => Arrangement::Keys(keys),
        }
    }
}

/// What follows the bookmark, or stands before it in a list that is read backwards.
fn rest<'a>(
    shelf: &Shelf,
    all: &'a [Place],
    arrangement: Arrangement<'_>,
    after: Option<&Bookmark>,
) -> Result<&'a [Place], Refusal> {
    let Some(bookmark) = after else { return Ok(all) };
    let id = id_of(bookmark)?;
    let keys: Vec<Scalar> = bookmark.keys.iter().map(Scalar::of).collect();
    match (arrangement, keys.as_slice()) {
        (Arrangement::Creation { is_descending }, [created]) => {
            let order = |place: &Place| shelf.record(*place).order_to(created, id);
            Ok(match is_descending {
                true => &all[..all.partition_point(|place| order(place).is_lt())],
                false => &all[all.partition_point(|place| order(place).is_le())..],
            })
        }
        (Arrangement::Keys(order), keys) if keys.len() == order.len() => {
            let is_before = |place: &Place| views::order_to(shelf, *place, order, (keys, id)).is_le();
            Ok(&all[all.partition_point(is_before)..])
        }
        (Arrangement::Creation { .. } | Arrangement::Keys(_), _) => Err(foreign_bookmark()),
    }
}

fn bookmark(shelf: &Shelf, place: Place, order: &[Order]) -> Bookmark {
    let creation = [Order { path: Path::creation(), is_descending: false }];
    let order = if order.is_empty() { &creation } else { order };
    Bookmark { keys: views::values(shelf, place, order), id: shelf.record(place).id.to_string() }
}

fn id_of(bookmark: &Bookmark) -> Result<ReferralId, Refusal> {
    bookmark.id.parse().map_err(|_| foreign_bookmark())
}

fn foreign_bookmark() -> Refusal {
    Refusal::invalid("$skiptoken", "the skip token belongs to another query")
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let View { select, shows_etags } = self.view;
        if select.is_none() && *shows_etags {
            return self.document.serialize(serializer);
        }
        let is_shown = |name: &str| {
            let is_selected = select.as_ref().is_none_or(|select| select.iter().any(|select| select == name));
            is_selected && (*shows_etags || name != "eTag")
        };
        let members = self.document.members();
        serializer.collect_map(members.such(is_shown))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::sandbox::mint::referral_id;

    /// Referrals of which the first half shares one value, created in order of their number.
    fn shelf(referrals: usize) -> Shelf {
        let document = |index: usize| {
            json!({
                "id": referral_id(1, index).to_string(),
                "name": format!("{index:04}"),
                "createdDateTime": format!("2026-01-01T{:02}:{:02}:00Z", index / 60, index % 60),
                "details": { "dealValue": if index < referrals / 2 { Value::Null } else { json!(index % 7) } },
                "eTag": "\"x\"",
            })
        };
        let documents = (0..referrals).map(|index| (referral_id(1, index), Document::of(&document(index))));
        Shelf::stock(documents.collect()).unwrap()
    }

    fn page(shelf: &Shelf, query: &str, page_max: usize, shows_etags: bool) -> Result<Page, Refusal> {
        super::page(shelf, &mut Views::default(), query, page_max, shows_etags)
    }

    fn names(page: &Page) -> Vec<String> {
        page.documents.iter().map(|document| document.members().text("name").unwrap()).collect()
    }

    /// Follows the pages and tells how long each was, and all names in order.
    fn follow(shelf: &Shelf, query: &str, page_max: usize) -> (Vec<usize>, Vec<String>) {
        let (mut sizes, mut all, mut query) = (Vec::new(), Vec::new(), Some(query.to_owned()));
        while let Some(text) = query {
            let page = page(shelf, &text, page_max, true).unwrap();
            sizes.push(page.documents.len());
            all.extend(names(&page));
            query = page.next;
        }
        (sizes, all)
    }

    fn check_sizes(query: &str, expected: &[usize]) {
        assert_eq!(follow(&shelf(250), query, 100).0, expected, "{query}");
    }

    #[test]
    fn pages_hold_a_hundred_and_link_to_the_next() {
        check_sizes("", &[100, 100, 50]);
        check_sizes("$skip=200", &[50]);
        check_sizes("$skip=100&$orderby=name desc", &[100, 50]);
        check_sizes("$filter=details/dealValue ne null", &[100, 25]);
    }

    #[test]
    fn s22_top_limits_all_pages_together() {
        check_sizes("$top=10", &[10]);
        check_sizes("$top=100", &[100]);
        check_sizes("$top=150", &[100, 50]);
        check_sizes("$top=1000", &[100, 100, 50]);
        check_sizes("$top=0", &[0]);
        check_sizes("$top=150&$orderby=updatedDateTime", &[100, 50]);
    }

    #[test]
    fn every_order_gives_every_referral_once() {
        let shelf = shelf(250);
        for order in [
            "",
            "createdDateTime",
            "createdDateTime desc",
            "name",
            "name desc",
            "details/dealValue desc,name",
            "details/dealValue,createdDateTime desc",
        ] {
            let query = if order.is_empty() { String::new() } else { format!("$orderby={order}") };
            let (_, mut paged) = follow(&shelf, &query, 7);
            let (_, whole) = follow(&shelf, &query, 1000);
            assert_eq!(paged, whole, "{order}");
            paged.sort();
            paged.dedup();
            assert_eq!(paged.len(), 250, "{order}");
        }
    }

    #[test]
    fn orders_are_as_asked_and_nothing_comes_first() {
        let shelf = shelf(20);
        let check = |query: &str, expected: [&str; 3]| {
            assert_eq!(names(&page(&shelf, query, 3, true).unwrap()), expected, "{query}");
        };
        check("$orderby=createdDateTime", ["0000", "0001", "0002"]);
        check("$orderby=createdDateTime desc", ["0019", "0018", "0017"]);
        check("$orderby=details/dealValue,name", ["0000", "0001", "0002"]);
        check("$orderby=details/dealValue desc,name", ["0013", "0012", "0019"]);
    }

    #[test]
    fn the_count_is_of_all_pages_and_only_when_asked_for() {
        let total = |query: &str| page(&shelf(250), query, 100, true).unwrap().total;
        assert_eq!(total("$count=true&$top=5"), Some(250));
        assert_eq!(total("$count=true&$filter=details/dealValue eq null"), Some(125));
        assert_eq!(total("$count=false"), None);
        assert_eq!(total(""), None);
    }

    #[test]
    fn a_page_shows_the_members_that_were_selected() {
        let shelf = shelf(1);
        let shown = |query: &str, shows_etags: bool| {
            let page = page(&shelf, query, 1, shows_etags).unwrap();
            let shown = serde_json::to_value(Shown { document: &page.documents[0], view: &page.view }).unwrap();
            shown.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(shown("$select=name,eTag,campaignId", true), ["name", "eTag"]);
        assert_eq!(shown("", false), ["id", "name", "createdDateTime", "details"]);
        assert_eq!(shown("", true).len(), 5);
    }

    #[test]
    fn a_token_of_another_query_is_refused() {
        let shelf = shelf(10);
        let next = page(&shelf, "$orderby=name,id", 5, true).unwrap().next.unwrap();
        let token = next.split('&').next_back().unwrap();
        assert_eq!(page(&shelf, token, 5, true).unwrap_err().status, 400);
    }
}
