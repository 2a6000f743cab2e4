//! Dates as people write them, and the moments that the service holds.
//!
//! ISO dates have one reading. `03/04/2026` has two, a month apart, and is refused until the user says which;
//! `25/03/2026` has one. A date without a time is midnight UTC (contract, section 3.9), in whatever time zone the
//! user sits: a closing date must not become the day before.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::Complaint;

/// The order of day, month and year in a date of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// `31/12/2026`
    DayMonthYear,
    /// `12/31/2026`, the portal's own
    MonthDayYear,
    /// `2026/12/31`
    YearMonthDay,
}

const ACCEPTED: &str = "write it as 2026-12-31";

/// Reads a moment from text. `zone` is where times without an offset are told.
pub fn read(text: &str, order: Option<DateOrder>, zone: &TimeZone) -> Result<Timestamp, Complaint> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let (date, time) = split_time(text);
    let date = read_date(date, order).map_err(|why| why.complaint(text))?;
    match time {
        None => midnight(date).ok_or_else(|| Unreadable::OutOfRange.complaint(text)),
        Some(time) => {
            let time = read_time(time).map_err(|why| why.complaint(text))?;
            let why = if time == Time::midnight() { Unreadable::OutOfRange } else { Unreadable::NotOnce };
            of_cell(date.to_datetime(time), zone).ok_or_else(|| why.complaint(text))
        }
    }
}

/// The day that a text names when it is read in this order; none when it is no date, or one only in another order.
pub fn date_of(text: &str, order: DateOrder) -> Option<Date> {
    read_date(split_time(text).0, Some(order)).ok()
}

/// A date cell of a workbook, or a text that says the same. Midnight is a date without a time: programs that keep
/// dates as moments print it so. None for a time that the zone skips or has twice, when clocks are changed.
pub fn of_cell(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    if at.time() == Time::midnight() { midnight(at.date()) } else { in_zone(at, zone) }
}

/// A moment as it is sent: UTC with `Z`.
pub fn print(moment: Timestamp) -> String {
    moment.to_string()
}

enum Unreadable {
    NotADate,
    NoSuchDay,
    Ambiguous,
    ShortYear,
    OutOfRange,
    NotOnce,
}

impl Unreadable {
    fn complaint(&self, text: &str) -> Complaint {
        match self {
            Unreadable::NotADate => Complaint::new(format!("`{text}` is not a date"), ACCEPTED),
            Unreadable::NoSuchDay => Complaint::new(format!("`{text}` is a day that does not exist"), ACCEPTED),
            Unreadable::OutOfRange => Complaint::new(
                format!("`{text}` is too far in the future"),
                "write a real date, or leave the cell blank",
            ),
            Unreadable::NotOnce => Complaint::new(
                format!("`{text}` is skipped in the time zone, or is there twice, because clocks are changed"),
                "write it with its offset, such as 2026-12-31T14:00:00+01:00",
            ),
            Unreadable::ShortYear => Complaint::new(format!("`{text}` has a year of two digits"), ACCEPTED),
            Unreadable::Ambiguous => Complaint::new(
                format!("`{text}` can be read with the day or the month first"),
                "say which with `--date-format dmy` or `--date-format mdy`, or write it as 2026-12-31",
            ),
        }
    }
}

/// None for the very last days of the calendar, such as `9999-12-31`, which no moment can tell in every zone.
fn midnight(date: Date) -> Option<Timestamp> {
    in_zone(date.to_datetime(Time::midnight()), &TimeZone::UTC)
}

fn in_zone(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(at).unambiguous().ok()
}

/// The date and, if there is one, the time behind it.
fn split_time(text: &str) -> (&str, Option<&str>) {
    match text.split_once([' ', 'T']) {
        Some((date, time)) if time.contains(':') => (date, Some(time.trim())),
        _ => (text, None),
    }
}

/// Hours, minutes and maybe seconds. An offset behind them would have to be obeyed, and is only in ISO times.
fn read_time(text: &str) -> Result<Time, Unreadable> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':' || byte == b'.');
    text.parse().ok().filter(|_| is_plain).ok_or(Unreadable::NotADate)
}

