//! A case: referrals, a sheet, a script of mishaps, settings. It is applied (or planned) on a paused clock, and what
//! was witnessed is compared, entry by entry.
//!
//! Whatever a test is about, each run is also held to what holds always: a write leaves only after an intent of its
//! own, no row settles twice, all settle unless the run says why not, never too many calls in flight, all counted.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use refsheet::domain::cell;
use refsheet::domain::change::{Ask, Background, Request};
use refsheet::domain::earlier::Earlier;
use refsheet::domain::event::{Event, Intent, Notice, Requests};
use refsheet::domain::heading::{Columns, Naming};
use refsheet::domain::outcome::{Outcome, Settled};
use refsheet::domain::referral::ReferralId;
use refsheet::domain::value::Reading;
use refsheet::engine::{
    self, Access, Check, OnConflict, Pacer, Patience, Pending, Rate, Settings, Source, Stopped, Surroundings, Via,
};
use refsheet::sandbox::{self, Call, Mishap, Store, Troubled, referral_id};
use refsheet::service::Fault;
use serde_json::{Value, json};

use crate::probe::{Faults, Probe, WAY, Witnessed};

/// Rows that a source gives at once: few, so that it is asked again.
const ROWS_AT_ONCE: usize = 7;

/// What a run starts from. Referrals have numbers from 1; all hold the notes `a` and the deal value 1.
pub struct Case {
    service: Troubled,
    count: usize,
    rows: Vec<Pending>,
    faults: Faults,
    ways: Vec<Duration>,
    lapse: Option<(Duration, Duration)>,
    rate: Rate,
    settings: Settings,
    events_kept: usize,
    stop_at: Option<Duration>,
    killed_at: Option<Duration>,
}

/// How it went.
pub struct Run {
    pub stopped: Option<Stopped>,
    pub events: Vec<Event>,
    pub notices: Vec<Notice>,
    pub requests: Requests,
    pub in_flight_max: usize,
    pub took: Duration,
    rows: Vec<Pending>,
    probe: Probe,
}

/// Whether a case is applied or planned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Apply,
    Plan,
}

/// Applies a case that runs to its end and compares what was witnessed, entries separated by commas.
pub async fn check(case: Case, expected: &str) -> Run {
    let run = case.apply().await;
    assert_eq!(run.story(), expected);
    assert_eq!(run.stopped, None);
    run
}

/// The same for a case that stops.
pub async fn check_stopped(case: Case, expected: &str, why: Stopped) -> Run {
    let run = case.apply().await;
    assert_eq!(run.story(), expected);
    assert_eq!(run.stopped, Some(why));
    run
}

/// A referral as the service prints it, `links` and a member that nobody knows included.
pub fn referral(number: usize) -> Value {
    json!({
        "id": id(number).to_string(),
        "name": format!("Deal {number}"),
        "createdDateTime": format!("2026-01-01T{:02}:{:02}:{:02}Z", number / 3600, number / 60 % 60, number % 60),
        "status": "Active",
        "substatus": "Accepted",
        "favorite": false,
        "campaignId": null,
        "consent": {},
        "customerProfile": { "name": "Contoso", "team": [] },
        "details": { "notes": "a", "dealValue": 1, "currency": "USD" },
        "team": [],
        "links": sandbox_links(number),
        "brandNew": [1.10],
    })
}

/// The id of the referral with this number.
pub fn id(number: usize) -> ReferralId {
    referral_id(1, number)
}

fn sandbox_links(number: usize) -> Value {
    json!({ "self": { "uri": format!("https://api.partner.microsoft.com/{}", id(number)), "method": "GET" } })
}

impl Case {
    /// Referrals that a service holds whose list shows their eTags.
    pub fn of(count: usize) -> Case {
        Case::holding((1..=count).map(referral).collect(), true)
    }

    /// Referrals that a service holds whose list shows no eTags.
    pub fn without_listed_etags(count: usize) -> Case {
        Case::holding((1..=count).map(referral).collect(), false)
    }

    /// Referrals that a service holds, and whether its list shows their eTags.
    pub fn holding(referrals: Vec<Value>, list_etags: bool) -> Case {
        let count = referrals.len();
        let settings = sandbox::Settings { list_etags, ..sandbox::Settings::default() };
        let store = Store::holding(referrals, &settings).unwrap();
        Case::on(Troubled::new(store), count, Vec::new())
    }

