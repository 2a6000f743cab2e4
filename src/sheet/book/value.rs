//! What the workbook library gives for a cell, in our words.

use std::str::FromStr;

use calamine::{DataRef, ExcelDateTime};
use jiff::civil::{Date, DateTime};
use jiff::{RoundMode, SignedDuration, Unit};

use super::super::limits::CHARACTERS_MAX;
use crate::domain::cell::{Cell, is_space};

/// Error values as they appear in text: in CSV files, in `.ods`, which has no type for them, and in our own workbooks.
/// Nobody means one of these as text.
const ERROR_NAMES: [&str; 14] = [
    "#N/A",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#DIV/0!",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#CONNECT!",
    "#GETTING_DATA",
    UNKNOWN_ERROR,
];
/// An error value that the library does not name. Google Sheets has this one.
pub(super) const UNKNOWN_ERROR: &str = "#ERROR!";
/// The last serial day that Excel shows as a date, 9999-12-31.
const LAST_DAY: f64 = 2_958_465.0;

/// What the file's other parts say about its cells.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Habits {
    /// A formula's result of 0 may stand for "not computed"; see `archive::Facts`.
    pub zero_is_unevaluated: bool,
    /// A formula with nothing as its result has been computed, to an empty text.
    pub nothing_is_evaluated: bool,
}

/// The name of an error value that this text is, if it is one.
pub(in super::super) fn error_name(text: &str) -> Option<&'static str> {
    if !text.starts_with('#') {
        return None;
    }
    ERROR_NAMES.into_iter().find(|name| *name == text.trim_end())
}

/// A cell's value. Times of day and durations have no date and become text, such as `14:30:00` and `36:00:00`.
pub(super) fn cell(value: &DataRef<'_>, is_formula: bool, habits: Habits) -> Cell {
    let is_unevaluated_zero = |number: f64| is_formula && habits.zero_is_unevaluated && number == 0.0;
    match value {
        DataRef::Empty if is_formula && !habits.nothing_is_evaluated => Cell::Unevaluated,
        DataRef::Empty => Cell::Blank,
        DataRef::Float(number) if is_unevaluated_zero(*number) => Cell::Unevaluated,
        DataRef::DateTime(at) if is_unevaluated_zero(at.as_f64()) => Cell::Unevaluated,
        DataRef::Float(number) => Cell::Number(*number),
        #[expect(clippy::cast_precision_loss, reason = "only .xlsb has these, with 30 bits")]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Bool(value) => Cell::Boolean(*value),
        DataRef::Error(error) => Cell::Error(error.to_string()),
        DataRef::String(text) => self::text(text),
        DataRef::SharedString(text) => self::text(text),
        DataRef::DateTime(at) => date_time(*at),
        DataRef::DateTimeIso(text) => iso_date_time(text),
        DataRef::DurationIso(text) => match SignedDuration::from_str(text) {
            Ok(duration) => Cell::Text(clock(duration.as_millis())),
            Err(_) => self::text(text),
        },
    }
}

/// Of a text that is too long for a cell so much is kept that one sees it.
fn text(text: &str) -> Cell {
    let end = match text.len() <= CHARACTERS_MAX {
        true => None,
        false => text.char_indices().nth(CHARACTERS_MAX + 1).map(|(end, _)| end),
    };
    let kept = end.map_or(text, |end| &text[..end]);
    if end.is_none() && kept.chars().all(is_space) {
        return Cell::Blank;
    }
    match error_name(kept) {
        Some(name) => Cell::Error(name.to_owned()),
        None => Cell::Text(kept.to_owned()),
    }
}

fn date_time(at: ExcelDateTime) -> Cell {
    let serial = at.as_f64();
    if at.is_duration() || (0.0..1.0).contains(&serial) {
        #[expect(clippy::cast_possible_truncation, reason = "a float to integer cast saturates, which is far enough")]
        return Cell::Text(clock((serial * 86_400_000.0).round() as i128));
    }
    // Excel shows these as ####, which is no date either.
    if !(1.0..LAST_DAY + 1.0).contains(&serial) {
        return Cell::Number(serial);
    }
    let (year, month, day, hour, minute, second, millisecond) = at.to_ymd_hms_milli();
    let small = |value: u8| i8::try_from(value).unwrap_or(i8::MAX);
    let date = Date::new(i16::try_from(year).unwrap_or(i16::MAX), small(month), small(day));
    let nanosecond = i32::from(millisecond) * 1_000_000;
    match date {
        Ok(date) => Cell::DateTime(date.at(small(hour), small(minute), small(second), nanosecond)),
        // The day that Excel believes 1900 had: 29 February.
        Err(_) => Cell::Text(format!("{year:04}-{month:02}-{day:02}")),
    }
}

