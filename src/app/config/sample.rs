//! The settings file that a person starts from: every key, what it means, and what is in force without it.

use std::fmt::Write;

use crate::app::arguments::{Setting, settings};
use crate::app::profile::{COLUMNS, DEFAULT, IGNORE_COLUMNS, OWN};

/// So wide are its comments.
const WIDTH: usize = 100;

/// The whole file. Nothing is set in it: a key begins to count when its `#` is taken away.
pub fn text() -> String {
    let mut text = String::from(
        "# The settings of refsheet. Take the `#` in front of a key away, and it counts.\n\
         # Options on the command line go before environment variables (REFSHEET_RATE, and so on),\n\
         # those before this file. `refsheet config` shows what is in force, and where it comes from.\n\
         # For another profile, copy the tables under another name, and choose it with --profile NAME.\n\n",
    );
    let _ = writeln!(text, "[profile.{DEFAULT}]");
    for setting in settings() {
        comment(&mut text, &explained(&setting));
        for (choice, meaning) in setting.choices() {
            let _ = writeln!(text, "#   {choice}: {meaning}");
        }
        let value = setting.default().unwrap_or_else(|| example(&setting.key).to_owned());
        let is_plain = setting.is_switch() || value.parse::<u64>().is_ok();
        let value = if is_plain { value } else { quoted(&value) };
        let _ = writeln!(text, "#{} = {value}", setting.key);
    }
    for own in OWN {
        comment(&mut text, own.meaning);
        let _ = writeln!(text, "#{} = {}", own.key, quoted(own.example));
    }
    comment(&mut text, "Columns to leave alone");
    let _ = writeln!(text, "#{IGNORE_COLUMNS} = [\"Owner\"]");
    comment(&mut text, "Headings of yours, and the fields that they stand for (`refsheet fields` lists those)");
    let _ = writeln!(text, "#[profile.{DEFAULT}.{COLUMNS}]\n#\"Betrag\" = \"details.dealValue\"");
    text
}

fn explained(setting: &Setting) -> String {
    let meaning = setting.meaning();
    // The help says here what is a value below.
    let meaning = meaning.split(" [default:").next().unwrap_or(&meaning);
    match setting.default() {
        Some(_) => meaning.to_owned(),
        None => format!("{meaning}. Not set by default"),
    }
}

/// A value for a key that has no default.
fn example(key: &str) -> &'static str {
    match key {
        "sheet" => "Sheet1",
        "date_format" => "dmy",
        "decimal" => "comma",
        "time_zone" => "Europe/Berlin",
        "report_dir" => "/var/lib/refsheet/reports",
        "max_failures" => "5%",
        "max_duration" => "45m",
        "max_rows" => "1000",
        "max_closed" => "50",
        "max_value_change" => "250000",
        "on_finish" => "mail-the-summary",
        "metrics_file" => "/var/lib/prometheus/node-exporter/refsheet.prom",
        _ => "",
    }
}

fn comment(text: &mut String, words: &str) {
    text.push('\n');
    let mut line = String::from("#");
    for word in words.split_whitespace() {
        if line.len() + word.len() >= WIDTH {
            let _ = writeln!(text, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}

fn quoted(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::profile::profiles;

    fn uncommented() -> String {
        let is_key = |line: &str| line.starts_with('#') && !line.starts_with("# ");
        let lines = text();
        lines.lines().map(|line| if is_key(line) { &line[1..] } else { line }).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn it_sets_nothing_as_it_is() {
        let profile = profiles(&text()).unwrap().remove(DEFAULT).unwrap();
        assert!(settings().iter().all(|setting| profile.value(&setting.key).is_none()));
        assert!(profile.columns.is_empty() && OWN.iter().all(|own| (own.shown)(&profile).is_none()));
    }

    #[test]
    fn every_key_is_in_it_with_its_default_and_counts_without_its_hash() {
        let profile = profiles(&uncommented()).unwrap().remove(DEFAULT).unwrap();
        for setting in settings() {
            let value = profile.value(&setting.key).unwrap_or_else(|| panic!("{} is missing", setting.key));
            assert!(!value.is_empty(), "{} has no example", setting.key);
            assert_eq!(setting.default().unwrap_or(value.to_owned()), value, "{}", setting.key);
        }
        for own in OWN {
            assert!((own.shown)(&profile).is_some(), "{} is missing", own.key);
        }
        assert_eq!((profile.columns.len(), profile.ignore_columns.len()), (1, 1));
    }
}
