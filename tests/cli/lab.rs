//! A place to run the program in: a folder of its own, a sandbox process, and no trace of the machine around it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::ran::Ran;
use crate::wire::{self, Answer, Heard, Wire};

const PROGRAM: &str = env!("CARGO_BIN_EXE_refsheet");

/// The access token of all runs. It must turn up nowhere but in requests.
pub const TOKEN: &str = "eyJ-the-token-of-these-tests";

pub struct Lab {
    folder: TempDir,
    sandbox: Option<Sandbox>,
    wire: Option<Wire>,
}

/// A run that is about to begin. It has an access token, and may write without being asked.
pub struct Call<'a> {
    lab: &'a Lab,
    arguments: Vec<String>,
    token: Option<&'static str>,
    input: &'static str,
    variables: Vec<(String, String)>,
}

struct Sandbox {
    process: Child,
    base_url: String,
}

impl Lab {
    /// Without a service.
    pub fn new() -> Lab {
        Lab { folder: TempDir::new().unwrap(), sandbox: None, wire: None }
    }

    /// With the sandbox that everybody gets.
    pub fn with_sandbox() -> Lab {
        let mut lab = Lab::new();
        lab.sandbox = Some(Sandbox::start(&[]));
        lab
    }

    /// With a sandbox that holds these referrals.
    pub fn holding(referrals: impl IntoIterator<Item = Value>) -> Lab {
        Lab::holding_with(referrals, &[])
    }

    /// The same with options for the sandbox.
    pub fn holding_with(referrals: impl IntoIterator<Item = Value>, options: &[&str]) -> Lab {
        let mut lab = Lab::new();
        let lines: Vec<String> = referrals.into_iter().map(|referral| referral.to_string()).collect();
        let file = lab.folder.path().join("referrals.jsonl");
        fs::write(&file, lines.join("\n")).unwrap();
        lab.sandbox = Some(Sandbox::start(&[&["--from", file.to_str().unwrap()], options].concat()));
        fs::remove_file(file).unwrap();
        lab
    }

    /// The same with somebody in between who listens.
    pub fn recorded(self) -> Lab {
        self.answering(|_| None)
    }

    /// The same with somebody in between who answers some requests himself.
    pub fn answering(mut self, answer: impl Fn(&Heard) -> Option<Answer> + Send + Sync + 'static) -> Lab {
        let sandbox = self.sandbox.as_ref().map(|_| self.sandbox_authority());
        self.wire = Some(Wire::start(sandbox, answer));
        self
    }

    /// Puts a sheet into the folder.
    pub fn sheet(self, name: &str, text: impl AsRef<[u8]>) -> Lab {
        fs::write(self.path(name), text).unwrap();
        self
    }

    /// Puts one of the samples into the folder.
    pub fn sample(self, name: &str) -> Lab {
        let text = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)).unwrap();
        self.sheet(name, text)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The names of all files in the folder but those that the program keeps for itself.
    pub fn files(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.retain(|name| name != "home");
        names.sort();
        names
    }

    /// Applies a sheet without a pace, with a report that [`Ran`] reads.
    pub fn apply(&self, sheet: &str) -> Call<'_> {
        self.refsheet(&format!("apply {sheet} --yes --report report.jsonl"))
    }

    /// Plans a sheet, likewise.
    pub fn plan(&self, sheet: &str) -> Call<'_> {
        self.refsheet(&format!("plan {sheet} --report report.jsonl"))
    }

    /// Any other run. Arguments are separated by blanks.
    pub fn refsheet(&self, arguments: &str) -> Call<'_> {
        let arguments = arguments.split_whitespace().map(str::to_owned).collect();
        Call { lab: self, arguments, token: Some(TOKEN), input: "", variables: Vec::new() }
    }

    /// The referral as the service holds it now, `null` if there is none.
    pub fn referral(&self, id: &str) -> Value {
        let authority = self.sandbox_authority();
        let mut referral = wire::get(&authority, &format!("/v1.0/engagements/referrals/{id}"));
        if let Some(members) = referral.as_object_mut() {
            members.shift_remove("@odata.context");
        }
        referral
    }

    /// All referrals as the service holds them now.
    pub fn referrals(&self) -> Vec<Value> {
        let authority = self.sandbox_authority();
        let page = |skip| wire::get(&authority, &format!("/v1.0/engagements/referrals?$top=100&$skip={skip}"));
        let pages = (0..).step_by(100).map(page).map(|page| page["value"].as_array().unwrap().clone());
        pages.take_while(|page| !page.is_empty()).flatten().collect()
    }

    /// The id of the run that began last.
    pub fn last_run(&self) -> String {
        let runs: Value = serde_json::from_str(&self.refsheet("runs --json").run().out).unwrap();
        runs.as_array().unwrap().last().unwrap()["run"].as_str().unwrap().to_owned()
    }

    /// What the service was asked so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.wire.as_ref().unwrap().heard()
    }

    /// The writes among it.
    pub fn writes(&self) -> Vec<Heard> {
        self.heard().into_iter().filter(|heard| heard.method != "GET").collect()
    }

    /// How many requests have come so far, as the sandbox counts them, or who stands in front of it.
    pub fn requests_counted(&self) -> u64 {
        match &self.wire {
            Some(wire) => wire.heard().len() as u64,
            None => wire::get(&self.sandbox_authority(), "/sandbox/state")["troubles"]["requests"].as_u64().unwrap(),
        }
    }

    /// Where the sandbox itself is, for whoever goes around the one who listens.
    pub fn sandbox_authority(&self) -> String {
        wire::authority(&self.sandbox.as_ref().unwrap().base_url)
    }

    fn base_url(&self) -> Option<&str> {
        let sandbox = self.sandbox.as_ref().map(|sandbox| sandbox.base_url.as_str());
        self.wire.as_ref().map(|wire| wire.base_url.as_str()).or(sandbox)
    }
}

