//! The first two promises, under torture: nobody's change is lost, and nothing happens twice.
//!
//! The real program works on a sheet against a real sandbox process that loses replies after doing what was asked,
//! answers 503, cuts connections, throttles, lets a colleague change referrals underneath, and ends tokens. Meanwhile
//! the program is killed again and again, each time with a write in its hands ([`trap`]), and resumed. Then what the
//! service holds is compared with what the sheet says, member by member, and what the program reports with what
//! happened.
//!
//! `TORTURE_SEED`, `TORTURE_KILLS` and `TORTURE_ROWS` make it longer or different; `torture.sh` does that for many
//! seeds.

#![cfg(unix)]

mod stage;

#[path = "torture/dice.rs"]
mod dice;
#[path = "torture/sheet.rs"]
mod sheet;
#[path = "torture/trap.rs"]
mod trap;
#[path = "torture/truth.rs"]
mod truth;

use std::env;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dice::Dice;
use sheet::Sheet;
use stage::place::Place;
use stage::running::Ended;
use stage::sandbox::Sandbox;
use stage::until;
use stage::wire::Wire;
use trap::{Moment, Trap};

/// The shares of the promise. A pause takes at least a second, so the limit is so high that it is met only now and
/// then; tokens end so early because each process begins with a new one and does not live long.
const TROUBLE: &str =
    "--lose-replies 3% --fail 3% --cut 2% --change-underneath 6% --limit 100/s --expire-token-after 60";
/// Faster than the service allows, so that it has something to throttle.
const PACE: &str = "rate = \"150/s\"\nconcurrency = 8";
/// A token that never was there before: each is good for few requests.
const NEW_TOKEN: &str = "echo \"token-$(date +%s)-$$\"\n";
/// How often a run may stop by itself before it is finished.
const STOPS_MAX: u32 = 5;

/// How a torture is done.
struct Torture {
    name: &'static str,
    seed: u64,
    rows: usize,
    kills: usize,
    options: &'static str,
    /// Whether referrals are looked at first, so that each write is guarded by an eTag.
    is_guarded: bool,
}

#[test]
fn killed_with_writes_in_its_hands_a_run_loses_nothing_and_does_nothing_twice() {
    Torture { name: "patch", seed: 1, rows: 330, kills: 14, options: "", is_guarded: true }.done();
}

/// Here each write is the whole referral, and would take a colleague's change away if it were a stale one.
#[test]
fn a_run_that_replaces_whole_referrals_survives_the_same() {
    Torture { name: "put", seed: 2, rows: 130, kills: 8, options: "--via put", is_guarded: true }.done();
}

/// Here nothing but the ledger and a look afterwards keeps a write from happening twice.
#[test]
fn a_run_that_looks_at_nothing_first_survives_the_same() {
    Torture { name: "blind", seed: 5, rows: 130, kills: 8, options: "--check none", is_guarded: false }.done();
}

impl Torture {
    /// Does it, as the environment wants it, and says how it was.
    #[expect(clippy::print_stdout, reason = "what a torture was like is worth reading when it is asked for")]
    fn done(self) {
        let asked = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
        let (rows, kills) = (asked("TORTURE_ROWS"), asked("TORTURE_KILLS"));
        let count = |asked: Option<u64>, usual| asked.map_or(usual, |asked| usize::try_from(asked).unwrap());
        let line = Torture {
            seed: asked("TORTURE_SEED").unwrap_or(self.seed),
            rows: count(rows, self.rows),
            kills: count(kills, self.kills),
            ..self
        }
        .survived();
        println!("{line}");
    }

    fn survived(&self) -> String {
        let started = Instant::now();
        let referrals = self.rows * 2;
        let sandbox = Sandbox::start(&format!("--referrals {referrals} --seed {} {TROUBLE}", self.seed));
        let before = sandbox.state();
        let sheet = Sheet::over(&before, self.rows, self.is_guarded);
        let trap = Trap::new();
        let judge = Arc::clone(&trap);
        let wire = Wire::start(Some(sandbox.authority()), move |request, onward| judge.judge(request, onward));
        let place = Place::with_profile(&wire.base_url, PACE, NEW_TOKEN);
        place.write("sheet.csv", &sheet.text);
        let stops = self.killed_over_and_over(&place, &trap);
        let ended = self.finished(&place, &trap, stops);
        wire.settle();
        let after = sandbox.state();
        truth::holds(&sheet, &before, &after, &place.read("report.jsonl"), &ended.json());
        let run = ended.json()["run"].as_str().unwrap().to_owned();
        place.refsheet(&format!("resume {run} --config config.toml")).exits(0).says("is finished");
        assert_eq!(sandbox.state().requests(), after.requests(), "resuming what is finished sends nothing");
        if self.is_guarded {
            self.nothing_is_left_to_do(&place, &trap);
        }

        format!(
            "{}: seed {}, {} rows, {} kills, {} requests of which {} writes in {:.1} s; {}",
            self.name,
            self.seed,
            sheet.rows.len(),
            self.kills,
            after.requests(),
            trap.writes_so_far(),
            started.elapsed().as_secs_f64(),
            after.troubles(),
        )
    }

