//! The scripted service with a witness: what was asked, when, and how many calls were in flight.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use refsheet::domain::json::Json;
use refsheet::domain::patch::Patch;
use refsheet::domain::referral::{ETag, Referral, ReferralId};
use refsheet::sandbox::{Call, Troubled};
use refsheet::service::{Answer, Fault, FaultKind, Page, PageQuery, Readiness, Service, Trace, Wanted};
use tokio::time::Instant;

/// How long a call is on its way, there and back each, on the clock of the test.
pub const WAY: Duration = Duration::from_millis(10);

/// What was witnessed, in order: calls when they leave, events when they are told.
#[derive(Debug)]
pub struct Witnessed {
    pub start: Instant,
    entries: Mutex<Vec<(Duration, String)>>,
}

impl Witnessed {
    pub fn from_now() -> Arc<Witnessed> {
        Arc::new(Witnessed { start: Instant::now(), entries: Mutex::default() })
    }

    /// Adds an entry and gives its place.
    pub fn add(&self, text: String) -> usize {
        let mut entries = self.entries.lock().unwrap();
        entries.push((self.start.elapsed(), text));
        entries.len() - 1
    }

    pub fn entries(&self) -> Vec<(Duration, String)> {
        self.entries.lock().unwrap().clone()
    }

    fn append(&self, place: usize, word: &str) {
        let text = &mut self.entries.lock().unwrap()[place].1;
        *text = format!("{text} {word}");
    }
}

/// Faults that no mishap of the sandbox is: each kind of call has its own, for so many calls.
pub type Faults = HashMap<Call, (usize, Fault)>;

/// The service of a test.
#[derive(Debug, Clone)]
pub struct Probe {
    pub service: Troubled,
    pub witnessed: Arc<Witnessed>,
    /// Referrals by the numbers that sheets call them by.
    pub numbers: Arc<HashMap<ReferralId, usize>>,
    pub faults: Arc<Mutex<Faults>>,
    /// What calls take in each direction, one after the other and round again.
    pub ways: Arc<Vec<Duration>>,
    /// From when to when no call can be made.
    pub lapse: Option<(Duration, Duration)>,
    pub calls: Arc<AtomicUsize>,
    pub in_flight: Arc<AtomicUsize>,
    pub in_flight_max: Arc<AtomicUsize>,
}

/// Counts a call in flight, also of one that is dropped.
struct InFlight<'a>(&'a AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Probe {
    async fn meet<T>(&self, call: Call, text: String, done: impl Future<Output = Answer<T>> + Send) -> Answer<T> {
        let place = self.witnessed.add(text);
        let now = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        let _in_flight = InFlight(&self.in_flight);
        self.in_flight_max.fetch_max(now, Ordering::Relaxed);
        let way = self.ways[self.calls.fetch_add(1, Ordering::Relaxed) % self.ways.len()];
        tokio::time::sleep(way).await;
        let answer = match self.fault(call) {
            Some(fault) => Err(fault),
            None => done.await,
        };
        tokio::time::sleep(way).await;
        if let Err(fault) = &answer {
            self.witnessed.append(place, word(fault.kind));
        }
        answer
    }

    fn fault(&self, call: Call) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap();
        let (left, fault) = faults.get_mut(&call)?;
        *left = left.checked_sub(1)?;
        Some(fault.clone())
    }

    fn about(&self, what: &str, id: ReferralId) -> String {
        match self.numbers.get(&id) {
            Some(number) => format!("{what} {number}"),
            None => format!("{what} {id}"),
        }
    }
}

impl Service for Probe {
    async fn read(&self, id: ReferralId) -> Answer<Referral> {
        self.meet(Call::Read, self.about("read", id), self.service.read(id)).await
    }

    async fn page(&self, query: PageQuery) -> Answer<Page> {
        self.meet(Call::Page, "page".to_owned(), self.service.page(query)).await
    }

    async fn patch(
        &self,
        id: ReferralId,
        patch: &Patch,
        guard: Option<&ETag>,
        wanted: Wanted,
    ) -> Answer<Option<Referral>> {
        let what = if guard.is_some() { "patch" } else { "unguarded patch" };
        self.meet(Call::Write, self.about(what, id), self.service.patch(id, patch, guard, wanted)).await
    }

    async fn replace(&self, id: ReferralId, document: &Json, guard: &ETag) -> Answer<Option<Referral>> {
        self.meet(Call::Write, self.about("put", id), self.service.replace(id, document, guard)).await
    }

    async fn create(&self, document: &Json) -> Answer<Referral> {
        self.meet(Call::Creation, "create".to_owned(), self.service.create(document)).await
    }

    async fn renew(&self) -> Result<(), Fault> {
        self.witnessed.add("renew".to_owned());
        self.service.renew().await
    }

    async fn make_ready(&self) -> Readiness {
        let now = self.witnessed.start.elapsed();
        match self.lapse {
            Some((from, until)) if (from..until).contains(&now) => {
                tokio::time::sleep(until.saturating_sub(now)).await;
                Readiness::AfterAWait
            }
            _ => Readiness::AtOnce,
        }
    }
}

/// A fault for [`Faults`].
pub fn fault(kind: FaultKind, http: Option<u16>, code: &str) -> Fault {
    let trace = Trace { http, ..Trace::default() };
    Fault { kind, trace, code: Some(code.to_owned()), message: format!("the service says {code}") }
}

fn word(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Refused => "refused",
        FaultKind::Stale => "stale",
        FaultKind::Unauthenticated => "unauthenticated",
        FaultKind::Busy { throttled: true, .. } => "throttled",
        FaultKind::Busy { throttled: false, .. } => "busy",
        FaultKind::Unsent => "unsent",
        FaultKind::Lost => "lost",
    }
}
