//! A row that creates a referral.
//!
//! A create is not idempotent (contract, section 5.5): after a lost reply, the new referral is looked for in the list by
//! its `externalReferenceId` before anything is sent again. Without one, nobody can tell, and the row stays in doubt.

use jiff::{SignedDuration, Timestamp};

use super::{Ending, Row};
use crate::domain::create::{self, Draft};
use crate::domain::event::{Event, Intent};
use crate::domain::field::Field;
use crate::domain::json::Json;
use crate::domain::outcome::Outcome;
use crate::domain::referral::Referral;
use crate::engine::Stopped;
use crate::engine::bench::Purpose;
use crate::engine::list::{each_page, first_page};
use crate::engine::work::Seen;
use crate::service::{Fault, FaultKind, Page, Reply, Service};

/// How far the service's clock may be behind ours: what is older was there before.
const SKEW_MAX: SignedDuration = SignedDuration::from_mins(10);

const EXTERNAL_ID: &str = "/externalReferenceId";

/// What has become of a create whose reply was lost.
enum Found {
    /// It has landed.
    Landed(Box<Referral>),
    /// It has not.
    Nothing,
    /// Nobody can tell; the text says why.
    Unknown(String),
}

/// How going through the list ends before its end.
enum Ended {
    Landed(Box<Referral>),
    Fault(Fault),
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Ended::Fault(fault)
    }
}

impl<S: Service, T: AsyncFn(Event) -> bool> Row<'_, S, T> {
    /// Works on a new referral.
    pub async fn create(mut self, draft: &Draft, purpose: Purpose) -> Ending {
        let document = match draft.document() {
            Ok((document, problems)) => {
                self.settled.problems.extend(problems);
                document
            }
            Err(problems) => {
                self.settled.problems.extend(problems);
                return self.end(Outcome::Invalid, Seen::Nothing);
            }
        };
        self.settled.name = create::name(&document);
        self.settled.patch = Some(document.clone());
        if purpose == Purpose::Plan {
            self.settled.currency = super::currency(&document);
            return self.end(Outcome::Planned, Seen::Nothing);
        }
        // Since when the referral may be there, if a reply was lost.
        let mut lost_since: Option<Timestamp> = self.prior.take().map(|intent: Intent| {
            self.recall(&intent);
            intent.at
        });
        let mut attempts = self.bench.caller.attempts();
        let mut is_last = false;
        loop {
            if let Some(since) = lost_since {
                match self.look_for(&document, since).await {
                    Found::Landed(referral) => return self.created(*referral),
                    Found::Nothing if is_last => return self.end(Outcome::Failed, Seen::Nothing),
                    Found::Nothing => {}
                    Found::Unknown(_) if self.bench.settings.repeats_creates && !is_last => {}
                    Found::Unknown(why) => {
                        self.settled.reason = Some(why);
                        return self.end(Outcome::InDoubt, Seen::Nothing);
                    }
                }
            }
            if let Err(stopped) = self.write_down(document.clone()).await {
                return Ending::Stop { stopped, withdraws: false };
            }
            let answer =
                self.bench.caller.write(self.settled.attempts, async |service| service.create(&document).await).await;
            let fault = match answer {
                Ok(Reply { value, trace }) => {
                    self.settled.created_id = Some(value.id().to_string());
                    return self.applied(Reply { value: Some(value), trace });
                }
                Err(fault) => fault,
            };
            self.note(&fault);
            match fault.kind {
                FaultKind::Refused | FaultKind::Stale => return self.end(Outcome::Refused, Seen::Nothing),
                FaultKind::Lost => {
                    lost_since = lost_since.or(self.settled.sent_at);
                    is_last = !self.bench.caller.recover(&mut attempts, &fault).await;
                }
                FaultKind::Busy { .. } | FaultKind::Unsent | FaultKind::Unauthenticated => {
                    if !self.bench.caller.recover(&mut attempts, &fault).await {
                        return self.given_up(&fault);
                    }
                }
            }
        }
    }

    fn created(mut self, referral: Referral) -> Ending {
        self.settled.created_id = Some(referral.id().to_string());
        self.end(Outcome::Applied, Seen::whole(Some(referral)))
    }

    /// Goes through the list for a referral that this row may have created.
    async fn look_for(&mut self, document: &Json, since: Timestamp) -> Found {
        let said = self.settled.reason.clone().unwrap_or_else(|| "an earlier run was cut short".to_owned());
        let pointer = Field::by_path(EXTERNAL_ID).map(Field::pointer);
        let wanted = pointer.and_then(|pointer| document.get(pointer)?.value().as_str().map(str::to_owned));
        let Some((pointer, wanted)) = pointer.zip(wanted.filter(|wanted| !wanted.trim().is_empty())) else {
            return Found::Unknown(format!("{said}; without a CRM ID it cannot be looked up"));
        };
        let (mut is_shown, mut is_hidden) = (false, false);
        let mut look = |referral: Referral| {
            let value = referral.at(pointer);
            is_shown |= value.is_some();
            is_hidden |= value.is_none();
            match value.and_then(|value| value.as_str()) == Some(&wanted) && is_as_young(&referral, since) {
                true => Err(Ended::Landed(Box::new(referral))),
                false => Ok(()),
            }
        };
        let look = async |page: Page| page.referrals.into_iter().try_for_each(&mut look);
        match each_page(self.bench.caller, first_page(None), look).await {
            Err(Ended::Landed(referral)) => Found::Landed(referral),
            Ok(()) if is_shown || !is_hidden => Found::Nothing,
            Ok(()) => Found::Unknown(format!("{said}; the list does not show CRM IDs, so it cannot be looked up")),
            Err(Ended::Fault(fault)) => {
                match fault.kind {
                    FaultKind::Unsent => self.bench.verdict.stop(Stopped::Unreachable(fault.message.clone())),
                    FaultKind::Unauthenticated => self.bench.verdict.stop(Stopped::SignIn(fault.message.clone())),
                    FaultKind::Busy { .. } | FaultKind::Lost | FaultKind::Refused | FaultKind::Stale => {}
                }
                Found::Unknown(format!("{said}; looking it up did not work either: {fault}"))
            }
        }
    }
}

/// Whether a referral may have been created since then. One that does not say when, may.
fn is_as_young(referral: &Referral, since: Timestamp) -> bool {
    let created = referral.view().get("createdDateTime").and_then(|at| at.as_str()?.parse::<Timestamp>().ok());
    created.is_none_or(|created| created >= since.saturating_sub(SKEW_MAX).unwrap_or(since))
}
