//! Plural forms, large numbers and durations, so that all messages agree with each other.

use std::time::Duration;

use rust_decimal::Decimal;

/// `1 row`, `2 rows`, `1,250 rows`.
pub fn counted(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", number(count))
}

/// A whole number with its thousands apart.
pub fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut apart = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// An amount with its thousands apart and all its digits; where there are decimals, at least two.
pub fn amount(amount: &Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() == 1 {
        amount.rescale(2);
    }
    let digits = amount.to_string();
    let (whole, part) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    whole.parse().map_or_else(|_| digits.clone(), |whole| format!("{}{part}", number(whole)))
}

/// `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(counted(1, "row"), "1 row");
        assert_eq!(counted(0, "row"), "0 rows");
        assert_eq!(counted(1_234_567, "row"), "1,234,567 rows");
    }

    #[test]
    fn amounts_keep_their_digits() {
        let words = |text: &str| amount(&text.parse().unwrap());
        assert_eq!([words("5"), words("1234567.10"), words("0.125")], ["5", "1,234,567.10", "0.125"]);
    }

    #[test]
    fn durations_are_as_exact_as_they_are_short() {
        let words = |millis| duration(Duration::from_millis(millis));
        assert_eq!(
            [words(420), words(12_900), words(200_000), words(7_500_000)],
            ["0.4 s", "12 s", "3 min 20 s", "2 h 5 min"]
        );
    }
}
