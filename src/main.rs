//! The `refsheet` command: everything is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Rows are made on one thread and dropped on another, which the allocator of the C library answers with locks.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    refsheet::app::main()
}
