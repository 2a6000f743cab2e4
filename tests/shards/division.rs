//! Which rows are whose: each row of any sheet is in exactly one shard, and ends there as it would in a run of the whole
//! sheet.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use refsheet::domain::shard::Shard;
use serde_json::json;

use crate::stage::place::Place;
use crate::stage::sandbox::Sandbox;
use crate::{all, count, rows};

/// Nobody answers there, and nobody is asked.
const NOWHERE: &str = "http://127.0.0.1:9/v1.0/engagements";

fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { rng_seed: RngSeed::Fixed(2026), ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_key_falls_to_one_shard(key in ".{0,40}", count in 1_u32..=1_000) {
        let first: Shard = format!("1/{count}").parse().unwrap();
        prop_assert_eq!(first.siblings().filter(|shard| shard.takes(&key)).count(), 1);
    }
}

/// Ids in the spellings that people and programs give them, some of them no ids at all.
fn id(number: u32) -> String {
    let plain = format!("{:08x}-0000-4000-8000-{:012x}", number / 3 % 7 + 10, number / 3 % 7);
    match number % 11 {
        0..=5 => plain,
        6 => plain.to_uppercase(),
        7 => format!("{{{plain}}}"),
        8 => format!("  {plain} "),
        9 => String::new(),
        _ => format!("nonsense {}", number % 4),
    }
}

/// A sheet with all that can be wrong with rows.
fn odd_sheet(seed: u32) -> String {
    let mut sheet = "id,action,Notes,Deal value,row note\n".to_owned();
    for number in (seed * 100..).take(60) {
        let action = ["", "", "", "update", "skip", "create", "delete"][number as usize % 7];
        let value = ["12500", "", "12,5.00", "1,234.50", "(clear)"][number as usize % 5];
        let more = if number % 13 == 0 { ",one,cell,too,many" } else { "" };
        let _ = writeln!(sheet, "{},{action},note {},\"{value}\",{number}{more}", id(number), number % 4);
        if number % 17 == 0 {
            sheet.push_str(",,,,\n\n");
        }
    }
    sheet
}

#[test]
fn each_row_is_in_one_shard_and_ends_there_as_it_does_in_the_whole() {
    let place = Place::facing(NOWHERE);
    for seed in 0..3 {
        place.write("sheet.csv", &odd_sheet(seed));
        let plan = |more: &str| {
            place.refsheet(&format!("plan sheet.csv --offline --report r.jsonl --patches p.jsonl {more}"));
            (place.read("r.jsonl"), place.read("p.jsonl"))
        };
        let (whole, patches) = plan("");
        assert!(whole.lines().count() >= 60 && patches.lines().count() >= 10);
        for count in [1, 2, 3, 5] {
            let parts: Vec<(String, String)> =
                (1..=count).map(|number| plan(&format!("--shard {number}/{count}"))).collect();
            let together = |of: fn(&(String, String)) -> &String| {
                let mut lines: Vec<&str> = parts.iter().flat_map(|part| of(part).lines()).collect();
                let row = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["row"].as_u64();
                lines.sort_by_key(|line| row(line));
                lines.join("\n")
            };
            assert_eq!(together(|part| &part.0), whole.trim_end(), "seed {seed}, {count} shards");
            assert_eq!(together(|part| &part.1), patches.trim_end(), "seed {seed}, {count} shards");
            let mut takers: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
            for (at, (report, _)) in parts.iter().enumerate() {
                for (_, id, _) in rows(report).into_iter().filter(|row| row.2 == "planned" && !row.1.is_empty()) {
                    takers.entry(id).or_default().insert(at);
                }
            }
            assert!(takers.values().all(|shards| shards.len() == 1), "{takers:?}");
        }
    }
}

#[test]
fn a_first_bite_is_the_same_bite_for_all_shards_together() {
    let place = Place::facing(NOWHERE);
    place.write("sheet.csv", &odd_sheet(1));
    for bite in ["--limit 7", "--rows 5-30", "--rows 5-30 --limit 4"] {
        let plan = |more: &str| {
            place.refsheet(&format!("plan sheet.csv --offline --report r.jsonl {bite} {more}"));
            rows(&place.read("r.jsonl"))
        };
        let mut parts: Vec<_> = (1..=3).flat_map(|number| plan(&format!("--shard {number}/3"))).collect();
        parts.sort();
        assert_eq!(parts, plan(""), "{bite}");
    }
}

