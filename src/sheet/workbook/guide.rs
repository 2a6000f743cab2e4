//! What a column tells whoever fills it in: a note on its heading, a hint at its cells, and what to pick from.
//!
//! What does not fit gets a question that can be answered with yes, because the program that reads the sheet knows more
//! words than a list shows, and says more than a spreadsheet can. Only what is there to be read beside something takes
//! no typing. Nothing is protected: a protected worksheet can be neither sorted nor thinned out.

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle as Style, Formula, Note, Worksheet, XlsxError};

use super::lists::Lists;
use super::table::Column;
use crate::domain::cell::column_letters;

/// Excel's limit for a formula in a rule, and for the text of a hint and of a question.
const CHARACTERS_MAX: usize = 255;
/// Excel's limit for the title above them.
const TITLE_CHARACTERS_MAX: usize = 32;
/// The first row below the headings, as formulas count.
const FIRST_ROW: u32 = 2;
/// A note in pixels, wide enough for about so many characters of its small print.
const NOTE_WIDTH: u32 = 330;
const NOTE_CHARACTERS: usize = 44;
const NOTE_LINE_HEIGHT: u32 = 16;

/// What cells are expected to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Expects {
    /// Anything: there is no rule.
    #[default]
    Anything,
    /// A number that is not negative.
    Amount,
    /// A date.
    Date,
    /// Text of so many characters.
    Length(u16),
    /// One of these words.
    OneOf(Vec<String>),
    /// Usually one of these words.
    Often(Vec<String>),
    /// One of the words that go with what the cell of another column says in the same row, or one of all of them when
    /// that cell says nothing of the kind.
    OneOfGroup {
        /// The heading of the other column. Where the table has none, all words are offered.
        by: String,
        /// What the cell says, and the words that go with it.
        groups: Vec<(String, Vec<String>)>,
    },
    /// Nothing: the column is there to be read.
    Nothing,
    /// Nothing in rows in which the column of this heading is filled. There, nothing can be typed into it.
    NothingBeside(String),
}

/// What a column tells.
#[derive(Debug, Clone, Default)]
pub(super) struct Guide {
    /// A note on the heading.
    pub note: Option<String>,
    /// Shown beside a cell that is selected, and asked about a cell that does not fit.
    pub hint: Option<String>,
    pub expects: Expects,
    /// One more word that fits whatever is expected.
    pub also: Option<String>,
}

impl Guide {
    /// Puts note and rule on the column with this index, in all rows down to the last.
    pub fn put_on(
        &self,
        worksheet: &mut Worksheet,
        index: u16,
        columns: &[Column],
        lists: &mut Lists,
        last_row: u32,
    ) -> Result<(), XlsxError> {
        if let Some(text) = &self.note {
            worksheet.insert_note(0, index, &note(text))?;
        }
        let heading = columns[usize::from(index)].heading();
        if let Some(rule) = self.rule(heading, index, columns, lists)? {
            worksheet.add_data_validation(1, index, last_row, index, &rule)?;
        }
        Ok(())
    }

    fn rule(
        &self,
        heading: &str,
        index: u16,
        columns: &[Column],
        lists: &mut Lists,
    ) -> Result<Option<DataValidation>, XlsxError> {
        let here = format!("{}{FIRST_ROW}", column_letters(u32::from(index)));
        let custom = |formula: String| DataValidation::new().allow_custom(Formula::new(formula));
        let rule = match &self.expects {
            Expects::Anything => return Ok(None),
            Expects::Amount => custom(self.or_also(&format!("AND(ISNUMBER({here}),{here}>=0)"), &here)),
            Expects::Date => custom(self.or_also(&format!("ISNUMBER({here})"), &here)),
            Expects::Length(length) => custom(self.or_also(&format!("LEN({here})={length}"), &here)),
            Expects::Nothing => custom("FALSE".to_owned()),
            Expects::NothingBeside(by) => match place_of(by, columns) {
                Some(other) => custom(format!("LEN(${}{FIRST_ROW})=0", column_letters(other))),
                None => custom("FALSE".to_owned()),
            },
            Expects::OneOf(words) | Expects::Often(words) => one_of(heading, &self.with_also(words), lists)?,
            Expects::OneOfGroup { by, groups } => self.one_of_group(heading, by, groups, columns, lists)?,
        };
        let style = match self.expects {
            Expects::Often(_) => Style::Information,
            Expects::NothingBeside(_) => Style::Stop,
            _ => Style::Warning,
        };
        let title = shortened(heading, TITLE_CHARACTERS_MAX);
        let rule = rule.set_error_style(style).set_error_title(&title)?;
        let Some(hint) = &self.hint else { return Ok(Some(rule)) };
        let hint = shortened(hint, CHARACTERS_MAX);
        rule.set_error_message(&hint)?.set_input_title(title)?.set_input_message(hint).map(Some)
    }

