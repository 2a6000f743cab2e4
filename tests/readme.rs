//! What readers see is run: the README's commands, its table of exit codes, and its samples.

use std::fs;
use std::path::Path;
use std::process::Command;

use refsheet::error::Exit;

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The lines of all `sh` blocks.
fn commands(text: &str) -> Vec<&str> {
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.flat_map(str::lines).filter(|line| !line.is_empty()).collect()
}

/// The words of a command; double quotes keep words together.
fn words(line: &str) -> Vec<String> {
    line.split('"')
        .enumerate()
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

#[test]
fn every_command_of_the_readme_works() {
    let folder = tempfile::tempdir().unwrap();
    let samples = folder.path().join("samples");
    fs::create_dir(&samples).unwrap();
    for sample in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")).unwrap() {
        let sample = sample.unwrap();
        if sample.file_type().unwrap().is_file() {
            fs::copy(sample.path(), samples.join(sample.file_name())).unwrap();
        }
    }
    let text = readme();
    let mut ran = 0;
    for line in commands(&text) {
        let line = line.replace("cargo run --release --", "refsheet");
        let words = words(&line);
        if words[0] != "refsheet" {
            continue;
        }
        let output = Command::new(env!("CARGO_BIN_EXE_refsheet"))
            .args(&words[1..])
            .env("REFSHEET_RATE", "none")
            .env("HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path())
            .env("XDG_STATE_HOME", folder.path())
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
        ran += 1;
    }
    assert!(ran >= 6, "only {ran} commands were found");
}

#[test]
fn the_two_commands_for_newcomers_are_there() {
    let text = readme();
    let commands = commands(&text);
    assert!(commands.contains(&"cargo run --release -- apply samples/referral-changes.csv --sandbox"));
    assert!(commands.contains(&"cargo test"));
}

#[test]
fn the_table_of_exit_codes_is_the_programs() {
    let text = readme();
    for exit in Exit::ALL {
        let row = format!("| {} | {} |", exit.code(), exit.meaning());
        assert!(text.contains(&row), "missing: {row}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let text = readme();
    for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        if !link.starts_with("http") {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(link).exists(), "{link}");
        }
    }
}
