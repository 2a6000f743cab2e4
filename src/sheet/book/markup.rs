//! The tags of an XML text one by one, however long the text is.
//!
//! For counting before parsing, and for what the parser does not tell, in memory that does not grow. Comments,
//! character data and instructions are passed over as parsers do it, so that no tag is seen that they do not see.
//! Elements must end in the order in which they begin: the workbook library does not ask, and looks for ends that it
//! has run past.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

/// Longer tags do not occur, not even with the text of a cell in one of their attributes.
const TAG_BYTES_MAX: u64 = 1 << 20;
/// Ten times what workbooks have.
const DEPTH_MAX: usize = 256;

/// An XML text, gone through from its beginning.
pub(super) struct Markup<R> {
    input: BufReader<R>,
    tag: Vec<u8>,
    /// The names of the elements that are open, one behind the other, and where each begins.
    names: Vec<u8>,
    begins: Vec<usize>,
}

/// A tag, and what stood before it.
pub(super) struct Tag<'t> {
    /// What is between the angle brackets.
    text: &'t [u8],
    /// How many bytes of anything else there were since the last tag.
    pub bytes_before: u64,
}

impl<R: Read> Markup<R> {
    pub fn new(input: R) -> Self {
        Markup { input: BufReader::new(input), tag: Vec::new(), names: Vec::new(), begins: Vec::new() }
    }

    /// The next tag; none at the end of the text.
    pub fn next(&mut self) -> io::Result<Option<Tag<'_>>> {
        let mut bytes_before = 0;
        loop {
            bytes_before += self.input.skip_until(b'<')? as u64;
            self.tag.clear();
            if self.read_to_bracket()? == 0 {
                return Ok(None);
            }
            bytes_before += match self.tag.as_slice() {
                [b'!', b'-', b'-', ..] => self.pass("!---->".len(), b"-->")?,
                [b'!', b'[', ..] => self.pass("![CDATA[]]>".len(), b"]]>")?,
                [b'?', ..] => self.pass("??>".len(), b"?>")?,
                [b'!', ..] => return Err(invalid("it declares a type of document")),
                _ => break,
            };
        }
        // A bracket in the value of an attribute is none.
        let mut quote = None;
        let mut looked_at = 0;
        loop {
            if self.tag.len() as u64 > TAG_BYTES_MAX {
                return Err(invalid("a tag has more than 1 MB"));
            }
            quote = quote_open(quote, &self.tag[looked_at..]);
            looked_at = self.tag.len();
            if quote.is_none() || self.read_to_bracket()? == 0 {
                break;
            }
        }
        let tag = Tag { text: self.tag.strip_suffix(b">").unwrap_or(&self.tag), bytes_before };
        match (tag.is_end(), tag.is_empty()) {
            (true, _) => {
                let begin = self.begins.pop().filter(|begin| self.names[*begin..] == *tag.name());
                self.names.truncate(begin.ok_or_else(|| invalid("an element ends that is not the last one begun"))?);
            }
            (false, true) => {}
            (false, false) => {
                self.begins.push(self.names.len());
                self.names.extend_from_slice(tag.name());
                if self.begins.len() > DEPTH_MAX {
                    return Err(invalid("elements are in one another more than 256 deep"));
                }
            }
        }
        Ok(Some(tag))
    }

    /// Whether all elements that have begun have ended.
    pub fn is_whole(&self) -> bool {
        self.begins.is_empty()
    }

    /// Adds to the tag what follows, up to the next `>` and with it, as far as a tag can be. Returns how much that was.
    fn read_to_bracket(&mut self) -> io::Result<usize> {
        self.input.by_ref().take(TAG_BYTES_MAX + 1).read_until(b'>', &mut self.tag)
    }

    /// Passes over what begins with the tag, has at least so many bytes, and ends so. Returns how much it was.
    fn pass(&mut self, bytes_min: usize, end: &[u8]) -> io::Result<u64> {
        let mut passed = self.tag.len();
        let mut is_over = passed >= bytes_min && self.tag.ends_with(end);
        while !is_over {
            // The end may have begun.
            self.tag.drain(..self.tag.len().saturating_sub(end.len() - 1));
            let count = self.read_to_bracket()?;
            passed += count;
            is_over = self.tag.ends_with(end) || count == 0;
        }
        Ok(passed as u64)
    }
}

