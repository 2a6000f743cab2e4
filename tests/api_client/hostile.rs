//! What the client makes of a server that means harm: every wait and every size has a bound, and what it says of its
//! own accord is believed only where it is what was asked for.

use std::time::Duration;

use refsheet::api::{Client, ClientSettings, Credentials};
use refsheet::service::{Fault, FaultKind, Service, Wanted};
use secrecy::SecretString;

use crate::server::{Server, Step};
use crate::{ID, NO_CONTENT, REFERRAL, answer, first_page, id, ok, patch, raw, settings, with};

/// Long enough for a machine under load to send some megabytes.
const PATIENCE: Duration = Duration::from_secs(2);

/// What one read ends in, at a server that does this whenever it is asked.
async fn fault_of(step: Step) -> Fault {
    let server = Server::start([step]);
    let client = with(ClientSettings { timeout: PATIENCE, ..settings("http", &server.authority) });
    let fault = client.read(id()).await.unwrap_err();
    assert_eq!(server.requests().len(), 1, "it is asked once");
    fault
}

fn without_end(first: &str, again: impl Into<Vec<u8>>, apart_ms: u64) -> Step {
    Step::AnswerWithoutEnd(first.as_bytes().to_vec(), again.into(), Duration::from_millis(apart_ms))
}

#[tokio::test]
async fn whoever_answers_drop_by_drop_is_not_waited_for() {
    let late = format!("no answer within {} s", PATIENCE.as_secs());
    for (first, again) in [
        ("", "\r\n"),
        ("HTTP/1.1 200 OK\r\nX: ", "x"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n", "x"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        ("HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"),
        ("HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n"),
    ] {
        let fault = fault_of(without_end(first, again, 20)).await;
        assert_eq!((fault.kind, fault.message.as_str()), (FaultKind::Lost, late.as_str()), "{first:?}");
    }
}

#[tokio::test]
async fn a_body_without_end_is_read_to_its_bound() {
    let full = vec![b' '; 64 * 1024];
    let chunk = [b"10000\r\n".as_slice(), &full, b"\r\n"].concat();
    for step in [
        without_end("HTTP/1.1 200 OK\r\n\r\n", full.clone(), 0),
        without_end("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n", full.clone(), 0),
        without_end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk, 0),
    ] {
        let fault = fault_of(step).await;
        assert_eq!((fault.kind, fault.message.as_str()), (FaultKind::Lost, "the answer is longer than 4194304 bytes"));
    }
    // Of an error, less is enough.
    let fault = fault_of(without_end("HTTP/1.1 403 No\r\n\r\nno entry\n", full, 0)).await;
    assert_eq!((fault.kind, fault.message.as_str()), (FaultKind::Refused, "no entry"));
}

#[tokio::test]
async fn a_head_is_read_to_its_bound() {
    let line = format!("X-Filler: {}\r\n", "x".repeat(8000));
    for (first, again) in [("HTTP/1.1 200 OK\r\n", line.as_str()), ("HTTP/1.1 200 OK\r\nX: ", "xxxxxxxxxxxxxxxx")] {
        let fault = fault_of(without_end(first, again.repeat(10), 0)).await;
        assert_eq!((fault.kind, fault.code.as_deref()), (FaultKind::Lost, Some("cutOff")), "{fault}");
    }
    let ten_megabytes = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n{{}}", "x".repeat(10_000_000));
    let fault = fault_of(Step::AnswerAndClose(ten_megabytes.into_bytes())).await;
    assert_eq!((fault.kind, fault.code.as_deref()), (FaultKind::Lost, Some("cutOff")), "{fault}");
    // As many headers as fit are too many, too.
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n{{}}", "X: y\r\n".repeat(5000));
    let fault = fault_of(Step::AnswerAndClose(many.into_bytes())).await;
    assert_eq!((fault.kind, fault.code.as_deref()), (FaultKind::Lost, Some("cutOff")), "{fault}");
}

/// Two hundred megabytes of zeros in two hundred kilobytes.
fn bomb() -> Vec<u8> {
    use std::process::{Command, Stdio};
    let line = "head -c 200000000 /dev/zero | gzip -9";
    let output = Command::new("sh").args(["-c", line]).stdout(Stdio::piped()).output().unwrap();
    assert!(output.status.success() && output.stdout.len() < 1_000_000);
    output.stdout
}

