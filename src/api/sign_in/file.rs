//! The file that a sign-in is kept in: one for each profile and service, readable by its owner alone.
//!
//! The service is part of the name, so that trying the sandbox takes nobody's real sign-in away, and no token gets to
//! another service because a base URL was mistyped.
//!
//! It is replaced as a whole, and the lock beside it is the kernel's: it dies with its process.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use tokio::time::sleep;

use super::authority::{Authority, Tenant};
use super::claims::Claims;
use crate::api::base_url::BaseUrl;
use crate::api::token::Token;

/// The shape of the file. A reader refuses any other.
const VERSION: u32 = 1;
/// The longest file that is read.
const BYTES_MAX: u64 = 256 * 1024;
/// How much room is taken before the sign-in host is asked, so that what it gives can be kept.
const ROOM_BYTES: usize = 64 * 1024;
/// How long another process may take to renew; longer than all attempts that it makes.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(120);
/// How often it is looked at.
const LOCK_LOOK: Duration = Duration::from_millis(50);

/// Where a sign-in is kept.
#[derive(Debug, Clone)]
pub struct TokenFile {
    path: PathBuf,
    service: String,
}

/// A sign-in as it is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Where the person signed in.
    pub authority: Authority,
    /// The organisation.
    pub tenant: Tenant,
    /// The application.
    pub client_id: String,
    /// When the access token ends, by the clock of this machine.
    pub ends_at: Timestamp,
    /// How long it was good for when it was new.
    pub(in crate::api) lifetime: Duration,
    pub(in crate::api) token: Token,
    pub(super) refresh: Option<SecretString>,
}

/// Why a sign-in could not be read or kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unkept {
    /// Others could read it, so it may be known to them.
    #[error("the sign-in in `{}` is refused, because others may read that file (its mode is {mode:03o})", .path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Who may do what with it.
        mode: u32,
    },
    /// It is not what this program writes.
    #[error("the sign-in in `{}` cannot be understood: {why}", .path.display())]
    Strange {
        /// The file.
        path: PathBuf,
        /// What is strange about it.
        why: String,
    },
    /// The file system says no.
    #[error("the sign-in cannot be {what} `{}`", .path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Arc<io::Error>,
    },
    /// Another process holds it for too long.
    #[error("another process has been renewing the sign-in in `{}` for too long", .0.display())]
    Held(PathBuf),
}

/// Held by who renews.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Room on the disk for a sign-in that is about to come.
pub(super) struct Room {
    file: NamedTempFile,
}

#[derive(Serialize, Deserialize)]
struct Shape {
    version: u32,
    service: String,
    authority: String,
    tenant: String,
    client_id: String,
    ends_at: Timestamp,
    lifetime_s: u64,
    access_token: String,
    refresh_token: Option<String>,
}

impl TokenFile {
    /// The file of a profile for a service, in a folder that need not be there yet.
    pub fn of(folder: &Path, profile: &str, base_url: &BaseUrl) -> TokenFile {
        let authority = base_url.authority();
        let (host, port) = authority.rsplit_once(':').unwrap_or((&authority, ""));
        let name = format!("{}@{}_{port}.json", plain(profile, b"-_"), plain(host, b"-_."));
        TokenFile { path: folder.join(name), service: base_url.origin() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The sign-in, if there is one.
    pub fn read(&self) -> Result<Option<Kept>, Unkept> {
        let failed = |error| self.failed("read from", error);
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        self.check_mode(&file)?;
        let mut text = String::new();
        file.take(BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
        self.understood(&text).map(Some).map_err(|why| Unkept::Strange { path: self.path.clone(), why })
    }

    /// Keeps a sign-in. It is on disk when this returns.
    pub fn keep(&self, kept: &Kept) -> Result<(), Unkept> {
        self.room()?.keep(self, kept)
    }

    /// Forgets the sign-in. Whether there was one.
    pub async fn forget(&self) -> Result<bool, Unkept> {
        if !self.path.exists() {
            return Ok(false);
        }
        let _lock = self.lock().await?;
        match fs::remove_file(&self.path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.failed("deleted from", error)),
        }
    }

    /// Whether a sign-in could be kept.
    pub fn check_room(&self) -> Result<(), Unkept> {
        self.room().map(drop)
    }

    /// Waits until nobody else renews.
    pub(super) async fn lock(&self) -> Result<Lock, Unkept> {
        let failed = |error| self.failed("locked in", error);
        self.make_folder()?;
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        let file = options.open(self.path.with_extension("lock")).map_err(failed)?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(TryLockError::WouldBlock) if waited >= LOCK_WAIT_MAX => {
                    return Err(Unkept::Held(self.path.clone()));
                }
                Err(TryLockError::WouldBlock) => sleep(LOCK_LOOK).await,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            waited += LOCK_LOOK;
        }
    }

    /// Makes sure that a sign-in can be kept, before the old one is used up.
    pub(super) fn room(&self) -> Result<Room, Unkept> {
        let failed = |error| self.failed("kept in", error);
        self.make_folder()?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        // Only its owner can read it, from the first moment on.
        let mut file =
            tempfile::Builder::new().prefix(".sign-in-").suffix(".part").tempfile_in(folder).map_err(failed)?;
        file.write_all(&vec![b' '; ROOM_BYTES]).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        Ok(Room { file })
    }

    fn make_folder(&self) -> Result<(), Unkept> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let folder = self.path.parent().unwrap_or(Path::new("."));
        builder.create(folder).map_err(|error| self.failed("kept in", error))
    }

