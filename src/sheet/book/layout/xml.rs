//! Worksheets that are XML.

use std::borrow::Cow;
use std::io::BufRead;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::super::reader::Trouble;
use super::Layout;

/// Looks through the part of an `.xlsx` worksheet.
pub(super) fn of_xlsx(part: impl BufRead, layout: &mut Layout) -> Result<(), Trouble> {
    let (mut row, mut is_filled) = (0, false);
    each_event(part, |event| {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "row" => {
                    row = number(tag, "r").unwrap_or(row + 1);
                    is_filled = false;
                    if attribute(tag, "hidden").is_some_and(|word| word == "1" || word == "true") {
                        layout.hidden.add(row, row);
                    }
                }
                "v" | "is" | "f" => is_filled = true,
                "filterColumn" => layout.is_filtered = true,
                "mergeCell" => {
                    if let Some((first, last)) = attribute(tag, "ref").as_deref().and_then(places) {
                        layout.merge((first.0, last.0), (first.1, last.1))?;
                    }
                }
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "row" && is_filled => {
                layout.count_row(row);
                is_filled = false;
            }
            _ => {}
        }
        Ok(())
    })
}

/// Looks through the `content.xml` of an `.ods` for the worksheet of this name.
pub(super) fn of_ods(content: impl BufRead, worksheet: &str, layout: &mut Layout) -> Result<(), Trouble> {
    let mut is_inside = false;
    // Rows above the one at hand; how often it repeats; cells before the one at hand.
    let (mut rows, mut repeats, mut columns) = (0_u32, 1, 0_u32);
    each_event(content, |event| {
        match event {
            Event::Start(tag) => match tag.name().as_ref() {
                "table:table" => {
                    is_inside = attribute(tag, "name").as_deref() == Some(worksheet);
                    rows = 0;
                }
                "table:table-row" if is_inside => {
                    (repeats, columns) = (number(tag, "number-rows-repeated").unwrap_or(1), 0);
                    let visibility = attribute(tag, "visibility");
                    if visibility.as_deref().is_some_and(|word| word != "visible") {
                        layout.hidden.add(rows + 1, rows.saturating_add(repeats));
                        layout.is_filtered |= visibility.as_deref() == Some("filter");
                    }
                }
                "table:table-cell" | "table:covered-table-cell" if is_inside => {
                    let more = |name: &str| number(tag, name).unwrap_or(1).saturating_sub(1);
                    let last_row = rows.saturating_add(more("number-rows-spanned"));
                    let last_column = columns.saturating_add(more("number-columns-spanned"));
                    layout.merge((rows, last_row), (columns, last_column))?;
                    columns = columns.saturating_add(number(tag, "number-columns-repeated").unwrap_or(1));
                }
                _ => {}
            },
            Event::End(tag) if is_inside => match tag.name().as_ref() {
                "table:table-row" => rows = rows.saturating_add(repeats),
                "table:table" => is_inside = false,
                _ => {}
            },
            _ => {}
        }
        Ok(())
    })
}

/// Shows all tags of a name, whatever its prefix.
pub(super) fn each_tag(part: impl BufRead, name: &str, mut look: impl FnMut(&BytesStart<'_>)) -> Result<(), Trouble> {
    each_event(part, |event| {
        match event {
            Event::Start(tag) if tag.local_name().as_ref() == name => look(tag),
            _ => {}
        }
        Ok(())
    })
}

/// An attribute's value, whatever its prefix.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let mut readable = attributes.with_checks(false).flatten();
    let found = readable.find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
}

fn number(tag: &BytesStart<'_>, name: &str) -> Option<u32> {
    attribute(tag, name)?.parse().ok()
}

fn each_event(part: impl BufRead, mut take: impl FnMut(&Event<'_>) -> Result<(), Trouble>) -> Result<(), Trouble> {
    let mut reader = Reader::from_reader(part);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).map_err(Trouble::damaged)? {
            Event::Eof => return Ok(()),
            event => take(&event)?,
        }
        buffer.clear();
    }
}

/// The two ends of `A1:B3`, as (row, column), counted from 0.
fn places(range: &str) -> Option<((u32, u32), (u32, u32))> {
    let (first, last) = range.split_once(':')?;
    Some((place(first)?, place(last)?))
}

fn place(text: &str) -> Option<(u32, u32)> {
    let (letters, digits) = text.split_at(text.find(|letter: char| letter.is_ascii_digit())?);
    let column = letters.bytes().try_fold(0_u32, |column, letter| {
        let value = letter.is_ascii_alphabetic().then(|| u32::from(letter.to_ascii_uppercase() - b'A') + 1)?;
        column.checked_mul(26)?.checked_add(value)
    })?;
    let row: u32 = digits.parse().ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::book::layout::Count;

    fn told(layout: &Layout) -> String {
        let Layout { hidden, is_filtered, merged, count, .. } = layout;
        let merged: Vec<String> = merged.iter().map(ToString::to_string).collect();
        format!("{:?} {is_filtered} {} {count:?}", hidden.0, merged.join(" "))
    }

    #[test]
    fn xlsx_tells_what_is_hidden_and_merged() {
        let part = r#"<x:worksheet><x:sheetData><x:row r="1"><x:c><x:v>id</x:v></x:c></x:row>
            <x:row r="4" hidden="1"><x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c></x:row>
            <x:row hidden="true"/><x:row r="7" hidden="0"><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row>
            </x:sheetData><x:autoFilter ref="A1:B7"><x:filterColumn colId="0"/></x:autoFilter>
            <x:mergeCells><x:mergeCell ref="A1:B1"/><x:mergeCell ref="C4:D6"/></x:mergeCells></x:worksheet>"#;
        let mut layout = Layout { heading_row: 1, ..Layout::default() };
        of_xlsx(part.as_bytes(), &mut layout).unwrap();
        assert_eq!(told(&layout), "[(4, 5)] true C4:D6 Count { rows: 2, hidden: 1 }");
    }

    #[test]
    fn ods_tells_it_of_the_worksheet_that_is_meant() {
        let table = |name: &str, rows: &str| format!("<table:table table:name=\"{name}\">{rows}</table:table>");
        let row = |attributes: &str, cells: &str| format!("<table:table-row {attributes}>{cells}</table:table-row>");
        let cell = "<table:table-cell/>";
        let rows = [
            row("", cell),
            row("table:number-rows-repeated=\"3\" table:visibility=\"filter\"", cell),
            row("table:visibility=\"collapse\"", cell),
            row(
                "",
                "<table:table-cell table:number-columns-repeated=\"2\"/>\
                 <table:table-cell table:number-rows-spanned=\"2\" table:number-columns-spanned=\"2\"/>",
            ),
        ];
        let other = table("a", &row("table:visibility=\"collapse\"", cell));
        let content = format!("<office:body>{other}{}</office:body>", table("b &amp; c", &rows.concat()));
        let mut layout = Layout { heading_row: 1, ..Layout::default() };
        of_ods(content.as_bytes(), "b & c", &mut layout).unwrap();
        assert_eq!(layout.count, Count::default());
        assert_eq!(told(&layout), "[(2, 5)] true C6:D7 Count { rows: 0, hidden: 0 }");
    }

    #[test]
    fn places_are_read() {
        assert_eq!(places("A1:XFD1048576"), Some(((0, 0), (1_048_575, 16_383))));
        for wrong in ["A1", "A0:A1", "1:2", "A:B", "A1:B99999999999", "ZZZZZZZZZZ1:A1", ":"] {
            assert_eq!(places(wrong), None, "{wrong}");
        }
    }
}
