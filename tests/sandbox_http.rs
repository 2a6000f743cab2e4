//! The sandbox over real sockets: statuses, headers and bodies as the contract has them (sections 1, 2, 7 and 8).
//! What is judged, and how, is tested beside the judge.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly, too")]

#[path = "sandbox_http/trouble.rs"]
mod trouble;

use refsheet::sandbox::{self, ServeOptions, Settings, Store};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const NOTE: &str = r#"[{"op":"replace","path":"/details/notes","value":"new"}]"#;
const DEAL: &str = r#"{"type":"Independent","customerProfile":{"name":"Fabrikam"},"consent":{},"details":{}}"#;

/// A sandbox that serves, and a client that knows where.
struct Face {
    store: Store,
    client: Client,
    root: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

/// One answer, read to its end.
struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Face {
    async fn of(settings: Settings, options: ServeOptions) -> Face {
        // The client needs one even though nothing here is encrypted; another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = Store::new(&settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}/v1.0/engagements/referrals", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move { stopped.await.unwrap_or_default() };
        let serving = tokio::spawn(sandbox::serve(store.clone(), listener, options, shutdown));
        let client = Client::builder().no_proxy().build().unwrap();
        Face { store, client, root, stop, serving }
    }

    async fn new() -> Face {
        Face::of(Settings::default(), ServeOptions::default()).await
    }

    async fn with_token(token: &str) -> Face {
        Face::of(Settings::default(), ServeOptions { token: Some(token.to_owned()), ..ServeOptions::default() }).await
    }

    async fn send(&self, method: Method, tail: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        Answer::read(self.try_to_send(method, tail, headers, body).await.unwrap()).await
    }

    /// Sends with a token and, where there is a body, as JSON, unless the headers say otherwise.
    async fn try_to_send(
        &self,
        method: Method,
        tail: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> reqwest::Result<Response> {
        let mut request = self.client.request(method, format!("{}{tail}", self.root)).body(body.to_owned());
        let is_given = |name: &str| headers.iter().any(|header| header.0 == name);
        if !is_given("authorization") {
            request = request.bearer_auth("any");
        }
        if !body.is_empty() && !is_given("content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await
    }

    async fn get(&self, tail: &str) -> Answer {
        self.send(Method::GET, tail, &[], "").await
    }

    /// A referral that takes changes: its path and its eTag.
    fn open_one(&self) -> (String, String) {
        let documents = self.store.snapshot();
        let open = documents.iter().find(|document| document["status"] == "Active").unwrap();
        (format!("/{}", open["id"].as_str().unwrap()), open["eTag"].as_str().unwrap().to_owned())
    }
}

impl Answer {
    async fn read(response: Response) -> Answer {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// Status, code and target of an error body.
    fn refusal(&self) -> (u16, String, Option<String>) {
        let error = self.json()["error"].take();
        let word = |name: &str| error[name].as_str().map(str::to_owned);
        assert!(word("message").is_some(), "{}", self.text);
        (self.status, word("code").unwrap(), word("target"))
    }
}

#[tokio::test]
async fn a_referral_is_read_with_its_context_and_its_etag() {
    let face = Face::new().await;
    let (path, etag) = face.open_one();
    for path in [path.clone(), format!("{path}/")] {
        let answer = face.get(&path).await;
        assert_eq!((answer.status, answer.header("etag")), (200, Some(etag.as_str())));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(answer.text.starts_with(r#"{"@odata.context":"https://"#), "{}", answer.text);
        assert_eq!(answer.json()["eTag"], etag);
    }
}

#[tokio::test]
async fn every_answer_has_an_id_and_repeats_that_of_the_caller() {
    let face = Face::new().await;
    let caller = "5f0c3f0e-0000-4000-8000-000000000009";
    let found = face.send(Method::GET, "?$top=1", &[("client-request-id", caller)], "").await;
    let missing = face.send(Method::GET, "/nothing", &[("client-request-id", caller)], "").await;
    assert_eq!((found.status, missing.status), (200, 404));
    for answer in [&found, &missing] {
        assert_eq!(answer.header("client-request-id"), Some(caller));
        assert!(uuid::Uuid::try_parse(answer.header("Request-ID").unwrap()).is_ok());
    }
    assert_ne!(found.header("request-id"), missing.header("request-id"));
}

#[tokio::test]
async fn a_patch_is_answered_with_nothing_unless_the_referral_is_preferred() {
    let face = Face::new().await;
    let (path, etag) = face.open_one();
    let quiet = face.send(Method::PATCH, &path, &[("if-match", &etag)], NOTE).await;
    assert_eq!((quiet.status, quiet.header("content-length"), quiet.text.as_str()), (204, Some("0"), ""));
    let etag = quiet.header("etag").unwrap();
    let prefer = [("if-match", etag), ("prefer", "return=representation")];
    let spoken = face.send(Method::PATCH, &path, &prefer, NOTE).await;
    assert_eq!((spoken.status, spoken.header("preference-applied")), (200, Some("return=representation")));
    assert_eq!(spoken.json()["details"]["notes"], "new");
    assert_eq!(spoken.header("etag"), spoken.json()["eTag"].as_str());
    assert_ne!(spoken.header("etag"), Some(etag));
}

#[tokio::test]
async fn a_stale_guard_is_answered_like_the_real_service_does() {
    let face = Face::new().await;
    let (path, _) = face.open_one();
    let answer = face.send(Method::PATCH, &path, &[("if-match", "\"other\"")], NOTE).await;
    assert_eq!(answer.refusal(), (412, "preconditionFailed".to_owned(), Some("ETag".to_owned())));
    assert_eq!(answer.json()["error"]["innerError"]["code"], "99918");
}

#[tokio::test]
async fn a_referral_is_replaced_without_its_links() {
    let face = Face::new().await;
    let (path, etag) = face.open_one();
    let mut document = face.get(&path).await.json();
    let with_links = document.to_string();
    document.as_object_mut().unwrap().shift_remove("links");
    document["name"] = json!("Another name");
    let guard = [("if-match", etag.as_str())];
    assert_eq!(face.send(Method::PUT, &path, &[], &document.to_string()).await.status, 412);
    assert_eq!(face.send(Method::PUT, &path, &guard, &with_links).await.status, 400);
    let answer = face.send(Method::PUT, &path, &guard, &document.to_string()).await;
    assert_eq!((answer.status, &answer.json()["name"]), (200, &json!("Another name")));
}

#[tokio::test]
async fn s13_a_creation_is_answered_with_201() {
    let face = Face::new().await;
    let answer = face.send(Method::POST, "", &[], DEAL).await;
    assert_eq!((answer.status, answer.header("etag")), (201, answer.json()["eTag"].as_str()));
    let path = format!("/{}", answer.json()["id"].as_str().unwrap());
    assert_eq!(face.get(&path).await.json(), answer.json());
}

#[tokio::test]
async fn the_link_to_the_next_page_is_the_misleading_one_of_the_contract() {
    let face = Face::of(Settings { referrals: 250, ..Settings::default() }, ServeOptions::default()).await;
    let (mut query, mut sizes, mut ids) = ("?$count=true&$orderby=createdDateTime".to_owned(), Vec::new(), Vec::new());
    loop {
        let mut page = face.get(&query).await.json();
        let Value::Array(items) = page["value"].take() else { panic!("no items") };
        sizes.push((items.len(), page["@odata.count"].as_u64()));
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["@odata.nextLink"].as_str() else { break };
        assert!(next.starts_with("http://127.0.0.1:") && next.contains("/v1.0/referrals?"), "{next}");
        assert!(next.contains("$skiptoken="), "{next}");
        query = format!("?{}", next.split_once('?').unwrap().1);
    }
    assert_eq!(sizes, [(100, Some(250)), (100, None), (50, None)]);
    let stored = face.store.snapshot();
    assert_eq!(ids, stored.iter().map(|document| document["id"].as_str().unwrap()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_list_is_filtered_selected_and_cut() {
    let face = Face::new().await;
    let answer = face.get("?$top=3&$select=id,status&$filter=(status%20eq%20'Active')").await;
    let page = answer.json();
    assert_eq!(page["value"].as_array().unwrap().len(), 3);
    assert_eq!(page["value"][0].as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "status"]);
    assert_eq!((page.get("@odata.nextLink"), page.get("@odata.count")), (None, None));
    assert_eq!(face.get("?$expand=team").await.refusal().0, 400);
}

#[tokio::test]
async fn s18_who_asks_is_checked_first() {
    let face = Face::with_token("secret").await;
    for authorization in ["", "Basic c2VjcmV0", "Bearer other"] {
        let headers = [("authorization", authorization)];
        let answer = face.send(Method::DELETE, "/nothing", &headers, "[").await;
        assert_eq!(answer.refusal(), (401, "unauthenticated".to_owned(), None));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    assert_eq!(face.send(Method::GET, "", &[("authorization", "Bearer secret")], "").await.status, 200);
}

#[tokio::test]
async fn what_is_not_there_or_cannot_be_done_is_said_so() {
    let face = Face::new().await;
    let (path, _) = face.open_one();
    let missing = format!("/{}", sandbox::referral_id(99, 0));
    assert_eq!(face.get(&missing).await.refusal().1, "itemNotFound");
    assert_eq!(face.get("/CRM-10042").await.refusal().0, 404);
    let answer = face.send(Method::DELETE, &path, &[], "").await;
    assert_eq!((answer.refusal().0, answer.header("allow")), (405, Some("GET, PATCH, PUT")));
    let answer = face.send(Method::PUT, "", &[], "{}").await;
    assert_eq!((answer.refusal().0, answer.header("allow")), (405, Some("GET, POST")));
}

#[tokio::test]
async fn bodies_of_the_wrong_type_or_size_are_refused() {
    let face = Face::new().await;
    let (path, _) = face.open_one();
    let answer = face.send(Method::PATCH, &path, &[("content-type", "text/plain")], NOTE).await;
    assert_eq!(answer.refusal().0, 415);
    let named = [("content-type", "application/json-patch+json")];
    assert_eq!(face.send(Method::PATCH, &path, &named, NOTE).await.status, 204);
    let huge = " ".repeat(1024 * 1024 + 1);
    assert_eq!(face.send(Method::POST, "", &[], &huge).await.refusal().0, 413);
}

#[tokio::test]
async fn the_same_requests_get_the_same_bytes() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let face = Face::new().await;
        let (path, _) = face.open_one();
        let headers = [("prefer", "return=representation"), ("host", "sandbox.example")];
        let mut answers = Vec::new();
        for (method, tail, body) in [
            (Method::PATCH, path.as_str(), NOTE),
            (Method::POST, "", DEAL),
            (Method::GET, "", ""),
            (Method::GET, "/nothing", ""),
        ] {
            let answer = face.send(method, tail, &headers, body).await;
            answers.push((answer.status, answer.header("request-id").map(str::to_owned), answer.text));
        }
        runs.push(answers);
    }
    assert!(runs[0] == runs[1]);
}

#[tokio::test]
async fn serving_ends_when_it_is_told_to() {
    let face = Face::new().await;
    assert_eq!(face.get("").await.status, 200);
    face.stop.send(()).unwrap();
    drop(face.client);
    face.serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn only_this_machine_is_served() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let store = Store::new(&Settings { referrals: 0, ..Settings::default() });
    let refused = sandbox::serve(store, listener, ServeOptions::default(), std::future::pending()).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
}