fn iso_date_time(text: &str) -> Cell {
    let rounding = jiff::civil::DateTimeRound::new().smallest(Unit::Millisecond).mode(RoundMode::HalfExpand);
    let at = DateTime::from_str(text).and_then(|at| at.round(rounding));
    at.map_or_else(|_| self::text(text), Cell::DateTime)
}

/// Hours, minutes, seconds; hours go on past 24.
fn clock(milliseconds: i128) -> String {
    let sign = if milliseconds < 0 { "-" } else { "" };
    let left = milliseconds.unsigned_abs();
    let (seconds, fraction) = (left / 1000, left % 1000);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:03}") };
    format!("{sign}{:02}:{:02}:{:02}{fraction}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    fn serial(value: f64, kind: ExcelDateTimeType, is_1904: bool) -> String {
        let told = cell(&DataRef::DateTime(ExcelDateTime::new(value, kind, is_1904)), false, Habits::default());
        format!("{told:?}")
    }

    fn check(value: f64, expected: &str) {
        assert_eq!(serial(value, ExcelDateTimeType::DateTime, false), expected, "{value}");
    }

    #[test]
    fn serial_dates() {
        check(46085.0, "DateTime(2026-03-04T00:00:00)");
        check(46_085.583_333_333_336, "DateTime(2026-03-04T14:00:00)");
        check(46_085.583_333_333_33, "DateTime(2026-03-04T14:00:00)");
        check(46_085.999_999_999_9, "DateTime(2026-03-05T00:00:00)");
        check(1.0, "DateTime(1900-01-01T00:00:00)");
        check(59.0, "DateTime(1900-02-28T00:00:00)");
        check(60.0, "Text(\"1900-02-29\")");
        check(61.0, "DateTime(1900-03-01T00:00:00)");
        check(2_958_465.0, "DateTime(9999-12-31T00:00:00)");
        check(2_958_466.0, "Number(2958466.0)");
        check(-3.0, "Number(-3.0)");
        check(0.0, "Text(\"00:00:00\")");
        check(0.604_166_666_666_666_6, "Text(\"14:30:00\")");
        assert_eq!(serial(44623.0, ExcelDateTimeType::DateTime, true), "DateTime(2026-03-04T00:00:00)");
        assert_eq!(serial(1.5, ExcelDateTimeType::TimeDelta, false), "Text(\"36:00:00\")");
    }

    #[test]
    fn iso_dates_and_durations() {
        let check = |value: DataRef<'_>, expected: &str| {
            assert_eq!(format!("{:?}", cell(&value, false, Habits::default())), expected);
        };
        check(DataRef::DateTimeIso("2026-03-04".into()), "DateTime(2026-03-04T00:00:00)");
        check(DataRef::DateTimeIso("2026-03-04T14:00:00".into()), "DateTime(2026-03-04T14:00:00)");
        check(DataRef::DateTimeIso("2026-03-04T13:59:59.999999999".into()), "DateTime(2026-03-04T14:00:00)");
        check(DataRef::DateTimeIso("March".into()), "Text(\"March\")");
        check(DataRef::DurationIso("PT14H30M00S".into()), "Text(\"14:30:00\")");
        check(DataRef::DurationIso("PT36H00M00S".into()), "Text(\"36:00:00\")");
        check(DataRef::DurationIso("PT00H00M01.500S".into()), "Text(\"00:00:01.500\")");
    }

    #[test]
    fn a_formula_without_a_result_is_not_blank_and_not_zero() {
        let suspicious = Habits { zero_is_unevaluated: true, ..Habits::default() };
        assert_eq!(cell(&DataRef::Empty, true, Habits::default()), Cell::Unevaluated);
        let computed = Habits { nothing_is_evaluated: true, ..Habits::default() };
        assert_eq!(cell(&DataRef::Empty, true, computed), Cell::Blank);
        assert_eq!(cell(&DataRef::Float(0.0), true, suspicious), Cell::Unevaluated);
        assert_eq!(cell(&DataRef::Float(0.0), true, Habits::default()), Cell::Number(0.0));
        assert_eq!(cell(&DataRef::Float(0.0), false, suspicious), Cell::Number(0.0));
        assert_eq!(cell(&DataRef::Float(7.0), true, suspicious), Cell::Number(7.0));
        assert_eq!(cell(&DataRef::String(String::new()), true, suspicious), Cell::Blank);
    }

    #[test]
    fn error_names() {
        assert_eq!(error_name("#N/A"), Some("#N/A"));
        assert_eq!(error_name("#DIV/0! "), Some("#DIV/0!"));
        assert_eq!(error_name("#1 in the market"), None);
        assert_eq!(error_name("N/A"), None);
    }
}
