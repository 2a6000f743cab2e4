//! A file to rows of cells, on one thread: the program itself takes batches apart on all cores.

use divan::Bencher;

use crate::rows::{per_row, sheet};

#[divan::bench(args = ["csv", "xlsx"], sample_count = 20)]
fn rows_of_cells(bencher: Bencher<'_, '_>, ending: &str) {
    let folder = tempfile::tempdir().unwrap();
    let sheet = sheet(&folder.path().join("sheet").with_extension(ending));
    bencher
        .counter(per_row())
        .bench_local(|| sheet.rows().unwrap().map(|row| row.unwrap().unwrap().cells.len()).sum::<usize>());
}
