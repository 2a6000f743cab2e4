//! The `refsheet` command.

fn main() {}
