//! Dates as people write them, and the moments that the service holds.
//!
//! ISO dates have one reading, and so has a date whose month is a word. `03/04/2026` has two, a month apart, and is refused until the user says which;
//! `25/03/2026` has one. A date without a time is midnight UTC (contract, section 3.9), in whatever time zone the
//! user sits: a closing date must not become the day before.

mod day;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::Complaint;
use super::plain::{hyphened, shown};
use crate::domain::cell::Cell;

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

const ACCEPTED: &str = "write it like 2026-12-31";

/// Reads a moment from text. `zone` is where times without an offset are told.
pub fn read(text: &str, order: Option<DateOrder>, zone: &TimeZone) -> Result<Timestamp, Complaint> {
    let text = &hyphened(text);
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    told(text, order, zone).map_err(|why| why.complaint(text))
}

/// The day that a text names when it is read in this order; none when it is no date, or one only in another order.
pub fn date_of(text: &str, order: DateOrder) -> Option<Date> {
    let text = &hyphened(text);
    day::read(&Told::of(text).date, Some(order)).ok()
}

/// A date cell of a workbook. Midnight is a date without a time: programs that keep dates as moments print it so.
pub fn of_cell(at: DateTime, zone: &TimeZone) -> Result<Timestamp, Complaint> {
    told_at(at, zone).map_err(|why| why.complaint(&Cell::DateTime(at).to_string()))
}

/// The day that a spreadsheet stores as this number, as long as it is one that people write about in a sheet of deals.
pub fn of_serial(number: f64) -> Option<Date> {
    /// What Excel counts from, once it has counted 29 February 1900.
    const DAY_0: Date = jiff::civil::date(1899, 12, 30);
    const FIRST: f64 = 29_221.0; // 1980-01-01
    const LAST: f64 = 73_050.0; // 2099-12-31
    #[expect(clippy::cast_possible_truncation, reason = "within the bounds above")]
    let days = (FIRST..LAST + 1.0).contains(&number).then_some(number as i64)?;
    DAY_0.checked_add(jiff::Span::new().days(days)).ok()
}

/// A moment as it is sent: UTC with `Z`.
pub fn print(moment: Timestamp) -> String {
    moment.to_string()
}

/// The day of a text such as `2026-12-31`, which [`read`] reads as its midnight in whatever order and zone. It is no more
/// than a shorter way.
pub fn plain_day(text: &str) -> Option<Date> {
    let digits: &[u8; 10] = text.as_bytes().try_into().ok()?;
    if digits[4] != b'-' || digits[7] != b'-' {
        return None;
    }
    let number = |digits: &[u8]| {
        let digit = |sum: i16, byte: &u8| byte.is_ascii_digit().then(|| sum * 10 + i16::from(byte - b'0'));
        digits.iter().try_fold(0, digit)
    };
    let small = |digits: &[u8]| i8::try_from(number(digits)?).ok();
    let date = Date::new(number(&digits[..4])?, small(&digits[5..7])?, small(&digits[8..])?).ok()?;
    is_plain_year(date).then_some(date)
}

/// Whether the date of a cell is a day that [`of_cell`] takes for its midnight.
pub fn is_plain(at: DateTime) -> bool {
    at.time() == Time::midnight() && is_plain_year(at.date())
}

/// The midnight of a plain day as [`print`] prints it.
pub fn print_day(date: Date) -> String {
    let mut text = *b"0000-00-00T00:00:00Z";
    let mut put = |at: usize, number: i16| {
        for (place, power) in text[at..].iter_mut().zip(if at == 0 { &[1000, 100, 10, 1][..] } else { &[10, 1] }) {
            *place += u8::try_from(number / power % 10).unwrap_or_default();
        }
    };
    put(0, date.year());
    put(5, date.month().into());
    put(8, date.day().into());
    String::from_utf8_lossy(&text).into_owned()
}

/// The last year has days that are no moments everywhere, the first ones are written in another way.
fn is_plain_year(date: Date) -> bool {
    (1000..9999).contains(&date.year())
}

