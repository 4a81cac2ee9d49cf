//! Texts, each once, in compressed chunks.

use super::MAX_LETTERS;
use crate::{ReportError, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;

/// Bytes of texts in a chunk, about: little enough to unpack at once, enough to compress well.
const CHUNK_BYTES: usize = 256 * 1024;

/// Texts by number, each once.
pub(super) struct Texts<'a> {
    ids: HashMap<&'a str, usize>,
    texts: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    pub(super) fn new() -> Self {
        Self { ids: HashMap::new(), texts: Vec::new() }
    }

    pub(super) fn id(&mut self, text: &'a str) -> usize {
        *self.ids.entry(text).or_insert_with(|| {
            self.texts.push(text);
            self.texts.len() - 1
        })
    }

    /// The first text of each chunk, and the chunks. Questions next to each other share chunks.
    pub(super) fn into_chunks(self) -> Result<(Vec<usize>, Vec<String>)> {
        let (mut starts, mut chunks) = (Vec::new(), Vec::new());
        let mut chunk: Vec<Cow<'_, str>> = Vec::new();
        let mut bytes = 0;
        let n = self.texts.len();
        for (i, text) in self.texts.into_iter().enumerate() {
            if chunk.is_empty() {
                starts.push(i);
            }
            let text = cut(text);
            bytes += text.len();
            chunk.push(text);
            if bytes >= CHUNK_BYTES || i + 1 == n {
                chunks.push(packed(&chunk)?);
                chunk.clear();
                bytes = 0;
            }
        }
        Ok((starts, chunks))
    }
}

/// JSON under gzip and base64: letters that may stand in any element.
pub(super) fn packed(value: &impl Serialize) -> Result<String> {
    let json = serde_json::to_vec(value)?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let compressed = encoder.write_all(&json).and_then(|()| encoder.finish());
    Ok(STANDARD.encode(compressed.map_err(ReportError::Compression)?))
}

fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MAX_LETTERS) {
        Some((end, _)) => Cow::Owned(format!("{}\n… (cut)", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
