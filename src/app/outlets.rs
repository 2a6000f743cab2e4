//! What is made of outcomes, in sheet order: the report, the patches, the summary.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::PLAN;
use super::end::End;
use super::place::{Place, shell_command};
use super::run::Finish;
use super::sense::Sense;
use super::settings::Settings;
use crate::console::{Console, Digest, Status, Summary};
use crate::domain::cell::Row;
use crate::domain::change::Base;
use crate::domain::field::FIELDS;
use crate::domain::heading::{Target, target_of};
use crate::domain::json::push_string;
use crate::domain::outcome::{Outcome, Settled, Tally};
use crate::domain::referral::ETag;
use crate::error::{Failure, Kind};
use crate::ledger::Head;
use crate::report::{AsRead, Facts, Line, Report};
use crate::sheet::SaveError;

/// Takes rows with their outcomes, from the top, and makes of them what the user asked for.
pub struct Outlets<'a> {
    tally: Tally,
    digest: Digest,
    report: Option<Planned>,
    /// Why the report could not be written to its end, if so.
    lost: Option<SaveError>,
    patches: Option<Patches>,
    /// Finds the run again, if it is not finished.
    place: Option<&'a Place>,
    note_column: Option<u32>,
}

/// A report that can be written but is not begun: a process that is killed meanwhile leaves nothing behind.
struct Planned {
    path: PathBuf,
    headings: Vec<(u32, String)>,
    as_read: Option<AsRead>,
    /// What the changes of a plan are made for.
    plan: Option<String>,
    begun: Option<Report>,
}

struct Patches {
    path: PathBuf,
    file: BufWriter<File>,
}

/// A row at its end.
pub struct Ended {
    /// Its cells.
    pub row: Row,
    /// What they were in the sheet's base.
    pub base: Base,
    /// Its referral's id, or what stands for it.
    pub id: String,
    /// How it ended.
    pub settled: Settled,
}

/// What is wanted of rows besides their number.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Somebody wants to hear of each row.
    rows: bool,
    patches: bool,
}

/// Rows that stand below one another, as far as the outlets want them: that can be prepared on any thread.
pub struct Stretch {
    wanted: Wanted,
    /// Of rows of which nothing is to be told, only how many there are.
    quiet: Tally,
    told: Vec<Ended>,
    patches: String,
}

impl Stretch {
    /// Without rows.
    pub fn begin(wanted: Wanted) -> Stretch {
        Stretch { wanted, quiet: Tally::default(), told: Vec::new(), patches: String::new() }
    }

    /// Adds the next row.
    pub fn add(&mut self, ended: Ended) {
        let settled = &ended.settled;
        if self.wanted.patches {
            push_line(&mut self.patches, settled, &ended.id);
        }
        match self.wanted.rows || !settled.outcome.is_well() || !settled.problems.is_empty() {
            true => self.told.push(ended),
            false => self.quiet += settled.outcome,
        }
    }
}

