//! `export`: referrals into a sheet that can be edited and given back.
//!
//! ```text
//! list ─ pages ─▶ part ─┬─ once for what there is ──▶ columns
//!                       └─ once more, row by row ───▶ sheet, put in place as a whole; the part is taken away
//! ```

use std::path::PathBuf;
use std::time::Instant;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::arguments::{self, CommandLine};
use super::connect;
use super::part::{Next, Part, Reading};
use super::place::{Place, shell_line};
use super::profile::Profile;
use super::settings::{Settings, SheetSettings};
use super::signals;
use super::template::refuse_to_overwrite;
use super::traffic::{Traffic, unlisted};
use super::unfinished;
use crate::console::{Console, Exported, Progress, Start, words};
use crate::domain::criteria::Criteria;
use crate::domain::event::Notice;
use crate::domain::field::Field;
use crate::domain::heading::SLOTS_MAX;
use crate::domain::referral::{Referral, ReferralId};
use crate::engine;
use crate::error::{Exit, Failure, Kind};
use crate::form::{self, Extract, NoColumn, Selection};
use crate::sandbox;
use crate::service::{Fault, FaultKind, Page, PageQuery, Service};
use crate::sheet::SaveError;
use crate::sheet::text_file::TextFile;

/// Labels that one notice names.
const LABELS_MAX: usize = 8;

/// What is to be made of which referrals.
struct Order {
    out: PathBuf,
    format: Format,
    criteria: Criteria,
    whole: bool,
    /// Whether the person left it to us what the file is called.
    is_default_name: bool,
}

/// What the file is.
enum Format {
    /// Rows and columns.
    Sheet(form::Format, Selection),
    /// A referral a line, as the service holds it.
    Lines,
}

/// What has been written.
struct Written {
    path: PathBuf,
    referrals: u64,
    left_out: u64,
    /// Where it has any.
    columns: Option<usize>,
    notices: Vec<String>,
}

/// Why the reading ended early.
enum Ended {
    Fault(Fault),
    Failure(Failure),
}

/// Exports.
pub fn run(line: &CommandLine, arguments: &arguments::Export, console: Console) -> Result<Exit, Failure> {
    let profile = Profile::load(arguments.service.place.config.as_deref(), &arguments.service.profile)?;
    let arguments: arguments::Export = line.over(&profile)?.arguments()?;
    let sheet = SheetSettings { time_zone: arguments.time_zone.clone(), ..SheetSettings::default() };
    let order = order(&arguments)?;
    let settings = Settings::resolve(sheet, order.out.clone(), &arguments.service, None);
    // The file is put in place as a whole; whoever is impatient says so twice.
    let _listener = signals::listen();
    let place = Place::of(&arguments.service.place)?;
    let what = format!("an export to `{}`", order.out.display());
    let _profile = unfinished::hold(|| what.clone(), None, &place, &settings, &arguments.service.patience, console)?;
    if settings.sandbox {
        let store = sandbox::Store::new(&sandbox::Settings::default());
        return with_service(&order, &settings, console, &store);
    }
    let client = connect::client(&settings, &profile, &arguments.service.place)?;
    with_service(&order, &settings, console, &client)
}

fn order(arguments: &arguments::Export) -> Result<Order, Failure> {
    let today = || Zoned::now().date();
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("referrals-{}.xlsx", today())));
    let is_lines = out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("jsonl"));
    let has_fields = arguments.fields.iter().any(|field| !field.trim().is_empty());
    let format = match is_lines {
        true if has_fields => {
            let error = "`--fields` has no meaning for `.jsonl`, which has the referrals as the service holds them";
            return Err(Failure::new(Kind::Usage, error).hint("leave --fields away, or export to .xlsx or .csv"));
        }
        true => Format::Lines,
        false => {
            let format = form::Format::of(&out).map_err(|_| {
                let error = format!("`{}` does not end in `.xlsx`, `.csv` or `.jsonl`", out.display());
                Failure::new(Kind::Usage, error).hint("say where with --out FILE.xlsx, FILE.csv or FILE.jsonl")
            })?;
            Format::Sheet(format, selection(&arguments.fields)?)
        }
    };
    if !arguments.force {
        refuse_to_overwrite(&out)?;
    }
    let which = &arguments.which;
    let criteria = Criteria {
        filter: which.filter.clone(),
        statuses: which.status.clone(),
        changed_since: which.changed_since,
        team_member: which.team_member.clone(),
        closing_before: which.closing_before,
    };
    Ok(Order { out, format, criteria, whole: arguments.whole, is_default_name: arguments.out.is_none() })
}

