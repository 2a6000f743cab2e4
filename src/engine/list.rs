//! The whole list, or what a filter leaves of it, page by page.

use std::collections::HashSet;

use super::call::Caller;
use super::{Access, Settings};
use crate::domain::referral::{Referral, ReferralId};
use crate::service::{Fault, FaultKind, PageQuery, Service, Trace};

/// Referrals on a page (contract, section 3.9).
pub(super) const PAGE_SIZE: u32 = 100;
/// Pages in a row that may bring nothing new. A list that changes while it is read shifts a little; one that goes in
/// circles would never end.
const STALE_PAGES_MAX: u32 = 3;

/// Reads the list from its first page to its last and hands on each referral once, in the service's order. Reads are
/// paced and repeated like any other.
pub async fn list<S: Service, E: From<Fault>>(
    access: Access<'_, S>,
    settings: &Settings,
    filter: Option<String>,
    each: impl FnMut(Referral) -> Result<(), E>,
) -> Result<(), E> {
    each_listed(&Caller::new(access, settings), filter, each).await
}

/// The same for who has a caller. Ends early when `each` fails.
pub(super) async fn each_listed<S: Service, E: From<Fault>>(
    caller: &Caller<'_, S>,
    filter: Option<String>,
    mut each: impl FnMut(Referral) -> Result<(), E>,
) -> Result<(), E> {
    let mut query = PageQuery::First { size: PAGE_SIZE, filter };
    let mut seen = HashSet::new();
    let mut stale_pages = 0;
    loop {
        let page = caller.page(query).await?.value;
        let before = seen.len();
        for referral in page.referrals {
            if seen.insert(referral.id()) {
                each(referral)?;
            }
        }
        stale_pages = if seen.len() == before { stale_pages + 1 } else { 0 };
        query = match page.next {
            None => return Ok(()),
            Some(_) if stale_pages > STALE_PAGES_MAX => return Err(endless().into()),
            Some(next) => PageQuery::Next(next),
        };
    }
}

/// Reads referrals one by one, in this order.
pub async fn fetch<S: Service, E: From<Fault>>(
    access: Access<'_, S>,
    settings: &Settings,
    ids: impl IntoIterator<Item = ReferralId>,
    mut each: impl FnMut(Referral) -> Result<(), E>,
) -> Result<(), E> {
    let caller = Caller::new(access, settings);
    for id in ids {
        each(caller.read(id).await?.value)?;
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
