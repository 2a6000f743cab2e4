//! What the client makes of refusals, and of no answer at all.

use std::fs;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use refsheet::api::{Client, ClientSettings, Credentials};
use refsheet::service::{Answer, Fault, FaultKind, Service, Wanted};
use secrecy::SecretString;

use crate::server::{Server, Step, header};
use crate::{NO_CONTENT, REFERRAL, answer, client, id, ok, patch, raw, settings, with};

// What is made of a refusal.

async fn fault_of(step: Step) -> Fault {
    let server = Server::start([step]);
    let fault = client(&server).read(id()).await.unwrap_err();
    assert!(!format!("{fault:?} {fault}").contains("s3cret"));
    fault
}

#[tokio::test]
async fn errors_are_told_apart_by_status_and_told_in_the_words_of_the_service() {
    async fn check(head: &str, body: &str, kind: FaultKind, code: Option<&str>, message: &str) {
        let fault = fault_of(answer(head, body)).await;
        assert_eq!((fault.kind, fault.code.as_deref(), fault.message.as_str()), (kind, code, message), "{head}");
        assert_eq!(fault.trace.http, head[..3].parse().ok());
    }
    let busy =
        |seconds: Option<u64>, throttled| FaultKind::Busy { retry_after: seconds.map(Duration::from_secs), throttled };
    let stale = r#"{"error":{"code":"preconditionFailed","message":"ETag mismatch","target":"ETag","innerError":{"code":"99918"}}}"#;
    let gone = r#"{"error":{"code":"itemNotFound","message":"no such referral"}}"#;
    check("412 Precondition Failed", stale, FaultKind::Stale, Some("99918"), "ETag mismatch").await;
    check("404 Not Found", gone, FaultKind::Refused, Some("itemNotFound"), "no such referral").await;
    check("401 Unauthorized", "", FaultKind::Unauthenticated, None, "Unauthorized").await;
    check("429 Too Many\r\nRetry-After: 7", "", busy(Some(7), true), None, "Too Many Requests").await;
    let date = "503 x\r\nDate: Sun, 06 Nov 1994 08:49:30 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT";
    check(date, "busy\nreally", busy(Some(7), false), None, "busy").await;
    check("503 x\r\nRetry-After: soon", "", busy(None, false), None, "Service Unavailable").await;
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    check("502 Bad Gateway\r\nContent-Type: application/json", page, FaultKind::Lost, None, "502 Bad Gateway").await;
    check("500 x", "", FaultKind::Lost, None, "Internal Server Error").await;
}

