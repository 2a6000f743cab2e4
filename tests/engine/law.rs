//! The law behind all cases: whatever goes wrong in whatever order, and wherever the process is killed, the rows
//! that settled well are what the service holds, nothing landed twice, and a run that is resumed comes to an end.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use refsheet::domain::event::Event;
use refsheet::domain::outcome::Outcome;
use refsheet::engine::Via;
use refsheet::sandbox::{Call, Mishap};
use serde_json::{Value, json};

use crate::case::{Case, Run, id};

const REFERRALS: usize = 3;
/// More often than that, a run need not be resumed: the scripts are shorter.
const RUNS_MAX: usize = 20;

/// What a row asks for. Values are the row's own, people may be asked for by several rows.
#[derive(Debug, Clone)]
struct Row {
    referral: usize,
    sets_notes: bool,
    sets_deal_value: bool,
    person: Option<u8>,
}

#[derive(Debug, Clone)]
struct Script {
    rows: Vec<Row>,
    writes: Vec<Mishap>,
    reads: Vec<Mishap>,
    pages: Vec<Mishap>,
    renewals: Vec<Mishap>,
    ways: Vec<u64>,
    list_etags: bool,
    concurrency: usize,
    rows_ahead: usize,
    via_put: bool,
    killed_at: Option<u64>,
    events_kept: Option<usize>,
}

fn row() -> impl Strategy<Value = Row> {
    (1..=REFERRALS, any::<bool>(), any::<bool>(), proptest::option::of(0_u8..3)).prop_map(
        |(referral, sets_notes, sets_deal_value, person)| Row {
            referral,
            sets_notes: sets_notes || (person.is_none() && !sets_deal_value),
            sets_deal_value,
            person,
        },
    )
}

fn trouble() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        4 => Just(Mishap::None),
        3 => Just(Mishap::LoseReply),
        3 => Just(Mishap::Cut),
        1 => Just(Mishap::Busy { retry_after: None }),
        1 => Just(Mishap::Busy { retry_after: Some(Duration::from_secs(2)) }),
        1 => Just(Mishap::Throttle { retry_after: None }),
        1 => Just(Mishap::Throttle { retry_after: Some(Duration::from_secs(3)) }),
        1 => Just(Mishap::Unauthenticated),
    ]
}

/// A colleague always sets the star, so that it shows whose change was lost.
fn write_trouble() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        6 => trouble(),
        1 => Just(Mishap::ChangeUnderneath(json!({ "favorite": true }))),
        1 => Just(Mishap::ChangeUnderneath(json!({ "favorite": true, "details": { "notes": "theirs" } }))),
    ]
}

prop_compose! {
    fn script()(
        rows in proptest::collection::vec(row(), 1..12),
        writes in proptest::collection::vec(write_trouble(), 0..16),
        reads in proptest::collection::vec(trouble(), 0..16),
        pages in proptest::collection::vec(trouble(), 0..3),
        renewals in proptest::collection::vec(prop_oneof![3 => Just(Mishap::None), 1 => Just(Mishap::Cut)], 0..4),
        ways in proptest::collection::vec(1_u64..50, 1..5),
        list_etags in any::<bool>(),
        concurrency in 1_usize..5,
        rows_ahead in 0_usize..5,
        via_put in any::<bool>(),
        killed_at in proptest::option::of(0_u64..2_000),
        events_kept in proptest::option::weighted(0.3, 0_usize..20),
    ) -> Script {
        Script { rows, writes, reads, pages, renewals, ways, list_etags, concurrency, rows_ahead, via_put, killed_at, events_kept }
    }
}

fn cells((number, row): (u32, &Row)) -> String {
    let notes = if row.sets_notes { notes_of(number) } else { String::new() };
    let deal_value = if row.sets_deal_value { number.to_string() } else { String::new() };
    let person = row.person.map(|person| format!("P, P, 1, {}", email(person))).unwrap_or_default();
    format!("{} | {notes} | {deal_value} | {person}", row.referral)
}

fn notes_of(number: u32) -> String {
    format!("row {number}")
}

fn email(person: u8) -> String {
    format!("p{person}@contoso.com")
}

fn settings(case: Case, script: &Script) -> Case {
    let case = case
        .taking(script.ways.iter().copied().map(Duration::from_millis))
        .at_once(script.concurrency)
        .ahead(script.rows_ahead);
    case.with(|settings| settings.via = if script.via_put { Via::Put } else { Via::Patch })
}

/// The runs that it takes until every row has settled for good.
async fn runs(script: &Script) -> Vec<Run> {
    let referrals = if script.list_etags { Case::of(REFERRALS) } else { Case::without_listed_etags(REFERRALS) };
    let case = settings(referrals, script)
        .sheet("Notes | Deal value | Team member 1", (2..).zip(&script.rows).map(cells))
        .meets(Call::Write, script.writes.clone())
        .meets(Call::Read, script.reads.clone())
        .meets(Call::Page, script.pages.clone())
        .meets(Call::Renewal, script.renewals.clone())
        .keeping(script.events_kept.unwrap_or(usize::MAX));
    let first = match script.killed_at {
        Some(at) => case.killed_at(Duration::from_millis(at)).apply().await,
        None => case.apply().await,
    };
    let mut runs = vec![first];
    while runs.last().unwrap().is_open() {
        assert!(runs.len() < RUNS_MAX, "no end");
        runs.push(settings(runs.last().unwrap().resumed(), script).apply().await);
    }
    runs
}

