//! The rows that all stages work on: what a CRM exports about made-up referrals.

use std::path::Path;

use divan::counter::ItemsCount;
use jiff::Timestamp;
use refsheet::domain::cell::Row;
use refsheet::domain::change::{Ask, Background, Change, Request};
use refsheet::domain::event::Intent;
use refsheet::domain::heading::{Columns, Naming, target_of};
use refsheet::domain::outcome::{Outcome, Settled};
use refsheet::domain::plan::{self, Step};
use refsheet::domain::referral::{ETag, Referral};
use refsheet::domain::value::Reading;
use refsheet::sandbox::{Settings, Store};
use refsheet::sheet::{self, Options, Sheet, Source};
use rust_xlsxwriter::Workbook;

/// Rows of each measurement.
pub const ROWS: usize = 1_000;
/// What makes the throughput that of rows.
pub fn per_row() -> ItemsCount {
    ItemsCount::new(ROWS)
}

pub const HEADINGS: [&str; 5] = ["id", "Status", "Deal value", "Closing date", "Notes"];

/// Referrals as the service prints them, all of them open.
pub fn referrals() -> Vec<Referral> {
    // Somewhat more than half of those that are made up are active.
    let store = Store::new(&Settings { referrals: 2 * ROWS, ..Settings::default() });
    let active = store.snapshot().into_iter().filter(|referral| referral["status"] == "Active");
    active.take(ROWS).map(|referral| Referral::parse(referral.to_string()).unwrap()).collect()
}

/// A row for each referral, as cells of text.
pub fn cells(referrals: &[Referral]) -> impl Iterator<Item = [String; 5]> {
    referrals.iter().enumerate().map(|(number, referral)| {
        [
            referral.id().to_string(),
            "Active".to_owned(),
            format!("{}.{:02}", 500 + number * 37 % 900_000, number % 100),
            format!("2027-{:02}-{:02}", 1 + number % 12, 1 + number % 28),
            format!("Müller & Söhne want \"{} seats\", offer {number}", 5 + number % 900),
        ]
    })
}

/// Writes them to a file and opens it. Its ending says what it is.
pub fn sheet(path: &Path) -> Sheet {
    let referrals = referrals();
    match path.extension().unwrap().to_str().unwrap() {
        "csv" => write_csv(path, &referrals),
        _ => write_xlsx(path, &referrals),
    }
    sheet::open(&Source::File(path.to_owned()), &Options::default(), &|text| target_of(text).is_some()).unwrap()
}

fn write_csv(path: &Path, referrals: &[Referral]) {
    let mut writer = csv::Writer::from_path(path).unwrap();
    writer.write_record(HEADINGS).unwrap();
    cells(referrals).for_each(|cells| writer.write_record(cells).unwrap());
}

fn write_xlsx(path: &Path, referrals: &[Referral]) {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.write_row(0, 0, HEADINGS).unwrap();
    for (at, [id, status, value, day, notes]) in (1..).zip(cells(referrals)) {
        for (column, text) in [(0, id), (1, status), (3, day), (4, notes)] {
            page.write_string(at, column, text).unwrap();
        }
        page.write_number(at, 2, value.parse::<f64>().unwrap()).unwrap();
    }
    book.save(path).unwrap();
}

/// The rows as the reader of sheets gives them, and what its columns are for.
pub fn rows() -> (Vec<Row>, Columns) {
    let folder = tempfile::tempdir().unwrap();
    let sheet = sheet(&folder.path().join("sheet.csv"));
    let rows = sheet.rows().unwrap().map(|row| row.unwrap().unwrap()).collect();
    let headings = sheet.headings.iter().map(|heading| (heading.column, heading.text.as_str()));
    (rows, Columns::resolve(headings, &Naming::default()).unwrap())
}

/// What a row asks for.
pub fn request(row: &Row, columns: &Columns) -> Request {
    Request::read(row, columns, &Reading::default(), &Background::default())
}

/// What all rows ask for.
pub fn changes() -> Vec<Change> {
    let (rows, columns) = rows();
    let change = |row| match request(row, &columns).ask {
        Ask::Update(change) => change,
        other => panic!("{other:?}"),
    };
    rows.iter().map(change).collect()
}

/// Each row's write and its end, as they are told when all goes well.
pub fn events() -> Vec<(Intent, Settled)> {
    let pairs = changes().into_iter().zip(referrals());
    let event = |(row, (change, referral)): (u32, (Change, Referral))| {
        let Step::Write(write) = plan::against(&change, &referral).step else { panic!("nothing is sent") };
        let patch = write.patch.document().clone();
        let (at, attempt) = (Timestamp::UNIX_EPOCH, 1);
        let changes = write.changes;
        let guard = write.guard;
        let settled = Settled {
            name: referral.name().map(std::borrow::Cow::into_owned),
            changes: changes.clone(),
            http: Some(204),
            request_id: Some("6858050a-a560-4724-ae2f-dfea70c79064".to_owned()),
            attempts: attempt,
            milliseconds: 212,
            sent_at: Some(at),
            etag_before: guard.clone(),
            etag_after: Some(ETag::new("\"8f583076-0000-0000-0000-24f1adf80000\"")),
            patch: Some(patch.clone()),
            ..Settled::unsent(row, Outcome::Applied, Vec::new())
        };
        (Intent { row, attempt, at, guard, patch, changes }, settled)
    };
    (2..).zip(pairs).map(event).collect()
}
