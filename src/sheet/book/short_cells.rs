//! The records of an `.xlsb` worksheet, as far as it takes to see that all its cells will be read.
//!
//! Besides the usual cell records the format has short ones, which leave the column away because it is the next one
//! ([MS-XLSB] 2.4.738 to 2.4.744). Excel does not write them, some programs do, and the workbook library passes over
//! them in silence: cells would be missing.

use std::io::{self, Read};

use super::reader::Trouble;

/// `BrtShortBlank` to `BrtShortIsst`.
const SHORT_CELLS: std::ops::RangeInclusive<u16> = 12..=18;

/// Refuses a worksheet with cells that would be passed over.
pub(super) fn refuse(part: &mut dyn Read) -> Result<(), Trouble> {
    match are_in(part).map_err(Trouble::damaged)? {
        true => Err(Trouble::Unsupported("cells in a short form that Excel does not write")),
        false => Ok(()),
    }
}

fn are_in(part: &mut dyn Read) -> io::Result<bool> {
    let mut part = io::BufReader::new(part);
    while let Some(kind) = number(&mut part, 2)? {
        if SHORT_CELLS.contains(&u16::try_from(kind).unwrap_or(u16::MAX)) {
            return Ok(true);
        }
        let Some(length) = number(&mut part, 4)? else { return Ok(false) };
        io::copy(&mut (&mut part).take(length.into()), &mut io::sink())?;
    }
    Ok(false)
}

/// A number of at most so many bytes, seven bits in each, the lowest first; none at the end.
fn number(part: &mut impl Read, bytes_max: u32) -> io::Result<Option<u32>> {
    let mut value = 0;
    for at in 0..bytes_max {
        let mut byte = [0];
        if part.read(&mut byte)? == 0 {
            return Ok(None);
        }
        value |= u32::from(byte[0] & 0x7f) << (7 * at);
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_cells_are_found_among_other_records() {
        let check = |bytes: &[u8], expected: bool| assert_eq!(are_in(&mut &bytes[..]).unwrap(), expected);
        check(&[], false);
        // A sheet begins (129), a row (0) of 3 bytes, a cell (2) of 1.
        check(&[0x81, 0x01, 0, 0, 3, 12, 12, 12, 2, 1, 17], false);
        check(&[0x81, 0x01, 0, 0, 3, 12, 12, 12, 17, 1, 0], true);
        check(&[0, 0x85], false);
    }
}
