//! `fields`: every heading that a sheet may have, from the field table.

use serde_json::{Value, json};

use super::arguments;
use crate::console::Console;
use crate::domain::field::{FIELDS, Field};

/// Columns that are about the row and not about a field of the referral.
const SPECIAL: [(&str, &str, &str); 4] = [
    ("id", "GUID", "which referral; `Referral ID` in portal files"),
    ("eTag", "text", "the version that the sheet was made from; a referral changed since is a conflict"),
    ("action", "one of", "update (the default), skip, create"),
    ("row note", "text", "copied to the report"),
];

/// Prints the table.
pub fn run(arguments: &arguments::Fields, console: Console) {
    match arguments.json {
        true => console.document(&as_json()),
        false => console.print(&as_text()),
    }
}

fn as_text() -> String {
    let mut rows = vec![["LABEL", "PATH", "TAKES", "CHANGED BY A SHEET", "PORTAL HEADING"].map(str::to_owned)];
    for (name, kind, meaning) in SPECIAL {
        rows.push([name, "", kind, meaning, ""].map(str::to_owned));
    }
    for field in FIELDS {
        rows.push([
            field.label.to_owned(),
            field.dotted(),
            takes(field),
            field.writable.word().to_owned(),
            field.portal.first().copied().unwrap_or_default().to_owned(),
        ]);
        if field.takes_appends() {
            let add = format!("{}.add", field.dotted());
            let meaning = "adds one item; .add.2, .add.3 … a second and third".to_owned();
            rows.push([String::new(), add, "one item".to_owned(), meaning, String::new()]);
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let lines = rows.iter().map(|[label, path, kind, writable, portal]| {
        let line = format!("{label:0$}  {path:1$}  {kind:2$}  {writable}", widths[0], widths[1], widths[2]);
        let line = if portal.is_empty() { line } else { format!("{line}  ({portal})") };
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn takes(field: &Field) -> String {
    /// Lists of words that are longer than this are counted instead.
    const CHARACTERS_MAX: usize = 60;
    let choices = field.kind.choices();
    let list = choices.join(", ");
    match (choices.len(), list.len()) {
        (0, _) => field.kind.word().to_owned(),
        (_, ..=CHARACTERS_MAX) => list,
        (count, _) => format!("one of {count} words, see --json"),
    }
}

fn as_json() -> Value {
    let special =
        SPECIAL.iter().map(|(name, kind, meaning)| json!({"heading": name, "type": kind, "meaning": meaning}));
    let fields = FIELDS.iter().map(|field| {
        json!({
            "path": field.path,
            "heading": field.dotted(),
            "label": field.label,
            "meaning": field.meaning,
            "example": field.example,
            "portal_headings": field.portal,
            "type": field.kind.word(),
            "values": field.kind.choices(),
            "writable": field.writable.word(),
            "appends": field.takes_appends(),
        })
    });
    json!({"special": special.collect::<Vec<_>>(), "fields": fields.collect::<Vec<_>>()})
}