impl Tag<'_> {
    /// The element's name, with its prefix.
    pub fn name(&self) -> &[u8] {
        let text = self.text.strip_prefix(b"/").unwrap_or(self.text);
        text.split(|byte| b" \t\r\n/".contains(byte)).next().unwrap_or_default()
    }

    /// The element's name, without a prefix.
    pub fn local_name(&self) -> &[u8] {
        without_prefix(self.name())
    }

    /// Whether the element ends here.
    pub fn is_end(&self) -> bool {
        self.text.starts_with(b"/")
    }

    /// Whether the element begins and ends here.
    pub fn is_empty(&self) -> bool {
        self.text.ends_with(b"/")
    }

    /// How long the tag is.
    pub fn bytes(&self) -> u64 {
        self.text.len() as u64
    }

    /// What an attribute says, whatever its prefix.
    pub fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut rest = self.text.get(self.name().len()..)?;
        loop {
            let (key, behind) = rest.split_at(rest.iter().position(|byte| *byte == b'=')?);
            let (quote, behind) = behind[1..].trim_ascii_start().split_first()?;
            let (value, behind) = behind.split_at(behind.iter().position(|byte| byte == quote)?);
            if without_prefix(key.trim_ascii()) == name.as_bytes() {
                return std::str::from_utf8(value).ok().map(unescaped);
            }
            rest = &behind[1..];
        }
    }

    /// Whether an attribute begins so, or anything else in the tag.
    pub fn mentions(&self, attribute: &str) -> bool {
        self.text.windows(attribute.len()).any(|window| window == attribute.as_bytes())
    }

    /// The number that an attribute says; 1 without it. Whatever is not plainly a number counts as more than any.
    pub fn number(&self, attribute: &str) -> u64 {
        let length = attribute.len();
        let Some(at) = self.text.windows(length).position(|window| window == attribute.as_bytes()) else { return 1 };
        let rest = self.text[at + length..].trim_ascii_start();
        let quoted = rest.strip_prefix(b"=").map(<[u8]>::trim_ascii_start).and_then(<[u8]>::split_first);
        let Some((quote, rest)) = quoted else { return u64::MAX };
        let digits = rest.split(|byte| byte == quote).next().and_then(|digits| std::str::from_utf8(digits).ok());
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX)
    }
}

fn without_prefix(name: &[u8]) -> &[u8] {
    name.iter().position(|byte| *byte == b':').map_or(name, |at| &name[at + 1..])
}

/// The text with letters for the references to them. What is no good reference stays.
fn unescaped(text: &str) -> Cow<'_, str> {
    let mut pieces = text.split('&');
    let first = pieces.next().unwrap_or_default();
    if first.len() == text.len() {
        return Cow::Borrowed(text);
    }
    let mut plain = first.to_owned();
    for piece in pieces {
        let letter = piece.split_once(';').and_then(|(reference, rest)| Some((letter_of(reference)?, rest)));
        match letter {
            Some((letter, rest)) => {
                plain.push(letter);
                plain.push_str(rest);
            }
            None => {
                plain.push('&');
                plain.push_str(piece);
            }
        }
    }
    Cow::Owned(plain)
}

