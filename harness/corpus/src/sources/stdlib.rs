//! The Python standard library, embedded.
//!
//! The sources come from the crate rustpython-pylib (a copy of CPython's `Lib`), under the Python Software Foundation
//! License, which allows redistribution with its notice; the notice is in the crate's `Lib/PSF-LICENSE`. Test suites,
//! codec tables, `pydoc_data` and `idlelib` are left out when the program is built.

use crate::document::{Document, Kind};
use crate::error::CorpusError;

static ARCHIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/stdlib.zst"));

/// The embedded sources, ordered by path.
///
/// # Errors
/// [`CorpusError::Embedded`] where the archive is damaged, which only a broken build can bring about.
pub fn stdlib_sources() -> Result<Vec<Document>, CorpusError> {
    let raw = zstd::decode_all(ARCHIVE).map_err(|e| CorpusError::Embedded(e.to_string()))?;
    let text = String::from_utf8(raw).map_err(|e| CorpusError::Embedded(e.to_string()))?;
    let mut rest = text.as_str();
    let mut out = vec![];
    while !rest.is_empty() {
        let entry = (|| {
            let (name, after) = rest.split_once('\n')?;
            let (len, after) = after.split_once('\n')?;
            let len: usize = len.parse().ok()?;
            Some((name, after.get(..len)?, after.get(len..)?))
        })();
        let (name, body, after) = entry.ok_or_else(|| CorpusError::Embedded("an entry is cut short".into()))?;
        if !body.trim().is_empty() {
            out.push(Document {
                id: format!("stdlib/{name}"),
                kind: Kind::Code,
                text: body.to_string(),
                source: format!("python-stdlib/{name}"),
            });
        }
        rest = after;
    }
    Ok(out)
}
