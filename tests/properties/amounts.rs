//! Amounts: exactly the decimal that was written, or none.

use proptest::prelude::*;
use refsheet::domain::cell::Cell;
use refsheet::domain::value::Reading;
use refsheet::domain::value::amount::{self, DecimalMark};

use super::{cases, field, sent};

const GROUPS: [&str; 7] = [",", ".", "'", "’", " ", "\u{a0}", "\u{202f}"];
const BEFORE: [&str; 8] = ["", "€", "€ ", "$", "USD ", "+", "  ", "EUR\u{a0}"];
const BEHIND: [&str; 6] = ["", " €", "\u{a0}€", " EUR", "CHF", " "];
const MARKS: [Option<DecimalMark>; 3] = [None, Some(DecimalMark::Point), Some(DecimalMark::Comma)];

/// An amount and a way to write it.
#[derive(Debug, Clone)]
pub struct Written {
    pub whole: String,
    pub part: String,
    pub mark: DecimalMark,
    pub group: Option<&'static str>,
    pub around: (&'static str, &'static str),
}

impl Written {
    /// The amount in JSON.
    pub fn digits(&self) -> String {
        if self.part.is_empty() { self.whole.clone() } else { format!("{}.{}", self.whole, self.part) }
    }

    pub fn bare(&self) -> String {
        let whole = match self.group {
            Some(group) => grouped(&self.whole, group),
            None => self.whole.clone(),
        };
        let mark = match self.mark {
            DecimalMark::Point => ".",
            DecimalMark::Comma => ",",
        };
        if self.part.is_empty() { whole } else { format!("{whole}{mark}{}", self.part) }
    }

    pub fn text(&self) -> String {
        format!("{}{}{}", self.around.0, self.bare(), self.around.1)
    }
}

fn grouped(whole: &str, group: &str) -> String {
    let mut pieces: Vec<&str> = Vec::new();
    let mut left = whole;
    while left.len() > 3 {
        let (rest, last) = left.split_at(left.len() - 3);
        pieces.insert(0, last);
        left = rest;
    }
    pieces.insert(0, left);
    pieces.join(group)
}

/// Amounts of at most 25 digits in all.
pub fn written() -> impl Strategy<Value = Written> {
    let whole = prop_oneof!["[1-9][0-9]{0,19}", "[1-9][0-9]{0,5}", Just("0".to_owned())];
    let part = prop_oneof![Just(String::new()), "[0-9]{1,5}", "[0-9]{2,3}"];
    let mark = prop::sample::select(vec![DecimalMark::Point, DecimalMark::Comma]);
    let group = prop::option::of(prop::sample::select(&GROUPS[..]));
    let around = (prop::sample::select(&BEFORE[..]), prop::sample::select(&BEHIND[..]));
    (whole, part, mark, group, around).prop_map(|(whole, part, mark, group, around)| {
        let is_mark = |group: &&str| *group != if mark == DecimalMark::Point { "." } else { "," };
        Written { whole, part, mark, group: group.filter(is_mark), around }
    })
}

