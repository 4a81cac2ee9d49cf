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
        TextTokenizer::of_json(&bytes).map_err(|reason| CheckpointError::Tokenizer { path: path.to_owned(), reason })
    }

    /// A tokenizer out of the text of a `tokenizer.json`.
    pub(super) fn of_json(json: &[u8]) -> Result<TextTokenizer, String> {
        let mut tokenizer = Tokenizer::from_bytes(json).map_err(|e| e.to_string())?;
        // Padding and truncation settings of a training script must not touch requests.
        tokenizer.with_padding(None);
        let _ = tokenizer.with_truncation(None);
        Ok(TextTokenizer(tokenizer))
    }

    /// One more than the largest id.
    pub fn vocab_size(&self) -> usize {
        self.0.get_vocab(true).values().max().map_or(0, |id| *id as usize + 1)
    }

    /// The id of a token by its text.
    pub fn token_id(&self, token: &str) -> Option<u32> {
        self.0.token_to_id(token)
    }

    /// The text of a token by its id.
    pub fn token_text(&self, id: u32) -> Option<String> {
        self.0.id_to_token(id)
    }

    /// The ids of a text, special tokens as the tokenizer's own rules add them.
    ///
    /// # Errors
    /// What the tokenizer says of a text that it can't encode.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        self.ids(text, true)
    }

    /// The ids of a text alone, without special tokens around it.
    ///
    /// # Errors
    /// What the tokenizer says of a text that it can't encode.
    pub fn encode_plain(&self, text: &str) -> Result<Vec<u32>, String> {
        self.ids(text, false)
    }

    fn ids(&self, text: &str, special: bool) -> Result<Vec<u32>, String> {
        Ok(self.0.encode(text, special).map_err(|e| e.to_string())?.get_ids().to_vec())
    }

    /// The text of some ids, special tokens left out.
    ///
    /// # Errors
    /// What the tokenizer says of ids that it can't decode.
    pub fn decode(&self, ids: &[u32]) -> Result<String, String> {
        self.0.decode(ids, true).map_err(|e| e.to_string())
    }

    /// The tokenizer as JSON, for hashing.
    pub(crate) fn to_json(&self) -> String {
        self.0.to_string(false).unwrap_or_default()
    }
}
