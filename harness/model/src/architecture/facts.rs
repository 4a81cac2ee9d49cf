//! What others may know of a described model: its sizes and which tensors it has.

use super::{Architecture, ConfigJson, NormKind, describe};
use crate::CheckpointError;
use serde_json::Value;
use std::path::Path;

/// What a model's norms divide by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormFamily {
    /// The standard deviation, after the mean is taken away.
    LayerNorm,
    /// The root of the mean square.
    RmsNorm,
}

/// A model as its `config.json` describes it, read as [`Engine`](crate::Engine) reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct ArchitectureFacts {
    /// `model_type`.
    pub family: String,
    /// Entries of the vocabulary, padding included.
    pub vocab_size: usize,
    /// Width of the residual stream.
    pub hidden_size: usize,
    /// Width of the MLP's inner layer.
    pub intermediate_size: usize,
    /// Decoder blocks.
    pub num_layers: usize,
    /// Query heads.
    pub num_heads: usize,
    /// Heads of keys and values.
    pub num_kv_heads: usize,
    /// Dimensions of a head.
    pub head_dim: usize,
    /// Dimensions of a head that are rotated.
    pub rotary_dim: usize,
    /// Positions at most.
    pub max_positions: usize,
    /// How rows are normalised.
    pub norm: NormFamily,
    /// Whether the head is the embedding.
    pub tied: bool,
    /// Whether queries, keys and values have biases.
    pub qkv_bias: bool,
    /// Whether the attention's output has a bias.
    pub attention_out_bias: bool,
    /// Whether the MLP has biases.
    pub mlp_bias: bool,
    /// Whether each head's queries and keys are normalised.
    pub qk_norms: bool,
}

impl ArchitectureFacts {
    /// The facts of a configuration.
    ///
    /// # Errors
    /// A sentence that names what isn't supported or doesn't fit.
    pub fn of_config(config: &Value) -> Result<ArchitectureFacts, String> {
        if !config.is_object() {
            return Err("it is not a JSON object".into());
        }
        describe(&ConfigJson::of(config.clone())).map(|a| facts(&a))
    }

    /// Reads a `config.json`; returns what it says word by word, too.
    ///
    /// # Errors
    /// The file can't be read, or as [`of_config`](Self::of_config)'s.
    pub fn load(path: &Path) -> Result<(ArchitectureFacts, Value), CheckpointError> {
        let text = std::fs::read_to_string(path).map_err(|e| CheckpointError::io("read", path, e))?;
        let wrong = |reason: String| CheckpointError::Config { path: path.to_owned(), reason };
        let config: Value = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        Ok((ArchitectureFacts::of_config(&config).map_err(wrong)?, config))
    }
}

fn facts(a: &Architecture) -> ArchitectureFacts {
    ArchitectureFacts {
        family: a.family.clone(),
        vocab_size: a.vocab_size,
        hidden_size: a.hidden_size,
        intermediate_size: a.intermediate_size,
        num_layers: a.num_layers,
        num_heads: a.num_heads,
        num_kv_heads: a.num_kv_heads,
        head_dim: a.head_dim,
        rotary_dim: a.rope.as_ref().map_or(0, super::Rope::rotary_dim),
        max_positions: a.max_positions,
        norm: match a.norm {
            NormKind::LayerNorm { .. } => NormFamily::LayerNorm,
            NormKind::Rms { .. } => NormFamily::RmsNorm,
        },
        tied: a.names.head.is_none(),
        qkv_bias: a.biases.qkv,
        attention_out_bias: a.biases.attention_out,
        mlp_bias: a.biases.mlp,
        qk_norms: a.names.qk_norms.is_some(),
    }
}