#[tokio::test]
async fn an_error_counts_even_if_its_body_is_cut_or_endless() {
    let cut = b"HTTP/1.1 429 x\r\nContent-Length: 99\r\nRetry-After: 3\r\n\r\nslow down".to_vec();
    let fault = fault_of(Step::AnswerAndClose(cut)).await;
    assert_eq!(fault.kind, FaultKind::Busy { retry_after: Some(Duration::from_secs(3)), throttled: true });
    assert_eq!(fault.message, "slow down");
    let fault = fault_of(answer("400 x", &"é".repeat(1_000_000))).await;
    assert_eq!((fault.kind, fault.message.chars().count()), (FaultKind::Refused, 1024));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_goes_nowhere() {
    let elsewhere = Server::start([ok(REFERRAL)]);
    for status in [301, 302, 303, 307, 308] {
        let head = format!("{status} x\r\nLocation: http://{}/?secret=1", elsewhere.authority);
        let fault = fault_of(answer(&head, "")).await;
        assert_eq!((fault.kind, fault.trace.http), (FaultKind::Refused, Some(status)));
        assert_eq!(fault.message, "redirected to `127.0.0.1`; redirects are not followed");
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "old\n").unwrap();
    let line = SecretString::from(format!("cat '{}'", file.display()));
    let credentials = Arc::new(Credentials::command(line).await.unwrap());
    let server = Server::start([answer("401 x", ""), ok(REFERRAL)]);
    let client = Client::new(settings("http", &server.authority), credentials).unwrap();
    client.renew().await.unwrap();
    assert_eq!(client.read(id()).await.unwrap_err().kind, FaultKind::Unauthenticated);
    let same = client.renew().await.unwrap_err();
    assert_eq!((same.kind, same.code.as_deref()), (FaultKind::Unauthenticated, Some("noToken")));
    fs::write(&file, "new\n").unwrap();
    client.renew().await.unwrap();
    client.read(id()).await.unwrap();
    let tokens: Vec<_> = server.requests().iter().map(|request| header(request, "authorization").unwrap()).collect();
    assert_eq!(tokens, ["Bearer old", "Bearer new"]);
}

// What is made of no answer.

fn check_no_answer<T: std::fmt::Debug>(answer: Answer<T>, kind: FaultKind, code: &str, message: &str) {
    let fault = answer.unwrap_err();
    assert_eq!((fault.kind, fault.code.as_deref()), (kind, Some(code)), "{fault}");
    assert!(fault.message.starts_with(message), "{fault}");
    assert!(!format!("{fault:?}").contains("s3cret") && !fault.message.contains("http://"), "{fault:?}");
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let answer = with(settings("http", &closed)).read(id()).await;
    check_no_answer(answer, FaultKind::Unsent, "noConnection", &format!("no connection to {closed}: "));
    let plain = Server::start([Step::AnswerAndClose(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())]);
    let answer = with(settings("https", &plain.authority)).read(id()).await;
    check_no_answer(answer, FaultKind::Unsent, "noConnection", &format!("no connection to {}: ", plain.authority));
    let silent = Server::start([Step::AnswerAndStall(Vec::new(), Duration::from_secs(20))]);
    let connect_timeout = Duration::from_millis(250);
    let client = with(ClientSettings { connect_timeout, ..settings("https", &silent.authority) });
    let message = format!("no connection to {}: operation timed out", silent.authority);
    check_no_answer(client.read(id()).await, FaultKind::Unsent, "noConnection", &message);
}

#[tokio::test]
async fn a_connection_that_is_cut_leaves_open_what_happened() {
    for bytes in ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "garbage\r\n\r\n"] {
        let server = Server::start([Step::AnswerAndClose(bytes.as_bytes().to_vec())]);
        let answer = client(&server).read(id()).await;
        let code = if bytes.ends_with('{') { "unreadable" } else { "cutOff" };
        check_no_answer(answer, FaultKind::Lost, code, "the connection was cut before the answer came");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_kept_connection_that_the_server_drops_is_not_tried_again_behind_our_back() {
    let server = Server::start([raw(NO_CONTENT), Step::AnswerAndClose(Vec::new()), raw(NO_CONTENT)]);
    let client = client(&server);
    client.patch(id(), &patch(), None, Wanted::Nothing).await.unwrap();
    let answer = client.patch(id(), &patch(), None, Wanted::Nothing).await;
    check_no_answer(answer, FaultKind::Lost, "cutOff", "the connection was cut before the answer came");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_not_waited_for() {
    for (bytes, code) in [("", "timeout"), ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "unreadable")] {
        let server = Server::start([Step::AnswerAndStall(bytes.as_bytes().to_vec(), Duration::from_secs(20))]);
        let timeout = Duration::from_millis(250);
        let client = with(ClientSettings { timeout, ..settings("http", &server.authority) });
        check_no_answer(client.read(id()).await, FaultKind::Lost, code, "no answer within 0.25 s");
    }
}

#[tokio::test]
async fn no_log_shows_the_token() {
    let log: Arc<Mutex<Vec<u8>>> = Arc::default();
    let written = Arc::clone(&log);
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || Log(Arc::clone(&written)))
        .finish();
    // It hears the other tests of this program, too. One of this thread alone would sometimes hear nothing: who listens
    // to a place that logs is kept for all threads.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let server = Server::start([ok(REFERRAL), answer("401 x", "")]);
    let client = client(&server);
    client.read(id()).await.unwrap();
    client.read(id()).await.unwrap_err();
    let text = String::from_utf8(log.lock().unwrap().clone()).unwrap();
    assert!(text.contains("client_request_id=") && text.contains("http=401"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
    assert!(!format!("{client:?}").contains("s3cret"));
}

struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
