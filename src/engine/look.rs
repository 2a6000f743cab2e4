//! Where the rows' referrals are read from: one by one, or in pages of the list, whichever needs fewer requests.
//!
//! A page costs one request and may show a hundred referrals that rows are about; rows about them are handed on as
//! soon as their page has come. Nothing is kept: what is not on a page is read by the row itself.
//!
//! Rows about one referral are handed on together, so that what one of them left is known to the next: what a page
//! has shown is out of date by then.

use std::collections::{HashMap, HashSet};

use futures_util::future;
use tokio::sync::mpsc;

use super::call::Caller;
use super::list::PAGE_SIZE;
use super::wanted::Wanted;
use super::work::{Seen, Work};
use super::{Check, Pending, Settings, Source, Stopped, Via};
use crate::domain::change::Edit;
use crate::domain::referral::{Referral, ReferralId};
use crate::service::{FaultKind, Page, PageQuery, Service};

/// Below this many referrals, a page is not worth trying.
const WORTH_A_PAGE: usize = 3;

/// Hands all rows on, those about listed referrals first. Ends early when nobody takes them any more.
pub async fn feed<S: Service>(
    caller: &Caller<'_, S>,
    settings: &Settings,
    mut source: impl Source,
    rows: mpsc::Sender<Vec<Work>>,
) -> Result<(), Stopped> {
    // An item of the list may lack members, and a referral that is replaced must be whole.
    let looks_at_pages = settings.check == Check::Live && settings.via == Via::Patch;
    let wanted = match looks_at_pages {
        true => {
            let mut wanted = Wanted::of(source.referrals().map_err(Stopped::Source)?);
            feed_pages(caller, &mut source, &mut wanted, &rows).await?;
            Some(wanted)
        }
        false => None,
    };
    feed_rest(&mut source, wanted.as_ref(), &rows).await
}

async fn feed_pages<S: Service>(
    caller: &Caller<'_, S>,
    source: &mut impl Source,
    wanted: &mut Wanted,
    rows: &mpsc::Sender<Vec<Work>>,
) -> Result<(), Stopped> {
    let mut pages_left = None;
    let mut worth = Worth::of(wanted.left());
    let mut page = match wanted.left() {
        WORTH_A_PAGE.. => read(caller, PageQuery::First { size: PAGE_SIZE, filter: None }).await?,
        _ => None,
    };
    while let Some(Page { referrals, total, next }) = page {
        let on_page = referrals.len();
        let shown: Vec<ReferralId> = referrals.iter().map(Referral::id).filter(|id| wanted.take(*id)).collect();
        let groups = with_what_is_seen(grouped(source.about(&shown).map_err(Stopped::Source)?), referrals);
        worth.note(shown.len(), groups.iter().filter(|group| group[0].is_settled()).count());
        pages_left = match pages_left {
            Some(left) => Some(left - 1),
            None => pages_behind(on_page, total),
        };
        let is_worth = wanted.left() >= WORTH_A_PAGE && worth.another(pages_left, wanted.left());
        let next = async {
            match next.filter(|_| is_worth) {
                Some(next) => read(caller, PageQuery::Next(next)).await,
                None => Ok(None),
            }
        };
        // The next page comes while the rows of this one wait to be taken.
        let (is_taken, coming) = future::join(hand_on(groups, rows), next).await;
        page = coming?.filter(|_| is_taken);
    }
    Ok(())
}

/// Reads a page. None if it cannot be had: the list only saves requests, and the rows read for themselves.
async fn read<S: Service>(caller: &Caller<'_, S>, query: PageQuery) -> Result<Option<Page>, Stopped> {
    match caller.page(query).await {
        Ok(reply) => Ok(Some(reply.value)),
        Err(fault) if fault.kind == FaultKind::Unsent => Err(Stopped::Unreachable(fault.message)),
        Err(fault) if fault.kind == FaultKind::Unauthenticated => Err(Stopped::SignIn(fault.message)),
        Err(_) => Ok(None),
    }
}

/// How many pages there are behind the first one, if the service counts its list.
fn pages_behind(on_first: usize, total: Option<u64>) -> Option<usize> {
    let on_a_page = on_first.max(1);
    let total = usize::try_from(total?).unwrap_or(usize::MAX);
    Some(total.saturating_sub(on_a_page).div_ceil(on_a_page))
}

/// What pages have been worth so far: each costs a request, and saves one for each referral of which it shows enough.
struct Worth {
    pages: usize,
    settled: usize,
    /// Pages that may be read for nothing: a hundredth of what it would cost to do without.
    patience: usize,
    /// Whether the last page showed referrals that are wanted, and how many of them well enough.
    last: (bool, usize),
}

