//! One row of a worksheet as the common programs write it: no formulas, no prefixes, nothing but cells and values.
//!
//! What is written in another way is not refused but left to the workbook library, so this may be as strict as it likes.
//! What it takes, it must take as the library does.

use std::str::FromStr;

/// Excel's own limits.
const ROWS_MAX: u32 = 1_048_576;
const COLUMNS_MAX: u32 = 16_384;

/// What a cell holds, as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Written<'x> {
    /// A number, with the number of its format.
    Number(f64, Option<usize>),
    /// A text of the workbook's list.
    Listed(usize),
    /// A text in the cell, with references, and whether the white space around it belongs to it.
    Inline(&'x str, bool),
    Boolean(bool),
}

/// A row, without its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Counted from 1.
    pub number: u32,
    pub is_hidden: bool,
    /// Whether any of its cells has a value, be it an empty one.
    pub is_filled: bool,
}

/// Reads the row that a text begins with, and takes it off; none at the end of the rows. `give` gets the cells by their
/// columns, counted from 0, and may refuse them.
pub(super) fn read<'x>(
    text: &mut &'x str,
    mut give: impl FnMut(u32, u32, Written<'x>) -> Result<(), Strange>,
) -> Result<Option<Head>, Strange> {
    skip_space(text);
    if text.is_empty() {
        return Ok(None);
    }
    let mut head = Head { number: 0, is_hidden: false, is_filled: false };
    take(text, "<row")?;
    let is_empty = attributes(text, |name, value| {
        match name {
            "r" => head.number = whole(value)?,
            "hidden" => head.is_hidden = value == "1" || value == "true",
            _ => {}
        }
        Ok(())
    })?;
    if !(1..=ROWS_MAX).contains(&head.number) {
        return Err(Strange);
    }
    if is_empty {
        return Ok(Some(head));
    }
    loop {
        skip_space(text);
        if let Some(rest) = text.strip_prefix("</row>") {
            *text = rest;
            return Ok(Some(head));
        }
        if let Some((column, written)) = cell(text, head.number, &mut head.is_filled)? {
            give(head.number, column, written)?;
        }
    }
}

/// Something that is written in another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Strange;

fn cell<'x>(text: &mut &'x str, row: u32, is_filled: &mut bool) -> Result<Option<(u32, Written<'x>)>, Strange> {
    take(text, "<c")?;
    let (mut column, mut style, mut kind) = (None, None, "n");
    let is_empty = attributes(text, |name, value| {
        match name {
            "r" if column.is_none() => column = Some(column_in(value, row)?),
            "s" if style.is_none() => style = Some(whole(value)?),
            "t" if kind == "n" => kind = value,
            // The library would have to say which of two counts.
            "r" | "s" | "t" => return Err(Strange),
            _ => {}
        }
        Ok(())
    })?;
    let column = column.ok_or(Strange)?;
    if is_empty {
        return Ok(None);
    }
    let mut written = None;
    loop {
        skip_space(text);
        if let Some(rest) = text.strip_prefix("</c>") {
            *text = rest;
            return Ok(written.map(|written| (column, written)));
        }
        if written.is_some() {
            return Err(Strange);
        }
        *is_filled = true;
        written = Some(if kind == "inlineStr" { inline(text)? } else { value(text, kind, style)? });
    }
}

fn value<'x>(text: &mut &'x str, kind: &str, style: Option<usize>) -> Result<Written<'x>, Strange> {
    take(text, "<v>")?;
    let value = up_to_tag(text)?;
    take(text, "</v>")?;
    match kind {
        "n" if is_number(value) => value.parse().map(|number| Written::Number(number, style)).map_err(|_| Strange),
        "s" => whole(value).map(Written::Listed),
        "b" if value == "0" || value == "1" => Ok(Written::Boolean(value == "1")),
        _ => Err(Strange),
    }
}

