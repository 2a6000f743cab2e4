//! The jobs of `samples/kubernetes`, as the kubelet starts them: the arguments of their containers, with the index of the
//! pod put in.

use std::fs;
use std::path::Path;

use crate::stage::place::Place;
use crate::stage::sandbox::Sandbox;
use crate::{count, sheet};

fn sample(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/kubernetes");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// The value of a key that stands in the text once.
fn value(sample: &str, key: &str) -> String {
    let mut values = sample.lines().filter_map(|line| line.trim().strip_prefix(key)?.strip_prefix(": "));
    let value = values.next().unwrap().to_owned();
    assert_eq!(values.next(), None, "{key}");
    value
}

/// The container's arguments.
fn arguments(sample: &str) -> Vec<&str> {
    let lines = sample.lines().skip_while(|line| line.trim() != "args:").skip(1).map(str::trim);
    let lines = lines.take_while(|line| line.starts_with("- ") || line.starts_with('#'));
    lines.filter_map(|line| line.strip_prefix("- ")).collect()
}

#[test]
fn the_indexed_job_does_all_rows_and_the_other_one_merges_its_reports() {
    let sandbox = Sandbox::start("--referrals 60");
    let place = Place::beside(&sandbox);
    let settings = format!("[profile.nightly]\nbase_url = \"{}\"\nrate = \"300/s\"\n", sandbox.base_url);
    place.write("config.toml", &settings);
    place.write("nightly.csv", &sheet(&sandbox.state(), 12, &["one", "two"]));
    let start = |sample: &str, index: u32| {
        let arguments = arguments(sample).join(" ").replace("$(JOB_COMPLETION_INDEX)", &index.to_string());
        assert!(!arguments.contains('$'), "{arguments}");
        let data = place.path("").display().to_string();
        let arguments = arguments.replace("/data/", &data);
        place.start(&format!("{arguments} --config config.toml --state-dir state"))
    };
    let job = sample("indexed-job.yaml");
    let completions: u32 = value(&job, "completions").parse().unwrap();
    assert_eq!(
        (value(&job, "parallelism"), value(&job, "completionMode")),
        (completions.to_string(), "Indexed".into())
    );
    let pods: Vec<_> = (0..completions).map(|index| start(&job, index)).collect();
    let ended: Vec<_> = pods.into_iter().map(crate::stage::running::Running::end).collect();
    assert_eq!(ended.iter().map(|ended| count(&ended.json(), "applied")).sum::<u64>(), 24);
    let merged = start(&sample("merge-job.yaml"), 0).end().exits(1).json();
    assert_eq!((count(&merged, "total"), count(&merged, "applied")), (26, 24));
    assert!(place.path("nightly-report.xlsx").is_file());
}
