//! The report as a workbook: `Summary`, `Results`, `To fix`; that of a plan has `Plan` besides.

use std::path::{Path, PathBuf};

use super::carried::{Carried, Kept};
use super::columns::{self, COLUMNS, Content, Shape};
use super::plan_sheet;
use super::to_fix::{self, Layout};
use super::{AsRead, Line};
use crate::domain::outcome::Outcome;
use crate::sheet::SaveError;
use crate::sheet::workbook::{BASE, Column, Page, TableId, Tone, Workbook};

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
    /// What the rows to fix were made from, and where that stands once a row has been made from something.
    carried: Carried,
    base: Option<TableId>,
}

impl Book {
    pub fn create(
        path: &Path,
        headings: &[(u32, String)],
        as_read: Option<&AsRead>,
        plan: Option<&str>,
    ) -> Result<Book, SaveError> {
        let mut workbook = Workbook::create(path)?;
        let plan = match plan {
            Some(made_for) => Some((workbook.table(plan_sheet::NAME, plan_sheet::columns())?, made_for.to_owned())),
            None => None,
        };
        let results = workbook.table(RESULTS, COLUMNS.iter().map(results_column).collect())?;
        let layout = Layout::of(headings, as_read);
        let carried = Carried::of(&layout);
        let to_fix = workbook.table(to_fix::NAME, layout.columns())?;
        Ok(Book { workbook, plan, results, to_fix, layout, carried, base: None })
    }

    pub fn push(&mut self, line: &Line<'_>) -> Result<(), SaveError> {
        let tone = tone(line.settled.outcome);
        if let Some((plan, made_for)) = &self.plan {
            for row in plan_sheet::rows(line, made_for) {
                self.workbook.row(*plan, &plan_sheet::cells(&row), tone)?;
            }
        }
        self.workbook.row(self.results, &columns::contents(line).each_ref().map(Content::out), tone)?;
        // What is in doubt may be done already. It is looked up, not done again.
        if line.settled.outcome.is_well() || line.settled.outcome == Outcome::InDoubt {
            return Ok(());
        }
        let problems = to_fix::problems(line.settled);
        self.workbook.row(self.to_fix, &self.layout.cells(line, &problems), tone)?;
        self.carry(line)
    }

    fn carry(&mut self, line: &Line<'_>) -> Result<(), SaveError> {
        let Some(cells) = self.carried.cells(line, &self.layout) else { return Ok(()) };
        let base = match self.base {
            Some(base) => base,
            None => *self.base.insert(self.workbook.hidden_table(BASE, self.carried.columns())?),
        };
        self.workbook.row(base, &cells.iter().map(Kept::out).collect::<Vec<_>>(), Tone::Plain)
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
        Shape::Moment => Column::instant(column.heading),
        Shape::Link => Column::link(column.heading),
        Shape::Outcome => Column::text(column.heading).toned(),
    };
    let made = made.width(column.width);
    if column.note.is_empty() { made } else { made.note(column.note) }
}
