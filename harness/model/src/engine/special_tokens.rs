//! Which tokens begin and end a text.
//!
//! As lm-evaluation-harness has it: the prefix token, which stands before a text without context, is the tokenizer's
//! BOS, else its EOS. A completion ends at any end token that the tokenizer, `config.json` or `generation_config.json`
//! (which may list several) names.

use super::TextTokenizer;
use crate::CheckpointError;
use crate::architecture::ConfigJson;
use std::path::Path;

/// The special tokens of one model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SpecialTokens {
    /// Stands before a text without context.
    pub prefix: Option<u32>,
    /// The prefix token's text: a request that begins with it gets no special tokens.
    pub prefix_text: Option<String>,
    /// End a completion. Sorted.
    pub ends: Vec<u32>,
    /// The tokenizer's own, for result files.
    pub named: NamedTokens,
}

/// Special tokens by their names in `tokenizer_config.json`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct NamedTokens {
    pub bos: Option<u32>,
    pub eos: Option<u32>,
    /// As lm-evaluation-harness has it: without one of its own, the token for what is unknown, or else the EOS.
    pub pad: Option<u32>,
}

impl SpecialTokens {
    /// One token that begins and ends texts.
    pub(super) fn one(id: u32, tokenizer: &TextTokenizer) -> SpecialTokens {
        SpecialTokens::new(Some(id), vec![id], tokenizer)
    }

    /// The tokens by their ids.
    pub(super) fn new(prefix: Option<u32>, mut ends: Vec<u32>, tokenizer: &TextTokenizer) -> SpecialTokens {
        ends.sort_unstable();
        ends.dedup();
        let prefix_text = prefix.and_then(|id| tokenizer.token_text(id));
        SpecialTokens { prefix, prefix_text, ends, named: NamedTokens::default() }
    }

    /// Reads a folder's files; `config` is its `config.json`.
    ///
    /// # Errors
    /// A file isn't what it should be, or a token lies outside the vocabulary.
    pub(super) fn of_folder(
        dir: &Path,
        config: &ConfigJson,
        tokenizer: &TextTokenizer,
        vocab_size: usize,
    ) -> Result<SpecialTokens, CheckpointError> {
        let optional = |name: &str| -> Result<Option<ConfigJson>, CheckpointError> {
            let path = dir.join(name);
            if path.exists() { ConfigJson::load(&path).map(Some) } else { Ok(None) }
        };
        let ids = |config: &ConfigJson, file: &str, name: &str| {
            let wrong = |reason: String| CheckpointError::Config { path: dir.join(file), reason };
            let ids = config.token_ids(name).map_err(wrong)?;
            match ids.iter().find(|id| **id as usize >= vocab_size) {
                Some(id) => Err(wrong(format!("{name} {id} lies outside the vocabulary of {vocab_size}"))),
                None => Ok(ids),
            }
        };
        let own = optional("tokenizer_config.json")?;
        let named = |name: &str| own.as_ref().and_then(|c| tokenizer.token_id(&token_text(c, name)?));
        let (bos, eos) = (named("bos_token"), named("eos_token"));
        let pad = named("pad_token").or(named("unk_token")).or(eos);
        let config_eos = ids(config, "config.json", "eos_token_id")?;
        let mut ends = config_eos.clone();
        ends.extend(eos);
        if let Some(generation) = optional("generation_config.json")? {
            ends.extend(ids(&generation, "generation_config.json", "eos_token_id")?);
        }
        let bos = match own {
            Some(_) => bos,
            None => ids(config, "config.json", "bos_token_id")?.first().copied(),
        };
        let prefix = bos.or(eos).or(config_eos.first().copied());
        let named = NamedTokens { bos, eos: eos.or(config_eos.first().copied()), pad };
        Ok(SpecialTokens { named, ..SpecialTokens::new(prefix, ends, tokenizer) })
    }
}

/// A token of `tokenizer_config.json`: a text, or an object with its `content`.
fn token_text(config: &ConfigJson, name: &str) -> Option<String> {
    let value = config.get(name)?;
    value.as_str().or_else(|| value.get("content")?.as_str()).map(str::to_owned)
}
