//! Amounts as people write them: `12500`, `12,500.50`, `€ 12.500,50`.
//!
//! Accepted when there is one way to read it. `1,234` and `1.234` have two, a factor of 1000 apart, and are
//! refused until the user says which mark is the decimal one. Digits are never lost, rounded or invented.

use rust_decimal::Decimal;

use super::Complaint;
use super::plain::shown;

/// The mark between whole and part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalMark {
    /// `12,500.50`
    Point,
    /// `12.500,50`
    Comma,
}

/// As many digits as any decimal can keep.
const PLAIN_MAX: usize = 27;
const ACCEPTED: &str = "write digits with at most one decimal mark, such as 12500 or 12500.50";

impl DecimalMark {
    fn letter(self) -> char {
        match self {
            DecimalMark::Point => '.',
            DecimalMark::Comma => ',',
        }
    }
}

/// Reads an amount from text.
pub fn read(text: &str, mark: Option<DecimalMark>) -> Result<Decimal, Complaint> {
    let refused = |why: &str| Complaint::new(format!("`{}` {why}", shown(text)), ACCEPTED);
    let bare = without_currency(text);
    if bare.is_empty() {
        return Err(refused("is not an amount"));
    }
    if bare.starts_with(['-', '\u{2212}', '–']) || (bare.starts_with('(') && bare.ends_with(')')) {
        return Err(refused("is negative"));
    }
    if is_scientific(bare) {
        return Err(refused("is in scientific notation, digits may have been lost"));
    }
    let bare = bare.strip_prefix('+').unwrap_or(bare);
    if !bare.chars().all(|letter| letter.is_ascii_digit() || is_mark(letter)) {
        return Err(refused("is not an amount"));
    }
    let plain = plain_digits(bare, mark).map_err(|why| match why {
        Unreadable::Ambiguous => Complaint::new(
            format!("`{text}` can be read in two ways, a factor of 1000 apart"),
            "say which with `--decimal point` or `--decimal comma`, or write it without separators",
        ),
        Unreadable::Misplaced => refused("has its separators in the wrong places"),
    })?;
    Decimal::from_str_exact(&plain).map_err(|_| refused("has more digits than can be kept"))
}

/// Whether a text is an amount that [`read`] reads as it stands, whatever else it could read: digits, and at most one
/// decimal point with another number of digits behind it than a group has. It is no more than a shorter way.
pub fn is_plain(text: &str, mark: Option<DecimalMark>) -> bool {
    let are_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        _ if text.len() > PLAIN_MAX || text.starts_with('0') => false,
        None => are_digits(text),
        Some(_) if mark == Some(DecimalMark::Comma) => false,
        Some((whole, part)) => are_digits(whole) && are_digits(part) && part.len() != 3,
    }
}

enum Unreadable {
    Ambiguous,
    Misplaced,
}

