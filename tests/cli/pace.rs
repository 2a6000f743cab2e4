//! The pace, as the service counts it.

use std::time::Duration;

use crate::lab::{Lab, referral, rows};
use crate::wire::Answer;

const ROWS: u32 = 60;

/// Counted where requests arrive: no second that begins with one of them holds more than the rate allows.
#[test]
fn no_second_holds_more_requests_than_the_rate_allows() {
    let lab = Lab::new().sheet("s.csv", rows("Notes", (1..=ROWS).map(|number| (number, "new"))));
    let lab = lab.answering(|heard| match heard.method.as_str() {
        "PATCH" => Some(Answer::new(204, "")),
        _ => Some(Answer::new(200, referral(1).to_string())),
    });
    let ran = lab.apply("s.csv").args("--check none --rate 50/s --concurrency 16").run().exits(0);
    assert_eq!(ran.count("applied"), 60);
    let mut arrivals: Vec<_> = lab.heard().iter().map(|heard| heard.at).collect();
    arrivals.sort();
    assert_eq!(arrivals.len(), 60);
    for (at, begin) in arrivals.iter().enumerate() {
        let within =
            arrivals[at..].iter().take_while(|arrival| arrival.duration_since(*begin) < Duration::from_secs(1));
        assert!(within.count() <= 50, "from request {at} on");
    }
}
