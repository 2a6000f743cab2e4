//! The first page of the workbook: the verdict, the counts, and how it came about.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, SignedDurationRound, Timestamp, Unit};

use super::Facts;
use super::workbook::tone;
use crate::domain::outcome::{Outcome, Tally};
use crate::sheet::Out;
use crate::sheet::workbook::{Count, Page};

/// Beside it stands the run's id.
pub const RUN: &str = "Run";

/// The page for these counts.
pub(super) fn page(tally: &Tally, facts: &Facts) -> Page {
    let counts = tally.occurred().map(|(outcome, number)| Count {
        label: outcome.word().to_owned(),
        number,
        tone: tone(outcome),
    });
    let meanings = tally.occurred().map(|(outcome, _)| (outcome.word(), Out::Text(outcome.meaning())));
    let run = run(facts);
    Page::new()
        .title(&verdict(tally, facts.stopped.is_some(), facts.shard.is_some()), &subtitle(facts))
        .counts(
            "Rows",
            counts.collect(),
            if facts.shard.is_some() { "all rows of the shard" } else { "all rows of the sheet" },
        )
        .facts("What the outcomes mean", meanings)
        .remarks("Notices", facts.notices.iter().map(String::as_str))
        .facts("The run", run.iter().map(|(label, text)| (*label, Out::Text(text))))
}

/// How it went, for somebody in a hurry.
fn verdict(tally: &Tally, has_stopped: bool, is_shard: bool) -> String {
    let total = tally.total();
    if total == 0 && is_shard {
        return "All rows of the sheet fall to other shards".to_owned();
    }
    if total == 0 {
        return "The sheet has no rows below its headings".to_owned();
    }
    let (done, verb) = match tally[Outcome::Planned] {
        0 => (tally[Outcome::Applied], "applied"),
        planned => (planned, "to be sent"),
    };
    let left = tally[Outcome::Unchanged] + tally[Outcome::Skipped];
    let not_reached = tally[Outcome::NotReached];
    let in_doubt = tally[Outcome::InDoubt];
    let verdict = match total - done - left - not_reached - in_doubt {
        0 if done == total && total > 1 => format!("All {} {verb}", rows(total)),
        0 if done == total => format!("{} {verb}", rows(total)),
        0 if not_reached == 0 && in_doubt == 0 => {
            format!("{} of {} {verb}, {} left as they are", grouped(done), rows(total), grouped(left))
        }
        0 if not_reached == 0 => format!("{} of {} {verb}", grouped(done), rows(total)),
        0 => format!("{} of {} {verb}, {} not reached", grouped(done), rows(total), grouped(not_reached)),
        1 => format!("{} of {} {verb}; 1 needs you: see To fix", grouped(done), rows(total)),
        need => format!("{} of {} {verb}; {} need you: see To fix", grouped(done), rows(total), grouped(need)),
    };
    let doubt = if in_doubt == 0 { String::new() } else { format!("; {} in doubt", grouped(in_doubt)) };
    if has_stopped { format!("Stopped early: {verdict}{doubt}") } else { format!("{verdict}{doubt}") }
}

/// What this is about: `refsheet apply, deals.xlsx, worksheet Pipeline, 2026-05-12`.
fn subtitle(facts: &Facts) -> String {
    let day = facts.started.to_zoned(TimeZone::UTC).date();
    let worksheet = facts.worksheet.as_ref().map(|name| format!(", worksheet {name}")).unwrap_or_default();
    let shard = facts.shard.as_ref().map(|shard| format!(", shard {shard}")).unwrap_or_default();
    let stopped = facts.stopped.as_ref().map(|why| format!("; stopped early: {why}")).unwrap_or_default();
    format!("refsheet {}, {}{worksheet}{shard}, {day}{stopped}", facts.command, facts.sheet)
}

