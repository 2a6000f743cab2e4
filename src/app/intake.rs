//! From a file to requests: opens the sheet, understands its headings, and reads its rows one by one.

use super::arguments;
use super::settings::SheetSettings;
use crate::domain::cell::{Cell, Row};
use crate::domain::change::{Ask, Request};
use crate::domain::heading::{Columns, HeadingProblem, Target, target_of};
use crate::domain::problem::Problem;
use crate::domain::value::{self, Reading};
use crate::error::{Failure, Kind};
use crate::sheet::{self, RowFault, SheetError, Source};

/// A sheet whose headings are understood.
pub struct Intake {
    /// The sheet.
    pub sheet: sheet::Sheet,
    /// How its rows are to be understood.
    pub sense: Sense,
    rows: (u32, u32),
    limit: usize,
}

/// How rows are to be understood: what a run needs besides the cells.
pub struct Sense {
    /// What each column is for.
    pub columns: Columns,
    /// How cells are read.
    pub reading: Reading,
}

impl Sense {
    /// How the rows of a run were to be understood, from its ledger.
    pub fn of_run(headings: &[(u32, String)], settings: &SheetSettings) -> Result<Sense, Failure> {
        let headings = headings.iter().map(|(column, text)| (*column, text.as_str()));
        let columns = Columns::resolve(headings, &settings.naming()).map_err(|problems| {
            let mut failure = Failure::new(Kind::Stopped, "the headings of the run are not understood any more");
            failure.details = problems.iter().map(describe).collect();
            failure
        })?;
        Ok(Sense { columns, reading: settings.reading() })
    }

    /// What a row asks for.
    pub fn request(&self, row: &Row) -> Request {
        Request::read(row, &self.columns, &self.reading)
    }

    /// The id cell as it stands.
    pub fn id_text(&self, row: &Row) -> String {
        self.text(row, Target::Id).unwrap_or_default()
    }

    fn text(&self, row: &Row, target: Target) -> Option<String> {
        let column = self.columns.find(target)?;
        value::text_of(row.cell(column.index)).ok().filter(|text| !text.is_empty())
    }
}

impl Intake {
    /// Opens a sheet. Nothing of it is read but what stands above its rows.
    pub fn open(arguments: &arguments::Sheet, settings: &SheetSettings) -> Result<Intake, Failure> {
        let source = match arguments.path.as_os_str().to_str() {
            Some("-") => Source::StandardInput,
            _ => Source::File(arguments.path.clone()),
        };
        let naming = settings.naming();
        let options = sheet::Options { worksheet: arguments.sheet.clone(), visible_only: arguments.visible_only };
        let own: Vec<String> = naming.map.iter().map(|(heading, _)| heading.to_lowercase()).collect();
        let is_heading = |text: &str| target_of(text).is_some() || own.contains(&text.trim().to_lowercase());
        let sheet = sheet::open(&source, &options, &is_heading).map_err(unreadable)?;
        if arguments.sheet.is_some() && sheet.format == sheet::Format::Csv {
            let error = format!("`{}` is a CSV file and has no worksheets", sheet.name);
            return Err(Failure::new(Kind::Input, error).hint("leave --sheet away"));
        }
        let headings = sheet.headings.iter().map(|heading| (heading.column, heading.text.as_str()));
        let columns = Columns::resolve(headings, &naming).map_err(|problems| not_understood(&sheet, &problems))?;
        let sense = Sense { columns, reading: settings.reading() };
        let limit = arguments.limit.map_or(usize::MAX, |limit| limit as usize);
        Ok(Intake { sheet, sense, rows: arguments.rows.unwrap_or((0, u32::MAX)), limit })
    }

