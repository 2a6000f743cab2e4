//! The pacer on a stopped clock.

use std::cell::RefCell;

use futures_util::future::join_all;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// The most moments in any window of one second, both ends included.
fn most_in_a_second(moments: &[Instant]) -> usize {
    let mut moments = moments.to_vec();
    moments.sort();
    let mut first = 0;
    let within = (0..moments.len()).map(|last| {
        while moments[first] + SECOND < moments[last] {
            first += 1;
        }
        last - first + 1
    });
    within.max().unwrap_or(0)
}

/// How much of a rate was used between the first and the last moment.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn used(rate: f64, moments: &[Instant]) -> f64 {
    let (first, last) = (moments.iter().min().unwrap(), moments.iter().max().unwrap());
    (moments.len() - 1) as f64 / (*last - *first).as_secs_f64() / rate
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
fn whole(number: f64) -> usize {
    number.ceil() as usize
}

/// When so many permits are given to somebody who always wants one, each answered at once.
async fn permits(pacer: &Pacer, count: usize) -> Vec<Instant> {
    let mut given = Vec::with_capacity(count);
    for _ in 0..count {
        drop(pacer.permit().await);
        given.push(Instant::now());
    }
    given
}

#[tokio::test(start_paused = true)]
async fn no_second_holds_more_than_the_rate_and_nearly_all_of_it_is_used() {
    for rate in [1.0 / 60.0, 0.3, 1.0, 1.5, 3.0, 5.0, 29.0, 50.0, 166.7, 500.0, 2000.0, 5000.0] {
        let given = permits(&Pacer::new(Rate::PerSecond(rate)), whole(rate * 4.0) + 3).await;
        let most = most_in_a_second(&given);
        assert!(most <= whole(rate), "{most} in one second at {rate}/s");
        let used = used(rate, &given);
        assert!((0.98..=1.0).contains(&used) || most == 1 && used > 0.98, "{used} of {rate}/s used");
    }
}

