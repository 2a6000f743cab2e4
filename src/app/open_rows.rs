//! The open rows of a run, as the engine takes them: rows of one group together as one write, and their ends apart
//! again.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

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
use crate::ledger::{Entry, LedgerError, State};

/// Rows that are fetched from the ledger at once.
const ROWS_AT_ONCE: u32 = 512;

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
        Ok(OpenRows { run, groups, repeated, is_agreed })
    }

    fn pending(&self, entries: Result<Vec<Entry>, LedgerError>) -> Result<Vec<Pending>, String> {
        let entries = entries.map_err(in_words)?;
        match self.run.sense.columns.layout {
            Layout::Wide => entries.into_iter().map(|entry| self.as_agreed(self.understood(entry))).collect(),
            Layout::Long => entries.into_iter().map(|entry| self.as_agreed(self.with_pair(entry)?)).collect(),
            Layout::Plan => entries.into_iter().filter_map(|entry| self.with_group(entry).transpose()).collect(),
        }
    }

    fn understood(&self, Entry { row, referral, base, remarks, state }: Entry) -> Pending {
        let mut request = self.run.sense.request_again(&row, referral, base);
        request.remark(&remarks);
        let prior = match state {
            State::InDoubt(intent, _) => Some(*intent),
            State::NotDone | State::Done(_) => None,
        };
        Pending { request, prior, earlier: Earlier::default() }
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

    fn with_pair(&self, entry: Entry) -> Result<Pending, String> {
        let mut pending = self.understood(entry);
        if let Ask::Update(change) = &pending.request.ask
            && change.edits.iter().any(|edit| matches!(edit.field.kind, Kind::Status | Kind::Substatus))
        {
            let rows: Vec<Request> = self.about_one(change.referral)?.into_iter().map(|row| row.1.request).collect();
            change::complete_pair(&mut pending.request, &rows);
        }
        Ok(pending)
    }

    /// The write that a row leads; none for a row that goes along with an earlier one.
    fn with_group(&self, entry: Entry) -> Result<Option<Pending>, String> {
        if self.groups.has(entry.row.number) {
            return Ok(None);
        }
        let group = self.run.sense.group(&entry.row);
        let mut pending = self.understood(entry);
        let lead = pending.request.row;
        let Ask::Update(change) = &pending.request.ask else { return Ok(Some(pending)) };
        let mut asked: Vec<(u32, Edit)> = change.edits.iter().map(|edit| (lead, edit.clone())).collect();
        for (other_group, other) in self.about_one(change.referral)? {
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

    /// All open rows about a referral, each with its group.
    fn about_one(&self, referral: ReferralId) -> Result<Vec<(Option<String>, Pending)>, String> {
        let entries = self.run.ledger.open_rows_about(referral).map_err(in_words)?;
        Ok(entries.into_iter().map(|entry| (self.run.sense.group(&entry.row), self.understood(entry))).collect())
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
            let mut rows = self.pending(self.run.ledger.open_rows_about(*referral))?;
            if let Some(first) = rows.first_mut()
                && self.repeated.contains(referral)
            {
                first.earlier = self.done_before(first.request.row, *referral)?;
            }
            pending.append(&mut rows);
        }
        Ok(pending)
    }

    fn behind(&mut self, row: u32) -> Result<Vec<Pending>, String> {
        let mut last = row;
        loop {
            let entries = self.run.ledger.open_rows_behind(last, ROWS_AT_ONCE);
            let Some(end) = entries.as_ref().ok().and_then(|entries| entries.last()).map(|entry| entry.row.number)
            else {
                return self.pending(entries);
            };
            let pending = self.pending(entries)?;
            // Rows that all go along with earlier ones are not the end.
            if !pending.is_empty() {
                return Ok(pending);
            }
            last = end;
        }
    }
}
