//! The records of an `.xls`, counted before its reader sees them.
//!
//! The reader makes a full rectangle of each worksheet and a copy of a text for each cell that shows it. It believes
//! what the file says about where worksheets begin and how far they reach. So the same way through the records is gone
//! here first, without keeping anything but lengths. What is wrong in other ways is left to the reader, which says so.

use super::reader::Trouble;
use super::spread::Extent;

const ROWS_MAX: u32 = 65_536;
const COLUMNS_MAX: u32 = 256;

const FORMULA: u16 = 0x0006;
const END: u16 = 0x000A;
/// How all that follows is encrypted.
const ENCRYPTION: u16 = 0x002F;
const CONTINUE: u16 = 0x003C;
const BOUND_SHEET: u16 = 0x0085;
const NUMBERS: u16 = 0x00BD;
const TEXTS: u16 = 0x00FC;
const SHARED_TEXT: u16 = 0x00FD;
const DIMENSIONS: u16 = 0x0200;
const TEXT_RESULT: u16 = 0x0207;
const BEGIN: u16 = 0x0809;
/// A rich text, number, text, boolean or error, short number.
const CELLS: [u16; 5] = [0x00D6, 0x0203, 0x0204, 0x0205, 0x027E];

/// UTF-8 of a character that takes two bytes here.
const BYTES_OF_WIDE: u64 = 3;

/// Refuses a workbook with a password, one with a cell outside of any worksheet, or one that would take too much memory.
pub(super) fn check(stream: &[u8]) -> Result<(), Trouble> {
    if (Records { left: stream }).take_while(|(kind, _)| *kind != END).any(|(kind, _)| kind == ENCRYPTION) {
        return Err(Trouble::Password);
    }
    let (texts, worksheets) = contents(stream);
    let mut extent = Extent { spelled_bytes: texts.iter().sum(), ..Extent::default() };
    let mut walked = 0;
    for begin in worksheets {
        let Some(records) = stream.get(begin..) else { break };
        walked += worksheet(records, &texts, &mut extent)?;
        if walked > stream.len() {
            return Err(Trouble::damaged("two worksheets are in the same place"));
        }
    }
    extent.check()
}

/// The bytes of each shared text, and where the worksheets begin.
fn contents(stream: &[u8]) -> (Vec<u64>, Vec<usize>) {
    let (mut shared, mut worksheets) = (Vec::new(), Vec::new());
    let mut records = Records { left: stream };
    while let Some((kind, data)) = records.next() {
        match kind {
            TEXTS => shared = texts(data, &records),
            BOUND_SHEET => worksheets.extend(u32_at(data, 0).map(|begin| begin as usize)),
            END => break,
            _ => {}
        }
    }
    (shared, worksheets)
}

/// Adds what the records take up to the end of a worksheet. Returns their length.
fn worksheet(stream: &[u8], texts: &[u64], extent: &mut Extent) -> Result<usize, Trouble> {
    let mut records = Records { left: stream };
    let mut area = Area::default();
    let mut formula = (0, 0);
    let mut written = 0;
    // Charts in a worksheet have beginnings, ends and cells of their own.
    let mut depth = 0_u64;
    for (kind, data) in records.by_ref() {
        let at = (u32::from(u16_at(data, 0).unwrap_or(0)), u32::from(u16_at(data, 2).unwrap_or(0)));
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            _ if depth > 1 => {}
            DIMENSIONS => check_dimensions(data)?,
            FORMULA => {
                formula = at;
                written += 1;
                area.take(at)?;
            }
            // After a formula; by itself it would stand in the first cell.
            TEXT_RESULT => area.take(formula)?,
            NUMBERS => {
                let last = data.len().checked_sub(2).and_then(|last| u16_at(data, last)).map_or(at.1, u32::from);
                written += u64::from(last.saturating_sub(at.1)) + 1;
                area.take(at)?;
                area.take((at.0, last))?;
            }
            SHARED_TEXT => {
                written += 1;
                area.take(at)?;
                // The reader would leave the cell blank.
                let text = u32_at(data, 6).and_then(|index| texts.get(index as usize));
                extent.text_bytes += text.ok_or_else(|| Trouble::damaged("a cell shows a text that is not there"))?;
            }
            kind if CELLS.contains(&kind) => {
                written += 1;
                area.take(at)?;
            }
            _ => {}
        }
    }
    extent.cells += area.cells();
    extent.written += written;
    Ok(stream.len() - records.left.len())
}

