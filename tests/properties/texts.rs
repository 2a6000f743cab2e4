//! Ids, codes, words and lists keep every letter; and no text makes a reader stumble.

use proptest::prelude::*;
use refsheet::domain::cell::{Cell, Row};
use refsheet::domain::change::{Background, Request};
use refsheet::domain::field::{FIELDS, Kind};
use refsheet::domain::heading::{Columns, Naming, target_of};
use refsheet::domain::value::amount::DecimalMark;
use refsheet::domain::value::moment::DateOrder;
use refsheet::domain::value::{self, Reading, list, trimmed};

use super::{cases, field, sent};

/// Texts that are nearly something.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,40}",
        "[0-9.,' €$£()+\\-A-Ze]{0,25}",
        "[0-9/.:TZ +\\-\\[\\]]{0,30}",
        "[{}\\[\\]\"a-z:,0-9.eE+\\\\-]{0,40}",
        "[0-9a-fA-F{}-]{30,40}",
        "[\\u{0}-\\u{20}\\u{a0}\\u{200b}-\\u{200f}\\u{feff}=+@'-]{0,6}[0-9a-z]{0,3}",
        "([a-z]{1,5}[,;]? ?){1,6}",
        prop::sample::select(FIELDS.iter().flat_map(|field| field.kind.choices()).collect::<Vec<_>>())
            .prop_map(str::to_owned),
        "[\\[{]{1,300}",
    ]
}

fn readings() -> Vec<Reading> {
    let zone = |name: &str| jiff::tz::TimeZone::get(name).unwrap();
    vec![
        Reading::default(),
        Reading {
            decimal: Some(DecimalMark::Comma),
            date_order: Some(DateOrder::DayMonthYear),
            time_zone: zone("Pacific/Kiritimati"),
            ..Reading::default()
        },
        Reading {
            decimal: Some(DecimalMark::Point),
            date_order: Some(DateOrder::MonthDayYear),
            clear_word: "-".to_owned(),
            time_zone: zone("Pacific/Pago_Pago"),
            ..Reading::default()
        },
    ]
}

/// Headings that are no fields.
const HEADINGS: [&str; 10] =
    ["id", "eTag", "action", "op", "path", "value", "team.add.2.email", "Solution 3", "#", "/team/-"];

