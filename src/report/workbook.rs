//! The report as a workbook: `Summary`, `Results`, `To fix`.

use std::path::{Path, PathBuf};

use super::Line;
use super::columns::{self, COLUMNS, Content, Shape};
use super::to_fix::{self, Layout};
use crate::domain::outcome::Outcome;
use crate::sheet::SaveError;
use crate::sheet::workbook::{Column, Page, TableId, Tone, Workbook};

/// A report as a workbook, being written.
pub(super) struct Book {
    workbook: Workbook,
    results: TableId,
    to_fix: TableId,
    layout: Layout,
}

impl Book {
    pub fn create(path: &Path, headings: &[(u32, String)]) -> Result<Book, SaveError> {
        let mut workbook = Workbook::create(path)?;
        let results = workbook.table("Results", COLUMNS.iter().map(results_column).collect())?;
        let layout = Layout::of(headings);
        let to_fix = workbook.table("To fix", layout.columns())?;
        Ok(Book { workbook, results, to_fix, layout })
    }

    pub fn push(&mut self, line: &Line<'_>) -> Result<(), SaveError> {
        let tone = tone(line.settled.outcome);
        self.workbook.row(self.results, &columns::contents(line).each_ref().map(Content::out), tone)?;
        if line.settled.outcome.is_well() {
            return Ok(());
        }
        let problems = to_fix::problems(line.settled);
        self.workbook.row(self.to_fix, &self.layout.cells(line, &problems), tone)
    }

    pub fn save(mut self, summary: Page) -> Result<PathBuf, SaveError> {
        self.workbook.page("Summary", summary);
        self.workbook.save()
    }
}

/// The colour of an outcome.
pub(super) fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Applied => Tone::Good,
        Outcome::Unchanged | Outcome::Skipped | Outcome::NotReached => Tone::Quiet,
        Outcome::Planned => Tone::Planned,
        Outcome::Invalid | Outcome::Conflict => Tone::Warning,
        Outcome::Refused | Outcome::Failed => Tone::Bad,
        Outcome::InDoubt => Tone::Doubt,
    }
}

fn results_column(column: &columns::Column) -> Column {
    let made = match column.shape {
        Shape::Text => Column::text(column.heading),
        Shape::Lines => Column::lines(column.heading),
        Shape::Number => Column::number(column.heading),
        Shape::Moment => Column::date_time(column.heading),
        Shape::Link => Column::link(column.heading),
        Shape::Outcome => Column::text(column.heading).toned(),
    };
    let made = made.width(column.width);
    if column.note.is_empty() { made } else { made.note(column.note) }
}
