//! From the text of a settings file to profiles, or to all that is wrong with it.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{OWN, Profile};
use crate::app::arguments::{Setting, settings};
use crate::domain::field::words::nearest;

/// The table of headings.
pub const COLUMNS: &str = "columns";
/// The list of headings to leave alone.
pub const IGNORE_COLUMNS: &str = "ignore_columns";
const PROFILE: &str = "profile";

/// A value with the place of its key.
type Entry<'t> = (&'t Spanned<DeString<'t>>, &'t Spanned<DeValue<'t>>);

/// The profiles of a file, or its problems, in the order of its lines.
pub fn profiles(text: &str) -> Result<BTreeMap<String, Profile>, Vec<String>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { text, settings: settings(), problems: Vec::new() };
    for error in &errors {
        reader.refuse(error.span().unwrap_or_default(), error.message().to_owned());
    }
    // What follows a slip of the pen would be understood in odd ways.
    let profiles = if errors.is_empty() { reader.file(table.get_ref()) } else { BTreeMap::new() };
    let Reader { mut problems, .. } = reader;
    problems.sort();
    match problems.is_empty() {
        true => Ok(profiles),
        false => Err(problems.into_iter().map(|(line, problem)| format!("line {line}: {problem}")).collect()),
    }
}

struct Reader<'t> {
    text: &'t str,
    settings: Vec<Setting>,
    /// Each with its line.
    problems: Vec<(usize, String)>,
}

impl<'t> Reader<'t> {
    fn file(&mut self, table: &'t DeTable<'t>) -> BTreeMap<String, Profile> {
        let mut profiles = BTreeMap::new();
        for (key, value) in table {
            match (key.get_ref().as_ref(), value.get_ref()) {
                (PROFILE, DeValue::Table(tables)) => profiles.extend(self.tables(tables)),
                (PROFILE, _) => self.refuse(key.span(), "`profile` is no table; write [profile.default]".to_owned()),
                (name, _) if self.keys().any(|known| known == name) => {
                    let problem = format!("`{name}` stands in no profile; write [profile.default] above it");
                    self.refuse(key.span(), problem);
                }
                (name, _) => {
                    let problem = format!("unknown key `{name}`; a profile begins with [profile.default]");
                    self.refuse(key.span(), problem);
                }
            }
        }
        profiles
    }

    fn tables(&mut self, tables: &'t DeTable<'t>) -> BTreeMap<String, Profile> {
        let mut profiles = BTreeMap::new();
        for (name, value) in tables {
            let name_text = name.get_ref().to_string();
            match value.get_ref() {
                DeValue::Table(table) => {
                    profiles.insert(name_text.clone(), self.profile(name_text, table));
                }
                _ => {
                    let problem = format!("the profile `{name_text}` is no table; write [profile.{name_text}]");
                    self.refuse(name.span(), problem);
                }
            }
        }
        profiles
    }

    fn profile(&mut self, name: String, table: &'t DeTable<'t>) -> Profile {
        let mut profile = Profile { name, ..Profile::default() };
        for entry in table {
            if let Err(problem) = self.key(&mut profile, entry) {
                self.refuse(entry.0.span(), problem);
            } else {
                profile.lines.insert(entry.0.get_ref().to_string(), self.line(entry.0.span()));
            }
        }
        profile
    }

    fn key(&mut self, profile: &mut Profile, (key, value): Entry<'t>) -> Result<(), String> {
        let key = key.get_ref().as_ref();
        let refused = |found: &str, accepted: &str| Err(format!("`{key}` is {found}; accepted: {accepted}"));
        if let Some(setting) = self.settings.iter().find(|setting| setting.key == key) {
            let text = match (setting.is_switch(), value.get_ref()) {
                (true, DeValue::Boolean(is_on)) => is_on.to_string(),
                (true, other) => return refused(&shown(other), "true, false"),
                (false, DeValue::String(text)) => text.to_string(),
                (false, DeValue::Integer(number)) => number.to_string(),
                (false, DeValue::Float(number)) => number.to_string(),
                (false, other) => return refused(&shown(other), "one value, in quotes"),
            };
            if !setting.is_switch() {
                setting.check(&text).map_err(|complaint| format!("`{key}`: {complaint}"))?;
            }
            profile.options.insert(key.to_owned(), text);
            return Ok(());
        }
        if let Some(own) = OWN.iter().find(|own| own.key == key) {
            match value.get_ref() {
                // What a secret is not to show, a problem is not to show either.
                DeValue::String(text) if !text.trim().is_empty() => (own.keep)(profile, text.to_string()),
                DeValue::String(_) => return refused("empty", "a text in quotes"),
                _ => return refused("not a text", "a text in quotes"),
            }
            return Ok(());
        }
        match (key, value.get_ref()) {
            (COLUMNS, DeValue::Table(columns)) => {
                self.columns(profile, columns);
                Ok(())
            }
            (COLUMNS, other) => refused(&shown(other), "a table such as { \"Betrag\" = \"details.dealValue\" }"),
            (IGNORE_COLUMNS, DeValue::Array(headings)) => {
                for heading in headings {
                    match heading.get_ref() {
                        DeValue::String(heading) => profile.ignore_columns.push(heading.to_string()),
                        other => {
                            let problem = format!("`{key}` has {}; accepted: headings in quotes", shown(other));
                            self.refuse(heading.span(), problem);
                        }
                    }
                }
                Ok(())
            }
            (IGNORE_COLUMNS, other) => refused(&shown(other), "a list such as [\"Owner\"]"),
            _ => Err(match nearest(key, self.keys()) {
                Some(known) => format!("unknown key `{key}`; did you mean `{known}`?"),
                None => format!("unknown key `{key}`"),
            }),
        }
    }