/// Many who ask at odd times, and answers that take as long as they like: what counts is when requests come, which is at
/// some moment on their way. Tells when they left and when they came; for each seed another story, the same each time.
async fn story(seed: u64, rate: f64, rest_ms: u64, requests: usize) -> (Vec<Instant>, Vec<Instant>) {
    let (pacer, chance) = (Pacer::new(Rate::PerSecond(rate)), Cell::new(seed));
    let (left, came) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let below = |limit: u64| {
        // Knuth's MMIX generator; its upper bits are good.
        chance.set(chance.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        (chance.get() >> 33) % limit.max(1)
    };
    let worker = |_| async {
        loop {
            tokio::time::sleep(Duration::from_micros(below(rest_ms * 2000))).await;
            let permit = pacer.permit().await;
            if came.borrow().len() >= requests {
                return;
            }
            // Mostly quick; now and then everything stands still for a moment.
            let latency = Duration::from_micros(if below(50) == 0 { below(120_000) } else { below(9_000) });
            let there = Duration::from_micros(below(latency.as_micros().try_into().unwrap()));
            left.borrow_mut().push(Instant::now());
            came.borrow_mut().push(Instant::now() + there);
            tokio::time::sleep(latency).await;
            drop(permit);
        }
    };
    join_all((0..64).map(worker)).await;
    (left.into_inner(), came.into_inner())
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_on_the_way_no_second_at_the_service_holds_more_than_the_rate() {
    for seed in 1..=4 {
        for rate in [1.0, 5.0, 50.0, 300.0, 1000.0] {
            for rest_ms in [0, 20, 400] {
                let (left, came) = story(seed, rate, rest_ms, whole(rate * 3.0) + 3).await;
                let most = most_in_a_second(&came);
                assert!(most <= whole(rate), "{most} in one second at {rate}/s, seed {seed}, rest {rest_ms} ms");
                let used = used(rate, &left);
                assert!(rest_ms > 0 || rate < 50.0 || used > 0.98, "{used} of {rate}/s used, seed {seed}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_takes_its_time_costs_hardly_any_of_the_rate() {
    for rate in [5.0, 50.0, 500.0] {
        let pacer = Pacer::new(Rate::PerSecond(rate));
        let left = RefCell::new(Vec::new());
        let worker = |_| async {
            for _ in 0..=whole(rate / 4.0) {
                let permit = pacer.permit().await;
                left.borrow_mut().push(Instant::now());
                tokio::time::sleep(Duration::from_millis(60)).await;
                drop(permit);
            }
        };
        join_all((0..64).map(worker)).await;
        let left = left.into_inner();
        assert!(most_in_a_second(&left) <= whole(rate));
        assert!(used(rate, &left) > 0.98, "{} of {rate}/s used", used(rate, &left));
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_first_leaves_first() {
    let pacer = Pacer::new(Rate::PerSecond(100.0));
    let (asked, served) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let worker = |number: usize| {
        let (pacer, asked, served) = (&pacer, &asked, &served);
        async move {
            for round in 0..3 {
                asked.borrow_mut().push((round, number));
                drop(pacer.permit().await);
                served.borrow_mut().push((round, number));
            }
        }
    };
    join_all((0..64).map(worker)).await;
    assert_eq!(served.into_inner(), asked.into_inner());
}

/// The shortest time in which so many left.
fn shortest(moments: &[Instant], count: usize) -> Duration {
    moments.windows(count).map(|some| some[count - 1] - some[0]).min().unwrap()
}

#[tokio::test(start_paused = true)]
async fn no_burst_follows_a_time_in_which_nobody_asked() {
    for rate in [5.0, 50.0, 500.0, 2000.0] {
        let pacer = Pacer::new(Rate::PerSecond(rate));
        for idle in [SECOND / 10, SECOND, SECOND * 100] {
            drop(permits(&pacer, 20).await);
            tokio::time::sleep(idle).await;
            let given = permits(&pacer, 20).await;
            let evenly = Duration::from_secs_f64(19.0 / rate);
            assert!(shortest(&given, 20) + Duration::from_millis(1) >= evenly, "{idle:?} idle at {rate}/s: {given:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_is_late_is_made_up_for() {
    let pacer = Pacer::new(Rate::PerSecond(500.0));
    let mut given = permits(&pacer, 500).await;
    for _ in 0..20 {
        // Somebody waits, and for so long nothing gets the processor.
        let (more, ()) = tokio::join!(permits(&pacer, 125), tokio::time::advance(Duration::from_millis(12)));
        given.extend(more);
    }
    assert!(most_in_a_second(&given) <= 500);
    assert!(used(500.0, &given) > 0.98, "{}", used(500.0, &given));
}

#[tokio::test(start_paused = true)]
async fn a_rate_below_one_a_second_waits_longer_than_a_second() {
    let given = permits(&Pacer::new(Rate::PerSecond(0.5)), 3).await;
    assert!(given[1] - given[0] >= SECOND * 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_leaves_during_a_pause_and_no_burst_follows_it() {
    let pacer = Pacer::new(Rate::PerSecond(500.0));
    drop(pacer.permit().await);
    let start = Instant::now();
    pacer.pause(SECOND * 10);
    pacer.pause(SECOND);
    let given = RefCell::new(Vec::new());
    let worker = |_| async {
        for _ in 0..20 {
            drop(pacer.permit().await);
            given.borrow_mut().push(Instant::now());
        }
    };
    join_all((0..64).map(worker)).await;
    let given = given.into_inner();
    assert!(given[0] - start >= SECOND * 10);
    assert!(most_in_a_second(&given) <= 500);
    assert!(shortest(&given, 50) >= Duration::from_millis(97), "{:?}", shortest(&given, 50));
}

#[tokio::test(start_paused = true)]
async fn a_pause_takes_hold_of_those_who_wait_already() {
    let pacer = Pacer::new(Rate::PerSecond(1.0));
    drop(pacer.permit().await);
    let start = Instant::now();
    let waiting = async {
        drop(pacer.permit().await);
        Instant::now()
    };
    let pausing = async {
        tokio::time::sleep(SECOND / 2).await;
        pacer.pause(SECOND * 10);
    };
    let (left, ()) = tokio::join!(waiting, pausing);
    assert!(left - start >= SECOND * 10);
}

#[tokio::test(start_paused = true)]
async fn being_throttled_lowers_the_rate_which_climbs_back() {
    let pacer = Pacer::new(Rate::PerSecond(100.0));
    drop(pacer.permit().await);
    pacer.slow_down();
    pacer.slow_down();
    let mut given = Vec::new();
    let start = Instant::now();
    while start.elapsed() < SECOND * 40 {
        drop(pacer.permit().await);
        given.push(Instant::now());
    }
    let in_second = |from: u32| {
        let window = start + SECOND * from..start + SECOND * (from + 1);
        given.iter().filter(|at| window.contains(at)).count()
    };
    assert!((60..=75).contains(&in_second(0)), "{} in the first second", in_second(0));
    assert!((95..=100).contains(&in_second(38)), "{} after the climb", in_second(38));
    assert!(most_in_a_second(&given) <= 100);
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_nobody_waits() {
    let pacer = Pacer::new(Rate::Unlimited);
    let start = Instant::now();
    for _ in 0..1000 {
        drop(pacer.permit().await);
    }
    assert_eq!(start, Instant::now());
}
