//! From a file to requests: opens the sheet, understands its headings, and reads its rows one by one.

use super::About;
use super::abreast::in_order;
use super::arguments;
use super::choices::MatchBy;
use super::gaps::Gaps;
use super::misread::{not_understood, unreadable};
use super::original::{Made, Original};
use super::outlets::made_for;
use super::plan_rows::PlanRows;
use super::repeats::{Counter, Repeats, Several};
use super::sense::{Key, Sense};
use super::settings::{Bite, Settings, SettledColumns, SheetSettings};
use super::shard_rows::{Others, ShardRows};
use crate::domain::cell::{Address, Area, Cell, Row};
use crate::domain::change::{Ask, Base, Request};
use crate::domain::heading::{Column, Columns, Layout, Target, target_of};
use crate::domain::identity::{Directory, Who};
use crate::domain::planned::Part;
use crate::domain::problem::Problem;
use crate::domain::survey::{Finding, Survey};
use crate::error::{Failure, Kind};
use crate::report;
use crate::sheet::{self, Batch, RowFault, SheetError, Source, Worksheet};

/// Says to `--base` that an exported workbook shall be taken as if it knew of no export.
const NO_BASE: &str = "none";

/// A sheet whose headings are understood and whose rows have been gone through once.
pub struct Intake {
    /// The sheet.
    pub sheet: sheet::Sheet,
    /// How its rows are to be understood.
    pub sense: Sense,
    /// Whether the sheet is a report of this program's, given back.
    pub is_report: bool,
    original: Option<Original>,
    directory: Option<Directory>,
    creates_missing: bool,
    several: Several,
    plan_rows: PlanRows,
    shard_rows: ShardRows,
    findings: Vec<Finding>,
    gaps: Vec<String>,
    bite: Bite,
}

/// What a worker has made of a batch.
enum Stretch<R> {
    /// All that is to be made of it.
    Made(R),
    /// Rows that have yet to be compared with those above them.
    Compared(Vec<Taken>),
}

/// A row that has been taken in.
pub struct Taken {
    /// Its cells.
    pub row: Row,
    /// What they were in the sheet's base.
    pub base: Base,
    /// How it stands to the other rows.
    pub remarks: Vec<Problem>,
    /// What it asks for, with the remarks among its problems.
    pub request: Request,
}

impl Intake {
    /// Opens a sheet and goes through its rows once: what a column says as a whole decides how its cells are read.
    /// Settles in `settings` what has been found out.
    pub fn open(arguments: &arguments::Sheet, settings: &mut Settings) -> Result<Intake, Failure> {
        let service = settings.address();
        let settings = &mut settings.sheet;
        let source = match arguments.path.as_os_str().to_str() {
            Some("-") => Source::StandardInput,
            _ => Source::File(arguments.path.clone()),
        };
        let naming = settings.naming();
        let own: Vec<String> = naming.map.iter().map(|(heading, _)| heading.to_lowercase()).collect();
        let is_heading = |text: &str| target_of(text).is_some() || own.contains(&text.trim().to_lowercase());
        let open = |worksheet| {
            let options = sheet::Options { worksheet, visible_only: arguments.how.visible_only };
            sheet::open(&source, &options, &is_heading).map_err(unreadable)
        };
        let mut sheet = open(arguments.how.sheet.clone())?;
        let meant = meant_in_report(&sheet);
        let is_report = meant.is_some();
        if let Some(meant) = meant.filter(|_| arguments.how.sheet.is_none()) {
            sheet = open(Some(Worksheet::Name(meant.to_owned())))?;
        }
        if arguments.how.sheet.is_some() && sheet.format == sheet::Format::Csv {
            let error = format!("`{}` is a CSV file and has no worksheets", sheet.name);
            return Err(Failure::new(Kind::Input, error).hint("leave --sheet away"));
        }
        let headings = sheet.headings.iter().map(|heading| (heading.column, heading.text.as_str()));
        let columns = Columns::resolve(headings, &naming).map_err(|problems| not_understood(&sheet, &problems))?;
        let sense = Sense::new(columns, settings);
        check_plan(&sheet, &sense.columns, &service)?;
        let original = original(arguments, settings, (&sheet, is_report), &sense.columns)?;
        let plan_rows = PlanRows::of(&sheet, &sense, &settings.bite)?;
        let Look { survey, counter, gaps, has_rows, is_known } =
            look(&sheet, &sense, original.as_ref(), &settings.bite)?;
        if !has_rows {
            let sheet::Sheet { name: file, heading_row, rows_left_out: left_out, .. } = sheet;
            return Err(unreadable(SheetError::NoRows { file, heading_row, left_out }));
        }
        // Of a report, the rows that have a base may have been taken out.
        let may_be_known = settings.match_by != MatchBy::Id || is_known || is_report;
        if let Some(original) = original.as_ref().filter(|_| !may_be_known) {
            let error = format!("no row of `{}` is in the base, {}", sheet.name, original.name);
            return Err(Failure::new(Kind::Input, error).hint("rows are found by their ids, or by --match-by"));
        }
        let findings = survey.findings();
        settings.settled = SettledColumns::of(findings.iter().filter_map(|finding| finding.settled));
        settings.base = original.as_ref().map(|original| original.settings.clone());
        let sense = Sense::new(sense.columns, settings);
        let shard_rows = ShardRows::of(&sheet, &sense, settings)?;
        Ok(Intake {
            sheet,
            sense,
            is_report,
            original,
            directory: None,
            creates_missing: settings.create_missing,
            several: counter.several(),
            plan_rows,
            shard_rows,
            findings,
            gaps: gaps.notices(),
            bite: settings.bite.clone(),
        })
    }

