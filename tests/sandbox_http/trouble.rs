//! Trouble on request, as a client meets it.

use std::time::Duration;

use refsheet::domain::referral::ReferralId;
use refsheet::sandbox::{ServeOptions, Settings, Share, Tally, Trouble};
use reqwest::Method;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Answer, Face, NOTE};

async fn troubled(trouble: Trouble) -> Face {
    Face::of(Settings::default(), ServeOptions { trouble, ..ServeOptions::default() }).await
}

fn all() -> Share {
    "100%".parse().unwrap()
}

fn id(path: &str) -> ReferralId {
    path.trim_start_matches('/').parse().unwrap()
}

/// Everything that comes back for a patch until the connection is closed.
async fn raw_answer_to_patch(face: &Face, path: &str) -> Vec<u8> {
    let (host, root) = face.root.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let head = format!("PATCH /{root}{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer any\r\n");
    let body = format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{NOTE}", NOTE.len());
    let mut connection = TcpStream::connect(host).await.unwrap();
    connection.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // Closed or reset: that depends on how much of the request the server had read.
    drop(connection.read_to_end(&mut bytes).await);
    bytes
}

#[tokio::test]
async fn a_lost_reply_was_done() {
    let face = troubled(Trouble { lose_replies: all(), ..Trouble::default() }).await;
    let (path, _) = face.open_one();
    assert_eq!(raw_answer_to_patch(&face, &path).await, b"");
    let error = face.try_to_send(Method::PATCH, &path, &[], NOTE).await.unwrap_err();
    assert!(error.is_request() && !error.is_connect(), "{error:?}");
    assert_eq!(face.store.tally(id(&path)), Tally { reads: 0, writes: 2, applied: 2 });
    assert_eq!(face.store.troubles().replies_lost, 2);
}

#[tokio::test]
async fn a_cut_request_was_not_done() {
    let face = troubled(Trouble { cut: all(), ..Trouble::default() }).await;
    let (path, _) = face.open_one();
    assert_eq!(raw_answer_to_patch(&face, &path).await, b"");
    let error = face.try_to_send(Method::PATCH, &path, &[], NOTE).await.unwrap_err();
    assert!(error.is_request() && !error.is_connect(), "{error:?}");
    assert_eq!(face.store.tally(id(&path)), Tally::default());
    assert_eq!(face.store.troubles().cuts, 2);
}

#[tokio::test]
async fn a_failure_does_nothing_and_says_when_to_come_back_or_does_not() {
    let face = troubled(Trouble { fail: all(), ..Trouble::default() }).await;
    let (path, _) = face.open_one();
    let mut waits = Vec::new();
    for _ in 0..20 {
        let answer = face.send(Method::PATCH, &path, &[], NOTE).await;
        assert_eq!(answer.refusal(), (503, "serviceNotAvailable".to_owned(), None));
        assert!(answer.header("request-id").is_some());
        waits.push(answer.header("retry-after").map(str::to_owned));
    }
    assert!(waits.contains(&None) && waits.contains(&Some("1".to_owned())), "{waits:?}");
    assert_eq!((face.store.tally(id(&path)).writes, face.store.troubles().failures), (0, 20));
}

#[tokio::test]
async fn requests_during_an_announced_pause_are_refused_and_counted() {
    let face = troubled(Trouble { limit: Some("2/h".parse().unwrap()), ..Trouble::default() }).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let answer = face.get("?$top=1").await;
        statuses.push(answer.status);
        if answer.status == 429 {
            assert_eq!(answer.refusal().1, "serviceNotAvailable");
            let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=3600).contains(&seconds), "{seconds}");
        }
    }
    let troubles = face.store.troubles();
    assert_eq!(statuses, [200, 200, 429, 429, 429]);
    assert_eq!((troubles.requests, troubles.throttled, troubles.requests_during_pause), (5, 3, 2));
    assert_eq!(face.store.tallies().pages, 2);
}

#[tokio::test]
async fn a_token_expires_and_another_is_fresh() {
    let face = troubled(Trouble { expire_token_after: Some(2), ..Trouble::default() }).await;
    let mut statuses = Vec::new();
    for token in ["old", "old", "old", "new", "old", "new", "new"] {
        let authorization = format!("Bearer {token}");
        let answer = face.send(Method::GET, "?$top=1", &[("authorization", &authorization)], "").await;
        if answer.status == 401 {
            assert_eq!(answer.refusal().1, "unauthenticated");
        }
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [200, 200, 401, 200, 401, 200, 401]);
    assert_eq!(face.store.troubles().tokens_expired, 2);
}

