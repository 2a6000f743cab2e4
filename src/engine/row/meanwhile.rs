//! What somebody else has done meanwhile, and what is left to be done after that.
//!
//! A write whose reply never came has landed if the referral shows it: one field that is ours now and was not before.
//! What then differs has been changed since, by somebody else; the row is applied, and says so. Without such a sign
//! nobody can tell, and what clashes is a conflict that says that, too.

use std::borrow::Cow;

use super::Row;
use crate::domain::change::{Change, Edit, Precision, Was};
use crate::domain::event::Event;
use crate::domain::json::Json;
use crate::domain::merge::{self, Clash};
use crate::domain::outcome::Outcome;
use crate::domain::plan::{self, FieldChange, Plan, Step, Write};
use crate::domain::problem::{Problem, Severity};
use crate::domain::referral::{ETag, Referral};
use crate::domain::value::same::is_still;
use crate::engine::OnConflict;
use crate::engine::bench::Ending;
use crate::engine::work::Seen;
use crate::service::{FaultKind, Service};

/// Said of a clash after a lost reply.
pub(super) const UNKNOWN: &str = "the reply was lost, and somebody else has changed the referral since: it is not known whether our change had landed";

impl<S: Service, T: AsyncFn(Event) -> bool> Row<'_, S, T> {
    /// How the row ends after another look, if it need not or must not be sent again: everything holds, or somebody
    /// else has changed the referral in a way that is not ours to overwrite.
    pub(super) fn compare(
        &mut self,
        change: &mut Change,
        sent: &Write,
        base: &Seen,
        theirs: &Seen,
        fault: FaultKind,
    ) -> Option<Outcome> {
        let theirs = theirs.referral()?;
        if matches!(plan::against(change, theirs).step, Step::Nothing) {
            return Some(self.outcome_of_nothing());
        }
        if self.may_have_landed && self.has_landed(change, &sent.changes, sent.guard.as_ref(), theirs) {
            return Some(Outcome::Applied);
        }
        let clashes = base.referral().map(|base| merge::clashes(change, base, theirs)).unwrap_or_default();
        self.is_unknown |= self.may_have_landed && !clashes.is_empty();
        let is_not_merged = change.etag.is_some() || self.bench.settings.on_conflict == OnConflict::Report;
        if fault == FaultKind::Stale && is_not_merged {
            self.left_out.extend(clashes);
            return Some(Outcome::Conflict);
        }
        (!self.leaves_out(change, clashes, theirs)).then_some(Outcome::Conflict)
    }

    /// Leaves out of a change what clashes, if its wishes can be sent one by one. False if nothing is to be sent then.
    pub(super) fn leaves_out(&mut self, change: &mut Change, clashes: Vec<Clash>, theirs: &Referral) -> bool {
        if clashes.is_empty() {
            return true;
        }
        if !change.is_divisible {
            self.left_out.extend(clashes);
            return false;
        }
        let (rest, clashes) = merge::rest(change, clashes, theirs);
        self.left_out.extend(clashes);
        *change = rest;
        change.edits.iter().any(Edit::is_sent)
    }

    /// Whether a write has landed of which that was not known; and says what somebody else has changed since.
    pub(super) fn has_landed(
        &mut self,
        change: &Change,
        changes: &[FieldChange],
        guard: Option<&ETag>,
        theirs: &Referral,
    ) -> bool {
        let Some(since) = merge::landed(changes, guard, theirs) else { return false };
        self.is_overtaken = !since.is_empty();
        for changed in since {
            let found = changed_since(changed, theirs);
            let edit = change.edits.iter().find(|edit| changed.is_of(edit));
            self.settled.problems.push(match edit {
                Some(edit) => Problem::warning(edit.place, &edit.heading, found, ""),
                None => Problem {
                    severity: Severity::Warning,
                    heading: (&*changed.label).into(),
                    ..Problem::of_row(found, "")
                },
            });
        }
        true
    }

    /// The end of a row whose write had landed before this run took it up. Wishes that stand for themselves and were left
    /// out of that write are looked at again, so that they say why.
    pub(super) fn landed_before(mut self, change: &Change, base: Seen) -> Ending {
        if let Some(current) = base.referral() {
            self.settled.name = current.name().map(Cow::into_owned);
            if change.is_divisible {
                let mut rest = change.clone();
                rest.edits.retain(|edit| !self.settled.changes.iter().any(|changed| changed.is_of(edit)));
                let clashes = merge::clashes_with_sheet(&rest, current);
                if self.leaves_out(&mut rest, clashes, current) {
                    let plan = self.plan(&mut rest, &base);
                    self.add_problems(plan.problems);
                }
            }
        }
        self.end(Outcome::Applied, base)
    }

    /// The plan of a change. Where wishes can be sent one by one, those that must not be sent are left out.
    pub(super) fn plan(&mut self, change: &mut Change, base: &Seen) -> Plan {
        loop {
            let plan = match base.referral() {
                Some(current) => plan::against(change, current),
                None => plan::unseen(change),
            };
            if !change.is_divisible || !matches!(plan.step, Step::Invalid) {
                return plan;
            }
            let errors = || plan.problems.iter().filter(|problem| problem.is_error());
            let error_at = |edit: &Edit| errors().find(|problem| problem.place == Some(edit.place));
            let rest = change.without(|edit| error_at(edit).is_some());
            if rest.edits.len() == change.edits.len() || !rest.edits.iter().any(Edit::is_sent) {
                return plan;
            }
            let is_left = |edit: &Edit| rest.edits.iter().any(|left| left.place == edit.place);
            let out = change.edits.iter().filter(|edit| !is_left(edit));
            // The other half of a status pair is out for the same reason.
            let halves = out.filter(|edit| error_at(edit).is_none()).filter_map(|edit| {
                let reason = errors().next()?;
                Some(Problem { place: Some(edit.place), heading: edit.heading.clone(), ..reason.clone() })
            });
            let problems: Vec<Problem> = errors().cloned().chain(halves).collect();
            self.add_problems(problems);
            *change = rest;
        }
    }
}