impl<'a> Outlets<'a> {
    /// Opens what the user asked for, so that it shows before anything is sent if it cannot be written.
    pub fn open(
        sheet: &Path,
        head: &Head,
        settings: &Settings,
        patches: Option<&Path>,
    ) -> Result<Outlets<'a>, Failure> {
        if let Some(path) = patches.filter(|path| is_same_file(path, sheet)) {
            return Err(would_overwrite(path));
        }
        let outlets = Outlets::again(head, sheet, settings.report.as_deref())?;
        Ok(Outlets { patches: patches.map(Patches::open).transpose()?, ..outlets })
    }

    /// The same for a run that began earlier.
    pub fn again(head: &Head, sheet: &Path, report: Option<&Path>) -> Result<Outlets<'a>, Failure> {
        if let Some(path) = report.filter(|path| is_same_file(path, sheet)) {
            return Err(would_overwrite(path));
        }
        if let Some(folder) =
            report.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
        {
            let error = format!("the folder `{}` of the report does not exist", folder.display());
            return Err(Failure::new(Kind::Usage, error).hint("make it, or say where with --report FILE"));
        }
        let report = report.map(|path| Planned::check(path, head)).transpose()?;
        let is_note = |heading: &&(u32, String)| target_of(&heading.1) == Some(Target::Note);
        Ok(Outlets {
            tally: Tally::default(),
            digest: Digest::default(),
            report,
            lost: None,
            patches: None,
            place: None,
            note_column: head.headings.iter().find(is_note).map(|heading| heading.0),
        })
    }

    /// Says how the run can be finished, if it is not.
    pub fn with_resume(self, place: &'a Place) -> Self {
        Outlets { place: Some(place), ..self }
    }

    /// What has to be prepared of rows.
    pub fn wanted(&self, console: Console) -> Wanted {
        Wanted { rows: self.report.is_some() || console.tells_rows(), patches: self.patches.is_some() }
    }

    /// Takes the next rows, of which nobody has heard yet.
    pub fn take_stretch(&mut self, stretch: &Stretch, console: Console) -> Result<(), Failure> {
        self.tally += stretch.quiet;
        for Ended { row, base, id, settled } in &stretch.told {
            console.row(settled, id);
            self.note(row, base, id, settled);
        }
        self.patches.as_mut().map_or(Ok(()), |patches| patches.write(&stretch.patches))
    }

    /// Takes the next row.
    pub fn take(&mut self, row: &Row, base: &Base, id: &str, settled: &Settled) -> Result<(), Failure> {
        self.note(row, base, id, settled);
        let mut line = String::new();
        let Some(patches) = &mut self.patches else { return Ok(()) };
        push_line(&mut line, settled, id);
        patches.write(&line)
    }

    fn note(&mut self, row: &Row, base: &Base, id: &str, settled: &Settled) {
        self.tally += settled.outcome;
        self.digest.add(settled);
        if let Some(report) = &mut self.report {
            let note = self.note_column.map(|column| row.cell(column).to_string()).filter(|note| !note.is_empty());
            if let Err(error) = report.push(&Line { row, base, id, note: note.as_deref(), settled }) {
                self.lose_report(error);
            }
        }
    }

    /// Finishes the files, and says how the program ends.
    pub fn close(mut self, head: &Head, finish: &Finish) -> Result<End, Failure> {
        if let Some(patches) = self.patches.take() {
            patches.close()?;
        }
        let is_open = finish.stopped.is_some() || self.tally[Outcome::InDoubt] > 0;
        let resume = self.place.filter(|_| is_open).map(|place| shell_command(place, &["resume", &head.run]));
        let facts = facts(head, finish, resume.clone());
        let report = self.report.take().map(|report| report.finish(&facts)).transpose();
        let report = report.unwrap_or_else(|error| {
            self.lose_report(error);
            None
        });
        let summary = Summary {
            run: head.run.clone(),
            status: finish.status(),
            sheet: head.sheet.clone(),
            sheet_sha256: head.sheet_sha256.clone(),
            shard: facts.shard.clone(),
            tally: self.tally,
            requests: finish.requests,
            took: finish.took,
            report,
            resume,
            digest: self.digest.text(),
        };
        let lost = self.lost.map(|error| lost_report(error, &head.run, self.place));
        Ok(End { exit: finish.exit(&self.tally), summary: Some(summary), lost })
    }

    /// The run matters more than its report, which can be made again.
    fn lose_report(&mut self, error: SaveError) {
        self.report = None;
        self.lost.get_or_insert(error);
    }
}

impl Planned {
    /// Begins the report and gives it up again, to see that it can be written.
    fn check(path: &Path, head: &Head) -> Result<Planned, Failure> {
        drop(Report::create(path, &head.headings, None, None).map_err(no_report)?);
        let settings = Settings::from_text(&head.settings);
        let sense = settings.ok().and_then(|settings| Sense::of_run(&head.headings, &settings.sheet).ok());
        let as_read = sense.map(|sense| AsRead {
            columns: sense.columns,
            base_reading: sense.base_reading.map_or(sense.reading, |base| base.reading),
        });
        let plan = (head.command == PLAN).then(|| made_for(&head.service));
        Ok(Planned { path: path.to_owned(), headings: head.headings.clone(), as_read, plan, begun: None })
    }

    fn push(&mut self, line: &Line<'_>) -> Result<(), SaveError> {
        let report = self.take()?;
        self.begun.insert(report).push(line)
    }

    fn finish(mut self, facts: &Facts) -> Result<PathBuf, SaveError> {
        self.take()?.finish(facts)
    }

