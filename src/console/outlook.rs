//! What is about to happen, on one screen, above the question whether it shall.

use std::fmt::Write;

use super::words::{amount, counted, number};
use crate::domain::forecast::Forecast;
use crate::domain::outcome::{Outcome, Tally};

/// The rows that the engine would work on, and those of `tally` that were settled before.
pub fn outlook(forecast: &Forecast, tally: Tally) -> String {
    let mut text = String::new();
    let referrals = |count: u64| counted(count, "referral");
    let mut line = |count: u64, words: String| {
        if count > 0 {
            let _ = writeln!(text, "{:>8}  {words}", number(count));
        }
    };
    let verb = |count: u64| if count == 1 { "row changes a referral" } else { "rows change referrals" };
    let closed = match forecast.closed {
        0 => String::new(),
        closed => format!(", {} closed by it", referrals(closed)),
    };
    line(forecast.changed, format!("{}{closed}", verb(forecast.changed)));
    line(forecast.created, (if forecast.created == 1 { "row creates one" } else { "rows create one each" }).to_owned());
    for outcome in Outcome::ALL {
        let count = forecast.tally[outcome] + tally[outcome];
        if !matches!(outcome, Outcome::Planned | Outcome::NotReached | Outcome::InDoubt) {
            line(count, outcome.word().to_owned());
        }
    }
    for (currency, sum) in &forecast.values {
        let sign = if sum.net.is_sign_negative() { "-" } else { "+" };
        let _ = writeln!(text, "deal value {sign}{} {currency}", amount(&sum.net.abs()));
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::domain::forecast::Sum;

    #[test]
    fn one_screen_says_what_will_happen() {
        let mut tally = Tally::default();
        tally += Outcome::Invalid;
        let mut forecast = Forecast { changed: 312, closed: 41, created: 1, ..Forecast::default() };
        forecast.tally += Outcome::Unchanged;
        let sum = |net: i64| Sum { net: Decimal::from(net), gross: Decimal::from(net.abs()) };
        forecast.values = [("EUR".to_owned(), sum(-5_000)), ("USD".to_owned(), sum(1_200_000))].into();
        insta::assert_snapshot!(outlook(&forecast, tally), @r"
             312  rows change referrals, 41 referrals closed by it
               1  row creates one
               1  unchanged
               1  invalid
        deal value -5,000 EUR
        deal value +1,200,000 USD
        ");
    }
}
