//! The shape of a Phi model, read from and written to the Hugging Face `config.json`.

use crate::CheckpointError;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The shape of a Phi decoder. Every field is validated: a value of this type can be built into a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhiConfig {
    /// Entries of the vocabulary, padding included.
    pub vocab_size: usize,
    /// Width of the residual stream.
    pub hidden_size: usize,
    /// Width of the MLP's inner layer.
    pub intermediate_size: usize,
    /// Decoder blocks.
    pub num_layers: usize,
    /// Attention heads; `hidden_size` is a multiple of it.
    pub num_heads: usize,
    /// Dimensions of each head that are rotated; even, at most `head_dim`.
    pub rotary_dim: usize,
    /// Base of the rotary frequencies.
    pub rope_theta: f64,
    /// Positions at most.
    pub max_positions: usize,
    /// Added to the variance in every LayerNorm.
    pub layer_norm_eps: f64,
    /// Id of the end-of-text token, which also starts a text.
    pub eos_token_id: u32,
}

impl PhiConfig {
    /// Dimensions of one head.
    pub fn head_dim(&self) -> usize {
        self.hidden_size / self.num_heads
    }

    /// Parameters of the model, biases and the untied head included.
    pub fn num_params(&self) -> u64 {
        crate::ParamLayout::new(self).len() as u64
    }

    /// Parameters that take part in a matrix product for every token: all but the embedding, norms and biases.
    pub fn matmul_params(&self) -> u64 {
        let (d, m) = (self.hidden_size as u64, self.intermediate_size as u64);
        self.num_layers as u64 * (4 * d * d + 2 * d * m) + d * self.vocab_size as u64
    }

    /// Floating-point operations of training on one token of a sequence of `seq_len`: forward and backward, 6 per
    /// matrix parameter, plus causal attention at its half cost (PaLM, appendix B, with T/2 for the causal mask).
    pub fn train_flops_per_token(&self, seq_len: usize) -> f64 {
        let attention = 6 * self.num_layers * self.hidden_size * seq_len;
        6.0 * self.matmul_params() as f64 + attention as f64
    }

    /// Reads `config.json`.
    ///
    /// # Errors
    /// The file is missing, isn't JSON, isn't a Phi, or its numbers contradict each other.
    pub fn load(path: &Path) -> Result<PhiConfig, CheckpointError> {
        let text = std::fs::read_to_string(path).map_err(|e| CheckpointError::io("read", path, e))?;
        let file: ConfigFile = serde_json::from_str(&text)
            .map_err(|e| CheckpointError::Config { path: path.to_owned(), reason: e.to_string() })?;
        file.parse().map_err(|reason| CheckpointError::Config { path: path.to_owned(), reason })
    }

    /// The Hugging Face form, ready to be written to `config.json`.
    pub fn to_hugging_face(&self) -> serde_json::Value {
        serde_json::json!({
            "architectures": ["PhiForCausalLM"],
            "model_type": "phi",
            "vocab_size": self.vocab_size,
            "hidden_size": self.hidden_size,
            "intermediate_size": self.intermediate_size,
            "num_hidden_layers": self.num_layers,
            "num_attention_heads": self.num_heads,
            "num_key_value_heads": self.num_heads,
            "partial_rotary_factor": self.rotary_dim as f64 / self.head_dim() as f64,
            "rope_theta": self.rope_theta,
            "max_position_embeddings": self.max_positions,
            "layer_norm_eps": self.layer_norm_eps,
            "hidden_act": "gelu_new",
            "initializer_range": crate::init_std(self.hidden_size),
            "attention_dropout": 0.0,
            "embd_pdrop": 0.0,
            "resid_pdrop": 0.0,
            "qk_layernorm": false,
            "tie_word_embeddings": false,
            "torch_dtype": "float32",
            "use_cache": true,
            "bos_token_id": self.eos_token_id,
            "eos_token_id": self.eos_token_id,
        })
    }