/// Moments of which some are in no calendar of a spreadsheet.
fn moments() -> impl Strategy<Value = Cell> {
    let days = (-9999..=9999_i16, 1..=12_i8, 1..=28_i8);
    days.prop_map(|(year, month, day)| Cell::DateTime(jiff::civil::date(year, month, day).at(23, 59, 59, 0)))
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn no_text_makes_a_reader_stumble(text in texts()) {
        let cell = Cell::Text(text.clone());
        for reading in readings() {
            for field in FIELDS {
                match value::read(field, &cell, &reading) {
                    Ok(value) => prop_assert!(serde_json::from_str::<serde_json::Value>(value.json.text()).is_ok()),
                    Err(complaint) => prop_assert!(!complaint.found.is_empty()),
                }
            }
        }
        for kind in [Kind::Members, Kind::Solutions, Kind::Tags, Kind::Json] {
            let _ = (list::whole(kind, &text), list::item(kind, &text));
        }
        let _ = target_of(&text);
    }

    #[test]
    fn no_row_makes_the_reader_of_rows_stumble(
        headings in prop::collection::vec(prop_oneof![
            3 => (0..FIELDS.len()).prop_map(|at| FIELDS[at].dotted()),
            1 => prop::sample::select(&HEADINGS[..]).prop_map(str::to_owned),
            1 => texts(),
        ], 0..8),
        cells in prop::collection::vec(prop_oneof![
            4 => texts().prop_map(Cell::Text),
            1 => prop::num::f64::ANY.prop_map(Cell::Number),
            1 => Just(Cell::Blank),
            1 => Just(Cell::Unevaluated),
            1 => any::<bool>().prop_map(Cell::Boolean),
            1 => "#[A-Z/]{1,5}!".prop_map(Cell::Error),
            1 => moments(),
        ], 0..9),
    ) {
        let naming = Naming { ignore_unknown: true, ..Naming::default() };
        let id = Some((100, "id")).filter(|_| !headings.iter().any(|heading| target_of(heading) == target_of("id")));
        let all = (0..).zip(headings.iter().map(String::as_str)).chain(id);
        if let Ok(columns) = Columns::resolve(all, &naming) {
            for reading in readings() {
                let row = Row { number: 2, cells: cells.clone() };
                let request = Request::read(&row, &columns, &reading, &Background::default());
                prop_assert_eq!(request.row, 2);
            }
        }
    }

    #[test]
    fn a_guid_is_the_same_in_every_form(bytes in any::<[u8; 16]>()) {
        let hex = format!("{:032x}", u128::from_be_bytes(bytes));
        let plain = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
        let expected = Some(format!("\"{plain}\""));
        let read = |text: String| sent(field("Engagement ID"), &Cell::Text(text), &Reading::default());
        let upper = plain.to_uppercase();
        for text in [plain.clone(), upper, format!("{{{plain}}}"), format!("  {plain}\u{a0}"), format!("\u{feff}{plain}")] {
            prop_assert_eq!(read(text), expected.clone());
        }
        for text in [hex.clone(), format!("urn:uuid:{plain}"), plain[1..].to_owned(), format!("{plain}0")] {
            let read = read(text.clone());
            prop_assert!(read.is_none() || (read == expected && text.contains(&hex)), "{text} was read as {read:?}");
        }
    }

    #[test]
    fn a_code_keeps_its_zeros_and_all_else(
        code in prop_oneof!["[0-9]{1,20}", "0{1,8}[0-9]{0,8}", "[A-Za-z0-9_/-]{1,20}", "[0-9]{1,4}[eE][0-9]{1,4}"],
    ) {
        for label in ["CRM ID", "Campaign ID", "Postal code", "D-U-N-S number", "Microsoft MSX ID"] {
            let sent = sent(field(label), &Cell::Text(code.clone()), &Reading::default());
            prop_assert_eq!(sent, Some(format!("\"{code}\"")));
        }
    }

    #[test]
    fn a_code_that_looks_like_a_number_loses_nothing_but_the_point_and_zero(
        code in "[0-9]{0,6}\\.[0-9]{0,3}|[0-9](\\.[0-9]{1,3})?[eE][+-][0-9]{1,3}",
    ) {
        let sent = sent(field("CRM ID"), &Cell::Text(code.clone()), &Reading::default());
        let without = code.strip_suffix(".0").filter(|whole| !whole.is_empty()).unwrap_or(&code);
        match code.contains(['e', 'E']) {
            true => prop_assert_eq!(sent, None),
            false => prop_assert_eq!(sent, Some(format!("\"{without}\""))),
        }
    }

    #[test]
    fn what_shows_nothing_is_blank(text in "[ \t\n\u{a0}\u{200b}-\u{200d}\u{2060}\u{feff}\u{3000}a]{0,6}") {
        prop_assert_eq!(Cell::Text(text.clone()).is_blank(), trimmed(&text).is_empty());
    }

    #[test]
    fn a_text_is_that_text_without_the_white_space_around_it(text in any::<String>()) {
        prop_assume!(!trimmed(&text).is_empty() && trimmed(&text) != "(clear)" && !text.contains('\u{fffd}'));
        let sent = sent(field("Notes"), &Cell::Text(text.clone()), &Reading::default()).unwrap();
        prop_assert_eq!(serde_json::from_str::<String>(&sent).unwrap(), trimmed(&text));
    }

    #[test]
    fn a_person_in_one_cell_keeps_all_parts(
        first in "[^,{\\s][^,]{0,10}",
        last in "[^,\\s][^,]{0,10}",
        phone in "[+0][0-9 ()/-]{1,15}",
    ) {
        prop_assume!(![&first, &last].map(|name| trimmed(name)).contains(&"") && !trimmed(&first).starts_with('{'));
        let text = format!("{first}, {last}, {phone}, ann@contoso.com");
        let item = list::item(Kind::Members, trimmed(&text)).unwrap().value();
        prop_assert_eq!(item["firstName"].as_str(), Some(trimmed(&first)));
        prop_assert_eq!(item["lastName"].as_str(), Some(trimmed(&last)));
        prop_assert_eq!(item["phoneNumber"].as_str(), Some(trimmed(&phone)));
    }

    #[test]
    fn a_list_in_json_keeps_its_digits(price in "[1-9][0-9]{0,20}(\\.[0-9]{1,6})?") {
        let text = format!(r#"[{{"id":"SOL-1","price":{price}}}]"#);
        let sent = sent(field("Solutions"), &Cell::Text(text.clone()), &Reading::default());
        prop_assert_eq!(sent, Some(text));
    }
}
