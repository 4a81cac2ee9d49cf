//! What a file holds, by its name.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::error::CorpusError;

/// How the documents of a file are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    JsonLines(Compression),
    /// Rows with a column of text.
    Parquet,
    /// The file is one document.
    Python,
}

/// How a file of lines is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, by the ending `.gz`.
    Gzip,
    /// Zstandard, by the ending `.zst`.
    Zstd,
}

impl Format {
    /// By the file's ending; `None` where it is none of ours.
    pub fn of(path: &Path) -> Option<Format> {
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        let is_lines = |name: &str| [".jsonl", ".json", ".ndjson"].iter().any(|ending| name.ends_with(ending));
        if let Some(inner) = name.strip_suffix(".gz") {
            return is_lines(inner).then_some(Format::JsonLines(Compression::Gzip));
        }
        if let Some(inner) = name.strip_suffix(".zst") {
            return is_lines(inner).then_some(Format::JsonLines(Compression::Zstd));
        }
        match name {
            name if is_lines(&name) => Some(Format::JsonLines(Compression::None)),
            name if name.ends_with(".parquet") => Some(Format::Parquet),
            name if name.ends_with(".py") => Some(Format::Python),
            _ => None,
        }
    }
}

impl Compression {
    pub(super) fn open(self, path: &Path) -> Result<Box<dyn BufRead + Send>, CorpusError> {
        const BUFFER: usize = 1 << 18;
        let failed = |source| CorpusError::io("read", path, source);
        let file = BufReader::with_capacity(BUFFER, File::open(path).map_err(failed)?);
        Ok(match self {
            Compression::None => Box::new(file),
            Compression::Gzip => Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(file))),
            Compression::Zstd => {
                let decoder = zstd::Decoder::with_buffer(file).map_err(failed)?;
                Box::new(BufReader::with_capacity(BUFFER, decoder))
            }
        })
    }
}

/// Where a file is written before it is renamed to its own name: beside it, so that the renaming can't fail half-way.
pub fn part_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    path.with_file_name(name)
}
