//! The `refsheet` command: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    refsheet::app::main()
}
