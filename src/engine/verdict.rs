//! Whether the run goes on: counts how rows end and says when it is no use any more.

use std::cell::{Cell, RefCell};

use tokio::sync::Notify;

use super::Stopped;
use crate::domain::outcome::{Outcome, Settled};

/// Rows that must have been refused or have failed alike, and none accepted, before the cause is taken to lie outside the sheet.
const ALIKE_MIN: u64 = 20;

/// Watches how rows end.
pub struct Verdict {
    failures_max: Option<u64>,
    failures: Cell<u64>,
    refusals: RefCell<Refusals>,
    stopped: RefCell<Option<Stopped>>,
    /// Told when the run stops.
    is_stopped: Notify,
}

/// Whether all rows so far were refused alike.
enum Refusals {
    /// No row has ended yet.
    None,
    /// So many, all with this status and code.
    Alike { count: u64, http: Option<u16>, code: Option<String> },
    /// Not all.
    Mixed,
}

impl Verdict {
    /// Nothing has happened yet.
    pub fn new(failures_max: Option<u64>) -> Self {
        Verdict {
            failures_max,
            failures: Cell::new(0),
            refusals: RefCell::new(Refusals::None),
            stopped: RefCell::new(None),
            is_stopped: Notify::new(),
        }
    }

    /// Takes note of a row's end.
    pub fn note(&self, settled: &Settled) {
        if settled.outcome.is_failure() {
            self.failures.set(self.failures.get() + 1);
        }
        if let Some(failures_max) = self.failures_max.filter(|most| self.failures.get() > *most) {
            self.stop(Stopped::TooManyFailures { failures_max });
        }
        self.compare(settled);
    }

    /// Stops the run. The first reason is the one that counts.
    pub fn stop(&self, stopped: Stopped) {
        self.stopped.borrow_mut().get_or_insert(stopped);
        self.is_stopped.notify_waiters();
    }

    /// Completes when the run stops, at once if it has.
    pub async fn stopped(&self) {
        // It hears of what happens from here on.
        let told = self.is_stopped.notified();
        if self.goes_on() {
            told.await;
        }
    }

    /// Whether rows may still be begun.
    pub fn goes_on(&self) -> bool {
        self.stopped.borrow().is_none()
    }

    /// Why the run stopped, if it did.
    pub fn into_stopped(self) -> Option<Stopped> {
        self.stopped.into_inner()
    }

    fn compare(&self, settled: &Settled) {
        let mut refusals = self.refusals.borrow_mut();
        let is_refused = match settled.outcome {
            Outcome::Refused => is_nobodys_row(settled),
            Outcome::Failed => true,
            Outcome::Applied
            | Outcome::Unchanged
            | Outcome::Skipped
            | Outcome::Planned
            | Outcome::Invalid
            | Outcome::Conflict
            | Outcome::InDoubt
            | Outcome::NotReached => false,
        };
        let count = match &*refusals {
            Refusals::None if is_refused => 1,
            Refusals::Alike { count, http, code }
                if is_refused && *http == settled.http && *code == settled.error_code =>
            {
                count + 1
            }
            Refusals::None | Refusals::Alike { .. } | Refusals::Mixed => {
                *refusals = Refusals::Mixed;
                return;
            }
        };
        if count >= ALIKE_MIN {
            let why = settled.reason.clone().unwrap_or_default();
            self.stop(Stopped::AllAlike { why, http: settled.http });
        }
        *refusals = Refusals::Alike { count, http: settled.http, code: settled.error_code.clone() };
    }
}

/// Whether a refusal says nothing about its row: no permission, or an answer that does not come from the service
/// (contract, section 8: its own errors always carry a code).
fn is_nobodys_row(settled: &Settled) -> bool {
    settled.http == Some(403) || settled.error_code.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(http: u16, code: Option<&str>) -> Settled {
        Settled {
            http: Some(http),
            error_code: code.map(str::to_owned),
            ..Settled::unsent(2, Outcome::Refused, Vec::new())
        }
    }

    fn check(rows: impl IntoIterator<Item = Settled>, goes_on: bool) {
        let verdict = Verdict::new(None);
        for row in rows {
            verdict.note(&row);
        }
        assert_eq!(verdict.goes_on(), goes_on);
    }

    #[test]
    fn refusals_that_no_row_can_be_blamed_for_stop_the_run() {
        let forbidden = || refused(403, Some("accessDenied"));
        check(std::iter::repeat_with(forbidden).take(20), false);
        check(std::iter::repeat_with(forbidden).take(19), true);
        check(std::iter::repeat_with(|| refused(404, None)).take(20), false);
        check(std::iter::repeat_with(|| refused(404, Some("itemNotFound"))).take(100), true);
        let failed = || Settled { outcome: Outcome::Failed, ..refused(503, Some("serviceNotAvailable")) };
        check(std::iter::repeat_with(failed).take(20), false);
        let applied = Settled::unsent(2, Outcome::Applied, Vec::new());
        check(std::iter::once(applied).chain(std::iter::repeat_with(forbidden).take(100)), true);
    }

    #[test]
    fn more_failures_than_allowed_stop_the_run() {
        let verdict = Verdict::new(Some(1));
        verdict.note(&refused(404, Some("itemNotFound")));
        assert!(verdict.goes_on());
        verdict.note(&refused(404, Some("itemNotFound")));
        assert_eq!(verdict.into_stopped(), Some(Stopped::TooManyFailures { failures_max: 1 }));
    }
}