fn selection(fields: &[String]) -> Result<Selection, Failure> {
    if fields.iter().all(|field| field.trim().is_empty()) {
        return Ok(Selection::everyday());
    }
    Selection::of(fields).map_err(|strangers| {
        let mut failure = Failure::new(Kind::Usage, "`--fields` is not understood");
        failure.details = strangers.iter().map(NoColumn::to_string).collect();
        failure.hint("`refsheet fields` lists every field; `--fields all` takes all of them")
    })
}

fn with_service<S: Service>(
    order: &Order,
    settings: &Settings,
    console: Console,
    service: &S,
) -> Result<Exit, Failure> {
    let started = Instant::now();
    let reading = Reading { service: settings.address(), filter: order.criteria.odata(), whole: order.whole };
    console.start(&Start {
        run: None,
        command: "export",
        sheet: None,
        profile: &settings.profile,
        service: &settings.address(),
        rate: &settings.rate.to_string(),
        version: super::version::version(),
    });
    let notice = |text: &str| console.note(text);
    let mut part = Part::open(&order.out, reading, Timestamp::now(), notice)?;
    if *part.next() != Next::First {
        let count = words::counted(part.len(), "referral");
        console.say(&format!("going on from `{}`, which has {count} already", part.path().display()));
    }
    let traffic = Traffic::new(settings);
    let done = read(order, settings, &traffic, console, service, &mut part)
        .and_then(|()| write(order, &part, settings.sheet.reading().time_zone));
    let written = match done {
        Ok(written) => written,
        Err(failure) => return Err(given_up(failure, order, part)),
    };
    part.remove();
    written.notices.iter().for_each(|text| notice(text));
    let exported = Exported {
        next: written.columns.map(|_| shell_line(&["plan", &written.path.display().to_string()])),
        file: written.path,
        service: settings.address(),
        referrals: written.referrals,
        left_out: written.left_out,
        columns: written.columns,
        requests: traffic.requests.get(),
        took: started.elapsed(),
        notices: written.notices,
    };
    console.end_export(&exported);
    match console.json {
        true => console.document(&exported.json()),
        false => console.print(&exported.text()),
    }
    Ok(Exit::Done)
}

/// Reads what is not in the part yet.
fn read<S: Service>(
    order: &Order,
    settings: &Settings,
    traffic: &Traffic,
    console: Console,
    service: &S,
    part: &mut Part,
) -> Result<(), Failure> {
    let progress = Progress::of(console, 0, "referral");
    let ended = super::runtime()?.block_on(async {
        tokio::select! {
            biased;
            ended = pages(order, settings, traffic, &progress, service, part) => ended,
            exit = signals::asked_to_stop() => {
                let kind = if exit == Exit::Terminated { Kind::Terminated } else { Kind::Interrupted };
                Err(Ended::Failure(Failure::new(kind, "interrupted, and nothing was written")))
            }
        }
    });
    progress.end();
    ended.map_err(|ended| match ended {
        Ended::Failure(failure) => failure,
        Ended::Fault(fault) => match order.criteria.odata().filter(|_| fault.kind == FaultKind::Refused) {
            Some(filter) => Failure::new(Kind::Usage, format!("the service refuses the filter: {fault}"))
                .hint(format!("the filter was: {filter}")),
            None => unlisted(&fault, "the list of referrals cannot be read"),
        },
    })
}

async fn pages<S: Service>(
    order: &Order,
    settings: &Settings,
    traffic: &Traffic,
    progress: &Progress,
    service: &S,
    part: &mut Part,
) -> Result<(), Ended> {
    let engine = settings.for_engine(0);
    let notice = |notice: Notice| progress.tell(&notice);
    let access = || traffic.access(service, &notice);
    loop {
        let (from, is_resumed) = match part.next() {
            Next::Nothing => return Ok(()),
            Next::First => (engine::first_page(order.criteria.odata()), false),
            Next::Page(cursor) => (PageQuery::Next(cursor.clone()), true),
        };
        let (mut total, mut has_come) = (None, false);
        let take = async |page: Page| {
            has_come = true;
            total = total.or(page.total);
            let mut referrals = page.referrals;
            if order.whole {
                let ids: Vec<ReferralId> = referrals.drain(..).map(|referral| referral.id()).collect();
                let keep = |referral| {
                    referrals.push(referral);
                    progress.reach(part.len() + referrals.len() as u64, total);
                    Ok::<_, Ended>(())
                };
                engine::fetch(access(), &engine, ids, keep).await?;
            }
            part.add(&referrals, page.next)?;
            progress.reach(part.len(), total);
            Ok(())
        };
        match engine::list(access(), &engine, from, take).await {
            Err(Ended::Fault(fault)) if is_resumed && !has_come && fault.kind == FaultKind::Refused => {
                progress.say("the service does not know any more where the reading ended: it begins again");
                part.start_over(Timestamp::now())?;
            }
            ended => return ended,
        }
    }
}