enum Unreadable {
    NotADate,
    NoSuchDay,
    /// There is one when it is read in the other order; what comes first in this one.
    NoSuchDayWith(&'static str),
    OtherWeekday,
    Ambiguous,
    ShortYear,
    OutOfRange,
    NotATime,
    NotOnce,
}

impl Unreadable {
    fn complaint(&self, text: &str) -> Complaint {
        let (found, accepted) = match self {
            Unreadable::NotADate => match text.parse().ok().and_then(of_serial) {
                Some(date) => (format!("is not a date; as a spreadsheet counts days, it is {date}"), ACCEPTED),
                None => ("is not a date".to_owned(), ACCEPTED),
            },
            Unreadable::NoSuchDay => ("is a day that does not exist".to_owned(), ACCEPTED),
            Unreadable::NoSuchDayWith(first) => {
                (format!("is a day that does not exist, read with the {first} first"), ACCEPTED)
            }
            Unreadable::OtherWeekday => ("is another day of the week".to_owned(), ACCEPTED),
            Unreadable::OutOfRange => {
                ("is too far in the future".to_owned(), "write a real date, or leave the cell blank")
            }
            Unreadable::ShortYear => ("has a year of two digits".to_owned(), ACCEPTED),
            Unreadable::Ambiguous => (
                "can be read with the day or the month first".to_owned(),
                "say which with `--date-format dmy` or `--date-format mdy`, or write it like 2026-12-31",
            ),
            Unreadable::NotATime => {
                ("has a time of day that is none".to_owned(), "write it like 2026-12-31 14:30, or leave the time away")
            }
            Unreadable::NotOnce => (
                "is skipped in the time zone, or is there twice, because clocks are changed".to_owned(),
                "write it with its offset, such as 2026-12-31T14:00:00+01:00",
            ),
        };
        Complaint::new(format!("`{}` {found}", shown(text)), accepted)
    }
}

/// A date and a time, as they stand in a text.
struct Told {
    date: String,
    time: Option<String>,
    is_utc: bool,
}

impl Told {
    /// Takes a text apart. A time has a colon, or is an hour before `AM` or `PM`; all before it is the date.
    fn of(text: &str) -> Told {
        let spaced = with_space_for_t(text);
        let mut words: Vec<&str> = spaced.split_whitespace().collect();
        let is_utc = words.pop_if(|word| ["UTC", "GMT", "Z"].contains(&word.to_uppercase().as_str())).is_some();
        let is_half = |word: &str| half_of_day(word).is_some();
        let time_at = words.iter().position(|word| word.contains(':')).or_else(|| {
            let last = words.len().checked_sub(1).filter(|at| is_half(words[*at]))?;
            // `2 PM` or `2PM`.
            if words[last].starts_with(|letter: char| letter.is_ascii_digit()) {
                Some(last)
            } else {
                last.checked_sub(1)
            }
        });
        match time_at {
            Some(at) => Told {
                date: words[..at].join(" ").trim_end_matches(',').to_owned(),
                time: Some(words[at..].concat()),
                is_utc,
            },
            None => Told { date: text.trim().to_owned(), time: None, is_utc: false },
        }
    }
}

fn told(text: &str, order: Option<DateOrder>, zone: &TimeZone) -> Result<Timestamp, Unreadable> {
    let Told { date, time, is_utc } = Told::of(text);
    let date = day::read(&date, order)?;
    match time {
        None => midnight(date),
        Some(time) => {
            let time = time_of_day(&time).ok_or(Unreadable::NotATime)?;
            let at = date.to_datetime(time);
            if is_utc { in_zone(at, &TimeZone::UTC) } else { told_at(at, zone) }
        }
    }
}

/// `2026-12-31T14:30` with a space for its `T`.
fn with_space_for_t(text: &str) -> String {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let is_mark = |at: usize| at > 0 && is_digit(bytes.get(at - 1)) && is_digit(bytes.get(at + 1));
    text.char_indices().map(|(at, letter)| if letter == 'T' && is_mark(at) { ' ' } else { letter }).collect()
}

/// `14:30`, `9:05:30`, `2:30PM`, `2PM`. An offset behind it would have to be obeyed, and is only in ISO times.
fn time_of_day(text: &str) -> Option<Time> {
    let plain = |text: &str| {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':' || byte == b'.');
        text.parse().ok().filter(|_| is_plain)
    };
    let Some((digits, is_afternoon)) = half_of_day(text) else {
        let is_short = text.find(':') == Some(1);
        return if is_short { plain(&format!("0{text}")) } else { plain(text) };
    };
    let (hour, rest) = digits.split_at(digits.find(':').unwrap_or(digits.len()));
    let hour: u8 = hour.parse().ok().filter(|hour| (1..=12).contains(hour))?;
    let rest = if rest.is_empty() { ":00" } else { rest };
    plain(&format!("{:02}{rest}", hour % 12 + if is_afternoon { 12 } else { 0 }))
}

/// What stands before `AM` or `PM`, and which of them it is.
fn half_of_day(text: &str) -> Option<(String, bool)> {
    let text = text.to_lowercase().replace("a.m.", "am").replace("p.m.", "pm");
    let digits = text.strip_suffix("am").or_else(|| text.strip_suffix("pm"))?;
    let is_time = digits.chars().all(|letter| letter.is_ascii_digit() || letter == ':' || letter == '.');
    is_time.then(|| (digits.to_owned(), text.ends_with("pm")))
}

/// None for the very last days of the calendar, such as `9999-12-31`, which no moment can tell in every zone.
fn midnight(date: Date) -> Result<Timestamp, Unreadable> {
    in_zone(date.to_datetime(Time::midnight()), &TimeZone::UTC)
}

fn told_at(at: DateTime, zone: &TimeZone) -> Result<Timestamp, Unreadable> {
    if at.time() == Time::midnight() { midnight(at.date()) } else { in_zone(at, zone) }
}

