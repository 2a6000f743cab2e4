use super::*;

const WHO: Applicant<'static> = Applicant { client_id: "an-application", client_secret: None, tenant: "contoso" };
const BOTH: &str = "https://api.partner.microsoft.com/.default offline_access";

fn desk(settings: SignIn) -> (Desk, Instant) {
    let desk = Desk::of(settings, 1);
    let began = desk.began;
    (desk, began)
}

fn replies(text: &str) -> SignIn {
    SignIn { replies: text.parse().unwrap(), ..SignIn::default() }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn signed_in(desk: &Desk, now: Instant) -> Tokens {
    let given = desk.begin(&WHO, BOTH, now).unwrap();
    desk.poll(&WHO, &given.device_code, now).unwrap()
}

fn refresh(tokens: &Tokens) -> &str {
    tokens.refresh.as_deref().unwrap()
}

#[test]
fn polls_are_answered_as_the_list_says_and_a_code_is_good_once() {
    let (desk, now) = desk(replies("pending,slow_down,approved"));
    let code = desk.begin(&WHO, BOTH, now).unwrap().device_code;
    let poll = |after| desk.poll(&WHO, &code, now + seconds(after));
    assert_eq!(poll(1), Err(Denial::Pending));
    assert_eq!(poll(2), Err(Denial::SlowDown));
    assert!(poll(8).is_ok());
    assert!(matches!(poll(20), Err(Denial::InvalidGrant(_))));
}

#[test]
fn who_polls_too_early_must_wait_five_seconds_more_from_then_on() {
    let (desk, now) = desk(replies("pending"));
    let code = desk.begin(&WHO, BOTH, now).unwrap().device_code;
    let poll = |milliseconds| desk.poll(&WHO, &code, now + Duration::from_millis(milliseconds));
    assert_eq!(poll(0), Err(Denial::Pending));
    assert_eq!(poll(999), Err(Denial::SlowDown));
    assert_eq!(poll(6_998), Err(Denial::SlowDown));
    assert_eq!(poll(17_998), Err(Denial::Pending));
    assert_eq!(desk.tally().polls_too_early, 2);
}

#[test]
fn a_person_decides_on_the_page_however_the_code_is_typed() {
    let (desk, now) = desk(replies("pending"));
    let given = desk.begin(&WHO, BOTH, now).unwrap();
    assert!(!desk.decide("AAAA-AAAA", Decision::Approve, now));
    assert!(desk.decide(&format!(" {} ", given.user_code.to_lowercase().replace('-', " ")), Decision::Approve, now));
    assert!(desk.poll(&WHO, &given.device_code, now).is_ok());
    let given = desk.begin(&WHO, BOTH, now).unwrap();
    assert!(desk.decide(&given.user_code, Decision::Deny, now));
    assert_eq!(desk.poll(&WHO, &given.device_code, now), Err(Denial::Declined));
}

#[test]
fn a_code_ends() {
    let (desk, now) = desk(SignIn::default());
    let given = desk.begin(&WHO, BOTH, now).unwrap();
    assert!(!desk.decide(&given.user_code, Decision::Approve, now + CODE_LIFETIME));
    assert_eq!(desk.poll(&WHO, &given.device_code, now + CODE_LIFETIME), Err(Denial::Expired));
}

#[test]
fn a_refresh_token_is_good_again_until_its_successor_is_used() {
    let (desk, now) = desk(replies("approved"));
    let first = signed_in(&desk, now);
    let lost = desk.renew(&WHO, refresh(&first), now).unwrap();
    let second = desk.renew(&WHO, refresh(&first), now).unwrap();
    assert_ne!(lost, second);
    let third = desk.renew(&WHO, refresh(&second), now).unwrap();
    assert_eq!((desk.tally().renewals, desk.tally().renewals_repeated), (3, 1));
    // Whoever comes with an old one now has not got it in a lawful way, and nobody can tell who is who.
    for token in [&first, &third] {
        assert!(matches!(desk.renew(&WHO, refresh(token), now), Err(Denial::InvalidGrant(_))));
    }
}

#[test]
fn with_strict_rotation_a_refresh_token_is_good_once() {
    let (desk, now) = desk(SignIn { strict_rotation: true, ..replies("approved") });
    let first = signed_in(&desk, now);
    let second = desk.renew(&WHO, refresh(&first), now).unwrap();
    assert!(desk.renew(&WHO, refresh(&first), now).is_err());
    assert!(desk.renew(&WHO, refresh(&second), now).is_err());
}

#[test]
fn tokens_end_and_only_issued_ones_are_taken_where_that_is_required() {
    let (desk, now) = desk(SignIn { is_required: true, token_lifetime: seconds(2), ..replies("approved") });
    let tokens = signed_in(&desk, now);
    assert!(desk.admit(&tokens.access, now + Duration::from_millis(1999)).is_ok());
    assert_eq!(desk.admit(&tokens.access, now + seconds(2)), Err(Refusal::unauthenticated()));
    assert!(desk.admit("any", now).is_err());
    assert_eq!((desk.tally().ended_tokens_seen, desk.tally().tokens_used), (1, 1));

    let (desk, now) = self::desk(SignIn { token_lifetime: seconds(2), ..replies("approved") });
    let tokens = signed_in(&desk, now);
    assert!(desk.admit("any", now).is_ok() && desk.admit(" ", now).is_err());
    assert!(desk.admit(&tokens.access, now + seconds(2)).is_err());
}

#[test]
fn a_token_without_a_second_factor_is_refused_by_its_number() {
    let (desk, now) = desk(SignIn { mfa: false, ..replies("approved") });
    let refusal = desk.admit(&signed_in(&desk, now).access, now).unwrap_err();
    assert_eq!((refusal.status, refusal.inner_code), (401, Some("900421")));
}

#[test]
fn whoever_asks_must_say_for_what_and_show_the_secret() {
    let (desk, now) = desk(SignIn { client_secret: Some("s3cret".to_owned()), ..replies("approved") });
    let begin =
        |client_id, client_secret, scope| desk.begin(&Applicant { client_id, client_secret, ..WHO }, scope, now);
    assert_eq!(begin("an-application", Some("wrong"), BOTH).unwrap_err(), Denial::InvalidClient);
    assert_eq!(begin("an-application", None, BOTH).unwrap_err(), Denial::InvalidClient);
    assert!(matches!(begin("", Some("s3cret"), BOTH).unwrap_err(), Denial::InvalidRequest(_)));
    assert_eq!(begin("an-application", Some("s3cret"), OFFLINE).unwrap_err(), Denial::InvalidScope);
    let code = begin("an-application", Some("s3cret"), SCOPE).unwrap().device_code;
    let who = Applicant { client_secret: Some("s3cret"), ..WHO };
    assert!(matches!(desk.poll(&Applicant { tenant: "fabrikam", ..who }, &code, now), Err(Denial::InvalidGrant(_))));
    assert_eq!(desk.poll(&who, &code, now).unwrap().refresh, None);
}
