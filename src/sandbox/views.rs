//! Lists that were asked for, kept ready for their next page. To find the first page of a million referrals, each has to
//! be looked at; for the pages after it only those that have changed meanwhile.

use std::cmp::Ordering;
use std::collections::{HashSet, VecDeque};
use std::num::NonZero;
use std::thread;

use serde_json::Value;

use super::odata::{Filter, Order, Scalar};
use super::seed;
use super::shelf::{Place, Shelf};
use crate::domain::referral::ReferralId;

/// How many lists are kept ready.
const VIEWS_MAX: usize = 4;
/// A list is made anew when more than this share of it has changed: one in so many.
const CHANGED_SHARE: usize = 64;
/// Fewer referrals than that are looked through faster than threads are started.
const APIECE_MIN: usize = 2_000;

/// The lists, the one that was asked for last in front.
#[derive(Debug, Default)]
pub(super) struct Views(VecDeque<View>);

/// What a filter admits, in an order: that of creation if there is no key.
#[derive(Debug)]
struct View {
    filter: Option<Filter>,
    order: Vec<Order>,
    places: Vec<Place>,
    /// Referrals that are others now than when they were put where they are, or left out.
    changed: Vec<Place>,
}

impl Views {
    /// All referrals that the filter admits, in that order.
    pub(super) fn of(&mut self, referrals: &Shelf, filter: Option<&Filter>, order: &[Order]) -> &[Place] {
        let known = self.0.iter().position(|view| view.filter.as_ref() == filter && view.order == order);
        let mut view = known.and_then(|known| self.0.remove(known));
        if let Some(view) = &mut view {
            view.refresh(referrals);
        }
        self.0.truncate(VIEWS_MAX - 1);
        self.0.push_front(view.unwrap_or_else(|| View::new(referrals, filter.cloned(), order.to_vec())));
        &self.0[0].places
    }

    /// A referral is new, or has changed.
    pub(super) fn note(&mut self, place: Place) {
        for view in &mut self.0 {
            view.changed.push(place);
        }
        self.0.retain(|view| view.changed.len() <= APIECE_MIN + view.places.len() / CHANGED_SHARE);
    }
}

impl View {
    fn new(referrals: &Shelf, filter: Option<Filter>, order: Vec<Order>) -> View {
        let mut view = View { filter, order, places: Vec::new(), changed: Vec::new() };
        let all = referrals.by_creation();
        let parts = thread::available_parallelism().map_or(1, NonZero::get).min(all.len() / APIECE_MIN).max(1);
        let look = |part: &[Place]| part.iter().filter_map(|place| view.keys(referrals, *place)).collect::<Vec<_>>();
        let mut found = thread::scope(|scope| {
            let parts = all.chunks(all.len().div_ceil(parts).max(1));
            let threads: Vec<_> = parts.map(|part| scope.spawn(|| look(part))).collect();
            let found = threads.into_iter().map(|thread| thread.join().expect("looking does not panic"));
            found.flatten().collect::<Vec<_>>()
        });
        if !view.order.is_empty() {
            found.sort_unstable_by(|this, that| compare(&view.order, (&this.0, this.1), (&that.0, that.1)));
        }
        view.places = found.into_iter().map(|(_, _, place)| place).collect();
        view
    }

    /// Puts what has changed where it belongs now.
    fn refresh(&mut self, referrals: &Shelf) {
        if self.changed.is_empty() {
            return;
        }
        let changed: HashSet<Place> = self.changed.drain(..).collect();
        self.places.retain(|place| !changed.contains(place));
        for place in changed {
            if let Some((keys, id, _)) = self.keys(referrals, place) {
                let is_before = |other: &Place| match self.order.as_slice() {
                    [] => referrals.record(*other).order(referrals.record(place)).is_lt(),
                    order => order_to(referrals, *other, order, (&keys, id)).is_lt(),
                };
                let at = self.places.partition_point(is_before);
                self.places.insert(at, place);
            }
        }
    }

    /// Where a referral belongs; none if it is not admitted.
    fn keys(&self, referrals: &Shelf, place: Place) -> Option<(Vec<Scalar>, ReferralId, Place)> {
        let roots = self.order.iter().map(|key| key.path.root());
        let asked: Vec<&str> = self.filter.iter().flat_map(Filter::looks_at).chain(roots).collect();
        let is_outlined = asked.iter().all(|name| seed::OUTLINED.contains(name));
        let outline = if is_outlined { referrals.outline(place) } else { None };
        let excerpt = outline.unwrap_or_else(|| referrals.content(place).members().excerpt(asked));
        let is_admitted = self.filter.as_ref().is_none_or(|filter| filter.admits(&excerpt));
        is_admitted.then(|| (scalars(&excerpt, &self.order), referrals.record(place).id, place))
    }
}

/// The values by which a referral is ordered.
pub(super) fn values(referrals: &Shelf, place: Place, order: &[Order]) -> Vec<Value> {
    let excerpt = referrals.content(place).members().excerpt(order.iter().map(|key| key.path.root()));
    order.iter().map(|key| key.path.of(&excerpt).clone()).collect()
}

