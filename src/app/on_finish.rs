//! `on_finish`: a command of the user's that hears how a run ended: mail, chat, a ticket.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;
use tokio::time;

use super::connect::TOKEN_VARIABLE;
use crate::shell;

/// What is shown of what a command says that failed.
const SHOWN_BYTES_MAX: usize = 2_000;
/// How long what it has written is still read once it has ended: something that it started may keep the stream open.
const DREGS: Duration = Duration::from_millis(200);

/// Why it was of no use.
#[derive(Debug, thiserror::Error)]
pub enum Useless {
    /// It could not be started.
    #[error("the command could not be run: {0}")]
    NotRun(std::io::Error),
    /// It took too long.
    #[error("the command did not end within {} s and was killed", .0.as_secs_f32())]
    TooSlow(Duration),
    /// It ended with an exit code other than 0, or was killed by a signal.
    #[error("the command {}{}", ending(*.code), in_its_words(.said))]
    Failed {
        /// The exit code, unless a signal ended it.
        code: Option<i32>,
        /// The last that it wrote to standard error.
        said: String,
    },
}

/// Gives the document to a command line, through the shell. The command gets no access token, and nothing of what it
/// prints gets among our own output.
pub fn run(line: &str, document: &Value, timeout: Duration) -> Result<(), Useless> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Useless::NotRun)?;
    let ended = runtime.block_on(async {
        let child = shell::command(line)
            .env_remove(TOKEN_VARIABLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(Useless::NotRun)?;
        let tell = tell(child, format!("{document}\n"));
        time::timeout(timeout, tell).await.unwrap_or(Err(Useless::TooSlow(timeout)))
    });
    runtime.shutdown_background();
    ended
}

async fn tell(mut child: Child, text: String) -> Result<(), Useless> {
    let (mut input, mut errors) = (child.stdin.take(), child.stderr.take());
    // A command that does not read what it is told has its reasons.
    tokio::spawn(async move {
        if let Some(input) = &mut input {
            let _ = input.write_all(text.as_bytes()).await;
        }
    });
    let mut said = Vec::new();
    let listening = async {
        let mut chunk = [0; 1024];
        while let Some(errors) = &mut errors {
            let Ok(count @ 1..) = errors.read(&mut chunk).await else { break };
            said.extend_from_slice(&chunk[..count]);
            let superfluous = said.len().saturating_sub(SHOWN_BYTES_MAX);
            said.drain(..superfluous);
        }
    };
    let mut listening = std::pin::pin!(listening);
    let status = tokio::select! {
        biased;
        status = child.wait() => {
            let _ = time::timeout(DREGS, &mut listening).await;
            status
        }
        // It has closed its stream, and goes on.
        () = &mut listening => child.wait().await,
    };
    let status = status.map_err(Useless::NotRun)?;
    match status.success() {
        true => Ok(()),
        false => Err(Useless::Failed { code: status.code(), said: String::from_utf8_lossy(&said).trim().to_owned() }),
    }
}

fn ending(code: Option<i32>) -> String {
    code.map_or_else(|| "was killed".to_owned(), |code| format!("ended with exit code {code}"))
}

fn in_its_words(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    fn check(line: &str, expected: Result<(), &str>) {
        let ended = run(line, &serde_json::json!({"exit": 0}), Duration::from_millis(500));
        assert_eq!(ended.map_err(|why| why.to_string()), expected.map_err(str::to_owned), "{line}");
    }

    #[test]
    fn the_document_is_its_input() {
        check("read -r line; test \"$line\" = '{\"exit\":0}'", Ok(()));
        check("true", Ok(()));
    }

    #[test]
    fn whatever_goes_wrong_is_told() {
        check("echo no mail today >&2; exit 3", Err("the command ended with exit code 3: no mail today"));
        check("kill -9 $$", Err("the command was killed"));
        check("exec sleep 20", Err("the command did not end within 0.5 s and was killed"));
        check("echo late >&2; exec 2>&-; exec sleep 20", Err("the command did not end within 0.5 s and was killed"));
        // Something that it leaves behind is not waited for.
        check("sleep 20 & exit 4", Err("the command ended with exit code 4"));
    }
}
