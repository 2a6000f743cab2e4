//! Referrals out, and back in: what an export holds, and that giving it back sends what was edited and nothing else.

use std::fs;
use std::io::{Cursor, Read, Write, read_to_string};

use insta::assert_snapshot;
use refsheet::domain::cell::column_letters;
use refsheet::sheet::{self, Options, Source};
use serde_json::{Value, json};

use crate::lab::{Lab, id, referral};
use crate::wire::{self, Answer, Heard};

/// A referral with what sheets like to spoil.
fn awkward(number: u32) -> Value {
    let mut referral = referral(number);
    referral["name"] = json!("=HYPERLINK(\"x\")");
    referral["externalReferenceId"] = json!("0042");
    referral["campaignId"] = json!("1E5");
    referral["statusReason"] = json!("2");
    referral["updatedDateTime"] = json!("2026-11-02T10:11:12.1234567Z");
    referral["details"]["notes"] = json!("#N/A");
    referral["details"]["dealValue"] = serde_json::from_str("12345678901234567.89").unwrap();
    referral["details"]["closingDateTime"] = json!("2026-12-01T10:00:00.1234567Z");
    referral["details"]["requirements"]["solutions"] = json!([{"id": "SOL-1", "price": 12.5}, {"id": "a,b"}]);
    referral["details"]["requirements"]["products"] = json!([{"id": "Azure"}, {"id": "DynamicsAX,GP,NAV,SL"}]);
    referral["customerProfile"] = json!({"name": "Contoso", "address": {"postalCode": "02134", "country": "US"},
        "ids": [{"profileType": "Duns", "id": "012345678"}]});
    referral["team"] = json!([{"firstName": "Ann, Dr", "lastName": "E", "phoneNumber": "+1 555", "email": "ann@contoso.com"},
        {"firstName": "Bob", "email": "bob@contoso.com"}]);
    referral
}

/// Others, to be as many as make three pages.
fn many() -> Lab {
    Lab::holding((1..=250).map(referral))
}

fn headings(lab: &Lab, name: &str) -> Vec<String> {
    let sheet = sheet::open(&Source::File(lab.path(name)), &Options::default(), &|_| true).unwrap();
    sheet.headings.into_iter().map(|heading| heading.text).collect()
}

fn part(lab: &Lab, book: &str, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(fs::File::open(lab.path(book)).unwrap()).unwrap();
    read_to_string(archive.by_name(name).unwrap()).unwrap()
}

/// The rows of a CSV file.
fn lines(lab: &Lab, name: &str) -> Vec<String> {
    fs::read_to_string(lab.path(name)).unwrap().lines().map(str::to_owned).collect()
}

/// Writes text into a cell of an exported workbook, as a person does: below a heading, in a row.
fn edit(lab: &Lab, book: &str, edits: &[(&str, u32, &str)]) {
    let headings = headings(lab, book);
    let mut archive = zip::ZipArchive::new(fs::File::open(lab.path(book)).unwrap()).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if name == "xl/worksheets/sheet1.xml" {
            let mut text = String::from_utf8(bytes).unwrap();
            for (heading, row, value) in edits {
                let column = headings.iter().position(|other| other == heading).unwrap();
                let place = format!("{}{row}", column_letters(u32::try_from(column).unwrap()));
                text = written(&text, &place, value);
            }
            bytes = text.into_bytes();
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&bytes).unwrap();
    }
    let bytes = out.finish().unwrap().into_inner();
    fs::write(lab.path(book), bytes).unwrap();
}

/// The same in the text of the worksheet.
fn written(text: &str, place: &str, value: &str) -> String {
    let cell = format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{value}</t></is></c>");
    if let Some(start) = text.find(&format!("<c r=\"{place}\"")) {
        let tag = start + text[start..].find('>').unwrap();
        let end = if text[..tag].ends_with('/') { tag + 1 } else { tag + text[tag..].find("</c>").unwrap() + 4 };
        return format!("{}{cell}{}", &text[..start], &text[end..]);
    }
    // A blank cell is not written down: this one comes before the first that stands further to the right.
    let row = place.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let start = text.find(&format!("<row r=\"{row}\"")).unwrap();
    let end = start + text[start..].find("</row>").unwrap();
    let is_behind = |at: &usize| {
        let other = text[*at + 6..end].split('"').next().unwrap();
        (other.len(), other) > (place.len(), place)
    };
    let behind = text[start..end].match_indices("<c r=\"").map(|(at, _)| start + at).find(is_behind).unwrap_or(end);
    format!("{}{cell}{}", &text[..behind], &text[behind..])
}

