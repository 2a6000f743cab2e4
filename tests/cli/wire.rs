//! Somebody between the program and the service, on a real socket of this machine: he keeps what he hears, to the byte,
//! passes it on, or answers himself.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

pub struct Wire {
    pub base_url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Heard {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// An answer of his own.
pub struct Answer {
    pub status: u16,
    pub body: String,
}

type Script = dyn Fn(&Heard) -> Option<Answer> + Send + Sync;

impl Heard {
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Answer {
    pub fn new(status: u16, body: impl Into<String>) -> Answer {
        Answer { status, body: body.into() }
    }
}

impl Wire {
    /// Starts in front of a service. What `answer` does not answer is passed on to it.
    pub fn start(service: Option<String>, answer: impl Fn(&Heard) -> Option<Answer> + Send + Sync + 'static) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/v1.0/engagements", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let wire = Wire { base_url, heard: Arc::clone(&heard) };
        let answer: Arc<Script> = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (service, heard, answer) = (service.clone(), Arc::clone(&heard), Arc::clone(&answer));
                thread::spawn(move || listen(stream.unwrap(), service.as_deref(), &heard, &*answer));
            }
        });
        wire
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

/// Asks for a document, and waits until the connection ends.
pub fn get(authority: &str, target: &str) -> Value {
    let target = target.replace(' ', "%20");
    let head =
        format!("GET {target} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n");
    let answer = exchange(authority, &head);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    if head.contains(" 404 ") { Value::Null } else { serde_json::from_str(body).unwrap() }
}

/// Changes a referral, as a colleague does.
pub fn patch(authority: &str, target: &str, patch: &str) {
    write("PATCH", authority, target, patch);
}

/// Creates a referral, likewise.
pub fn post(authority: &str, target: &str, document: &str) {
    write("POST", authority, target, document);
}

fn write(method: &str, authority: &str, target: &str, body: &str) {
    let length = body.len();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer x\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let answer = exchange(authority, &head);
    assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
}

/// `http://127.0.0.1:8089/v1.0/engagements` → `127.0.0.1:8089`
pub fn authority(base_url: &str) -> String {
    base_url.trim_start_matches("http://").split('/').next().unwrap().to_owned()
}

fn listen(mut stream: TcpStream, service: Option<&str>, all: &Mutex<Vec<Heard>>, answer: &Script) {
    stream.set_nodelay(true).unwrap();
    while let Some((text, heard)) = read_request(&mut stream) {
        all.lock().unwrap().push(heard.clone());
        let reply = match answer(&heard) {
            Some(Answer { status, body }) => {
                let length = body.len();
                format!(
                    "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
                )
            }
            None => exchange(service.expect("there is nobody to pass it on to"), &closing(&text)),
        };
        // A client that has seen enough may have hung up.
        if stream.write_all(reply.as_bytes()).is_err() {
            return;
        }
    }
}

/// The same request for a connection of its own.
fn closing(text: &str) -> String {
    text.replacen("\r\n", "\r\nConnection: close\r\n", 1)
}

fn exchange(authority: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    // The connection to the client goes on.
    answer.replacen("connection: close\r\n", "", 1)
}

fn read_request(stream: &mut TcpStream) -> Option<(String, Heard)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((top, body)) = text.split_once("\r\n\r\n") else { continue };
        let heard = heard(top, body);
        let length = heard.header("content-length").map_or(0, |length| length.parse().unwrap());
        if body.len() >= length {
            return Some((text, heard));
        }
    }
}

fn heard(head: &str, body: &str) -> Heard {
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap().split(' ');
    let headers = lines.filter_map(|line| line.split_once(':'));
    Heard {
        method: first.next().unwrap().to_owned(),
        target: first.next().unwrap().to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect(),
        body: body.to_owned(),
    }
}
