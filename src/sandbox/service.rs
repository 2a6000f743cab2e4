//! The store as a [`Service`], without sockets. What we send is written as JSON text first, so that it meets the
//! same judge as a request over HTTP does.

use url::form_urlencoded::byte_serialize;

use super::document::Document;
use super::http::PAGE_MAX;
use super::listing::{Page as Listed, Shown};
use super::refusal::Refusal;
use super::request::Body;
use super::store::Store;
use crate::domain::json::Json;
use crate::domain::patch::Patch;
use crate::domain::referral::{ETag, Referral, ReferralId};
use crate::service::{Answer, Cursor, Fault, FaultKind, Page, PageQuery, Reply, Service, Trace, Wanted};

impl Service for Store {
    async fn read(&self, id: ReferralId) -> Answer<Referral> {
        let document = self.read_one(id).map_err(|refusal| self.fault(refusal))?;
        Ok(Reply { value: referral(&document), trace: self.trace(200, document.etag()) })
    }

    async fn page(&self, query: PageQuery) -> Answer<Page> {
        let (size, query) = match query {
            PageQuery::First { size, filter } => (size, first_query(filter.as_deref())),
            PageQuery::Next(Cursor(place)) => {
                place_of(&place).ok_or_else(|| self.fault(Refusal::invalid("$skiptoken", "not a cursor of ours")))?
            }
        };
        let size_max = usize::try_from(size).unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
        let listed = self.list(&query, size_max).map_err(|refusal| self.fault(refusal))?;
        Ok(Reply { value: page(&listed, size), trace: self.trace(200, None) })
    }

    async fn patch(
        &self,
        id: ReferralId,
        patch: &Patch,
        guard: Option<&ETag>,
        wanted: Wanted,
    ) -> Answer<Option<Referral>> {
        let (guard, body) = (guard.map(ETag::as_str), Body::of(patch.document().text()));
        let reply = match wanted {
            Wanted::Representation => self
                .patch_one(id, guard, body)
                .map(|document| Reply { value: Some(referral(&document)), trace: self.trace(200, document.etag()) }),
            Wanted::Nothing => {
                self.patch_unseen(id, guard, body).map(|etag| Reply { value: None, trace: self.trace(204, etag) })
            }
        };
        reply.map_err(|refusal| self.fault(refusal))
    }

    async fn replace(&self, id: ReferralId, document: &Json, guard: &ETag) -> Answer<Option<Referral>> {
        let document = self.replace_one(id, Some(guard.as_str()), Body::of(document.text()));
        let document = document.map_err(|refusal| self.fault(refusal))?;
        Ok(Reply { value: Some(referral(&document)), trace: self.trace(200, document.etag()) })
    }

    async fn create(&self, document: &Json) -> Answer<Referral> {
        let document = self.create_one(Body::of(document.text())).map_err(|refusal| self.fault(refusal))?;
        Ok(Reply { value: referral(&document), trace: self.trace(201, document.etag()) })
    }
}

impl Store {
    fn trace(&self, status: u16, etag: Option<String>) -> Trace {
        let etag = etag.map(ETag::new);
        Trace { http: Some(status), request_id: Some(self.next_answer_id().to_string()), etag }
    }

    pub(super) fn fault(&self, refusal: Refusal) -> Fault {
        let kind = match refusal.status {
            401 => FaultKind::Unauthenticated,
            412 => FaultKind::Stale,
            429 => FaultKind::Busy { retry_after: refusal.retry_after, throttled: true },
            503 => FaultKind::Busy { retry_after: refusal.retry_after, throttled: false },
            _ => FaultKind::Refused,
        };
        let code = refusal.inner_code.unwrap_or(refusal.code.word());
        Fault { kind, trace: self.trace(refusal.status, None), code: Some(code.to_owned()), message: refusal.message }
    }
}

/// The first page as the client over HTTP asks for it. Its size is agreed on in the cursor, since `$top` would
/// limit the whole list.
fn first_query(filter: Option<&str>) -> String {
    let first = "$count=true&$orderby=createdDateTime".to_owned();
    match filter {
        None => first,
        Some(filter) => format!("{first}&$filter={}", byte_serialize(filter.as_bytes()).collect::<String>()),
    }
}

fn page(listed: &Listed, size: u32) -> Page {
    let view = &listed.view;
    let shown = listed.documents.iter().map(|document| Shown { document, view });
    let text = |shown: Shown<'_>| serde_json::to_string(&shown).expect("a document can be written");
    Page {
        referrals: shown.map(|shown| parsed(text(shown))).collect(),
        total: listed.total.map(|total| total as u64),
        next: listed.next.as_ref().map(|query| Cursor(format!("{size}?{query}"))),
    }
}

