//! Opening a model from disk: a folder in the Hugging Face layout, or a GGUF file.

use super::content::Content;
use super::conversation::{Conversation, Embedded};
use super::gguf_tokenizer;
use super::special_tokens::{NamedTokens, SpecialTokens};
use super::{Engine, EngineOptions, TextTokenizer};
use crate::CheckpointError;
use crate::architecture::{ConfigJson, describe, describe_gguf};
use crate::infer::Network;
use crate::weights::{GgufFile, GgufValue, open_folder};
use serde_json::Map;
use std::path::Path;

impl Engine {
    /// [`Engine::open`] with the usual options.
    ///
    /// # Errors
    /// As there.
    pub fn load(path: &Path, threads: usize) -> Result<Engine, CheckpointError> {
        Engine::open(path, EngineOptions::with_threads(threads))
    }

    /// Opens a folder (`config.json`, `tokenizer.json`, and `model.safetensors` or its shards and their index) or a
    /// `.gguf` file. Weights are mapped, not read: a large model opens at once.
    ///
    /// # Errors
    /// A file is missing or broken, the model is of a kind that can't be run, the configuration and the weights disagree,
    /// or the tokenizer has ids that the model has not.
    pub fn open(path: &Path, options: EngineOptions) -> Result<Engine, CheckpointError> {
        if path.is_file() && path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gguf")) {
            Engine::open_gguf(path, options)
        } else {
            Engine::open_folder(path, options)
        }
    }

    fn open_folder(dir: &Path, options: EngineOptions) -> Result<Engine, CheckpointError> {
        let config_path = dir.join("config.json");
        let config = ConfigJson::load(&config_path)?;
        let architecture =
            describe(&config).map_err(|reason| CheckpointError::Config { path: config_path.clone(), reason })?;
        let vocab_size = architecture.vocab_size;
        let tokenizer_path = dir.join("tokenizer.json");
        let tokenizer = fitting(TextTokenizer::load(&tokenizer_path)?, &tokenizer_path, vocab_size)?;
        let special = SpecialTokens::of_folder(dir, &config, &tokenizer, vocab_size)?;
        let weights = open_folder(dir)?;
        let mut files = vec![config_path, tokenizer_path];
        files.extend(["tokenizer_config.json", "generation_config.json"].map(|name| dir.join(name)));
        files.extend(weights.files());
        let network = Network::build(architecture, &weights, options.dtype)?;
        let engine = Engine::assemble(name_of(dir), network, tokenizer, special, Content::Files(files), options);
        Ok(Engine { conversation: Conversation::of_folder(dir), ..engine })
    }

    fn open_gguf(path: &Path, options: EngineOptions) -> Result<Engine, CheckpointError> {
        let file = GgufFile::open(path)?;
        let config = |reason: String| CheckpointError::Config { path: path.to_owned(), reason };
        let architecture = describe_gguf(&file).map_err(config)?;
        let vocab_size = architecture.vocab_size;
        let beside = path.with_file_name("tokenizer.json");
        let mut files = vec![path.to_owned()];
        let tokenizer = if beside.exists() {
            files.push(beside.clone());
            fitting(TextTokenizer::load(&beside)?, &beside, vocab_size)?
        } else {
            let embedded = gguf_tokenizer::of_file(&file)
                .map_err(|reason| CheckpointError::Tokenizer { path: path.to_owned(), reason })?;
            fitting(embedded, path, vocab_size)?
        };
        let token = |key: &str| match file.size(key) {
            Ok(Some(id)) if id >= vocab_size => {
                Err(config(format!("{key} is {id}; it lies outside the vocabulary of {vocab_size}")))
            }
            other => other.map(|id| id.map(|id| id as u32)).map_err(config),
        };
        let [bos, eos, eot] = [
            token("tokenizer.ggml.bos_token_id")?,
            token("tokenizer.ggml.eos_token_id")?,
            token("tokenizer.ggml.eot_token_id")?,
        ];
        let pad = token("tokenizer.ggml.padding_token_id")?.or(token("tokenizer.ggml.unknown_token_id")?).or(eos);
        let named = NamedTokens { bos, eos, pad };
        let ends = eos.into_iter().chain(eot).collect();
        let special = SpecialTokens { named, ..SpecialTokens::new(bos.or(eos), ends, &tokenizer) };
        let network = Network::build(architecture, &file, options.dtype)?;
        let conversation = Conversation::of_gguf(path, embedded_template(&file, path).map_err(config)?);
        let engine = Engine::assemble(name_of(path), network, tokenizer, special, Content::Files(files), options);
        Ok(Engine { conversation, ..engine })
    }
}

/// The chat template inside a GGUF file, and its special tokens' texts.
fn embedded_template(file: &GgufFile, path: &Path) -> Result<Option<Embedded>, String> {
    let Some(source) = file.text("tokenizer.chat_template")? else { return Ok(None) };
    let mut tokens = Map::new();
    if let Some(GgufValue::List(texts)) = file.get("tokenizer.ggml.tokens") {
        for (name, key) in
            [("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"), ("pad_token", "padding")]
        {
            let id = file.size(&format!("tokenizer.ggml.{key}_token_id"))?;
            if let Some(GgufValue::Text(text)) = id.and_then(|id| texts.get(id)) {
                tokens.insert(name.to_owned(), text.as_str().into());
            }
        }
    }
    Ok(Some(Embedded { path: path.to_owned(), source: source.to_owned(), tokens }))
}

/// A tokenizer whose ids the model has.
fn fitting(tokenizer: TextTokenizer, path: &Path, vocab_size: usize) -> Result<TextTokenizer, CheckpointError> {
    if tokenizer.vocab_size() > vocab_size {
        let reason = format!("it has {} entries, the model's vocabulary {vocab_size}", tokenizer.vocab_size());
        return Err(CheckpointError::Tokenizer { path: path.to_owned(), reason });
    }
    Ok(tokenizer)
}

/// The last part of a path.
fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