    /// The report, begun if need be.
    fn take(&mut self) -> Result<Report, SaveError> {
        let create = || Report::create(&self.path, &self.headings, self.as_read.as_ref(), self.plan.as_deref());
        self.begun.take().map_or_else(create, Ok)
    }
}

impl Patches {
    fn open(path: &Path) -> Result<Patches, Failure> {
        let file = File::create(path).map_err(|error| unwritable(path, error))?;
        Ok(Patches { path: path.to_owned(), file: BufWriter::new(file) })
    }

    fn write(&mut self, lines: &str) -> Result<(), Failure> {
        self.file.write_all(lines.as_bytes()).map_err(|error| unwritable(&self.path, error))
    }

    fn close(mut self) -> Result<(), Failure> {
        self.file.flush().map_err(|error| unwritable(&self.path, error))
    }
}

/// Adds a row's line if something would be sent: `{"row":2,"id":"…","if_match":"…","patch":[…]}`; a referral to be created
/// has `create` instead of `patch`.
fn push_line(lines: &mut String, settled: &Settled, id: &str) {
    let (Outcome::Planned, Some(patch)) = (settled.outcome, &settled.patch) else { return };
    let creates = patch.text().starts_with('{');
    lines.push_str(r#"{"row":"#);
    lines.push_str(&settled.row.to_string());
    lines.push_str(r#","id":"#);
    push_string_or_null(lines, Some(id).filter(|_| !creates));
    lines.push_str(r#","if_match":"#);
    push_string_or_null(lines, settled.etag_before.as_ref().map(ETag::as_str));
    lines.push_str(if creates { r#","create":"# } else { r#","patch":"# });
    lines.push_str(patch.text());
    lines.push_str("}\n");
}

fn push_string_or_null(json: &mut String, text: Option<&str>) {
    match text {
        Some(text) => push_string(json, text),
        None => json.push_str("null"),
    }
}

/// What a plan is made for: a service, and what this program knows of its fields. Another one could understand the
/// plan in another way.
pub fn made_for(service: &str) -> String {
    let mut hash = Sha256::new();
    for field in FIELDS {
        hash.update(format!("{} {} {}\n", field.path, field.kind.word(), field.writable.word()));
    }
    let [a, b, c, d, ..]: [u8; 32] = hash.finalize().into();
    format!("{service} fields {:08x}", u32::from_be_bytes([a, b, c, d]))
}

fn facts(head: &Head, finish: &Finish, resume: Option<String>) -> Facts {
    let stopped = match finish.status() {
        Status::Finished => None,
        Status::Interrupted => Some("interrupted".to_owned()),
        Status::Aborted(why) => Some(why),
    };
    Facts {
        command: head.command.clone(),
        run: head.run.clone(),
        sheet: head.sheet.clone(),
        worksheet: head.worksheet.clone(),
        sha256: head.sheet_sha256.clone(),
        shard: Settings::from_text(&head.settings)
            .ok()
            .and_then(|settings| settings.shard())
            .map(|shard| shard.to_string()),
        service: head.service.clone(),
        profile: Some(head.profile.clone()),
        rate: head.rate.clone(),
        started: head.started_at,
        ended: Timestamp::now(),
        duration: finish.took,
        requests: finish.requests,
        who: head.user.clone(),
        version: head.program.clone(),
        stopped,
        notices: head.notices.clone(),
        resume,
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn would_overwrite(path: &Path) -> Failure {
    let error = format!("`{}` is the sheet itself and would be overwritten", path.display());
    Failure::new(Kind::Usage, error).hint("give the file another name")
}

fn unwritable(path: &Path, error: std::io::Error) -> Failure {
    Failure::new(Kind::Usage, SaveError { path: path.to_owned(), source: error.into() })
}

/// Before the run: nothing has been sent.
fn no_report(error: SaveError) -> Failure {
    Failure::new(Kind::Usage, error).hint("say where the report shall be with --report FILE, or --no-report")
}

/// After the run.
fn lost_report(error: SaveError, run: &str, place: Option<&Place>) -> Failure {
    let failure = Failure::new(Kind::Output, error);
    match place {
        Some(place) => {
            let again = shell_command(place, &["runs", "show", run, "--report", "FILE"]);
            failure.hint(format!("only the report is missing; to make it again: {again}"))
        }
        None => failure,
    }
}
