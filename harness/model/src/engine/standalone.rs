//! A tokenizer without its model, for a model that a server runs.

use super::TextTokenizer;
use super::special_tokens::SpecialTokens;
use crate::CheckpointError;
use crate::architecture::ConfigJson;
use std::path::Path;

/// A tokenizer, and the token that stands before a text without context.
#[derive(Debug, Clone)]
pub struct StandaloneTokenizer {
    /// The tokenizer.
    pub tokenizer: TextTokenizer,
    /// BOS, else EOS.
    pub prefix: u32,
}

impl StandaloneTokenizer {
    /// Reads a `tokenizer.json`, or a folder that holds one, and the special tokens of the files beside it.
    ///
    /// # Errors
    /// The file is missing or isn't a tokenizer, or no special token is named.
    pub fn load(path: &Path) -> Result<StandaloneTokenizer, CheckpointError> {
        let file = if path.is_dir() { path.join("tokenizer.json") } else { path.to_owned() };
        let folder = file.parent().unwrap_or(Path::new("."));
        let tokenizer = TextTokenizer::load(&file)?;
        let config = folder.join("config.json");
        let config = if config.exists() { ConfigJson::load(&config)? } else { ConfigJson::of(serde_json::Value::Null) };
        let special = SpecialTokens::of_folder(folder, &config, &tokenizer, usize::MAX)?;
        let prefix = special.prefix.ok_or_else(|| CheckpointError::Tokenizer {
            path: file,
            reason: "neither tokenizer_config.json nor config.json beside it names a bos_token or eos_token".to_owned(),
        })?;
        Ok(StandaloneTokenizer { tokenizer, prefix })
    }
}
