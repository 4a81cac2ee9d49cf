//! Documents and their JSON lines.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::CorpusError;

/// What a document is, in the Phi recipe's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Raw source code.
    Code,
    /// A passage that explains.
    Textbook,
    /// A prompt with its solution.
    Exercise,
}

/// One text with where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Unique in its corpus.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The text itself.
    pub text: String,
    /// Where it came from: a path, or the generator and its concept.
    pub source: String,
}

impl Document {
    /// A hash of the text, in 32 hex digits: the first half of its BLAKE3.
    pub fn content_hash(&self) -> String {
        blake3::hash(self.text.as_bytes()).to_hex()[..32].to_owned()
    }

    /// The collection that it belongs to: what its source says before the first `/` or `:`, such as a package's name.
    pub fn origin(&self) -> &str {
        self.source.split(['/', ':']).next().unwrap_or_default()
    }
}

/// Reads JSON lines one by one. Empty lines are passed over.
///
/// # Errors
/// The file cannot be opened; later items fail with the number of the line that is not such a record.
pub fn read_jsonl<T: DeserializeOwned>(
    path: &Path,
) -> Result<impl Iterator<Item = Result<T, CorpusError>> + use<T>, CorpusError> {
    let file = File::open(path).map_err(|source| CorpusError::io("read", path, source))?;
    let path = path.to_path_buf();
    Ok(BufReader::new(file).lines().enumerate().filter_map(move |(i, line)| {
        let line = match line {
            Ok(line) => line,
            Err(source) => return Some(Err(CorpusError::io("read", &path, source))),
        };
        if line.trim().is_empty() {
            return None;
        }
        Some(serde_json::from_str(&line).map_err(|source| CorpusError::Line {
            path: path.clone(),
            line: i + 1,
            source,
        }))
    }))
}

/// Writes one JSON line a record.
///
/// # Errors
/// The file cannot be written.
pub fn write_jsonl<'a, T: Serialize + 'a>(
    path: &Path,
    records: impl IntoIterator<Item = &'a T>,
) -> Result<(), CorpusError> {
    let failed = |source| CorpusError::io("write", path, source);
    let mut out = BufWriter::new(File::create(path).map_err(failed)?);
    for record in records {
        let line = serde_json::to_string(record).map_err(|e| failed(e.into()))?;
        out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n")).map_err(failed)?;
    }
    out.flush().map_err(failed)
}
