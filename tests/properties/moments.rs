//! Dates are the same day in every time zone, times the same instant.

use jiff::civil::{Date, date};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use refsheet::domain::cell::Cell;
use refsheet::domain::value::Reading;
use refsheet::domain::value::moment::{self, DateOrder};

use super::{cases, field, sent};

/// Ahead of all others, behind all others, by half hours, and without the last but one day of 2011.
const ZONES: [&str; 7] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
    "Pacific/Apia",
];
const ORDERS: [Option<DateOrder>; 4] =
    [None, Some(DateOrder::DayMonthYear), Some(DateOrder::MonthDayYear), Some(DateOrder::YearMonthDay)];

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn reading(date_order: Option<DateOrder>, time_zone: TimeZone) -> Reading {
    Reading { date_order, time_zone, ..Reading::default() }
}

/// How many ways there are to write a day.
pub const FORMS: usize = 13;

/// A day written in one of them, with the order that it needs; without one it can be read in any.
pub fn text(day: Date, form: usize) -> (String, Option<DateOrder>) {
    let (d, m, y) = (day.day(), day.month(), day.year());
    let (dmy, mdy) = (Some(DateOrder::DayMonthYear), Some(DateOrder::MonthDayYear));
    match form {
        0 => (format!("{y}-{m:02}-{d:02}"), None),
        1 => (format!("{y}/{m:02}/{d:02}"), None),
        2 => (format!("{y}.{m}.{d}"), None),
        3 => (format!("{d:02}.{m:02}.{y}"), dmy),
        4 => (format!("{d}/{m}/{y}"), dmy),
        5 => (format!("{d:02}-{m:02}-{y}"), dmy),
        6 => (format!("{m:02}/{d:02}/{y}"), mdy),
        7 => (format!("{m}-{d}-{y}"), mdy),
        // As programs write a date that they keep as a moment.
        8 => (format!("{y}-{m:02}-{d:02} 00:00:00"), None),
        9 => (format!("{y}-{m:02}-{d:02}T00:00"), None),
        10 => (format!("{d:02}.{m:02}.{y} 00:00"), dmy),
        11 => (format!("{y}-{m:02}-{d:02}T00:00:00Z"), None),
        _ => (format!("{y}-{m:02}-{d:02}T00:00:00.000+00:00"), None),
    }
}

fn check(day: Date, text: &str, needed: Option<DateOrder>, order: Option<DateOrder>, zone: &TimeZone) {
    let expected = format!("\"{day}T00:00:00Z\"");
    let sent = sent(field("Closing date"), &Cell::Text(text.to_owned()), &reading(order, zone.clone()));
    let is_certain = needed.is_none() || needed == order;
    if is_certain {
        assert_eq!(sent.as_ref(), Some(&expected), "{text} {order:?}");
        return;
    }
    // Without the order, the day says it by itself or is refused; with another order, it is another day or none.
    match sent {
        Some(sent) if order.is_none() => assert_eq!(sent, expected, "{text} {order:?}"),
        Some(sent) if order == Some(DateOrder::YearMonthDay) => panic!("{text} was read as {sent}"),
        Some(_) => assert!(day.day() <= 12, "{text} {order:?}"),
        None => assert!(order.is_some() || (day.day() <= 12 && day.day() != day.month()), "{text} is certain"),
    }
}

#[test]
fn every_day_of_two_centuries_is_that_day_in_every_zone() {
    let zones = ZONES.map(zone);
    let mut day = date(1970, 1, 1);
    for count in 0_usize.. {
        if day.year() > 2200 {
            break;
        }
        // Forms, orders and zones take turns. Their numbers have no common factor, so all meet in time.
        let (text, needed) = text(day, count % FORMS);
        let zone = &zones[count % zones.len()];
        check(day, &text, needed, ORDERS[count % ORDERS.len()], zone);
        let cell = sent(field("Closing date"), &Cell::DateTime(day.at(0, 0, 0, 0)), &reading(None, zone.clone()));
        assert_eq!(cell, Some(format!("\"{day}T00:00:00Z\"")));
        day = day.tomorrow().unwrap();
    }
}

/// A day from 1970 to 2200.
pub fn days() -> impl Strategy<Value = Date> {
    (0..84_371_i32).prop_map(|days| date(1970, 1, 1).saturating_add(days.days()))
}

