//! Where the time of a pass goes.

use std::time::{Duration, Instant};

/// An operation of the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Looking tokens up, and adding up their gradients.
    Embedding,
    /// All LayerNorms.
    LayerNorm,
    /// The product that makes queries, keys and values.
    Qkv,
    /// Turning queries and keys by their positions.
    Rotary,
    /// Scores, soft-max and their product with the values.
    Attention,
    /// The attention's output product.
    Dense,
    /// The MLP's first product.
    MlpUp,
    /// Its activation.
    Gelu,
    /// Its second product.
    MlpDown,
    /// The product with the vocabulary.
    Head,
    /// Soft-max over the vocabulary and the loss.
    CrossEntropy,
}

impl Op {
    /// All operations, in the order of a forward pass.
    pub const ALL: [Op; 11] = [
        Op::Embedding,
        Op::LayerNorm,
        Op::Qkv,
        Op::Rotary,
        Op::Attention,
        Op::Dense,
        Op::MlpUp,
        Op::Gelu,
        Op::MlpDown,
        Op::Head,
        Op::CrossEntropy,
    ];

    /// Its name in a table.
    pub fn name(self) -> &'static str {
        match self {
            Op::Embedding => "embedding",
            Op::LayerNorm => "layernorm",
            Op::Qkv => "qkv",
            Op::Rotary => "rotary",
            Op::Attention => "attention",
            Op::Dense => "dense",
            Op::MlpUp => "mlp_up",
            Op::Gelu => "gelu",
            Op::MlpDown => "mlp_down",
            Op::Head => "head",
            Op::CrossEntropy => "cross_entropy",
        }
    }
}

/// Time spent in each operation, forward and backward together, since the workspace was made. Reading the clock takes some
/// ten nanoseconds an operation, so it is always done.
#[derive(Debug, Clone)]
pub struct OpTimes {
    since: Instant,
    spent: [Duration; Op::ALL.len()],
}

impl Default for OpTimes {
    fn default() -> OpTimes {
        OpTimes { since: Instant::now(), spent: [Duration::ZERO; Op::ALL.len()] }
    }
}

impl OpTimes {
    /// A pass begins.
    pub(super) fn begin(&mut self) {
        self.since = Instant::now();
    }

    /// What was done since the last call was this.
    pub(super) fn lap(&mut self, op: Op) {
        let now = Instant::now();
        self.spent[op as usize] += now - self.since;
        self.since = now;
    }

    /// Time spent in an operation.
    pub fn spent(&self, op: Op) -> Duration {
        self.spent[op as usize]
    }
}
