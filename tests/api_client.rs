//! The HTTP client against a scripted server: what it sends, to the byte, and what it makes of answers.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "api_client/faults.rs"]
mod faults;
#[path = "api_client/hostile.rs"]
mod hostile;
#[path = "api_client/server.rs"]
mod server;

use std::borrow::Cow;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use json_patch::jsonptr::PointerBuf;
use refsheet::api::{Client, ClientSettings, Credentials};
use refsheet::domain::json::Json;
use refsheet::domain::patch::{Op, Operation, Patch};
use refsheet::domain::referral::{ETag, Referral, ReferralId};
use refsheet::service::{FaultKind, Page, PageQuery, Service, Trace, Wanted};
use secrecy::SecretString;
use serde_json::Value;
use server::{Server, Step, header};

const ID: &str = "5f0c3f0e-0000-4000-8000-000000000001";
const REFERRAL: &str =
    r#"{ "id":"5f0c3f0e-0000-4000-8000-000000000001", "eTag":"\"25-01\"", "details":{"dealValue":1.10} }"#;
const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nRequest-ID: r-1\r\n\r\n";

fn id() -> ReferralId {
    ID.parse().unwrap()
}

fn etag() -> ETag {
    ETag::new("\"25-00\"")
}

fn json(text: &str) -> Json {
    Json::parse(text.to_owned()).unwrap()
}

fn patch() -> Patch {
    let path = Cow::Owned(PointerBuf::parse("/details/dealValue").unwrap());
    Patch::new(vec![Operation { op: Op::Replace, path, value: json("12500.50") }])
}