/// The circumstances that are known, each in words.
fn run(facts: &Facts) -> Vec<(&'static str, String)> {
    let requests = &facts.requests;
    let sent = format!(
        "{}: {} reads, {} writes; {} repeated, {} slowed down by the service",
        grouped(requests.sent()),
        grouped(requests.reads),
        grouped(requests.writes),
        grouped(requests.retried),
        grouped(requests.throttled),
    );
    let all = [
        (RUN, Some(facts.run.clone())),
        ("Stopped early", facts.stopped.clone()),
        ("Go on with", facts.resume.clone()),
        ("Sheet", Some(facts.sheet.clone())),
        ("Worksheet", facts.worksheet.clone()),
        ("Shard", facts.shard.clone()),
        ("SHA-256", Some(facts.sha256.clone())),
        ("Service", Some(facts.service.clone())),
        ("Profile", facts.profile.clone()),
        ("Rate", Some(facts.rate.clone())),
        ("Requests", Some(sent)),
        ("Started", Some(moment(facts.started))),
        ("Ended", Some(format!("{}, after {} of work", moment(facts.ended), duration(facts.duration)))),
        ("Run by", Some(facts.who.clone())),
        ("Program", Some(format!("refsheet {}", facts.version))),
    ];
    all.into_iter().filter_map(|(label, text)| Some((label, text.filter(|text| !text.is_empty())?))).collect()
}

fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `1h 2m 3s`, in whole seconds from ten seconds on.
fn duration(duration: Duration) -> String {
    let unit = if duration.as_secs() < 10 { Unit::Millisecond } else { Unit::Second };
    let exact = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    format!("{:#}", exact.round(SignedDurationRound::new().smallest(unit)).unwrap_or(exact))
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{} rows", grouped(count)) }
}

/// `1,234,567`.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(counts: &[(Outcome, usize)]) -> Tally {
        let mut tally = Tally::default();
        for (outcome, count) in counts {
            (0..*count).for_each(|_| tally += *outcome);
        }
        tally
    }

    #[test]
    fn the_verdict_is_one_sentence() {
        use Outcome::{Applied, Conflict, InDoubt, Invalid, NotReached, Planned, Skipped, Unchanged};
        let check = |counts: &[(Outcome, usize)], expected: &str| {
            assert_eq!(verdict(&tally(counts), false, false), expected);
        };
        check(&[], "The sheet has no rows below its headings");
        check(&[(Applied, 1)], "1 row applied");
        check(&[(Applied, 1_500)], "All 1,500 rows applied");
        check(&[(Applied, 3), (Unchanged, 2), (Skipped, 1)], "3 of 6 rows applied, 3 left as they are");
        check(&[(Applied, 2), (Invalid, 1)], "2 of 3 rows applied; 1 needs you: see To fix");
        check(&[(Unchanged, 2), (Invalid, 1), (Conflict, 1)], "0 of 4 rows applied; 2 need you: see To fix");
        check(&[(Planned, 2), (Invalid, 1)], "2 of 3 rows to be sent; 1 needs you: see To fix");
        check(&[(Applied, 2), (NotReached, 3)], "2 of 5 rows applied, 3 not reached");
        check(&[(Applied, 2), (InDoubt, 3)], "2 of 5 rows applied; 3 in doubt");
        check(&[(Invalid, 2), (InDoubt, 1)], "0 of 3 rows applied; 2 need you: see To fix; 1 in doubt");
        assert_eq!(
            verdict(&tally(&[(NotReached, 3)]), true, false),
            "Stopped early: 0 of 3 rows applied, 3 not reached"
        );
    }

    #[test]
    fn counts_and_durations_are_readable() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        let check = |milliseconds, expected: &str| {
            assert_eq!(duration(Duration::from_millis(milliseconds)), expected);
        };
        check(0, "0s");
        check(1_250, "1s 250ms");
        check(72_345, "1m 12s");
        check(3_661_000, "1h 1m 1s");
    }
}
