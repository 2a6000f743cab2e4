//! Sheets as programs really write them. `sheets/make.py` made the workbooks.
#![expect(clippy::unwrap_used, reason = "a test may")]

use std::path::{Path, PathBuf};

use jiff::civil::datetime;
use refsheet::domain::cell::{Address, Cell};
use refsheet::sheet::workbook::{Column, Count, Page, Tone, Workbook};
use refsheet::sheet::{self, Options, Out, Sheet, SheetError, Source, Worksheet};

const KNOWN: [&str; 5] = ["id", "name", "deal value", "close date", "sum"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sheets").join(name)
}

fn open(path: &Path) -> Result<Sheet, SheetError> {
    let is_heading = |text: &str| KNOWN.contains(&text.to_lowercase().as_str());
    sheet::open(&Source::File(path.to_owned()), &Options::default(), &is_heading)
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Blank => "·".to_owned(),
        Cell::Text(text) => format!("{text:?}"),
        Cell::Number(number) => format!("{number}"),
        Cell::DateTime(at) => format!("{at}"),
        Cell::Boolean(value) => format!("{value}"),
        Cell::Error(name) => format!("error {name}"),
        Cell::Unevaluated => "unevaluated".to_owned(),
    }
}

/// The rows of a sheet, one per line: number, then cells by type.
fn rows(sheet: &Sheet) -> Vec<String> {
    let rows = sheet.rows().unwrap();
    let line = |number: u32, cells: &[Cell]| {
        let cells: Vec<String> = cells.iter().map(cell).collect();
        format!("{number}: {}", cells.join(" "))
    };
    rows.map(|row| match row {
        Ok(Ok(row)) => line(row.number, &row.cells),
        Ok(Err(fault)) => format!("{}: fault: {}", fault.row.number, fault.message),
        Err(error) => format!("error: {error}"),
    })
    .collect()
}

/// What a sheet says before its rows.
fn head(sheet: &Sheet) -> String {
    let headings: Vec<String> =
        sheet.headings.iter().map(|heading| format!("{}={}", heading.column, heading.text)).collect();
    let worksheet = sheet.worksheet.as_deref().unwrap_or("-");
    format!("{} {worksheet} row {}: {}", sheet.format, sheet.heading_row, headings.join(" "))
}

fn check(name: &str, expected_head: &str, expected_rows: &[&str]) {
    let sheet = open(&fixture(name)).unwrap();
    assert_eq!(head(&sheet), expected_head, "{name}");
    assert_eq!(rows(&sheet), expected_rows, "{name}");
    assert_eq!(rows(&sheet), expected_rows, "{name}, the second time");
}

/// A CSV file in bytes, its head and rows, or the error, with notices in front.
fn csv(bytes: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.xlsx");
    std::fs::write(&path, bytes).unwrap();
    match open(&path) {
        Ok(sheet) => sheet.notices.iter().cloned().chain([head(&sheet)]).chain(rows(&sheet)).collect(),
        Err(error) => vec![error.to_string()],
    }
}