impl Call<'_> {
    /// One more argument, blanks and all.
    pub fn arg(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// More arguments, separated by blanks.
    pub fn args(mut self, arguments: &str) -> Self {
        self.arguments.extend(arguments.split_whitespace().map(str::to_owned));
        self
    }

    /// With nobody signed in, or with another token.
    pub fn token(mut self, token: Option<&'static str>) -> Self {
        self.token = token;
        self
    }

    /// With an environment variable.
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// What standard input holds.
    pub fn input(mut self, text: &'static str) -> Self {
        self.input = text;
        self
    }

    pub fn run(self) -> Ran {
        let mut command = Command::new(PROGRAM);
        command.args(&self.arguments);
        Ran::of(self.output(command), self.lab.folder.path(), self.lab.base_url())
    }

    /// Runs it at a terminal, made by `script` of util-linux, and gives all that the terminal got.
    pub fn at_terminal(self) -> String {
        let words = std::iter::once(PROGRAM).chain(self.arguments.iter().map(String::as_str));
        let line: Vec<String> = words.map(|word| format!("'{word}'")).collect();
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command", &line.join(" "), "/dev/null"]);
        let output = self.output(command);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn output(&self, mut command: Command) -> Output {
        let home = self.lab.path("home");
        // Nothing of the machine's own settings gets in, and nothing gets out of the folder.
        command.env_clear().env("HOME", &home).current_dir(self.lab.folder.path());
        // Pacing is the subject of few tests, and costs time.
        command.env("REFSHEET_RATE", "none");
        if let Some(token) = self.token {
            command.env("REFSHEET_TOKEN", token);
        }
        if let Some(base_url) = self.lab.base_url() {
            command.env("REFSHEET_BASE_URL", base_url);
        }
        command.envs(self.variables.clone());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        // A program that does not read may have ended before this is written.
        let _ = process.stdin.take().unwrap().write_all(self.input.as_bytes());
        process.wait_with_output().unwrap()
    }
}

impl Sandbox {
    fn start(arguments: &[&str]) -> Sandbox {
        let mut command = Command::new(PROGRAM);
        command.env_clear().args(["sandbox", "--port", "0"]).args(arguments);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // It says where it is once it listens.
        let mut base_url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut base_url).unwrap();
        Sandbox { process, base_url: base_url.trim().to_owned() }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The id of a referral of these tests.
pub fn id(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A sheet of these tests: the headings behind `id`, and for each row its referral and the cells behind the id.
pub fn rows<'a>(headings: &str, rows: impl IntoIterator<Item = (u32, &'a str)>) -> String {
    let rows = rows.into_iter().map(|(number, cells)| format!("{},{cells}", id(number)));
    let lines: Vec<String> = std::iter::once(format!("id,{headings}")).chain(rows).collect();
    lines.join("\n")
}

/// An open referral of these tests.
pub fn referral(number: u32) -> Value {
    json!({
        "id": id(number),
        "name": format!("Deal {number}"),
        "externalReferenceId": null,
        "status": "Active",
        "substatus": "Accepted",
        "statusReason": null,
        "campaignId": null,
        "salesStage": "20",
        "eTag": format!("\"{number}-0\""),
        "consent": { "consentToShareReferralWithMicrosoftSellers": false },
        "details": {
            "notes": "old",
            "dealValue": 5000,
            "currency": "USD",
            "closingDateTime": "2026-12-01T00:00:00Z",
            "requirements": { "solutions": [] },
        },
        "team": [],
    })
}
