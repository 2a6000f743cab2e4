//! The secret of the application, where it has one. It is read anew each time, so that it can be replaced meanwhile.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::error::SignInError;
use crate::api::command::{self, COMMAND_TIMEOUT};

/// The longest file that is read. Secrets have some 40 characters.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Where the secret of the application is.
#[derive(Debug, Clone)]
pub enum ClientSecret {
    /// It has none: a public client.
    None,
    /// In a file, as its first line.
    File(PathBuf),
    /// The first line that a command prints.
    Command(SecretString),
}

impl ClientSecret {
    pub(super) async fn read(&self) -> Result<Option<SecretString>, SignInError> {
        let secret = match self {
            ClientSecret::None => return Ok(None),
            ClientSecret::File(path) => {
                from_file(path).map_err(|why| SignInError::SecretFile { path: path.display().to_string(), why })?
            }
            ClientSecret::Command(line) => {
                let secret = command::first_line(line, COMMAND_TIMEOUT).await.map_err(SignInError::SecretCommand)?;
                if secret.expose_secret().trim().is_empty() {
                    return Err(SignInError::SecretCommand(command::CommandError::Silent));
                }
                secret
            }
        };
        Ok(Some(SecretString::from(secret.expose_secret().trim())))
    }
}

fn from_file(path: &PathBuf) -> Result<SecretString, String> {
    let mut text = String::new();
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    File::open(path).map_err(unreadable)?.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(unreadable)?;
    let line = text.lines().next().unwrap_or_default();
    if line.trim().is_empty() { Err("has no first line".to_owned()) } else { Ok(SecretString::from(line)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_line_of_a_file_is_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let read = || async { ClientSecret::File(path.clone()).read().await.map_err(|error| error.to_string()) };
        assert!(read().await.unwrap_err().contains("cannot be read"));
        std::fs::write(&path, "\n").unwrap();
        assert!(read().await.unwrap_err().contains("has no first line"));
        std::fs::write(&path, " s3cret \r\nnoise").unwrap();
        assert_eq!(read().await.unwrap().unwrap().expose_secret(), "s3cret");
    }
}