/// How a referral stands to a place in the order.
pub(super) fn order_to(referrals: &Shelf, place: Place, order: &[Order], that: (&[Scalar], ReferralId)) -> Ordering {
    let keys: Vec<Scalar> = values(referrals, place, order).iter().map(Scalar::of).collect();
    compare(order, (&keys, referrals.record(place).id), that)
}

fn scalars(excerpt: &Value, order: &[Order]) -> Vec<Scalar> {
    order.iter().map(|key| Scalar::of(key.path.of(excerpt))).collect()
}

fn compare(order: &[Order], this: (&[Scalar], ReferralId), that: (&[Scalar], ReferralId)) -> Ordering {
    let keys = order.iter().zip(this.0.iter().zip(that.0));
    let mut orderings = keys.map(|(key, (this, that))| {
        let ordering = this.total_order(that);
        if key.is_descending { ordering.reverse() } else { ordering }
    });
    orderings.find(|ordering| ordering.is_ne()).unwrap_or_else(|| this.1.cmp(&that.1))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::document::Document;
    use crate::sandbox::mint::referral_id;
    use crate::sandbox::odata::Query;

    fn document(number: usize, deal_value: usize) -> Document {
        Document::of(&json!({
            "name": format!("{number:04}"),
            "createdDateTime": format!("2026-01-01T{:02}:{:02}:00Z", number / 60, number % 60),
            "details": { "dealValue": deal_value },
        }))
    }

    fn shelf(referrals: usize) -> Shelf {
        let documents = (0..referrals).map(|number| (referral_id(1, number), document(number, number * 7 % 50)));
        Shelf::stock(documents.collect()).unwrap()
    }

    const QUERIES: [&str; 4] = [
        "$orderby=details/dealValue desc,name",
        "$filter=details/dealValue lt 25",
        "$filter=details/dealValue gt 40&$orderby=details/dealValue",
        "$filter=details/dealValue eq 7&$orderby=createdDateTime desc,details/dealValue",
    ];

    /// Whether what is kept ready is what a fresh look would find.
    fn check(views: &mut Views, shelf: &Shelf) {
        for query in QUERIES.map(|query| Query::parse(query).unwrap()) {
            let fresh = View::new(shelf, query.filter.clone(), query.order.clone());
            assert_eq!(views.of(shelf, query.filter.as_ref(), &query.order), fresh.places);
        }
    }

    #[test]
    fn what_is_kept_ready_goes_with_every_change() {
        let (mut shelf, mut views) = (shelf(300), Views::default());
        check(&mut views, &shelf);
        for round in 0..20 {
            for number in (0..300).step_by(17 + round) {
                let place = shelf.find(referral_id(1, number)).unwrap();
                shelf.keep(place, document(number, (number + round * 13) % 50));
                views.note(place);
            }
            let new = 300 + round;
            views.note(shelf.insert(referral_id(1, new), document(new, round)));
            check(&mut views, &shelf);
        }
        assert_eq!(views.0.len(), QUERIES.len());
    }

    #[test]
    fn what_is_made_up_is_found_as_if_it_were_kept() {
        let made_up = Shelf::made_up(1, 500);
        let documents = (0..500).map(|number| {
            let id = referral_id(1, number);
            (id, made_up.document(made_up.find(id).unwrap()))
        });
        let kept = Shelf::stock(documents.collect()).unwrap();
        for query in [
            "$filter=status eq 'New' and type eq 'Shared'&$orderby=updatedDateTime desc",
            "$filter=direction eq 'Incoming' or substatus eq 'Won'",
            "$orderby=substatus,status desc",
            "$filter=team/any(t:t/title eq null)&$orderby=name",
        ] {
            let query = Query::parse(query).unwrap();
            let ids = |shelf: &Shelf| {
                let view = View::new(shelf, query.filter.clone(), query.order.clone());
                view.places.iter().map(|place| shelf.record(*place).id).collect::<Vec<_>>()
            };
            assert_eq!(ids(&made_up), ids(&kept));
        }
    }

    #[test]
    fn many_are_looked_through_by_many() {
        let shelf = shelf(9_000);
        let view = View::new(&shelf, None, Query::parse("$orderby=name desc").unwrap().order);
        let numbers = view.places.iter().map(|place| shelf.record(*place).id);
        assert!(numbers.eq((0..9_000).rev().map(|number| referral_id(1, number))));
    }

    #[test]
    fn no_more_lists_are_kept_than_that_and_none_that_is_mostly_old() {
        let (shelf, mut views) = (shelf(10), Views::default());
        for top in 0..VIEWS_MAX + 3 {
            let filter = Query::parse(&format!("$filter=details/dealValue lt {top}")).unwrap().filter;
            views.of(&shelf, filter.as_ref(), &[]);
        }
        assert_eq!(views.0.len(), VIEWS_MAX);
        (0..=APIECE_MIN).for_each(|_| views.note(shelf.by_creation()[0]));
        assert_eq!(views.0.len(), 0);
    }
}
