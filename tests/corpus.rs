//! Any sheet that a colleague mails: every sheet of `corpus/` goes through the real program, and what comes of it is
//! compared to the letter.
//!
//! A folder of `corpus/` holds sheets, made by `corpus/make.py`, and one `expected.md` that a person can read from top
//! to bottom: for each sheet a heading, what is odd about it and who wrote it, and one block for each run:
//!
//! ````text
//! ## amount-ambiguous.csv
//!
//! A comma that may be either mark.
//!
//! ```text
//! $ refsheet plan amount-ambiguous.csv --offline --decimal point
//! exit 0
//! {"row":2,"id":"00000000-0000-4000-8000-000000000001","if_match":null,"patch":[…]}
//! ```
//! ````
//!
//! Behind the exit code stand the notes and errors of standard error, then the rows in sheet order: the line that
//! `--patches` writes for a row that would be sent, `row 3 invalid` for any other, and below it each problem of the row.
//!
//! Where the program does not yet do what the spec demands, the block says what is demanded, and a second block that
//! begins with `today` says what happens instead; both are held. `…` in what is demanded stands for any words, since
//! nobody has chosen them yet. When the demand is met, the test fails until the second block is gone.
//!
//! `REFSHEET_CORPUS=write cargo test --test corpus` rewrites the blocks with what happens now: read the difference
//! before you commit it. A new sheet needs its heading, sentence and command line first.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_refsheet");
const EXPECTATIONS: &str = "expected.md";
const FENCE: &str = "```";
const TODAY: &str = "today\n";

/// A folder of sheets, with what is expected of them.
struct Folder {
    path: PathBuf,
    text: String,
    sections: Vec<Section>,
}

/// What is said of one sheet.
struct Section {
    sheet: String,
    has_sentence: bool,
    runs: Vec<Run>,
}

/// One run over a sheet. The ranges are places in the folder's text.
struct Run {
    /// `refsheet plan … --offline …`
    command: String,
    /// What shall come out.
    demanded: Range<usize>,
    /// What comes out today, if that is something else.
    today: Option<Today>,
}

struct Today {
    body: Range<usize>,
    /// The whole block with its fences and the blank line in front.
    block: Range<usize>,
}

#[test]
fn every_sheet_is_planned_as_its_expectation_says() {
    let folders = folders();
    let runs: Vec<(&Folder, &Run)> =
        folders.iter().flat_map(|folder| folder.runs().map(move |run| (folder, run))).collect();
    let outputs = outputs(&runs);
    if std::env::var("REFSHEET_CORPUS").is_ok_and(|wish| wish == "write") {
        return rewrite(&folders, outputs);
    }
    let differences: Vec<String> =
        runs.iter().zip(&outputs).filter_map(|((folder, run), output)| folder.difference(run, output)).collect();
    let (count, all) = (differences.len(), runs.len());
    assert!(
        differences.is_empty(),
        "{}\n{count} of {all} runs are not as expected; REFSHEET_CORPUS=write takes them as they are\n",
        differences.join("\n")
    );
}

#[test]
fn every_sheet_has_its_expectation_and_every_expectation_its_sheet() {
    for folder in folders() {
        let name = folder.path.display().to_string();
        let mut said: Vec<&str> = folder.sections.iter().map(|section| section.sheet.as_str()).collect();
        said.sort_unstable();
        let entries =
            fs::read_dir(&folder.path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut sheets: Vec<String> = entries.filter(|entry| entry != EXPECTATIONS).collect();
        sheets.sort_unstable();
        assert_eq!(said, sheets, "{name}");
        for Section { sheet, has_sentence, runs } in &folder.sections {
            assert!(*has_sentence, "{name}/{sheet}: say what is odd about it");
            assert!(!runs.is_empty(), "{name}/{sheet}: nothing is run");
            for run in runs {
                let begin = format!("refsheet plan {sheet} --offline");
                assert!(run.command.starts_with(&begin), "{name}/{sheet}: `{}`", run.command);
            }
        }
    }
}

// ---- expectations -------------------------------------------------------------------------------------------------

fn folders() -> Vec<Folder> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut paths: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_dir() && !path.ends_with("__pycache__"));
    paths.sort();
    paths.into_iter().map(Folder::read).collect()
}