#[tokio::test]
async fn a_change_underneath_makes_the_guard_stale_once() {
    let face = troubled(Trouble { change_underneath: all(), ..Trouble::default() }).await;
    let (path, etag) = face.open_one();
    let before = face.get(&path).await.json();
    let stale = face.send(Method::PATCH, &path, &[("if-match", &etag)], NOTE).await;
    assert_eq!(stale.refusal().0, 412);
    let after = face.get(&path).await;
    let differ = |name: &str| before[name] != after.json()[name];
    assert!(differ("eTag") && differ("updatedDateTime") && differ("lastModifiedVia"), "{}", after.text);
    assert!(!differ("details") && !differ("favorite"), "{}", after.text);
    let guard = [("if-match", after.header("etag").unwrap())];
    assert_eq!(face.send(Method::PATCH, &path, &guard, NOTE).await.status, 204);
    assert_eq!(face.store.tally(id(&path)), Tally { reads: 2, writes: 2, applied: 1 });
    assert_eq!(face.store.troubles().changes_underneath, 1);
}

#[tokio::test]
async fn answers_come_late_but_come() {
    let face = troubled(Trouble { latency: Duration::from_millis(4), ..Trouble::default() }).await;
    let (path, etag) = face.open_one();
    assert_eq!(face.get(&path).await.header("etag"), Some(etag.as_str()));
}

#[tokio::test]
async fn the_same_requests_meet_with_the_same_trouble() {
    let share: Share = "15%".parse().unwrap();
    let trouble = Trouble { seed: 5, fail: share, lose_replies: share, cut: share, ..Trouble::default() };
    let trouble = Trouble { change_underneath: share, expire_token_after: Some(30), ..trouble };
    let mut runs = Vec::new();
    for _ in 0..2 {
        let face = troubled(trouble.clone()).await;
        let (path, _) = face.open_one();
        let mut answers = Vec::new();
        for _ in 0..40 {
            answers.push(match face.try_to_send(Method::PATCH, &path, &[("if-match", "*")], NOTE).await {
                Ok(response) => {
                    let answer = Answer::read(response).await;
                    Some((answer.status, answer.header("etag").map(str::to_owned), answer.text))
                }
                Err(_) => None,
            });
        }
        runs.push((answers, face.store.snapshot(), face.store.troubles()));
    }
    assert!(runs[0] == runs[1]);
    let troubles = runs[0].2;
    assert_eq!((troubles.requests, troubles.changes_underneath, troubles.tokens_expired), (40, 1, 1));
    assert!([troubles.cuts, troubles.failures, troubles.replies_lost].iter().all(|count| *count > 0), "{troubles:?}");
}

#[tokio::test]
async fn the_sandboxes_own_door_tells_all_and_changes_nothing() {
    let trouble = Trouble { limit: Some("2/h".parse().unwrap()), ..Trouble::default() };
    let token = Some("secret".to_owned());
    let face = Face::of(
        Settings { referrals: 2, ..Settings::default() },
        ServeOptions { token, trouble, ..ServeOptions::default() },
    )
    .await;
    let documents = face.store.snapshot();
    let id = documents[0]["id"].as_str().unwrap();
    for _ in 0..3 {
        face.send(Method::GET, &format!("/{id}"), &[("authorization", "Bearer secret")], "").await;
    }
    let door = face.root.replace("/v1.0/engagements/referrals", "/sandbox/state");
    let look = async || face.client.get(&door).send().await.unwrap().text().await.unwrap();
    let (first, second) = (look().await, look().await);
    assert_eq!(first, second);
    let state: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(state["referrals"].as_array(), Some(&documents));
    assert_eq!(
        state["tallies"].to_string(),
        format!(r#"{{"pages":0,"created":0,"referrals":{{"{id}":{{"reads":2,"writes":0,"applied":0}}}}}}"#)
    );
    assert_eq!(
        state["troubles"].to_string(),
        r#"{"requests":3,"throttled":1,"requests_during_pause":0,"replies_lost":0,"cuts":0,"failures":0,"changes_underneath":0,"tokens_expired":0}"#
    );
}
