//! Who meets with what, without sockets and on a clock of the test's.

use super::*;
use crate::sandbox::{Settings, referral_id};

/// A store, its troublemaker, and a time that stands still.
struct Case {
    store: Store,
    troublemaker: Troublemaker,
    now: Instant,
}

impl Case {
    fn of(trouble: Trouble) -> Case {
        let store = Store::new(&Settings { referrals: 5, ..Settings::default() });
        Case { store, troublemaker: Troublemaker::of(trouble), now: Instant::now() }
    }

    fn request(&self, token: &str, written: Option<ReferralId>) -> Mishap {
        self.troublemaker.next(&self.store, &Arrival { at: self.now, token: Some(token), written }).mishap
    }

    fn requests(&self, count: usize) -> Vec<Mishap> {
        (0..count).map(|_| self.request("any", None)).collect()
    }
}

fn all() -> Share {
    "100%".parse().unwrap()
}

fn some() -> Trouble {
    let share: Share = "20%".parse().unwrap();
    let latency = Duration::from_millis(80);
    Trouble { seed: 3, fail: share, lose_replies: share, cut: share, latency, ..Trouble::default() }
}

#[test]
fn without_trouble_nothing_happens() {
    let case = Case::of(Trouble::default());
    assert!(case.requests(100).iter().all(|mishap| *mishap == Mishap::None));
}

#[test]
fn the_same_seed_gives_the_same_trouble_and_another_seed_another() {
    let run = |trouble: Trouble| Case::of(trouble).requests(200);
    assert_eq!(run(some()), run(some()));
    assert_ne!(run(some()), run(Trouble { seed: 4, ..some() }));
}

#[test]
fn one_kind_of_trouble_does_not_move_another() {
    let numbers = |trouble: Trouble| {
        let mishaps = Case::of(trouble).requests(500).into_iter().enumerate();
        mishaps.filter(|(_, mishap)| *mishap == Mishap::Cut).map(|(number, _)| number).collect::<Vec<_>>()
    };
    let alone = Trouble { fail: Share::default(), lose_replies: Share::default(), ..some() };
    assert_eq!(numbers(alone), numbers(some()));
    assert!((60..140).contains(&numbers(some()).len()));
}

#[test]
fn about_every_second_failure_says_when_to_come_back() {
    let mishaps = Case::of(Trouble { fail: all(), ..Trouble::default() }).requests(1000);
    let told = mishaps.iter().filter(|mishap| **mishap == Mishap::Busy { retry_after: Some(FAILURE_RETRY_AFTER) });
    assert!((400..600).contains(&told.count()));
    assert!(mishaps.contains(&Mishap::Busy { retry_after: None }));
}

#[test]
fn latency_is_off_by_a_quarter_at_most() {
    let trouble = some();
    let latencies: Vec<_> = (1..=1000).map(|number| trouble.chances(number).latency).collect();
    let (least, most) = (latencies.iter().min().unwrap(), latencies.iter().max().unwrap());
    assert!((60..62).contains(&least.as_millis()) && (99..=100).contains(&most.as_millis()), "{least:?} to {most:?}");
}

#[test]
fn only_who_was_told_of_the_pause_is_counted_as_coming_in_it() {
    let retry_after = Some(Duration::from_secs(60));
    let mut case = Case::of(Trouble { limit: Some("2/m".parse().unwrap()), ..Trouble::default() });
    assert_eq!(case.requests(2), [Mishap::None, Mishap::None]);
    assert_eq!(case.requests(2), [Mishap::Throttle { retry_after }, Mishap::Throttle { retry_after }]);
    assert_eq!(case.store.troubles().requests_during_pause, 0);
    case.troublemaker.pause_announced();
    case.requests(3);
    assert_eq!(case.store.troubles().requests_during_pause, 3);
    case.now += Duration::from_secs(60);
    assert_eq!(case.requests(2), [Mishap::None, Mishap::None]);
    assert_eq!(case.store.troubles().requests_during_pause, 3);
}

#[test]
fn a_token_is_good_for_so_many_requests_and_then_never_again() {
    let case = Case::of(Trouble { expire_token_after: Some(2), ..Trouble::default() });
    assert_eq!(case.requests(4)[1..], [Mishap::None, Mishap::Unauthenticated, Mishap::Unauthenticated]);
    assert_eq!(case.request("fresh", None), Mishap::None);
    assert_eq!(case.request("any", None), Mishap::Unauthenticated);
    assert_eq!(case.store.troubles().tokens_expired, 1);
}

#[test]
fn a_colleague_changes_each_referral_once_and_every_second_star() {
    let case = Case::of(Trouble { change_underneath: all(), ..Trouble::default() });
    let star = case.store.peek(referral_id(1, 1)).unwrap()["favorite"] == true;
    for (index, expected) in [(0, None), (1, Some(json!(!star))), (2, None)] {
        let id = referral_id(1, index);
        let Mishap::ChangeUnderneath(members) = case.request("any", Some(id)) else { panic!("none for {index}") };
        assert!(members["lastModifiedVia"].is_string());
        assert_eq!(members.get("favorite"), expected.as_ref());
        assert_eq!(case.request("any", Some(id)), Mishap::None);
    }
    assert_eq!(case.request("any", None), Mishap::None);
    assert_eq!(case.request("any", Some(referral_id(9, 9))), Mishap::None);
}

#[test]
fn a_request_meets_with_one_mishap_the_outermost_first() {
    let everything = Trouble { fail: all(), lose_replies: all(), cut: all(), change_underneath: all(), ..some() };
    let check = |trouble: Trouble, expected: fn(&Mishap) -> bool| {
        let case = Case::of(Trouble { expire_token_after: Some(0), ..trouble });
        let mishap = case.request("any", Some(referral_id(1, 0)));
        assert!(expected(&mishap), "{mishap:?}");
    };
    check(everything.clone(), |mishap| *mishap == Mishap::Cut);
    check(Trouble { cut: Share::default(), ..everything.clone() }, |mishap| *mishap == Mishap::Unauthenticated);
    let case = Case::of(Trouble { cut: Share::default(), fail: Share::default(), ..everything.clone() });
    assert!(matches!(case.request("any", Some(referral_id(1, 0))), Mishap::ChangeUnderneath(_)));
    assert_eq!(case.request("any", Some(referral_id(1, 0))), Mishap::LoseReply);
    let case = Case::of(Trouble { cut: Share::default(), ..everything });
    assert!(matches!(case.requests(1)[..], [Mishap::Busy { .. }]));
}
