//! What one command asks of the service: all of it at one pace and in one count.

use std::cell::Cell;

use super::settings::Settings;
use crate::console::{Console, Progress};
use crate::domain::event::{Notice, Requests};
use crate::domain::identity::{Directory, MatchBy};
use crate::engine::{self, Access, Pacer};
use crate::error::{Failure, Kind};
use crate::service::{Fault, FaultKind, Page, Service};

/// The pace and the count.
pub struct Traffic {
    /// The pace.
    pub pacer: Pacer,
    /// The count.
    pub requests: Cell<Requests>,
}

impl Traffic {
    /// Nothing asked yet.
    pub fn new(settings: &Settings) -> Traffic {
        Traffic { pacer: Pacer::new((&settings.pace()).into()), requests: Cell::default() }
    }

    /// The way to the service.
    pub fn access<'a, S>(&'a self, service: &'a S, notice: &'a dyn Fn(Notice)) -> Access<'a, S> {
        Access { service, pacer: &self.pacer, requests: &self.requests, notice }
    }

    /// All referrals by what rows are matched by, from one pass over the list; none where rows have ids.
    pub fn directory<S: Service>(
        &self,
        service: &S,
        settings: &Settings,
        console: Console,
    ) -> Result<Option<Directory>, Failure> {
        let by: MatchBy = settings.sheet.match_by.into();
        let Some(field) = by.field() else { return Ok(None) };
        let progress = Progress::begin(console, 0);
        progress.say(&format!("looking for the referrals by {} in the list", field.label));
        let notice = |notice: Notice| progress.tell(&notice);
        let access = || self.access(service, &notice);
        let engine = settings.for_engine(0);
        let mut directory = Directory::new(by);
        let mut ids = Vec::new();
        let gone_through = super::runtime()?.block_on(async {
            let enter = async |page: Page| {
                for referral in page.referrals {
                    directory.enter(&referral);
                    ids.push(referral.id());
                }
                Ok::<_, Fault>(())
            };
            engine::list(access(), &engine, engine::first_page(None), enter).await?;
            if directory.is_blind() {
                let enter = |referral| {
                    directory.enter(&referral);
                    Ok::<_, Fault>(())
                };
                engine::fetch(access(), &engine, ids, enter).await?;
            }
            Ok(())
        });
        progress.end();
        gone_through.map_err(|fault: Fault| unlisted(&fault, "the list of referrals cannot be read"))?;
        Ok(Some(directory))
    }
}

/// The list cannot be read: nothing has been sent.
pub fn unlisted(fault: &Fault, what: &str) -> Failure {
    let kind = if fault.kind == FaultKind::Unauthenticated { Kind::SignIn } else { Kind::Stopped };
    let failure = Failure::new(kind, format!("{what}: {fault}"));
    match fault.trace.http {
        Some(403) => failure
            .hint("the account needs the role Referrals admin or Referrals user in Partner Center")
            .hint("`refsheet whoami` shows who is signed in"),
        _ => failure,
    }
}