/// The reader makes room for all rows from the first to the last at once, and does not ask which comes first.
fn check_dimensions(data: &[u8]) -> Result<(), Trouble> {
    let (first_row, rows, columns) = match data.len() {
        10 => (u16_at(data, 0).map(u32::from), u16_at(data, 2).map(u32::from), u16_at(data, 6)),
        14 | 16 => (u32_at(data, 0), u32_at(data, 4), u16_at(data, 10)),
        _ => return Ok(()),
    };
    let (first_row, rows) = (first_row.unwrap_or(0), rows.unwrap_or(0));
    let columns = u32::from(columns.unwrap_or(0));
    let is_blank = rows == 0 || columns == 0;
    match rows <= ROWS_MAX && columns <= COLUMNS_MAX && (is_blank || first_row < rows) {
        true => Ok(()),
        false => Err(Trouble::damaged("a worksheet ends before it begins, or is larger than any")),
    }
}

/// The rectangle from the first cell to the last.
#[derive(Default)]
struct Area {
    corners: Option<[(u32, u32); 2]>,
}

impl Area {
    fn take(&mut self, (row, column): (u32, u32)) -> Result<(), Trouble> {
        if row >= ROWS_MAX || column >= COLUMNS_MAX {
            return Err(Trouble::damaged("a cell stands outside of any worksheet"));
        }
        let [first, last] = self.corners.get_or_insert([(row, column); 2]);
        *first = (first.0.min(row), first.1.min(column));
        *last = (last.0.max(row), last.1.max(column));
        Ok(())
    }

    fn cells(&self) -> u64 {
        self.corners.map_or(0, |[first, last]| u64::from(last.0 - first.0 + 1) * u64::from(last.1 - first.1 + 1))
    }
}

/// Kind and content of each record, until there is no whole one.
pub(super) struct Records<'s> {
    pub left: &'s [u8],
}

impl<'s> Iterator for Records<'s> {
    type Item = (u16, &'s [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, length) = (u16_at(self.left, 0)?, usize::from(u16_at(self.left, 2)?));
        let data = self.left.get(4..4 + length)?;
        self.left = &self.left[4 + length..];
        Some((kind, data))
    }
}

/// The bytes of each text of the table of texts, which goes on in the records that continue it. It ends where it does
/// not make sense; the reader does not read any further then.
fn texts(data: &[u8], behind: &Records<'_>) -> Vec<u64> {
    let continued = Records { left: behind.left }.take_while(|(kind, _)| *kind == CONTINUE).map(|(_, data)| data);
    let mut pieces = Pieces { at: data.get(8..).unwrap_or_default(), more: continued };
    let mut texts = Vec::new();
    while let Some(text) = pieces.text() {
        texts.push(text);
    }
    texts
}

struct Pieces<'s, I: Iterator<Item = &'s [u8]>> {
    at: &'s [u8],
    more: I,
}

