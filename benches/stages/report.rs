//! Ends of rows to a report.

use divan::Bencher;
use refsheet::domain::change::Base;
use refsheet::report::{Facts, Line, Report};

use crate::rows::{HEADINGS, events, per_row, rows};

#[divan::bench(args = ["xlsx", "csv", "jsonl"], sample_count = 10)]
fn lines(bencher: Bencher<'_, '_>, ending: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report").with_extension(ending);
    let headings: Vec<(u32, String)> = (0..).zip(HEADINGS.map(str::to_owned)).collect();
    let (rows, events) = (rows().0, events());
    bencher.counter(per_row()).bench_local(|| {
        let mut report = Report::create(&path, &headings, None, None).unwrap();
        for (row, (_, settled)) in rows.iter().zip(&events) {
            let id = row.cells[0].to_string();
            report.push(&Line { row, base: &Base::Absent, id: &id, note: None, settled }).unwrap();
        }
        report.finish(&Facts::default()).unwrap()
    });
}