/// What a write has left, as the answer says it: a service may write down a value in its own way. An answer without
/// the member, or with what was there before, says nothing.
pub(super) fn as_answered(changes: &mut [FieldChange], answer: &Referral) {
    for change in changes.iter_mut().filter(|change| !change.is_item()) {
        let Some(field) = change.field() else { continue };
        let Some(stored) = answer.exact(field.pointer()) else { continue };
        let says = |value: &Json| {
            let was = Was { value: value.clone(), precision: Precision::Exact };
            is_still(field.kind, &was, Some(&stored))
        };
        if !says(&change.after) && !change.before.as_ref().is_some_and(says) {
            change.after = stored;
        }
    }
}

fn changed_since(changed: &FieldChange, theirs: &Referral) -> String {
    if changed.is_item() {
        return "somebody has taken out since what was added".to_owned();
    }
    let is = changed.field().and_then(|field| theirs.exact(field.pointer())).filter(|is| !is.is_null());
    match is.as_ref().map(Json::text) {
        None => "somebody has emptied it since".to_owned(),
        Some(text) if text.starts_with(['[', '{']) => "somebody has changed it since".to_owned(),
        Some(text) => format!("somebody has changed it to {text} since"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a change of the notes from `"old"` to `"low"` after an answer with these details.
    fn check(details: &str, expected: &str) {
        let json = |text: &str| Json::parse(text.to_owned()).unwrap();
        let mut changes = [FieldChange {
            label: "Notes".into(),
            path: "/details/notes".into(),
            before: Some(json(r#""old""#)),
            after: json(r#""low""#),
        }];
        let text = format!(r#"{{"id":"49d90c72-3326-4f61-aacc-2cb57970448c","details":{details}}}"#);
        as_answered(&mut changes, &Referral::parse(text).unwrap());
        assert_eq!(changes[0].after, json(expected));
    }

    #[test]
    fn what_the_answer_shows_is_what_we_left() {
        check(r#"{"notes":"LOW"}"#, r#""LOW""#);
        check(r#"{"notes":"low"}"#, r#""low""#);
        // Members may be left out, and an answer from before the write says nothing.
        check("{}", r#""low""#);
        check(r#"{"notes":"old"}"#, r#""low""#);
    }
}