fn is_mark(letter: char) -> bool {
    matches!(letter, '.' | ',' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let exponent = exponent.trim_start_matches(['+', '-']);
    mantissa.starts_with(|letter: char| letter.is_ascii_digit())
        && !exponent.is_empty()
        && exponent.bytes().all(|byte| byte.is_ascii_digit())
}

/// Currency signs and three-letter codes may stand at either end.
fn without_currency(text: &str) -> &str {
    let is_space = |letter: char| letter.is_whitespace() || matches!(letter, '\u{a0}' | '\u{202f}');
    let is_sign =
        |letter: char| matches!(letter, '$' | '€' | '£' | '¥' | '₹' | '₩' | '₺' | '₽' | '₫' | '₴' | '₪' | '฿');
    let text = text.trim_matches(is_space).trim_matches(is_sign).trim_matches(is_space);
    let is_code = |code: &str| iso_currency::Currency::from_code(&code.to_ascii_uppercase()).is_some();
    let front = text.char_indices().nth(3).map(|(at, _)| text.split_at(at)).filter(|(code, _)| is_code(code));
    let text = front.map_or(text, |(_, rest)| rest);
    let back = text.char_indices().rev().nth(2).map(|(at, _)| text.split_at(at)).filter(|(_, code)| is_code(code));
    back.map_or(text, |(rest, _)| rest).trim_matches(is_space)
}

/// The digits with a point as decimal mark and nothing else.
fn plain_digits(text: &str, mark: Option<DecimalMark>) -> Result<String, Unreadable> {
    let decimal = match mark {
        Some(mark) => Some(mark.letter()).filter(|letter| text.contains(*letter)),
        None => decimal_mark_of(text)?,
    };
    let (whole, part) = match decimal {
        Some(letter) => text.rsplit_once(letter).ok_or(Unreadable::Misplaced)?,
        None => (text, ""),
    };
    // `.50`: nothing else can be meant.
    let is_bare_part = whole.is_empty() && decimal.is_some() && !part.is_empty();
    let whole = if is_bare_part { "0" } else { whole };
    // A mark that groups is not the decimal one as well: `1.234.567` has no part, whatever was said of the column.
    let whole_digits = Some(whole).filter(|whole| decimal.is_none_or(|mark| !whole.contains(mark)));
    let whole_digits = whole_digits.and_then(ungrouped).ok_or(Unreadable::Misplaced)?;
    let is_part = part.bytes().all(|byte| byte.is_ascii_digit()) && (decimal.is_none() || !part.is_empty());
    match (is_part, part.is_empty()) {
        (false, _) => Err(Unreadable::Misplaced),
        (true, true) => Ok(whole_digits),
        (true, false) => Ok(format!("{whole_digits}.{part}")),
    }
}

/// Which of point and comma must be the decimal mark, if either is.
fn decimal_mark_of(text: &str) -> Result<Option<char>, Unreadable> {
    let Some(at) = text.rfind(['.', ',']) else { return Ok(None) };
    let last = if text[at..].starts_with('.') { '.' } else { ',' };
    let other = if last == '.' { ',' } else { '.' };
    let (before, after) = (&text[..at], &text[at + 1..]);
    let is_repeated = before.contains(last);
    let other_groups = before.contains(|letter| letter == other || (is_mark(letter) && letter != last));
    match (is_repeated, other_groups) {
        (true, false) => Ok(None),
        (true, true) => Err(Unreadable::Misplaced),
        (false, true) => Ok(Some(last)),
        (false, false) => {
            let could_group = after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0');
            if could_group { Err(Unreadable::Ambiguous) } else { Ok(Some(last)) }
        }
    }
}

/// Digits without their grouping marks, if these stand in front of every third digit and are all the same. Nobody
/// groups what begins with a zero: the mark of `0,125` is a decimal one.
fn ungrouped(text: &str) -> Option<String> {
    let Some(mark) = text.chars().find(|letter| is_mark(*letter)) else {
        return (!text.is_empty()).then(|| text.to_owned());
    };
    let groups: Vec<&str> = text.split(mark).collect();
    let (first, rest) = groups.split_first()?;
    let are_digits = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    let is_begun = (1..=3).contains(&first.len()) && !first.starts_with('0');
    let are_thousands = is_begun && rest.iter().all(|group| group.len() == 3);
    (are_digits && are_thousands).then(|| groups.concat())
}

/// A workbook's number as the digits that the workbook shows: at most 15 significant ones.
///
/// A workbook keeps doubles; `=0.1+0.2` is stored as 0.30000000000000004 and shown as 0.3, because beyond 15
/// digits there is only the noise of binary arithmetic. This is the one place where digits are left away.
pub fn of_double(number: f64) -> Option<Decimal> {
    if !number.is_finite() {
        return None;
    }
    let shortest = Decimal::from_str_exact(&number.to_string()).ok();
    let shown = Decimal::from_scientific(&format!("{number:.14e}")).ok()?.normalize();
    shortest.filter(|digits| digits.normalize() == shown).map(|digits| digits.normalize()).or(Some(shown))
}

/// The digits of [`of_double`] where these are what the double prints as: of no more than 15 digits none is noise. It is
/// no more than a shorter way.
pub fn plain_digits_of(number: f64) -> Option<String> {
    /// Twelve digits before the point, three of the fifteen behind it.
    const PLAIN: std::ops::Range<f64> = 0.001..1e12;
    let digits = Some(number).filter(|number| PLAIN.contains(number))?.to_string();
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    (count <= 15).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, amount: &str) {
        assert_eq!(read(text, None).map(|amount| amount.to_string()).as_deref(), Ok(amount), "{text}");
    }

    fn check_with(mark: DecimalMark, text: &str, amount: &str) {
        assert_eq!(read(text, Some(mark)).map(|amount| amount.to_string()).as_deref(), Ok(amount), "{text}");
    }

    fn check_refused(text: &str, why: &str) {
        let complaint = read(text, None).unwrap_err();
        assert!(complaint.found.contains(why), "{text}: {}", complaint.found);
    }

    #[test]
    fn what_can_be_read_in_one_way_is_read() {
        check("12500", "12500");
        check("12500.50", "12500.50");
        check("9,99", "9.99");
        check("12,500.50", "12500.50");
        check("12.500,50", "12500.50");
        check("€ 12.500,50", "12500.50");
        check("$12,500.00", "12500.00");
        check("12500 EUR", "12500");
        check("USD 1,234,567", "1234567");
        check("1.234.567", "1234567");
        check("12 500,50", "12500.50");
        check("12\u{a0}500", "12500");
        check("1’234’567.8", "1234567.8");
        check("0.125", "0.125");
        check("0,125", "0.125");
        check("1234.567", "1234.567");
        check("12345678901234567.89", "12345678901234567.89");
        check("+5", "5");
        check(".50", "0.50");
        check("$.125", "0.125");
    }

    #[test]
    fn a_factor_of_a_thousand_is_never_guessed() {
        check_refused("1,234", "two ways");
        check_refused("1.234", "two ways");
        check_refused("€ 12.500", "two ways");
        check_with(DecimalMark::Comma, "1,234", "1.234");
        check_with(DecimalMark::Comma, "1.234", "1234");
        check_with(DecimalMark::Point, "1,234", "1234");
        check_with(DecimalMark::Point, "1.234", "1.234");
    }

    #[test]
    fn what_is_no_amount_is_refused_with_the_reason() {
        check_refused("", "is not an amount");
        check_refused("lots", "is not an amount");
        check_refused("-5", "negative");
        check_refused("(500)", "negative");
        check_refused("−5", "negative");
        check_refused(".", "wrong places");
        check_refused("1.2E+5", "scientific");
        check_refused("1,23,4", "wrong places");
        check_refused("1.234,567.8", "wrong places");
        check_refused("12 50", "wrong places");
        check_refused("5.", "wrong places");
        assert!(read("9,99", Some(DecimalMark::Point)).is_err());
        assert!(read("0,125", Some(DecimalMark::Point)).is_err());
        assert!(read("1.234.567", Some(DecimalMark::Point)).is_err());
        assert!(read("1,234,567", Some(DecimalMark::Comma)).is_err());
    }

    #[test]
    fn a_workbooks_number_has_the_digits_that_it_shows() {
        let digits = |number| of_double(number).unwrap().to_string();
        assert_eq!(digits(12500.5), "12500.5");
        assert_eq!(digits(5000.0), "5000");
        assert_eq!(digits(0.1 + 0.2), "0.3");
        assert_eq!(digits(1_234_567.1), "1234567.1");
        assert_eq!(of_double(f64::NAN), None);
    }
}