impl Folder {
    fn read(path: PathBuf) -> Folder {
        let text = fs::read_to_string(path.join(EXPECTATIONS))
            .unwrap_or_else(|error| panic!("{} has no {EXPECTATIONS}: {error}", path.display()));
        let mut sections: Vec<Section> = Vec::new();
        let mut open: Option<usize> = None;
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let (start, end) = (at, at + line.len());
            at = end;
            match (open, sections.last_mut()) {
                (None, _) if line.starts_with("## ") => {
                    let sheet = line[3..].trim().to_owned();
                    sections.push(Section { sheet, has_sentence: false, runs: Vec::new() });
                }
                (None, Some(_)) if line.starts_with(FENCE) => open = Some(end),
                (Some(from), Some(section)) if line.starts_with(FENCE) => {
                    section.take_block(&text, from..start, end);
                    open = None;
                }
                (None, Some(section)) => section.has_sentence |= !line.trim().is_empty(),
                (Some(_), _) | (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a block does not end", path.display());
        Folder { path, text, sections }
    }

    fn runs(&self) -> impl Iterator<Item = &Run> {
        self.sections.iter().flat_map(|section| &section.runs)
    }

    /// How an output differs from what is said of it, or from nothing if it does not.
    fn difference(&self, run: &Run, output: &str) -> Option<String> {
        let demanded = &self.text[run.demanded.clone()];
        let title = format!("\n{}: $ {}\n", self.path.display(), run.command);
        let expected = match &run.today {
            None => demanded,
            Some(_) if is_met(demanded, output) => {
                return Some(format!("{title}it does what is demanded now: the block of today can go\n"));
            }
            Some(today) => &self.text[today.body.clone()],
        };
        if expected == output {
            return None;
        }
        let mut text = title.clone();
        let (expected, output): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), output.lines().collect());
        for line in expected.iter().filter(|line| !output.contains(line)) {
            let _ = writeln!(text, "- {line}");
        }
        for line in output.iter().filter(|line| !expected.contains(line)) {
            let _ = writeln!(text, "+ {line}");
        }
        if text == title {
            let _ = writeln!(text, "the same lines, but in another order or number");
        }
        Some(text)
    }
}

impl Section {
    /// Takes a block whose content stands in `body` and whose closing fence ends at `end`.
    fn take_block(&mut self, text: &str, body: Range<usize>, end: usize) {
        let content = &text[body.clone()];
        match (content.strip_prefix("$ "), content.strip_prefix(TODAY)) {
            (Some(command), _) => {
                let command = command.lines().next().unwrap().to_owned();
                let from = body.start + content.find('\n').unwrap() + 1;
                self.runs.push(Run { command, demanded: from..body.end, today: None });
            }
            (None, Some(_)) => {
                let run = self.runs.last_mut().expect("what happens today stands behind what is demanded");
                // From the line feed of the fence before to that of its own.
                let block = run.demanded.end + FENCE.len()..end - 1;
                run.today = Some(Today { body: body.start + TODAY.len()..body.end, block });
            }
            (None, None) => panic!("{}: a block begins with its command or with `today`", self.sheet),
        }
    }
}

/// Whether an output is what is demanded, where `…` stands for any words within a line.
fn is_met(demanded: &str, output: &str) -> bool {
    let (demanded, output): (Vec<&str>, Vec<&str>) = (demanded.lines().collect(), output.lines().collect());
    demanded.len() == output.len() && demanded.iter().zip(output).all(|(demanded, line)| is_line_met(demanded, line))
}

fn is_line_met(demanded: &str, line: &str) -> bool {
    let Some((before, after)) = demanded.split_once('…') else { return demanded == line };
    let Some(rest) = line.strip_prefix(before) else { return false };
    (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| is_line_met(after, &rest[at..]))
}

