//! How long the service asks to wait (contract, section 9).

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// What `Retry-After` says, counted from the answer: seconds, or a date compared with the answer's own `Date`, so
/// that a wrong clock on this side does not matter. Not capped here. Anything else, a date in the past too, is as if
/// the header were not there.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = text(headers, &RETRY_AFTER)?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let answered = text_date(headers, &DATE).unwrap_or(now);
    text_date(headers, &RETRY_AFTER)?.duration_since(answered).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn text_date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(text(headers, name)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "Sun, 06 Nov 1994 12:00:00 GMT";

    fn check(retry_after_header: &str, date: Option<&str>, seconds: Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after_header.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 11:00:00 GMT").unwrap();
        let expected = seconds.map(Duration::from_secs);
        assert_eq!(retry_after(&headers, now), expected, "{retry_after_header} after {date:?}");
    }

    #[test]
    fn seconds_and_dates_are_understood_and_nothing_else() {
        check("7", None, Some(7));
        check(" 0 ", None, Some(0));
        check("86400", None, Some(86_400));
        check("Sun, 06 Nov 1994 12:00:30 GMT", Some(NOON), Some(30));
        check("Sunday, 06-Nov-94 12:00:30 GMT", Some(NOON), Some(30));
        check("Sun, 06 Nov 1994 12:00:30 GMT", None, Some(3630));
        check("Sun, 06 Nov 1994 12:00:30 GMT", Some("yesterday"), Some(3630));
        for nothing in ["-1", "1.5", "soon", "", "Sun, 06 Nov 1994 11:59:59 GMT"] {
            check(nothing, Some(NOON), None);
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::UNIX_EPOCH), None);
    }
}
