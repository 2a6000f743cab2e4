//! Text that was read in the wrong encoding once and saved so: `ZÃ¼rich` for `Zürich`.
//!
//! Every byte of the UTF-8 was taken for a letter of Windows-1252. Turned back, such a text is good UTF-8, which text
//! that is meant so hardly ever is. Hardly: `MÜSLI®` turned back is nothing, but `SKÅ®` is `SKŮ`. So there must be a pair
//! that nobody writes, and not a single letter that does not fit in.

/// Letters of Windows-1252 for the bytes from 0x80 to 0x9F; the five bytes that are none stand for themselves.
const FROM_80_TO_9F: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];
/// A text may have gone through the mill more than once.
const TIMES_MAX: usize = 3;

/// The text as it was meant, if it looks damaged.
pub fn mended(text: &str) -> Option<String> {
    let mut mended = turned_back(text)?;
    for _ in 1..TIMES_MAX {
        match turned_back(&mended) {
            Some(better) => mended = better,
            None => break,
        }
    }
    Some(mended)
}

fn turned_back(text: &str) -> Option<String> {
    if !may_be_damaged(text) {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(byte_of).collect();
    let back = String::from_utf8(bytes?).ok()?;
    has_witness(text, &back).then_some(back)
}

/// Whether the first letter beyond ASCII, and the one behind it, can be the first two bytes of one in UTF-8.
fn may_be_damaged(text: &str) -> bool {
    let Some(at) = text.bytes().position(|byte| !byte.is_ascii()) else { return false };
    let mut letters = text[at..].chars().map(byte_of);
    let mut next = || letters.next().flatten();
    matches!((next(), next()), (Some(0xC2..=0xF4), Some(0x80..=0xBF)))
}

fn byte_of(letter: char) -> Option<u8> {
    if letter.is_ascii() {
        return u8::try_from(letter).ok();
    }
    let index = FROM_80_TO_9F.iter().position(|known| *known == letter);
    match (index, u8::try_from(letter)) {
        (Some(index), _) => u8::try_from(0x80 + index).ok(),
        (None, Ok(byte @ (..0x80 | 0xA0..))) => Some(byte),
        (None, Ok(_) | Err(_)) => None,
    }
}

/// Whether some letter of the text as it was turned back cannot have been two or three letters on purpose.
fn has_witness(text: &str, back: &str) -> bool {
    let damaged: Vec<char> = text.chars().collect();
    let mut at = 0;
    let mut foreign = 0;
    for letter in back.chars() {
        let width = letter.len_utf8();
        let pieces = &damaged[at..at + width];
        let (before, after) = (at.checked_sub(1).map(|at| damaged[at]), damaged.get(at + width).copied());
        at += width;
        match letter {
            '\0'..='\u{a0}' => {}
            // `IRMÃ DULCE` with a no-break space.
            _ if pieces[1] == '\u{a0}' => {}
            // Latin letters and signs, of which most Western text is made.
            '\u{a1}'..='\u{17f}' if !may_follow_a_word(pieces[1], before, after) => return true,
            '\u{a1}'..='\u{17f}' => {}
            // Punctuation, the euro and other signs: three letters in a row that nobody writes.
            '\u{2010}'..='\u{214f}' => return true,
            // Letters of other scripts come in numbers.
            _ => foreign += 1,
        }
    }
    foreign >= 2
}

/// Whether this sign stands where it may stand behind a word in capitals: `NESCAFÉ®`, `IRMÃ…`.
fn may_follow_a_word(sign: char, before: Option<char>, after: Option<char>) -> bool {
    let is_sign =
        matches!(sign, '™' | '®' | '©' | '°' | '…' | '–' | '—' | '’' | '”' | '»' | 'ª' | 'º' | '¹' | '²' | '³');
    is_sign && !after.is_some_and(char::is_alphabetic) && !before.is_some_and(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text becomes when its bytes are taken for Windows-1252.
    fn damaged(text: &str) -> String {
        let letter = |byte: u8| match byte {
            0x80..=0x9F => FROM_80_TO_9F[usize::from(byte - 0x80)],
            byte => char::from(byte),
        };
        text.bytes().map(letter).collect()
    }

    #[test]
    fn damaged_texts_are_mended() {
        for text in [
            "Zürich",
            "Größe für Müller",
            "Señor",
            "SEÑOR",
            "École",
            "naïve",
            "Zając",
            "Żywiec",
            "Łukasz Wójcik",
            "5 €",
            "it’s “final” – now…",
            "Παππάς",
            "Москва",
            "株式会社",
            "Æbleskiver på Sjælland",
            "25 °C",
        ] {
            assert_eq!(mended(&damaged(text)).as_deref(), Some(text), "{}", damaged(text));
        }
        assert_eq!(mended("ZÃ¼rich").as_deref(), Some("Zürich"));
        assert_eq!(mended(&damaged(&damaged("Zürich"))).as_deref(), Some("Zürich"));
    }

    #[test]
    fn what_is_meant_is_left_alone() {
        for text in [
            "Zürich",
            "Contoso",
            "",
            "São Paulo",
            "SÃO PAULO",
            "IRMÃ…",
            "IRMÃ\u{a0}DULCE",
            "NESCAFÉ®",
            "CAFÉ™",
            "METSÄ™",
            "SKÅ®",
            "MÜSLI®",
            "Ã la carte",
            "Größe Ã¼",
            "25 °C",
            "«Île»",
            "Ñandú",
            "ÀÉÎÕÜ",
            "“quoted”",
            "5 €",
            "Παππάς",
            "株式会社",
            "naïve Ã",
            "Â",
            "Ô",
            "e\u{301}",
            "½ price",
        ] {
            assert_eq!(mended(text), None, "{text}");
        }
    }
}
