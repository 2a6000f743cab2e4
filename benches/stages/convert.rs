//! Cells to wishes: what a row asks for, and all that is wrong with it.

use divan::Bencher;

use crate::rows::{per_row, request, rows};

#[divan::bench(sample_count = 20)]
fn requests(bencher: Bencher<'_, '_>) {
    let (rows, columns) = rows();
    bencher
        .counter(per_row())
        .bench_local(|| rows.iter().filter(|row| request(row, &columns).problems.is_empty()).count());
}
