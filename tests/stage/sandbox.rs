//! The sandbox as a process, and what it tells at its own door.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::place::PROGRAM;

pub struct Sandbox {
    process: Child,
    pub base_url: String,
}

/// What the sandbox holds and has counted.
pub struct State {
    pub referrals: BTreeMap<String, Value>,
    /// The ids in order of creation.
    pub ids: Vec<String>,
    tallies: Value,
    troubles: Value,
    /// What happened where one signs in.
    pub sign_ins: Value,
}

impl Sandbox {
    /// Arguments are separated by blanks.
    pub fn start(arguments: &str) -> Sandbox {
        let mut command = Command::new(PROGRAM);
        command.env_clear().args(["sandbox", "--port", "0"]).args(arguments.split_whitespace());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // It says where it is once it listens.
        let mut base_url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut base_url).unwrap();
        Sandbox { process, base_url: base_url.trim().to_owned() }
    }

    /// `127.0.0.1:8089`
    pub fn authority(&self) -> &str {
        self.base_url.trim_start_matches("http://").split('/').next().unwrap()
    }

    /// Posts a form, as a browser does, and gives the whole answer.
    pub fn post(&self, target: &str, form: &str) -> String {
        let length = form.len();
        let head = format!("POST {target} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n");
        self.ask(&format!("{head}Content-Length: {length}\r\nHost: sandbox\r\nConnection: close\r\n\r\n{form}"))
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.authority()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub fn state(&self) -> State {
        let answer = self.ask("GET /sandbox/state HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\r\n");
        let mut state: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        let Value::Array(referrals) = state["referrals"].take() else { panic!("no referrals") };
        let ids: Vec<String> = referrals.iter().map(|referral| referral["id"].as_str().unwrap().to_owned()).collect();
        State {
            referrals: ids.iter().cloned().zip(referrals).collect(),
            ids,
            tallies: state["tallies"]["referrals"].take(),
            troubles: state["troubles"].take(),
            sign_ins: state["sign_ins"].take(),
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl State {
    /// The ids of the referrals that take changes, in order of creation.
    pub fn active(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str).filter(|id| self.referrals[*id]["status"] == "Active")
    }

    /// Writes to a referral that were stored.
    pub fn applied(&self, id: &str) -> u64 {
        self.tallies[id]["applied"].as_u64().unwrap_or(0)
    }

    /// The same of all referrals.
    pub fn applied_in_all(&self) -> u64 {
        self.sum("applied")
    }

    /// Writes that reached the store, whatever became of them.
    pub fn writes(&self) -> u64 {
        self.sum("writes")
    }

    /// All requests that came, whatever became of them.
    pub fn requests(&self) -> u64 {
        self.trouble("requests")
    }

    /// How often this kind of trouble struck.
    pub fn trouble(&self, name: &str) -> u64 {
        self.troubles[name].as_u64().unwrap()
    }

    /// All kinds of trouble, for people.
    pub fn troubles(&self) -> String {
        let counts = self.troubles.as_object().unwrap().iter();
        counts.map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    }

    fn sum(&self, name: &str) -> u64 {
        self.tallies.as_object().unwrap().values().map(|tally| tally[name].as_u64().unwrap()).sum()
    }
}
