//! Python files below a folder.

use std::path::{Path, PathBuf};

use super::{Loaded, MAX_FILE_BYTES, Skipped};
use crate::document::{Document, Kind};
use crate::error::CorpusError;

pub(super) fn load(root: &Path) -> Result<Loaded, CorpusError> {
    let mut files = vec![];
    walk(root, &mut files)?;
    files.sort();
    let mut loaded = Loaded { documents: vec![], skipped: Skipped::default() };
    for path in files {
        let failed = |source| CorpusError::io("read", &path, source);
        if std::fs::metadata(&path).map_err(failed)?.len() > MAX_FILE_BYTES {
            loaded.skipped.too_large += 1;
            continue;
        }
        let Ok(text) = String::from_utf8(std::fs::read(&path).map_err(failed)?) else {
            loaded.skipped.not_utf8 += 1;
            continue;
        };
        if text.trim().is_empty() {
            loaded.skipped.empty += 1;
            continue;
        }
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        loaded.documents.push(Document { id: name.clone(), kind: Kind::Code, text, source: name });
    }
    Ok(loaded)
}

/// Links are not followed, so that a circle of them cannot trap the walk; hidden folders hold no sources.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CorpusError> {
    let failed = |source| CorpusError::io("read", folder, source);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let file_type = entry.file_type().map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if file_type.is_dir() && !name.starts_with('.') && name != "__pycache__" {
            walk(&entry.path(), files)?;
        } else if file_type.is_file() && name.ends_with(".py") {
            files.push(entry.path());
        }
    }
    Ok(())
}