    /// Checks that the numbers fit together.
    ///
    /// # Errors
    /// A sentence that names the field and what it would have to be.
    pub fn validate(&self) -> Result<(), String> {
        let limits = [
            ("vocab_size", self.vocab_size, 1 << 24),
            ("hidden_size", self.hidden_size, 1 << 17),
            ("intermediate_size", self.intermediate_size, 1 << 20),
            ("num_hidden_layers", self.num_layers, 1 << 12),
            ("num_attention_heads", self.num_heads, 1 << 12),
            ("max_position_embeddings", self.max_positions, 1 << 24),
        ];
        for (name, value, most) in limits {
            if value == 0 || value > most {
                return Err(format!("{name} is {value}; it must lie between 1 and {most}"));
            }
        }
        if !self.hidden_size.is_multiple_of(self.num_heads) {
            return Err(format!(
                "hidden_size {} is not a multiple of num_attention_heads {}",
                self.hidden_size, self.num_heads
            ));
        }
        if !self.rotary_dim.is_multiple_of(2) || self.rotary_dim > self.head_dim() {
            return Err(format!(
                "the rotary part has {} dimensions; it must be even and at most the head's {}",
                self.rotary_dim,
                self.head_dim()
            ));
        }
        if !(self.rope_theta.is_finite() && self.rope_theta > 1.0) {
            return Err(format!("rope_theta is {}; it must be above 1", self.rope_theta));
        }
        if !(self.layer_norm_eps > 0.0 && self.layer_norm_eps < 1.0) {
            return Err(format!("layer_norm_eps is {}; it must lie between 0 and 1", self.layer_norm_eps));
        }
        if self.eos_token_id as usize >= self.vocab_size {
            return Err(format!(
                "eos_token_id {} lies outside the vocabulary of {}",
                self.eos_token_id, self.vocab_size
            ));
        }
        Ok(())
    }
}

/// `config.json` as transformers writes it, old layout and new.
#[derive(Deserialize)]
struct ConfigFile {
    model_type: String,
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: Option<usize>,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    partial_rotary_factor: Option<f64>,
    rope_theta: Option<f64>,
    rope_parameters: Option<RopeParameters>,
    rope_scaling: Option<serde_json::Value>,
    max_position_embeddings: Option<usize>,
    layer_norm_eps: Option<f64>,
    hidden_act: Option<String>,
    qk_layernorm: Option<bool>,
    tie_word_embeddings: Option<bool>,
    eos_token_id: Option<u32>,
}

#[derive(Deserialize)]
struct RopeParameters {
    partial_rotary_factor: Option<f64>,
    rope_theta: Option<f64>,
    rope_type: Option<String>,
}

impl ConfigFile {
    fn parse(self) -> Result<PhiConfig, String> {
        if self.model_type != "phi" {
            return Err(format!("model_type is \"{}\"; only \"phi\" can be loaded", self.model_type));
        }
        if self.qk_layernorm == Some(true) {
            return Err("qk_layernorm is true; that variant is not supported".into());
        }
        if self.tie_word_embeddings == Some(true) {
            return Err("tie_word_embeddings is true; Phi's head is untied".into());
        }
        if self.num_key_value_heads.is_some_and(|kv| kv != self.num_attention_heads) {
            return Err(
                "num_key_value_heads differs from num_attention_heads; grouped queries are not supported".into()
            );
        }
        if let Some(act) = self.hidden_act.as_deref().filter(|a| !matches!(*a, "gelu_new" | "gelu_pytorch_tanh")) {
            return Err(format!("hidden_act is \"{act}\"; only \"gelu_new\" is supported"));
        }
        let rope = self.rope_parameters;
        let rope_type = rope.as_ref().and_then(|r| r.rope_type.clone());
        if rope_type.as_deref().is_some_and(|t| t != "default") || self.rope_scaling.is_some_and(|s| !s.is_null()) {
            return Err("scaled rotary embeddings are not supported".into());
        }
        if self.num_attention_heads == 0 {
            return Err("num_attention_heads is 0".into());
        }
        let head_dim = self.hidden_size / self.num_attention_heads;
        let factor = rope.as_ref().and_then(|r| r.partial_rotary_factor).or(self.partial_rotary_factor).unwrap_or(0.5);
        if !(0.0..=1.0).contains(&factor) {
            return Err(format!("partial_rotary_factor is {factor}; it must lie between 0 and 1"));
        }
        let config = PhiConfig {
            vocab_size: self.vocab_size,
            hidden_size: self.hidden_size,
            intermediate_size: self.intermediate_size.unwrap_or(4 * self.hidden_size),
            num_layers: self.num_hidden_layers,
            num_heads: self.num_attention_heads,
            rotary_dim: (factor * head_dim as f64) as usize,
            rope_theta: rope.and_then(|r| r.rope_theta).or(self.rope_theta).unwrap_or(10_000.0),
            max_positions: self.max_position_embeddings.unwrap_or(2048),
            layer_norm_eps: self.layer_norm_eps.unwrap_or(1e-5),
            eos_token_id: self.eos_token_id.unwrap_or(0),
        };
        config.validate()?;
        Ok(config)
    }
}