/// A sandbox with referrals that the CRM knows as `CRM-1` and so on.
fn known_to_the_crm(place: &std::path::Path, referrals: u32) -> Sandbox {
    let referral = |number: u32| {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        json!({
            "id": id, "name": format!("Deal {number}"), "externalReferenceId": format!("CRM-{number}"),
            "status": "Active", "substatus": "Accepted", "eTag": format!("\"{number}-0\""),
            "consent": { "consentToShareReferralWithMicrosoftSellers": false },
            "details": { "notes": "old", "dealValue": 5000, "currency": "USD" }, "team": [],
        })
        .to_string()
    };
    let file = place.join("referrals.jsonl");
    std::fs::write(&file, (1..=referrals).map(referral).collect::<Vec<_>>().join("\n")).unwrap();
    Sandbox::start(&format!("--from {}", file.display()))
}

#[test]
fn rows_without_ids_fall_by_what_they_are_matched_by() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = known_to_the_crm(folder.path(), 12);
    let place = Place::beside(&sandbox);
    let rows: Vec<String> = (0..36).map(|at| format!(" CRM-{},note {}\n", at % 12 + 1, at / 12)).collect();
    place.write("sheet.csv", &format!("CRM ID,Notes\n{}CRM-13,note\n,note\n", rows.concat()));
    let ended = all(&place, 3, "apply sheet.csv --yes --json --no-report --match-by crm-id");
    let sum = |outcome| ended.iter().map(|ended| count(&ended.json(), outcome)).sum::<u64>();
    assert_eq!((sum("total"), sum("applied"), sum("invalid")), (38, 36, 2));
    let state = sandbox.state();
    for id in &state.ids {
        assert_eq!((state.applied(id), &state.referrals[id]["details"]["notes"]), (3, &"note 2".into()), "{id}");
    }
    assert_eq!(count(&place.refsheet("runs merge --json").exits(1).json(), "total"), 38);
}

/// Processes that look at the list at different times find different referrals; the rows are whose they are.
#[test]
fn what_one_shard_creates_is_not_lost_by_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = known_to_the_crm(folder.path(), 2);
    let place = Place::beside(&sandbox);
    let rows: Vec<String> = (1..=12).map(|at| format!("CRM-{at},Independent,Contoso,No,{at}\n")).collect();
    place.write("sheet.csv", &format!("CRM ID,Type,Customer name,Consent to contact,Deal value\n{}", rows.concat()));
    let mut total = 0;
    for number in 1..=3 {
        let command = "apply sheet.csv --yes --json --no-report --match-by crm-id --create-missing";
        total += count(&place.refsheet(&format!("{command} --shard {number}/3")).exits(0).json(), "total");
    }
    assert_eq!(total, 12);
    let crm: Vec<String> =
        sandbox.state().referrals.values().map(|one| one["externalReferenceId"].to_string()).collect();
    let once: BTreeSet<&String> = crm.iter().collect();
    assert_eq!((crm.len(), once.len()), (12, 12));
    assert_eq!(count(&place.refsheet("runs merge --json").exits(0).json(), "applied"), 12);
}

#[test]
fn a_referral_that_rows_name_in_two_ways_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = known_to_the_crm(folder.path(), 3);
    let place = Place::beside(&sandbox);
    let id = "00000000-0000-4000-8000-000000000002";
    place.write("sheet.csv", &format!("id,CRM ID,Notes\n,CRM-1,new\n,CRM-2,new\n{id},,newer\n"));
    let whole = place.refsheet("apply sheet.csv --yes --json --no-report --match-by crm-id").exits(0).json();
    assert_eq!(count(&whole, "applied"), 3);
    let ended = all(&place, 2, "apply sheet.csv --yes --json --no-report --match-by crm-id");
    let sum = |outcome| ended.iter().map(|ended| count(&ended.json(), outcome)).sum::<u64>();
    assert_eq!((sum("total"), sum("unchanged"), sum("invalid")), (3, 2, 1));
    let merged = place.refsheet("runs merge").exits(1);
    merged.says("another row names the same referral by its id").says(&format!("put {id} here"));
}
