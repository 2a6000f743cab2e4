//! Days as people write them: in numbers, or with the month as an English word.

use jiff::civil::{Date, Weekday};

use super::{DateOrder, Unreadable};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// From Monday on.
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// An abbreviation has at least so many letters.
const LETTERS_MIN: usize = 3;

/// Reads a day.
pub fn read(text: &str, order: Option<DateOrder>) -> Result<Date, Unreadable> {
    if text.contains(|letter: char| letter.is_alphabetic()) { in_words(text) } else { in_numbers(text, order) }
}

fn in_numbers(text: &str, order: Option<DateOrder>) -> Result<Date, Unreadable> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).map(str::trim).collect();
    let [first, _, third] = parts[..] else { return Err(Unreadable::NotADate) };
    let numbers = parts.iter().map(|part| number(part)).collect::<Option<Vec<i16>>>();
    let Some(&[a, b, c]) = numbers.as_deref() else { return Err(Unreadable::NotADate) };
    if first.len() == 4 {
        return day(a, b, c);
    }
    if third.len() != 4 {
        return Err(Unreadable::ShortYear);
    }
    let in_order = |this: Result<Date, Unreadable>, other: Result<Date, Unreadable>, first: &'static str| match other {
        Ok(_) => this.map_err(|_| Unreadable::NoSuchDayWith(first)),
        Err(_) => this,
    };
    match order {
        Some(DateOrder::DayMonthYear) => in_order(day(c, b, a), day(c, a, b), "day"),
        Some(DateOrder::MonthDayYear) => in_order(day(c, a, b), day(c, b, a), "month"),
        Some(DateOrder::YearMonthDay) => Err(Unreadable::NotADate),
        None if a == b || a > 12 => day(c, b, a),
        None if b > 12 => day(c, a, b),
        None => Err(Unreadable::Ambiguous),
    }
}

/// `31 December 2026`, `Dec 31, 2026`, `31-Dec-2026`, `Thursday, December 31st, 2026`, `2026 Dec 31`: one way to read it,
/// because the month is a word.
fn in_words(text: &str) -> Result<Date, Unreadable> {
    let text = text.to_lowercase();
    let mut parts: Vec<&str> = text.split([' ', '-', '/', '.', ',']).filter(|part| !part.is_empty()).collect();
    let weekday = parts.first().and_then(|part| place_among(&WEEKDAYS, part));
    if weekday.is_some() {
        parts.remove(0);
    }
    let month = |part: &str| place_among(&MONTHS, part).and_then(|at| i16::try_from(at + 1).ok());
    let [first, second, third] = parts[..] else { return Err(Unreadable::NotADate) };
    let (year, month, day_of_month) = match (month(first), month(second)) {
        (Some(month), None) => (third, month, second),
        (None, Some(month)) if first.len() == 4 && number(first).is_some() => (first, month, third),
        (None, Some(month)) => (third, month, first),
        _ => return Err(Unreadable::NotADate),
    };
    let day_of_month = number(without_ordinal(day_of_month)).ok_or(Unreadable::NotADate)?;
    let date = match (number(year), year.len()) {
        (Some(year), 4) => day(year, month, day_of_month)?,
        (Some(_), 2) => return Err(Unreadable::ShortYear),
        _ => return Err(Unreadable::NotADate),
    };
    match weekday.filter(|weekday| *weekday != from_monday(date.weekday())) {
        Some(_) => Err(Unreadable::OtherWeekday),
        None => Ok(date),
    }
}

/// Which of these words a part is, or is short for. `Sept`, `Tues` and the like are as good as `Sep` and `Tue`.
fn place_among(words: &[&str], part: &str) -> Option<usize> {
    words.iter().position(|word| part.len() >= LETTERS_MIN && word.starts_with(part))
}

fn from_monday(weekday: Weekday) -> usize {
    usize::try_from(weekday.to_monday_zero_offset()).unwrap_or_default()
}

fn without_ordinal(part: &str) -> &str {
    ["st", "nd", "rd", "th"].into_iter().find_map(|ending| part.strip_suffix(ending)).unwrap_or(part)
}

/// A number of one to four digits.
fn number(part: &str) -> Option<i16> {
    let is_number = part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    part.parse().ok().filter(|_| is_number)
}

fn day(year: i16, month: i16, day: i16) -> Result<Date, Unreadable> {
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else { return Err(Unreadable::NoSuchDay) };
    Date::new(year, month, day).map_err(|_| Unreadable::NoSuchDay)
}
