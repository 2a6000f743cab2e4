//! The pace of the program as a whole. That it is exact is proved on a clock of its own, in `tests/engine/pace.rs`.

use std::time::{Duration, Instant};

use crate::lab::{Lab, referral, rows};
use crate::wire::Answer;

/// More than a second's worth of requests cannot leave within a second, however busy the machine is.
#[test]
fn the_rate_of_the_command_line_is_kept() {
    let lab = Lab::new().sheet("s.csv", rows("Notes", (1..=60).map(|number| (number, "new"))));
    let lab = lab.answering(|heard| match heard.method.as_str() {
        "PATCH" => Some(Answer::new(204, "")),
        _ => Some(Answer::new(200, referral(1).to_string())),
    });
    let started = Instant::now();
    let ran = lab.apply("s.csv").args("--check none --rate 50/s --concurrency 16").run().exits(0);
    assert!(started.elapsed() > Duration::from_secs(1));
    assert_eq!(ran.count("applied"), 60);
    assert_eq!(lab.heard().len(), 60);
}
