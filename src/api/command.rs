//! A secret from a command of the user's: whatever prints one, such as the vault or the cloud's own tool.

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncReadExt;
use tokio::process::Child;
use tokio::time;

use crate::shell;

/// How long a command may take. Long enough for a tool that asks a server, short enough for a person to wait.
pub(super) const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// How much a command may write. Tokens are 1 to 4 KiB.
const OUTPUT_BYTES_MAX: usize = 64 * 1024;

/// Why a command gave nothing, told as what it did: "ended with exit code 3". Never holds its output, nor the command.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommandError {
    /// It could not be started.
    #[error("could not be run: {0}")]
    NotRun(Arc<io::Error>),
    /// It ended with an exit code other than 0, or was killed by a signal.
    #[error("{}", ending(*.code))]
    Failed {
        /// The exit code, unless a signal ended it.
        code: Option<i32>,
    },
    /// It took too long.
    #[error("did not end within {} s", .0.as_secs_f32())]
    TooSlow(Duration),
    /// It wrote without end.
    #[error("wrote more than {bytes_max} bytes")]
    TooMuch {
        /// How much would have been read.
        bytes_max: usize,
    },
    /// It wrote something that is not text.
    #[error("wrote something that is not text")]
    NotText,
    /// It wrote nothing, or an empty first line.
    #[error("printed nothing")]
    Silent,
}

/// Runs a command line through the shell and takes the first line that it prints.
///
/// A command that takes too long is killed; what it has started itself may go on for a while, unheard. It gets no
/// standard input, since nobody may be there to type. What it writes to standard error is dropped: it could hold what
/// must not be seen, and the user can run the command by hand.
pub(super) async fn first_line(line: &SecretString, timeout: Duration) -> Result<SecretString, CommandError> {
    let child = shell::command(line.expose_secret())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(not_run)?;
    let output = time::timeout(timeout, output(child)).await.map_err(|_| CommandError::TooSlow(timeout))??;
    Ok(SecretString::from(output.expose_secret().lines().next().unwrap_or_default()))
}

async fn output(mut child: Child) -> Result<SecretString, CommandError> {
    let mut bytes = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let limit = OUTPUT_BYTES_MAX as u64 + 1;
        stdout.take(limit).read_to_end(&mut bytes).await.map_err(not_run)?;
    }
    if bytes.len() > OUTPUT_BYTES_MAX {
        return Err(CommandError::TooMuch { bytes_max: OUTPUT_BYTES_MAX });
    }
    let status = child.wait().await.map_err(not_run)?;
    if !status.success() {
        return Err(CommandError::Failed { code: status.code() });
    }
    String::from_utf8(bytes).map(SecretString::from).map_err(|_| CommandError::NotText)
}

fn not_run(error: io::Error) -> CommandError {
    CommandError::NotRun(Arc::new(error))
}

fn ending(code: Option<i32>) -> String {
    code.map_or_else(|| "was killed".to_owned(), |code| format!("ended with exit code {code}"))
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    async fn check(line: &str, expected: Result<&str, &str>) {
        let answer = first_line(&SecretString::from(line), Duration::from_millis(500)).await;
        let answer = answer.map(|line| line.expose_secret().to_owned()).map_err(|why| why.to_string());
        assert_eq!(answer, expected.map(str::to_owned).map_err(str::to_owned), "{line}");
    }

    #[tokio::test]
    async fn the_first_line_is_taken() {
        check("printf 'abc\\r\\ndef\\n'", Ok("abc")).await;
        check("echo $((40 + 2)) | cat; echo noise >&2", Ok("42")).await;
        check("true", Ok("")).await;
        check("echo; echo s3cret", Ok("")).await;
    }

    #[tokio::test]
    async fn whatever_goes_wrong_is_told_without_the_output() {
        check("echo s3cret; echo s3cret >&2; exit 3", Err("ended with exit code 3")).await;
        check("kill -9 $$", Err("was killed")).await;
        check("exec sleep 20", Err("did not end within 0.5 s")).await;
        check("head -c 70000 /dev/zero", Err("wrote more than 65536 bytes")).await;
        check("printf '\\377'", Err("wrote something that is not text")).await;
        check("no-such-command-s3cret", Err("ended with exit code 127")).await;
    }
}
