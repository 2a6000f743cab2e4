//! Worksheets that are records: `.xlsb` ([MS-XLSB], section 2.3) and `.xls` ([MS-XLS], section 2.4).

use std::fs::File;
use std::io::{self, BufRead, Read as _};

use super::super::compound;
use super::super::reader::Trouble;
use super::super::records::Records;
use super::Layout;

/// How much of a record is looked at: enough for the name of a worksheet and all that stands before it.
const RECORD_BYTES_MAX: u64 = 1024;

/// The relations of the worksheets that an `.xlsb` lists.
pub(super) fn sheets_of_xlsb(workbook: impl BufRead) -> Result<Vec<String>, Trouble> {
    /// `BrtBundleSh`
    const SHEET: u16 = 156;
    let mut ids = Vec::new();
    each_record(workbook, |kind, data| {
        if kind == SHEET {
            ids.extend(u32_at(data, 8).filter(|length| *length != u32::MAX).and_then(|length| wide(data, 12, length)));
        }
        Ok(())
    })?;
    Ok(ids)
}

/// Looks through the part of an `.xlsb` worksheet.
pub(super) fn of_xlsb(part: impl BufRead, layout: &mut Layout) -> Result<(), Trouble> {
    /// `BrtRowHdr`, the values of cells and of formulas, `BrtMergeCell`, `BrtBeginFilterColumn`.
    const ROW: u16 = 0;
    const VALUES: std::ops::RangeInclusive<u16> = 2..=11;
    const RICH_VALUE: u16 = 62;
    const FILTER: u16 = 163;
    const MERGED: u16 = 176;
    /// `fDyZero`: of no height.
    const IS_HIDDEN: u8 = 0x10;
    let (mut row, mut is_filled) = (0, false);
    each_record(part, |kind, data| {
        match kind {
            ROW => {
                row = u32_at(data, 0).unwrap_or(row).saturating_add(1);
                is_filled = false;
                if data.get(11).is_some_and(|flags| flags & IS_HIDDEN != 0) {
                    layout.hidden.add(row, row);
                }
            }
            kind if (VALUES.contains(&kind) || kind == RICH_VALUE) && !is_filled => {
                is_filled = true;
                layout.count_row(row);
            }
            FILTER => layout.is_filtered = true,
            MERGED => {
                let number = |at| u32_at(data, at).unwrap_or_default();
                layout.merge((number(0), number(4)), (number(8), number(12)))?;
            }
            _ => {}
        }
        Ok(())
    })
}

/// Looks through the sheet of an `.xls` with this place among all sheets.
pub(super) fn of_xls(mut file: File, index: usize, layout: &mut Layout) -> Result<(), Trouble> {
    let mut bytes = Vec::new();
    file.by_ref().take(compound::BYTES_MAX).read_to_end(&mut bytes).map_err(Trouble::damaged)?;
    match compound::workbook(&bytes) {
        Some(records) => look_through(&records, index, layout),
        None => Ok(()),
    }
}

fn look_through(workbook: &[u8], index: usize, layout: &mut Layout) -> Result<(), Trouble> {
    const BEGIN: u16 = 0x0809;
    const END: u16 = 0x000A;
    /// `BoundSheet8`, `Row`, `FilterMode`, `MergeCells`.
    const SHEET: u16 = 0x0085;
    const ROW: u16 = 0x0208;
    const FILTERED: u16 = 0x009B;
    const MERGED: u16 = 0x00E5;
    /// `fDyZero`: of no height.
    const IS_HIDDEN: u8 = 0x20;
    let mut sheets = Records { left: workbook }.take_while(|(kind, _)| *kind != END).filter(|(kind, _)| *kind == SHEET);
    let Some(start) = sheets.nth(index).and_then(|(_, data)| u32_at(data, 0)) else { return Ok(()) };
    let mut hidden = Vec::new();
    let mut depth = 0_u32;
    for (kind, data) in (Records { left: workbook.get(start as usize..).unwrap_or_default() }) {
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            // Charts on the worksheet have records of their own.
            _ if depth > 1 => {}
            ROW if data.get(12).is_some_and(|flags| flags & IS_HIDDEN != 0) => hidden.extend(u16_at(data, 0)),
            FILTERED => layout.is_filtered = true,
            MERGED => {
                for area in data.get(2..).unwrap_or_default().chunks_exact(8) {
                    let number = |at| u16_at(area, at).map(u32::from).unwrap_or_default();
                    layout.merge((number(0), number(2)), (number(4), number(6)))?;
                }
            }
            _ => {}
        }
    }
    // Rows come in blocks, each in order; writers are not held to the order of the blocks.
    hidden.sort_unstable();
    for row in hidden {
        layout.hidden.add(u32::from(row) + 1, u32::from(row) + 1);
    }
    Ok(())
}

