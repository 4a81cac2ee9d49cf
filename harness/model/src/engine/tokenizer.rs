//! Text to token ids and back, by the Hugging Face `tokenizers` crate.

use crate::CheckpointError;
use std::path::Path;
use tokenizers::Tokenizer;

/// A tokenizer as `tokenizer.json` describes it.
#[derive(Debug, Clone)]
pub struct TextTokenizer(Tokenizer);

impl TextTokenizer {
    /// Wraps a tokenizer.
    pub fn new(tokenizer: Tokenizer) -> TextTokenizer {
        TextTokenizer(tokenizer)
    }

    /// Reads `tokenizer.json`.
    ///
    /// # Errors
    /// The file is missing or isn't a tokenizer.
    pub fn load(path: &Path) -> Result<TextTokenizer, CheckpointError> {
        let bytes = std::fs::read(path).map_err(|e| CheckpointError::io("read", path, e))?;
        let mut tokenizer = Tokenizer::from_bytes(bytes)
            .map_err(|e| CheckpointError::Tokenizer { path: path.to_owned(), reason: e.to_string() })?;
        // Padding and truncation settings of a training script must not touch requests.
        tokenizer.with_padding(None);
        let _ = tokenizer.with_truncation(None);
        Ok(TextTokenizer(tokenizer))
    }

    /// One more than the largest id.
    pub fn vocab_size(&self) -> usize {
        self.0.get_vocab(true).values().max().map_or(0, |id| *id as usize + 1)
    }

    /// The ids of a text, special tokens as the tokenizer's own rules add them.
    ///
    /// # Errors
    /// What the tokenizer says of a text that it can't encode.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        Ok(self.0.encode(text, true).map_err(|e| e.to_string())?.get_ids().to_vec())
    }

    /// The text of some ids, special tokens left out.
    ///
    /// # Errors
    /// What the tokenizer says of ids that it can't decode.
    pub fn decode(&self, ids: &[u32]) -> Result<String, String> {
        self.0.decode(ids, true).map_err(|e| e.to_string())
    }
}
