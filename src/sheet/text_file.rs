//! Plain text, line by line, there as a whole or not at all.

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::replace::{self, SaveError};

/// A text file being written. It appears under its name when it is saved; dropped before, it leaves nothing.
pub struct TextFile {
    path: PathBuf,
    output: BufWriter<NamedTempFile>,
}

impl TextFile {
    /// Begins an empty file.
    pub fn create(path: &Path) -> Result<TextFile, SaveError> {
        Ok(TextFile { path: path.to_owned(), output: BufWriter::new(replace::beside(path)?) })
    }

    /// Adds a line; the line feed is added here.
    pub fn line(&mut self, text: &str) -> Result<(), SaveError> {
        let written = self.output.write_all(text.as_bytes()).and_then(|()| self.output.write_all(b"\n"));
        written.map_err(|error| SaveError::new(&self.path, error))
    }

    /// Puts the file under its name, or under `name (2)` if that is locked. Returns where it is.
    pub fn save(self) -> Result<PathBuf, SaveError> {
        let file = self.output.into_inner().map_err(|error| SaveError::new(&self.path, error.into_error()))?;
        replace::put_in_place(file, &self.path)
    }
}