    /// Starts the run, kills it, resumes it, kills it …
    fn killed_over_and_over(&self, place: &Place, trap: &Trap) -> u32 {
        let mut dice = Dice::new(self.seed);
        let mut stops = 0;
        self.killed_at_the_start(place, trap);
        for kill in 1..self.kills {
            // Each process does at least so many writes as it is let, all of them together fewer than there are rows.
            let mean = self.rows / self.kills;
            let writes = 1 + dice.below(u64::try_from(2 * mean * 3 / 4).unwrap().max(1));
            let moment = *dice.pick(self.moments());
            loop {
                trap.watch_next(Some((writes, moment)));
                let mut running = place.start(&self.go_on(kill));
                let is_sprung = until("the trap snaps", || {
                    let is_sprung = trap.is_sprung(Duration::from_millis(5));
                    (is_sprung || running.is_over()).then_some(is_sprung)
                });
                if is_sprung {
                    let ended = running.kill();
                    assert_eq!(ended.signal, Some(9), "{ended}");
                    break;
                }
                stops += 1;
                stopped(&running.end(), stops);
            }
        }
        stops
    }

    /// A write that comes late, when another process has taken over, is harmless because of its guard, and only so.
    fn moments(&self) -> &'static [Moment] {
        const PROMPT: &[Moment] = &[Moment::Unsent, Moment::Done, Moment::Answered];
        const ALL: &[Moment] = &[Moment::Unsent, Moment::Done, Moment::Answered, Moment::Delayed];
        if self.is_guarded { ALL } else { PROMPT }
    }

    /// While the sheet is taken in, or directly after.
    fn killed_at_the_start(&self, place: &Place, trap: &Trap) {
        trap.watch_next(None);
        let running = place.start(&self.go_on(0));
        until("there is a ledger", || place.ledgers().first().cloned());
        running.kill();
    }

    /// The way on, which is each time another one.
    fn go_on(&self, kill: usize) -> String {
        if kill < 2 || kill.is_multiple_of(2) {
            let options = self.options;
            format!("apply sheet.csv --resume --yes --json --report report.jsonl --config config.toml {options}")
        } else {
            "resume --json --config config.toml".to_owned()
        }
    }

    fn finished(&self, place: &Place, trap: &Trap, mut stops: u32) -> Ended {
        loop {
            trap.watch_next(None);
            let ended = place.refsheet(&self.go_on(1));
            if ended.json()["resume"].is_null() {
                return ended.exits(1);
            }
            stops += 1;
            stopped(&ended, stops);
        }
    }

    fn nothing_is_left_to_do(&self, place: &Place, trap: &Trap) {
        let writes = trap.writes_so_far();
        let again = format!("apply sheet.csv --yes --no-report --config config.toml {}", self.options);
        place.refsheet(&again).exits(1);
        assert_eq!(trap.writes_so_far(), writes, "the same sheet again writes nothing");
    }
}

/// The service counts what comes during a pause that it has announced. Requests that were under way by then count too,
/// so here there is one at a time. That a pause holds for all is proved in `engine.rs`, where the clock stands still.
#[test]
fn nothing_is_sent_during_a_pause() {
    let sandbox = Sandbox::start("--referrals 60 --limit 10/s");
    let before = sandbox.state();
    let place = Place::beside(&sandbox);
    let rows: Vec<String> = before.active().take(25).map(|id| format!("{id},a note\n")).collect();
    place.write("sheet.csv", &format!("id,Notes\n{}", rows.concat()));
    place.refsheet("apply sheet.csv --yes --no-report --check none --concurrency 1").exits(0);
    let after = sandbox.state();
    assert_eq!((after.applied_in_all(), after.trouble("throttled")), (25, 2));
    assert_eq!(after.trouble("requests_during_pause"), 0);
}

/// The reasons for which a run may end and not be finished: a token ended twice under one row, or an answer was lost
/// and so were those to all looks at what became of it.
fn stopped(ended: &Ended, stops: u32) {
    let is_in_doubt = ended.code == Some(1) && ended.json()["rows"]["in_doubt"] != 0;
    assert!(ended.code == Some(4) || is_in_doubt, "{ended}");
    assert!(stops <= STOPS_MAX, "it stopped {stops} times\n{ended}");
}
