//! Each mishap, as who calls meets it.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::domain::field::Field;
use crate::domain::patch::{Op, Operation};
use crate::sandbox::{Settings, Tally};

/// A store that goes wrong as scripted, and one of its referrals that takes changes.
struct Case {
    service: Troubled,
    id: ReferralId,
    etag: ETag,
}

impl Case {
    fn of(call: Call, mishaps: impl IntoIterator<Item = Mishap>) -> Case {
        let store = Store::new(&Settings::default());
        let documents = store.snapshot();
        let open = documents.iter().find(|document| document["status"] == "Active").unwrap();
        let (id, etag) = (open["id"].as_str().unwrap().parse().unwrap(), ETag::new(open["eTag"].as_str().unwrap()));
        Case { service: Troubled::new(store).scripted(call, mishaps), id, etag }
    }

    async fn write(&self) -> Result<(), FaultKind> {
        let value = Json::parse(r#""new""#.to_owned()).unwrap();
        let operation =
            Operation { op: Op::Replace, path: Field::by_path("/details/notes").unwrap().pointer().into(), value };
        let patch = Patch::new(vec![operation]);
        let answer = self.service.patch(self.id, &patch, Some(&self.etag), Wanted::Nothing).await;
        answer.map(|_| ()).map_err(|fault| fault.kind)
    }

    fn tally(&self) -> Tally {
        self.service.store().tally(self.id)
    }
}

#[tokio::test]
async fn the_second_write_is_lost_but_done() {
    let case = Case::of(Call::Write, [Mishap::Cut, Mishap::LoseReply]);
    assert!(case.service.read(case.id).await.is_ok());
    assert_eq!(case.write().await, Err(FaultKind::Lost));
    assert_eq!(case.tally(), Tally { reads: 1, writes: 0, applied: 0 });
    assert_eq!(case.write().await, Err(FaultKind::Lost));
    assert_eq!(case.tally(), Tally { reads: 1, writes: 1, applied: 1 });
    assert_eq!(case.write().await, Err(FaultKind::Stale));
    let troubles = case.service.store().troubles();
    assert_eq!((troubles.requests, troubles.cuts, troubles.replies_lost), (4, 1, 1));
}

#[tokio::test]
async fn refusals_do_nothing_and_end_with_the_script() {
    let retry_after = Some(Duration::from_secs(7));
    let script = [Mishap::Throttle { retry_after }, Mishap::Busy { retry_after: None }, Mishap::Unauthenticated];
    let case = Case::of(Call::Write, script);
    assert_eq!(case.write().await, Err(FaultKind::Busy { retry_after, throttled: true }));
    assert_eq!(case.write().await, Err(FaultKind::Busy { retry_after: None, throttled: false }));
    assert_eq!(case.write().await, Err(FaultKind::Unauthenticated));
    assert_eq!(case.tally(), Tally::default());
    assert_eq!(case.write().await, Ok(()));
    let troubles = case.service.store().troubles();
    assert_eq!((troubles.throttled, troubles.failures, troubles.tokens_expired), (1, 1, 1));
}

#[tokio::test]
async fn a_colleague_comes_first() {
    let members = json!({ "details": { "dealValue": 4711 } });
    let case = Case::of(Call::Write, [Mishap::ChangeUnderneath(members)]);
    assert_eq!(case.write().await, Err(FaultKind::Stale));
    let document = case.service.store().peek(case.id).unwrap();
    assert_eq!(document["details"]["dealValue"], 4711);
    assert_eq!(case.service.store().troubles().changes_underneath, 1);
}

#[tokio::test]
async fn there_may_be_no_other_token() {
    let case = Case::of(Call::Renewal, [Mishap::None, Mishap::Unauthenticated]);
    assert!(case.service.renew().await.is_ok());
    assert_eq!(case.service.renew().await.unwrap_err().kind, FaultKind::Unauthenticated);
    assert_eq!(case.service.store().troubles().requests, 0);
}