fn answer(head: &str, body: &str) -> Step {
    Step::Answer(format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
}

fn ok(body: &str) -> Step {
    answer("200 OK", body)
}

fn raw(text: &str) -> Step {
    Step::Answer(text.as_bytes().to_vec())
}

fn settings(scheme: &str, authority: &str) -> ClientSettings {
    let base_url = format!("{scheme}://{authority}/v1.0/engagements/");
    ClientSettings { timeout: Duration::from_secs(5), ..ClientSettings::new(base_url.parse().unwrap()) }
}

fn with(settings: ClientSettings) -> Client {
    let credentials = Credentials::fixed(&SecretString::from("s3cret")).unwrap();
    Client::new(settings, Arc::new(credentials)).unwrap()
}

fn client(server: &Server) -> Client {
    with(settings("http", &server.authority))
}

fn first_page() -> PageQuery {
    PageQuery::First { size: 100, filter: None }
}

// What is sent.

#[tokio::test]
async fn a_referral_is_asked_for_by_its_id() {
    let server = Server::start([ok(REFERRAL)]);
    client(&server).read(id()).await.unwrap();
    assert_eq!(
        server.only_request(),
        "GET /v1.0/engagements/referrals/5f0c3f0e-0000-4000-8000-000000000001 HTTP/1.1\n\
         authorization: Bearer s3cret\n\
         accept: application/json\n\
         client-request-id: <guid>\n\
         user-agent: refsheet/<version>\n\
         accept-encoding: gzip\n\
         host: <authority>\n\n"
    );
}

#[tokio::test]
async fn a_patch_is_sent_with_its_guard_and_its_wish() {
    let server = Server::start([ok(REFERRAL)]);
    client(&server).patch(id(), &patch(), Some(&etag()), Wanted::Representation).await.unwrap();
    assert_eq!(
        server.only_request(),
        "PATCH /v1.0/engagements/referrals/5f0c3f0e-0000-4000-8000-000000000001 HTTP/1.1\n\
         authorization: Bearer s3cret\n\
         accept: application/json\n\
         client-request-id: <guid>\n\
         if-match: \"25-00\"\n\
         prefer: return=representation\n\
         content-type: application/json\n\
         user-agent: refsheet/<version>\n\
         accept-encoding: gzip\n\
         host: <authority>\n\
         content-length: 63\n\n\
         [{\"op\":\"replace\",\"path\":\"/details/dealValue\",\"value\":12500.50}]"
    );
}

#[tokio::test]
async fn the_published_patches_are_sent_as_they_are_printed() {
    let published = [
        r#"[{"op":"replace","path":"/details/dealValue","value":"10000"},{"op":"replace","path":"/details/notes","value":"Lorem ipsum dolor sit amet."}]"#,
        r#"[{"op":"replace","path":"/status","value":"Closed"},{"op":"replace","path":"/substatus","value":"Won"}]"#,
        r#"[{"op":"add","path":"/team/-","value":{"email":"jane.doe@contoso.com","firstName":"Jane","lastName":"Doe","phoneNumber":"0000000001"}}]"#,
    ];
    for text in published {
        let printed: Value = serde_json::from_str(text).unwrap();
        let operation = |operation: &Value| Operation {
            op: if operation["op"] == "add" { Op::Add } else { Op::Replace },
            path: Cow::Owned(PointerBuf::parse(operation["path"].as_str().unwrap()).unwrap()),
            value: Json::from(&operation["value"]),
        };
        let patch = Patch::new(printed.as_array().unwrap().iter().map(operation).collect());
        let server = Server::start([raw(NO_CONTENT)]);
        client(&server).patch(id(), &patch, None, Wanted::Nothing).await.unwrap();
        assert_eq!(server.only_request().split_once("\n\n").unwrap().1, text);
    }
}

#[tokio::test]
async fn a_patch_without_guard_and_wish_has_neither_header() {
    let server = Server::start([raw(NO_CONTENT)]);
    client(&server).patch(id(), &patch(), None, Wanted::Nothing).await.unwrap();
    let request = server.only_request();
    assert_eq!((header(&request, "if-match"), header(&request, "prefer")), (None, None));
}

#[tokio::test]
async fn a_document_replaces_or_creates_with_the_text_that_it_has() {
    let document = json(r#"{"id": "x",  "details":{"dealValue":1.10}}"#);
    let server = Server::start([raw(NO_CONTENT)]);
    client(&server).replace(id(), &document, &etag()).await.unwrap();
    let request = server.only_request();
    assert!(request.starts_with(&format!("PUT /v1.0/engagements/referrals/{ID} HTTP/1.1\n")));
    assert!(request.ends_with(&format!("\n\n{}", document.text())));
    assert_eq!(header(&request, "if-match").as_deref(), Some("\"25-00\""));
    assert_eq!(header(&request, "content-type").as_deref(), Some("application/json"));

    let server = Server::start([answer("201 Created", REFERRAL)]);
    let created = client(&server).create(&document).await.unwrap();
    let request = server.only_request();
    assert!(request.starts_with("POST /v1.0/engagements/referrals HTTP/1.1\n"));
    assert!(request.ends_with(&format!("\n\n{}", document.text())));
    assert_eq!((created.value.id(), created.trace.http), (id(), Some(201)));
}

#[tokio::test]
async fn a_guard_that_no_header_can_carry_is_refused_before_anything_is_sent() {
    let server = Server::start([]);
    let guard = ETag::new("\"25\r\nX-Evil: 1\"");
    let fault = client(&server).patch(id(), &patch(), Some(&guard), Wanted::Nothing).await.unwrap_err();
    assert_eq!((fault.kind, fault.code.as_deref()), (FaultKind::Refused, Some("badETag")));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn pages_are_followed_on_our_own_address_whatever_the_link_says() {
    let link = "http://evil.example/v1.0/referrals?$skiptoken=a%2Bb";
    let page = format!(r#"{{"@odata.count":3,"value":[{REFERRAL}],"@odata.nextLink":"{link}"}}"#);
    let server = Server::start([ok(&page), ok(&format!(r#"{{"value":[{REFERRAL},{REFERRAL}]}}"#))]);
    let client = client(&server);
    let filter = Some("status eq 'Active'".to_owned());
    let first: Page = client.page(PageQuery::First { size: 100, filter }).await.unwrap().value;
    let second = client.page(PageQuery::Next(first.next.clone().unwrap())).await.unwrap().value;
    let lines: Vec<String> =
        server.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    assert_eq!(
        lines,
        [
            "GET /v1.0/engagements/referrals?$count=true&$orderby=createdDateTime&$filter=status%20eq%20%27Active%27 HTTP/1.1",
            "GET /v1.0/engagements/referrals?$skiptoken=a%2Bb HTTP/1.1",
        ]
    );
    assert_eq!((first.total, first.referrals.len()), (Some(3), 1));
    assert_eq!(first.referrals[0].document().text(), REFERRAL);
    assert_eq!((second.total, second.referrals.len(), second.next), (None, 2, None));
}

#[tokio::test]
async fn a_link_in_a_circle_is_not_followed() {
    let page = r#"{"value":[],"@odata.nextLink":"?$skiptoken=1"}"#;
    let server = Server::start([ok(page), ok(page)]);
    let client = client(&server);
    let next = client.page(first_page()).await.unwrap().value.next.unwrap();
    let fault = client.page(PageQuery::Next(next)).await.unwrap_err();
    assert_eq!((fault.kind, fault.code.as_deref()), (FaultKind::Refused, Some("badNextLink")));
}

// What is made of an answer of 2xx.

#[tokio::test]
async fn every_published_body_is_read_without_loss() {
    let mut files: Vec<_> = fs::read_dir("tests/bodies").unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 5);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let expected: Value = serde_json::from_str(&text).unwrap();
        let id: ReferralId = expected["id"].as_str().unwrap().parse().unwrap();
        let server = Server::start([ok(&text), ok(&format!(r#"{{"value":[{text}]}}"#)), ok(&text)]);
        let client = client(&server);
        let read = client.read(id).await.unwrap().value;
        let listed = client.page(first_page()).await.unwrap().value.referrals.remove(0);
        let replaced = client.replace(id, read.document(), &etag()).await.unwrap().value.unwrap();
        for referral in [read, listed, replaced] {
            assert_eq!(referral.document().text(), text.trim(), "{}", file.display());
            assert_eq!(referral.etag().map(ETag::as_str), expected["eTag"].as_str());
            let mut without_links = expected.clone();
            without_links.as_object_mut().unwrap().remove("links");
            assert_eq!(referral.document().without("links").value(), without_links);
        }
    }
}

#[tokio::test]
async fn a_write_may_be_answered_with_the_referral_or_with_nothing() {
    async fn check(step: Step, expected: Result<Option<&str>, FaultKind>) {
        let server = Server::start([step]);
        let answer = client(&server).patch(id(), &patch(), None, Wanted::Representation).await;
        let etag = answer.map(|reply| reply.value.map(|referral: Referral| referral.etag().unwrap().to_string()));
        let expected = expected.map(|etag| etag.map(str::to_owned));
        assert_eq!(etag.map_err(|fault| fault.kind), expected);
    }
    check(raw(NO_CONTENT), Ok(None)).await;
    check(ok(REFERRAL), Ok(Some("\"25-01\""))).await;
    check(ok(""), Ok(None)).await;
    check(answer("202 Accepted", " \n"), Ok(None)).await;
    check(answer("200 OK\r\nETag: \"25-02\"", &format!(r#"{{"id":"{ID}"}}"#)), Ok(Some("\"25-02\""))).await;
    check(answer("200 OK\r\nETag: \"25-02\"\r\nContent-Type: text/html", REFERRAL), Ok(Some("\"25-01\""))).await;
    check(ok(&format!("\u{feff}{REFERRAL}")), Ok(Some("\"25-01\""))).await;
    // JSON of the service, but not of this referral.
    check(ok(r#"{"value":true}"#), Ok(None)).await;
    check(ok(r#"{"id":"49d90c72-3326-4f61-aacc-2cb57970448c","eTag":"\"1\""}"#), Ok(None)).await;
    // Not from the service at all, or not whole: it has to be looked up.
    check(ok("<html>Sign in to the guest network</html>"), Err(FaultKind::Lost)).await;
    check(ok(&"x".repeat(4 * 1024 * 1024 + 1)), Err(FaultKind::Lost)).await;
    let cut = format!("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{REFERRAL}");
    check(Step::AnswerAndClose(cut.into_bytes()), Err(FaultKind::Lost)).await;
}

#[tokio::test]
async fn a_read_needs_the_referral_that_was_asked_for() {
    async fn check(step: Step, message: &str) {
        let server = Server::start([step]);
        let fault = client(&server).read(id()).await.unwrap_err();
        assert_eq!((fault.kind, fault.message.as_str()), (FaultKind::Lost, message));
        assert_eq!((fault.trace.http.unwrap() / 100, fault.code.as_deref()), (2, Some("unreadable")));
    }
    check(raw(NO_CONTENT), "the answer is not a referral: not JSON").await;
    check(ok("<html>"), "the answer is not a referral: not JSON").await;
    check(ok("{}"), "the answer is not a referral: the referral has no usable `id`").await;
    check(
        ok(r#"{"id":"49d90c72-3326-4f61-aacc-2cb57970448c"}"#),
        "the answer is another referral, `49d90c72-3326-4f61-aacc-2cb57970448c`",
    )
    .await;
    check(ok(&" ".repeat(4 * 1024 * 1024 + 1)), "the answer is longer than 4194304 bytes").await;
    check(Step::Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\xff".to_vec()), "the answer is not text").await;
}

#[tokio::test]
async fn a_packed_answer_is_unpacked() {
    // {"value":[],"@odata.count":0}
    const PACKED: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 42, 75, 204, 41, 77, 85, 178, 138, 142, 213, 81, 114, 200, 79, 73,
        44, 73, 212, 75, 206, 47, 205, 43, 81, 178, 50, 168, 5, 0, 193, 178, 37, 101, 29, 0, 0, 0,
    ];
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", PACKED.len());
    let server = Server::start([
        Step::Answer([head.as_bytes(), PACKED].concat()),
        raw("HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n"),
        raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"),
    ]);
    let client = client(&server);
    assert_eq!(client.page(first_page()).await.unwrap().value.total, Some(0));
    for _ in 0..2 {
        assert!(client.patch(id(), &patch(), None, Wanted::Nothing).await.unwrap().value.is_none());
    }
}

#[tokio::test]
async fn the_traces_of_a_call_are_kept() {
    let head = "200 OK\r\nMS-CorrelationId: c\r\nms-requestid: m\r\nREQUEST-ID: r\r\neTag: W/\"9\"";
    let server = Server::start([answer(head, REFERRAL)]);
    let trace = client(&server).read(id()).await.unwrap().trace;
    let expected = Trace { http: Some(200), request_id: Some("r".to_owned()), etag: Some(ETag::new("W/\"9\"")) };
    assert_eq!(trace, expected);
}