/// Shows the records of a binary part: what each is, and its first bytes.
fn each_record(
    mut input: impl BufRead,
    mut take: impl FnMut(u16, &[u8]) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let mut data = Vec::new();
    while let Some(kind) = packed(&mut input, 2).map_err(Trouble::damaged)? {
        let length = packed(&mut input, 4).map_err(Trouble::damaged)?.unwrap_or_default();
        data.clear();
        let mut record = input.by_ref().take(u64::from(length));
        record.by_ref().take(RECORD_BYTES_MAX).read_to_end(&mut data).map_err(Trouble::damaged)?;
        io::copy(&mut record, &mut io::sink()).map_err(Trouble::damaged)?;
        take(u16::try_from(kind).unwrap_or(u16::MAX), &data)?;
    }
    Ok(())
}

/// A number of seven bits a byte, the low ones first; nothing at the end of the input.
fn packed(input: &mut impl BufRead, bytes_max: u32) -> io::Result<Option<u32>> {
    let mut number = 0;
    for at in 0..bytes_max {
        let mut byte = [0];
        if input.read(&mut byte)? == 0 {
            return Ok(None);
        }
        number |= u32::from(byte[0] & 0x7F) << (7 * at);
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    Ok(Some(number))
}

fn wide(data: &[u8], at: usize, length: u32) -> Option<String> {
    let bytes = data.get(at..at.checked_add(usize::try_from(length).ok()?.checked_mul(2)?)?)?;
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).ok()
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::book::layout::{Count, Stretches};

    #[test]
    fn xlsb_tells_what_is_hidden_and_merged() {
        let record = |kind: u16, data: &[u8]| {
            let [low, high] = (kind << 1).to_le_bytes();
            let kind = if kind < 128 { vec![low >> 1] } else { vec![low >> 1 | 0x80, high] };
            [kind, vec![u8::try_from(data.len()).unwrap()], data.to_vec()].concat()
        };
        let row = |number: u32, flags: u8| {
            let data = [&number.to_le_bytes()[..], &[0; 7], &[flags, 0, 0, 0, 0, 0]].concat();
            record(0, &data)
        };
        let numbers = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
        let part = [
            row(0, 0),
            record(6, b"id"),
            row(3, 0x10),
            record(7, b"a"),
            record(7, b"b"),
            row(4, 0x13),
            record(1, b"blank"),
            row(6, 0x0F),
            record(62, b"rich"),
            record(163, &[0; 8]),
            record(176, &numbers(&[3, 5, 2, 2])),
            record(176, &numbers(&[0, 0, 0, 3])),
        ];
        let mut layout = Layout { heading_row: 1, ..Layout::default() };
        of_xlsb(part.concat().as_slice(), &mut layout).unwrap();
        assert_eq!(layout.hidden, Stretches(vec![(4, 5)]));
        assert!(layout.is_filtered);
        assert_eq!(layout.merged.iter().map(ToString::to_string).collect::<Vec<_>>(), ["C4:C6"]);
        assert_eq!(layout.count, Count { rows: 2, hidden: 1 });
    }

    #[test]
    fn xls_tells_it_of_the_sheet_that_is_meant() {
        let record = |kind: u16, data: &[u8]| {
            [kind.to_le_bytes().to_vec(), u16::try_from(data.len()).unwrap().to_le_bytes().to_vec(), data.to_vec()]
                .concat()
        };
        let sheet = |at: u32| record(0x0085, &[&at.to_le_bytes()[..], &[0; 4]].concat());
        let row =
            |number: u16, flags: u8| record(0x0208, &[&number.to_le_bytes()[..], &[0; 10], &[flags, 0, 0, 0]].concat());
        let (begin, end) = (record(0x0809, &[0; 16]), record(0x000A, &[]));
        let merged: Vec<u8> = [1_u16, 3, 5, 2, 2].iter().flat_map(|number| number.to_le_bytes()).collect();
        let chart = [begin.clone(), row(9, 0x20), end.clone()].concat();
        let tab = [
            begin.clone(),
            row(4, 0x20),
            row(3, 0x3F),
            row(6, 0xDF),
            chart,
            record(0x009B, &[]),
            record(0x00E5, &merged),
            end.clone(),
            row(8, 0x20),
        ];
        let globals = |at: u32| [begin.clone(), sheet(0), sheet(at), end.clone()].concat();
        let start = u32::try_from(globals(0).len()).unwrap();
        let workbook = [globals(start), tab.concat()].concat();
        let mut layout = Layout { heading_row: 1, ..Layout::default() };
        look_through(&workbook, 1, &mut layout).unwrap();
        assert_eq!(layout.hidden, Stretches(vec![(4, 5)]));
        assert!(layout.is_filtered);
        assert_eq!(layout.merged.iter().map(ToString::to_string).collect::<Vec<_>>(), ["C4:C6"]);
        let mut other = Layout::default();
        look_through(&workbook, 7, &mut other).unwrap();
        assert_eq!(other.hidden, Stretches::default());
    }
}
