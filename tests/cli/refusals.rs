//! Runs that do not come about, or stop: the exit code, what is said, and that nothing was done.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::lab::{Lab, TOKEN, referral, rows};
use crate::wire::Answer;

fn notes() -> String {
    rows("Notes", (1..=3).map(|number| (number, "new")))
}

fn lab() -> Lab {
    Lab::holding((1..=3).map(referral)).recorded().sheet("s.csv", notes())
}

/// An address at which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/v1.0/engagements", listener.local_addr().unwrap())
}

#[test]
fn a_token_goes_to_no_address_without_https() {
    let lab = Lab::new().sheet("s.csv", notes());
    let ran = lab.apply("s.csv").args("--base-url http://partner.example.com/v1.0/engagements").run();
    assert_snapshot!(ran.shown(), @r"
    exit 2
    --- err
    error: the base URL is http, but `partner.example.com` is not this machine; only https keeps the token secret
    hint: give the address as https://host/path
    ");
}

#[test]
fn without_a_token_nobody_is_signed_in() {
    let lab = lab();
    assert_snapshot!(lab.apply("s.csv").token(None).run().shown(), @"
    exit 4
    --- err
    error: nobody is signed in
    hint: sign in: refsheet login --base-url <service>
    hint: or set REFSHEET_TOKEN to an access token for https://api.partner.microsoft.com
    hint: or name a program that prints one as `token_command` in the profile
    hint: or try everything without an account: add --sandbox
    ");
    assert_eq!(lab.heard().len(), 0);
}

#[test]
fn a_token_that_is_not_accepted_stops_the_run() {
    let body = r#"{"error":{"code":"unauthenticated","message":"The token has expired."}}"#;
    let lab = Lab::new().answering(move |_| Some(Answer::new(401, body))).sheet("s.csv", notes());
    assert_snapshot!(lab.apply("s.csv").run().shown(), @"
    exit 4
    --- out
    3 rows in s.csv
           3  not reached
    1 request (1 read, 0 writes) in <time>
    report: report.jsonl
    the run stopped: the sign-in was not accepted: The token has expired; the service refuses the token, and there is no way to ask for another
    to finish it: refsheet resume <run>
    --- report
    2 not reached
    3 not reached
    4 not reached
    ");
    assert!(lab.heard().len() <= 8, "{} requests", lab.heard().len());
}

#[test]
fn nothing_is_written_unasked_without_a_terminal() {
    let lab = lab();
    let ran = lab.refsheet("apply s.csv").input("y\n").run();
    assert_snapshot!(ran.shown(), @r"
    exit 2
    --- err
    error: there is no terminal to ask at before writing
    hint: add --yes to write without asking
    hint: or look first with `refsheet plan`
    ");
    assert_eq!((lab.heard().len(), lab.files()), (0, vec!["s.csv".to_owned()]));
}

#[test]
fn a_service_that_cannot_be_reached_stops_the_run_and_no_row_is_lost() {
    let lab = Lab::new().sheet("s.csv", notes());
    let ran = lab.apply("s.csv").arg("--base-url").arg(&nobody()).run().exits(5);
    assert_eq!(ran.outcomes(), ["2 not reached", "3 not reached", "4 not reached"]);
    assert!(ran.out.contains("the service cannot be reached"), "{}", ran.out);
}

#[test]
fn a_sheet_that_cannot_be_read_is_named() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0";
    let lab = lab().sheet("picture.xlsx", png).sheet("empty.csv", "").sheet("broken.xlsx", b"PK\x03\x04 and no more");
    let lab = lab.sheet("headings.csv", "id,Notes\n");
    let shown: Vec<String> = ["nowhere.xlsx", "picture.xlsx", "empty.csv", "broken.xlsx", "headings.csv", "."]
        .map(|sheet| lab.apply(sheet).run().shown())
        .to_vec();
    assert_snapshot!(shown.join("\n"), @r"
    exit 3
    --- err
    error: cannot read `nowhere.xlsx`: No such file or directory (os error 2)

    exit 3
    --- err
    error: `picture.xlsx` is not a spreadsheet but a picture
    hint: give the Excel or CSV file that it was made from

    exit 3
    --- err
    error: `empty.csv` is empty

    exit 3
    --- err
    error: `broken.xlsx` is damaged: its end is missing, it was probably not copied or downloaded as a whole
    hint: get the file once more, or open it in Excel, let Excel repair it and save it

    exit 3
    --- err
    error: `headings.csv` has no rows below its headings (row 1)
    hint: fill in a row for each referral

    exit 3
    --- err
    error: cannot read `.`: Is a directory (os error 21)
    ");
    assert_eq!(lab.heard().len(), 0);
}

/// A sheet that a filter was left on: what is hidden is said, and left out on request.
#[test]
fn hidden_rows_are_told_before_anything_is_sent() {
    let hidden = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sheets/hidden.xlsx")).unwrap();
    let lab = Lab::new().sheet("hidden.xlsx", hidden);
    let all = lab.plan("hidden.xlsx").args("--offline").run().exits(1);
    assert_snapshot!(all.err, @"
    note: the headings are in row 2; 1 row above it is not read
    note: 3 of 6 rows are hidden by a filter; they are processed as well; --visible-only leaves them out
    note: A4:A5, B7:C7 and C3:C4 are merged cells: only the first of each has a value, the cells under them are read as blank
    ");
    assert_eq!(all.outcomes().len(), 6);
    assert!(
        all.report().contains("error A5: the id is missing: A5 lies under the merged cell A4:A5"),
        "{}",
        all.report()
    );
    assert!(all.report().contains("warning C4: C4 lies under the merged cell C3:C4"), "{}", all.report());
    let visible = lab.plan("hidden.xlsx").args("--offline --visible-only").run().exits(1);
    assert!(visible.err.contains("3 of 6 rows are hidden by a filter; they are left out"), "{}", visible.err);
    assert_eq!(visible.outcomes(), ["4 invalid", "6 invalid", "8 invalid"]);
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_anything_is_sent() {
    let lab = lab();
    let shown: Vec<String> = ["report.pdf", "nowhere/report.xlsx", "s.csv"]
        .map(|report| lab.refsheet(&format!("apply s.csv --yes --report {report}")).run().shown())
        .to_vec();
    assert_snapshot!(shown.join("\n"), @"
    exit 2
    --- err
    error: cannot write `report.pdf`: the name of a report ends in `.xlsx`, `.csv` or `.jsonl`
    hint: say where the report shall be with --report FILE, or --no-report

    exit 2
    --- err
    error: the folder `nowhere` of the report does not exist
    hint: make it, or say where with --report FILE

    exit 2
    --- err
    error: `s.csv` is the sheet itself and would be overwritten
    hint: give the file another name
    ");
    assert_eq!((lab.heard().len(), lab.files()), (0, vec!["s.csv".to_owned()]));
    assert_eq!(fs::read_to_string(lab.path("s.csv")).unwrap(), notes());
}

#[test]
fn patches_never_overwrite_the_sheet() {
    let lab = lab();
    lab.refsheet("plan s.csv --offline --no-report --patches ./s.csv").run().exits(2);
    assert_eq!(fs::read_to_string(lab.path("s.csv")).unwrap(), notes());
}

/// Somebody without the role gets the same answer for each row.
#[test]
fn what_the_service_refuses_is_told_with_its_own_words() {
    let body = r#"{"error":{"code":"accessDenied","message":"The user lacks the role Referrals admin."}}"#;
    let lab = Lab::holding((1..=3).map(referral)).sheet("s.csv", notes());
    let lab = lab.answering(move |heard| if heard.method == "PATCH" { Some(Answer::new(403, body)) } else { None });
    assert_snapshot!(lab.apply("s.csv").run().shown(), @r#"
    exit 1
    --- out
    3 rows in s.csv
           3  refused

      refused     row 2: The user lacks the role Referrals admin; ask for the role Referrals admin, or for access to this referral (and 2 more like it)

    4 requests (1 read, 3 writes) in <time>
    report: report.jsonl
    --- report
    2 refused
        Notes: "old" → "new"
        The user lacks the role Referrals admin.
    3 refused
        Notes: "old" → "new"
        The user lacks the role Referrals admin.
    4 refused
        Notes: "old" → "new"
        The user lacks the role Referrals admin.
    "#);
}

#[test]
fn the_token_is_nowhere_but_in_requests() {
    let lab = lab();
    for how in ["--report r.xlsx", "--report r.csv", "--report r.jsonl", "--report r.xlsx --json"] {
        let ran = lab.refsheet(&format!("apply s.csv --yes {how}")).run().exits(0);
        assert!(!ran.out.contains(TOKEN) && !ran.err.contains(TOKEN));
    }
    for arguments in ["apply nowhere.csv --yes", "apply s.csv", "apply s.csv --yes --base-url http://example.com"] {
        let ran = lab.refsheet(arguments).run();
        assert!(!ran.out.contains(TOKEN) && !ran.err.contains(TOKEN));
    }
    assert!(lab.heard().iter().all(|heard| !heard.target.contains(TOKEN) && !heard.body.contains(TOKEN)));
    let mut seen = Vec::new();
    look_for_token(&lab.path("."), &mut seen);
    let is_seen = |part: &str| seen.iter().any(|name| name.contains(part));
    assert!(is_seen(".xlsx") && is_seen(".csv") && is_seen(".jsonl"), "{seen:?}");
    assert!(is_seen("/runs/"), "the ledger was among them: {seen:?}");
}

/// A service that repeats what it was sent cannot make us show the token.
#[test]
fn a_token_that_the_service_repeats_goes_no_further() {
    let body = format!(r#"{{"error":{{"code":"invalidRequest","message":"what is `Bearer {TOKEN}`?"}}}}"#);
    let lab = Lab::holding([referral(1)]).sheet("s.csv", rows("Notes", [(1, "new")]));
    let lab =
        lab.answering(move |heard| if heard.method == "PATCH" { Some(Answer::new(400, body.clone())) } else { None });
    let ran = lab.apply("s.csv").run().exits(1);
    assert!(ran.out.contains("what is `Bearer [token]`?") && !ran.out.contains(TOKEN), "{}", ran.out);
}

/// Looks into every file, into workbooks too, which are archives.
fn look_for_token(folder: &Path, seen: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look_for_token(&path, seen);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        seen.push(path.display().to_string());
        assert!(!contains(&bytes, TOKEN), "{}", path.display());
        if path.extension().is_some_and(|ending| ending == "xlsx") {
            let mut archive = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
            for index in 0..archive.len() {
                let mut text = Vec::new();
                std::io::copy(&mut archive.by_index(index).unwrap(), &mut text).unwrap();
                assert!(!contains(&text, TOKEN), "{}", path.display());
            }
        }
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// For schedulers: whatever happens, standard output is one document or nothing.
#[test]
fn a_run_that_fails_says_so_in_json_too() {
    let lab = lab().sample("mistakes.xlsx");
    for (arguments, exit) in [
        ("apply nowhere.csv --yes --json", 3),
        ("apply s.csv --json", 2),
        ("apply s.csv --yes --json --base-url http://partner.example.com", 2),
        ("plan mistakes.xlsx --offline --sheet Nowhere --json", 3),
    ] {
        let ran = lab.refsheet(arguments).run().exits(exit);
        let document = ran.json();
        assert_eq!(
            (&document["status"], &document["exit"]),
            (&Value::from("failed"), &Value::from(exit)),
            "{arguments}"
        );
        assert!(document["error"].is_string() && document["hints"].is_array(), "{document}");
    }
}
