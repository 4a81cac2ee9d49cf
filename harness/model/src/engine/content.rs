//! What a model's answers depend on, as a hash.

use crate::DtypeChoice;
use std::path::PathBuf;

/// Changes whenever the same weights may give other answers.
const REVISION: &str = "engine 1";

/// Where a model came from.
#[derive(Debug)]
pub(super) enum Content {
    /// Files, in a fixed order; one that isn't there counts as such.
    Files(Vec<PathBuf>),
    /// A hash of a model in memory.
    Hash(String),
}

impl Content {
    /// A hash of all bytes that decide the answers; none where a file can't be read any more.
    pub(super) fn hash(&self, dtype: DtypeChoice) -> Option<String> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(REVISION.as_bytes());
        hasher.update(dtype.name().as_bytes());
        match self {
            Content::Hash(hash) => {
                hasher.update(hash.as_bytes());
            }
            Content::Files(files) => {
                for path in files {
                    match std::fs::File::open(path) {
                        Ok(file) => {
                            let len = file.metadata().ok()?.len();
                            hasher.update(&len.to_le_bytes());
                            hasher.update_reader(file).ok()?;
                        }
                        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                            hasher.update(b"absent");
                        }
                        Err(_) => return None,
                    }
                }
            }
        }
        Some(hasher.finalize().to_hex().to_string())
    }
}