    fn on(service: Troubled, count: usize, rows: Vec<Pending>) -> Case {
        let settings = Settings {
            repeats_creates: false,
            concurrency: 1,
            rows_at_once: 1,
            check: Check::Live,
            via: Via::Patch,
            on_conflict: OnConflict::Merge,
            patience: Patience::default(),
            failures_max: None,
            duration_max: None,
        };
        Case {
            service,
            count,
            rows,
            faults: Faults::new(),
            ways: vec![WAY],
            lapse: None,
            rate: Rate::Unlimited,
            settings,
            events_kept: usize::MAX,
            stop_at: None,
            killed_at: None,
        }
    }

    /// The sheet, cells separated by `|`: first the referral's number (blank for one to be created), then the cells
    /// below the headings. The first row is row 2.
    pub fn sheet(mut self, headings: &str, rows: impl IntoIterator<Item = impl AsRef<str>>) -> Case {
        let headings: Vec<&str> = std::iter::once("id").chain(headings.split('|').map(str::trim)).collect();
        let columns = Columns::resolve((0..).zip(headings), &Naming::default()).unwrap();
        let pending = |(number, row): (u32, _)| Pending {
            request: request(number, row, &columns),
            prior: None,
            earlier: Earlier::default(),
        };
        let rows: Vec<String> = rows.into_iter().map(|row| row.as_ref().to_owned()).collect();
        self.rows = (2..).zip(rows.iter().map(String::as_str)).map(pending).collect();
        self
    }

    /// All rows as one write, as the rows of a plan are that are about one referral.
    pub fn joined(mut self) -> Case {
        let mut rows = std::mem::take(&mut self.rows).into_iter();
        self.rows.extend(rows.next());
        rows.for_each(|row| self.rows[0].request.join(row.request));
        self
    }

    /// What the next calls of a kind meet with.
    pub fn meets(mut self, call: Call, mishaps: impl IntoIterator<Item = Mishap>) -> Case {
        self.service = self.service.scripted(call, mishaps);
        self
    }

    /// What so many calls of a kind end in, whatever is scripted.
    pub fn fails(mut self, call: Call, times: usize, fault: Fault) -> Case {
        self.faults.insert(call, (times, fault));
        self
    }

    /// Settings other than the default: one row at once, looked at, patched, merged.
    pub fn with(mut self, set: impl FnOnce(&mut Settings)) -> Case {
        set(&mut self.settings);
        self
    }

    pub fn at_once(self, concurrency: usize) -> Case {
        self.with(|settings| (settings.concurrency, settings.rows_at_once) = (concurrency, concurrency))
    }

    /// Of those, so many rows more wait for the disk.
    pub fn ahead(self, rows: usize) -> Case {
        self.with(|settings| settings.rows_at_once += rows)
    }

    pub fn at_rate(mut self, per_second: f64) -> Case {
        self.rate = Rate::PerSecond(per_second);
        self
    }

    /// What calls take in each direction, one after the other and round again.
    pub fn taking(mut self, ways: impl IntoIterator<Item = Duration>) -> Case {
        self.ways = ways.into_iter().collect();
        self
    }

    /// From a moment on, no call can be made until the token is there that takes so long to come.
    pub fn lapsing(mut self, at: Duration, takes: Duration) -> Case {
        self.lapse = Some((at, at + takes));
        self
    }

    /// Only so many events can be kept.
    pub fn keeping(mut self, events: usize) -> Case {
        self.events_kept = events;
        self
    }

    /// Somebody asks for the end then.
    pub fn stopping_at(mut self, at: Duration) -> Case {
        self.stop_at = Some(at);
        self
    }

    /// The process is gone then.
    pub fn killed_at(mut self, at: Duration) -> Case {
        self.killed_at = Some(at);
        self
    }

    /// What a colleague does before the run.
    pub fn changed(self, number: usize, members: &Value) -> Case {
        self.service.store().change_underneath(id(number), members);
        self
    }

    pub async fn apply(self) -> Run {
        self.run(Purpose::Apply).await
    }

    pub async fn plan(self) -> Run {
        self.run(Purpose::Plan).await
    }