/// Makes the file of what has been read.
fn write(order: &Order, part: &Part, zone: TimeZone) -> Result<Written, Failure> {
    let each_wanted = |each: &mut dyn FnMut(&Referral) -> Result<(), SaveError>| {
        part.each(|referral| match order.criteria.admits(&referral) {
            true => each(&referral).map_err(unwritten),
            false => Ok(()),
        })
    };
    let mut referrals = 0;
    let (path, columns, mut notices) = match &order.format {
        Format::Lines => {
            let mut file = TextFile::create(&order.out).map_err(unwritten)?;
            each_wanted(&mut |referral| {
                referrals += 1;
                file.line(referral.document().text())
            })?;
            (file.save().map_err(unwritten)?, None, Vec::new())
        }
        Format::Sheet(format, selection) => {
            let mut selection = selection.clone();
            each_wanted(&mut |referral| {
                referrals += 1;
                selection.note(referral);
                Ok(())
            })?;
            let columns = selection.columns();
            let mut extract = Extract::create(&order.out, *format, &columns, zone).map_err(unwritten)?;
            each_wanted(&mut |referral| extract.row(referral))?;
            let mut notices = Vec::new();
            if referrals > 0 {
                notices.extend(unseen(&selection, order.whole));
            }
            notices.extend(beyond(&selection, &extract));
            if *format == form::Format::Csv {
                notices.push(
                    "keep an untouched copy, for then only what you edit is sent: apply … --base COPY".to_owned(),
                );
            }
            (extract.save().map_err(unwritten)?, Some(columns.len()), notices)
        }
    };
    let left_out = part.len() - referrals;
    if referrals == 0 && left_out > 0 && order.criteria.closing_before.is_some() && !order.whole {
        notices.push("the list may leave closing dates out; --whole reads each referral for itself".to_owned());
    }
    Ok(Written { path, referrals, left_out, columns, notices })
}

/// What is told of fields that no referral shows.
fn unseen(selection: &Selection, is_whole: bool) -> Option<String> {
    let unseen = selection.unseen();
    if unseen.is_empty() || is_whole {
        return None;
    }
    let is_are = if unseen.len() == 1 { "is" } else { "are" };
    Some(format!(
        "{} {is_are} not in the list of referrals, so what is there now is not known; --whole reads each referral for itself",
        labels(&unseen)
    ))
}

/// What is told of what did not fit.
fn beyond(selection: &Selection, extract: &Extract) -> Vec<String> {
    let lists = selection.too_long();
    let lists = (!lists.is_empty()).then(|| format!("only the first {SLOTS_MAX} items are shown: {}", labels(&lists)));
    let texts = (extract.too_long() > 0).then(|| {
        let rows = words::counted(extract.too_long(), "row");
        format!("in {rows} there is more text than a cell holds; it is left out, and the row note says where")
    });
    lists.into_iter().chain(texts).collect()
}

fn labels(fields: &[&Field]) -> String {
    let named: Vec<&str> = fields.iter().take(LABELS_MAX).map(|field| field.label).collect();
    match fields.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// What the person is told when it did not work out: what has been read is kept, if there is anything.
fn given_up(failure: Failure, order: &Order, part: Part) -> Failure {
    if part.len() == 0 {
        part.remove();
        return failure;
    }
    let count = words::counted(part.len(), "referral");
    let mut command: Vec<String> = std::env::args().skip(1).collect();
    if order.is_default_name {
        // Tomorrow's is another.
        command.extend(["--out".to_owned(), order.out.display().to_string()]);
    }
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    failure.hint(format!(
        "{count} are kept in `{}`; this goes on from there: {}",
        part.path().display(),
        shell_line(&command)
    ))
}

fn unwritten(error: SaveError) -> Failure {
    Failure::new(Kind::Stopped, error).hint("make room, or say where with --out FILE")
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Ended::Fault(fault)
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Ended::Failure(failure)
    }
}
