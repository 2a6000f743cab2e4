//! A server that answers by script, on a real socket of this machine, and keeps what it was asked, to the byte.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What happens after one request was read.
pub enum Step {
    /// These bytes are sent, and the connection stays open.
    Answer(Vec<u8>),
    /// These bytes are sent, and the connection is closed.
    AnswerAndClose(Vec<u8>),
    /// These bytes are sent, and then nothing happens for this long.
    AnswerAndStall(Vec<u8>, Duration),
    /// These bytes are sent, and then the others again and again, so long apart, until the client hangs up.
    AnswerWithoutEnd(Vec<u8>, Vec<u8>, Duration),
}

pub struct Server {
    pub authority: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server with one step for each request to come.
    pub fn start(script: impl IntoIterator<Item = Step>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let script: Arc<Mutex<VecDeque<Step>>> = Arc::new(Mutex::new(script.into_iter().collect()));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let server = Server { authority, requests: Arc::clone(&requests) };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (script, requests) = (Arc::clone(&script), Arc::clone(&requests));
                thread::spawn(move || serve(stream.unwrap(), &script, &requests));
            }
        });
        server
    }

    /// All requests so far, each as it came.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// The only request, with what differs from run to run replaced, and line ends as `\n`.
    pub fn only_request(&self) -> String {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        let request = requests[0].replace(&self.authority, "<authority>").replace("\r\n", "\n");
        let id = header(&request, "client-request-id").unwrap();
        assert_eq!(id.parse::<uuid::Uuid>().unwrap().get_version_num(), 4);
        request.replace(&id, "<guid>").replace(env!("CARGO_PKG_VERSION"), "<version>")
    }
}

/// The value of a header in a request.
pub fn header(request: &str, name: &str) -> Option<String> {
    let line = |line: &str| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    };
    request.lines().find_map(line)
}

fn serve(mut stream: TcpStream, script: &Mutex<VecDeque<Step>>, requests: &Mutex<Vec<String>>) {
    while let Some(request) = read_request(&mut stream) {
        requests.lock().unwrap().push(request);
        let step = script.lock().unwrap().pop_front();
        if let Some(Step::AnswerWithoutEnd(first, again, apart)) = &step {
            let mut sent = stream.write_all(first);
            while sent.is_ok() {
                sent = stream.write_all(again);
                thread::sleep(*apart);
            }
            return;
        }
        let (bytes, goes_on, stall) = match step.unwrap_or(Step::AnswerAndClose(Vec::new())) {
            Step::Answer(bytes) => (bytes, true, Duration::ZERO),
            Step::AnswerAndClose(bytes) => (bytes, false, Duration::ZERO),
            Step::AnswerAndStall(bytes, stall) => (bytes, false, stall),
            Step::AnswerWithoutEnd(..) => unreachable!("it has been dealt with"),
        };
        // A client that has seen enough may have hung up.
        let _ = stream.write_all(&bytes);
        thread::sleep(stall);
        if !goes_on {
            return;
        }
    }
}

fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = header(head, "content-length").map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return Some(text);
            }
        } else if text.starts_with('\u{16}') {
            return Some("a TLS handshake".to_owned());
        }
    }
}