#[cfg(unix)]
#[tokio::test]
async fn a_packed_body_is_bounded_by_what_it_unpacks_to() {
    let bomb = bomb();
    for (status, kind, message) in [
        ("200 OK", FaultKind::Lost, "the answer is longer than 4194304 bytes"),
        ("400 Bad", FaultKind::Refused, "Bad Request"),
    ] {
        let head = format!("HTTP/1.1 {status}\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len());
        let fault = fault_of(Step::Answer([head.as_bytes(), &bomb].concat())).await;
        assert_eq!((fault.kind, fault.message.as_str()), (kind, message));
    }
    let fault = fault_of(answer("200 OK\r\nContent-Encoding: gzip", "not packed at all")).await;
    assert_eq!(fault.kind, FaultKind::Lost);
    assert!(fault.message.starts_with("the answer cannot be unpacked: "), "{fault}");
}

#[tokio::test]
async fn what_is_not_http_1_is_no_answer() {
    for bytes in [
        "<html>HTTP/0.9</html>",
        "HTTP/2.0 200 OK\r\n\r\n{}",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{0}\u{0}",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n{}",
        "HTTP/1.1 99999 OK\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
    ] {
        let fault = fault_of(Step::AnswerAndClose(bytes.as_bytes().to_vec())).await;
        assert_eq!((fault.kind, fault.trace.http), (FaultKind::Lost, None), "{bytes:?}: {fault}");
        assert!(fault.message.starts_with("the connection was cut before the answer came: "), "{fault}");
    }
    // Another protocol is not switched to.
    let fault = fault_of(raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n")).await;
    assert_eq!((fault.kind, fault.trace.http), (FaultKind::Refused, Some(101)), "{fault}");
}

#[tokio::test]
async fn a_body_that_is_no_referral_is_believed_in_nothing() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let deep_inside = format!(r#"{{"id":"{ID}","details":{}{}}}"#, r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    for body in ["\0\0\0", "{\"id\":", "NaN", "\"id\"", "{}{}", &deep, &deep_inside] {
        let excerpt: String = body.chars().take(20).collect();
        let fault = fault_of(ok(body)).await;
        assert_eq!((fault.kind, fault.code.as_deref()), (FaultKind::Lost, Some("unreadable")), "{excerpt}");
    }
}

#[tokio::test]
async fn a_redirect_is_followed_nowhere_not_even_to_the_same_place() {
    for target in ["/v1.0/engagements/referrals", "", "//api.partner.microsoft.com/", "file:///etc/passwd"] {
        for status in [300, 301, 302, 303, 307, 308] {
            let fault = fault_of(answer(&format!("{status} x\r\nLocation: {target}"), "")).await;
            assert_eq!((fault.kind, fault.code.as_deref()), (FaultKind::Refused, Some("redirect")), "{target:?}");
        }
    }
}

#[tokio::test]
async fn a_pause_can_be_asked_for_as_long_as_one_likes_and_is_only_a_number() {
    for seconds in ["18446744073709551615", "99999999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let fault = fault_of(answer(&format!("429 x\r\nRetry-After: {seconds}"), "")).await;
        assert!(matches!(fault.kind, FaultKind::Busy { throttled: true, .. }), "{seconds}: {fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_repeats_the_token_goes_no_further() {
    const TOKEN: &str = "eyJ-a-token-as-long-as-real-ones";
    let client = |server: &Server| {
        let credentials = Credentials::fixed(&SecretString::from(TOKEN)).unwrap();
        Client::new(settings("http", &server.authority), credentials.into()).unwrap()
    };
    let referral = format!(r#"{{"id":"{ID}","name":"Bearer {TOKEN}"}}"#);
    let page = format!(r#"{{"value":[{referral}]}}"#);
    let head = format!("200 OK\r\nRequest-ID: {TOKEN}\r\nETag: \"{TOKEN}\"");
    let server = Server::start([
        ok(&referral),
        ok(&page),
        ok(&referral),
        answer(&head, REFERRAL),
        answer(&format!("400 {TOKEN}\r\nRequest-ID: {TOKEN}"), TOKEN),
        raw(NO_CONTENT),
    ]);
    let client = client(&server);
    let repeated = |fault: Fault| {
        assert_eq!((fault.kind, fault.message.as_str()), (FaultKind::Lost, "the answer repeats the access token"));
    };
    repeated(client.read(id()).await.unwrap_err());
    repeated(client.page(first_page()).await.unwrap_err());
    repeated(client.patch(id(), &patch(), None, Wanted::Representation).await.unwrap_err());
    let trace = client.read(id()).await.unwrap().trace;
    assert_eq!((trace.http, trace.request_id, trace.etag), (Some(200), None, None));
    let fault = client.read(id()).await.unwrap_err();
    assert_eq!((fault.kind, fault.message.as_str()), (FaultKind::Refused, "[token]"));
    assert!(!format!("{fault:?}").contains(TOKEN), "{fault:?}");
    assert!(client.patch(id(), &patch(), None, Wanted::Nothing).await.is_ok());
}
