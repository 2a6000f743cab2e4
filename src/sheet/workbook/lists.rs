//! Lists to pick from that do not fit into a rule: each a column of a hidden worksheet, with a name.

use rust_xlsxwriter::{Workbook as Book, Worksheet, XlsxError};

use super::super::out::fitting;
use super::style::Styles;
use crate::domain::cell::column_letters;

/// All lists of a workbook.
#[derive(Default)]
pub(super) struct Lists {
    lists: Vec<(String, Vec<String>)>,
}

impl Lists {
    /// The name of a list with these words: of the one that is there already, or of a new one called after `wanted`.
    pub fn name(&mut self, wanted: &str, words: &[String]) -> String {
        if let Some((name, _)) = self.lists.iter().find(|(_, known)| known == words) {
            return name.clone();
        }
        // The prefix keeps it from being a cell: `DEAL1` is one.
        let letters = wanted.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' });
        let base: String = "List_".chars().chain(letters).collect();
        let is_free = |name: &String| !self.lists.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let numbered = (2..).map(|number: u32| format!("{base}_{number}"));
        let name = std::iter::once(base.clone()).chain(numbered).find(is_free).expect("numbers do not run out");
        self.lists.push((name.clone(), words.to_vec()));
        name
    }

    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// Writes each list below its name and hides the worksheet.
    pub fn draw(&self, worksheet: &mut Worksheet, styles: &Styles) -> Result<(), XlsxError> {
        for (column, (name, words)) in (0..).zip(&self.lists) {
            worksheet.write_string_with_format(0, column, name, &styles.header)?;
            worksheet.set_column_width(column, 28)?;
            for (row, word) in (1..).zip(words) {
                worksheet.write_string(row, column, fitting(word))?;
            }
        }
        worksheet.set_hidden(true);
        Ok(())
    }

    /// Tells the workbook which name stands for which cells of the worksheet.
    pub fn define(&self, book: &mut Book, worksheet: &str) -> Result<(), XlsxError> {
        for (column, (name, words)) in (0..).zip(&self.lists) {
            let letters = column_letters(column);
            let last = words.len() + 1;
            book.define_name(name, &format!("='{}'!${letters}$2:${letters}${last}", worksheet.replace('\'', "''")))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_name_and_a_name_one_list() {
        let mut lists = Lists::default();
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(lists.name("Status reason", &words("a b")), "List_Status_reason");
        assert_eq!(lists.name("Other", &words("a b")), "List_Status_reason");
        assert_eq!(lists.name("status-reason", &words("a c")), "List_status_reason_2");
    }
}
