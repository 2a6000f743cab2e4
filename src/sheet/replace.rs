//! A file that is there as a whole or not at all.

use std::error::Error;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that could not be written. What stood in its place is still there.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`", .path.display())]
pub struct SaveError {
    /// The file that was to be written.
    pub path: PathBuf,
    /// Why not.
    pub source: Box<dyn Error + Send + Sync>,
}

impl SaveError {
    pub(super) fn new(path: &Path, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        SaveError { path: path.to_owned(), source: source.into() }
    }

    /// Whether the system refused, as Windows does while Excel has the file open. Another name may work.
    pub fn is_refused(&self) -> bool {
        let error = self.source.downcast_ref::<io::Error>();
        error.is_some_and(|error| matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ResourceBusy))
    }
}

/// The folder that a file is in.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

/// A new file beside the one to be written.
pub(super) fn beside(path: &Path) -> Result<NamedTempFile, SaveError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".refsheet-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any other program would create it: the umask takes away what it must.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder(path)).map_err(|error| SaveError::new(path, error))
}

/// Puts a file that is written in its place.
pub(super) fn put_in_place(file: NamedTempFile, path: &Path) -> Result<(), SaveError> {
    let refused = |error: io::Error| SaveError::new(path, error);
    file.as_file().sync_all().map_err(refused)?;
    file.persist(path).map_err(|error| refused(error.error))?;
    // Not every file system can do this for a folder, and the file's content is safe already.
    if let Ok(folder) = File::open(folder(path)) {
        let _ = folder.sync_all();
    }
    Ok(())
}