fn read_date(text: &str, order: Option<DateOrder>) -> Result<Date, Unreadable> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).map(str::trim).collect();
    let [first, second, third] = parts[..] else { return Err(Unreadable::NotADate) };
    if !parts.iter().all(|part| !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(Unreadable::NotADate);
    }
    let number = |part: &str| part.parse::<i16>().expect("one to four digits are a number");
    let (a, b) = (number(first), number(second));
    if first.len() == 4 {
        return day(a, b, number(third));
    }
    if third.len() != 4 {
        return Err(Unreadable::ShortYear);
    }
    let year = number(third);
    match order {
        Some(DateOrder::DayMonthYear) => day(year, b, a),
        Some(DateOrder::MonthDayYear) => day(year, a, b),
        Some(DateOrder::YearMonthDay) => Err(Unreadable::NotADate),
        None if a == b || a > 12 => day(year, b, a),
        None if b > 12 => day(year, a, b),
        None => Err(Unreadable::Ambiguous),
    }
}

fn day(year: i16, month: i16, day: i16) -> Result<Date, Unreadable> {
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else { return Err(Unreadable::NoSuchDay) };
    Date::new(year, month, day).map_err(|_| Unreadable::NoSuchDay)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(order: Option<DateOrder>, text: &str, moment: &str) {
        let read = read(text, order, &TimeZone::UTC).map(print);
        assert_eq!(read.as_deref(), Ok(moment), "{text}");
    }

    fn check_refused(order: Option<DateOrder>, text: &str, why: &str) {
        let complaint = read(text, order, &TimeZone::UTC).unwrap_err();
        assert!(complaint.found.contains(why), "{text}: {}", complaint.found);
    }

    #[test]
    fn what_has_one_reading_is_read() {
        check(None, "2026-12-31", "2026-12-31T00:00:00Z");
        check(None, "2026/12/31", "2026-12-31T00:00:00Z");
        check(None, "31.12.2026", "2026-12-31T00:00:00Z");
        check(None, "12/31/2026", "2026-12-31T00:00:00Z");
        check(None, "04/04/2026", "2026-04-04T00:00:00Z");
        check(None, "2026-12-31T14:00:00Z", "2026-12-31T14:00:00Z");
        check(None, "2026-12-31T14:00:00+02:00", "2026-12-31T12:00:00Z");
        check(None, "2026-12-31 14:30", "2026-12-31T14:30:00Z");
        check(None, "2020-12-01T00:00:00.0000000Z", "2020-12-01T00:00:00Z");
    }

    #[test]
    fn day_and_month_are_never_guessed() {
        check_refused(None, "03/04/2026", "day or the month first");
        check_refused(None, "03.04.2026", "day or the month first");
        check(Some(DateOrder::DayMonthYear), "03/04/2026", "2026-04-03T00:00:00Z");
        check(Some(DateOrder::MonthDayYear), "03/04/2026", "2026-03-04T00:00:00Z");
    }

    #[test]
    fn what_is_no_date_is_refused_with_the_reason() {
        check_refused(None, "soon", "not a date");
        check_refused(None, "46022", "not a date");
        check_refused(None, "2026-02-30", "does not exist");
        check_refused(None, "31/12/26", "two digits");
        check_refused(None, "9999-12-31", "too far");
        check_refused(Some(DateOrder::MonthDayYear), "31/12/2026", "does not exist");
    }

    #[test]
    fn a_date_is_the_same_day_in_every_zone_and_a_time_is_told_where_the_user_sits() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(print(read("2026-07-01", None, &berlin).unwrap()), "2026-07-01T00:00:00Z");
        assert_eq!(print(read("2026-07-01 09:00", None, &berlin).unwrap()), "2026-07-01T07:00:00Z");
        assert_eq!(print(read("2026-07-01 00:00:00", None, &berlin).unwrap()), "2026-07-01T00:00:00Z");
        assert!(read("2026-03-29 02:30", None, &berlin).unwrap_err().found.contains("skipped"));
        assert!(read("25.10.2026 02:30", None, &berlin).unwrap_err().found.contains("twice"));
        assert!(read("31.12.2026 14:00+02:00", None, &berlin).unwrap_err().found.contains("not a date"));
        assert!(read("9999-12-31 00:00", None, &berlin).unwrap_err().found.contains("too far"));
    }
}