    /// From now on, rows without an id are found in a directory.
    pub fn look_up_in(&mut self, directory: Directory) {
        self.directory = Some(directory);
    }

    /// Goes through the rows, on all cores. `make` makes something of some rows that stand below one another, each with
    /// what it asks for; `consume` gets what was made, in the order of the sheet.
    pub fn each<R: Send, T>(
        &self,
        make: impl Fn(Vec<Taken>) -> R + Sync,
        consume: impl FnOnce(&mut dyn Iterator<Item = Result<R, Failure>>) -> T,
    ) -> Result<T, Failure> {
        let mut batches = self.batches()?;
        let worker = || {
            let sense = self.sense.apart();
            let make = &make;
            move |batch: Result<Batch, SheetError>| -> Result<Stretch<R>, Failure> {
                let rows: Vec<Taken> =
                    batch.map_err(unreadable)?.into_iter().map(|row| self.take(row, &sense)).collect();
                let stand_alone = rows.iter().all(|taken| !self.concerns_others(taken));
                Ok(if stand_alone { Stretch::Made(make(self.finished(rows, None))) } else { Stretch::Compared(rows) })
            }
        };
        Ok(in_order(
            move || batches.next(),
            worker,
            |stretches| {
                let mut repeats = Repeats::among(&self.several);
                consume(&mut stretches.map(|stretch| {
                    Ok(match stretch? {
                        Stretch::Made(result) => result,
                        Stretch::Compared(rows) => make(self.finished(rows, Some(&mut repeats))),
                    })
                }))
            },
        ))
    }

    /// The rows that are wanted.
    fn batches(&self) -> Result<Box<dyn Iterator<Item = Result<Batch, SheetError>> + Send>, Failure> {
        let batches = self.sheet.batches().map_err(unreadable)?;
        if self.bite.is_all() {
            return Ok(Box::new(batches));
        }
        let bite = self.bite.clone();
        let limit = self.bite.limit.map_or(usize::MAX, |limit| limit as usize);
        // Rows that are not taken are not compared with the others either.
        let is_asked_for = move |row: &Result<Result<Row, Box<RowFault>>, SheetError>| match row {
            Ok(Ok(row)) => bite.holds(row.number),
            Ok(Err(fault)) => bite.holds(fault.row.number),
            Err(_) => true,
        };
        let rows = sheet::Rows::from(batches).filter(is_asked_for).take(limit);
        Ok(Box::new(sheet::batched(rows)))
    }

    /// A row with what it asks for, before it is compared with others.
    fn take(&self, row: Result<Row, Box<RowFault>>, sense: &Sense) -> Taken {
        let row = match row {
            Ok(row) => row,
            Err(fault) => return faulty(*fault),
        };
        let (who, base) = self.background(&row, sense);
        let request = sense.request(&row, who, base.clone());
        let mut remarks = self.under_merged_cells(&row);
        remarks.extend(self.shard_rows.remark(&row, sense, &request));
        remarks.extend(self.plan_rows.remarks(&row, sense, &request));
        Taken { row, base, remarks, request }
    }

