//! How many requests a row costs, counted by the service. How they come to be so few is proved in
//! `tests/engine/reads.rs`.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use serde_json::{Value, json};

use crate::lab::{Lab, referral, rows};
use crate::wire::Answer;

const NO_ETAGS: &[&str] = &["--no-list-etags"];

/// A sheet with a row for each of these referrals, of which the first ones are to change and the others to stay as
/// they are.
struct Sheet {
    changed: u32,
    unchanged: u32,
    /// How many referrals of the list there are for each row.
    list_per_row: u32,
}

/// What a sheet may cost at most.
struct Cost {
    changed_row: f64,
    unchanged_row: f64,
    run: f64,
}

impl Sheet {
    fn rows(&self) -> u32 {
        self.changed + self.unchanged
    }

    fn text(&self) -> String {
        let cell = |row| if row < self.changed { "new" } else { "old" };
        rows("Notes", (0..self.rows()).map(|row| (row * self.list_per_row, cell(row))))
    }

    fn list(&self) -> impl Iterator<Item = Value> {
        (0..self.rows() * self.list_per_row).map(referral)
    }

    /// Applies it, and compares what came of it and what it cost.
    #[track_caller]
    fn costs(&self, lab: Lab, cost: &Cost) {
        let lab = lab.sheet("s.csv", self.text());
        let ran = lab.apply("s.csv").args("--concurrency 8 --json").run().exits(0);
        let outcomes = (ran.count("applied"), ran.count("unchanged"));
        assert_eq!(outcomes, (self.changed as usize, self.unchanged as usize));
        let counted = lab.requests_counted();
        let told = &ran.json()["requests"];
        assert_eq!(told["sent"], counted, "the summary counts otherwise than the service");
        let per_row = f64::from(self.changed) * cost.changed_row + f64::from(self.unchanged) * cost.unchanged_row;
        let most = per_row + cost.run;
        assert!(f64::from(u32::try_from(counted).unwrap()) <= most, "{told} instead of at most {most}");
    }
}

#[test]
fn a_changed_row_costs_a_request_where_the_list_shows_it() {
    let sheet = Sheet { changed: 300, unchanged: 0, list_per_row: 1 };
    sheet.costs(Lab::holding(sheet.list()), &Cost { changed_row: 1.02, unchanged_row: 0.0, run: 0.0 });
}

#[test]
fn an_unchanged_row_costs_its_part_of_a_page() {
    let sheet = Sheet { changed: 0, unchanged: 300, list_per_row: 1 };
    let cost = Cost { changed_row: 0.0, unchanged_row: 0.011, run: 0.0 };
    sheet.costs(Lab::holding(sheet.list()), &cost);
    sheet.costs(Lab::holding_with(sheet.list(), NO_ETAGS), &cost);
}

#[test]
fn changed_and_unchanged_rows_cost_what_they_cost_apart() {
    let sheet = Sheet { changed: 100, unchanged: 200, list_per_row: 1 };
    sheet.costs(Lab::holding(sheet.list()), &Cost { changed_row: 1.02, unchanged_row: 0.011, run: 0.0 });
}

/// The page is read for the rows that turn out to change nothing.
#[test]
fn a_changed_row_costs_two_requests_where_the_list_shows_no_etags() {
    let sheet = Sheet { changed: 300, unchanged: 0, list_per_row: 1 };
    let lab = Lab::holding_with(sheet.list(), NO_ETAGS);
    sheet.costs(lab, &Cost { changed_row: 2.0, unchanged_row: 0.0, run: 1.0 });
}

#[test]
fn a_few_rows_about_a_long_list_cost_no_more_than_two_each_and_a_page() {
    for rows in [3, 10, 40] {
        let sheet = Sheet { changed: rows, unchanged: 0, list_per_row: 20 };
        sheet.costs(Lab::holding(sheet.list()), &Cost { changed_row: 2.0, unchanged_row: 0.0, run: 1.0 });
    }
}

/// How far a list goes without showing what is looked for.
#[test]
fn rows_about_what_a_long_list_does_not_show_cost_two_each_and_a_page() {
    let sheet = Sheet { changed: 60, unchanged: 0, list_per_row: 1 };
    for total in [9_000, 5_000, 1_000] {
        sheet.costs(hidden(&sheet, total), &Cost { changed_row: 2.0, unchanged_row: 0.0, run: 1.0 });
    }
}

/// A list of so many that are there but not looked for: it shows the same hundred others on every page.
fn hidden(sheet: &Sheet, total: usize) -> Lab {
    let others: Vec<Value> = (1_000..1_100).map(referral).collect();
    let pages = AtomicUsize::new(0);
    Lab::holding(sheet.list()).answering(move |heard| {
        let is_list = heard.method == "GET" && heard.target.contains("/referrals?");
        let next = || format!("http://h/v1.0/referrals?$skiptoken={}", pages.fetch_add(1, Relaxed));
        let page = || json!({ "@odata.count": total, "value": others, "@odata.nextLink": next() });
        is_list.then(|| Answer::new(200, page().to_string()))
    })
}

/// The made-up referrals are as the real ones: now and then one has no notes. The others of its page have some.
#[test]
fn a_member_that_a_referral_has_not_costs_no_look() {
    let lab = Lab::with_sandbox();
    let referrals = lab.referrals();
    let is_open = |referral: &&Value| referral["status"] == "Active";
    let (shown, left_out): (Vec<&Value>, Vec<&Value>) =
        referrals.iter().filter(is_open).partition(|referral| referral["details"].get("notes").is_some());
    assert!(!left_out.is_empty());
    let ids = shown.iter().chain(&left_out).map(|referral| format!("{},new", referral["id"].as_str().unwrap()));
    let text = std::iter::once("id,Notes".to_owned()).chain(ids).collect::<Vec<_>>().join("\n");
    let before = lab.requests_counted();
    let lab = lab.sheet("s.csv", text);
    lab.apply("s.csv").run().exits(0);
    let pages = 2;
    let most = pages + shown.len() + left_out.len();
    assert_eq!(lab.requests_counted() - before, most as u64);
}
