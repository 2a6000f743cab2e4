//! Texts that programs read, without what word processors, web pages and chats put into them; and texts as messages
//! quote them.
//!
//! Only for words, ids, addresses, numbers and dates, which nobody writes with a no-break space, round quotes or
//! characters of no width on purpose. What people write for people is left alone but for the white space around it.

use std::borrow::Cow;

use crate::domain::cell::is_space;

/// A quoted text that is longer than that is shortened in messages; the sheet has the whole.
const SHOWN_MAX: usize = 80;

/// A word, number, date or address as it is meant: without invisible characters, with common spaces, out of its quotes.
pub fn word(text: &str) -> Cow<'_, str> {
    unquoted(visible(text), |letter| is_round_quote(letter) || matches!(letter, '"' | '\'' | '`'))
}

/// An id as it is meant. Straight quotes can be part of it (eTags have them), round ones cannot; nor can the hyphens that
/// only word processors write.
pub fn code(text: &str) -> Cow<'_, str> {
    let text = unquoted(visible(text), is_round_quote);
    if text.contains(['\u{2010}', '\u{2011}']) {
        return Cow::Owned(text.replace(['\u{2010}', '\u{2011}'], "-"));
    }
    text
}

/// The same of a text that may have been made for it.
pub fn inside<'t>(text: Cow<'t, str>, read: impl for<'a> Fn(&'a str) -> Cow<'a, str>) -> Cow<'t, str> {
    match text {
        Cow::Borrowed(text) => read(text),
        Cow::Owned(text) => Cow::Owned(read(&text).into_owned()),
    }
}

/// The text with one kind of hyphen, for what has hyphens and no dashes.
pub fn hyphened(text: &str) -> Cow<'_, str> {
    let is_dash =
        |letter: char| matches!(letter, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}');
    if text.contains(is_dash) { Cow::Owned(text.replace(is_dash, "-")) } else { Cow::Borrowed(text) }
}

/// The text as a message quotes it: on one line, and not too long.
pub fn shown(text: &str) -> Cow<'_, str> {
    let is_short = text.chars().nth(SHOWN_MAX).is_none();
    if is_short && !text.contains(['\n', '\r']) {
        return Cow::Borrowed(text);
    }
    let line = text.replace("\r\n", "\n").replace(['\n', '\r'], " ↵ ");
    if line.chars().nth(SHOWN_MAX).is_none() {
        return Cow::Owned(line);
    }
    let start: String = line.chars().take(SHOWN_MAX).collect();
    Cow::Owned(format!("{}…", start.trim_end()))
}

/// Without characters that show nothing, but with the spaces between words.
fn visible(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_matches(is_space);
    // Most texts have nothing but common letters, of which none shows nothing.
    let is_common = || trimmed.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if is_common() || !trimmed.contains(|letter: char| letter != ' ' && is_space(letter)) {
        return Cow::Borrowed(trimmed);
    }
    let spaced = trimmed.chars().filter(|letter| letter.is_whitespace() || !is_space(*letter));
    Cow::Owned(spaced.map(|letter| if letter.is_whitespace() { ' ' } else { letter }).collect())
}

/// Without the quotes around the whole, if there are some at both ends.
fn unquoted(text: Cow<'_, str>, is_quote: impl Fn(char) -> bool) -> Cow<'_, str> {
    let inside = |text: &str| -> Option<(usize, usize)> {
        let bare = text.strip_prefix(&is_quote)?.strip_suffix(&is_quote)?;
        let bare = Some(bare.trim_matches(is_space)).filter(|bare| !bare.is_empty())?;
        let start = bare.as_ptr() as usize - text.as_ptr() as usize;
        Some((start, start + bare.len()))
    };
    match (inside(&text), text) {
        (None, text) => text,
        (Some((start, end)), Cow::Borrowed(text)) => Cow::Borrowed(&text[start..end]),
        (Some((start, end)), Cow::Owned(text)) => Cow::Owned(text[start..end].to_owned()),
    }
}

fn is_round_quote(letter: char) -> bool {
    matches!(letter, '\u{2018}'..='\u{201f}' | '\u{2039}' | '\u{203a}' | '«' | '»')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_out_of_what_is_around_them() {
        let check = |text: &str, expected: &str| assert_eq!(word(text), expected, "{text:?}");
        check("Active", "Active");
        check("“Active”", "Active");
        check("„EUR“", "EUR");
        check("\"EUR\"", "EUR");
        check(" 'EUR' ", "EUR");
        check("Active\u{a0}", "Active");
        check("12\u{202f}500", "12 500");
        check("ann@con\u{200b}toso.com\u{feff}", "ann@contoso.com");
        check("\u{200e}2026-12-31\u{200e}", "2026-12-31");
        check("O'Hara", "O'Hara");
        check("’t", "’t");
        check("”", "”");
        check("“”", "“”");
        check("", "");
    }

    #[test]
    fn ids_keep_what_may_be_theirs() {
        let check = |text: &str, expected: &str| assert_eq!(code(text), expected, "{text:?}");
        check("“CRM-1”", "CRM-1");
        check("CRM\u{2011}1\u{ad}0", "CRM-10");
        check("\"25-00\"", "\"25-00\"");
        check("CRM–1", "CRM–1");
        check("a\u{a0}b", "a b");
    }

    #[test]
    fn dashes_become_hyphens_where_there_are_only_hyphens() {
        assert_eq!(hyphened("49d9–3326—4f61‑aacc−2cb5"), "49d9-3326-4f61-aacc-2cb5");
    }

    #[test]
    fn messages_quote_on_one_line() {
        assert_eq!(shown("a"), "a");
        assert_eq!(shown("a\r\nb"), "a ↵ b");
        assert_eq!(shown(&"ä".repeat(80)), "ä".repeat(80));
        assert_eq!(shown(&"ä".repeat(81)), format!("{}…", "ä".repeat(80)));
    }
}
