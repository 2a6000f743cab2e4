//! The store as a [`Service`] with trouble by script, for tests: no sockets, no chance, no waiting.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::mishap::Mishap;
use super::store::Store;
use crate::domain::json::Json;
use crate::domain::patch::Patch;
use crate::domain::referral::{ETag, Referral, ReferralId};
use crate::service::{Answer, Fault, FaultKind, Page, PageQuery, Service, Trace, Wanted};

/// A kind of call, each with a script of its own, so that one can say "the second write".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// [`Service::read`]
    Read,
    /// [`Service::page`]
    Page,
    /// [`Service::patch`] and [`Service::replace`]
    Write,
    /// [`Service::create`]
    Creation,
    /// [`Service::renew`]: any mishap means that there is no other token.
    Renewal,
}

/// A store whose calls go wrong as a script says. Calls beyond the script go well. Clones share store and script.
///
/// What happened can be read from [`Store::troubles`]; each scripted 401 counts there as a token that expired, and
/// renewals are no requests.
#[derive(Debug, Clone)]
pub struct Troubled {
    store: Store,
    script: Arc<Mutex<HashMap<Call, VecDeque<Mishap>>>>,
}

impl Troubled {
    /// No trouble so far.
    pub fn new(store: Store) -> Troubled {
        Troubled { store, script: Arc::default() }
    }

    /// Adds what the next calls of a kind meet with, in their order, after what was scripted before.
    #[must_use]
    pub fn scripted(self, call: Call, mishaps: impl IntoIterator<Item = Mishap>) -> Troubled {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).entry(call).or_default().extend(mishaps);
        self
    }

    /// The store behind it, to which nothing goes wrong.
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn next(&self, call: Call) -> Mishap {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.get_mut(&call).and_then(VecDeque::pop_front).unwrap_or(Mishap::None)
    }

    /// Carries a call out as the script says. `done` does nothing before it is awaited.
    async fn meet<T>(
        &self,
        call: Call,
        about: Option<ReferralId>,
        done: impl Future<Output = Answer<T>> + Send,
    ) -> Answer<T> {
        let mishap = self.next(call);
        if mishap == Mishap::Unauthenticated {
            self.store.count(|troubles| troubles.tokens_expired += 1);
        }
        mishap.strike(&self.store, about).map_err(|refusal| self.store.fault(refusal))?;
        match mishap {
            Mishap::Cut => Err(cut_off()),
            Mishap::LoseReply => {
                drop(done.await);
                Err(cut_off())
            }
            _ => done.await,
        }
    }
}

impl Service for Troubled {
    async fn read(&self, id: ReferralId) -> Answer<Referral> {
        self.meet(Call::Read, Some(id), self.store.read(id)).await
    }

    async fn page(&self, query: PageQuery) -> Answer<Page> {
        self.meet(Call::Page, None, self.store.page(query)).await
    }

    async fn patch(
        &self,
        id: ReferralId,
        patch: &Patch,
        guard: Option<&ETag>,
        wanted: Wanted,
    ) -> Answer<Option<Referral>> {
        self.meet(Call::Write, Some(id), self.store.patch(id, patch, guard, wanted)).await
    }

    async fn replace(&self, id: ReferralId, document: &Json, guard: &ETag) -> Answer<Option<Referral>> {
        self.meet(Call::Write, Some(id), self.store.replace(id, document, guard)).await
    }

    async fn create(&self, document: &Json) -> Answer<Referral> {
        self.meet(Call::Creation, None, self.store.create(document)).await
    }

    async fn renew(&self) -> Result<(), Fault> {
        match self.next(Call::Renewal) {
            Mishap::None => Ok(()),
            _ => Err(fault(FaultKind::Unauthenticated, "noToken", "there is no other token")),
        }
    }
}

/// What the client over HTTP makes of a connection that is closed without an answer.
fn cut_off() -> Fault {
    fault(FaultKind::Lost, "cutOff", "the connection was closed before an answer came")
}

fn fault(kind: FaultKind, code: &str, message: &str) -> Fault {
    Fault { kind, trace: Trace::default(), code: Some(code.to_owned()), message: message.to_owned() }
}

#[cfg(test)]
mod tests;
