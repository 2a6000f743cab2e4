//! `runs merge`: one report of all shards, or a plain reason why there is none.

use crate::stage::place::Place;
use crate::stage::running::Ended;
use crate::stage::sandbox::Sandbox;
use crate::{APPLY, all, count, rows, run_of, scene, sheet};

/// Shards, one after the other.
fn shards(place: &Place, count: u32, command: &str) -> Vec<String> {
    let ended: Vec<Ended> =
        (1..=count).map(|number| place.refsheet(&format!("{command} --shard {number}/{count}"))).collect();
    ended.iter().map(run_of).collect()
}

#[test]
fn merged_shards_are_the_report_of_one_run() {
    let (sandbox, place) = scene("--referrals 60", 8, &["one", "two"]);
    let runs = shards(&place, 3, &format!("{APPLY} --report shard.jsonl"));
    let [first, second, third] = runs.as_slice() else { panic!("{runs:?}") };
    // In any order.
    let merged = place.refsheet(&format!("runs merge {third} {first} {second} --report all.jsonl --json")).exits(1);
    let merged = merged.json();
    let report = rows(&place.read("all.jsonl"));
    assert_eq!(report.iter().map(|row| row.0).collect::<Vec<_>>(), (2..=19).collect::<Vec<_>>());
    let counted = |outcome: &str| report.iter().filter(|row| row.2 == outcome).count() as u64;
    assert_eq!((counted("applied"), counted("invalid"), counted("skipped")), (16, 1, 1));
    for outcome in ["applied", "invalid", "skipped"] {
        assert_eq!(count(&merged, outcome), counted(outcome));
    }
    assert_eq!(merged["requests"]["writes"], 16);
    assert_eq!(merged["run"], format!("{first}, {second}, {third}"));
    // Each shard's own report has only its rows.
    assert_eq!(rows(&place.read("shard.jsonl")).len() as u64, count(&show(&place, third), "total"));
    // The same sheet without shards says the same of the same rows, but that all holds.
    place.write("last.csv", &sheet(&sandbox.state(), 8, &["two"]));
    place.refsheet("apply last.csv --yes --report whole.jsonl").exits(1);
    let ids =
        |report: &[(u64, String, String)]| report.iter().rev().take(10).map(|row| row.1.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&rows(&place.read("whole.jsonl"))), ids(&report));
}

fn show(place: &Place, run: &str) -> serde_json::Value {
    place.refsheet(&format!("runs show {run} --json")).exits(0).json()
}

#[test]
fn the_rows_to_fix_of_all_shards_can_be_given_back() {
    let (sandbox, place) = scene("--referrals 60", 8, &["one"]);
    all(&place, 3, &format!("{APPLY} --no-report"));
    place.refsheet("runs merge --report all.xlsx").exits(1).says("10 rows in sheet.csv");
    let again = place.refsheet("apply all.xlsx --yes --json --no-report").exits(1).json();
    assert_eq!((count(&again, "total"), count(&again, "invalid")), (1, 1));
    assert_eq!(sandbox.state().applied_in_all(), 8);
}

#[test]
fn a_report_of_shards_one_of_which_goes_on_is_not_applied() {
    let (_sandbox, place) = scene("--referrals 60", 8, &["one"]);
    // Whoever takes the first row stops there.
    let bad_start = place.read("sheet.csv").replacen('\n', "\n00000000-0000-4000-8000-000000000000,a note,\n", 1);
    place.write("sheet.csv", &bad_start);
    let ended = all(&place, 2, &format!("{APPLY} --no-report --check none --concurrency 1 --max-failures 0"));
    let stopped = ended.iter().find(|ended| ended.code == Some(5)).unwrap();
    let (run, open) = (run_of(stopped), stopped.json()["shard"].as_str().unwrap().to_owned());
    let merged = place.refsheet("runs merge --report all.xlsx").exits(5);
    let merged = merged.says(&format!("the run stopped: shard {open} is not finished"));
    let refused = format!("the run `{run}` that this report is of is not finished");
    place.refsheet("apply all.xlsx --yes --no-report").exits(6).says(&refused);
    place.paste(&merged.command("to finish it: ")).exits(1);
    place.refsheet("runs merge --report all.xlsx").exits(1).says("8  applied");
    place.refsheet("apply all.xlsx --yes --no-report").exits(1).says("2 rows in all.xlsx");
}

