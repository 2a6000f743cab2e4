//! The ledger on a disk: rows in, events in, rows out. Where temporary files live is where it is written, so `TMPDIR`
//! says which disk is measured.

use divan::Bencher;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use refsheet::domain::cell::Row;
use refsheet::domain::change::Base;
use refsheet::domain::event::{Event, Intent};
use refsheet::domain::outcome::Settled;
use refsheet::ledger::{Archive, Head, Ledger, LedgerError, Lock, Taken};
use tempfile::TempDir;

use crate::rows::{HEADINGS, events, per_row, rows};

/// Rows at work at once, each waiting until its event is on disk.
const AT_ONCE: usize = 64;

struct Begun {
    ledger: Ledger,
    _lock: Lock,
    _folder: TempDir,
}

fn begun() -> Begun {
    let folder = tempfile::tempdir().unwrap();
    let head = Head {
        run: "run".to_owned(),
        command: "apply".to_owned(),
        started_at: Timestamp::UNIX_EPOCH,
        sheet: "sheet.csv".to_owned(),
        worksheet: None,
        sheet_sha256: String::new(),
        headings: (0..).zip(HEADINGS.map(str::to_owned)).collect(),
        notices: Vec::new(),
        settings: "{}".to_owned(),
        service: "http://127.0.0.1/".to_owned(),
        profile: "default".to_owned(),
        rate: "none".to_owned(),
        user: "user".to_owned(),
        program: "0".to_owned(),
    };
    let (ledger, lock) = Archive::at(folder.path().to_owned()).create(&head).unwrap();
    Begun { ledger, _lock: lock, _folder: folder }
}

fn take_in(ledger: &mut Ledger, rows: &[Row]) {
    let taken = |row: &Row| Taken {
        row: row.clone(),
        referral: row.cells[0].to_string().parse().ok(),
        base: Base::Absent,
        remarks: Vec::new(),
        settled: None,
    };
    ledger.take_in(rows.iter().map(|row| Ok::<_, LedgerError>(taken(row)))).unwrap();
}

/// An intent and an end for each row.
fn keep(ledger: &Ledger, events: &[(Intent, Settled)]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let recorder = ledger.recorder(AT_ONCE).unwrap();
    let row = async |(intent, settled): &(Intent, Settled)| {
        assert!(recorder.keep(Event::Intent(intent.clone())).await);
        assert!(recorder.keep(Event::Settled(Box::new(settled.clone()))).await);
    };
    runtime.block_on(stream::iter(events).for_each_concurrent(AT_ONCE, row));
    recorder.close().unwrap();
}

#[divan::bench(sample_count = 10)]
fn rows_taken_in(bencher: Bencher<'_, '_>) {
    let rows = rows().0;
    bencher.counter(per_row()).with_inputs(begun).bench_local_refs(|begun| take_in(&mut begun.ledger, &rows));
}

#[divan::bench(sample_count = 10)]
fn events_kept(bencher: Bencher<'_, '_>) {
    let (rows, events) = (rows().0, events());
    let taken_in = || {
        let mut begun = begun();
        take_in(&mut begun.ledger, &rows);
        begun
    };
    bencher.counter(per_row()).with_inputs(taken_in).bench_local_refs(|begun| keep(&begun.ledger, &events));
}

#[divan::bench(sample_count = 10)]
fn rows_read_again(bencher: Bencher<'_, '_>) {
    let (rows, events) = (rows().0, events());
    let mut begun = begun();
    take_in(&mut begun.ledger, &rows);
    keep(&begun.ledger, &events);
    bencher.counter(per_row()).bench_local(|| {
        let mut cells = 0;
        let each = |entry: refsheet::ledger::Entry| {
            cells += entry.row.cells.len();
            Ok::<_, LedgerError>(())
        };
        begun.ledger.each_entry(each).unwrap();
        cells
    });
}
