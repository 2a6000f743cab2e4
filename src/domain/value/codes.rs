//! Codes that somebody keeps a list of: currencies, countries, addresses, GUIDs. Each is read in any case; a name or a
//! sign instead of a code is refused with the code that is meant.

use super::Complaint;
use super::plain::shown;
use crate::domain::field::words::{folded, nearest};
use crate::domain::referral::ReferralId;

/// Signs and short names that stand for one currency only.
const SIGNS: [(&str, &str); 30] = [
    ("€", "EUR"),
    ("£", "GBP"),
    ("US$", "USD"),
    ("$US", "USD"),
    ("U.S.$", "USD"),
    ("C$", "CAD"),
    ("CA$", "CAD"),
    ("A$", "AUD"),
    ("AU$", "AUD"),
    ("NZ$", "NZD"),
    ("HK$", "HKD"),
    ("S$", "SGD"),
    ("NT$", "TWD"),
    ("R$", "BRL"),
    ("Fr.", "CHF"),
    ("SFr.", "CHF"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Ft", "HUF"),
    ("₹", "INR"),
    ("₩", "KRW"),
    ("₺", "TRY"),
    ("₽", "RUB"),
    ("₪", "ILS"),
    ("฿", "THB"),
    ("₫", "VND"),
    ("US Dollar", "USD"),
    ("British Pound", "GBP"),
    ("Yen", "JPY"),
    ("RMB", "CNY"),
];
/// The currencies that people are likely to mean, by which slips of the pen are told.
const COMMON: [&str; 34] = [
    "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "CNY", "INR", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON",
    "BGN", "TRY", "ILS", "ZAR", "AED", "SAR", "SGD", "HKD", "NZD", "TWD", "KRW", "THB", "MYR", "IDR", "PHP", "BRL",
    "MXN", "VND",
];

/// Reads an e-mail address.
pub fn email(text: &str) -> Result<String, Complaint> {
    let options = email_address::Options::default().with_required_tld().without_domain_literal().without_display_text();
    match email_address::EmailAddress::parse_with_options(text, options) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => {
            let found = format!("`{}` is not an e-mail address", shown(text));
            Err(Complaint::new(found, "write one such as ann@contoso.com"))
        }
    }
}

/// Reads an ISO 4217 code.
pub fn currency(text: &str) -> Result<&'static str, Complaint> {
    let code = iso_currency::Currency::from_code(&text.to_ascii_uppercase());
    code.map(|currency| currency.code()).ok_or_else(|| {
        let accepted = match (meant_currency(text), text) {
            (Some(code), _) => format!("write `{code}`, if that is meant"),
            (None, "$") => "several currencies have this sign: write USD, CAD, AUD or another code".to_owned(),
            (None, "¥" | "￥") => "two currencies have this sign: write JPY or CNY".to_owned(),
            (None, "kr" | "kr.") => "several currencies have this sign: write SEK, NOK, DKK or ISK".to_owned(),
            (None, _) => "write the three letters of ISO 4217, such as USD, EUR or JPY".to_owned(),
        };
        Complaint::new(format!("`{}` is not a currency code", shown(text)), accepted)
    })
}

/// Reads an ISO 3166 code of two letters.
pub fn country(text: &str) -> Result<&'static str, Complaint> {
    if let Ok(country) = celes::Country::from_alpha2(text.to_ascii_uppercase()) {
        return Ok(country.alpha2);
    }
    let accepted = match meant_country(text) {
        Some((code, name)) => format!("write `{code}`, if {name} is meant"),
        None => "write the two letters of ISO 3166, such as US or DE".to_owned(),
    };
    Err(Complaint::new(format!("`{}` is not a two-letter country code", shown(text)), accepted))
}

/// Reads a GUID.
pub fn guid(text: &str) -> Result<String, Complaint> {
    text.parse::<ReferralId>().map(|id| id.to_string()).map_err(|_| {
        let found = format!("`{}` is not a GUID", shown(text));
        Complaint::new(found, "write it like 49d90c72-3326-4f61-aacc-2cb57970448c")
    })
}

fn meant_currency(text: &str) -> Option<&'static str> {
    let singular = text.strip_suffix(['s', 'S']).unwrap_or(text);
    let is_sign = |sign: &str| sign.eq_ignore_ascii_case(text) || sign.eq_ignore_ascii_case(singular);
    if let Some((_, code)) = SIGNS.iter().find(|(sign, _)| is_sign(sign)) {
        return Some(code);
    }
    let name = folded(singular);
    let known = |code: &'static str| iso_currency::Currency::from_code(code);
    // `Euro`, `Swiss Franc`; a `dollar` alone may be many.
    let is_named = |currency: &iso_currency::Currency| folded(currency.name()) == name;
    let named = COMMON.into_iter().filter_map(known).find(is_named).map(|currency| currency.code());
    let swapped = || COMMON.into_iter().find(|code| sorted(code) == sorted(&text.to_ascii_uppercase()));
    named.or_else(|| nearest(text, COMMON)).or_else(swapped)
}

fn sorted(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters
}

fn meant_country(text: &str) -> Option<(&'static str, &'static str)> {
    let upper = text.to_ascii_uppercase();
    // Codes that the European Union or habit uses.
    let other = match upper.as_str() {
        "UK" => Some("GB"),
        "EL" => Some("GR"),
        _ => None,
    };
    let by_code = other.and_then(|code| celes::Country::from_alpha2(code).ok());
    let by_name = || celes::Country::from_alpha3(&upper).or_else(|_| celes::Country::from_name(text)).ok();
    let by_alias = || celes::Country::from_alias(folded(text)).ok();
    let near = || {
        let name = nearest(text, celes::Country::get_countries().map(|country| country.long_name))?;
        celes::Country::get_countries().into_iter().find(|country| country.long_name == name)
    };
    by_code.or_else(by_name).or_else(by_alias).or_else(near).map(|country| (country.alpha2, country.long_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_any_case() {
        assert_eq!(currency("eur"), Ok("EUR"));
        assert_eq!(country("de"), Ok("DE"));
        assert_eq!(
            guid("{49D90C72–3326–4f61‑aacc-2cb57970448c}").as_deref(),
            Ok("49d90c72-3326-4f61-aacc-2cb57970448c")
        );
    }

    fn accepted<T: std::fmt::Debug>(read: Result<T, Complaint>) -> String {
        read.unwrap_err().accepted
    }

    #[test]
    fn the_code_that_is_meant_is_said() {
        for (text, code) in [
            ("US$", "USD"),
            ("€", "EUR"),
            ("Euro", "EUR"),
            ("EURO", "EUR"),
            ("euros", "EUR"),
            ("US Dollar", "USD"),
            ("UDS", "USD"),
            ("Swiss Franc", "CHF"),
        ] {
            assert_eq!(accepted(currency(text)), format!("write `{code}`, if that is meant"), "{text}");
        }
        assert!(accepted(currency("$")).contains("USD, CAD, AUD"));
        assert!(accepted(currency("dollar")).contains("ISO 4217"), "{}", accepted(currency("dollar")));
        assert!(accepted(currency("XYZ")).contains("ISO 4217"));
        for (text, code) in [("Germany", "DE"), ("DEU", "DE"), ("USA", "US"), ("UK", "GB"), ("Germny", "DE")] {
            let accepted = accepted(country(text));
            assert!(accepted.starts_with(&format!("write `{code}`, if ")), "{text}: {accepted}");
        }
        assert!(accepted(country("Atlantis")).contains("ISO 3166"), "{}", accepted(country("Atlantis")));
    }
}