/// What the events say that the service may hold: one value where a row has settled, several where one was in doubt.
#[derive(Default)]
struct Believed {
    values: BTreeMap<(usize, &'static str), BTreeSet<String>>,
    people: BTreeSet<(usize, u8)>,
    /// Rows that were left in doubt by a run before; what they did is known only as long as no other row has
    /// changed the same.
    doubtful: HashSet<u32>,
}

impl Believed {
    fn of(script: &Script, runs: &[Run]) -> Believed {
        let mut believed = Believed::default();
        for referral in 1..=REFERRALS {
            believed.values.insert((referral, "/details/notes"), BTreeSet::from([json!("a").to_string()]));
            believed.values.insert((referral, "/details/dealValue"), BTreeSet::from([json!(1).to_string()]));
        }
        for run in runs {
            let mut open = HashSet::new();
            for event in &run.events {
                match event {
                    Event::Intent(intent) => {
                        open.insert(intent.row);
                        believed.note(script, intent.row, None);
                    }
                    Event::Withdrawn { row } => drop(open.remove(row)),
                    Event::Settled(settled) => {
                        if settled.outcome != Outcome::InDoubt {
                            open.remove(&settled.row);
                        }
                        believed.note(script, settled.row, Some(settled.outcome));
                    }
                }
            }
            believed.doubtful.extend(open);
        }
        believed
    }

    fn note(&mut self, script: &Script, number: u32, outcome: Option<Outcome>) {
        let row = &script.rows[number as usize - 2];
        let notes = row.sets_notes.then(|| ("/details/notes", json!(notes_of(number)).to_string()));
        let deal_value = row.sets_deal_value.then(|| ("/details/dealValue", number.to_string()));
        for (path, value) in notes.into_iter().chain(deal_value) {
            let values = self.values.get_mut(&(row.referral, path)).unwrap();
            match outcome {
                Some(Outcome::Applied | Outcome::Unchanged) => *values = BTreeSet::from([value]),
                None | Some(Outcome::InDoubt) => drop(values.insert(value)),
                Some(_) if self.doubtful.contains(&number) => {}
                Some(_) => drop(values.remove(&value)),
            }
        }
        if let (Some(person), Some(Outcome::Applied | Outcome::Unchanged)) = (row.person, outcome) {
            self.people.insert((row.referral, person));
        }
    }
}

fn check(script: &Script, runs: &[Run]) {
    let last = runs.last().unwrap();
    let stories = runs.iter().map(Run::story).collect::<Vec<_>>().join("\n");
    let is_stale = |referral: usize| {
        let stale = [format!("patch {referral} stale"), format!("put {referral} stale")];
        runs.iter().any(|run| stale.iter().any(|text| run.count(text) > 0))
    };
    let believed = Believed::of(script, runs);
    for ((referral, path), values) in &believed.values {
        let held = last.at(*referral, path);
        let is_theirs = held == "theirs" && last.at(*referral, "/favorite") == true;
        assert!(is_theirs || values.contains(&held.to_string()), "{path} of {referral} is {held}\n{stories}");
    }
    for referral in 1..=REFERRALS {
        let team = last.at(referral, "/team");
        for person in 0..3 {
            let is_there = |member: &&Value| member["email"] == email(person);
            let times = team.as_array().unwrap().iter().filter(is_there).count();
            assert!(times <= 1, "{} is there {times} times\n{stories}", email(person));
            assert!(times == 1 || !believed.people.contains(&(referral, person)), "somebody is missing\n{stories}");
        }
        assert!(
            !is_stale(referral) || last.at(referral, "/favorite") == true,
            "a colleague's change was lost\n{stories}"
        );
        let sent: BTreeSet<u32> = runs.iter().flat_map(Run::intents).map(|intent| intent.row).collect();
        let rows = sent.iter().filter(|number| script.rows[**number as usize - 2].referral == referral).count();
        let landed = last.store().tally(id(referral)).applied;
        assert!(landed <= rows as u64, "{landed} writes of {rows} rows have landed\n{stories}");
    }
    let mut settled: Vec<u32> = runs
        .iter()
        .flat_map(Run::all_settled)
        .filter(|settled| settled.outcome != Outcome::InDoubt)
        .map(|settled| settled.row)
        .collect();
    settled.sort_unstable();
    let all: Vec<u32> = (2..).zip(&script.rows).map(|(number, _)| number).collect();
    assert_eq!(settled, all, "each row ends once\n{stories}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 192,
        rng_seed: RngSeed::Fixed(20_261_102),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_goes_wrong_nothing_is_lost_and_nothing_happens_twice(script in script()) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        check(&script, &runtime.block_on(runs(&script)));
    }
}