    fn or_also(&self, formula: &str, here: &str) -> String {
        match &self.also {
            Some(word) => format!("OR({formula},{here}={})", quoted(word)),
            None => formula.to_owned(),
        }
    }

    fn with_also(&self, words: &[String]) -> Vec<String> {
        words.iter().chain(&self.also).cloned().collect()
    }

    fn one_of_group(
        &self,
        heading: &str,
        by: &str,
        groups: &[(String, Vec<String>)],
        columns: &[Column],
        lists: &mut Lists,
    ) -> Result<DataValidation, XlsxError> {
        let all: Vec<String> = groups.iter().flat_map(|(_, words)| words.clone()).collect();
        let all = self.with_also(&all);
        let Some(other) = place_of(by, columns) else { return one_of(heading, &all, lists) };
        let there = format!("${}{FIRST_ROW}", column_letters(other));
        let rest = lists.name(heading, &all);
        let name =
            |(word, words): &(String, Vec<String>)| lists.name(&format!("{heading}_{word}"), &self.with_also(words));
        let names: Vec<String> = groups.iter().map(name).collect();
        // INDIRECT on the other cell would do for the words that have a group, and offer nothing for all others.
        let formula = groups
            .iter()
            .zip(names)
            .rev()
            .fold(rest, |rest, ((word, _), name)| format!("IF({there}={},{name},{rest})", quoted(word)));
        if formula.len() > CHARACTERS_MAX {
            return one_of(heading, &all, lists);
        }
        Ok(DataValidation::new().allow_list_formula(Formula::new(formula)))
    }
}

/// The index of the column with this heading.
fn place_of(heading: &str, columns: &[Column]) -> Option<u32> {
    (0..).zip(columns).find(|(_, column)| column.heading() == heading).map(|(index, _)| index)
}

/// A list in the rule itself where Excel takes it: it ends an item at each comma.
fn one_of(heading: &str, words: &[String], lists: &mut Lists) -> Result<DataValidation, XlsxError> {
    let characters: usize = words.iter().map(|word| word.encode_utf16().count() + 1).sum();
    if characters <= CHARACTERS_MAX && !words.iter().any(|word| word.contains([',', '"'])) {
        return DataValidation::new().allow_list_strings(words);
    }
    Ok(DataValidation::new().allow_list_formula(Formula::new(lists.name(heading, words))))
}

/// A note as large as its text.
fn note(text: &str) -> Note {
    let lines: usize = text.lines().map(|line| line.chars().count().div_ceil(NOTE_CHARACTERS).max(1)).sum();
    let lines = u32::try_from(lines).unwrap_or(u32::MAX);
    let note = Note::new(text).set_author("").add_author_prefix(false);
    note.set_width(NOTE_WIDTH).set_height(lines.saturating_add(1).saturating_mul(NOTE_LINE_HEIGHT))
}

/// A text in a formula.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A text that ends with a word, or at least a letter, where it is too long.
fn shortened(text: &str, characters_max: usize) -> String {
    const CUT: char = '…';
    if text.encode_utf16().count() <= characters_max {
        return text.to_owned();
    }
    let mut room = characters_max - CUT.len_utf16();
    let fits = |letter: &char| {
        let length = letter.len_utf16();
        let has_room = room >= length;
        room = room.saturating_sub(length);
        has_room
    };
    let kept: String = text.chars().take_while(fits).collect();
    let kept = kept.rfind(' ').map_or(kept.as_str(), |end| &kept[..end]);
    format!("{}{CUT}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_end_with_a_word() {
        assert_eq!(shortened("Deal value", 32), "Deal value");
        assert_eq!(shortened("Marketplace transaction date", 20), "Marketplace…");
        assert_eq!(shortened("customerProfile.team.add.phoneNumber", 20), "customerProfile.tea…");
    }
}
