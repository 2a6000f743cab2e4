//! The whole list, or what a filter leaves of it, page by page.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt as _};

use super::call::Caller;
use super::{Access, Settings};
use crate::domain::referral::{Referral, ReferralId};
use crate::service::{Fault, FaultKind, Page, PageQuery, Service, Trace};

/// Referrals on a page (contract, section 3.9).
pub(super) const PAGE_SIZE: u32 = 100;
/// Pages in a row that may bring nothing new. A list that changes while it is read shifts a little; one that goes in
/// circles would never end.
const STALE_PAGES_MAX: u32 = 3;

/// The first page of the list, or of what an `OData` filter leaves of it.
pub fn first_page(filter: Option<String>) -> PageQuery {
    PageQuery::First { size: PAGE_SIZE, filter }
}

/// Reads the list from this page to its last, and hands on each page when it has come, in the service's order: with
/// the referrals that no earlier page has shown, and with where the next one starts. Reads are paced and repeated like
/// any other.
pub async fn list<S: Service, E: From<Fault>>(
    access: Access<'_, S>,
    settings: &Settings,
    from: PageQuery,
    each: impl AsyncFnMut(Page) -> Result<(), E>,
) -> Result<(), E> {
    each_page(&Caller::new(access, settings), from, each).await
}

/// The same for who has a caller. Ends early when `each` fails.
pub(super) async fn each_page<S: Service, E: From<Fault>>(
    caller: &Caller<'_, S>,
    from: PageQuery,
    mut each: impl AsyncFnMut(Page) -> Result<(), E>,
) -> Result<(), E> {
    let mut query = from;
    let mut seen = HashSet::new();
    let mut stale_pages = 0;
    loop {
        let mut page = caller.page(query).await?.value;
        page.referrals.retain(|referral| seen.insert(referral.id()));
        stale_pages = if page.referrals.is_empty() { stale_pages + 1 } else { 0 };
        let next = page.next.clone();
        each(page).await?;
        query = match next {
            None => return Ok(()),
            Some(_) if stale_pages > STALE_PAGES_MAX => return Err(endless().into()),
            Some(next) => PageQuery::Next(next),
        };
    }
}

/// Reads referrals one by one, as many at a time as the settings allow, and hands them on in this order.
pub async fn fetch<S: Service, E: From<Fault>>(
    access: Access<'_, S>,
    settings: &Settings,
    ids: impl IntoIterator<Item = ReferralId>,
    mut each: impl FnMut(Referral) -> Result<(), E>,
) -> Result<(), E> {
    let caller = Caller::new(access, settings);
    let mut read = stream::iter(ids).map(|id| caller.read(id)).buffered(settings.concurrency);
    while let Some(answer) = read.next().await {
        each(answer?.value)?;
    }
    Ok(())
}

fn endless() -> Fault {
    Fault {
        kind: FaultKind::Refused,
        trace: Trace::default(),
        code: None,
        message: "the list has no end: its pages bring nothing new any more".to_owned(),
    }
}
