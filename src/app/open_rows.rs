//! The open rows of a run, as the engine takes them: rows of one group together as one write, and their ends apart
//! again.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::ahead::{Ahead, Open};
use super::choices::OnConflict;
use super::run::{Run, in_words};
use crate::domain::change::{self, Ask, Edit, Request};
use crate::domain::earlier::Earlier;
use crate::domain::event::Event;
use crate::domain::field::Kind;
use crate::domain::heading::Layout;
use crate::domain::merge::{self, Clash};
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::plan::FieldChange;
use crate::domain::problem::{Problem, Severity};
use crate::domain::referral::ReferralId;
use crate::engine::{Pending, Source};
use crate::ledger::{LedgerError, State};

/// Which rows go along with which.
#[derive(Default)]
pub struct Groups {
    /// By the row that leads.
    followers: RefCell<HashMap<u32, Vec<Follower>>>,
    /// All rows that have been handed on with another one.
    handed_on: RefCell<HashSet<u32>>,
}

/// A row that is part of another row's write.
struct Follower {
    row: u32,
    edits: Vec<Edit>,
    /// The earlier row of the group that asks for the very same, if there is one: it is sent once.
    repeats: Option<u32>,
}

/// The open rows.
pub struct OpenRows<'a> {
    run: &'a Run,
    groups: &'a Groups,
    /// Referrals that several rows are about.
    repeated: HashSet<ReferralId>,
    /// Whether the writes were shown to somebody first.
    is_agreed: bool,
    /// What has not been handed on of all rows, once somebody has asked for them.
    ahead: Option<Ahead>,
}

impl Groups {
    /// An event of a group as events of its rows. The row that leads comes last: until it has ended, the group has not.
    pub fn apart(&self, event: Event) -> Vec<Event> {
        let Event::Settled(settled) = event else { return vec![event] };
        let Some(followers) = self.followers.borrow_mut().remove(&settled.row) else {
            return vec![Event::Settled(settled)];
        };
        let whole = &*settled;
        let mut left = whole.clone();
        let mut rows: Vec<Settled> = Vec::new();
        let (followers, copies): (Vec<Follower>, Vec<Follower>) =
            followers.into_iter().partition(|follower| follower.repeats.is_none());
        for Follower { row, edits, .. } in followers {
            let is_its = |change: &FieldChange| edits.iter().any(|edit| change.is_of(edit));
            let is_at_odds = |clash: &Clash| edits.iter().any(|edit| clash.label == edit.field.label);
            let (changes, other_changes) = left.changes.into_iter().partition(is_its);
            let (clashes, other_clashes) = left.clashes.into_iter().partition(is_at_odds);
            (left.changes, left.clashes) = (other_changes, other_clashes);
            rows.push(end_of(Settled { row, changes, clashes, ..whole.clone() }, whole));
        }
        let lead = end_of(left, whole);
        // The doubt is with its intent, where whoever resumes the run finds it.
        rows.push(if whole.outcome == Outcome::InDoubt { Settled { outcome: Outcome::InDoubt, ..lead } } else { lead });
        let copies: Vec<Settled> = copies.iter().filter_map(|copy| copied(copy, &rows)).collect();
        rows.splice(0..0, copies);
        rows.into_iter().map(|settled| Event::Settled(Box::new(settled))).collect()
    }

    fn follow(&self, lead: u32, request: &Request, repeats: Option<u32>) {
        let Ask::Update(change) = &request.ask else { return };
        // The engine may be shown a row twice, and works on it once.
        if self.handed_on.borrow_mut().insert(request.row) {
            let follower = Follower { row: request.row, edits: change.edits.clone(), repeats };
            self.followers.borrow_mut().entry(lead).or_default().push(follower);
        }
    }

    fn has(&self, row: u32) -> bool {
        self.handed_on.borrow().contains(&row)
    }
}

/// How one row of a group has ended, which has its own changes and clashes: what clashed or must not be sent was left out
/// of the write of the others, and what held already was not in it either.
fn end_of(own: Settled, whole: &Settled) -> Settled {
    let is_its = |problem: &&Problem| problem.place.is_none_or(|place| place.row == own.row);
    let problems: Vec<Problem> = whole.problems.iter().filter(is_its).cloned().collect();
    let unsent = |outcome, problems| Settled {
        name: own.name.clone(),
        milliseconds: own.milliseconds,
        ..Settled::unsent(own.row, outcome, problems)
    };
    match whole.outcome {
        Outcome::Conflict if !own.clashes.is_empty() => Settled { problems, ..own },
        _ if !own.clashes.is_empty() => Settled {
            clashes: own.clashes.clone(),
            reason: own.reason.clone().filter(|_| whole.outcome.is_well()),
            etag_after: own.etag_after.clone(),
            ..unsent(Outcome::Conflict, problems)
        },
        _ if problems.iter().any(Problem::is_error) => unsent(Outcome::Invalid, problems),
        Outcome::Invalid => unsent(Outcome::Invalid, whole.problems.clone()),
        _ if own.changes.is_empty() && !whole.changes.is_empty() => unsent(Outcome::Unchanged, problems),
        outcome => Settled { problems, reason: own.reason.clone().filter(|_| !outcome.is_well()), ..own },
    }
}

impl<'a> OpenRows<'a> {
    /// The open rows of a run. What goes along with what is noted in `groups`.
    pub fn new(run: &'a Run, groups: &'a Groups) -> Result<Self, LedgerError> {
        let repeated = run.ledger.repeated_referrals()?;
        let is_agreed = run.ledger.is_agreed()?;
        Ok(OpenRows { run, groups, repeated, is_agreed, ahead: None })
    }