    fn background(&self, row: &Row, sense: &Sense) -> (Who, Base) {
        if self.directory.is_none() && self.original.is_none() {
            return (Who::ByCell, Base::Absent);
        }
        let keys = sense.keys(row);
        let who = match (&self.directory, keys.first()) {
            (Some(directory), Some(Key::Other(key))) => directory.find(key, self.creates_missing),
            _ => Who::ByCell,
        };
        // A base with ids knows a row that was found by something else.
        let found = match &who {
            Who::Known(id) => Some(Key::Id(id.to_string())),
            Who::ByCell | Who::Nobody { .. } | Who::Several(_) => None,
        };
        let base = match &self.original {
            Some(original) => original.base_of(keys.iter().chain(&found)),
            None => Base::Absent,
        };
        (who, base)
    }

    /// Whether a row has to be looked at after those above it.
    fn concerns_others(&self, taken: &Taken) -> bool {
        let key = if self.several.are_none() { None } else { self.sense.key(&taken.row) };
        Repeats::concern(&self.several, key.as_deref(), &taken.request)
    }

    /// The shard's own rows with all remarks among their problems, after a comparison of all rows with those above if one
    /// is needed.
    fn finished(&self, mut rows: Vec<Taken>, mut repeats: Option<&mut Repeats<'_>>) -> Vec<Taken> {
        for Taken { row, remarks, request, .. } in &mut rows {
            if let Some(repeats) = repeats.as_mut().filter(|_| !remarks.iter().any(Problem::is_error)) {
                let compared = repeats.remarks(self.sense.key(row).as_deref(), request);
                remarks.splice(..0, compared);
            }
            request.remark(remarks);
            request.problems.iter_mut().for_each(|problem| self.blame_merged_cell(problem));
        }
        self.shard_rows.keep(rows, &self.sense)
    }

    /// The rows that were gone through and fall to other shards.
    pub fn others(&self) -> Others {
        self.shard_rows.others()
    }

    /// What the rows are from.
    pub fn about(&self) -> About {
        let headings = self.sheet.headings.iter().map(|heading| (heading.column, heading.text.clone()));
        About {
            name: self.sheet.name.clone(),
            worksheet: self.sheet.worksheet.clone(),
            sha256: self.sheet.sha256.clone(),
            headings: headings.collect(),
            notices: self.notices(),
        }
    }

    /// Cells that look filled, because a merged cell lies over them, but are blank.
    fn under_merged_cells(&self, row: &Row) -> Vec<Problem> {
        if !self.sheet.has_merged_cells() {
            return Vec::new();
        }
        let remark = |column: &Column| {
            let is_field = matches!(column.target, Target::Field(_) | Target::Item(_) | Target::Part { .. });
            let place = Address { column: column.index, row: row.number };
            let area = self.sheet.merged_over(place).filter(|_| is_field && row.cell(column.index).is_blank())?;
            Some(Problem::warning(place, &column.heading, lies_under(place, area), "nothing is changed here"))
        };
        self.sense.columns.all.iter().filter_map(remark).collect()
    }

    /// What is missing may be there for whoever looks at the sheet.
    fn blame_merged_cell(&self, problem: &mut Problem) {
        let merged = problem.place.and_then(|place| Some((place, self.sheet.merged_over(place)?)));
        if let Some((place, area)) = merged.filter(|_| problem.is_error()) {
            problem.found = format!("{}: {}", problem.found, lies_under(place, area));
        }
    }

    /// Things worth telling about how the sheet was read.
    fn notices(&self) -> Vec<String> {
        let mut notices = self.sheet.notices.clone();
        notices.extend(self.gaps.iter().cloned());
        notices.extend(self.findings.iter().map(|finding| finding.notice.clone()));
        if let Some(original) = &self.original {
            notices.push(format!("only cells that differ from {} are changes", original.name));
        }
        notices.extend(self.bite.notices());
        notices
    }
}

/// What is found out by going through all rows once.
struct Look {
    survey: Survey,
    counter: Counter,
    gaps: Gaps,
    has_rows: bool,
    /// Whether the original knows one of them.
    is_known: bool,
}