fn place_of(cursor: &str) -> Option<(u32, String)> {
    let (size, query) = cursor.split_once('?')?;
    Some((size.parse().ok()?, query.to_owned()))
}

fn referral(document: &Document) -> Referral {
    parsed(document.text().to_owned())
}

fn parsed(text: String) -> Referral {
    Referral::parse(text).expect("a referral of the store has an id")
}

#[cfg(test)]
mod tests {
    use json_patch::jsonptr::Pointer;

    use super::*;
    use crate::domain::patch::{Op, Operation};
    use crate::sandbox::{Settings, referral_id};

    /// The first made-up referral that is still open, and its eTag.
    fn open_one(store: &Store) -> (ReferralId, ETag) {
        let documents = store.snapshot();
        let open = documents.iter().find(|document| document["status"] == "Active").unwrap();
        (open["id"].as_str().unwrap().parse().unwrap(), ETag::new(open["eTag"].as_str().unwrap()))
    }

    fn value_of(amount: &str) -> Patch {
        let path = Pointer::from_static("/details/dealValue").into();
        Patch::new(vec![Operation { op: Op::Replace, path, value: Json::parse(amount.to_owned()).unwrap() }])
    }

    #[tokio::test]
    async fn a_patch_goes_through_the_judge_and_comes_back_when_wanted() {
        let store = Store::new(&Settings::default());
        let (id, etag) = open_one(&store);
        let reply = store.patch(id, &value_of("12500.55"), Some(&etag), Wanted::Representation).await.unwrap();
        let after = reply.value.unwrap();
        assert_eq!(after.view()["details"]["dealValue"], 12500.55);
        assert_eq!((reply.trace.http, reply.trace.etag.as_ref()), (Some(200), after.etag()));
        let reply = store.patch(id, &value_of("7"), None, Wanted::Nothing).await.unwrap();
        assert!(reply.value.is_none() && reply.trace.http == Some(204));
    }

    #[tokio::test]
    async fn refusals_become_faults_by_status() {
        let store = Store::new(&Settings::default());
        let (id, etag) = open_one(&store);
        store.patch(id, &value_of("1"), None, Wanted::Nothing).await.unwrap();
        let stale = store.patch(id, &value_of("2"), Some(&etag), Wanted::Nothing).await.unwrap_err();
        assert_eq!((stale.kind, stale.code.as_deref()), (FaultKind::Stale, Some("99918")));
        let refused = store.patch(id, &value_of("-2"), None, Wanted::Nothing).await.unwrap_err();
        assert_eq!((refused.kind, refused.trace.http), (FaultKind::Refused, Some(400)));
        let missing = store.read(referral_id(99, 0)).await.unwrap_err();
        assert_eq!((missing.kind, missing.code.as_deref()), (FaultKind::Refused, Some("itemNotFound")));
    }

    #[tokio::test]
    async fn what_was_read_can_be_replaced() {
        let store = Store::new(&Settings::default());
        let (id, etag) = open_one(&store);
        let read = store.read(id).await.unwrap().value;
        let sent = value_of("99").applied_to(&read.document().without("links")).unwrap();
        let reply = store.replace(id, &sent, &etag).await.unwrap();
        assert_eq!(reply.value.unwrap().view()["details"]["dealValue"], 99);
    }

    #[tokio::test]
    async fn pages_are_followed_to_the_end() {
        let store = Store::new(&Settings { referrals: 25, ..Settings::default() });
        let (mut sizes, mut query) = (Vec::new(), Some(PageQuery::First { size: 10, filter: None }));
        while let Some(wanted) = query {
            let page = store.page(wanted).await.unwrap().value;
            sizes.push((page.referrals.len(), page.total));
            query = page.next.map(PageQuery::Next);
        }
        assert_eq!(sizes, [(10, Some(25)), (10, None), (5, None)]);
    }

    #[tokio::test]
    async fn a_filter_is_taken_unencoded() {
        let store = Store::new(&Settings::default());
        let filter = Some("externalReferenceId eq 'CRM-10003' and not (name eq 'A+B & C''s')".to_owned());
        let page = store.page(PageQuery::First { size: 100, filter }).await.unwrap().value;
        assert!(page.referrals.len() <= 1);
        assert_eq!(page.total, Some(page.referrals.len() as u64));
    }

    #[tokio::test]
    async fn items_of_a_list_may_lack_their_etag() {
        let store = Store::new(&Settings { list_etags: false, ..Settings::default() });
        let page = store.page(PageQuery::First { size: 1, filter: None }).await.unwrap().value;
        assert_eq!(page.referrals[0].etag(), None);
        assert!(store.read(page.referrals[0].id()).await.unwrap().value.etag().is_some());
    }
}