    /// The rows, each with what it asks for.
    pub fn requests(&self) -> Result<impl Iterator<Item = Result<(Row, Request), Failure>> + '_, Failure> {
        let rows = self.sheet.rows().map_err(unreadable)?;
        let (from, to) = self.rows;
        let requests = rows.map(|row| match row.map_err(unreadable)? {
            Ok(row) => {
                let mut request = self.sense.request(&row);
                request.problems.iter_mut().for_each(|problem| self.blame_merged_cell(problem));
                Ok((row, request))
            }
            Err(fault) => Ok(faulty(*fault)),
        });
        let is_asked_for = move |item: &Result<(Row, Request), Failure>| {
            item.as_ref().map_or(true, |(row, _)| (from..=to).contains(&row.number))
        };
        Ok(requests.filter(is_asked_for).take(self.limit))
    }

    /// A cell that is missing may lie under a merged one, where it looks as if it were filled.
    fn blame_merged_cell(&self, problem: &mut Problem) {
        let merged = problem.place.and_then(|place| Some((place, self.sheet.merged_over(place)?)));
        if let Some((place, area)) = merged {
            let first = area.first;
            let why = format!("{place} lies under the merged cell {area}, which counts for {first} only");
            problem.found = format!("{}: {why}", problem.found);
        }
    }

    /// Things worth telling about how the sheet was read.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = self.sheet.notices.clone();
        if self.rows != (0, u32::MAX) {
            notices.push(format!("only the rows {} to {} were taken", self.rows.0, self.rows.1));
        }
        if self.limit != usize::MAX {
            notices.push(format!("at most {} rows were taken", self.limit));
        }
        notices
    }

    /// The headings as the ledger and the report keep them.
    pub fn headings(&self) -> Vec<(u32, String)> {
        self.sheet.headings.iter().map(|heading| (heading.column, heading.text.clone())).collect()
    }
}

fn faulty(fault: RowFault) -> (Row, Request) {
    let request = Request {
        row: fault.row.number,
        id_text: fault.row.cells.first().map(Cell::to_string).unwrap_or_default(),
        note: None,
        problems: vec![Problem::of_row(fault.message, "")],
        ask: Ask::Invalid,
    };
    (fault.row, request)
}

fn unreadable(error: SheetError) -> Failure {
    let hint = error.hint();
    let failure = Failure::new(Kind::Input, error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// All that is wrong with the headings, at once, with the ways out.
fn not_understood(sheet: &sheet::Sheet, problems: &[HeadingProblem]) -> Failure {
    let mut failure = Failure::new(Kind::Input, format!("the headings of `{}` are not understood", sheet.name));
    failure.details = problems.iter().map(describe).collect();
    for problem in problems {
        failure = match problem {
            HeadingProblem::Unknown { heading, nearest, .. } => {
                let field = nearest.as_deref().unwrap_or("details.notes");
                failure.hint(format!("--map \"{heading}={field}\" or --ignore-column \"{heading}\""))
            }
            HeadingProblem::Twice { second, .. } => failure.hint(format!("--ignore-column \"{}\"", second.1)),
            HeadingProblem::NoId => failure.hint("--map \"your heading=id\""),
            HeadingProblem::MapsToNothing { .. } | HeadingProblem::IncompleteLong { .. } => failure,
        };
    }
    failure.hint("`refsheet fields` lists every heading")
}

fn describe(problem: &HeadingProblem) -> String {
    let meant = |nearest: &Option<String>| match nearest {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None => String::new(),
    };
    match problem {
        HeadingProblem::Unknown { column, heading, nearest } => {
            format!("column {column}: `{heading}` is not known{}", meant(nearest))
        }
        HeadingProblem::Twice { first, second, target } => {
            format!("columns {} (`{}`) and {} (`{}`) are both for `{target}`", first.0, first.1, second.0, second.1)
        }
        HeadingProblem::MapsToNothing { heading, field, nearest } => {
            format!("`{heading}` is mapped to `{field}`, which is not a field{}", meant(nearest))
        }
        HeadingProblem::NoId => "no column is headed `id` (or `Referral ID`)".to_owned(),
        HeadingProblem::IncompleteLong { missing } => {
            format!("a sheet of operations needs id, op, path and value; missing: {}", missing.join(", "))
        }
    }
}
