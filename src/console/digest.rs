//! What went wrong, in few lines: problems that are alike are shown once, with how many more there are.

use std::fmt::Write;

use super::words::{counted, number};
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::problem::Problem;

/// Kinds of problems that are shown of each outcome; the report has all.
const KINDS_MAX: usize = 6;

/// Collects problems while rows go by. Its size does not depend on theirs.
#[derive(Debug, Default)]
pub struct Digest {
    groups: Vec<Group>,
}

/// The problems of one outcome; warnings are of none.
#[derive(Debug)]
struct Group {
    outcome: Option<Outcome>,
    kinds: Vec<Kind>,
    /// Problems of further kinds.
    others: u64,
}

#[derive(Debug)]
struct Kind {
    key: String,
    first: String,
    more: u64,
}

impl Digest {
    /// Takes note of a row that is not well, and of warnings about any row.
    pub fn add(&mut self, settled: &Settled) {
        let Settled { row, outcome, .. } = *settled;
        for problem in &settled.problems {
            let group = problem.is_error().then_some(outcome);
            self.add_kind(group, format!("{}: {}", problem.heading, pattern(&problem.found)), || match problem.place {
                Some(_) => format!("{problem:#}"),
                None => format!("row {row}: {problem:#}"),
            });
        }
        for clash in &settled.clashes {
            self.add_kind(Some(outcome), clash.label.clone(), || {
                let (base, mine, theirs) = (&clash.base, &clash.mine, &clash.theirs);
                format!("row {row}: {} was {base}, the sheet says {mine}, it is now {theirs}", clash.label)
            });
        }
        let is_explained = settled.problems.iter().any(Problem::is_error) || !settled.clashes.is_empty();
        if !outcome.is_well() && !is_explained && outcome != Outcome::NotReached {
            let code = settled.error_code.clone().or_else(|| settled.http.map(|http| http.to_string()));
            self.add_kind(Some(outcome), code.unwrap_or_default(), || {
                let reason = settled.reason.as_deref().unwrap_or(outcome.meaning()).trim_end_matches('.');
                format!("row {row}: {reason}; {}", settled.remedy())
            });
        }
    }

    fn add_kind(&mut self, outcome: Option<Outcome>, key: String, first: impl FnOnce() -> String) {
        let known = self.groups.iter().position(|group| group.outcome == outcome);
        let at = known.unwrap_or_else(|| {
            self.groups.push(Group { outcome, kinds: Vec::new(), others: 0 });
            self.groups.len() - 1
        });
        let group = &mut self.groups[at];
        match group.kinds.iter().position(|kind| kind.key == key) {
            Some(at) => group.kinds[at].more += 1,
            None if group.kinds.len() < KINDS_MAX => group.kinds.push(Kind { key, first: first(), more: 0 }),
            None => group.others += 1,
        }
    }

    /// The lines, or nothing when all was well: the service's noes first, then the sheet's faults, warnings last.
    pub fn text(&self) -> String {
        let mut groups: Vec<&Group> = self.groups.iter().collect();
        groups.sort_by_key(|group| match group.outcome {
            Some(Outcome::Invalid) => (1, group.outcome),
            Some(_) => (0, group.outcome),
            None => (2, group.outcome),
        });
        let mut text = String::new();
        for group in groups {
            let label = group.outcome.map_or("note", Outcome::word);
            for kind in &group.kinds {
                let more = match kind.more {
                    0 => String::new(),
                    more => format!(" (and {} more like it)", number(more)),
                };
                let _ = writeln!(text, "  {label:<11} {}{more}", kind.first);
            }
            if group.others > 0 {
                let _ =
                    writeln!(text, "  {label:<11} and {}; the report has all", counted(group.others, "more problem"));
            }
        }
        text
    }
}

/// A message without what differs from row to row: what it quotes, and its numbers.
fn pattern(found: &str) -> String {
    let mut pattern = String::new();
    let mut is_quoted = false;
    for letter in found.chars() {
        match letter {
            '`' => {
                is_quoted = !is_quoted;
                pattern.push(letter);
            }
            _ if is_quoted => {}
            '0'..='9' if pattern.ends_with('#') => {}
            '0'..='9' => pattern.push('#'),
            _ => pattern.push(letter),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cell::Address;

    fn invalid(row: u32, heading: &str) -> Settled {
        let place = Address { column: 2, row };
        let problem = Problem::error(place, &heading.into(), format!("`x{row}` is not known here"), "accepted: `New`");
        Settled::unsent(row, Outcome::Invalid, vec![problem])
    }

    #[test]
    fn what_is_alike_is_shown_once_and_the_services_noes_come_first() {
        let mut digest = Digest::default();
        for row in 2..217 {
            digest.add(&invalid(row, "Status"));
        }
        let reason = Some("no such referral".to_owned());
        digest.add(&Settled { reason, http: Some(400), ..Settled::unsent(300, Outcome::Refused, vec![]) });
        assert_eq!(
            digest.text(),
            "  refused     row 300: no such referral; read the service's answer, correct the row and apply it again\n  \
             invalid     C2 (Status): `x2` is not known here; accepted: `New` (and 214 more like it)\n"
        );
    }

    #[test]
    fn what_was_found_may_differ_and_still_be_alike() {
        let mut digest = Digest::default();
        let add = |digest: &mut Digest, row: u32, found: &str, accepted: &str| {
            let problem = Problem::error(Address { column: 2, row }, &"Status".into(), found, accepted);
            digest.add(&Settled::unsent(row, Outcome::Invalid, vec![problem]));
        };
        add(&mut digest, 2, "`Acitve` is not known here", "did you mean `Active`? Accepted: `New`");
        for row in 3..1300 {
            add(&mut digest, row, &format!("`x{row}` is not known here"), "accepted: `New`");
        }
        add(&mut digest, 1300, "the person in C1300 lacks 2 things", "");
        add(&mut digest, 1301, "the person in C1301 lacks 13 things", "");
        add(&mut digest, 1302, "the status cannot be cleared", "accepted: `New`");
        assert_eq!(
            digest.text(),
            "  invalid     C2 (Status): `Acitve` is not known here; did you mean `Active`? Accepted: `New` (and 1,297 more like it)\n  \
             invalid     C1300 (Status): the person in C1300 lacks 2 things (and 1 more like it)\n  \
             invalid     C1302 (Status): the status cannot be cleared; accepted: `New`\n"
        );
    }

    #[test]
    fn many_kinds_are_counted_and_warnings_are_notes_of_whatever_row() {
        let mut digest = Digest::default();
        for row in 2..12 {
            digest.add(&invalid(row, &format!("Column {row}")));
        }
        let place = Address { column: 0, row: 20 };
        let warning = Problem::warning(place, &"City".into(), "ignored", "");
        digest.add(&Settled::unsent(20, Outcome::Applied, vec![warning]));
        let text = digest.text();
        assert!(text.contains("  invalid     and 4 more problems; the report has all\n"), "{text}");
        assert!(text.ends_with("  note        A20 (City): ignored\n"), "{text}");
    }
}
