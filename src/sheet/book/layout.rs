//! What a worksheet does not show: rows that a filter or a person has hidden, and cells that lie under a merged one.
//!
//! The workbook library tells of neither, so that it would look as if the person had seen them. They are found in a
//! pass of its own over the one worksheet that is read, in memory that grows with the number of hidden stretches and
//! of merged cells only.
//!
//! | format | hidden rows | by a filter | merged cells |
//! |---|---|---|---|
//! | `.xlsx` | `row@hidden` | `filterColumn`; not if the filter is a table's, which is another part | `mergeCell` |
//! | `.xlsb` | `BrtRowHdr` | `BrtBeginFilterColumn` | `BrtMergeCell` |
//! | `.xls` | `ROW` | `FILTERMODE` | `MERGECELLS` |
//! | `.ods` | `table:visibility` | its value `filter` | `table:number-…-spanned` |
//!
//! A CSV file hides nothing. Rows of no height and hidden columns are not looked for.

pub(super) mod parts;
mod records;
pub(super) mod xml;

use crate::domain::cell::{Address, Area};

use super::super::source::Original;
use super::super::{Format, SheetError};
use super::plain::Plain;
use super::reader::Trouble;

/// More merged cells than a worksheet has rows: nobody made them by hand.
const MERGED_MAX: usize = 1 << 20;
/// Merged cells that a notice names.
const NAMED_MAX: usize = 3;

/// What a worksheet does not show.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The hidden rows.
    pub hidden: Stretches,
    /// Whether a filter has hidden them, as far as that is known.
    pub is_filtered: bool,
    /// Merged cells that reach below the headings, by their first cells.
    pub merged: Vec<Area>,
    /// Filled rows below the headings; only counted where rows are streamed.
    pub count: Count,
    /// Rows up to here are not counted, and cells that are merged above are of no interest.
    heading_row: u32,
}

/// Filled rows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    /// All of them.
    pub rows: u32,
    /// The hidden ones among them.
    pub hidden: u32,
}

/// Stretches of rows, from the top: the first and the last row of each, as people count them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Stretches(Vec<(u32, u32)>);

/// Which worksheet: by its name, and by its place among all sheets of the workbook, counted from 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Which<'a> {
    pub name: &'a str,
    pub index: usize,
}

impl Layout {
    /// Looks through a worksheet whose headings stand in this row.
    pub fn of(original: &Original, format: Format, which: Which<'_>, heading_row: u32) -> Result<Layout, SheetError> {
        let file = original.reopen()?;
        let mut layout = Layout { heading_row, ..Layout::default() };
        let looked = match format {
            Format::Xlsx => parts::worksheet(file, which, |part| xml::of_xlsx(part, &mut layout)),
            Format::Xlsb => parts::binary_worksheet(file, which, |part| records::of_xlsb(part, &mut layout)),
            Format::Ods => parts::content(file, |part| xml::of_ods(part, which.name, &mut layout)),
            Format::Xls => records::of_xls(file, which.index, &mut layout),
            Format::Csv => Ok(()),
        };
        looked.map_err(|trouble| trouble.of(&original.name))?;
        layout.merged.sort_unstable_by_key(|area| area.first);
        Ok(layout)
    }

    /// Looks through a worksheet of a plain workbook.
    pub fn of_plain(plain: &Plain, file: &str, which: Which<'_>, heading_row: u32) -> Result<Layout, SheetError> {
        let mut layout = Layout { heading_row, ..Layout::default() };
        plain.look_through(which, &mut layout).map_err(|trouble| trouble.of(file))?;
        layout.merged.sort_unstable_by_key(|area| area.first);
        Ok(layout)
    }

    /// Takes a row of a plain workbook, below those that are there.
    pub fn take_row(&mut self, number: u32, is_hidden: bool, is_filled: bool) {
        if is_hidden {
            self.hidden.add(number, number);
        }
        if is_filled {
            self.count_row(number);
        }
    }

    /// Counts rows that are held in memory, by their numbers.
    pub fn count_held(&mut self, rows: impl Iterator<Item = u32>) {
        for row in rows {
            self.count_row(row);
        }
    }

    /// What to tell the user about it, if there is anything.
    pub fn notices(&self, visible_only: bool) -> Vec<String> {
        hidden_notice(self.count, self.is_filtered, visible_only)
            .into_iter()
            .chain(merged_notice(&self.merged))
            .collect()
    }

    fn count_row(&mut self, number: u32) {
        if number > self.heading_row {
            self.count.rows += 1;
            self.count.hidden += u32::from(self.hidden.contain(number));
        }
    }