fn letter_of(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = reference.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// The quote that is open behind a piece of a tag, if one is open before it or opens in it.
fn quote_open(before: Option<u8>, piece: &[u8]) -> Option<u8> {
    piece.iter().fold(before, |open, &byte| match open {
        None if matches!(byte, b'"' | b'\'') => Some(byte),
        Some(quote) if byte == quote => None,
        None | Some(_) => open,
    })
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> Vec<String> {
        let mut markup = Markup::new(text.as_bytes());
        let mut told = Vec::new();
        loop {
            match markup.next() {
                Ok(Some(tag)) => told.push(format!("{} {}", tag.bytes_before, String::from_utf8_lossy(tag.text))),
                Ok(None) => return told,
                Err(error) => {
                    told.push(error.to_string());
                    return told;
                }
            }
        }
    }

    #[test]
    fn tags_are_those_that_a_parser_sees() {
        assert_eq!(tags("<a><b/>text</a>"), ["1 a", "1 b/", "5 /a"]);
        let not_last = "an element ends that is not the last one begun";
        assert_eq!(tags("<a><b></a></b>"), ["1 a", "1 b", not_last]);
        assert_eq!(tags("<a></a></a>"), ["1 a", "1 /a", not_last]);
        assert_eq!(tags(&"<a>".repeat(257)).last().unwrap(), "elements are in one another more than 256 deep");
        assert_eq!(tags("<a x=\"1>2\" y='\">'>"), ["1 a x=\"1>2\" y='\">'"]);
        assert_eq!(tags("<?xml?><!-- <b> --><a><![CDATA[</a>]]></a>"), ["20 a", "17 /a"]);
        assert_eq!(tags("<!--><b>--><a>"), ["12 a"]);
        assert_eq!(tags("<!---><b>---><a>"), ["14 a"]);
        assert_eq!(tags(&format!("<!-- {}><a>--><b>", "-x".repeat(1_500_000))), ["3000013 b"]);
        assert_eq!(tags("<!-- <a>"), Vec::<String>::new());
        assert_eq!(tags("<a"), ["1 a"]);
        assert_eq!(tags("a<"), Vec::<String>::new());
        assert_eq!(tags(""), Vec::<String>::new());
        assert_eq!(tags("<!DOCTYPE a [<!ENTITY b '>'>]>"), ["it declares a type of document"]);
        let too_long = ["a tag has more than 1 MB"];
        assert!(tags(&format!("<a{}>", " ".repeat(2_000_000))) == too_long);
        assert!(tags(&format!("<a b=\"{}\">", ">".repeat(2_000_000))) == too_long);
    }

    #[test]
    fn attributes_are_found_by_their_names() {
        let attribute = |text: &str, name: &str| {
            let mut markup = Markup::new(text.as_bytes());
            let tag = markup.next().unwrap().unwrap();
            assert_eq!(tag.local_name(), b"row");
            tag.attribute(name).map(Cow::into_owned)
        };
        let text = "<x:row r=\"4\" hidden='1' y:id = \"a=b\" name=\"b &amp; c &#60;&#x64;&gt; &nbsp; &\"/>";
        assert_eq!(attribute(text, "r").as_deref(), Some("4"));
        assert_eq!(attribute(text, "hidden").as_deref(), Some("1"));
        assert_eq!(attribute(text, "id").as_deref(), Some("a=b"));
        assert_eq!(attribute(text, "name").as_deref(), Some("b & c <d> &nbsp; &"));
        assert_eq!(attribute(text, "row"), None);
        for broken in ["<row>", "<row r>", "<row r=>", "<row r=\"4>", "<row r", "<row r=4>"] {
            assert_eq!(attribute(broken, "r"), None, "{broken}");
        }
    }

    #[test]
    fn attributes_are_read_however_they_are_quoted() {
        let number = |text: &str| {
            let mut markup = Markup::new(text.as_bytes());
            let tag = markup.next().unwrap().unwrap();
            assert_eq!(tag.name(), b"row");
            tag.number("repeated")
        };
        assert_eq!(number("<row repeated=\"12\">"), 12);
        assert_eq!(number("<row\nrepeated = '12' />"), 12);
        assert_eq!(number("<row/>"), 1);
        assert_eq!(number("<row repeated=\"&#50;\">"), u64::MAX);
        assert_eq!(number("<row repeated=\"99999999999999999999\">"), u64::MAX);
        assert_eq!(number("<row repeated>"), u64::MAX);
    }
}