impl Look {
    fn note(&mut self, row: &Result<Row, Box<RowFault>>, sense: &Sense, original: Option<&Original>, bite: &Bite) {
        self.has_rows = true;
        self.gaps.note(row);
        let Ok(row) = row else { return };
        self.survey.note(row, &sense.columns, &sense.reading);
        self.is_known |= original.is_some_and(|original| original.knows(sense.keys(row).iter()));
        if let Some(key) = sense.key(row).filter(|_| bite.holds(row.number)) {
            self.counter.note(&key);
        }
    }

    fn join(&mut self, below: Look) {
        self.survey.join(below.survey);
        self.counter.join(&below.counter);
        self.gaps.join(below.gaps);
        self.has_rows |= below.has_rows;
        self.is_known |= below.is_known;
    }
}

/// Goes through all rows, on all cores.
fn look(sheet: &sheet::Sheet, sense: &Sense, original: Option<&Original>, bite: &Bite) -> Result<Look, Failure> {
    let (survey, counter, gaps) = (Survey::default(), Counter::default(), Gaps::of(sheet));
    let mut all = Look { survey, counter, gaps, has_rows: false, is_known: false };
    let mut batches = sheet.batches().map_err(unreadable)?;
    // The hashes of one counter cannot be compared with those of another.
    let nothing_yet = all.counter.clone();
    let worker = || {
        let sense = sense.apart();
        let nothing_yet = &nothing_yet;
        move |batch: Result<Batch, SheetError>| {
            let (counter, gaps) = (nothing_yet.clone(), Gaps::further_down(sheet));
            let mut look = Look { survey: Survey::default(), counter, gaps, has_rows: false, is_known: false };
            for row in batch? {
                look.note(&row, &sense, original, bite);
            }
            Ok(look)
        }
    };
    in_order(
        move || batches.next(),
        worker,
        |mut looks| looks.try_for_each(|look: Result<Look, SheetError>| look.map(|look| all.join(look))),
    )
    .map_err(unreadable)?;
    Ok(all)
}

fn lies_under(place: Address, area: Area) -> String {
    format!("{place} lies under the merged cell {area}, which counts for {} only", area.first)
}

/// What the sheet was made from, if anybody says so.
fn original(
    arguments: &arguments::Sheet,
    settings: &SheetSettings,
    (sheet, is_report): (&sheet::Sheet, bool),
    columns: &Columns,
) -> Result<Option<Original>, Failure> {
    let made = Made { columns, settings, is_report, worksheet: arguments.how.sheet.as_ref() };
    match arguments.how.base.as_deref() {
        Some(base) if base.as_os_str() == NO_BASE => Ok(None),
        Some(base) => Original::read(base, &made).map(Some),
        None if sheet.bases.is_empty() || columns.layout != Layout::Wide => Ok(None),
        None => Original::exported(&arguments.path, &sheet.bases, &made).map(Some),
    }
}

/// Of a workbook that this program has made, the worksheet that is meant to be given back.
fn meant_in_report(sheet: &sheet::Sheet) -> Option<&'static str> {
    let has = |name: &str| sheet.worksheets.iter().any(|worksheet| worksheet == name);
    let meant = [report::PLAN, report::TO_FIX].into_iter().find(|name| has(name))?;
    (has(report::RESULTS) && has(report::SUMMARY)).then_some(meant)
}

/// A plan is good for what it was made for, and for nothing else.
fn check_plan(sheet: &sheet::Sheet, columns: &Columns, service: &str) -> Result<(), Failure> {
    let Some(column) = columns.find(Target::Planned(Part::For)) else { return Ok(()) };
    let expected = made_for(service);
    for row in sheet.rows().map_err(unreadable)? {
        let Ok(row) = row.map_err(unreadable)? else { continue };
        let found = row.cell(column.index).to_string();
        if found != expected {
            let error = format!("the plan `{}` was made for another service or by another version", sheet.name);
            let mut failure = Failure::new(Kind::Input, error).hint("plan the sheet again");
            failure.details = vec![
                format!("made for: {}", if found.is_empty() { "(nothing)" } else { &found }),
                format!("this is: {expected}"),
            ];
            return Err(failure);
        }
    }
    Ok(())
}

fn faulty(fault: RowFault) -> Taken {
    let request = Request {
        row: fault.row.number,
        id_text: fault.row.cells.first().map(Cell::to_string).unwrap_or_default(),
        note: None,
        problems: vec![Problem::of_row(fault.message, "")],
        ask: Ask::Invalid,
    };
    Taken { row: fault.row, base: Base::Absent, remarks: Vec::new(), request }
}