    fn columns(&mut self, profile: &mut Profile, columns: &'t DeTable<'t>) {
        let mut entries: Vec<Entry<'t>> = columns.iter().collect();
        entries.sort_by_key(|entry| entry.0.span().start);
        for (heading, field) in entries {
            match field.get_ref() {
                DeValue::String(field) => profile.columns.push((heading.get_ref().to_string(), field.to_string())),
                other => {
                    let heading_text = heading.get_ref();
                    let problem = format!("the field of the column `{heading_text}` is {}", shown(other));
                    self.refuse(heading.span(), format!("{problem}; accepted: its path or label, in quotes"));
                }
            }
        }
    }

    /// Everything that a profile may say.
    fn keys(&self) -> impl Iterator<Item = &str> {
        let options = self.settings.iter().map(|setting| setting.key.as_str());
        options.chain(OWN.iter().map(|own| own.key)).chain([COLUMNS, IGNORE_COLUMNS])
    }

    fn refuse(&mut self, place: Range<usize>, problem: String) {
        self.problems.push((self.line(place), problem));
    }

    /// The number of a line, as editors count.
    fn line(&self, place: Range<usize>) -> usize {
        let before = self.text.as_bytes().get(..place.start).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }
}

/// A value, for people.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("`\"{text}\"`"),
        DeValue::Integer(number) => format!("`{number}`"),
        DeValue::Float(number) => format!("`{number}`"),
        DeValue::Boolean(is_on) => format!("`{is_on}`"),
        DeValue::Datetime(moment) => format!("`{moment}`"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default(text: &str) -> Profile {
        profiles(&format!("[profile.default]\n{text}")).unwrap().remove("default").unwrap()
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(profiles(text).map(|_| ()).unwrap_err(), expected, "{text}");
    }

    #[test]
    fn a_profile_holds_options_and_headings_with_their_lines() {
        let profile = default(
            "rate = \"300/m\"\nmax_failures = 20\nmax_value_change = 1_000.50\nstrict = true\n\
             [profile.default.columns]\n\"Betrag\" = \"details.dealValue\"",
        );
        let values =
            ["rate", "max_failures", "max_value_change", "strict", "concurrency"].map(|key| profile.value(key));
        assert_eq!(values, [Some("300/m"), Some("20"), Some("1000.50"), Some("true"), None]);
        assert_eq!((profile.line("rate"), profile.line("columns")), (Some(2), Some(6)));
        assert_eq!(profile.columns, [("Betrag".to_owned(), "details.dealValue".to_owned())]);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_and_where() {
        check(
            "rate = \"5/s\"\n\n[profile.default]\nratte = \"5/s\"\nrate = \"fast\"\nstrict = \"yes\"\nzzzz = 1\n\
             concurrency = 0\nignore_columns = [1]\ntoken_command = 7\n[profile.other]\nvia = \"post\"\n[profiles]\n",
            &[
                "line 1: `rate` stands in no profile; write [profile.default] above it",
                "line 4: unknown key `ratte`; did you mean `rate`?",
                "line 5: `rate`: `fast` is not a rate; write `5/s`, `300/m` or `none`",
                "line 6: `strict` is `\"yes\"`; accepted: true, false",
                "line 7: unknown key `zzzz`",
                "line 8: `concurrency`: `0` is not a number from 1 to 256",
                "line 9: `ignore_columns` has `1`; accepted: headings in quotes",
                "line 10: `token_command` is not a text; accepted: a text in quotes",
                "line 12: `via`: `post` is none of patch, put; did you mean `put`?",
                "line 13: unknown key `profiles`; a profile begins with [profile.default]",
            ],
        );
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_lines() {
        let problems = profiles("[profile.default]\nrate = 5/s\nvia = \"put\n").map(|_| ()).unwrap_err();
        assert!(
            problems[0].starts_with("line 2: ") && problems.last().unwrap().starts_with("line 3: "),
            "{problems:?}"
        );
    }
}