impl Worth {
    fn of(wanted: usize) -> Worth {
        Worth { pages: 0, settled: 0, patience: wanted / 100, last: (false, 0) }
    }

    /// Notes a page with so many wanted referrals, so many of which need not be read any more.
    fn note(&mut self, hits: usize, settled: usize) {
        self.pages += 1;
        self.settled += settled;
        self.last = (hits > 0, settled);
    }

    /// Whether another page is worth a request. The pages that are left must be fewer than the referrals still to be
    /// read; without a count, a page without any hit is taken as a sign that more will not help. A list without end is
    /// not followed without end.
    fn another(&self, pages_left: Option<usize>, wanted: usize) -> bool {
        let may_help = match (pages_left, self.last) {
            // It shows what is wanted, but not so that it helps.
            (_, (true, 0)) => false,
            (Some(left), _) => (1..wanted).contains(&left),
            (None, (has_hits, _)) => has_hits,
        };
        may_help && self.pages <= self.settled + self.patience
    }
}

/// Groups of rows, each with what a page shows of its referral.
fn with_what_is_seen(mut groups: Vec<Vec<Work>>, page: Vec<Referral>) -> Vec<Vec<Work>> {
    let printed = Printed::on(&page, &groups);
    let mut shown: HashMap<ReferralId, Referral> = page.into_iter().map(|referral| (referral.id(), referral)).collect();
    for group in &mut groups {
        if let Some(referral) = group[0].referral().and_then(|id| shown.remove(&id)) {
            let is_whole = printed.tells_all(&referral, group);
            let seen = Box::new(referral);
            group[0].seen = if is_whole { Seen::Whole(seen) } else { Seen::Listed(seen) };
        }
    }
    groups
}

/// Hands on groups of rows. False if nobody takes rows any more.
async fn hand_on(groups: Vec<Vec<Work>>, rows: &mpsc::Sender<Vec<Work>>) -> bool {
    for group in groups {
        if rows.send(group).await.is_err() {
            return false;
        }
    }
    true
}

/// Which of the members that rows are about the items of a page print. Real items with an eTag are whole referrals
/// (contract, section 7), and what one of them has not is not printed. That is believed of a member which the page prints
/// for another referral.
struct Printed {
    fields: HashMap<&'static str, bool>,
}

impl Printed {
    fn on(page: &[Referral], groups: &[Vec<Work>]) -> Printed {
        let mut fields = HashMap::new();
        for Edit { field, .. } in groups.iter().flatten().flat_map(Work::edits) {
            let is_printed = || page.iter().any(|referral| referral.text_at(field.pointer()).is_some());
            fields.entry(field.path).or_insert_with(is_printed);
        }
        Printed { fields }
    }

    /// Whether all that these rows are about is known from an item of the page.
    fn tells_all(&self, item: &Referral, group: &[Work]) -> bool {
        let mut edits = group.iter().flat_map(Work::edits);
        item.etag().is_some() && item.status().is_some() && edits.all(|edit| self.fields[edit.field.path])
    }
}

/// Rows about what no page has shown, which is still wanted, and rows that create: in sheet order, but for those about
/// one referral, which go along with its first.
async fn feed_rest(
    source: &mut impl Source,
    wanted: Option<&Wanted>,
    rows: &mpsc::Sender<Vec<Work>>,
) -> Result<(), Stopped> {
    let mut gone_along = HashSet::new();
    loop {
        let rest = source.next().map_err(Stopped::Source)?;
        if rest.is_empty() {
            return Ok(());
        }
        for group in grouped(rest) {
            let group = match group[0].referral() {
                Some(id) if wanted.is_some_and(|wanted| !wanted.has(id)) => continue,
                Some(id) if source.is_repeated(id) => {
                    if !gone_along.insert(id) {
                        continue;
                    }
                    grouped(source.about(&[id]).map_err(Stopped::Source)?).pop().unwrap_or(group)
                }
                Some(_) | None => group,
            };
            if rows.send(group).await.is_err() {
                return Ok(());
            }
        }
    }
}

/// Rows by referral, in the order in which each is met first; a row that creates is for itself.
fn grouped(rows: Vec<Pending>) -> Vec<Vec<Work>> {
    let mut groups: Vec<Vec<Work>> = Vec::new();
    let mut places = HashMap::new();
    for pending in rows {
        let work = Work { pending, seen: Seen::Nothing };
        let next = groups.len();
        match work.referral().map_or(next, |id| *places.entry(id).or_insert(next)) {
            place if place < next => groups[place].push(work),
            _ => groups.push(vec![work]),
        }
    }
    groups
}
