//! The report as a workbook: `Summary`, `Results`, `To fix`; that of a plan has `Plan` besides.

use std::path::{Path, PathBuf};

use super::Line;
use super::columns::{self, COLUMNS, Content, Shape};
use super::plan_sheet;
use super::to_fix::{self, Layout};
use crate::domain::outcome::Outcome;
use crate::sheet::SaveError;
use crate::sheet::workbook::{Column, Page, TableId, Tone, Workbook};

/// The name of the first page.
pub const SUMMARY: &str = "Summary";
/// The name of the worksheet with all rows.
pub const RESULTS: &str = "Results";

/// A report as a workbook, being written.
pub(super) struct Book {
    workbook: Workbook,
    /// The changes of a plan, and what they are made for.
    plan: Option<(TableId, String)>,
    results: TableId,
    to_fix: TableId,
    layout: Layout,
}

impl Book {
    pub fn create(path: &Path, headings: &[(u32, String)], plan: Option<&str>) -> Result<Book, SaveError> {
        let mut workbook = Workbook::create(path)?;
        let plan = match plan {
            Some(made_for) => Some((workbook.table(plan_sheet::NAME, plan_sheet::columns())?, made_for.to_owned())),
            None => None,
        };
        let results = workbook.table(RESULTS, COLUMNS.iter().map(results_column).collect())?;
        let layout = Layout::of(headings);
        let to_fix = workbook.table(to_fix::NAME, layout.columns())?;
        Ok(Book { workbook, plan, results, to_fix, layout })
    }

    pub fn push(&mut self, line: &Line<'_>) -> Result<(), SaveError> {
        let tone = tone(line.settled.outcome);
        if let Some((plan, made_for)) = &self.plan {
            for row in plan_sheet::rows(line, made_for) {
                self.workbook.row(*plan, &plan_sheet::cells(&row), tone)?;
            }
        }
        self.workbook.row(self.results, &columns::contents(line).each_ref().map(Content::out), tone)?;
        if line.settled.outcome.is_well() {
            return Ok(());
        }
        let problems = to_fix::problems(line.settled);
        self.workbook.row(self.to_fix, &self.layout.cells(line, &problems), tone)
    }

    pub fn save(mut self, summary: Page) -> Result<PathBuf, SaveError> {
        self.workbook.page(SUMMARY, summary);
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
