//! One page of the list: filtered, ordered, cut, and where the next one starts.
//!
//! Pages are found by key and not by counting, so that a referral which changes between two pages neither hides
//! another nor makes it come twice. In order of creation nothing is sorted; in any other order, only what a page
//! needs.

use std::cmp::Ordering;

use serde::ser::{Serialize, Serializer};
use serde_json::Value;

use super::document::Document;
use super::odata::{self, Bookmark, Filter, Order, Path, Query, Scalar};
use super::refusal::Refusal;
use super::shelf::{Mark, Place, Shelf};
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

/// A referral and where it stands in an order: the values of `$orderby`, then its id.
struct Candidate {
    keys: Vec<Scalar>,
    id: ReferralId,
    place: Place,
}

/// Cuts a page of at most `page_max` referrals. `$top` limits all pages together, as OData has it (S22).
pub(super) fn page(shelf: &Shelf, text: &str, page_max: usize, shows_etags: bool) -> Result<Page, Refusal> {
    let query = Query::parse(text)?;
    let size = query.top.unwrap_or(usize::MAX).min(page_max);
    let mut places = match query.order.as_slice() {
        [] => in_creation_order(shelf, &query, false, size)?,
        [only] if only.path == Path::creation() => in_creation_order(shelf, &query, only.is_descending, size)?,
        _ => in_order(shelf, &query, size)?,
    };
    let has_more = places.len() > size;
    places.truncate(size);
    let rest = query.top.map(|top| top - size);
    let last = places.last().filter(|_| has_more && rest != Some(0));
    let next = last.map(|last| odata::next_query(text, rest, &bookmark(shelf, *last, &query.order)));
    let total = query.is_count_wanted.then(|| count(shelf, &query));
    let documents = places.into_iter().map(|place| shelf.document(place)).collect();
    Ok(Page { documents, view: View { select: query.select, shows_etags }, total, next })
}

/// The page and, to see whether there is another, one more.
fn in_creation_order(shelf: &Shelf, query: &Query, is_descending: bool, size: usize) -> Result<Vec<Place>, Refusal> {
    let mark = match &query.after {
        None => None,
        Some(bookmark) => {
            let [created] = bookmark.keys.as_slice() else { return Err(foreign_bookmark()) };
            Some(Mark { created: Scalar::of(created), id: id_of(bookmark)? })
        }
    };
    let mark = mark.as_ref();
    let is_admitted = |place: &Place| admits(query, shelf, *place);
    let end = size.saturating_add(1);
    Ok(if is_descending {
        shelf.before(mark).rev().filter(is_admitted).skip(query.skip).take(end).collect()
    } else {
        shelf.after(mark).filter(is_admitted).skip(query.skip).take(end).collect()
    })
}

/// The same in any other order.
fn in_order(shelf: &Shelf, query: &Query, size: usize) -> Result<Vec<Place>, Refusal> {
    let order = query.order.as_slice();
    let after = match &query.after {
        None => None,
        Some(bookmark) if bookmark.keys.len() != order.len() => return Err(foreign_bookmark()),
        Some(bookmark) => Some((bookmark.keys.iter().map(Scalar::of).collect::<Vec<_>>(), id_of(bookmark)?)),
    };
    let candidate = |place: Place| {
        let keys = keys(shelf, place, order).iter().map(Scalar::of).collect();
        Candidate { keys, id: shelf.record(place).id, place }
    };
    let is_after = |candidate: &Candidate| match &after {
        None => true,
        Some((keys, id)) => compare(order, (&candidate.keys, candidate.id), (keys, *id)).is_gt(),
    };
    let places = shelf.after(None).filter(|place| admits(query, shelf, *place));
    let mut candidates: Vec<Candidate> = places.map(candidate).filter(is_after).collect();
    let by_order =
        |this: &Candidate, that: &Candidate| compare(order, (&this.keys, this.id), (&that.keys, that.id));
    let needed = query.skip.saturating_add(size).saturating_add(1);
    if needed < candidates.len() {
        candidates.select_nth_unstable_by(needed, by_order);
        candidates.truncate(needed);
    }
    candidates.sort_unstable_by(by_order);
    Ok(candidates.into_iter().skip(query.skip).map(|candidate| candidate.place).collect())
}

fn compare(order: &[Order], this: (&[Scalar], ReferralId), that: (&[Scalar], ReferralId)) -> Ordering {
    let keys = order.iter().zip(this.0.iter().zip(that.0));
    let mut orderings = keys.map(|(key, (this, that))| {
        let ordering = this.total_order(that);
        if key.is_descending { ordering.reverse() } else { ordering }
    });
    orderings.find(|ordering| ordering.is_ne()).unwrap_or_else(|| this.1.cmp(&that.1))
}

fn admits(query: &Query, shelf: &Shelf, place: Place) -> bool {
    let admits = |filter: &Filter| filter.admits(&shelf.document(place).members().excerpt(filter.looks_at()));
    query.filter.as_ref().is_none_or(admits)
}

fn count(shelf: &Shelf, query: &Query) -> usize {
    match query.filter {
        None => shelf.len(),
        Some(_) => shelf.after(None).filter(|place| admits(query, shelf, *place)).count(),
    }
}

fn keys(shelf: &Shelf, place: Place, order: &[Order]) -> Vec<Value> {
    let excerpt = shelf.document(place).members().excerpt(order.iter().map(|key| key.path.root()));
    order.iter().map(|key| key.path.of(&excerpt).clone()).collect()
}

fn bookmark(shelf: &Shelf, place: Place, order: &[Order]) -> Bookmark {
    let creation = [Order { path: Path::creation(), is_descending: false }];
    let order = if order.is_empty() { &creation } else { order };
    Bookmark { keys: keys(shelf, place, order), id: shelf.record(place).id.to_string() }
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
        serializer.collect_map(members.iter().filter(|(name, _)| is_shown(name)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