    /// Takes a merged cell, first and last rows and columns counted from 0.
    fn merge(&mut self, rows: (u32, u32), columns: (u32, u32)) -> Result<(), Trouble> {
        let is_one_cell = rows.0 >= rows.1 && columns.0 >= columns.1;
        if is_one_cell || rows.1 < self.heading_row {
            return Ok(());
        }
        if self.merged.len() == MERGED_MAX {
            return Err(Trouble::damaged("it has more merged cells than a worksheet has rows"));
        }
        let first = Address { column: columns.0, row: rows.0 + 1 };
        self.merged.push(Area { first, last: Address { column: columns.1, row: rows.1 + 1 } });
        Ok(())
    }
}

impl Stretches {
    /// Adds rows below those that are there; rows that are not below are left out.
    fn add(&mut self, first: u32, last: u32) {
        match self.0.last_mut() {
            Some(stretch) if first <= stretch.1.saturating_add(1) => stretch.1 = stretch.1.max(last),
            _ => self.0.push((first, last)),
        }
    }

    /// Whether a row is among them.
    pub fn contain(&self, row: u32) -> bool {
        let below = self.0.partition_point(|stretch| stretch.0 <= row);
        below.checked_sub(1).is_some_and(|at| row <= self.0[at].1)
    }
}

fn hidden_notice(count: Count, is_filtered: bool, visible_only: bool) -> Option<String> {
    let Count { rows, hidden } = count;
    let by_what = if is_filtered { " by a filter" } else { "" };
    let (are, they_are) = if hidden == 1 { ("is", "it is") } else { ("are", "they are") };
    let what = match visible_only {
        true => format!("{they_are} left out"),
        false => format!("{they_are} processed as well; --visible-only leaves them out"),
    };
    (hidden > 0).then(|| format!("{hidden} of {rows} rows {are} hidden{by_what}; {what}"))
}

fn merged_notice(merged: &[Area]) -> Option<String> {
    let blank = "the cells under it are read as blank";
    match merged {
        [] => None,
        [area] => Some(format!("{area} is one merged cell: only {} has a value, {blank}", area.first)),
        areas => {
            let mut names: Vec<String> = areas.iter().take(NAMED_MAX).map(ToString::to_string).collect();
            if let Some(more) = areas.len().checked_sub(NAMED_MAX).filter(|more| *more > 0) {
                names.push(format!("{more} more"));
            }
            let last = names.pop().unwrap_or_default();
            let blank = "the cells under them are read as blank";
            Some(format!(
                "{} and {last} are merged cells: only the first of each has a value, {blank}",
                names.join(", ")
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_in_their_stretches() {
        let mut stretches = Stretches::default();
        for (first, last) in [(2, 2), (3, 3), (7, 9), (8, 8), (20, 1_048_576)] {
            stretches.add(first, last);
        }
        assert_eq!(stretches.0, [(2, 3), (7, 9), (20, 1_048_576)]);
        let among: Vec<u32> = (1..=21).filter(|row| stretches.contain(*row)).collect();
        assert_eq!(among, [2, 3, 7, 8, 9, 20, 21]);
    }

    #[test]
    fn hidden_rows_are_told_of() {
        let told = |hidden, is_filtered, visible_only| {
            hidden_notice(Count { rows: 120, hidden }, is_filtered, visible_only).unwrap_or_default()
        };
        assert_eq!(told(0, true, false), "");
        assert_eq!(
            told(37, true, false),
            "37 of 120 rows are hidden by a filter; they are processed as well; --visible-only leaves them out"
        );
        assert_eq!(told(1, false, true), "1 of 120 rows is hidden; it is left out");
    }

    #[test]
    fn merged_cells_are_named() {
        let area = |column, from, to| {
            let (first, last) = (Address { column, row: from }, Address { column, row: to });
            Area { first, last }
        };
        let told = |areas: &[Area]| merged_notice(areas).unwrap_or_default();
        assert_eq!(told(&[]), "");
        assert_eq!(
            told(&[area(2, 4, 6)]),
            "C4:C6 is one merged cell: only C4 has a value, the cells under it are read as blank"
        );
        let many = [area(0, 2, 3), area(0, 4, 5), area(1, 2, 3), area(1, 4, 5)];
        assert!(told(&many[..2]).starts_with("A2:A3 and A4:A5 are merged cells: "), "{}", told(&many[..2]));
        assert!(told(&many).starts_with("A2:A3, A4:A5, B2:B3 and 1 more are merged cells: "), "{}", told(&many));
    }
}