    #[cfg(unix)]
    fn check_mode(&self, file: &File) -> Result<(), Unkept> {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(|error| self.failed("read from", error))?.permissions().mode() & 0o777;
        if mode & 0o077 == 0 { Ok(()) } else { Err(Unkept::Exposed { path: self.path.clone(), mode }) }
    }

    /// The folder of the user's that it is in is what protects it there.
    #[cfg(not(unix))]
    fn check_mode(&self, _: &File) -> Result<(), Unkept> {
        Ok(())
    }

    fn understood(&self, text: &str) -> Result<Kept, String> {
        // Whatever the parser says could repeat what it has read.
        let shape: Shape = serde_json::from_str(text).map_err(|error| {
            format!("it is not what this program writes, from line {} column {}", error.line(), error.column())
        })?;
        if shape.version != VERSION {
            return Err(format!("it is of version {}, this program uses {VERSION}", shape.version));
        }
        if shape.service != self.service {
            return Err("it is for another service".to_owned());
        }
        Ok(Kept {
            authority: shape.authority.parse().map_err(|_| "its sign-in host cannot be used".to_owned())?,
            tenant: shape.tenant.parse().map_err(|_| "its tenant cannot be used".to_owned())?,
            client_id: shape.client_id,
            ends_at: shape.ends_at,
            lifetime: Duration::from_secs(shape.lifetime_s),
            token: Token::parse(&shape.access_token).map_err(|error| error.to_string())?,
            refresh: shape.refresh_token.map(SecretString::from),
        })
    }

    fn failed(&self, what: &'static str, error: io::Error) -> Unkept {
        Unkept::File { what, path: self.path.clone(), source: Arc::new(error) }
    }
}

impl Room {
    pub(super) fn keep(mut self, file: &TokenFile, kept: &Kept) -> Result<(), Unkept> {
        let failed = |error| file.failed("kept in", error);
        let text =
            SecretString::from(serde_json::to_string_pretty(&Shape::of(kept, &file.service)).expect("it is JSON"));
        let text = text.expose_secret();
        self.file.rewind().map_err(failed)?;
        self.file.write_all(text.as_bytes()).map_err(failed)?;
        self.file.as_file().set_len(text.len() as u64).map_err(failed)?;
        self.file.as_file().sync_all().map_err(failed)?;
        self.file.persist(&file.path).map_err(|error| failed(error.error))?;
        // Not every file system can do this for a folder, and the file's content is safe already.
        if let Some(Ok(folder)) = file.path.parent().map(File::open) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Kept {
    /// What the access token says of itself; nothing if it is opaque.
    pub fn claims(&self) -> Option<Claims> {
        Claims::of(self.token.expose())
    }

    /// Whether there is a refresh token.
    pub fn can_be_renewed(&self) -> bool {
        self.refresh.is_some()
    }

    /// How long the access token is still good for. A clock that was put back makes it no younger than new.
    pub(super) fn remaining(&self, now: Timestamp) -> Duration {
        let remaining = Duration::try_from(self.ends_at.duration_since(now)).unwrap_or_default();
        remaining.min(self.lifetime)
    }
}

impl Shape {
    fn of(kept: &Kept, service: &str) -> Shape {
        Shape {
            version: VERSION,
            service: service.to_owned(),
            authority: kept.authority.to_string(),
            tenant: kept.tenant.to_string(),
            client_id: kept.client_id.clone(),
            ends_at: kept.ends_at,
            lifetime_s: kept.lifetime.as_secs(),
            access_token: kept.token.expose().to_owned(),
            refresh_token: kept.refresh.as_ref().map(|token| token.expose_secret().to_owned()),
        }
    }
}

/// A name that any file system takes, and another for any other text.
fn plain(text: &str, fine: &[u8]) -> String {
    let letter = |byte: u8| match byte.is_ascii_alphanumeric() || fine.contains(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02x}"),
    };
    text.bytes().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path, profile: &str, base_url: &str) -> TokenFile {
        TokenFile::of(folder, profile, &base_url.parse().unwrap())
    }