    async fn run(self, purpose: Purpose) -> Run {
        let witnessed = Witnessed::from_now();
        let probe = Probe {
            service: self.service,
            witnessed: Arc::clone(&witnessed),
            numbers: Arc::new((1..=self.count).map(|number| (id(number), number)).collect()),
            faults: Arc::new(Mutex::new(self.faults)),
            ways: Arc::new(self.ways),
            lapse: self.lapse,
            calls: Arc::default(),
            in_flight: Arc::default(),
            in_flight_max: Arc::default(),
        };
        let (events, notices) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let requests = Cell::new(Requests::default());
        let pacer = Pacer::new(self.rate);
        let notice = |notice| notices.borrow_mut().push(notice);
        let around = Surroundings {
            access: Access { service: &probe, pacer: &pacer, requests: &requests, notice: &notice },
            tell: async |event: Event| {
                // A disk takes a moment, in which others go on.
                tokio::task::yield_now().await;
                if events.borrow().len() == self.events_kept {
                    return false;
                }
                witnessed.add(line(&event));
                events.borrow_mut().push(event);
                true
            },
            stop: sleep_for(self.stop_at),
            clock: || Timestamp::UNIX_EPOCH,
        };
        let source = Rows { all: self.rows.clone(), handed_on: 0 };
        let work = async {
            match purpose {
                Purpose::Apply => engine::apply(around, &self.settings, source).await,
                Purpose::Plan => engine::plan(around, &self.settings, source).await,
            }
        };
        let stopped = tokio::select! {
            stopped = work => stopped,
            () = sleep_for(self.killed_at) => None,
        };
        let run = Run {
            stopped,
            events: events.into_inner(),
            notices: notices.into_inner(),
            requests: requests.get(),
            in_flight_max: probe.in_flight_max.load(Ordering::Relaxed),
            took: witnessed.start.elapsed(),
            rows: self.rows,
            probe,
        };
        run.holds_always(self.settings.concurrency, self.killed_at.is_some());
        run
    }
}

async fn sleep_for(duration: Option<Duration>) {
    match duration {
        Some(duration) => tokio::time::sleep(duration).await,
        None => std::future::pending().await,
    }
}

fn request(number: u32, row: &str, columns: &Columns) -> Request {
    let mut texts: Vec<String> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
    if let Ok(referral) = texts[0].parse() {
        texts[0] = id(referral).to_string();
    }
    let cells = texts.into_iter().map(cell::Cell::Text).collect();
    let request = Request::read(&cell::Row { number, cells }, columns, &Reading::default(), &Background::default());
    assert!(matches!(request.ask, Ask::Update(_) | Ask::Create(_)), "{:?}", request.problems);
    request
}

fn line(event: &Event) -> String {
    match event {
        Event::Intent(intent) => format!("intent {}", intent.row),
        Event::Withdrawn { row } => format!("{row} withdrawn"),
        Event::Settled(settled) => format!("{} {}", settled.row, settled.outcome.word()),
    }
}

/// Open rows in memory.
struct Rows {
    all: Vec<Pending>,
    /// How many have been handed on as the next ones.
    handed_on: usize,
}

impl Source for Rows {
    fn referrals(&mut self) -> Result<Vec<ReferralId>, String> {
        Ok(self.all.iter().filter_map(about).collect::<HashSet<_>>().into_iter().collect())
    }

    fn is_repeated(&self, referral: ReferralId) -> bool {
        self.all.iter().filter_map(about).filter(|id| *id == referral).count() > 1
    }

    fn about(&mut self, referrals: &[ReferralId]) -> Result<Vec<Pending>, String> {
        let rows_of = |id: ReferralId| self.all.iter().filter(move |pending| about(pending) == Some(id)).cloned();
        Ok(referrals.iter().copied().flat_map(rows_of).collect())
    }

    fn next(&mut self) -> Result<Vec<Pending>, String> {
        let next: Vec<Pending> = self.all.iter().skip(self.handed_on).take(ROWS_AT_ONCE).cloned().collect();
        self.handed_on += next.len();
        Ok(next)
    }
}

fn about(pending: &Pending) -> Option<ReferralId> {
    match &pending.request.ask {
        Ask::Update(change) => Some(change.referral),
        Ask::Create(_) | Ask::Skip | Ask::Invalid => None,
    }
}

impl Run {
    /// What was witnessed, in order.
    pub fn story(&self) -> String {
        self.entries().into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(", ")
    }

    /// What was witnessed and when, from the run's start on.
    pub fn entries(&self) -> Vec<(Duration, String)> {
        self.probe.witnessed.entries()
    }

    /// When entries that begin so were witnessed.
    pub fn times(&self, beginning: &str) -> Vec<Duration> {
        self.entries().into_iter().filter(|(_, text)| text.starts_with(beginning)).map(|(at, _)| at).collect()
    }

    /// How many entries begin so.
    pub fn count(&self, beginning: &str) -> usize {
        self.times(beginning).len()
    }

    /// How the row ended.
    pub fn settled(&self, row: u32) -> &Settled {
        let mut all = self.all_settled();
        all.find(|settled| settled.row == row).unwrap_or_else(|| panic!("row {row} has not settled"))
    }

