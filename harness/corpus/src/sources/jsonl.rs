//! JSON lines with a field `text` or `content`.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;

use super::{Loaded, MAX_FILE_BYTES, Skipped};
use crate::document::{Document, Kind};
use crate::error::CorpusError;

#[derive(Deserialize)]
struct Record {
    id: Option<serde_json::Value>,
    text: Option<String>,
    content: Option<String>,
}

pub(super) fn load(path: &Path) -> Result<Loaded, CorpusError> {
    let failed = |source| CorpusError::io("read", path, source);
    let mut reader = BufReader::new(File::open(path).map_err(failed)?);
    let mut loaded = Loaded { documents: vec![], skipped: Skipped::default() };
    let mut bytes = vec![];
    for line in 1.. {
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes).map_err(failed)? == 0 {
            break;
        }
        let Ok(text) = std::str::from_utf8(&bytes) else {
            loaded.skipped.not_utf8 += 1;
            continue;
        };
        if text.trim().is_empty() {
            continue;
        }
        let record: Record = serde_json::from_str(text).map_err(|source| CorpusError::Line {
            path: path.to_path_buf(),
            line,
            source,
        })?;
        let no_text = || CorpusError::NoText { path: path.to_path_buf(), line };
        let text = record.text.or(record.content).ok_or_else(no_text)?;
        if text.len() as u64 > MAX_FILE_BYTES {
            loaded.skipped.too_large += 1;
        } else if text.trim().is_empty() {
            loaded.skipped.empty += 1;
        } else {
            let id = match record.id {
                Some(serde_json::Value::String(id)) => id,
                Some(id) => id.to_string(),
                None => format!("line-{line}"),
            };
            let source = format!("{}:{line}", path.display());
            loaded.documents.push(Document { id, kind: Kind::Code, text, source });
        }
    }
    Ok(loaded)
}
