//! `config`: every setting, its value and where that comes from; `config init`: a settings file to start from.

mod sample;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::arguments::{self, CommandLine, ConfigCommand, Layered, Origin, settings};
use super::connect::TOKEN_VARIABLE;
use super::place::{Place, shell_line};
use super::profile::{self, COLUMNS, IGNORE_COLUMNS, OWN, Profile};
use crate::console::Console;
use crate::domain::field::words::nearest;
use crate::error::{Exit, Failure, Kind};

/// Commands may have a secret in them: a token, the address of a chat.
const SECRET: &[&str] = &["on_finish"];
const IS_SET: &str = "(set)";

/// Shows the settings, or writes a file of them.
pub fn run(line: &CommandLine, arguments: &arguments::Config, console: Console) -> Result<Exit, Failure> {
    let place = &arguments.service.place;
    if let Some(ConfigCommand::Init { .. }) = arguments.command {
        return init(place.config.as_deref(), console);
    }
    let profile = Profile::load(place.config.as_deref(), &arguments.service.profile)?;
    let layered = line.over(&profile)?;
    let mut shown = in_force(&layered, &profile)?;
    shown.push(state_dir(place)?);
    if std::env::var_os(TOKEN_VARIABLE).is_some_and(|token| !token.is_empty()) {
        let name = "access token, before token_command".to_owned();
        shown.push(Shown { name, value: Some(IS_SET.to_owned()), from: TOKEN_VARIABLE.to_owned() });
    }
    for note in strange_variables() {
        console.note(&note);
    }
    let file = match &profile.file {
        Some(path) => path.clone(),
        None => profile::default_file()?,
    };
    if console.json {
        let settings: Vec<Value> = shown.iter().map(Shown::as_json).collect();
        let is_there = profile.file.is_some();
        let document = json!({ "file": file, "file_exists": is_there, "profile": profile.name, "settings": settings });
        console.document(&document);
    } else {
        console.print(&as_text(&file, &profile, &shown));
    }
    Ok(Exit::Done)
}

/// A setting as it is in force.
struct Shown {
    name: String,
    /// None where nothing is set.
    value: Option<String>,
    from: String,
}

/// All of them: options first, then the keys that have none.
fn in_force(layered: &Layered, profile: &Profile) -> Result<Vec<Shown>, Failure> {
    let mut shown = Vec::new();
    for setting in settings() {
        let (value, origin) = layered.value(&setting, profile);
        let value = value.map(|value| if SECRET.contains(&setting.key.as_str()) { IS_SET.to_owned() } else { value });
        shown.push(Shown { name: setting.key, value, from: from(origin, profile) });
    }
    for own in OWN {
        let origin = profile.line(own.key).map_or(Origin::Default, Origin::Profile);
        shown.push(Shown { name: own.key.to_owned(), value: (own.shown)(profile), from: from(origin, profile) });
    }
    let arguments: arguments::Config = layered.arguments()?;
    let said = |id: &str, flag: &str, variable: &str| match layered.is_from_variable(id) {
        true => variable.to_owned(),
        false => flag.to_owned(),
    };
    let in_file = |key: &str| from(profile.line(key).map_or(Origin::Default, Origin::Profile), profile);
    let column = |from: &str, (heading, field): &(String, String)| Shown {
        name: format!("{COLUMNS}.\"{heading}\""),
        value: Some(field.clone()),
        from: from.to_owned(),
    };
    let ignored = |from: &str, heading: &String| Shown {
        name: IGNORE_COLUMNS.to_owned(),
        value: Some(heading.clone()),
        from: from.to_owned(),
    };
    shown.extend(profile.ignore_columns.iter().map(|heading| ignored(&in_file(IGNORE_COLUMNS), heading)));
    let source = said("ignored", "--ignore-column", "REFSHEET_IGNORE_COLUMN");
    shown.extend(arguments.sheet.ignored.iter().map(|heading| ignored(&source, heading)));
    shown.extend(profile.columns.iter().map(|pair| column(&in_file(COLUMNS), pair)));
    let source = said("maps", "--map", "REFSHEET_MAP");
    shown.extend(arguments.sheet.maps.iter().map(|pair| column(&source, pair)));
    Ok(shown)
}

