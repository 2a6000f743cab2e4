use std::convert::Infallible;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::domain::cell::Cell;
use crate::domain::event::{Intent, Requests};
use crate::domain::json::Json;

fn head() -> Head {
    Head {
        run: "r1".to_owned(),
        command: "apply".to_owned(),
        started_at: Timestamp::UNIX_EPOCH,
        sheet: "changes.csv".to_owned(),
        worksheet: None,
        sheet_sha256: "00".to_owned(),
        headings: vec![(0, "id".to_owned()), (2, "Notes".to_owned())],
        notices: Vec::new(),
        settings: "{}".to_owned(),
        service: "http://127.0.0.1/".to_owned(),
        profile: "default".to_owned(),
        rate: "5/s".to_owned(),
        user: "ann".to_owned(),
        program: "0.1.0".to_owned(),
    }
}

fn id() -> ReferralId {
    "49d90c72-3326-4f61-aacc-2cb57970448c".parse().unwrap()
}

fn row(number: u32) -> Row {
    Row { number, cells: vec![Cell::Text(id().to_string()), Cell::Blank, Cell::Text(format!("note {number}"))] }
}

fn intent(row: u32, attempt: u32) -> crate::domain::event::Event {
    crate::domain::event::Event::Intent(Intent {
        row,
        attempt,
        at: Timestamp::UNIX_EPOCH,
        guard: None,
        patch: Json::array([]),
        changes: Vec::new(),
    })
}

fn settled(row: u32, outcome: Outcome) -> crate::domain::event::Event {
    crate::domain::event::Event::Settled(Box::new(Settled::unsent(row, outcome, Vec::new())))
}

/// What events, oldest first, amount to.
fn replayed(events: &[Event]) -> State {
    let Ok(state) = replay(events.iter().rev().cloned().map(Ok::<_, Infallible>));
    state
}

fn with_rows() -> Ledger {
    let mut ledger = Ledger::scratch(&head()).unwrap();
    let invalid = Settled::unsent(3, Outcome::Invalid, Vec::new());
    let taken = |number, referral, settled| {
        let remarks = vec![Problem::of_row("a remark", "")];
        Taken { row: row(number), referral, base: Base::Absent, remarks, settled }
    };
    let rows = [taken(2, Some(id()), None), taken(3, None, Some(invalid)), taken(4, Some(id()), None)];
    ledger.take_in(rows.into_iter().map(Ok::<_, LedgerError>)).unwrap();
    ledger
}

#[test]
fn what_was_taken_in_is_open_until_it_is_settled() {
    let ledger = with_rows();
    assert_eq!(ledger.open_referrals().unwrap(), [id()]);
    assert_eq!(ledger.open_rows_about(id()).unwrap()[0].remarks, [Problem::of_row("a remark", "")]);
    let rows = |entries: Vec<Entry>| entries.into_iter().map(|entry| entry.row).collect::<Vec<_>>();
    assert_eq!(rows(ledger.open_rows_about(id()).unwrap()), [row(2), row(4)]);
    assert_eq!(rows(ledger.open_rows_behind(2, 10).unwrap()), [row(4)]);
    assert_eq!(ledger.head().unwrap(), head());
}

#[tokio::test]
async fn events_are_kept_and_decide_what_is_known() {
    let ledger = with_rows();
    let recorder = ledger.recorder(1).unwrap();
    for event in [intent(2, 1), settled(2, Outcome::Applied), intent(4, 1)] {
        assert!(recorder.keep(event).await);
    }
    recorder.close().unwrap();
    let mut states = Vec::new();
    ledger
        .each_entry(|entry| {
            states.push(match entry.state {
                State::NotDone => "not done".to_owned(),
                State::InDoubt(intent, _) => format!("attempt {} in doubt", intent.attempt),
                State::Done(settled) => settled.outcome.word().to_owned(),
            });
            Ok::<_, LedgerError>(())
        })
        .unwrap();
    assert_eq!(states, ["applied", "invalid", "attempt 1 in doubt"]);
    let tally = ledger.tally().unwrap();
    assert_eq!((tally[Outcome::Applied], tally[Outcome::InDoubt], tally.total()), (1, 1, 3));
    let open = ledger.open_rows_behind(0, 10).unwrap();
    assert!(matches!(&open[..], [Entry { state: State::InDoubt(..), row, .. }] if row.number == 4));
}

#[test]
fn no_prefix_of_the_events_claims_more_than_happened() {
    let doubt = Some(Outcome::InDoubt);
    let history = [(1, None), (1, doubt), (1, doubt), (1, doubt), (2, None), (2, Some(Outcome::Applied))];
    let events: Vec<Event> = history
        .into_iter()
        .map(|(attempt, outcome)| match (outcome, intent(2, attempt)) {
            (Some(outcome), _) => Event::Settled(Box::new(Settled::unsent(2, outcome, Vec::new()))),
            (None, crate::domain::event::Event::Intent(intent)) => Event::Intent(Box::new(intent)),
            (None, _) => unreachable!(),
        })
        .collect();
    for length in 0..=events.len() {
        let state = replayed(&events[..length]);
        match length {
            0 => assert_eq!(state, State::NotDone),
            6 => assert!(matches!(state, State::Done(settled) if settled.outcome == Outcome::Applied)),
            _ => assert!(matches!(state, State::InDoubt(..)), "after {length} events"),
        }
    }
}