    fn kept() -> Kept {
        Kept {
            authority: "https://login.example".parse().unwrap(),
            tenant: "contoso".parse().unwrap(),
            client_id: "an-application".to_owned(),
            ends_at: "2026-11-02T10:00:00Z".parse().unwrap(),
            lifetime: Duration::from_secs(3600),
            token: Token::parse("s3cret-access").unwrap(),
            refresh: Some(SecretString::from("s3cret-refresh")),
        }
    }

    #[test]
    fn what_is_kept_is_read_again_and_nobody_else_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(&folder.path().join("a/b"), "default", "https://example.com");
        assert!(file.read().unwrap().is_none());
        file.keep(&kept()).unwrap();
        let again = file.read().unwrap().unwrap();
        assert_eq!(
            (again.token.expose(), again.ends_at, again.lifetime),
            ("s3cret-access", kept().ends_at, kept().lifetime)
        );
        assert_eq!(again.refresh.as_ref().unwrap().expose_secret(), "s3cret-refresh");
        assert!(!format!("{again:?}").contains("s3cret"));
        let names: Vec<_> =
            fs::read_dir(folder.path().join("a/b")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["default@example.com_443.json"], "nothing is left beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(file.path()), mode(&folder.path().join("a/b"))), (0o600, 0o700));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path(), "default", "https://example.com");
        file.keep(&kept()).unwrap();
        for mode in [0o640, 0o604, 0o601] {
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(file.read(), Err(Unkept::Exposed { mode: found, .. }) if found == mode));
        }
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o400)).unwrap();
        assert!(file.read().unwrap().is_some());
    }

    #[test]
    fn what_is_not_understood_is_refused_without_being_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path(), "default", "https://example.com");
        let check = |text: &str, expected: &str| {
            let mut temporary = NamedTempFile::new_in(folder.path()).unwrap();
            temporary.write_all(text.as_bytes()).unwrap();
            temporary.persist(file.path()).unwrap();
            let error = file.read().unwrap_err().to_string();
            assert!(error.ends_with(expected) && !error.contains("s3cret"), "{error}");
        };
        let text = serde_json::to_string(&Shape::of(&kept(), &file.service)).unwrap();
        check("", "from line 1 column 0");
        check(&text.replace("\"version\":1", "\"version\":\"s3cret\""), "column 19");
        check(&text.replace("\"version\":1", "\"version\":2"), "it is of version 2, this program uses 1");
        check(&text.replace("https://example.com", "https://other.example"), "it is for another service");
        check(&text.replace("https://login", "http://login"), "its sign-in host cannot be used");
    }

    #[test]
    fn profiles_and_services_never_share_a_file() {
        let path = |profile: &str, base_url: &str| file(Path::new("folder"), profile, base_url).path().to_owned();
        let paths = [
            path("default", "https://example.com"),
            path("default", "https://example.com:444"),
            path("default", "http://127.0.0.1:8089"),
            path("a b", "https://example.com"),
            path("a-b", "https://example.com"),
            path("a%20b", "https://example.com"),
            path("../a", "https://example.com"),
        ];
        let different: std::collections::HashSet<_> = paths.iter().collect();
        assert_eq!(different.len(), paths.len());
        assert!(paths.iter().all(|path| path.parent() == Some(Path::new("folder"))), "{paths:?}");
    }

    #[test]
    fn a_clock_that_was_put_back_makes_no_token_younger() {
        let remaining = |now: &str| kept().remaining(now.parse().unwrap()).as_secs();
        assert_eq!(remaining("2026-11-02T09:59:00Z"), 60);
        assert_eq!(remaining("2026-11-02T11:00:00Z"), 0);
        assert_eq!(remaining("2020-01-01T00:00:00Z"), 3600);
    }

    #[tokio::test(start_paused = true)]
    async fn one_process_renews_while_the_others_wait() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path(), "default", "https://example.com");
        let lock = file.lock().await.unwrap();
        let waiting = tokio::time::timeout(Duration::from_secs(1), file.lock()).await;
        assert!(waiting.is_err());
        assert!(matches!(file.lock().await, Err(Unkept::Held(_))));
        drop(lock);
        file.lock().await.unwrap();
    }
}