fn inline<'x>(text: &mut &'x str) -> Result<Written<'x>, Strange> {
    take(text, "<is><t")?;
    let mut keeps_space = false;
    let is_empty = attributes(text, |name, value| match (name, value) {
        ("xml:space", "preserve") => {
            keeps_space = true;
            Ok(())
        }
        _ => Err(Strange),
    })?;
    let value = if is_empty { "" } else { up_to_tag(text)? };
    take(text, if is_empty { "</is>" } else { "</t></is>" })?;
    Ok(Written::Inline(value, keeps_space))
}

/// Takes the attributes of a tag off, and its end. Returns whether the element ends there, too.
pub(super) fn attributes<'x>(
    text: &mut &'x str,
    mut give: impl FnMut(&'x str, &'x str) -> Result<(), Strange>,
) -> Result<bool, Strange> {
    let is_of_value = |byte: &u8| !matches!(byte, b'"' | b'<' | b'&' | b'>');
    loop {
        let rest = match text.as_bytes() {
            [b'>', ..] => {
                *text = &text[1..];
                return Ok(false);
            }
            [b'/', b'>', ..] | [b' ', b'/', b'>', ..] => {
                *text = text.trim_start_matches([' ', '/']).strip_prefix('>').ok_or(Strange)?;
                return Ok(true);
            }
            [b' ', ..] => &text[1..],
            _ => return Err(Strange),
        };
        let (name, rest) = rest.split_at(name_bytes(rest));
        let rest = rest.strip_prefix("=\"").ok_or(Strange)?;
        let (value, rest) = rest.split_at(rest.bytes().take_while(|byte| is_of_value(byte)).count());
        *text = rest.strip_prefix('"').ok_or(Strange)?;
        give(name, value)?;
    }
}

/// Judges what stands before the rows or the texts: nothing but elements within each other, behind what says that it is
/// XML. Only the elements with these names are open at its end.
pub(super) fn judge_head(mut text: &str, open_at_end: &[&str]) -> Result<(), Strange> {
    let text = &mut text;
    skip_space(text);
    if let Some(rest) = text.strip_prefix("<?xml ") {
        let (declaration, rest) = rest.split_once("?>").ok_or(Strange)?;
        let is_utf8 = !declaration.contains("encoding") || declaration.to_ascii_lowercase().contains("\"utf-8\"");
        if !is_utf8 || declaration.contains(['<', '>', '?']) {
            return Err(Strange);
        }
        *text = rest;
    }
    let mut open = Vec::new();
    loop {
        skip_space(text);
        if text.is_empty() {
            return if open == open_at_end { Ok(()) } else { Err(Strange) };
        }
        take(text, "<")?;
        let ends = text.strip_prefix('/').inspect(|rest| *text = rest).is_some();
        let (name, rest) = text.split_at(name_bytes(text));
        *text = rest;
        match (name, ends) {
            ("", _) => return Err(Strange),
            (_, true) => {
                take(text, ">")?;
                // The outermost one stays open.
                if open.pop() != Some(name) || open.is_empty() {
                    return Err(Strange);
                }
            }
            (_, false) => {
                let mut area = None;
                let is_empty = attributes(text, |attribute, value| {
                    area = area.or(Some(value).filter(|_| attribute == "ref"));
                    Ok(())
                })?;
                if !is_empty {
                    open.push(name);
                }
                if open.is_empty() || name == "dimension" && !area.is_some_and(is_area) {
                    return Err(Strange);
                }
            }
        }
    }
}

pub(super) fn name_bytes(text: &str) -> usize {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_' | b'.');
    text.bytes().take_while(is_of_name).count()
}

/// Whether it is a place or an area, such as `A1:F9`.
fn is_area(text: &str) -> bool {
    let is_place = |place: &str| {
        let digits = place.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
        whole(digits).is_ok_and(|row| column_in(place, row).is_ok() && (1..=ROWS_MAX).contains(&row))
    };
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    is_place(first) && is_place(last)
}

/// The column of a place in this row, such as `AB7`, counted from 0.
fn column_in(place: &str, row: u32) -> Result<u32, Strange> {
    let letters = place.bytes().take_while(u8::is_ascii_uppercase).count();
    let (letters, digits) = place.split_at(letters);
    if !(1..=3).contains(&letters.len()) || whole(digits) != Ok(row) {
        return Err(Strange);
    }
    let column = letters.bytes().fold(0, |column, letter| column * 26 + u32::from(letter - b'A') + 1);
    if column > COLUMNS_MAX { Err(Strange) } else { Ok(column - 1) }
}