/// `1,234`: one mark with three digits behind it and one to three in front, of which the first is not 0.
fn has_two_readings(bare: &str) -> bool {
    match bare.split([',', '.']).collect::<Vec<_>>()[..] {
        [before, behind] => {
            let are_digits = [before, behind].iter().all(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
            are_digits && behind.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0')
        }
        _ => false,
    }
}

fn reading(decimal: Option<DecimalMark>) -> Reading {
    Reading { decimal, ..Reading::default() }
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn the_short_way_of_a_plain_amount_ends_where_the_long_one_does(
        text in "(0|[1-9][0-9]{0,3}|[0-9]{1,30}|[1-9][0-9]{1,26})([.,][0-9]{1,4})?([.,' ][0-9]{3})?",
        mark in prop::sample::select(&MARKS[..]),
    ) {
        if amount::is_plain(&text, mark) {
            prop_assert_eq!(amount::read(&text, mark).map(|amount| amount.to_string()), Ok(text));
        }
    }

    #[test]
    fn the_short_way_of_a_plain_number_ends_where_the_long_one_does(
        digits in "[0-9]{1,13}(\\.[0-9]{1,6})?", any in any::<f64>(), steps in -3..=3_i64,
    ) {
        let near: f64 = digits.parse().unwrap();
        let beside = f64::from_bits(near.to_bits().saturating_add_signed(steps));
        for number in [near, beside, any] {
            if let Some(short) = amount::plain_digits_of(number) {
                prop_assert_eq!(amount::of_double(number).map(|digits| digits.to_string()), Some(short.clone()));
                let read = amount::read(&short, Some(DecimalMark::Point)).map(|amount| amount.to_string());
                prop_assert_eq!(read, Ok(short));
            }
        }
    }

    #[test]
    fn an_amount_is_the_decimal_that_was_written_or_refused(written in written()) {
        let cell = Cell::Text(written.text());
        for mark in MARKS {
            // Who says the wrong mark of two possible ones is believed.
            if mark.is_some_and(|mark| mark != written.mark) && has_two_readings(&written.bare()) {
                continue;
            }
            if let Some(sent) = sent(field("Deal value"), &cell, &reading(mark)) {
                prop_assert_eq!(&sent, &written.digits(), "{:?} with {:?}", cell, mark);
            }
        }
    }

    #[test]
    fn the_right_mark_makes_every_amount_readable(written in written()) {
        let cell = Cell::Text(written.text());
        let sent = sent(field("Deal value"), &cell, &reading(Some(written.mark)));
        prop_assert_eq!(sent, Some(written.digits()), "{:?}", cell);
    }

    #[test]
    fn an_ambiguous_amount_is_refused_until_the_mark_is_known(
        written in written(),
        whole in "[1-9][0-9]{0,2}",
        part in "[0-9]{3}",
    ) {
        let written = Written { whole, part, ..written };
        prop_assert!(has_two_readings(&written.bare()));
        prop_assert_eq!(sent(field("Deal value"), &Cell::Text(written.text()), &reading(None)), None);
    }

    #[test]
    fn what_is_negative_is_no_amount(written in written()) {
        for text in [format!("-{}", written.text()), format!("({})", written.bare()), format!("{}-", written.bare())] {
            for mark in MARKS {
                prop_assert_eq!(sent(field("Deal value"), &Cell::Text(text.clone()), &reading(mark)), None, "{}", text);
            }
        }
    }

    #[test]
    fn a_number_of_fifteen_digits_keeps_them(digits in "[1-9][0-9]{0,14}", scale in 0..15_usize) {
        let (whole, part) = digits.split_at(digits.len() - scale.min(digits.len()));
        let zeros = "0".repeat(scale.saturating_sub(digits.len()));
        let whole = if whole.is_empty() { "0" } else { whole };
        let part = format!("{zeros}{part}");
        let part = part.trim_end_matches('0');
        let expected = if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") };
        let number: f64 = expected.parse().unwrap();
        for mark in MARKS {
            prop_assert_eq!(sent(field("Deal value"), &Cell::Number(number), &reading(mark)), Some(expected.clone()));
        }
        let as_text = sent(field("CRM ID"), &Cell::Number(number), &reading(None));
        prop_assert_eq!(as_text, Some(format!("\"{expected}\"")));
    }

    #[test]
    fn any_other_number_is_what_a_spreadsheet_shows_or_refused(number in prop_oneof![
        prop::num::f64::ANY,
        (0.0..1e16),
        (1e12..1e15),
        (0..u32::MAX, 0..1000_u16).prop_map(|(whole, part)| 1e6 * f64::from(whole) + f64::from(part) / 1000.0),
    ]) {
        let Some(sent) = sent(field("Deal value"), &Cell::Number(number), &Reading::default()) else { return Ok(()) };
        prop_assert!(number >= 0.0);
        let shown = format!("{:e}", sent.parse::<f64>().unwrap());
        prop_assert_eq!(&shown, &format!("{:e}", format!("{:.14e}", number.abs()).parse::<f64>().unwrap()));
        // Whoever writes more digits than that means cents by them, not noise, when the amount is large.
        prop_assert!(number < 1e13 || sent.parse() == Ok(number), "{number} became {sent}");
    }

    #[test]
    fn a_price_in_a_list_follows_the_same_mark(written in written()) {
        use refsheet::domain::cell::Row;
        use refsheet::domain::change::{Ask, Background, Request};
        use refsheet::domain::heading::{Columns, Naming};
        let headings = ["id", "solutions.add.id", "solutions.add.price"];
        let columns = Columns::resolve((0..).zip(headings), &Naming::default()).unwrap();
        let cells = ["49d90c72-3326-4f61-aacc-2cb57970448c".to_owned(), "SOL-1".to_owned(), written.text()];
        let row = Row { number: 2, cells: cells.map(Cell::Text).into() };
        for mark in MARKS {
            if mark.is_some_and(|mark| mark != written.mark) && has_two_readings(&written.bare()) {
                continue;
            }
            let request = Request::read(&row, &columns, &reading(mark), &Background::default());
            let Ask::Update(change) = request.ask else { continue };
            let edit = format!("{:?}", change.edits[0].wish);
            prop_assert!(edit.contains(&format!("\"price\":{}}}", written.digits())), "{written:?} {mark:?} {edit}");
        }
    }
}
