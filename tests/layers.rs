//! Holds the layer table of `docs/architecture.md`: who may know whom, and where each library lives.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each layer and the layers that it may import. `app` wires them, so it may import all.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("service", &["domain"]),
    ("sheet", &["domain"]),
    ("shell", &[]),
    ("api", &["domain", "service", "shell"]),
    ("sandbox", &["domain", "service"]),
    ("engine", &["domain", "service"]),
    ("ledger", &["domain"]),
    ("form", &["domain", "sheet"]),
    ("report", &["domain", "sheet"]),
    ("error", &[]),
    ("console", &["domain", "error"]),
];

/// Libraries that have one home.
const HOMES: &[(&str, &[&str])] = &[
    ("axum", &["sandbox"]),
    ("backon", &["engine"]),
    ("calamine", &["sheet"]),
    ("celes", &["domain"]),
    ("clap", &["app"]),
    ("clap_complete", &["app"]),
    ("clap_mangen", &["app"]),
    ("csv", &["sheet"]),
    ("email_address", &["domain"]),
    ("etcetera", &["app"]),
    ("futures_util", &["engine"]),
    ("governor", &["engine"]),
    ("indicatif", &["console"]),
    ("iso_currency", &["domain"]),
    ("json_patch", &["domain"]),
    ("memchr", &["sheet"]),
    ("reqwest", &["api"]),
    ("rusqlite", &["ledger"]),
    ("rust_xlsxwriter", &["sheet"]),
    ("strsim", &["domain"]),
    ("zip", &["sheet"]),
];

/// Layers that may wait for something.
const ASYNC: &[&str] = &["service", "shell", "api", "sandbox", "engine", "ledger", "app"];

struct Source {
    layer: String,
    path: PathBuf,
    /// The text without comments and without the tests at its end.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&root).unwrap();
                let layer = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
                let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
                sources.push(Source { layer, code: lines.collect::<Vec<_>>().join("\n"), path });
            }
        }
    }
    sources.retain(|source| !["main", "lib"].contains(&source.layer.as_str()));
    sources
}

/// The words that follow `prefix` in a text, up to the next character that cannot be in a name.
fn names_behind<'a>(code: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    let parts = code.split(prefix).skip(1);
    parts.map(|rest| rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap()).collect()
}

#[test]
fn imports_point_down() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    for source in sources().iter().filter(|source| source.layer != "app") {
        let allowed = allowed.get(source.layer.as_str()).unwrap_or_else(|| panic!("no row for {}", source.layer));
        for import in names_behind(&source.code, "crate::") {
            let is_fine = import == source.layer || allowed.contains(&import) || import.is_empty();
            assert!(is_fine, "{} imports `{import}`", source.path.display());
        }
    }
}

#[test]
fn every_layer_has_a_row_and_every_row_a_layer() {
    let found: BTreeSet<String> = sources().into_iter().map(|source| source.layer).collect();
    let rows: BTreeSet<String> = MAY_IMPORT.iter().map(|row| row.0.to_owned()).chain(["app".to_owned()]).collect();
    assert_eq!(found, rows);
}

#[test]
fn every_library_has_one_home() {
    for source in &sources() {
        for (library, homes) in HOMES {
            let path = format!("{library}::");
            let is_used = source.code.match_indices(&path).any(|(at, _)| {
                let before = source.code[..at].chars().next_back();
                before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_' && letter != ':')
            });
            let is_home = homes.contains(&source.layer.as_str());
            assert!(!is_used || is_home, "{} uses `{library}`", source.path.display());
        }
    }
}

#[test]
fn only_some_layers_wait() {
    for source in sources().iter().filter(|source| !ASYNC.contains(&source.layer.as_str())) {
        assert!(!source.code.contains("async "), "{} waits", source.path.display());
        assert!(!source.code.contains("tokio::"), "{} uses tokio", source.path.display());
    }
}