/// Digits with at most a sign, a point and an exponent.
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    is_whole(whole.strip_prefix('-').unwrap_or(whole))
        && is_whole(part)
        && is_whole(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))
}

fn whole<T: FromStr>(text: &str) -> Result<T, Strange> {
    Some(text).filter(|text| is_whole(text)).and_then(|text| text.parse().ok()).ok_or(Strange)
}

fn is_whole(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn up_to_tag<'x>(text: &mut &'x str) -> Result<&'x str, Strange> {
    let end = memchr::memchr(b'<', text.as_bytes()).ok_or(Strange)?;
    let (value, rest) = text.split_at(end);
    *text = rest;
    Ok(value)
}

pub(super) fn take(text: &mut &str, expected: &str) -> Result<(), Strange> {
    *text = text.strip_prefix(expected).ok_or(Strange)?;
    Ok(())
}

pub(super) fn skip_space(text: &mut &str) {
    *text = text.trim_ascii_start();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(u32, Written<'_>)]) {
        let mut rest = text;
        let mut cells = Vec::new();
        let head = read(&mut rest, |_, column, written| {
            cells.push((column, written));
            Ok(())
        });
        assert_eq!(cells, expected, "{text}");
        assert_eq!((head.map(|head| head.map(|head| head.number)), rest), (Ok(Some(7)), "<row"), "{text}");
    }

    #[test]
    fn cells_are_read_as_they_are_written() {
        check("<row r=\"7\"/><row", &[]);
        check("<row r=\"7\" spans=\"1:2\">\n  </row><row", &[]);
        check(
            "<row r=\"7\"><c r=\"A7\" s=\"3\"/><c r=\"AB7\" s=\"2\"><v>46085.5</v></c></row><row",
            &[(27, Written::Number(46085.5, Some(2)))],
        );
        check(
            "<row r=\"7\"><c r=\"B7\" t=\"s\"><v>12</v></c><c r=\"C7\" t=\"b\"><v>1</v></c></row><row",
            &[(1, Written::Listed(12)), (2, Written::Boolean(true))],
        );
        check(
            "<row r=\"7\"><c r=\"A7\" t=\"inlineStr\"><is><t>a &amp; b</t></is></c></row><row",
            &[(0, Written::Inline("a &amp; b", false))],
        );
        check("<row r=\"7\"><c r=\"A7\"><v>-1.5E-7</v></c></row><row", &[(0, Written::Number(-1.5e-7, None))]);
    }

    #[test]
    fn what_is_written_in_another_way_is_left_alone() {
        for cells in [
            "<c r=\"A7\"><f>1+1</f><v>2</v></c>",
            "<c r=\"A8\"><v>2</v></c>",
            "<c><v>2</v></c>",
            "<c r=\"A7\"><v>2</v><v>3</v></c>",
            "<c r=\"A7\"><v>two</v></c>",
            "<c r=\"A7\"><v/></c>",
            "<c r=\"A7\" t=\"e\"><v>#N/A</v></c>",
            "<c r=\"A7\" t=\"d\"><v>2026-03-04</v></c>",
            "<c r=\"A7\"><!-- --><v>2</v></c>",
            "<c r='A7'><v>2</v></c>",
            "<x:c r=\"A7\"><v>2</v></x:c>",
            "<c r=\"A7\" t=\"inlineStr\"><is><r><t>a</t></r></is></c>",
            "<c r=\"A7\" r=\"B7\"><v>2</v></c>",
        ] {
            let text = format!("<row r=\"7\">{cells}</row>");
            assert_eq!(read(&mut text.as_str(), |_, _, _| Ok(())), Err(Strange), "{cells}");
        }
        for text in ["<row>", "<row r=\"7\"><c r=\"A7\">", "<x:row r=\"7\"/>", "text", "<row r=\"x\"/>"] {
            assert_eq!(read(&mut &*text, |_, _, _| Ok(())), Err(Strange), "{text}");
        }
    }
}
