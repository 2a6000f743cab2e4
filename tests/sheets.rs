//! Sheets as programs really write them. `sheets/make.py` made the workbooks.

use std::path::{Path, PathBuf};

use refsheet::domain::cell::Cell;
use refsheet::sheet::{self, Options, Sheet, SheetError, Source, Worksheet};

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
    for name in ["kinds.xlsx","kinds.libreoffice.xlsx","kinds.ods","kinds.xls","formulas.xlsx","formulas.libreoffice.xlsx","formulas.ods","formulas.xls","since_1904.xlsx","since_1904.xls","far.xlsx","far.ods","worksheets.xlsx","worksheets.ods","rich.xlsx","headings_only.xlsx","nothing.xlsx"] {
        println!("== {name}");
        match open(&fixture(name)) {
            Ok(sheet) => {
                println!("{} {:?} {} {:?} {:?}", sheet.format, sheet.worksheet, sheet.heading_row, sheet.headings.iter().map(|h| format!("{}={}",h.column,h.text)).collect::<Vec<_>>(), sheet.notices);
                for row in rows(&sheet) { println!("{}", if row.len() > 300 { format!("{}…{}", &row.chars().take(20).collect::<String>(), row.len()) } else { row }); }
            }
            Err(error) => println!("{error} {:?}", std::error::Error::source(&error).map(ToString::to_string)),
        }
    }
}
