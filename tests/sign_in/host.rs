//! What a sign-in host may answer, and what is made of it. Time does not pass here: the pauses are noted.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::time::Duration;

use refsheet::api::{Application, ClientSecret, Denied, SignInError};
use refsheet::sandbox::{self, ServeOptions, Settings, SignIn, Store};
use tokio::net::TcpListener;

fn application(authority: &str) -> Application {
    Application {
        authority: authority.parse().unwrap(),
        tenant: "contoso.example".parse().unwrap(),
        client_id: "an-application".to_owned(),
        secret: ClientSecret::None,
    }
}

/// Signs in at a sandbox that gives these answers; the pauses that were made, in seconds, and the end.
async fn signed_in(replies: &str) -> (Vec<u64>, Result<(), SignInError>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let application = application(&format!("http://{}", listener.local_addr().unwrap()));
    let sign_in = SignIn { replies: replies.parse().unwrap(), interval: Duration::ZERO, ..SignIn::default() };
    let store = Store::new(&Settings { referrals: 0, ..Settings::default() });
    let options = ServeOptions { sign_in, ..ServeOptions::default() };
    tokio::spawn(sandbox::serve(store, listener, options, std::future::pending()));
    let pauses = RefCell::new(Vec::new());
    let invitation = application.invite().await.unwrap();
    let pause = async |pause: Duration| pauses.borrow_mut().push(pause.as_secs());
    let end = application.await_person(&invitation, pause).await.map(drop);
    (pauses.into_inner(), end)
}

fn denied(end: Result<(), SignInError>) -> Denied {
    match end {
        Err(SignInError::Denied { denied, .. }) => denied,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_host_that_wants_to_be_asked_less_often_is() {
    let (pauses, end) = signed_in("pending,slow_down,pending,slow_down,approved").await;
    end.unwrap();
    // RFC 8628, section 3.5: five seconds more, from then on. The first one is ours: a host that says 0 is not obeyed.
    assert_eq!(pauses, [1, 1, 6, 6, 11]);
}

#[tokio::test]
async fn a_no_ends_the_waiting() {
    let (pauses, end) = signed_in("pending,denied").await;
    assert_eq!((pauses.len(), denied(end)), (2, Denied::Declined));
    assert_eq!(denied(signed_in("expired").await.1), Denied::CodeEnded);
}

#[tokio::test]
async fn nobody_waits_longer_than_the_code_is_good_for() {
    let (pauses, end) = signed_in("pending").await;
    assert_eq!((pauses.iter().sum::<u64>(), denied(end)), (15 * 60, Denied::CodeEnded));
}

/// What is made of one answer, sent as it stands.
async fn check(answer: String, expected: &str) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        // Who has seen enough may have hung up.
        let _ = stream.write_all(answer.as_bytes());
    });
    let error = application(&format!("http://{authority}")).invite().await.unwrap_err().to_string();
    assert_eq!(error.replace(&authority, "<host>"), expected);
    server.join().unwrap();
}

fn answer(head: &str, body: &str) -> String {
    format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn whatever_a_host_answers_is_told_in_plain_words() {
    let strange = |why: &str| format!("the sign-in host <host> gave an answer that is not understood: {why}");
    check(answer("200 x", "<html>"), &strange("it is not a JSON object")).await;
    check(answer("200 x", "{}"), &strange("it has no code, or no page to enter it")).await;
    check(
        answer("302 x\r\nLocation: https://elsewhere.example/?s3cret", ""),
        &strange("it redirects, which is not followed"),
    )
    .await;
    check(answer("404 x", "<html>"), &strange("status 404 without a word of explanation")).await;
    check(answer("200 x", &" ".repeat(300 * 1024)), &strange("it is too long")).await;
    check(answer("503 x", "<html>"), "the sign-in host <host> is busy (status 503)").await;
    check(answer("429 x", ""), "the sign-in host <host> is busy (status 429)").await;
    check(String::new(), "the sign-in host <host> cannot be reached: connection closed before message completed").await;
    let said = r#"{"error":"unauthorized_client","error_description":"AADSTS700016: not found.\r\nTrace ID: 1"}"#;
    let expected = "the application may not be signed in to with a code, or is not known in this organisation \
                    (it says: AADSTS700016: not found.)";
    check(answer("400 x", said), expected).await;
    check(answer("400 x", r#"{"error":"brand_new"}"#), "the sign-in host refuses with `brand_new`").await;
}