/// Writes what comes out now into the expectations.
fn rewrite(folders: &[Folder], outputs: Vec<String>) {
    let mut outputs = outputs.into_iter();
    for folder in folders {
        let mut text = folder.text.clone();
        let changes: Vec<(&Run, String)> = folder.runs().zip(outputs.by_ref()).collect();
        // From the end on, so that the places before stay where they are.
        for (run, output) in changes.iter().rev() {
            match &run.today {
                None => text.replace_range(run.demanded.clone(), output),
                Some(today) if is_met(&folder.text[run.demanded.clone()], output) => {
                    text.replace_range(today.block.clone(), "");
                    text.replace_range(run.demanded.clone(), output);
                }
                Some(today) => text.replace_range(today.body.clone(), output),
            }
        }
        fs::write(folder.path.join(EXPECTATIONS), text).unwrap();
    }
}

// ---- runs ---------------------------------------------------------------------------------------------------------

/// What comes of each run. They wait for processes, so a few are under way at a time.
fn outputs(runs: &[(&Folder, &Run)]) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((folder, run)) = runs.get(at) else { return done };
            done.push((at, output(&folder.path, &run.command)));
        }
    };
    let count = std::thread::available_parallelism().map_or(4, usize::from);
    let done: BTreeMap<usize, String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    done.into_values().collect()
}

/// Runs a command beside its sheet: exit code, standard error, rows.
fn output(folder: &Path, command: &str) -> String {
    let away = tempfile::tempdir().unwrap();
    let (patches, report) = (away.path().join("patches.jsonl"), away.path().join("report.jsonl"));
    let mut words = words(command).into_iter();
    assert_eq!(words.next().as_deref(), Some("refsheet"));
    let mut process = Command::new(PROGRAM);
    process.env_clear().env("HOME", away.path()).current_dir(folder).args(words);
    process.arg("--patches").arg(&patches).arg("--report").arg(&report);
    let done = process.output().unwrap();
    let code = done.status.code().map_or("by a signal".to_owned(), |code| code.to_string());
    let mut text = format!("exit {code}\n{}", String::from_utf8(done.stderr).unwrap());
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    rows(&mut text, &read(&patches), &read(&report));
    text
}

/// The rows in sheet order. What the report says of each and what `--patches` has written must fit together.
fn rows(text: &mut String, patches: &str, report: &str) {
    let mut patches = patches.lines().peekable();
    for line in report.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let begin = format!("{{\"row\":{},", row["row"]);
        match (row["outcome"].as_str().unwrap(), patches.next_if(|patch| patch.starts_with(&begin))) {
            ("planned", Some(patch)) => writeln!(text, "{patch}").unwrap(),
            (outcome, None) if outcome != "planned" => writeln!(text, "row {} {outcome}", row["row"]).unwrap(),
            (outcome, patch) => panic!("row {} is {outcome}, with the patch {patch:?}", row["row"]),
        }
        for problem in row["problems"].as_array().unwrap() {
            let part = |name: &str| problem[name].as_str().unwrap_or_default();
            let place = match (part("cell"), part("heading")) {
                ("", "") => String::new(),
                (cell, "") => format!(" {cell}"),
                (cell, heading) => format!(" {cell} ({heading})"),
            };
            let accepted = if part("accepted").is_empty() { String::new() } else { format!("; {}", part("accepted")) };
            let line = format!("  {}{place}: {}{accepted}", part("severity"), part("found"));
            // A cell of several lines is quoted in one.
            writeln!(text, "{}", line.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'")).unwrap();
        }
    }
    // Without a report: the sheet could not be read to its end.
    patches.for_each(|patch| writeln!(text, "{patch}").unwrap());
}

/// The words of a command line; those with blanks are quoted.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for letter in command.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            letter => words.last_mut().unwrap().push(letter),
        }
    }
    words
}
