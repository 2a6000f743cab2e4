//! The changes of a plan, one row each: to be looked at, thinned out, and given to `apply`.
//!
//! People read the columns in front. What `apply` reads stands behind them, hidden and exact.

use super::{Line, text};
use crate::domain::create;
use crate::domain::heading::Target;
use crate::domain::json::Json;
use crate::domain::merge::Clash;
use crate::domain::outcome::{Outcome, Settled};
use crate::domain::plan::FieldChange;
use crate::domain::planned::{COLUMNS, Part, Planned, SHOWN};
use crate::sheet::Out;
use crate::sheet::workbook::{Column, Expects};

/// The name of the worksheet.
pub const NAME: &str = "Plan";
const TOO_LONG: &str = "too long for a workbook: apply the sheet itself";
const SKIP_HINT: &str = "Write x to take this row out of the plan.";

/// The worksheet's columns.
pub(super) fn columns() -> Vec<Column> {
    COLUMNS.iter().map(|(heading, target)| column(heading, *target)).collect()
}

fn column(heading: &str, target: Target) -> Column {
    match (heading, target) {
        (_, Target::Planned(Part::Group)) => Column::number(heading).width(8.0),
        (_, Target::Planned(Part::Skip)) => {
            Column::text(heading).width(8.0).note(SKIP_HINT).expects(Expects::Often(vec!["x".to_owned()]), SKIP_HINT)
        }
        (_, Target::Id) => Column::text(heading).width(38.0),
        (_, Target::ETag | Target::Path | Target::Planned(_)) => Column::text(heading).hidden(),
        ("Name", _) => Column::text(heading).width(34.0),
        ("Verdict", _) => Column::text(heading).width(13.0).toned(),
        ("Reason", _) => Column::lines(heading).width(48.0),
        ("Current value" | SHOWN, _) => Column::lines(heading).width(32.0),
        _ => Column::text(heading).width(24.0),
    }
}

/// The rows that a line takes: one for each change, or one that says why there is none. Rows that change nothing take
/// none.
pub(super) fn rows(line: &Line<'_>, made_for: &str) -> Vec<Vec<String>> {
    let settled = line.settled;
    let problems = text::problems(settled);
    let row = |field: &str, values: [&str; 2], verdict: &str, reason: &str, planned: Option<&Planned>| {
        let cell = |(heading, target): &(&str, Target)| match (*heading, *target, planned) {
            (_, Target::Planned(Part::Group), _) => settled.row.to_string(),
            (_, Target::Id, _) => line.id.to_owned(),
            ("Name", ..) => settled.name.clone().unwrap_or_default(),
            ("Field", ..) => field.to_owned(),
            ("Current value", ..) => values[0].to_owned(),
            (SHOWN, ..) => values[1].to_owned(),
            ("Verdict", ..) => verdict.to_owned(),
            ("Reason", ..) => reason.to_owned(),
            (_, Target::ETag, Some(planned)) => planned.etag_text().to_owned(),
            (_, Target::Path, Some(planned)) => planned.path.clone(),
            // What does not fit is missed when the plan is applied.
            (_, Target::Planned(Part::New | Part::Was), Some(planned)) if !planned.fits_a_cell() => String::new(),
            (_, Target::Planned(Part::New), Some(planned)) => planned.new.to_string(),
            (_, Target::Planned(Part::Was), Some(planned)) => planned.was_text().to_owned(),
            (_, Target::Planned(Part::For), _) => made_for.to_owned(),
            _ => String::new(),
        };
        COLUMNS.iter().map(cell).collect::<Vec<String>>()
    };
    let planned = Planned::of(settled, line.id);
    if settled.outcome.is_well() && planned.is_empty() {
        return Vec::new();
    }
    if planned.is_empty() {
        let verdict = settled.outcome.word();
        let clash = |Clash { label, mine, theirs, .. }: &Clash| {
            row(label, [&text::value(theirs), &text::value(mine)], verdict, &problems, None)
        };
        let clashes: Vec<Vec<String>> = settled.clashes.iter().map(clash).collect();
        return if clashes.is_empty() { vec![row("", ["", ""], verdict, &problems, None)] } else { clashes };
    }
    let shown = shown(settled);
    let line = |(planned, (field, values)): (&Planned, &(String, [String; 2]))| {
        let values = [values[0].as_str(), values[1].as_str()];
        match planned.fits_a_cell() {
            true => row(field, values, Outcome::Planned.word(), &problems, Some(planned)),
            false => row(field, values, "left out", TOO_LONG, Some(planned)),
        }
    };
    planned.iter().zip(&shown).map(line).collect()
}

/// Field, current and new value of each change, for people.
fn shown(settled: &Settled) -> Vec<(String, [String; 2])> {
    if settled.changes.is_empty() {
        return vec![("(new referral)".to_owned(), [String::new(), settled.name.clone().unwrap_or_default()])];
    }
    let change = |change: &FieldChange| {
        let before = change.before.as_ref().filter(|_| !change.is_item()).map(text::value).unwrap_or_default();
        (change.label.to_string(), [before, new_value(&change.path, &change.after)])
    };
    settled.changes.iter().map(change).collect()
}

/// What people read as the new value of a field, an item of a list, or a whole referral.
pub fn new_value(path: &str, new: &Json) -> String {
    match path {
        "" => create::name(new).unwrap_or_default(),
        path if path.ends_with("/-") => format!("+ {}", text::value(new)),
        _ => text::value(new),
    }
}

/// The cells of such a row.
pub(super) fn cells(row: &[String]) -> Vec<Out<'_>> {
    row.iter()
        .zip(&COLUMNS)
        .map(|(text, (_, target))| match target {
            _ if text.is_empty() => Out::Blank,
            Target::Planned(Part::Group) => Out::Digits(text),
            _ => Out::Text(text),
        })
        .collect()
}