fn state_dir(place: &arguments::Place) -> Result<Shown, Failure> {
    let value = Some(Place::of(place)?.state_dir().display().to_string());
    let from = match (&place.state_dir, std::env::var_os("REFSHEET_STATE_DIR")) {
        (Some(path), Some(variable)) if path.as_os_str() == variable => "REFSHEET_STATE_DIR",
        (Some(_), _) => "--state-dir",
        (None, _) => "default",
    };
    Ok(Shown { name: "state_dir".to_owned(), value, from: from.to_owned() })
}

/// Variables that look as if they were for us, and are not.
fn strange_variables() -> Vec<String> {
    let known = arguments::variables();
    let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut strange: Vec<String> = set
        .filter(|name| name.starts_with("REFSHEET_") && *name != TOKEN_VARIABLE && !known.contains(name))
        .map(|name| match nearest(&name, known.iter().map(String::as_str)) {
            Some(near) => format!("{name} is set, but means nothing; did you mean {near}?"),
            None => format!("{name} is set, but means nothing"),
        })
        .collect();
    strange.sort();
    strange
}

fn from(origin: Origin, profile: &Profile) -> String {
    match origin {
        Origin::Flag(flag) => flag,
        Origin::Variable(variable) => variable,
        Origin::Profile(line) => {
            let file = profile.file.as_deref().and_then(Path::file_name).unwrap_or_default();
            format!("{}, line {line}", file.to_string_lossy())
        }
        Origin::Default => "default".to_owned(),
    }
}

impl Shown {
    fn as_json(&self) -> Value {
        json!({ "name": self.name, "value": self.value, "from": self.from })
    }
}

fn as_text(file: &Path, profile: &Profile, shown: &[Shown]) -> String {
    let head = match profile.file {
        Some(_) => format!("profile `{}` of {}", profile.name, file.display()),
        None => {
            let init = shell_line(&["config", "init"]);
            format!("there is no settings file ({}); this writes one: {init}", file.display())
        }
    };
    let value = |shown: &Shown| shown.value.clone().unwrap_or_else(|| "-".to_owned());
    let width = |text: &dyn Fn(&Shown) -> usize| shown.iter().map(text).max().unwrap_or(0);
    let (names, values) = (width(&|shown| shown.name.chars().count()), width(&|shown| value(shown).chars().count()));
    let lines = shown.iter().map(|shown| {
        let from = if shown.value.is_none() { "not set" } else { &shown.from };
        format!("{:names$}  {:values$}  {from}", shown.name, value(shown))
    });
    std::iter::once(head).chain([String::new()]).chain(lines).collect::<Vec<_>>().join("\n")
}

/// Writes a file to start from. What is there already may be somebody's work, and stays.
fn init(file: Option<&Path>, console: Console) -> Result<Exit, Failure> {
    let path = match file {
        Some(path) => path.to_owned(),
        None => profile::default_file()?,
    };
    write_new(&path, &sample::text()).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            let failure =
                Failure::new(Kind::Usage, format!("`{}` is there already, and stays as it is", path.display()));
            failure.hint("write a new one beside it with --config FILE, and take from it what you need")
        }
        _ => Failure::new(Kind::Usage, Unwritable { path: path.clone(), source: error })
            .hint("say where with --config FILE"),
    })?;
    let path_text = path.display().to_string();
    if console.json {
        console.document(&json!({ "status": "finished", "file": path_text }));
        return Ok(Exit::Done);
    }
    let show = match file {
        Some(_) => shell_line(&["config", "--config", &path_text]),
        None => shell_line(&["config"]),
    };
    console.print(&format!("wrote {path_text}; edit it, then see what is in force: {show}"));
    Ok(Exit::Done)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    // A command in it may hold a secret.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

#[derive(Debug, thiserror::Error)]
#[error("cannot write the settings to `{}`", .path.display())]
struct Unwritable {
    path: PathBuf,
    source: io::Error,
}
