//! What each stage of a row takes: time, and allocations.
//!
//!     cargo bench                      all stages
//!     cargo bench -- patch             one of them
//!
//! Each measurement works on [`rows::ROWS`] rows. The throughput that is printed is rows; allocations and bytes are
//! those of all rows together, so of one row with the point moved three places.

mod rows;

mod convert;
mod ledger;
mod patch;
mod read;
mod report;

use divan::AllocProfiler;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}