#[test]
fn ledgers_come_from_other_machines() {
    let (_sandbox, place) = scene("--referrals 60", 8, &["one"]);
    for number in 1..=3 {
        place.refsheet(&format!("{APPLY} --no-report --state-dir machine-{number} --shard {number}/3"));
        std::fs::create_dir_all(place.path("copies")).unwrap();
        for entry in std::fs::read_dir(place.path(&format!("machine-{number}/runs"))).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "db") {
                std::fs::copy(&path, place.path("copies").join(format!("{number}.db"))).unwrap();
            }
        }
    }
    let merge = "runs merge copies/1.db copies/2.db copies/3.db --report all.csv --json";
    assert_eq!(count(&place.refsheet(merge).exits(1).json(), "applied"), 8);
    let missing = place.refsheet("runs merge copies/1.db copies/3.db").exits(2).says("error: shard 2/3 is missing");
    missing.says("name its ledger, too").says("apply the sheet again with --shard 2/3");
    place.refsheet("runs merge copies/4.db").exits(2).says("there is no ledger `copies/4.db`");
    place.refsheet("runs merge").exits(2).says("no run here is a shard");
}

#[test]
fn what_is_not_one_whole_is_not_merged() {
    let (sandbox, place) = scene("--referrals 60", 8, &["one"]);
    place.write("other.csv", &sheet(&sandbox.state(), 4, &["one"]));
    let apply = |more: &str| run_of(&place.refsheet(&format!("{APPLY} --no-report {more}")));
    let first = apply("--shard 1/3");
    let refused = |others: &[&str], why: &str| {
        place.refsheet(&format!("runs merge {first} {}", others.join(" "))).exits(2).says(why);
    };
    refused(&[&apply("--shard 2/2")], "one is shard 1/3, the other shard 2/2");
    refused(&[&apply("--shard 2/3 --limit 5")], "they were started with different --rows, --limit");
    let other = run_of(&place.refsheet("apply other.csv --yes --json --no-report --shard 2/3"));
    refused(&[&other], "they are of different sheets, `sheet.csv`, SHA-256 ");
    let whole = apply("");
    refused(&[&whole], &format!("the run `{whole}` is no shard"));
    let again = apply("--shard 1/3");
    refused(&[&again], &format!("shard 1/3 is there twice: `{first}` and `{again}`"));
    refused(&["no-such-run"], "there is no run `no-such-run`");
    let (second, third) = (apply("--shard 2/3"), apply("--shard 3/3"));
    let missing = place.refsheet(&format!("runs merge {first}")).exits(2);
    let missing = missing.says("error: shards 2/3 and 3/3 are missing");
    let ended = place.paste(&missing.command("hint: ")).exits(1);
    ended.says("10 rows in sheet.csv");
    // The last ones count where none is named.
    let merged = place.refsheet("runs merge --json").exits(1).json();
    assert_eq!(merged["run"], format!("{again}, {second}, {third}"));
}

#[test]
fn the_list_of_runs_tells_shards() {
    let (_sandbox, place) = scene("--referrals 60", 4, &["one"]);
    let runs = shards(&place, 2, &format!("{APPLY} --no-report"));
    place.refsheet("runs").exits(0).says("sheet.csv, shard 1/2  ").says("sheet.csv, shard 2/2  ");
    let listed = place.refsheet("runs --json").exits(0).json();
    let mut listed: Vec<&str> = listed.as_array().unwrap().iter().map(|run| run["shard"].as_str().unwrap()).collect();
    listed.sort_unstable();
    assert_eq!(listed, ["1/2", "2/2"]);
    assert_eq!(show(&place, &runs[1])["shard"], "2/2");
    place.refsheet(&format!("runs show {}", runs[0])).says("in sheet.csv, shard 1/2");
}

#[test]
fn a_ledger_that_lost_a_row_is_noticed() {
    let (_sandbox, place) = scene("--referrals 60", 6, &["one"]);
    shards(&place, 2, &format!("{APPLY} --no-report"));
    let ledger = rusqlite::Connection::open(&place.ledgers()[1]).unwrap();
    ledger.execute("DELETE FROM row WHERE number = (SELECT min(number) FROM row)", []).unwrap();
    drop(ledger);
    place.refsheet("runs merge").exits(5).says("do not hold each row of the sheet once");
}

#[test]
fn a_sheet_whose_rows_all_fall_elsewhere_says_so() {
    let sandbox = Sandbox::start("--referrals 60");
    let place = Place::beside(&sandbox);
    let id = sandbox.state().active().next().unwrap().to_owned();
    place.write("sheet.csv", &format!("id,Notes\n{id},one\n"));
    let said: Vec<Ended> = all(&place, 2, "apply sheet.csv --yes --no-report");
    let idle = said.iter().filter(|ended| ended.out.contains("all rows fall to other shards")).count();
    assert_eq!(idle, 1);
    place.refsheet("runs merge").exits(0).says("1  applied");
}