fn change(lab: &Lab, number: u32, pointer: &str, value: &str) {
    let patch = format!(r#"[{{"op":"add","path":"{pointer}","value":{value}}}]"#);
    wire::patch(&lab.sandbox_authority(), &format!("/v1.0/engagements/referrals/{}", id(number)), &patch);
}

fn is_list(heard: &Heard) -> bool {
    heard.method == "GET" && heard.target.contains("/referrals?")
}

#[test]
fn an_export_says_what_comes_next_and_sends_nothing_when_it_comes_back() {
    let lab = Lab::holding([referral(1), awkward(2)]).recorded();
    let ran = lab.refsheet("export --out out.xlsx").run();
    assert_snapshot!(ran.shown(), @"
    exit 0
    --- out
    wrote out.xlsx (2 referrals, 20 columns)
    1 request (1 read, 0 writes) in <time>
    edit it, then see what would change: refsheet plan out.xlsx
    ");
    assert_eq!(lab.files(), ["out.xlsx"]);
    let asked = lab.heard().len();
    // Without a name it gets that of the day.
    let today = lab.refsheet("export --sandbox --json").run().exits(0).json()["file"].as_str().unwrap().to_owned();
    assert!(today.starts_with("referrals-20") && lab.files().contains(&today), "{today}");
    let ran = lab.apply("out.xlsx").run();
    assert_snapshot!(ran.shown(), @"
    exit 0
    --- out
    2 rows in out.xlsx
           2  unchanged
    0 requests (0 reads, 0 writes) in <time>
    report: report.jsonl
    --- err
    note: only cells that differ from what was exported are changes
    --- report
    2 unchanged
    3 unchanged
    ");
    assert_eq!(lab.heard().len(), asked);
}

#[test]
fn every_field_comes_back_as_it_went() {
    let lab = Lab::holding([referral(1), awkward(2)]);
    for (out, more) in [("a.xlsx", ""), ("b.xlsx", "--whole"), ("c.csv", "--whole")] {
        lab.refsheet(&format!("export --fields all --out {out} {more}")).run().exits(0);
        let base = if out == "c.csv" { "--base c.csv" } else { "" };
        let ran = lab.apply(out).args(base).run().exits(0);
        assert_eq!(ran.report(), "2 unchanged\n3 unchanged\n", "{out}");
        assert!(ran.out.contains("0 requests"), "{}", ran.out);
    }
}

#[test]
fn without_its_base_an_export_says_the_same_as_the_service() {
    let mut plain = awkward(1);
    plain["details"]["notes"] = json!("=1+1");
    plain["details"]["closingDateTime"] = json!("2026-12-01T10:00:00.123Z");
    plain["team"] = json!([{"firstName": "Ann", "lastName": "E", "phoneNumber": "+1 555", "email": "ann@contoso.com"}]);
    let lab = Lab::holding([plain]);
    for out in ["a.xlsx", "a.csv"] {
        lab.refsheet(&format!("export --fields all --whole --out {out}")).run().exits(0);
        let ran = lab.plan(out).args("--base none").run().exits(0);
        assert_eq!(ran.outcomes(), ["2 unchanged"], "{}", ran.report());
    }
}

#[test]
fn only_edited_cells_are_sent_and_merged_by_field() {
    let lab = Lab::holding((1..=4).map(referral)).recorded();
    lab.refsheet("export --out out.xlsx").run().exits(0);
    edit(
        &lab,
        "out.xlsx",
        &[
            ("Notes", 2, "new"),
            ("Notes", 3, "new"),
            ("Notes", 4, "new"),
            ("Deal value", 4, "6000.50"),
            ("Deal name", 5, "x"),
        ],
    );
    change(&lab, 1, "/details/dealValue", "7000");
    change(&lab, 2, "/details/notes", r#""theirs""#);
    let ran = lab.apply("out.xlsx").run();
    assert_snapshot!(ran.report(), @r#"
    2 applied
        Notes: "old" → "new"
    3 conflict
        Notes: was "old", mine "new", theirs "theirs"
    4 applied
        Deal value: 5000 → 6000.50
        Notes: "old" → "new"
    5 unchanged
        warning C5: ignored, it is not known that the service takes changes of this
    "#);
    let mut bodies: Vec<String> = lab.writes().iter().map(|write| write.body.clone()).collect();
    bodies.sort();
    assert_snapshot!(bodies.join("\n"), @r#"
    [{"op":"replace","path":"/details/dealValue","value":6000.50},{"op":"replace","path":"/details/notes","value":"new"}]
    [{"op":"replace","path":"/details/notes","value":"new"}]
    "#);
    assert_eq!(lab.referral(&id(1))["details"]["dealValue"], 7000);
}

#[test]
fn the_base_of_an_edited_export_can_be_named_for_another_sheet_or_left_alone() {
    let lab = Lab::holding([referral(1)]);
    lab.refsheet("export --out out.xlsx").run().exits(0);
    lab.refsheet("export --out out.csv").run().exits(0);
    edit(&lab, "out.xlsx", &[("Notes", 2, "edited")]);
    change(&lab, 1, "/details/dealValue", "7000");
    let lab = lab.sheet("fix.csv", crate::lab::rows("Notes,Deal value", [(1, "new,5000")]));
    let ran = lab.plan("fix.csv").args("--base out.xlsx").run().exits(0);
    assert_eq!(ran.report(), "2 planned\n    Notes: \"old\" → \"new\"\n");
    let ran = lab.plan("out.xlsx").args("--base none --on-conflict report").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 conflict"]);
}

#[test]
fn an_item_that_is_written_into_the_free_column_joins_the_list() {
    let ann = json!({"firstName": "Ann", "lastName": "E", "phoneNumber": "1", "email": "ann@contoso.com"});
    let with_team = |number, team: Value| {
        let mut referral = referral(number);
        referral["team"] = team;
        referral
    };
    let lab = Lab::holding([with_team(1, json!([ann])), with_team(2, json!([]))]);
    lab.refsheet("export --out out.csv --fields team").run().exits(0);
    assert_eq!(headings(&lab, "out.csv"), ["id", "eTag", "Team member 1", "Team member 2", "action", "row note"]);
    let added = lines(&lab, "out.csv")
        .iter()
        .map(|line| line.replacen(",,,", ",\"Bob, E, 2, bob@contoso.com\",,", 1))
        .collect::<Vec<_>>();
    fs::copy(lab.path("out.csv"), lab.path("base.csv")).unwrap();
    fs::write(lab.path("out.csv"), added.join("\r\n")).unwrap();
    lab.apply("out.csv").args("--base base.csv").run().exits(0);
    let emails = |number| {
        let team = lab.referral(&id(number))["team"].clone();
        team.as_array().unwrap().iter().map(|member| member["email"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(emails(1), ["ann@contoso.com", "bob@contoso.com"]);
    assert_eq!(emails(2), ["bob@contoso.com"]);
}

#[test]
fn what_a_cell_cannot_hold_is_left_out_and_never_sent() {
    let mut long = referral(1);
    long["details"]["notes"] = json!("x".repeat(40_000));
    for out in ["out.xlsx", "out.csv"] {
        let lab = Lab::holding([long.clone(), referral(2)]).recorded();
        let ran = lab.refsheet(&format!("export --out {out}")).run().exits(0);
        assert!(ran.err.contains("note: in 1 row there is more text than a cell holds"), "{}", ran.err);
        let ran = lab.apply(out).run().exits(0);
        assert_eq!(ran.outcomes(), ["2 unchanged", "3 unchanged"]);
        assert_eq!(ran.rows[0]["note"], "Notes has 40000 characters, more than a cell holds, and is left out");
        assert!(lab.writes().is_empty());
    }
}

#[test]
fn a_member_that_the_list_left_out_is_merged_if_it_turns_out_to_be_empty_and_never_overwritten() {
    for (theirs, value, ends) in [
        ("/details/dealValue", "7000", ["2 applied", "3 unchanged"]),
        ("/details/notes", r#""theirs""#, ["2 conflict", "3 unchanged"]),
    ] {
        let mut short = referral(1);
        short["details"].as_object_mut().unwrap().shift_remove("notes");
        let lab = Lab::holding([short, referral(2)]);
        lab.refsheet("export --out out.xlsx --fields notes,deal_value").run().exits(0);
        assert_eq!(lab.apply("out.xlsx").run().exits(0).outcomes(), ["2 unchanged", "3 unchanged"]);
        change(&lab, 1, theirs, value);
        edit(&lab, "out.xlsx", &[("row note", 2, "x"), ("Notes", 2, "new")]);
        assert_eq!(lab.apply("out.xlsx").run().outcomes(), ends, "{theirs}");
    }
}

#[test]
fn a_field_that_the_list_does_not_show_is_told_and_read_one_by_one() {
    let lab = Lab::holding((1..=3).map(referral)).answering(|heard| {
        // A list that leaves fields out, as the service's own may.
        let item = |number| json!({"id": id(number), "status": "Active", "substatus": "Accepted"});
        let body = json!({"value": [item(1), item(2), item(3)]}).to_string();
        is_list(heard).then(|| Answer::new(200, body))
    });
    let ran = lab.refsheet("export --out out.csv --fields status,notes,crm_id").run().exits(0);
    assert!(ran.err.contains("note: Notes, CRM ID are not in the list of referrals"), "{}", ran.err);
    assert!(ran.err.contains("--whole"), "{}", ran.err);
    let ran = lab.refsheet("export --out whole.csv --fields status,notes --whole").run().exits(0);
    assert_eq!(ran.requests(), (4, 0));
    assert!(!ran.err.contains("--whole"), "{}", ran.err);
    assert!(lines(&lab, "whole.csv")[1].ends_with(",Active,old,,"), "{:?}", lines(&lab, "whole.csv"));
}

#[test]
fn conditions_are_asked_of_the_service_and_checked_again() {
    let other = |number, status: &str, substatus: &str, closing: &str| {
        let mut referral = referral(number);
        (referral["status"], referral["substatus"]) = (json!(status), json!(substatus));
        referral["details"]["closingDateTime"] = json!(closing);
        referral["team"] = json!([{"email": "o'hara@contoso.com"}]);
        referral["updatedDateTime"] = json!("2026-11-05T00:00:00Z");
        referral
    };
    let open = other(2, "Active", "Accepted", "2026-12-01T00:00:00Z");
    let late = other(3, "Active", "Accepted", "2027-12-01T00:00:00Z");
    let closed = other(4, "Closed", "Won", "2026-12-01T00:00:00Z");
    let all = json!({"value": [referral(1), open, late, closed]}).to_string();
    // A service that ignores the filter.
    let lab = Lab::holding([]).answering(move |heard| is_list(heard).then(|| Answer::new(200, all.clone())));
    let call = lab.refsheet("export --out out.csv --fields status --status active,new --changed-since 2026-11-01");
    let call =
        call.args("--team-member O'Hara@contoso.com --closing-before 2026-12-31 --filter").arg("type eq 'Shared'");
    let ran = call.run().exits(0);
    assert!(
        ran.out.starts_with("wrote out.csv (1 referral, 5 columns; 3 more referrals left out by the conditions)"),
        "{}",
        ran.out
    );
    assert!(lines(&lab, "out.csv")[1].starts_with(&id(2)));
    let asked = lab.heard()[0].target.replace("%20", " ").replace("%27", "'").replace("%3A", ":");
    assert_snapshot!(asked, @"/v1.0/engagements/referrals?$count=true&$orderby=createdDateTime&$filter=(type eq 'Shared') and (status eq 'Active' or status eq 'New') and updatedDateTime ge 2026-11-01T00:00:00Z and team/any(t:t/email eq 'O''Hara@contoso.com')");
}

#[test]
fn a_filter_that_the_service_refuses_is_shown() {
    let lab = many();
    let ran = lab.refsheet("export --out out.csv --filter").arg("shoesize eq").run();
    assert_snapshot!(ran.shown(), @"
    exit 2
    --- err
    error: the service refuses the filter: the filter cannot be read: `shoesize` is no member (`$filter`)
    hint: the filter was: shoesize eq
    ");
    assert!(lab.files().is_empty());
}

/// A list whose third page does not come until the flag is up.
fn broken_at_the_third_page(lab: Lab) -> (Lab, std::sync::Arc<std::sync::atomic::AtomicBool>) {
    let mended = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let is_mended = std::sync::Arc::clone(&mended);
    let pages = std::sync::atomic::AtomicU32::new(0);
    let lab = lab.answering(move |heard| {
        use std::sync::atomic::Ordering::SeqCst;
        let is_third = is_list(heard) && pages.fetch_add(1, SeqCst) >= 2;
        (is_third && !is_mended.load(SeqCst)).then(|| Answer::new(403, ""))
    });
    (lab, mended)
}

#[test]
fn the_same_command_goes_on_where_an_export_was_cut_short() {
    let (lab, mended) = broken_at_the_third_page(many());
    let ran = lab.refsheet("export --out out.csv").run();
    assert_snapshot!(ran.shown(), @"
    exit 5
    --- err
    error: the list of referrals cannot be read: Forbidden
    hint: the account needs the role Referrals admin or Referrals user in Partner Center
    hint: `refsheet whoami` shows who is signed in
    hint: 200 referrals are kept in `out.csv.part`; this goes on from there: refsheet export --out out.csv
    ");
    assert_eq!(lab.files(), ["out.csv.part"]);
    mended.store(true, std::sync::atomic::Ordering::SeqCst);
    let ran = lab.refsheet("export --out out.csv").run().exits(0);
    assert_eq!(ran.requests(), (1, 0));
    assert!(ran.err.contains("going on from `out.csv.part`, which has 200 referrals already"), "{}", ran.err);
    assert_eq!(lab.files(), ["out.csv"]);
    let ids: Vec<String> = lines(&lab, "out.csv")[1..].iter().map(|line| line[..36].to_owned()).collect();
    assert_eq!(ids, (1..=250).map(id).collect::<Vec<_>>());
}

#[test]
fn what_was_read_for_another_filter_is_not_used_and_a_forgotten_place_is_no_end() {
    let (lab, mended) = broken_at_the_third_page(many());
    lab.refsheet("export --out out.csv").run().exits(5);
    mended.store(true, std::sync::atomic::Ordering::SeqCst);
    // The service does not know the place any more.
    let part = fs::read_to_string(lab.path("out.csv.part")).unwrap();
    let forgotten = r#"#page {"next":"$skiptoken=gone"}"#;
    let spoilt = part.lines().map(|line| if line.starts_with("#page") { forgotten } else { line });
    let spoilt = spoilt.collect::<Vec<_>>().join("\n") + "\n";
    fs::write(lab.path("out.csv.part"), &spoilt).unwrap();
    let ran = lab.refsheet("export --out out.csv").run().exits(0);
    assert!(ran.err.contains("it begins again"), "{}", ran.err);
    assert_eq!((ran.requests(), lines(&lab, "out.csv").len()), ((4, 0), 251));
    fs::write(lab.path("out.csv.part"), &part).unwrap();
    let ran = lab.refsheet("export --out out.csv --force --status New").run().exits(0);
    assert!(
        ran.err.contains("`out.csv.part` is not used, it was read from another service, or with another filter"),
        "{}",
        ran.err
    );
    assert_eq!(lines(&lab, "out.csv").len(), 1);
}

#[test]
fn json_lines_are_what_a_sandbox_starts_from() {
    let lab = Lab::holding([awkward(1), referral(2)]);
    for more in ["", "--whole --force"] {
        lab.refsheet(&format!("export --out out.jsonl {more}")).run().exits(0);
        let exported: Vec<Value> =
            lines(&lab, "out.jsonl").iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(exported, lab.referrals());
        let again = Lab::holding(exported);
        assert_eq!(again.referrals(), lab.referrals());
    }
}

#[test]
fn programs_get_one_document() {
    let lab = Lab::holding([referral(1)]);
    let ran = lab.refsheet("export --out out.csv --json --quiet").run().exits(0);
    let mut document = ran.json();
    assert!(document["seconds"].as_f64().is_some());
    document["seconds"] = json!(0);
    assert_snapshot!(ran.stable(&document.to_string()), @r#"{"status":"finished","file":"out.csv","service":"<service>","referrals":1,"left_out":0,"columns":18,"requests":{"sent":1,"reads":1,"writes":0,"retried":0,"throttled":0},"seconds":0,"notices":["Customer name, Updated are not in the list of referrals, so what is there now is not known; --whole reads each referral for itself","keep an untouched copy, for then only what you edit is sent: apply … --base COPY"]}"#);
    assert_eq!(ran.err, "");
}

#[test]
fn what_cannot_be_exported_is_refused_before_anything_is_asked() {
    let lab = many().recorded().sheet("mine.xlsx", "my work");
    let shown = [
        "--out mine.xlsx",
        "--out out.ods",
        "--out out.jsonl --fields Notes",
        "--out out.csv --fields Deal_valeu,op",
        "--out nowhere/out.csv",
    ]
    .map(|arguments| lab.refsheet(&format!("export {arguments}")).run().shown());
    assert_snapshot!(shown.join("\n"), @"
    exit 2
    --- err
    error: `mine.xlsx` is there already
    hint: give another name with --out FILE, or replace it with --force

    exit 2
    --- err
    error: `out.ods` does not end in `.xlsx`, `.csv` or `.jsonl`
    hint: say where with --out FILE.xlsx, FILE.csv or FILE.jsonl

    exit 2
    --- err
    error: `--fields` has no meaning for `.jsonl`, which has the referrals as the service holds them
    hint: leave --fields away, or export to .xlsx or .csv

    exit 2
    --- err
    error: `--fields` is not understood
      `Deal_valeu` is not known; did you mean `Deal value`?
      `op` belongs to sheets with one operation in each row
    hint: `refsheet fields` lists every field; `--fields all` takes all of them

    exit 2
    --- err
    error: cannot keep what has been read in `nowhere/out.csv.part`: No such file or directory (os error 2)
    hint: make room, or say where with --out FILE
    ");
    for (arguments, why) in [
        ("--status Acitve", "did you mean `Active`?"),
        ("--changed-since 03/04/2026", "day or the month first"),
        ("--team-member ann", "write one such as ann@contoso.com"),
    ] {
        let ran = lab.refsheet(&format!("export --out out.csv {arguments}")).run().exits(2);
        assert!(ran.err.contains(why), "{}", ran.err);
    }
    assert!(lab.heard().is_empty());
    assert_eq!(lab.files(), ["mine.xlsx"]);
    assert_eq!(fs::read_to_string(lab.path("mine.xlsx")).unwrap(), "my work");
}

#[test]
fn the_workbook_is_made_to_be_edited() {
    let lab = Lab::holding([referral(1)]);
    lab.refsheet("export --out out.xlsx").run().exits(0);
    let book = part(&lab, "out.xlsx", "xl/workbook.xml");
    let sheets: Vec<&str> = book.split("<sheet ").skip(1).map(|sheet| sheet.split(" r:id").next().unwrap()).collect();
    assert_snapshot!(sheets.join("\n"), @r#"
    name="Referrals" sheetId="1"
    name="refsheet base" sheetId="2" state="veryHidden"
    name="Instructions" sheetId="3"
    name="Lists" sheetId="4" state="hidden"
    "#);
    let rows = part(&lab, "out.xlsx", "xl/worksheets/sheet1.xml");
    let hidden: Vec<&str> = rows.split("<col ").skip(1).filter(|column| column.contains("hidden=\"1\"")).collect();
    assert_eq!(hidden.len(), 1);
    assert!(hidden[0].starts_with("min=\"2\" max=\"2\""), "{hidden:?}");
    assert!(rows.contains("<pane ySplit=\"1\"") && rows.contains("<autoFilter ref=\"A1:"), "{rows}");
    let locked: Vec<&str> =
        rows.split("<dataValidation ").skip(1).filter(|rule| !rule.contains("errorStyle")).collect();
    assert!(locked.iter().all(|rule| rule.contains("<formula1>LEN($A2)=0</formula1>")), "{locked:?}");
    // The names of deal and customer, and the last change.
    assert_eq!(locked.len(), 3);
    let links = part(&lab, "out.xlsx", "xl/worksheets/_rels/sheet1.xml.rels");
    assert!(links.contains(&format!("https://partner.microsoft.com/dashboard/v2/referrals?id={}", id(1))), "{links}");
}