/// What may happen to a row, in any order.
fn happening() -> impl Strategy<Value = Record> {
    let event = |row| {
        prop_oneof![
            3 => (1..4_u32).prop_map(move |attempt| intent(row, attempt)),
            1 => Just(crate::domain::event::Event::Withdrawn { row }),
            4 => prop::sample::select(Outcome::ALL.to_vec()).prop_map(move |outcome| settled(row, outcome)),
        ]
    };
    let agreed = |row| match intent(row, 0) {
        crate::domain::event::Event::Intent(intent) => Record::Agreed(intent),
        _ => unreachable!(),
    };
    (2..5_u32).prop_flat_map(
        move |row| prop_oneof![8 => event(row).prop_map(Record::Event), 1 => Just(()).prop_map(move |()| agreed(row))],
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_row_is_known_alike_whoever_asks(happenings in prop::collection::vec(happening(), 0..12)) {
        let mut ledger = Ledger::scratch(&head()).unwrap();
        let taken = |number| Taken {
            row: row(number),
            referral: Some(id()),
            base: Base::Absent,
            remarks: Vec::new(),
            settled: None,
        };
        ledger.take_in((2..5).map(|number| Ok::<_, LedgerError>(taken(number)))).unwrap();
        let recorder = ledger.recorder(1).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for record in happenings {
            assert!(runtime.block_on(recorder.keep(record)));
        }
        recorder.close().unwrap();
        let mut gone_through = Vec::new();
        ledger.each_entry(|entry| { gone_through.push(entry); Ok::<_, LedgerError>(()) }).unwrap();
        prop_assert_eq!(&gone_through, &ledger.rows_about(id()).unwrap());
        let mut counted = Tally::default();
        for entry in gone_through {
            counted += match entry.state {
                State::NotDone => Outcome::NotReached,
                State::InDoubt(..) => Outcome::InDoubt,
                State::Done(settled) => settled.outcome,
            };
        }
        prop_assert_eq!(ledger.tally().unwrap(), counted);
    }
}

#[test]
fn a_write_that_has_certainly_done_nothing_leaves_its_row_as_it_was() {
    let crate::domain::event::Event::Intent(intent) = intent(2, 1) else { unreachable!() };
    assert_eq!(replayed(&[Event::Intent(Box::new(intent)), Event::Withdrawn]), State::NotDone);
}

#[test]
fn a_ledger_of_another_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::at(folder.path().join("runs"));
    let (ledger, _lock) = archive.create(&head()).unwrap();
    ledger.set("version", "99").unwrap();
    drop(ledger);
    assert!(matches!(archive.open("r1"), Err(LedgerError::Version { found: 99 })));
}

#[test]
fn a_run_that_was_cut_short_while_its_sheet_was_taken_in_never_began() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::at(folder.path().join("runs"));
    drop(archive.create(&head()).unwrap());
    let second = Head { run: "r2".to_owned(), ..head() };
    let (_ledger, _lock) = archive.create(&second).unwrap();
    // Not even its tables were made.
    std::fs::write(folder.path().join("runs/r0.db"), "").unwrap();
    for run in ["r0", "r1", "r2"] {
        assert!(matches!(archive.open(run), Err(LedgerError::NeverBegan(_))), "{run}");
    }
    assert!(archive.runs().unwrap().is_empty());
    archive.sweep().unwrap();
    assert!(matches!(archive.open("r0"), Err(LedgerError::NoSuchRun(_))));
    assert!(matches!(archive.open("r1"), Err(LedgerError::NoSuchRun(_))));
    assert!(matches!(archive.open("r2"), Err(LedgerError::NeverBegan(_))), "somebody works on it");
}

#[test]
fn a_pause_outlives_the_process_that_was_asked_for_it() {
    let ledger = with_rows();
    assert_eq!(ledger.paused_until().unwrap(), None);
    ledger.pause_until(Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(ledger.paused_until().unwrap(), Some(Timestamp::UNIX_EPOCH));
}

#[test]
fn the_end_of_a_run_is_written_down() {
    let ledger = with_rows();
    assert_eq!(ledger.foot().unwrap(), None);
    let requests = Requests { reads: 3, writes: 2, retried: 1, throttled: 0 };
    let foot = Foot { ended_at: Timestamp::UNIX_EPOCH, is_finished: true, requests };
    ledger.finish(&foot).unwrap();
    assert_eq!(ledger.foot().unwrap(), Some(foot));
}
