//! A token from a command of the user's: whatever prints one, such as the vault or the cloud's own tool.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncReadExt;
use tokio::process::Child;
use tokio::time;

use super::token::{Token, TokenError};
use crate::shell;

/// How long a command may take. Long enough for a tool that asks a server, short enough for a person to wait.
pub(super) const TOKEN_COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// How much a command may write. Tokens are 1 to 4 KiB.
const OUTPUT_BYTES_MAX: usize = 64 * 1024;

/// Runs a command line through the shell and takes the first line that it prints.
///
/// A command that takes too long is killed; what it has started itself may go on for a while, unheard. It gets no standard input, since nobody may be there to type. What it writes to standard error is dropped: it
/// could hold what must not be seen, and the user can run the command by hand.
pub(super) async fn ask(line: &SecretString, timeout: Duration) -> Result<Token, TokenError> {
    let child = shell::command(line.expose_secret())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(not_run)?;
    let output = time::timeout(timeout, output(child)).await.map_err(|_| TokenError::TooSlow(timeout))??;
    Token::parse(output.expose_secret().lines().next().unwrap_or_default())
}

async fn output(mut child: Child) -> Result<SecretString, TokenError> {
    let mut bytes = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let limit = OUTPUT_BYTES_MAX as u64 + 1;
        stdout.take(limit).read_to_end(&mut bytes).await.map_err(not_run)?;
    }
    if bytes.len() > OUTPUT_BYTES_MAX {
        return Err(TokenError::TooMuch { bytes_max: OUTPUT_BYTES_MAX });
    }
    let status = child.wait().await.map_err(not_run)?;
    if !status.success() {
        return Err(TokenError::Failed { code: status.code() });
    }
    String::from_utf8(bytes).map(SecretString::from).map_err(|_| TokenError::NotOneWord)
}

fn not_run(error: std::io::Error) -> TokenError {
    TokenError::NotRun(Arc::new(error))
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    async fn check(line: &str, expected: Result<&str, &str>) {
        let answer = ask(&SecretString::from(line), Duration::from_millis(500)).await;
        let expected = expected.map(|token| Token::parse(token).expect("a token")).map_err(str::to_owned);
        assert_eq!(answer.map_err(|why| why.to_string()), expected, "{line}");
    }

    #[tokio::test]
    async fn the_first_line_is_the_token() {
        check("printf 'abc\\r\\ndef\\n'", Ok("abc")).await;
        check("echo $((40 + 2)) | cat; echo noise >&2", Ok("42")).await;
    }

    #[tokio::test]
    async fn whatever_goes_wrong_is_told_without_the_output() {
        check("echo s3cret; echo s3cret >&2; exit 3", Err("the token command ended with exit code 3")).await;
        check("kill -9 $$", Err("the token command was killed")).await;
        check("true", Err("the token is empty")).await;
        check("echo; echo s3cret", Err("the token is empty")).await;
        check("echo please sign in", Err("the token is not one word of plain ASCII characters")).await;
        check("exec sleep 20", Err("the token command did not end within 0.5 s")).await;
        check("head -c 70000 /dev/zero", Err("the token command wrote more than 65536 bytes")).await;
        check("no-such-command-s3cret", Err("the token command ended with exit code 127")).await;
    }
}
