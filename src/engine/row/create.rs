//! A row that creates a referral.
//!
//! A create is not idempotent (contract, section 5.5): after a lost reply, the new referral is looked for in the list by
//! its `externalReferenceId` before anything is sent again. It is ours if it also holds what we sent, and no other row
//! has created it; clocks are not asked, because ours and the service's may differ. Without an id of the user's own, or
//! if what is found is not quite it, nobody can tell, and the row stays in doubt.

use super::{Ending, Row};
use crate::domain::create::{self, Draft};
use crate::domain::event::Event;
use crate::domain::json::Json;
use crate::domain::outcome::{Deal, Outcome};
use crate::domain::referral::Referral;
use crate::engine::bench::Purpose;
use crate::engine::list::{each_page, first_page};
use crate::engine::work::Seen;
use crate::service::{Fault, FaultKind, Page, Reply, Service};

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
            self.settled.deal = Some(Deal::of(&document));
            return self.end(Outcome::Planned, Seen::Nothing);
        }
        let mut may_be_there = self.prior.is_some();
        if let Some(intent) = self.prior.take() {
            self.recall(&intent);
        }
        let mut attempts = self.bench.caller.attempts();
        let mut is_last = false;
        loop {
            if may_be_there {
                match self.look_for(&document).await {
                    Found::Landed(referral) => return self.created(*referral),
                    Found::Nothing if is_last => return self.end(Outcome::Failed, Seen::Nothing),
                    Found::Nothing => {}
                    Found::Unknown(_) if self.bench.settings.repeats_creates && !is_last => self.may_have_landed = true,
                    Found::Unknown(why) => {
                        self.settled.reason = Some(why);
                        return self.end(Outcome::InDoubt, Seen::Nothing);
                    }
                }
            }
            if let Err(ending) = self.write_down(document.clone()).await {
                return ending;
            }
            let mut fault = match self.write(async |service| service.create(&document).await).await {
                None => return self.stop(None),
                Some(Ok(Reply { value, trace })) => {
                    self.bench.created.borrow_mut().insert(value.id());
                    self.settled.created_id = Some(value.id().to_string());
                    return self.applied(Reply { value: Some(value), trace });
                }
                Some(Err(fault)) => fault,
            };
            self.note(&fault);
            match fault.kind {
                FaultKind::Refused | FaultKind::Stale => return self.end(Outcome::Refused, Seen::Nothing),
                FaultKind::Lost => {
                    may_be_there = true;
                    is_last = !self.bench.caller.recover(&mut attempts, &mut fault).await;
                }
                FaultKind::Busy { .. } | FaultKind::Unsent | FaultKind::Unauthenticated => {
                    if !self.bench.caller.recover(&mut attempts, &mut fault).await {
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
    async fn look_for(&mut self, document: &Json) -> Found {
        let said = self.settled.reason.clone().unwrap_or_else(|| "an earlier run was cut short".to_owned());
        let Some(wanted) = create::external_id(document) else {
            return Found::Unknown(format!("{said}; without a CRM ID it cannot be looked up"));
        };
        let (mut is_shown, mut is_hidden, mut other) = (false, false, None);
        let mut look = |referral: Referral| {
            let shown = referral.view().get(create::EXTERNAL_ID);
            is_shown |= shown.is_some();
            is_hidden |= shown.is_none();
            if shown.and_then(|id| id.as_str()) != Some(&wanted) || self.bench.created.borrow().contains(&referral.id())
            {
                return Ok(());
            }
            if create::is_what_was_sent(document, &referral) {
                return Err(Ended::Landed(Box::new(referral)));
            }
            other = Some(referral.id());
            Ok(())
        };
        let look = async |page: Page| page.referrals.into_iter().try_for_each(&mut look);
        let looked = each_page(self.bench.caller, first_page(None), look).await;
        match (looked, other) {
            (Err(Ended::Landed(referral)), _) => {
                self.bench.created.borrow_mut().insert(referral.id());
                Found::Landed(referral)
            }
            (Ok(()), Some(id)) => {
                Found::Unknown(format!("{said}; {id} has this CRM ID, but is not quite what was sent"))
            }
            (Ok(()), None) if is_shown || !is_hidden => Found::Nothing,
            (Ok(()), None) => {
                Found::Unknown(format!("{said}; the list does not show CRM IDs, so it cannot be looked up"))
            }
            (Err(Ended::Fault(fault)), _) => {
                self.stop_if_hopeless(&fault);
                Found::Unknown(format!("{said}; looking it up did not work either: {fault}"))
            }
        }
    }
}
