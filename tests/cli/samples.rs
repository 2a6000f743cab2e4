//! The samples, as a newcomer runs them.

use std::path::PathBuf;

use insta::assert_snapshot;
use refsheet::domain::cell::Cell;
use refsheet::sheet::{self, Options, Source, Worksheet};
use serde_json::{Value, json};

use crate::lab::Lab;

#[test]
fn the_changes_end_well_and_their_counts_add_up() {
    let lab = Lab::new().sample("referral-changes.csv");
    let ran = lab.refsheet("apply referral-changes.csv --sandbox").token(None).run();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let counts: Vec<&str> = ran.out.lines().take(4).collect();
    assert_snapshot!(counts.join("\n"), @r"
    25 rows in referral-changes.csv
          23  applied
           1  unchanged
           1  skipped
    ");
    let files = lab.files();
    assert_eq!(files.len(), 2, "{files:?}");
    assert_eq!(ran.stable(&files[0]), "referral-changes-report-<run>.xlsx");
    assert!(ran.out.contains(&format!("report: {}", files[0])), "{}", ran.out);
    assert_eq!(worksheets(lab.path(&files[0])), ["Summary", "Results", "To fix"]);
    assert_eq!(table(lab.path(&files[0]), "Results").len(), 25);
    assert_eq!(table(lab.path(&files[0]), "To fix").len(), 0);
}

#[test]
fn each_change_is_told_from_what_to_what() {
    let lab = Lab::new().sample("referral-changes.csv");
    let ran = lab.apply("referral-changes.csv").args("--sandbox").run().exits(0);
    assert_snapshot!(ran.report(), @r#"
    2 applied
        Deal value: 75000 → 125000
        Notes: "Asked for a second demo; their \"must have\" is single sign-on." → "Budget confirmed in the call of 12 November."
    3 applied
        Deal value: 226000 → 98500.50
        Currency: "USD" → "EUR"
        Closing date: "2027-03-31T00:00:00Z"
    4 applied
        Status: "Active" → "Closed"
        Substatus: "Accepted" → "Won"
        Sales stage: "20" → "100"
    5 applied
        Status: "Active" → "Closed"
        Substatus: "Accepted" → "Lost"
        Status reason: "3"
    6 applied
        Sales stage: "20" → "Propose"
        Campaign ID: "FY27-SPRING"
    7 applied
        Team: {"firstName":"Ann","lastName":"Example","phoneNumber":"+1 555 0100","email":"ann.example@contoso.com"}
    8 applied
        Solutions: {"id":"DevOps","type":"Category"}
    9 applied
        CRM ID: "CRM-10166" → "CRM-20001"
        Notes: "Asked for a second demo; their \"must have\" is single sign-on." → null
    10 applied
        Closing date: "2026-12-21T00:00:00Z" → "2027-06-30T00:00:00Z"
        Sales stage: "40" → "60"
    11 applied
        Deal value: 238000 → 48750.25
    12 applied
        Share with Microsoft sellers: false → true
    13 applied
        Notes: "Customer is looking to leverage Dynamics 365 to manage their supply chain." → "Workshop held.\nNext step: proposal, together with Fabrikam."
    14 skipped
    15 unchanged
    16 applied
        Status: "New" → "Active"
        Substatus: "Received" → "Accepted"
    17 applied
        Status: "New" → "Active"
        Substatus: "Pending" → "Accepted"
        Deal value: 180978.1 → 15000.00
        Currency: "EUR" → "USD"
    18 applied
        Status: "New" → "Closed"
        Substatus: "Pending" → "Declined"
        Status reason: "1"
    19 applied
        Deal value: 180005.41 → 64000
        Sales stage: "40"
    20 applied
        Notes: "" → "Second row for the same referral: sent after the first."
    21 applied
        Closing date: "2027-01-15T00:00:00Z"
        Notes: "Customer is looking to leverage Dynamics 365 to manage their supply chain." → "München: Angebot läuft – viele Grüße von Jörg"
    22 applied
        CRM ID: "0042"
        Campaign ID: "0007"
    23 applied
        Solutions: {"id":"SOL-12345-ABC","type":"Name","currency":"EUR","price":199.90,"quantity":25}
        Team: {"firstName":"Bob","lastName":"Muster","phoneNumber":"+49 30 5550123","email":"bob.muster@fabrikam.com"}
    24 applied
        Deal value: 49623.95 → 7500000
        Currency: "EUR" → "JPY"
        Closing date: "2027-05-06T00:00:00Z" → "2026-12-31T00:00:00Z"
    25 applied
        Notes: "Customer is looking to leverage Dynamics 365 to manage their supply chain." → "=SUM(A1:A9) is only text here"
    26 applied
        Status reason: "waiting for legal"
        Deal value: 94000 → 12345.67
        Sales stage: "20" → "80"
    "#);
}

#[test]
fn the_changes_in_a_workbook_end_the_same() {
    let lab = Lab::new().sample("referral-changes.csv").sample("referral-changes.xlsx");
    let of_csv = lab.apply("referral-changes.csv").args("--sandbox").run().exits(0);
    let of_workbook = lab.apply("referral-changes.xlsx").args("--sandbox").run().exits(0);
    assert_eq!(of_workbook.report(), of_csv.report());
}

#[test]
fn each_mistake_is_named_and_the_rows_that_are_right_are_applied() {
    let lab = Lab::new().sample("mistakes.xlsx");
    let ran = lab.apply("mistakes.xlsx").args("--sandbox").run().exits(1);
    assert_snapshot!(ran.report(), @r#"
    2 applied
        Deal value: 127463.07 → 42000
        Closing date: "2027-02-26T00:00:00Z"
    3 refused
        nothing is at `41c1ed9e-ffaa-5dda-b76b-b4fe54fdea70`
    4 invalid
        error A4: `ca62d0ac-fc5a-54cf-aff9-3f4f47810` is not a referral id
    5 invalid
        error A5: the id is missing
    6 invalid
        error D6: `Colsed` is not known here
    7 invalid
        error E7: substatus `Won` does not belong to status `Active`
    8 invalid
        error D8: status `Closed` does not go with the substatus `Accepted` that the referral has
    9 invalid
        error D9: the referral is Closed / Lost, it cannot become Active / Accepted
    10 invalid
        error F10: `1,234` can be read in two ways, a factor of 1000 apart
    11 invalid
        error F11: `-500` is negative
    12 invalid
        error H12: `03/04/2027` can be read with the day or the month first
    13 applied
        Notes: "=not a formula, just a note" → "Contract signed, kick-off in January."
    14 invalid
        error H14: `2027-02-30` is a day that does not exist
    15 invalid
        error G15: `EURO` is not a currency code
    16 invalid
        error M16: `ann.example@contoso` is not an e-mail address
    17 invalid
        error J17: the person lacks a phone number
    18 conflict
        Notes: "We are interested in deploying Microsoft 365 and are looking for support in training our employees." → "Old news."
        the referral has changed since the sheet was made (its eTag was "0a1b2c3d-0000-0000-0000-5f8d0d550000")
    19 invalid
        error F19: the cell shows the error `#N/A`
    20 invalid
        error I20: `12345678901234570` has more than 15 digits, the last ones have been lost by the spreadsheet
    21 invalid
        error P21: `delete` is not an action
    22 applied
        Status: "Active" → "Closed"
        Substatus: "Accepted" → "Won"
    "#);
}

#[test]
fn the_summary_of_many_mistakes_is_short() {
    let lab = Lab::new().sample("mistakes.xlsx");
    let ran = lab.apply("mistakes.xlsx").args("--sandbox").run().exits(1);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines.len() < 25, "{}", ran.out);
    assert_snapshot!(lines[..5].join("\n"), @r"
    21 rows in mistakes.xlsx
           3  applied
          16  invalid
           1  refused
           1  conflict
    ");
}

/// The worksheet of rows to fix is a sheet in the user's own columns; nothing in it was applied, so giving it back
/// uncorrected fails in the same way. Only the conflict is settled: it carries the eTag that was told.
#[test]
fn the_rows_to_fix_can_be_given_back() {
    let lab = Lab::with_sandbox().sample("mistakes.xlsx");
    let first = lab.refsheet("apply mistakes.xlsx --yes --report first.xlsx").run().exits(1);
    let to_fix = table(lab.path("first.xlsx"), "To fix");
    assert_eq!(to_fix.len(), 18);
    let stale = to_fix.iter().find(|row| row.contains("Old news.")).unwrap();
    assert!(stale.starts_with("conflict: "), "{stale}");
    let again = lab.apply("first.xlsx").run().exits(1);
    assert_eq!((again.rows.len(), again.count("applied")), (18, 1), "{}", again.report());
    assert_eq!(again.requests().1, 1, "{}", first.out);
}

#[test]
fn the_portals_download_is_read_as_it_is() {
    let lab = Lab::new().sample("partner-center-download.csv");
    let ran = lab.apply("partner-center-download.csv").args("--sandbox").run().exits(0);
    assert_eq!((ran.count("unchanged"), ran.rows.len()), (8, 8), "{}", ran.report());
}

#[test]
fn an_edited_download_is_what_was_edited() {
    let lab = Lab::new().sample("partner-center-download.csv").sample("partner-center-edited.csv");
    let ran = lab.apply("partner-center-edited.csv").args("--sandbox --base partner-center-download.csv").run();
    assert_snapshot!(ran.shown(), @r#"
    exit 0
    --- out
    8 rows in partner-center-edited.csv
           3  applied
           5  unchanged
    5 requests (2 reads, 3 writes) in <time>
    report: report.jsonl
    --- err
    note: only cells that differ from `partner-center-download.csv` are changes
    --- report
    2 unchanged
    3 applied
        Deal value: 306495.11 → 87500
        Closing date: "2026-12-31T00:00:00Z" → "2027-03-04T00:00:00Z"
    4 unchanged
    5 unchanged
    6 applied
        Notes: "Asked for a second demo; their \"must have\" is single sign-on." → "Pilot agreed for January, two departments."
    7 applied
        Status: "New" → "Closed"
        Substatus: "Pending" → "Declined"
        Status reason: "2"
    8 unchanged
    9 unchanged
    "#);
}

#[test]
fn a_second_run_of_the_changes_sends_no_write() {
    // Rows 19 and 20 are about one referral and about different fields of it.
    for sheet in ["referral-changes.csv", "referral-changes.xlsx"] {
        let lab = Lab::with_sandbox().recorded().sample(sheet);
        lab.apply(sheet).run().exits(0);
        let before = (lab.writes().len(), lab.referrals());
        let again = lab.apply(sheet).run().exits(0);
        assert_eq!((again.count("unchanged"), again.count("skipped")), (24, 1), "{}", again.report());
        assert_eq!((lab.writes().len(), lab.referrals()), before);
    }
}

/// What the summary says of the changes is what the service holds.
#[test]
fn the_changes_are_what_the_service_holds_afterwards() {
    let lab = Lab::with_sandbox().sample("referral-changes.csv");
    let before = lab.referrals();
    let ran = lab.apply("referral-changes.csv").run().exits(0);
    let mut expected = before.clone();
    for row in ran.rows.iter().filter(|row| row["outcome"] == "applied") {
        let referral = expected.iter_mut().find(|referral| referral["id"] == row["id"]).unwrap();
        let patch: json_patch::Patch = serde_json::from_value(row["patch"].clone()).unwrap();
        json_patch::patch(referral, &patch).unwrap();
    }
    let after = lab.referrals();
    for (after, expected) in after.iter().zip(&expected) {
        assert_eq!(without_bookkeeping(after), without_bookkeeping(expected));
    }
    let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
    assert_eq!(changed, 22, "23 rows were applied, two of them about one referral");
}

/// Without what the service writes down itself when something changes.
fn without_bookkeeping(referral: &Value) -> Value {
    let mut referral = referral.clone();
    for name in ["updatedDateTime", "acceptedDateTime", "closedDateTime", "expirationDateTime", "eTag"] {
        referral[name] = json!(null);
    }
    // Amounts are compared as numbers: the service may print 15000 for the 15000.00 that it was sent.
    let amount = referral["details"]["dealValue"].as_f64();
    referral["details"]["dealValue"] = json!(amount);
    referral
}

fn worksheets(path: PathBuf) -> Vec<String> {
    let book = calamine::open_workbook_auto(path).unwrap();
    calamine::Reader::sheet_names(&book)
}

/// The rows of a worksheet, each as one line.
fn table(path: PathBuf, worksheet: &str) -> Vec<String> {
    let options = Options { worksheet: Some(Worksheet::Name(worksheet.to_owned())), ..Options::default() };
    let sheet = sheet::open(&Source::File(path), &options, &|_| true).unwrap();
    let line = |cells: &[Cell]| cells.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ");
    sheet.rows().unwrap().map(|row| line(&row.unwrap().unwrap().cells)).collect()
}