fn in_utf16(text: &str, is_big_endian: bool) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(|unit| if is_big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn every_format_gives_the_same_cells() {
    let head =
        "Referrals row 1: 0=Id 1=Name 2=Deal value 3=Close date 4=Active 5=Postal code 6=Note 7=When 8=Effort 9=Check";
    let rows = [
        r#"2: "007" "Zürich & Söhne <AG>" 12500.5 2026-03-04T00:00:00 true "98052" "one\ntwo" "14:30:00" "36:00:00" "end""#,
        r#"3: 8 "  spaces  " 1000000000000000 2026-03-04T14:00:00 false 98052 "2026-03-04" · · error #N/A"#,
        r#"5: "€ 1" · -0.1 2026-12-31T23:59:59 · · "over two" · · 0"#,
        r#"7: "last""#,
    ];
    for (name, format) in
        [("kinds.xlsx", "xlsx"), ("kinds.libreoffice.xlsx", "xlsx"), ("kinds.ods", "ods"), ("kinds.xls", "xls")]
    {
        check(name, &format!("{format} {head}"), &rows);
    }
}

#[test]
fn csv_gives_what_those_cells_show() {
    let head =
        "CSV - row 1: 0=Id 1=Name 2=Deal value 3=Close date 4=Active 5=Postal code 6=Note 7=When 8=Effort 9=Check";
    let rows = [
        r#"2: "007" "Zürich & Söhne <AG>" "12500.5" "4. Mar 26" "TRUE" "98052" "one\ntwo" "14:30:00" "36:00:00" "end""#,
        r#"3: "8" "  spaces  " "1000000000000000" "2026-03-04 14:00:00" "FALSE" "98052" "2026-03-04" · · error #N/A"#,
        r#"5: "€ 1" · "-0.1" "2026-12-31 23:59:59" · · "over two" · · "0""#,
        r#"7: "last""#,
    ];
    check("kinds.csv", head, &rows);
    check("kinds.western.csv", head, &rows);
    assert_eq!(
        open(&fixture("kinds.western.csv")).unwrap().notices,
        ["the file is not UTF-8; it is read as windows-1252"]
    );
}

#[test]
fn an_error_that_the_library_does_not_know_is_that_rows_fault() {
    let rows = [
        r#"2: "1" "a""#,
        "3: fault: a cell of this row or of the one next to it holds the error #SPILL!",
        "4: fault: a cell of this row or of the one next to it holds the error #SPILL!",
        r#"5: "4" "c""#,
    ];
    check("new_errors.xlsx", "xlsx Sheet row 1: 0=Id 1=Name", &rows);
}

#[test]
fn the_binary_format_gives_them_too() {
    let head = "xlsb Referrals row 1: 0=Id 1=Name 2=Deal value 3=Close date 4=Active 5=Sum 6=Check";
    let row = r#"2: "007" "Zürich" 12500.5 2026-03-04T00:00:00 true 1 error #ERROR!"#;
    check("by_hand.xlsb", head, &[row]);
}

#[test]
fn a_formula_has_the_result_that_was_stored_or_none() {
    let head = "Sheet row 1: 0=Id 1=Sum 2=Text 3=Empty text 4=Error 5=Date 6=Flag 7=Zero";
    let computed = r#"2: "1" 3 "ab" · error #N/A 2026-03-04T00:00:00 true 0"#;
    let not_computed = r#"2: "1" unevaluated unevaluated unevaluated unevaluated unevaluated unevaluated unevaluated"#;
    check("formulas.xlsx", &format!("xlsx {head}"), &[not_computed]);
    check("formulas.libreoffice.xlsx", &format!("xlsx {head}"), &[computed]);
    check("formulas.xls", &format!("xls {head}"), &[computed]);
    // In .ods, LibreOffice stores a formula's boolean as the number it is underneath.
    check("formulas.ods", &format!("ods {head}"), &[&computed.replace("true", "1")]);
}

#[test]
fn dates_of_workbooks_that_count_from_1904() {
    let rows = [r#"2: "1" 2026-03-04T14:00:00"#, r#"3: "2" 1904-01-02T00:00:00"#];
    check("since_1904.xlsx", "xlsx Sheet row 1: 0=Id 1=Close date", &rows);
    check("since_1904.xls", "xls Sheet row 1: 0=Id 1=Close date", &rows);
}

#[test]
fn two_cells_as_far_apart_as_can_be_are_two_cells() {
    let sheet = open(&fixture("far.xlsx")).unwrap();
    let row = sheet.rows().unwrap().next().unwrap().unwrap().unwrap();
    assert_eq!((row.number, row.cells.len()), (1_048_576, 16_384));
    assert_eq!(*row.cell(16_383), Cell::Text("far".into()));
    let error = open(&fixture("far.ods")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`far.ods` is too large to read: there are too many cells between its first and its last"
    );
}

#[test]
fn the_worksheet_with_known_headings_is_taken() {
    let row = r#"7: "1" "under no heading" "Anna" "red""#;
    check("worksheets.xlsx", "xlsx Data 2026 row 5: 0=Id 2=Name 3=Colour", &[row]);
    check("worksheets.ods", "ods Data 2026 row 5: 0=Id 2=Name 3=Colour", &[row]);
    assert_eq!(
        open(&fixture("worksheets.xlsx")).unwrap().notices,
        [
            "worksheet `Data 2026` is read, the first with known headings; not read: `Notes`",
            "hidden worksheets are not read: `Base`",
            "the headings are in row 5; the rows above it are not read",
        ]
    );
}

#[test]
fn the_worksheet_that_is_asked_for_is_taken() {
    let asked = |worksheet: &str| {
        let options = Options { worksheet: Some(worksheet.parse().unwrap()), ..Options::default() };
        let sheet = sheet::open(&Source::File(fixture("worksheets.xlsx")), &options, &|_| false);
        sheet.map_or_else(|error| error.to_string(), |sheet| head(&sheet))
    };
    assert_eq!(asked("1"), "xlsx Notes row 1: 0=Please fill in the other worksheet");
    assert_eq!(asked("base"), "xlsx Base row 1: 0=Id 1=Name");
    assert_eq!(asked("3"), "xlsx Data 2026 row 2: 0=Referrals of May");
    assert_eq!(asked("9"), "`worksheets.xlsx` has no worksheet number 9; it has `Notes`, `Base`, `Data 2026`");
    assert_eq!(asked("Daten"), "`worksheets.xlsx` has no worksheet `Daten`; it has `Notes`, `Base`, `Data 2026`");
    assert_eq!("2".parse(), Ok(Worksheet::Number(2)));
}

#[test]
fn hidden_rows_are_said_and_left_out_on_request() {
    let head = "row 2: 0=Id 1=Name 2=Deal value";
    let all = [
        r#"3: "1" "odd" 100"#,
        r#"4: "2" "even""#,
        r#"5: · "odd" 300"#,
        r#"6: "4" "even" 400"#,
        r#"7: "5" "odd""#,
        r#"8: "6" "even" 600"#,
    ];
    for format in ["xlsx", "ods", "xls"] {
        let name = format!("hidden.{format}");
        check(&name, &format!("{format} Sheet {head}"), &all);
        let of = |visible_only| {
            let options = Options { visible_only, ..Options::default() };
            sheet::open(&Source::File(fixture(&name)), &options, &|text| KNOWN.contains(&text.to_lowercase().as_str()))
                .unwrap()
        };
        let said = "3 of 6 rows are hidden by a filter; they are";
        let merged = "A4:A5, B7:C7 and C3:C4 are merged cells: only the first of each has a value, the cells under them are \
                      read as blank";
        let above = "the headings are in row 2; 1 row above it is not read";
        assert_eq!(
            of(false).notices,
            [above, &format!("{said} processed as well; --visible-only leaves them out"), merged]
        );
        let visible = of(true);
        assert_eq!(visible.notices, [above, &format!("{said} left out"), merged]);
        assert_eq!(rows(&visible), [all[1], all[3], all[5]]);
        assert_eq!(rows(&visible), [all[1], all[3], all[5]], "the second time");
        let over = |column, row| visible.merged_over(Address { column, row }).map(|area| area.to_string());
        assert_eq!((over(0, 4), over(0, 5), over(0, 6)), (None, Some("A4:A5".to_owned()), None));
    }
}

#[test]
fn text_in_pieces_is_one_text() {
    check("rich.xlsx", "xlsx Sheet row 1: 0=Id 1=Name", &[r#"2: "1" "plain bold plain""#]);
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let told = |name: &str| open(&fixture(name)).map(|sheet| head(&sheet)).map_err(|error| error.to_string());
    assert_eq!(told("headings_only.xlsx"), Ok("xlsx Sheet row 1: 0=Id 1=Name".to_owned()));
    assert_eq!(told("nothing.xlsx"), Err("`nothing.xlsx` has no visible worksheet with anything in it".to_owned()));
    assert_eq!(told("password.xlsx"), Err("`password.xlsx` is protected by a password".to_owned()));
    assert_eq!(told("password.ods"), Err("`password.ods` is protected by a password".to_owned()));
    assert_eq!(told("none.xlsx"), Err("cannot read `none.xlsx`".to_owned()));
    assert_eq!(csv(b""), ["`x.xlsx` is empty"]);
    assert_eq!(csv(b" \r\n,,\n"), ["`x.xlsx` is empty"]);
    assert_eq!(csv(b"%PDF-1.7"), ["`x.xlsx` is not a spreadsheet but a PDF document"]);
    assert_eq!(
        csv(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        ["`x.xlsx` is not a spreadsheet but a zip archive without a workbook"]
    );
    assert_eq!(csv(b"PK\x03\x04 and no more"), ["`x.xlsx` is damaged"]);
    assert_eq!(csv(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and no more"), ["`x.xlsx` is damaged"]);
}

#[test]
fn a_flipped_bit_never_changes_a_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kinds.xlsx");
    let bytes = std::fs::read(fixture("kinds.xlsx")).unwrap();
    let good = rows(&open(&fixture("kinds.xlsx")).unwrap());
    for at in (0..bytes.len()).step_by(3) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        std::fs::write(&path, &damaged).unwrap();
        if let Ok(sheet) = open(&path) {
            assert!(sheet.worksheet.is_none() || rows(&sheet) == good, "byte {at}");
        }
    }
}

#[test]
fn encodings() {
    let expected = ["CSV - row 1: 0=Id 1=Name", r#"2: "1" "Zürich €""#];
    let text = "Id;Name\r\n1;Zürich €\r\n";
    assert_eq!(csv(text.as_bytes()), expected);
    assert_eq!(csv(format!("\u{FEFF}{text}").as_bytes()), expected);
    assert_eq!(csv(&in_utf16(text, false)), expected);
    assert_eq!(csv(&in_utf16(text, true)), expected);
    assert_eq!(csv(&in_utf16(text, false)[2..]), expected, "without a mark");
    assert_eq!(csv(&in_utf16(text, true)[2..]), expected, "without a mark");
    let told = csv(b"Id;Name\r\n1;Z\xFCrich \x80\r\n");
    assert_eq!(told[0], "the file is not UTF-8; it is read as windows-1252");
    assert_eq!(told[1..], expected);
    let mixed = "Id;Name\n1;Zürich\n2;Gen".bytes().chain(*b"\xE8ve\n").collect::<Vec<u8>>();
    assert_eq!(csv(&mixed), ["line 3 of `x.xlsx` is not UTF-8, though text before it is"]);
}

#[test]
fn csv_rows_have_the_numbers_that_excel_shows() {
    let told = ["CSV - row 1: 0=Id 1=Name", r#"2: "1" "a""#, r#"5: "2" "b\nc""#, r#"6: "3""#];
    assert_eq!(csv(b"sep=|\nId|Name\n1|a\n\n|\n2|\"b\nc\"\n3\n"), told);
    assert_eq!(csv(b"sep=|\rId|Name\r1|a\r\r|\r2|\"b\nc\"\r3"), told);
    assert_eq!(csv(b"sep=|\r\nId|Name\r\n1|a\r\n\r\n|\r\n2|\"b\nc\"\r\n3"), told);
}

#[test]
fn a_row_with_too_many_cells_is_that_rows_fault() {
    assert_eq!(
        csv(b"Id,Name,\n1,a,b,,\n2,a,b,c\n3\n"),
        [
            "CSV - row 1: 0=Id 1=Name",
            r#"2: "1" "a" "b""#,
            "3: fault: the row has 4 cells but the headings are 3; the surplus begins at D3",
            r#"4: "3""#,
        ]
    );
}

#[test]
fn quotes_that_do_not_fit_are_told() {
    assert_eq!(
        csv(b"Id,Name\n1,\"a\n2,\"b\"\n3,c\n"),
        [
            "CSV - row 1: 0=Id 1=Name",
            "2: fault: the quoted cell B2 goes on after its closing quote; a quote inside a quoted cell is written twice",
            r#"3: "3" "c""#,
        ]
    );
    assert_eq!(
        csv(b"Id,Name\n1,a\n2,\"b\n3,c\n"),
        ["CSV - row 1: 0=Id 1=Name", r#"2: "1" "a""#, "error: the quote that opens in B3 of `x.xlsx` is never closed"]
    );
}

#[test]
fn a_text_that_excel_shall_not_take_for_a_number_is_that_text() {
    let told = ["CSV - row 1: 0=Id 1=Name", r#"2: "007" "=\"a\"&\"b\"""#, r#"3: "8" "say \"hi\"""#];
    assert_eq!(csv(b"Id,Name\n=\"007\",\"=\"\"a\"\"&\"\"b\"\"\"\n\"=\"\"8\"\"\",\"say \"\"hi\"\"\"\n"), told);
    assert_eq!(csv(b"Id,Name\n1,=\"\"\n"), ["CSV - row 1: 0=Id 1=Name", r#"2: "1""#]);
}

#[test]
fn errors_in_csv_are_errors() {
    assert_eq!(csv(b"Id,Name\n#N/A,#1\n"), ["CSV - row 1: 0=Id 1=Name", r##"2: error #N/A "#1""##]);
}

#[test]
fn a_file_that_changes_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    std::fs::write(&path, "Id\n1\n").unwrap();
    let sheet = open(&path).unwrap();
    assert_eq!(sheet.sha256, "1b99a4abe67d1cc5e2342b6326f3ffe90f6b961a0ccb7f77e63345e16e9c1600");
    std::fs::write(&path, "Id\n1\n2\n").unwrap();
    assert_eq!(sheet.rows().err().unwrap().to_string(), "`x.csv` changed while it was being read");
}

#[test]
fn rows_that_nobody_waits_for_hold_nothing_up() {
    let sheet = open(&fixture("kinds.xlsx")).unwrap();
    for _ in 0..50 {
        let mut rows = sheet.rows().unwrap();
        assert_eq!(rows.next().unwrap().unwrap().unwrap().number, 2);
    }
    assert_eq!(rows(&sheet).len(), 4);
}

/// A report as the program makes them.
fn demo(path: &Path) {
    let mut book = Workbook::create(path).unwrap();
    let count = |label: &str, number, tone| Count { label: label.to_owned(), number, tone };
    let counts = vec![
        count("applied", 1204, Tone::Good),
        count("unchanged", 311, Tone::Quiet),
        count("invalid", 42, Tone::Warning),
        count("refused", 17, Tone::Bad),
        count("conflict", 5, Tone::Warning),
        count("in doubt", 2, Tone::Doubt),
    ];
    let facts = [
        ("Run", Out::Text("2026-05-31-7f3a")),
        ("Sheet", Out::Text("referrals may.xlsx")),
        ("SHA-256", Out::Text("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
        ("Started", Out::DateTime(datetime(2026, 5, 31, 21, 4, 5, 0))),
        ("Requests", Out::Number(1893.0)),
        ("Portal", Out::Link { url: "https://partner.microsoft.com/", text: "Partner Center" }),
    ];
    let page = Page::new()
        .title("Referrals updated", "1,581 rows of referrals may.xlsx, finished on 31 May 2026")
        .counts("Rows by outcome", counts, "rows in the sheet")
        .facts("The run", facts)
        .remarks("What to do next", ["Correct the worksheet `To fix` and give this file back to `refsheet apply`."]);
    book.page("Summary", page);
    let columns = vec![
        Column::number("Row").width(7.0),
        Column::link("Id").width(38.0),
        Column::text("Name").width(26.0),
        Column::text("Outcome").width(12.0).toned().note("How the row ended"),
        Column::text("Changes").width(40.0),
        Column::text("Problems").width(44.0),
        Column::number("HTTP").width(7.0),
        Column::date_time("Sent at"),
    ];
    let results = book.table("Results", columns).unwrap();
    let fix = book
        .table(
            "To fix",
            vec![
                Column::text("Problems").width(44.0).toned(),
                Column::any("Id").width(38.0),
                Column::any("Deal value"),
                Column::any("Close date"),
                Column::any("Active"),
            ],
        )
        .unwrap();
    let outcomes = [
        ("applied", Tone::Good),
        ("unchanged", Tone::Quiet),
        ("applied", Tone::Good),
        ("invalid", Tone::Warning),
        ("refused", Tone::Bad),
        ("in doubt", Tone::Doubt),
        ("planned", Tone::Planned),
    ];
    for (number, (outcome, tone)) in (2..).zip(outcomes.into_iter().cycle().take(40)) {
        let id = format!("7c1e8b52-0000-4000-8000-{number:012}");
        let url = format!("https://partner.microsoft.com/referrals/{id}");
        let is_invalid = outcome == "invalid";
        let problem = format!("C{number}: `1,234` can be read in two ways; say --decimal point or comma");
        let row = [
            Out::Number(f64::from(number)),
            Out::Link { url: &url, text: &id },
            Out::Text("Fabrikam <Zürich> & Co."),
            Out::Text(outcome),
            if is_invalid { Out::Blank } else { Out::Text("Deal value: 5000 → 10000") },
            if is_invalid { Out::Text(&problem) } else { Out::Blank },
            if is_invalid { Out::Blank } else { Out::Number(200.0) },
            Out::DateTime(datetime(2026, 5, 31, 21, 4, 5, 0)),
        ];
        book.row(results, &row, tone).unwrap();
        if is_invalid {
            let row = [
                Out::Text(&problem),
                Out::Text(&id),
                Out::Cell(&Cell::Text("1,234".into())),
                Out::Cell(&Cell::DateTime(datetime(2026, 6, 30, 0, 0, 0, 0))),
                Out::Cell(&Cell::Boolean(true)),
            ];
            book.row(fix, &row, tone).unwrap();
        }
    }
    book.save().unwrap();
}

#[test]
fn a_report_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    demo(&path);
    let options = Options { worksheet: Some(Worksheet::Name("To fix".to_owned())), ..Options::default() };
    let sheet =
        sheet::open(&Source::File(path), &options, &|text| KNOWN.contains(&text.to_lowercase().as_str())).unwrap();
    assert_eq!(head(&sheet), "xlsx To fix row 1: 0=Problems 1=Id 2=Deal value 3=Close date 4=Active");
    assert_eq!(
        rows(&sheet)[0],
        r#"2: "C5: `1,234` can be read in two ways; say --decimal point or comma" "7c1e8b52-0000-4000-8000-000000000005" "1,234" 2026-06-30T00:00:00 true"#
    );
}
