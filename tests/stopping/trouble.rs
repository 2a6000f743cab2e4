//! Trouble that no row can be blamed for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::stage::place::Place;
use crate::stage::sandbox::Sandbox;
use crate::stage::wire::{Message, Wire};
use crate::{TO_FINISH, assert_each_once, count, notes, scene};

const FORBIDDEN: &str = r#"{"error":{"code":"accessDenied","message":"You have no role here."}}"#;

#[test]
fn when_every_request_is_refused_alike_the_run_stops_early_and_says_so_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let wire = Wire::start(None, move |_, _| {
        counter.fetch_add(1, Ordering::SeqCst);
        Some(Message::answer(403, FORBIDDEN))
    });
    let place = Place::facing(&wire.base_url);
    let ids: Vec<String> = (0..200).map(|number| format!("00000000-0000-4000-8000-{number:012}")).collect();
    place.write("sheet.csv", &crate::sheet(ids.iter().map(String::as_str)));
    let ended = place.refsheet("apply sheet.csv --yes --no-report").exits(5);
    let ended = ended.says("the run stopped: every request is refused in the same way: You have no role here.");
    assert_eq!(ended.out.matches("You have no role here.").count(), 1, "{ended}");
    assert!(asked.load(Ordering::SeqCst) < 30, "of 200 rows");
    // It can be resumed, with the same end as long as nobody has helped.
    place.paste(&ended.command(TO_FINISH)).exits(5);
}

#[test]
fn a_service_that_is_not_there_stops_the_run_until_it_is() {
    let (sandbox, place) = scene("--referrals 20", 5);
    // Nobody listens where somebody has just hung up.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base_url = format!("http://{nobody}/v1.0/engagements");
    let elsewhere = format!("apply sheet.csv --yes --no-report --check none --base-url {base_url} --json");
    let summary = place.refsheet(&elsewhere).exits(5).json();
    assert!(summary["reason"].as_str().unwrap().starts_with("the service cannot be reached: "), "{summary}");
    assert_eq!(count(&summary, "applied"), 0);
    assert_eq!(sandbox.state().requests(), 0);
}

#[test]
fn a_second_401_stops_the_run_until_somebody_signs_in() {
    let sandbox = Sandbox::start("--referrals 60 --expire-token-after 12");
    let place = Place::with_profile(&sandbox.base_url, "rate = \"none\"", "echo the-only-token");
    place.write("sheet.csv", &notes(&sandbox.state(), 30));
    let apply = "apply sheet.csv --yes --config config.toml --check none --report report.csv";
    let ended = place.refsheet(apply).exits(4).says("the sign-in was not accepted").says("not reached");
    assert_eq!(sandbox.state().applied_in_all(), 12);
    assert_eq!(place.read("report.csv").lines().count(), 31);
    place.write("token.sh", "echo a-token-$$");
    let mut ended = place.paste(&ended.command(TO_FINISH));
    while ended.code == Some(4) {
        ended = place.paste(&ended.command(TO_FINISH));
    }
    ended.exits(0).says("30  applied");
    assert_each_once(&sandbox, 30);
}

#[test]
fn a_creation_whose_answer_was_lost_is_never_sent_again() {
    let sandbox = Sandbox::start("--referrals 5");
    // Whatever is created, nobody hears of it.
    let wire = Wire::start(Some(sandbox.authority()), |request, onward| {
        let answer = onward.pass(request);
        if request.is_write() { None } else { answer }
    });
    let place = Place::facing(&wire.base_url);
    let headings = "id,action,Deal name,Type,Customer name,Country,Deal value,Currency,Consent to contact";
    let row = ",create,A new deal,Independent,Fabrikam,DE,12500,EUR,Yes";
    place.write("sheet.csv", &format!("{headings}\n{row}\n"));
    let mut ended = place.refsheet("apply sheet.csv --yes --report report.jsonl").exits(1).says("1  in doubt");
    // The report says why, and not only that the run ended.
    assert!(place.read("report.jsonl").contains("the connection was cut"), "{}", place.read("report.jsonl"));
    for _ in 0..3 {
        ended = place.paste(&ended.command(TO_FINISH)).exits(1).says("1  in doubt");
    }
    assert_eq!(sandbox.state().ids.len(), 6);
}