    pub fn all_settled(&self) -> impl Iterator<Item = &Settled> {
        self.events.iter().filter_map(|event| match event {
            Event::Settled(settled) => Some(&**settled),
            Event::Intent(_) | Event::Withdrawn { .. } => None,
        })
    }

    pub fn intents(&self) -> impl Iterator<Item = &Intent> {
        self.events.iter().filter_map(|event| match event {
            Event::Intent(intent) => Some(intent),
            Event::Settled(_) | Event::Withdrawn { .. } => None,
        })
    }

    /// How many rows ended how.
    pub fn tally(&self) -> BTreeMap<&'static str, usize> {
        let mut tally = BTreeMap::new();
        for settled in self.all_settled() {
            *tally.entry(settled.outcome.word()).or_default() += 1;
        }
        tally
    }

    /// What is at a pointer of a referral now.
    pub fn at(&self, number: usize, pointer: &str) -> Value {
        let referral = self.store().peek(id(number)).unwrap();
        referral.pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    pub fn notes(&self, number: usize) -> Value {
        self.at(number, "/details/notes")
    }

    pub fn store(&self) -> &Store {
        self.probe.service.store()
    }

    /// Whether rows are left that have not ended, or are in doubt.
    pub fn is_open(&self) -> bool {
        !self.open_rows().is_empty()
    }

    /// The case that finishes this run: rows that have ended are left out, rows with an intent are looked up.
    pub fn resumed(&self) -> Case {
        Case::on(self.probe.service.clone(), self.probe.numbers.len(), self.open_rows())
    }

    fn open_rows(&self) -> Vec<Pending> {
        let (mut priors, mut done) = (HashMap::new(), HashSet::new());
        for event in &self.events {
            match event {
                Event::Intent(intent) => drop(priors.insert(intent.row, intent)),
                Event::Withdrawn { row } => drop(priors.remove(row)),
                Event::Settled(settled) if settled.outcome == Outcome::InDoubt => {}
                Event::Settled(settled) => drop(done.insert(settled.row)),
            }
        }
        let open = self.rows.iter().filter(|pending| !done.contains(&pending.request.row));
        let row_of = |settled: &Settled| self.rows.iter().find(|pending| pending.request.row == settled.row);
        let rows = open.map(|pending| Pending {
            request: pending.request.clone(),
            prior: priors.get(&pending.request.row).copied().or(pending.prior.as_ref()).cloned(),
            earlier: self.all_settled().filter(|settled| row_of(settled).and_then(about) == about(pending)).collect(),
        });
        rows.collect()
    }

    fn holds_always(&self, concurrency: usize, is_killed: bool) {
        let story = self.story();
        assert!(self.in_flight_max <= concurrency, "{} in flight: {story}", self.in_flight_max);
        let mut settled: Vec<u32> = self.all_settled().map(|settled| settled.row).collect();
        settled.sort_unstable();
        // Nothing overtakes a row in doubt: later rows about its referral wait for another run.
        let in_doubt = self.all_settled().filter(|settled| settled.outcome == Outcome::InDoubt);
        let in_doubt: HashSet<u32> = in_doubt.map(|settled| settled.row).collect();
        let is_about_doubt = |pending: &&Pending| in_doubt.contains(&pending.request.row);
        let held_up: HashSet<ReferralId> = self.rows.iter().filter(is_about_doubt).filter_map(about).collect();
        let must_settle = |pending: &&Pending| {
            settled.contains(&pending.request.row) || about(pending).is_none_or(|id| !held_up.contains(&id))
        };
        let rows: Vec<u32> = self.rows.iter().filter(must_settle).map(|pending| pending.request.row).collect();
        if self.stopped.is_none() && !is_killed {
            assert_eq!(settled, rows, "{story}");
        } else {
            let once: HashSet<u32> = settled.iter().copied().collect();
            assert_eq!(once.len(), settled.len(), "{story}");
        }
        let mut written_down = 0;
        let (mut reads, mut writes) = (0, 0);
        for (_, text) in self.entries() {
            match text.trim_start_matches("unguarded ").split(' ').next().unwrap() {
                "intent" => written_down += 1,
                "patch" | "put" | "create" => writes += 1,
                "read" | "page" => reads += 1,
                _ => {}
            }
            assert!(writes <= written_down, "a write left unannounced: {story}");
        }
        assert_eq!((self.requests.reads, self.requests.writes), (reads, writes), "{story}");
    }
}