/// The instant in JSON, if it is one that is read.
fn instant(sent: Option<String>) -> Option<Timestamp> {
    sent.map(|sent| sent.trim_matches('"').parse().unwrap())
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn the_short_way_of_a_plain_day_ends_where_the_long_one_does(
        text in "[0-9]{4}-[0-1][0-9]-[0-3][0-9]", name in prop::sample::select(&ZONES[..]),
    ) {
        if let Some(day) = moment::plain_day(&text) {
            for order in [None, Some(DateOrder::DayMonthYear), Some(DateOrder::MonthDayYear)] {
                let read = moment::read(&text, order, &zone(name)).map(moment::print);
                prop_assert_eq!(read, Ok(moment::print_day(day)));
            }
            let at = day.at(0, 0, 0, 0);
            prop_assert!(moment::is_plain(at));
            prop_assert_eq!(moment::of_cell(at, &zone(name)).map(moment::print), Ok(moment::print_day(day)));
        }
    }

    #[test]
    fn a_day_is_that_day_in_every_form_order_and_zone(day in days()) {
        for form in 0..FORMS {
            let (text, needed) = text(day, form);
            for order in ORDERS {
                for name in ZONES {
                    check(day, &text, needed, order, &zone(name));
                }
            }
        }
    }

    #[test]
    fn a_time_with_an_offset_is_the_same_instant(
        day in days(),
        second in 0..86_400_i64,
        minutes in -14 * 60..=14 * 60_i32,
        name in prop::sample::select(&ZONES[..]),
    ) {
        let offset = Offset::from_seconds(minutes * 60).unwrap();
        let at = day.at(0, 0, 0, 0).saturating_add(second.seconds());
        let moment = offset.to_timestamp(at).unwrap();
        let (d, m, y, time) = (day.day(), day.month(), day.year(), at.time());
        let (sign, hours, rest) = (if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60);
        let certain = [
            format!("{moment}"),
            format!("{day}T{time}{sign}{hours:02}:{rest:02}"),
            format!("{day} {time}{sign}{hours:02}:{rest:02}"),
        ];
        let others = [
            format!("{day}T{time}{sign}{hours:02}{rest:02}"),
            format!("{day} {time} {sign}{hours:02}:{rest:02}"),
            format!("{d:02}.{m:02}.{y} {time}{sign}{hours:02}:{rest:02}"),
            format!("{m:02}/{d:02}/{y} {time} {sign}{hours:02}:{rest:02}"),
        ];
        let read = |text: &str, order| {
            let cell = Cell::Text(text.to_owned());
            instant(sent(field("Closing date"), &cell, &reading(order, zone(name))))
        };
        for text in certain {
            prop_assert_eq!(read(&text, None), Some(moment), "{}", text);
        }
        for text in others {
            let order = if text.contains('/') { DateOrder::MonthDayYear } else { DateOrder::DayMonthYear };
            let read = read(&text, Some(order));
            prop_assert!(read.is_none() || read == Some(moment), "{} was read as {:?}", text, read);
        }
    }

    #[test]
    fn a_time_without_an_offset_is_told_in_the_zone_if_it_is_there_once(
        day in days(), minute in 1..1440_i64, name in prop::sample::select(&ZONES[..]),
    ) {
        let at = day.at(0, 0, 0, 0).saturating_add(minute.minutes());
        let only = zone(name).to_ambiguous_timestamp(at).unambiguous().ok();
        let texts = [format!("{} {}", at.date(), at.time()), format!("{at}")];
        for cell in texts.map(Cell::Text).into_iter().chain([Cell::DateTime(at)]) {
            let read = instant(sent(field("Closing date"), &cell, &reading(None, zone(name))));
            prop_assert_eq!(read, only, "{:?} in {}", cell, name);
        }
    }
}

#[test]
fn a_time_that_is_there_twice_or_never_is_refused() {
    for text in ["2026-03-29 02:30", "2026-10-25 02:30", "29.03.2026 02:30:00"] {
        let reading = reading(None, zone("Europe/Berlin"));
        assert_eq!(sent(field("Closing date"), &Cell::Text(text.to_owned()), &reading), None, "{text}");
    }
}
