//! The container of `.xls`, looked at before its reader sees it.
//!
//! It is a small file system: sectors, chained by a table, hold streams; the stream `Workbook` holds records. There
//! are no checksums. A damaged chain can run in a circle, which the reader follows until memory ends; that is found
//! here, and what is wrong with the records in [`super::records`].

use std::collections::HashSet;

use super::super::Stranger;
use super::reader::Trouble;
use super::records;

/// Far more than 256 columns of 65,536 rows take.
pub(super) const BYTES_MAX: u64 = 1 << 30;

const HEADER_BYTES: usize = 512;
const ENTRY_BYTES: usize = 128;
const MINI_SECTOR_BYTES: usize = 64;
/// Shorter streams are kept in mini sectors.
const MINI_STREAM_BYTES_MAX: usize = 4096;
/// Higher sector numbers mean something else, such as an end.
const SECTOR_MAX: u32 = 0xFFFF_FFF9;

/// Refuses a file that is not a workbook, or one with a password, or in which a chain runs in a circle, or whose worksheets
/// would take too much memory.
pub(super) fn check(bytes: &[u8]) -> Result<(), Trouble> {
    let Some(container) = Container::of(bytes) else { return Ok(()) };
    if has_circle(&container.table) || has_circle(&container.mini_table) {
        return Err(Trouble::damaged("its sectors are chained in a circle"));
    }
    match container.workbook() {
        Some(stream) => records::check(&stream),
        // A modern workbook with a password is wrapped in the container of the old format.
        None if container.stream("EncryptedPackage").is_some() => Err(Trouble::Password),
        None if container.has_directory() => Err(Trouble::Stranger(Stranger::OfficeDocument)),
        None => Ok(()),
    }
}

/// The records of the workbook, without what is around them.
pub(super) fn workbook(bytes: &[u8]) -> Option<Vec<u8>> {
    Container::of(bytes)?.workbook()
}

struct Container<'b> {
    bytes: &'b [u8],
    sector_bytes: usize,
    /// For each sector the next one of its chain.
    table: Vec<u32>,
    mini_table: Vec<u32>,
    directory: Vec<u8>,
}

impl<'b> Container<'b> {
    fn of(bytes: &'b [u8]) -> Option<Container<'b>> {
        let header = bytes.get(..HEADER_BYTES)?;
        let sector_bytes = match u16_at(header, 30)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let mut container =
            Container { bytes, sector_bytes, table: Vec::new(), mini_table: Vec::new(), directory: Vec::new() };
        for sector in container.table_sectors(header)? {
            let entries = numbers(container.sector(sector).unwrap_or_default());
            container.table.extend(entries);
        }
        container.mini_table = numbers(&container.chain(u32_at(header, 60)?)).collect();
        container.directory = container.chain(u32_at(header, 48)?);
        Some(container)
    }

    /// Where the table itself stands: 109 sectors by the header, the others by a list of its own.
    fn table_sectors(&self, header: &[u8]) -> Option<Vec<u32>> {
        let mut sectors: Vec<u32> = numbers(&header[76..]).collect();
        let mut list = u32_at(header, 68)?;
        let mut seen = HashSet::new();
        while list <= SECTOR_MAX && seen.insert(list) {
            let mut more: Vec<u32> = numbers(self.sector(list)?).collect();
            list = more.pop()?;
            sectors.append(&mut more);
        }
        sectors.retain(|sector| *sector <= SECTOR_MAX);
        Some(sectors)
    }

    /// A sector; the last of a file may be short.
    fn sector(&self, number: u32) -> Option<&'b [u8]> {
        let start = (number as usize).checked_add(1)?.checked_mul(self.sector_bytes)?;
        let rest = self.bytes.get(start..)?;
        Some(&rest[..rest.len().min(self.sector_bytes)])
    }

    /// The sectors of a chain, until it ends or breaks or meets itself.
    fn chain(&self, first: u32) -> Vec<u8> {
        let mut content = Vec::new();
        let mut seen = HashSet::new();
        let mut number = first;
        while number <= SECTOR_MAX && seen.insert(number) {
            let Some(sector) = self.sector(number) else { break };
            content.extend_from_slice(sector);
            let Some(next) = self.table.get(number as usize) else { break };
            number = *next;
        }
        content
    }

    fn workbook(&self) -> Option<Vec<u8>> {
        self.stream("Workbook").or_else(|| self.stream("Book"))
    }

    fn has_directory(&self) -> bool {
        self.directory.get(..ENTRY_BYTES).is_some_and(|root| is_named(root, "Root Entry"))
    }

    fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let entry = self.directory.chunks_exact(ENTRY_BYTES).find(|entry| is_named(entry, name))?;
        let (first, length) = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
        let mut content = if length < MINI_STREAM_BYTES_MAX { self.mini_chain(first)? } else { self.chain(first) };
        content.truncate(length);
        Some(content)
    }

    /// A chain of mini sectors; they stand in the stream of the first directory entry.
    fn mini_chain(&self, first: u32) -> Option<Vec<u8>> {
        let mini_sectors = self.chain(u32_at(self.directory.get(..ENTRY_BYTES)?, 116)?);
        let mut content = Vec::new();
        let mut number = first;
        while number <= SECTOR_MAX && content.len() < MINI_STREAM_BYTES_MAX {
            let start = (number as usize).checked_mul(MINI_SECTOR_BYTES)?;
            content.extend_from_slice(mini_sectors.get(start..start + MINI_SECTOR_BYTES)?);
            number = *self.mini_table.get(number as usize)?;
        }
        Some(content)
    }
}

fn has_circle(table: &[u32]) -> bool {
    /// Which walk has come by, counted from 1.
    const NONE: usize = 0;
    let mut seen = vec![NONE; table.len()];
    for start in 0..table.len() {
        let walk = start + 1;
        let mut at = start;
        while at < table.len() && table[at] <= SECTOR_MAX {
            match seen[at] {
                NONE => seen[at] = walk,
                other if other == walk => return true,
                _ => break,
            }
            at = table[at] as usize;
        }
    }
    false
}

fn is_named(entry: &[u8], name: &str) -> bool {
    let units = entry.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let text = char::decode_utf16(units.take_while(|unit| *unit != 0)).map(|letter| letter.unwrap_or('\u{FFFD}'));
    text.take(MINI_SECTOR_BYTES / 2).collect::<String>().eq_ignore_ascii_case(name)
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    numbers(bytes.get(at..at + 4)?).next()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found() {
        const END: u32 = 0xFFFF_FFFE;
        assert!(!has_circle(&[]));
        assert!(!has_circle(&[1, 2, END, END, 99]));
        assert!(has_circle(&[0]));
        assert!(has_circle(&[END, 2, 3, 1]));
        assert!(has_circle(&[1, 2, 1]));
    }
}
