//! Laws instead of examples: no value is rounded, shifted, multiplied or lost, whatever it is written in.
//!
//! The cases are the same each time and few enough for every day. `PROPTEST_CASES=100000` tries more, with
//! `PROPTEST_RNG_SEED=7` others. `make.py` made the files in this folder, in formats that nothing here writes.
#![expect(clippy::unwrap_used, reason = "a test may")]

mod amounts;
mod moments;
mod texts;

mod json;

mod lexer;
mod written;

mod fixtures;
mod returned;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use refsheet::domain::cell::Cell;
use refsheet::domain::field::{FIELDS, Field};
use refsheet::domain::value::{self, Reading};

/// So many cases, always the same ones, unless the environment asks for others.
fn cases(usual: u32) -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = usual;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(2026);
    }
    config
}

fn field(label: &str) -> &'static Field {
    FIELDS.iter().find(|field| field.label == label).unwrap()
}

/// What would be sent for a cell, or nothing if it is refused.
fn sent(field: &Field, cell: &Cell, reading: &Reading) -> Option<String> {
    value::read(field, cell, reading).ok().map(|value| value.json.text().to_owned())
}
