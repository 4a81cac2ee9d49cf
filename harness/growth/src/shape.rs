//! How long a model's axes are.

use crate::Axis;
use serde::{Deserialize, Serialize};

/// How long a model's axes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
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
    /// Heads of keys and values; `num_heads` is a multiple of it. Query head `h` reads head `h / (num_heads /
    /// num_kv_heads)`.
    pub num_kv_heads: usize,
    /// Dimensions of a head.
    pub head_dim: usize,
    /// Dimensions of a head that are rotated; the first ones.
    pub rotary_dim: usize,
}

impl Shape {
    /// How long an axis is.
    pub fn len(&self, axis: Axis) -> usize {
        match axis {
            Axis::Vocab => self.vocab_size,
            Axis::Hidden => self.hidden_size,
            Axis::Heads => self.num_heads * self.head_dim,
            Axis::Keys | Axis::Values => self.num_kv_heads * self.head_dim,
            Axis::HeadDim => self.head_dim,
            Axis::Mlp => self.intermediate_size,
        }
    }

    /// Query heads that share one head of keys and values.
    pub fn group(&self) -> usize {
        self.num_heads / self.num_kv_heads
    }

    /// The dimensions that growth may change one by one, by the names that `config.json` has for them.
    pub(crate) fn dimensions(&self) -> [(&'static str, usize); 7] {
        [
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_attention_heads", self.num_heads),
            ("num_key_value_heads", self.num_kv_heads),
            ("num_hidden_layers", self.num_layers),
            ("head_dim", self.head_dim),
            ("vocab_size", self.vocab_size),
        ]
    }
}