fn in_zone(at: DateTime, zone: &TimeZone) -> Result<Timestamp, Unreadable> {
    let told = zone.to_ambiguous_zoned(at);
    if told.is_ambiguous() {
        return Err(Unreadable::NotOnce);
    }
    told.unambiguous().map(|zoned| zoned.timestamp()).map_err(|_| Unreadable::OutOfRange)
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
    fn a_month_in_words_leaves_one_reading() {
        for text in [
            "31 December 2026",
            "31. December 2026",
            "31 Dec 2026",
            "31-Dec-2026",
            "31st Dec, 2026",
            "December 31, 2026",
            "Dec. 31 2026",
            "DEC 31ST, 2026",
            "2026-Dec-31",
            "Thursday, December 31, 2026",
            "Thu 31 Dec 2026",
        ] {
            check(None, text, "2026-12-31T00:00:00Z");
        }
        check(None, "3 Apr 2026", "2026-04-03T00:00:00Z");
        check(None, "Sept 1, 2026", "2026-09-01T00:00:00Z");
        check_refused(None, "Friday, December 31, 2026", "another day of the week");
        check_refused(None, "31 Dez 2026", "not a date");
        check_refused(None, "31 décembre 2026", "not a date");
        check_refused(None, "Dec-26", "not a date");
        check_refused(None, "December 2026", "not a date");
        check_refused(None, "31-Dec-26", "two digits");
        check_refused(None, "31 Feb 2026", "does not exist");
        check_refused(None, "Ma 3 2026", "not a date");
    }

    #[test]
    fn times_are_told_in_twelve_or_twenty_four_hours() {
        check(None, "12/31/2026 2:30 PM", "2026-12-31T14:30:00Z");
        check(None, "12/31/2026 2:30:15 pm", "2026-12-31T14:30:15Z");
        check(None, "12/31/2026 02:30PM", "2026-12-31T14:30:00Z");
        check(None, "12/31/2026 12:05 AM", "2026-12-31T00:05:00Z");
        check(None, "12/31/2026 12:05 p.m.", "2026-12-31T12:05:00Z");
        check(None, "12/31/2026 2 PM", "2026-12-31T14:00:00Z");
        check(None, "12/31/2026 9:05", "2026-12-31T09:05:00Z");
        check(None, "12/31/2026, 2:30:00 PM", "2026-12-31T14:30:00Z");
        check(None, "31 Dec 2026 14:30 UTC", "2026-12-31T14:30:00Z");
        check(None, "31 Oct 2026 14:30", "2026-10-31T14:30:00Z");
        check(None, "2026-12-31T14:30", "2026-12-31T14:30:00Z");
        for text in ["2026-12-31 25:00", "2026-12-31 14:30 PM", "2026-12-31 0:30 AM", "2026-12-31 14:30 Uhr"] {
            check_refused(None, text, "a time of day that is none");
        }
    }

    #[test]
    fn an_hour_that_comes_twice_or_never_is_refused() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        for text in ["2027-03-28 02:30", "2026-10-25 02:30"] {
            let complaint = read(text, None, &berlin).unwrap_err();
            assert!(complaint.found.contains("clocks are changed"), "{}", complaint.found);
        }
        assert_eq!(print(read("2026-10-25 02:30 UTC", None, &berlin).unwrap()), "2026-10-25T02:30:00Z");
        let at = jiff::civil::date(2027, 3, 28).at(2, 30, 0, 0);
        assert!(of_cell(at, &berlin).unwrap_err().found.contains("clocks are changed"));
    }

    #[test]
    fn a_day_number_is_told_with_its_day() {
        check_refused(None, "46022", "as a spreadsheet counts days, it is 2025-12-31");
        check_refused(None, "46387.5", "it is 2026-12-31");
        let refused = |text: &str| read(text, None, &TimeZone::UTC).unwrap_err().found;
        assert_eq!(refused("2026"), "`2026` is not a date");
        assert_eq!(refused("20261231"), "`20261231` is not a date");
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
        check_refused(Some(DateOrder::MonthDayYear), "31/12/2026", "does not exist, read with the month first");
        check_refused(Some(DateOrder::DayMonthYear), "12/31/2026", "does not exist, read with the day first");
        check_refused(Some(DateOrder::DayMonthYear), "31/13/2026", "is a day that does not exist");
    }

    #[test]
    fn a_date_is_the_same_day_in_every_zone_and_a_time_is_told_where_the_user_sits() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(print(read("2026-07-01", None, &berlin).unwrap()), "2026-07-01T00:00:00Z");
        assert_eq!(print(read("2026-07-01 09:00", None, &berlin).unwrap()), "2026-07-01T07:00:00Z");
        assert_eq!(print(read("2026-07-01 00:00:00", None, &berlin).unwrap()), "2026-07-01T00:00:00Z");
        assert!(read("2026-03-29 02:30", None, &berlin).unwrap_err().found.contains("skipped"));
        assert!(read("25.10.2026 02:30", None, &berlin).unwrap_err().found.contains("twice"));
        assert!(
            read("31.12.2026 14:00+02:00", None, &berlin).unwrap_err().found.contains("a time of day that is none")
        );
        assert!(read("9999-12-31 00:00", None, &berlin).unwrap_err().found.contains("too far"));
    }
}
