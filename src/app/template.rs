//! `template`: a sheet to be filled in.

use std::path::Path;

use serde_json::json;

use super::arguments;
use super::place::shell_line;
use crate::console::{Console, words};
use crate::error::{Exit, Failure, Kind};
use crate::form::{self, Column, Form, Format, NoColumn};
use crate::sheet::SaveError;

/// Writes a template.
pub fn run(arguments: &arguments::Template, console: Console) -> Result<Exit, Failure> {
    let format = Format::of(&arguments.out).map_err(|error| {
        let error = SaveError { path: arguments.out.clone(), source: error.into() };
        Failure::new(Kind::Usage, error).hint("say where with --out FILE.xlsx or --out FILE.csv")
    })?;
    let columns = columns(&arguments.fields)?;
    if !arguments.force {
        refuse_to_overwrite(&arguments.out)?;
    }
    let form = Form::create(&arguments.out, format, &columns).and_then(Form::save);
    let path = form.map_err(|error| Failure::new(Kind::Usage, error).hint("say where with --out FILE"))?;
    let path = path.display().to_string();
    let count = words::counted(columns.len() as u64, "column");
    let next = shell_line(&["plan", &path]);
    if console.json {
        console.document(&json!({ "status": "finished", "file": path, "columns": columns.len(), "next": next }));
        return Ok(Exit::Done);
    }
    console.print(&format!("wrote {path} ({count}); fill it in, then see what would change: {next}"));
    Ok(Exit::Done)
}

fn columns(fields: &[String]) -> Result<Vec<Column>, Failure> {
    if fields.iter().all(|field| field.trim().is_empty()) {
        return Ok(form::everyday());
    }
    form::columns(fields).map_err(|strangers| {
        let mut failure = Failure::new(Kind::Usage, "`--fields` is not understood");
        failure.details = strangers.iter().map(NoColumn::to_string).collect();
        failure.hint("`refsheet fields` lists every field; `--fields all` takes all that can be changed")
    })
}

/// What a person has filled in must not be lost to a command that is typed twice.
pub(super) fn refuse_to_overwrite(path: &Path) -> Result<(), Failure> {
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    let error = format!("`{}` is there already", path.display());
    Err(Failure::new(Kind::Usage, error).hint("give another name with --out FILE, or replace it with --force"))
}
