//! A worksheet's XML in pieces that end where a row ends.

use std::io::{self, Read};

const ROW_END: &[u8] = b"</row>";
const ROWS_BEGIN: &[u8] = b"<sheetData>";
const ROWS_END: &[u8] = b"</sheetData>";
/// So much is handed on at once.
const PIECE_BYTES: usize = 128 * 1024;
/// What stands before the rows takes less.
const HEAD_BYTES_MAX: usize = 1 << 20;
/// A row with all that a row may hold takes less.
const ROW_BYTES_MAX: usize = 64 << 20;

/// Cuts what a part holds.
pub(super) struct Cut<R> {
    part: R,
    buffer: Vec<u8>,
    is_over: bool,
}

impl<R: Read> Cut<R> {
    /// Reads up to the first row, and gives what stands before; none if there is no such place.
    pub fn begin(mut part: R) -> io::Result<Option<(Vec<u8>, Cut<R>)>> {
        let mut buffer = Vec::new();
        loop {
            if let Some(at) = memchr::memmem::find(&buffer, ROWS_BEGIN) {
                let rows = buffer.split_off(at + ROWS_BEGIN.len());
                return Ok(Some((buffer, Cut { part, buffer: rows, is_over: false })));
            }
            if buffer.len() > HEAD_BYTES_MAX || more(&mut part, &mut buffer)? == 0 {
                return Ok(None);
            }
        }
    }

    /// The next rows; none at the end of them, or where they break off.
    pub fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut is_at_end = false;
        while !self.is_over {
            if let Some(at) = memchr::memmem::find(&self.buffer, ROWS_END) {
                self.is_over = true;
                let rest = self.buffer.split_off(at);
                return Ok(Some(std::mem::replace(&mut self.buffer, rest)));
            }
            let end = memchr::memmem::rfind(&self.buffer, ROW_END).map_or(0, |at| at + ROW_END.len());
            if end > 0 && (self.buffer.len() >= PIECE_BYTES || is_at_end) {
                let rest = self.buffer.split_off(end);
                return Ok(Some(std::mem::replace(&mut self.buffer, rest)));
            }
            if is_at_end || self.buffer.len() > ROW_BYTES_MAX {
                return Ok(None);
            }
            is_at_end = more(&mut self.part, &mut self.buffer)? == 0;
        }
        Ok(None)
    }

    /// What stands behind the rows; none where they break off.
    pub fn tail(self) -> Option<impl Read> {
        self.is_over.then(|| io::Cursor::new(self.buffer).chain(self.part))
    }
}

fn more(part: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<usize> {
    part.take(PIECE_BYTES as u64).read_to_end(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_where_rows_end() {
        let row = |number: usize| format!("<row r=\"{number}\"><c r=\"A{number}\"><v>1</v></c></row>");
        let rows: String = (1..20_000).map(row).collect();
        let text = format!("<worksheet><dimension ref=\"A1\"/><sheetData>{rows}</sheetData><mergeCells/></worksheet>");
        let (head, mut cut) = Cut::begin(text.as_bytes()).unwrap().unwrap();
        assert_eq!(head, b"<worksheet><dimension ref=\"A1\"/><sheetData>");
        let mut pieces = Vec::new();
        while let Some(piece) = cut.next().unwrap() {
            pieces.push(piece);
        }
        assert!(pieces.len() > 4 && pieces.iter().all(|piece| piece.ends_with(ROW_END)));
        assert_eq!(pieces.concat(), rows.as_bytes());
        let mut tail = String::new();
        cut.tail().unwrap().read_to_string(&mut tail).unwrap();
        assert_eq!(tail, "</sheetData><mergeCells/></worksheet>");
    }

    #[test]
    fn what_breaks_off_has_no_tail() {
        let (_, mut cut) = Cut::begin(&b"<sheetData><row></row><row>"[..]).unwrap().unwrap();
        assert_eq!(cut.next().unwrap().as_deref(), Some(&b"<row></row>"[..]));
        assert_eq!(cut.next().unwrap(), None);
        assert!(cut.tail().is_none());
        assert!(Cut::begin(&b"<worksheet><sheetData/></worksheet>"[..]).unwrap().is_none());
    }
}
