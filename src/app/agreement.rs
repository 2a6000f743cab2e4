//! What is going to be sent, found out beforehand: for the person who is asked, and for the limits of the profile. What
//! was shown is kept, so that whatever others change from then on is seen as their change, and not overwritten.

use std::cell::RefCell;
use std::collections::HashSet;

use jiff::Timestamp;

use super::open_rows::{Groups, OpenRows};
use super::run::{Finish, Purpose, Run, in_words};
use super::traffic::Traffic;
use crate::console::{Console, Status};
use crate::domain::event::{Event, Intent};
use crate::domain::forecast::Forecast;
use crate::domain::heading::Layout;
use crate::domain::json::Json;
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::referral::ReferralId;
use crate::engine::Stopped;
use crate::error::Failure;
use crate::ledger::{LedgerError, Record};
use crate::service::Service;

impl Run {
    /// Finds out what the open rows would do, and writes down what that is: it is what is agreed to. Rows that turn out
    /// to send nothing end with that.
    pub fn forecast<S: Service>(&self, service: &S, traffic: &Traffic, console: Console) -> Result<Forecast, Failure> {
        let purpose = if self.settings.bounds.are_set() { Purpose::Measure } else { Purpose::Plan };
        let groups = Groups::default();
        let progress = self.progress(console)?;
        let forecast = RefCell::new(Forecast::default());
        let recorder = self.ledger.recorder(self.settings.rows_at_once())?;
        let source = OpenRows::new(self, &groups)?;
        let repeated = self.ledger.repeated_referrals()?;
        let tell = async |event: Event| {
            progress.note(&event);
            let Event::Settled(settled) = event else { return true };
            forecast.borrow_mut().note(&settled);
            match self.agreement(settled, &repeated) {
                Ok(Some(record)) => recorder.keep(record).await,
                Ok(None) => true,
                Err(_) => false,
            }
        };
        let (stopped, signal) = self.drive(service, traffic, purpose, &progress, source, tell)?;
        let unwritten = recorder.close().err().map(in_words);
        let stopped = if unwritten.is_some() { Some(Stopped::NotWritten) } else { stopped };
        if let Some(stopped) = stopped {
            let finish = Finish { stopped: Some(stopped), signal, unwritten, ..Finish::without_work() };
            let why = match finish.status() {
                Status::Aborted(why) => why,
                Status::Finished | Status::Interrupted => "interrupted".to_owned(),
            };
            return Err(Failure::new(finish.kind(), format!("nothing was sent: {why}")));
        }
        self.ledger.mark_agreed()?;
        Ok(forecast.into_inner())
    }

    /// What is kept of a row that was planned: the write, or its end if it sends nothing. Rows of a plan say themselves
    /// what they expect. Of several rows about one referral, only what they send is certain by now.
    fn agreement(&self, settled: Box<Settled>, repeated: &HashSet<ReferralId>) -> Result<Option<Record>, LedgerError> {
        if self.sense.columns.layout == Layout::Plan {
            return Ok(None);
        }
        match settled.outcome {
            Outcome::Planned => {
                let Settled { row, etag_before: guard, changes, .. } = *settled;
                let patch = settled.patch.unwrap_or_else(Json::null);
                let intent = Intent { row, attempt: 0, at: Timestamp::now(), guard, patch, changes };
                Ok((!intent.changes.is_empty()).then_some(Record::Agreed(intent)))
            }
            Outcome::Failed | Outcome::InDoubt | Outcome::NotReached => Ok(None),
            Outcome::Applied
            | Outcome::Unchanged
            | Outcome::Skipped
            | Outcome::Invalid
            | Outcome::Refused
            | Outcome::Conflict => {
                let referral = self.ledger.referral_of(settled.row)?;
                let is_alone = referral.is_none_or(|id| !repeated.contains(&id));
                Ok(is_alone.then(|| Event::Settled(settled).into()))
            }
        }
    }
}
