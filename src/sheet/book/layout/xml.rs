//! Worksheets that are XML.

use std::io::Read;

use super::super::markup::{Markup, Tag};
use super::super::reader::Trouble;
use super::Layout;

/// Looks through the part of an `.xlsx` worksheet.
pub(in super::super) fn of_xlsx(part: impl Read, layout: &mut Layout) -> Result<(), Trouble> {
    let (mut row, mut is_filled) = (0, false);
    each_tag(part, |tag| {
        match (tag.local_name(), tag.is_end()) {
            (b"v" | b"is" | b"f", false) => is_filled = true,
            (b"row", false) => {
                row = number(tag, "r").unwrap_or(row + 1);
                is_filled = false;
                if tag.attribute("hidden").is_some_and(|word| word == "1" || word == "true") {
                    layout.hidden.add(row, row);
                }
            }
            (b"row", true) if is_filled => {
                layout.count_row(row);
                is_filled = false;
            }
            (b"filterColumn", false) => layout.is_filtered = true,
            (b"mergeCell", false) => {
                if let Some((first, last)) = tag.attribute("ref").as_deref().and_then(places) {
                    layout.merge((first.0, last.0), (first.1, last.1))?;
                }
            }
            _ => {}
        }
        Ok(())
    })
}

/// Looks through the `content.xml` of an `.ods` for the worksheet of this name.
pub(super) fn of_ods(content: impl Read, worksheet: &str, layout: &mut Layout) -> Result<(), Trouble> {
    let mut is_inside = false;
    // Rows above the one at hand; how often it repeats; cells before the one at hand.
    let (mut rows, mut repeats, mut columns) = (0_u32, 1, 0_u32);
    each_tag(content, |tag| {
        let (begins, ends) = (!tag.is_end(), tag.is_end() || tag.is_empty());
        match tag.name() {
            b"table:table" => {
                is_inside = begins && !ends && tag.attribute("name").as_deref() == Some(worksheet);
                rows = 0;
            }
            b"table:table-row" if is_inside => {
                if begins {
                    (repeats, columns) = (number(tag, "number-rows-repeated").unwrap_or(1), 0);
                    let visibility = tag.attribute("visibility");
                    if visibility.as_deref().is_some_and(|word| word != "visible") {
                        layout.hidden.add(rows + 1, rows.saturating_add(repeats));
                        layout.is_filtered |= visibility.as_deref() == Some("filter");
                    }
                }
                if ends {
                    rows = rows.saturating_add(repeats);
                }
            }
            b"table:table-cell" | b"table:covered-table-cell" if is_inside && begins => {
                let more = |name: &str| number(tag, name).unwrap_or(1).saturating_sub(1);
                let last_row = rows.saturating_add(more("number-rows-spanned"));
                let last_column = columns.saturating_add(more("number-columns-spanned"));
                layout.merge((rows, last_row), (columns, last_column))?;
                columns = columns.saturating_add(number(tag, "number-columns-repeated").unwrap_or(1));
            }
            _ => {}
        }
        Ok(())
    })
}

/// Shows all tags of a part.
pub(super) fn each_tag(part: impl Read, mut take: impl FnMut(&Tag<'_>) -> Result<(), Trouble>) -> Result<(), Trouble> {
    let mut markup = Markup::new(part);
    while let Some(tag) = markup.next().map_err(Trouble::damaged)? {
        take(&tag)?;
    }
    Ok(())
}

fn number(tag: &Tag<'_>, name: &str) -> Option<u32> {
    tag.attribute(name)?.parse().ok()
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
