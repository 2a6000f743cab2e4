//! Sheets as programs really write them. `sheets/make.py` made the workbooks.

use std::path::{Path, PathBuf};

use jiff::civil::datetime;
use refsheet::domain::cell::Cell;
use refsheet::sheet::csv_file::CsvFile;
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

#[test]
fn dump() {
    for name in [
        "kinds.xlsx",
        "kinds.libreoffice.xlsx",
        "kinds.ods",
        "kinds.xls",
        "formulas.xlsx",
        "formulas.libreoffice.xlsx",
        "formulas.ods",
        "formulas.xls",
        "since_1904.xlsx",
        "since_1904.xls",
        "far.xlsx",
        "far.ods",
        "worksheets.xlsx",
        "worksheets.ods",
        "rich.xlsx",
        "headings_only.xlsx",
        "nothing.xlsx",
    ] {
        println!("== {name}");
        match open(&fixture(name)) {
            Ok(sheet) => {
                println!(
                    "{} {:?} {} {:?} {:?}",
                    sheet.format,
                    sheet.worksheet,
                    sheet.heading_row,
                    sheet.headings.iter().map(|h| format!("{}={}", h.column, h.text)).collect::<Vec<_>>(),
                    sheet.notices
                );
                for row in rows(&sheet) {
                    println!(
                        "{}",
                        if row.len() > 300 {
                            format!("{}…{}", &row.chars().take(20).collect::<String>(), row.len())
                        } else {
                            row
                        }
                    );
                }
            }
            Err(error) => println!("{error} {:?}", std::error::Error::source(&error).map(ToString::to_string)),
        }
    }
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
fn demo_report() {
    demo(Path::new("/tmp/claude_demo_report.xlsx"));
}
