//! A file of JSON lines that appears whole or not at all.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::documents::part_path;
use crate::error::CorpusError;

/// Records that are written one a line.
#[derive(Debug)]
pub struct JsonLog {
    path: PathBuf,
    out: BufWriter<File>,
}

impl JsonLog {
    /// Begins a file, under another name until [`finish`](Self::finish).
    ///
    /// # Errors
    /// It can't be made.
    pub fn create(path: &Path) -> Result<JsonLog, CorpusError> {
        let out = File::create(part_path(path)).map_err(|source| CorpusError::io("write", path, source))?;
        Ok(JsonLog { path: path.to_path_buf(), out: BufWriter::new(out) })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(&mut self, record: &impl Serialize) -> Result<(), CorpusError> {
        let failed = |source| CorpusError::io("write", &self.path, source);
        serde_json::to_writer(&mut self.out, record).map_err(|e| failed(e.into()))?;
        self.out.write_all(b"\n").map_err(failed)
    }

    /// Gives the file its name, and returns it.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn finish(self) -> Result<PathBuf, CorpusError> {
        let failed = |source| CorpusError::io("write", &self.path, source);
        let file = self.out.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(part_path(&self.path), &self.path).map_err(failed)?;
        Ok(self.path)
    }
}
