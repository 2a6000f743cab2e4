//! The first page of the workbook: the verdict, the counts, and how it came about.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, SignedDurationRound, Timestamp, Unit};

use super::Facts;
use super::workbook::tone;
use crate::domain::outcome::{Outcome, Tally};
use crate::sheet::Out;
use crate::sheet::workbook::{Count, Page};

/// The page for these counts.
pub(super) fn page(tally: &Tally, facts: &Facts) -> Page {
    let counts = tally.occurred().map(|(outcome, number)| Count {
        label: outcome.word().to_owned(),
        number,
        tone: tone(outcome),
    });
    let page = Page::new()
        .title(&format!("refsheet {}: {}", facts.command, facts.sheet), &verdict(tally, facts.stopped.as_deref()))
        .counts("Rows", counts.collect(), "all rows of the sheet");
    let meanings = tally.occurred().map(|(outcome, _)| (outcome.word(), Out::Text(outcome.meaning())));
    let run = run(facts);
    let page = page.facts("What the outcomes mean", meanings);
    page.facts("The run", run.iter().map(|(label, text)| (*label, Out::Text(text))))
        .remarks("Notices", facts.notices.iter().map(String::as_str))
}

/// How it went, in a sentence for somebody in a hurry.
pub(super) fn verdict(tally: &Tally, stopped: Option<&str>) -> String {
    let total = tally.total();
    if total == 0 {
        return "The sheet has no rows below its headings.".to_owned();
    }
    let (done, verb) = match tally[Outcome::Planned] {
        0 => (tally[Outcome::Applied], "applied"),
        planned => (planned, "would be sent"),
    };
    let mut words = vec![format!("{} of {} {verb}", grouped(done), rows(total))];
    for outcome in [Outcome::Unchanged, Outcome::Skipped, Outcome::NotReached] {
        if tally[outcome] > 0 {
            words.push(format!("{} {}", grouped(tally[outcome]), outcome.word()));
        }
    }
    let need = Outcome::ALL.into_iter().filter(|outcome| !outcome.is_well() && *outcome != Outcome::NotReached);
    let verdict = match need.map(|outcome| tally[outcome]).sum() {
        0 => format!("{}; nothing needs you.", words.join(", ")),
        1 => format!("{}; 1 needs you: see To fix.", words.join(", ")),
        need => format!("{}; {} need you: see To fix.", words.join(", "), grouped(need)),
    };
    match stopped {
        Some(why) => format!("Stopped early, {why}. {verdict}"),
        None => verdict,
    }
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
        ("Run", Some(facts.run.clone())),
        ("Stopped early", facts.stopped.clone()),
        ("Go on with", facts.resume.clone()),
        ("Sheet", Some(facts.sheet.clone())),
        ("Worksheet", facts.worksheet.clone()),
        ("SHA-256", Some(facts.sha256.clone())),
        ("Service", Some(facts.service.clone())),
        ("Profile", facts.profile.clone()),
        ("Rate", Some(facts.rate.clone())),
        ("Requests", Some(sent)),
        ("Started", Some(moment(facts.started))),
        ("Ended", Some(moment(facts.ended))),
        ("Duration", Some(duration(facts.duration))),
        ("Run by", Some(facts.who.clone())),
        ("Version", Some(format!("refsheet {}", facts.version))),
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
