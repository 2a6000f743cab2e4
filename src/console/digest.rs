//! What went wrong, in few lines: problems that are alike are shown once, with how many more there are.

use std::fmt::Write;

use super::words::counted;
use crate::domain::outcome::{Outcome, Settled};

/// Kinds of problems that are shown; the report has all.
const KINDS_MAX: usize = 12;

/// Collects problems while rows go by. Its size does not depend on theirs.
#[derive(Debug, Default)]
pub struct Digest {
    kinds: Vec<Kind>,
    others: u64,
}

#[derive(Debug)]
struct Kind {
    outcome: Outcome,
    key: String,
    first: String,
    more: u64,
}

impl Digest {
    /// Takes note of a row that is not well, and of warnings of any row.
    pub fn add(&mut self, settled: &Settled) {
        for problem in &settled.problems {
            let key = format!("{}{}", problem.heading, problem.accepted);
            self.add_kind(settled.outcome, key, || match problem.place {
                Some(_) => problem.to_string(),
                None => format!("row {}: {problem}", settled.row),
            });
        }
        for clash in &settled.clashes {
            self.add_kind(settled.outcome, clash.label.clone(), || {
                format!(
                    "row {}: {} was {}, the sheet says {}, it is now {}",
                    settled.row, clash.label, clash.base, clash.mine, clash.theirs
                )
            });
        }
        let is_explained =
            settled.problems.iter().any(crate::domain::problem::Problem::is_error) || !settled.clashes.is_empty();
        if !settled.outcome.is_well() && !is_explained && settled.outcome != Outcome::NotReached {
            let key =
                settled.error_code.clone().or_else(|| settled.http.map(|http| http.to_string())).unwrap_or_default();
            let reason = settled.reason.as_deref().unwrap_or(settled.outcome.meaning());
            self.add_kind(settled.outcome, key, || format!("row {}: {reason}", settled.row));
        }
    }

    fn add_kind(&mut self, outcome: Outcome, key: String, first: impl FnOnce() -> String) {
        let known = self.kinds.iter().position(|kind| kind.outcome == outcome && kind.key == key);
        match known {
            Some(at) => self.kinds[at].more += 1,
            None if self.kinds.len() < KINDS_MAX => self.kinds.push(Kind { outcome, key, first: first(), more: 0 }),
            None => self.others += 1,
        }
    }

    /// The lines, or nothing when all was well.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for kind in &self.kinds {
            let label = if kind.outcome.is_well() { "note" } else { kind.outcome.word() };
            let more = if kind.more == 0 { String::new() } else { format!(" (and {} more like it)", kind.more) };
            let _ = writeln!(text, "  {label:<11} {}{more}", kind.first);
        }
        if self.others > 0 {
            let _ = writeln!(text, "  and {}; the report has all", counted(self.others, "more problem"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cell::Address;
    use crate::domain::problem::Problem;

    #[test]
    fn what_is_alike_is_shown_once() {
        let mut digest = Digest::default();
        for row in 2..217 {
            let place = Address { column: 2, row };
            let problem =
                Problem::error(place, &"Status".into(), format!("`x{row}` is not known here"), "accepted: `New`");
            digest.add(&Settled::unsent(row, Outcome::Invalid, vec![problem]));
        }
        digest.add(&Settled {
            reason: Some("no such referral".to_owned()),
            ..Settled::unsent(300, Outcome::Refused, vec![])
        });
        assert_eq!(
            digest.text(),
            "  invalid     C2 (Status): `x2` is not known here; accepted: `New` (and 214 more like it)\n  \
             refused     row 300: no such referral\n"
        );
    }
}
