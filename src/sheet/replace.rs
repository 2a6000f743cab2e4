//! A file that is there as a whole or not at all.

use std::error::Error;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Excel locks what it has open, on Windows.
const NAMES_TRIED: u32 = 9;

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

/// Puts a file that is written in its place, or beside it as `name (2).xlsx` where the system does not let anyone
/// replace it. Returns where it is.
pub(super) fn put_in_place(mut file: NamedTempFile, path: &Path) -> Result<PathBuf, SaveError> {
    file.as_file().sync_all().map_err(|error| SaveError::new(path, error))?;
    let mut place = path.to_owned();
    for number in 2..=NAMES_TRIED {
        let Err(error) = file.persist(&place) else {
            // Not every file system can do this for a folder, and the file's content is safe already.
            if let Ok(folder) = File::open(folder(path)) {
                let _ = folder.sync_all();
            }
            return Ok(place);
        };
        let is_locked = matches!(error.error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ResourceBusy);
        if !is_locked || !place.exists() {
            return Err(SaveError::new(path, error.error));
        }
        file = error.file;
        place = numbered(path, number);
    }
    Err(SaveError::new(path, io::Error::from(io::ErrorKind::PermissionDenied)))
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem} ({number}){ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        std::fs::write(&path, "old").unwrap();
        let mut file = beside(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(put_in_place(file, &path).unwrap(), path);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let path = Path::new("/no/such/folder/report.xlsx");
        assert_eq!(beside(path).unwrap_err().to_string(), "cannot write `/no/such/folder/report.xlsx`");
    }

    #[test]
    fn other_names() {
        assert_eq!(numbered(Path::new("a/report.v1.xlsx"), 2), Path::new("a/report.v1 (2).xlsx"));
    }
}
