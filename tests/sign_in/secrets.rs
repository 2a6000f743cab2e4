//! No secret gets out: not into what is said, not into what is kept but the file that is for it, not into what other
//! users of the machine can see.

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::stage::place::Place;
use crate::stage::sandbox::Sandbox;
use crate::token_file;

const CLIENT_SECRET: &str = "the-client-secret-of-this-test";

/// What was seen, and where.
#[derive(Default)]
struct Seen(Vec<(String, Vec<u8>)>);

impl Seen {
    fn add(&mut self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((place.into(), bytes.into()));
    }

    /// Both streams of a command.
    fn streams(&mut self, what: &str, ended: &crate::stage::running::Ended) {
        self.add(format!("standard output of {what}"), ended.out.clone());
        self.add(format!("standard error of {what}"), ended.err.clone());
    }

    /// All files below a folder; of zipped ones what is in them.
    fn files(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.files(&path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            if let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(&bytes)) {
                for index in 0..archive.len() {
                    let mut part = archive.by_index(index).unwrap();
                    let mut inside = Vec::new();
                    part.read_to_end(&mut inside).unwrap();
                    self.0.push((format!("{} in {}", part.name().unwrap(), path.display()), inside));
                }
            }
            self.add(path.display().to_string(), bytes);
        }
    }

    /// What the list of processes shows of one and of those that it has started.
    fn processes(&mut self, id: u32) {
        for name in ["cmdline", "environ"] {
            // It may have ended by now.
            let bytes = fs::read(format!("/proc/{id}/{name}")).unwrap_or_default();
            self.add(format!("{name} of a process"), bytes);
        }
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        for child in children.split_whitespace() {
            self.processes(child.parse().unwrap());
        }
    }

    /// Where any of these was seen.
    fn places_of(&self, secrets: &[String]) -> Vec<&str> {
        let holds = |bytes: &[u8], secret: &str| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        let found = self.0.iter().filter(|(_, bytes)| secrets.iter().any(|secret| holds(bytes, secret)));
        found.map(|(place, _)| place.as_str()).collect()
    }
}

/// All that must not be seen: what the sandbox has given out so far, the parts that tell whose it is, and the secret.
fn secrets(sandbox: &Sandbox) -> Vec<String> {
    let issued = sandbox.state().sign_ins["issued"].as_array().unwrap().clone();
    let issued: Vec<String> = issued.iter().map(|token| token.as_str().unwrap().to_owned()).collect();
    let parts = issued.iter().filter_map(|token| token.split('.').nth(1)).map(str::to_owned);
    issued.iter().cloned().chain(parts).chain([CLIENT_SECRET.to_owned()]).collect()
}

#[test]
fn no_secret_is_seen_anywhere_in_a_run_that_fails_and_is_resumed() {
    let trouble = "--expire-token-after 15 --lose-replies 5% --fail 5% --cut 5% --latency 10ms --token-lifetime 3s";
    let sandbox = Sandbox::start(&format!(
        "--require-sign-in --sign-in pending,approved --client-secret {CLIENT_SECRET} {trouble}"
    ));
    let place = Place::signed_out(&sandbox.base_url).with("REFSHEET_CONFIG", "config.toml");
    // Slow enough to be seen among the processes.
    let command = "client_secret_command = \"sleep 0.2; cat the-secret\"";
    place.write("config.toml", &format!("[profile.default]\n{command}\n"));
    place.write("the-secret", CLIENT_SECRET);
    place.write("sheet.csv", &crate::sheet(&sandbox, 60));
    let mut seen = Seen::default();
    let watched = |seen: &mut Seen, line: &str| {
        let mut running = place.start(line);
        while !running.is_over() {
            seen.processes(running.id());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let ended = running.end();
        seen.streams(line, &ended);
        ended
    };

    watched(&mut seen, "login -v").exits(0);
    watched(&mut seen, "whoami -v").exits(0);
    // It goes well for a while, then everything is revoked, so that errors of all kinds are told.
    let running = place.start("apply sheet.csv --yes -v --concurrency 8 --report first.xlsx");
    crate::stage::until("some rows are applied", || (sandbox.state().applied_in_all() > 20).then_some(()));
    sandbox.post("/sandbox/revoke", "");
    let ended = running.end();
    seen.streams("apply", &ended);
    ended.exits(4);
    watched(&mut seen, "whoami --json");
    watched(&mut seen, "resume --report second.xlsx --json").exits(4);
    watched(&mut seen, "login --json").exits(0);
    watched(&mut seen, "resume --report third.jsonl").exits(0);
    watched(&mut seen, "export --out export.xlsx -v");
    watched(&mut seen, "runs --json").exits(0);

    // A search that finds nothing must be one that finds something.
    let secrets = secrets(&sandbox);
    assert!(secrets.len() > 10, "{}", secrets.len());
    let mut kept = Seen::default();
    let file = token_file(&place);
    kept.add("the file", fs::read(&file).unwrap());
    kept.add("the secret", fs::read(place.path("the-secret")).unwrap());
    assert_eq!(kept.places_of(&secrets), ["the file", "the secret"]);

    watched(&mut seen, "logout").exits(0);
    assert!(!file.exists());
    fs::remove_file(place.path("the-secret")).unwrap();
    seen.files(&place.path("."));
    assert!(
        seen.0.iter().any(|(place, _)| place.contains("sharedStrings.xml in ") || place.contains("sheet1.xml in "))
    );
    assert!(seen.0.iter().any(|(place, _)| place.ends_with(".db")), "the ledger was looked at");
    assert!(
        seen.0
            .iter()
            .any(|(place, bytes)| place.starts_with("cmdline") && String::from_utf8_lossy(bytes).contains("sleep"))
    );
    assert!(seen.0.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).contains("the sign-in host answered")));
    assert_eq!(seen.places_of(&secrets), Vec::<&str>::new());
}