    /// The rows as they are to be worked on, with what they need to know of others.
    fn pending(&self, open: Vec<Open>) -> Result<Vec<Pending>, String> {
        match self.run.sense.columns.layout {
            Layout::Wide => open.into_iter().map(|Open { pending, .. }| self.as_agreed(pending)).collect(),
            Layout::Long => open.into_iter().map(|open| self.as_agreed(self.with_pair(open)?)).collect(),
            Layout::Plan => open.into_iter().filter_map(|open| self.with_group(open).transpose()).collect(),
        }
    }

    /// The row as it was shown and agreed to, so that what others change from then on is seen as their change.
    fn as_agreed(&self, mut pending: Pending) -> Result<Pending, String> {
        let Ask::Update(change) = &mut pending.request.ask else { return Ok(pending) };
        if self.is_agreed
            && let Some(agreed) = self.run.ledger.agreed(pending.request.row).map_err(in_words)?
        {
            *change = merge::as_agreed(change, &agreed);
            if self.run.settings.on_conflict == OnConflict::Report && change.etag.is_none() {
                change.etag = agreed.guard;
            }
        }
        Ok(pending)
    }

    /// What rows before a row have done to its referral.
    fn done_before(&self, row: u32, referral: ReferralId) -> Result<Earlier, String> {
        let states = self.run.ledger.states_before(row, referral).map_err(in_words)?;
        let ends = states.iter().filter_map(|state| match state {
            State::Done(settled) => Some(settled.as_ref()),
            State::NotDone | State::InDoubt(..) => None,
        });
        Ok(ends.collect())
    }

    fn with_pair(&self, Open { mut pending, .. }: Open) -> Result<Pending, String> {
        if let Ask::Update(change) = &pending.request.ask
            && change.edits.iter().any(|edit| matches!(edit.field.kind, Kind::Status | Kind::Substatus))
        {
            let rows: Vec<Request> =
                self.about_one(change.referral)?.into_iter().map(|open| open.pending.request).collect();
            change::complete_pair(&mut pending.request, &rows);
        }
        Ok(pending)
    }

    /// The write that a row leads; none for a row that goes along with an earlier one.
    fn with_group(&self, Open { mut pending, group }: Open) -> Result<Option<Pending>, String> {
        let lead = pending.request.row;
        if self.groups.has(lead) {
            return Ok(None);
        }
        let Ask::Update(change) = &pending.request.ask else { return Ok(Some(pending)) };
        let mut asked: Vec<(u32, Edit)> = change.edits.iter().map(|edit| (lead, edit.clone())).collect();
        for Open { pending: other, group: other_group } in self.about_one(change.referral)? {
            if group.is_none() || other_group != group || other.request.row <= lead {
                continue;
            }
            let row = other.request.row;
            let repeats = asked.iter().find(|(_, edit)| asks_the_same(&other.request, edit)).map(|(row, _)| *row);
            self.groups.follow(lead, &other.request, repeats);
            if repeats.is_some() {
                continue;
            }
            if let Ask::Update(change) = &other.request.ask {
                asked.extend(change.edits.iter().map(|edit| (row, edit.clone())));
            }
            pending.request.join(other.request);
        }
        Ok(Some(pending))
    }

    /// All open rows about a referral.
    fn about_one(&self, referral: ReferralId) -> Result<Vec<Open>, String> {
        let entries = self.run.ledger.open_rows_about(referral).map_err(in_words)?;
        Ok(entries.into_iter().map(|entry| Open::of(entry, &self.run.sense)).collect())
    }
}

/// How a row ends that asks for what an earlier one asks for, too.
fn copied(copy: &Follower, rows: &[Settled]) -> Option<Settled> {
    let first = rows.iter().find(|settled| Some(settled.row) == copy.repeats)?;
    let mut settled = Settled { row: copy.row, ..first.clone() };
    let found = format!("row {} asks for the very same", first.row);
    settled.problems.push(Problem { severity: Severity::Warning, ..Problem::of_row(found, "it is sent once") });
    Some(if first.outcome.is_well() { unchanged(settled) } else { settled })
}

fn unchanged(settled: Settled) -> Settled {
    Settled { outcome: Outcome::Unchanged, changes: Vec::new(), patch: None, ..settled }
}

fn asks_the_same(request: &Request, edit: &Edit) -> bool {
    let Ask::Update(change) = &request.ask else { return false };
    change.edits.iter().any(|other| other.field.path == edit.field.path && other.wish == edit.wish)
}

impl Source for OpenRows<'_> {
    fn referrals(&mut self) -> Result<Vec<ReferralId>, String> {
        self.run.ledger.open_referrals().map_err(in_words)
    }

    fn is_repeated(&self, referral: ReferralId) -> bool {
        self.repeated.contains(&referral)
    }

    fn about(&mut self, referrals: &[ReferralId]) -> Result<Vec<Pending>, String> {
        let mut pending = Vec::new();
        for referral in referrals {
            let mut rows = self.pending(self.about_one(*referral)?)?;
            if let Some(first) = rows.first_mut()
                && self.repeated.contains(referral)
            {
                first.earlier = self.done_before(first.request.row, *referral)?;
            }
            pending.append(&mut rows);
        }
        Ok(pending)
    }

    fn next(&mut self) -> Result<Vec<Pending>, String> {
        loop {
            let ahead = match &mut self.ahead {
                Some(ahead) => ahead,
                None => self.ahead.insert(Ahead::of(self.run).map_err(in_words)?),
            };
            let open = ahead.take().map_err(in_words)?;
            if open.is_empty() {
                return Ok(Vec::new());
            }
            let pending = self.pending(open)?;
            // Rows that all go along with earlier ones are not the end.
            if !pending.is_empty() {
                return Ok(pending);
            }
        }
    }
}
