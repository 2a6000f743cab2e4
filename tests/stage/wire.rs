//! Somebody between the program and the service, on a real socket of this machine. He decides what becomes of each
//! request and each answer: passed on, held for a while, kept for ever, or made up.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::until;

pub struct Wire {
    pub base_url: String,
    under_way: Arc<AtomicUsize>,
}

/// A request or an answer, to the byte.
#[derive(Debug, Clone)]
pub struct Message {
    head: String,
    body: Vec<u8>,
}

/// The way on to the service, over a connection of its own for each of the client's.
pub struct Onward {
    service: Option<String>,
    line: Option<BufReader<TcpStream>>,
}

type Judge = dyn Fn(&Message, &mut Onward) -> Option<Message> + Send + Sync;

impl Wire {
    /// Starts in front of a service, if there is one. `judge` gives the answer to a request; none, and the connection
    /// is cut.
    pub fn start(
        service: Option<&str>,
        judge: impl Fn(&Message, &mut Onward) -> Option<Message> + Send + Sync + 'static,
    ) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/v1.0/engagements", listener.local_addr().unwrap());
        let (judge, under_way): (Arc<Judge>, _) = (Arc::new(judge), Arc::new(AtomicUsize::new(0)));
        let (service, busy) = (service.map(str::to_owned), Arc::clone(&under_way));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let onward = Onward { service: service.clone(), line: None };
                let (judge, busy) = (Arc::clone(&judge), Arc::clone(&busy));
                thread::spawn(move || listen(stream.unwrap(), onward, &*judge, &busy));
            }
        });
        Wire { base_url, under_way }
    }

    /// Waits until no request is under way any more, also none of a client that is gone.
    pub fn settle(&self) {
        until("no request is under way", || (self.under_way.load(Ordering::SeqCst) == 0).then_some(()));
    }
}

impl Message {
    /// An answer with a JSON body.
    pub fn answer(status: u16, body: &str) -> Message {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status} Made up\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        Message { head, body: body.as_bytes().to_owned() }
    }

    /// The address that a request is for.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    /// Whether it is a request for this address.
    pub fn is_for(&self, target: &str) -> bool {
        self.target().ends_with(target)
    }

    /// What a header says, whose name is in small letters.
    pub fn header(&self, name: &str) -> String {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|header| header.0.to_lowercase() == name).map(|header| header.1.to_owned()).unwrap_or_default()
    }

    /// Whether its body has a text.
    pub fn holds(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(text)
    }

    /// Whether it is a request to change something.
    pub fn is_write(&self) -> bool {
        !self.head.starts_with("GET ")
    }

    /// The status of an answer.
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn read(from: &mut impl BufRead) -> Option<Message> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if from.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse().unwrap())
        });
        let mut body = vec![0; length.unwrap_or(0)];
        from.read_exact(&mut body).ok()?;
        Some(Message { head, body })
    }

    fn send(&self, mut to: &TcpStream) -> Option<()> {
        to.write_all(&[self.head.as_bytes(), &self.body].concat()).ok()
    }
}

impl Onward {
    /// Passes a request on and brings the answer back; none if the service cuts the connection.
    pub fn pass(&mut self, request: &Message) -> Option<Message> {
        let service = self.service.as_deref().expect("there is nobody to pass it on to");
        let line = self.line.get_or_insert_with(|| BufReader::new(connected(TcpStream::connect(service).unwrap())));
        let answer = request.send(line.get_ref()).and_then(|()| Message::read(line));
        if answer.is_none() {
            self.line = None;
        }
        answer
    }
}

fn connected(stream: TcpStream) -> TcpStream {
    stream.set_nodelay(true).unwrap();
    stream
}

/// One request after the other, as the client sends them.
fn listen(stream: TcpStream, mut onward: Onward, judge: &Judge, busy: &AtomicUsize) {
    let mut line = BufReader::new(connected(stream));
    while let Some(request) = Message::read(&mut line) {
        busy.fetch_add(1, Ordering::SeqCst);
        let answer = judge(&request, &mut onward);
        let is_sent = answer.and_then(|answer| answer.send(line.get_ref()));
        busy.fetch_sub(1, Ordering::SeqCst);
        if is_sent.is_none() {
            return;
        }
    }
}
