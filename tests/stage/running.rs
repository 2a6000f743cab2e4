//! A process of the program, from its start to its end.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::until;

pub struct Running {
    child: Child,
    out: Stream,
    err: Stream,
}

/// What a process has left.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; none if it was killed.
    pub code: Option<i32>,
    /// The signal that killed it.
    pub signal: Option<i32>,
    pub out: String,
    pub err: String,
}

struct Stream {
    text: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

impl Running {
    pub fn start(command: &mut Command) -> Running {
        let mut child = command.spawn().unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Running { child, out: Stream::read(out), err: Stream::read(err) }
    }

    /// Sends `INT` or `TERM`.
    pub fn signal(&self, name: &str) {
        let line = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").arg("-c").arg(line).stderr(Stdio::null()).status().unwrap().success());
    }

    /// Its number among the processes.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has said on standard error so far.
    pub fn said(&self) -> String {
        self.err.text.lock().unwrap().clone()
    }

    /// Waits for a text on standard error.
    pub fn hears(&self, text: &str) {
        until(text, || self.err.text.lock().unwrap().contains(text).then_some(()));
    }

    /// Waits for a text on standard output, which is all that a terminal shows.
    pub fn shows(&self, text: &str) {
        until(text, || self.out.text.lock().unwrap().contains(text).then_some(()));
    }

    /// Types at its terminal.
    pub fn types(&mut self, text: &str) {
        let keyboard = self.child.stdin.as_mut().unwrap();
        keyboard.write_all(text.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// Whether it has come to its end.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) -> Ended {
        self.child.kill().unwrap();
        self.end()
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        let status = until("the program ends", || self.child.try_wait().unwrap());
        Ended { code: status.code(), signal: status.signal(), out: self.out.end(), err: self.err.end() }
    }

    /// Waits for its end, which must not take longer.
    #[track_caller]
    pub fn end_within(self, duration: Duration) -> Ended {
        let started = Instant::now();
        let ended = self.end();
        let took = started.elapsed();
        assert!(took < duration, "it took {took:?}\n{ended}");
        ended
    }
}

impl Ended {
    #[track_caller]
    pub fn exits(self, code: i32) -> Ended {
        assert_eq!(self.code, Some(code), "\n{self}");
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Ended {
        assert!(self.out.contains(text) || self.err.contains(text), "it does not say `{text}`\n{self}");
        self
    }

    /// The command behind a phrase, such as `to finish it: `.
    #[track_caller]
    pub fn command(&self, phrase: &str) -> String {
        let mut lines = self.out.lines().chain(self.err.lines());
        let command = lines.find_map(|line| line.split_once(phrase));
        command.unwrap_or_else(|| panic!("nothing follows `{phrase}`\n{self}")).1.to_owned()
    }

    /// Standard output as the one JSON document that it is.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {:?}, signal {:?}\n{}\n{}", self.code, self.signal, self.out, self.err)
    }
}

impl Stream {
    /// Reads all along, so that a process never waits for us.
    fn read(mut from: impl Read + Send + 'static) -> Stream {
        let text = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&text);
        let reader = thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut chunk) {
                kept.lock().unwrap().push_str(&String::from_utf8_lossy(&chunk[..count]));
            }
        });
        Stream { text, reader }
    }

    fn end(self) -> String {
        self.reader.join().unwrap();
        self.text.lock().unwrap().clone()
    }
}