impl<'s, I: Iterator<Item = &'s [u8]>> Pieces<'s, I> {
    /// The bytes of the next text.
    fn text(&mut self) -> Option<u64> {
        if self.at.is_empty() {
            self.at = self.more.next()?;
        }
        let head = self.take(3)?;
        let mut left = usize::from(u16_at(head, 0)?);
        let flags = head[2];
        let runs = if flags & 8 == 0 { 0 } else { usize::from(u16_at(self.take(2)?, 0)?) };
        let extra = if flags & 4 == 0 { 0 } else { u32_at(self.take(4)?, 0)? as usize };
        let mut is_wide = flags & 1 != 0;
        let mut bytes = 0;
        loop {
            let width = if is_wide { 2 } else { 1 };
            let here = left.min(self.at.len() / width);
            bytes += here as u64 * if is_wide { BYTES_OF_WIDE } else { 1 };
            self.at = &self.at[here * width..];
            left -= here;
            if left == 0 {
                break;
            }
            // A text that is cut in two says anew how wide its characters are.
            let (flags, rest) = self.more.next()?.split_first()?;
            (is_wide, self.at) = (flags & 1 != 0, rest);
        }
        self.skip(runs * 4 + extra)?;
        Some(bytes)
    }

    fn take(&mut self, count: usize) -> Option<&'s [u8]> {
        let (taken, rest) = self.at.split_at_checked(count)?;
        self.at = rest;
        Some(taken)
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > self.at.len() {
            count -= self.at.len();
            self.at = self.more.next()?;
        }
        self.at = &self.at[count..];
        Some(())
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u16]) -> Vec<u8> {
        let data: Vec<u8> = data.iter().flat_map(|number| number.to_le_bytes()).collect();
        record_of_bytes(kind, &data)
    }

    fn record_of_bytes(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [kind.to_le_bytes(), length.to_le_bytes()].iter().flatten().chain(data).copied().collect()
    }

    /// A workbook of these worksheets, with these records before them.
    fn checked(globals: &[Vec<u8>], worksheets: &[Vec<u8>]) -> Result<(), String> {
        let mut begin = globals.concat().len() + worksheets.len() * record(BOUND_SHEET, &[0, 0]).len() + 4;
        let mut stream = globals.concat();
        for worksheet in worksheets {
            let place = u32::try_from(begin).unwrap().to_le_bytes();
            stream.extend(record_of_bytes(BOUND_SHEET, &place));
            begin += worksheet.len();
        }
        stream.extend(record(END, &[]));
        stream.extend(worksheets.concat());
        check(&stream).map_err(|trouble| trouble.of("x").to_string())
    }

    fn damaged() -> Result<(), String> {
        Err("`x` is damaged".to_owned())
    }

    fn too_large(found: &str) -> Result<(), String> {
        Err(format!("`x` is too large to read: {found}"))
    }

    #[test]
    fn cells_outside_of_a_worksheet_are_found() {
        let one = |cell: &[u16]| checked(&[], &[[record(0x0203, cell), record(END, &[])].concat()]);
        assert_eq!(one(&[65_535, 255]), Ok(()));
        assert_eq!(one(&[0, 256]), damaged());
        let dimensions = |numbers: &[u16]| checked(&[], &[record(DIMENSIONS, numbers)]);
        assert_eq!(dimensions(&[0, 0, 0, 1, 0, 256, 0]), Ok(()));
        assert_eq!(dimensions(&[0, 0, 1, 1, 0, 1, 0]), damaged());
        assert_eq!(dimensions(&[5, 0, 3, 0, 0, 1, 0]), damaged());
        assert_eq!(dimensions(&[0, 0, 0, 0, 0, 0, 0]), Ok(()));
    }

    #[test]
    fn a_password_is_found() {
        let encrypted = [record(BEGIN, &[0]), record(ENCRYPTION, &[0, 1, 2])];
        assert_eq!(checked(&encrypted, &[]), Err("`x` is protected by a password".to_owned()));
    }

    #[test]
    fn the_rectangles_of_all_worksheets_count() {
        let corner = |row, column| record(0x0203, &[row, column]);
        let sheet = |last| [corner(0, 0), corner(last, 255), record(END, &[])].concat();
        let far = too_large("there are too many cells between its first and its last");
        assert_eq!(checked(&[], &[sheet(20_000)]), Ok(()));
        assert_eq!(checked(&[], &[sheet(20_000), sheet(20_000)]), far);
        assert_eq!(checked(&[], &[sheet(65_535)]), far);
        // What stands in a chart is no cell.
        let chart = [record(BEGIN, &[0]), record(BEGIN, &[0]), sheet(65_535), record(END, &[])].concat();
        assert_eq!(checked(&[], &[chart]), Ok(()));
    }

    #[test]
    fn two_worksheets_in_one_place_are_found() {
        let twice =
            [record(BOUND_SHEET, &[20, 0]), record(BOUND_SHEET, &[20, 0]), record(END, &[]), record(0x0203, &[1, 1])];
        assert_eq!(check(&twice.concat()).map_err(|trouble| trouble.of("x").to_string()), Ok(()));
        let many = vec![record(BOUND_SHEET, &[0, 0]); 10];
        assert_eq!(check(&many.concat()).map_err(|trouble| trouble.of("x").to_string()), damaged());
    }

    #[test]
    fn texts_are_measured_across_records() {
        let lengths = |first: &[u8], continued: &[&[u8]]| {
            let behind: Vec<u8> = continued.iter().flat_map(|data| record_of_bytes(CONTINUE, data)).collect();
            texts(&[&[0; 8], first].concat(), &Records { left: &behind })
        };
        assert_eq!(lengths(&[2, 0, 0, b'a', b'b', 1, 0, 1, b'c', 0], &[]), [2, 3]);
        assert_eq!(lengths(&[3, 0, 0, b'a'], &[&[1, b'b', 0, b'c', 0]]), [1 + 2 * 3]);
        assert_eq!(lengths(&[1, 0, 8, 1, 0, b'a', 9, 9], &[&[9, 9, 1, 0, 0, b'b']]), [1, 1]);
        assert_eq!(lengths(&[1, 0, 4, 2, 0, 0, 0, b'a', 9, 9, 1, 0, 0, b'b'], &[]), [1, 1]);
        assert_eq!(lengths(&[9, 0, 0, b'a'], &[]), [0_u64; 0]);
    }

    #[test]
    fn texts_that_are_shown_too_often_are_found() {
        let text = [&[0; 8], [0x00, 0x20, 0].as_slice(), &[b'a'; 0x2000]].concat();
        let cells = |count| [record(SHARED_TEXT, &[1, 1, 0, 0, 0]).repeat(count), record(END, &[])].concat();
        let globals = [record_of_bytes(TEXTS, &text)];
        assert_eq!(checked(&globals, &[cells(16_000)]), Ok(()));
        assert_eq!(checked(&globals, &[cells(17_000)]), too_large("its texts are repeated too often"));
        assert_eq!(checked(&globals, &[record(SHARED_TEXT, &[1, 1, 0, 1, 0])]), damaged());
    }
}
