//! Metrics about the last run, in the text format of Prometheus, for the textfile collector of its node exporter.
//!
//! All of them are gauges, since each run begins anew: what a counter would add up is in the time series.

use std::fmt::Write;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use jiff::Timestamp;

use crate::console::Summary;
use crate::domain::outcome::Outcome;

/// The end of a run that a failure of the program prevented has no summary.
pub struct Last<'a> {
    /// The profile's name.
    pub profile: &'a str,
    /// How the rows ended.
    pub summary: Option<&'a Summary>,
    /// What the shell sees.
    pub code: u8,
    /// When it was over.
    pub ended: Timestamp,
}

/// When a run last did all that it should; kept from file to file, so that an alarm can be set on it.
const LAST_SUCCESS: &str = "refsheet_last_success_timestamp_seconds";

/// Writes the file as a whole: whoever reads it meanwhile reads the last one.
pub fn write(path: &Path, last: &Last<'_>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let earlier = fs::read_to_string(path).ok().and_then(|text| last_success(&text, last.profile));
    let mut builder = tempfile::Builder::new();
    // The collector reads what ends in `.prom`.
    builder.prefix(".refsheet-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text(last, earlier.as_deref()).as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn text(last: &Last<'_>, earlier: Option<&str>) -> String {
    let profile = format!("profile=\"{}\"", escaped(last.profile));
    let ended = seconds(last.ended);
    let is_success = last.code == 0;
    let mut text = String::new();
    let mut family = |name: &str, help: &str, samples: &[(String, String)]| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in samples {
            let _ = writeln!(text, "{name}{{{labels}}} {value}");
        }
    };
    let one = |value: String| vec![(profile.clone(), value)];
    family(
        "refsheet_last_run_timestamp_seconds",
        "When the last run was over, in seconds since 1970.",
        &one(ended.clone()),
    );
    family(
        "refsheet_last_run_success",
        "Whether the last run did all that it should (exit code 0): 1, or 0.",
        &one(u8::from(is_success).to_string()),
    );
    family("refsheet_last_run_exit_code", "The exit code of the last run.", &one(last.code.to_string()));
    if let Some(success) = if is_success { Some(ended.as_str()) } else { earlier } {
        family(
            LAST_SUCCESS,
            "When a run last did all that it should, in seconds since 1970.",
            &one(success.to_owned()),
        );
    }
    let Some(summary) = last.summary else { return text };
    family(
        "refsheet_last_run_duration_seconds",
        "How long the last run worked.",
        &one(summary.took.as_secs_f64().to_string()),
    );
    let rows = Outcome::ALL.map(|outcome| {
        let outcome_label = outcome.word().replace(' ', "_");
        (format!("{profile},outcome=\"{outcome_label}\""), summary.tally[outcome].to_string())
    });
    family("refsheet_last_run_rows", "Rows of the last run, by how they ended.", &rows);
    let requests = &summary.requests;
    let kinds = [("read", requests.reads), ("write", requests.writes)];
    let kinds = kinds.map(|(kind, count)| (format!("{profile},kind=\"{kind}\""), count.to_string()));
    family("refsheet_last_run_requests", "Requests that the last run sent, repetitions included.", &kinds);
    family(
        "refsheet_last_run_requests_retried",
        "Requests among them that were repetitions.",
        &one(requests.retried.to_string()),
    );
    family(
        "refsheet_last_run_requests_throttled",
        "Requests among them that the service put off (429).",
        &one(requests.throttled.to_string()),
    );
    text
}

/// The value in an earlier file.
fn last_success(text: &str, profile: &str) -> Option<String> {
    let start = format!("{LAST_SUCCESS}{{profile=\"{}\"}} ", escaped(profile));
    let value = text.lines().find_map(|line| line.strip_prefix(&start))?;
    value.parse::<f64>().ok().map(|_| value.to_owned())
}

fn seconds(moment: Timestamp) -> String {
    let milliseconds = moment.as_millisecond();
    format!("{}.{:03}", milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000))
}

/// A text as it stands between the quotes of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_when_it_last_went_well() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("refsheet.prom");
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let last = |code, second| Last { profile: "a\"b\\c\nd", summary: None, code, ended: at(second) };
        write(&path, &last(0, 100)).unwrap();
        write(&path, &last(5, 200)).unwrap();
        insta::assert_snapshot!(fs::read_to_string(&path).unwrap(), @r#"
        # HELP refsheet_last_run_timestamp_seconds When the last run was over, in seconds since 1970.
        # TYPE refsheet_last_run_timestamp_seconds gauge
        refsheet_last_run_timestamp_seconds{profile="a\"b\\c\nd"} 200.000
        # HELP refsheet_last_run_success Whether the last run did all that it should (exit code 0): 1, or 0.
        # TYPE refsheet_last_run_success gauge
        refsheet_last_run_success{profile="a\"b\\c\nd"} 0
        # HELP refsheet_last_run_exit_code The exit code of the last run.
        # TYPE refsheet_last_run_exit_code gauge
        refsheet_last_run_exit_code{profile="a\"b\\c\nd"} 5
        # HELP refsheet_last_success_timestamp_seconds When a run last did all that it should, in seconds since 1970.
        # TYPE refsheet_last_success_timestamp_seconds gauge
        refsheet_last_success_timestamp_seconds{profile="a\"b\\c\nd"} 100.000
        "#);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
