//! What most training runs leave as it is.

use phi_model::{DropoutRates, OptimiserRecord, ParamKind};
use serde::{Deserialize, Serialize};

/// Tokens that a thread works on at a time. Few enough for their activations to stay in the cache, enough for full-speed
/// products.
const PIECE_TOKENS: usize = 512;

/// Options of a training run beyond the optimiser's numbers. Each has a default, which is Phi's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainOptions {
    /// Shares of numbers that are dropped; none.
    pub dropout: DropoutRates,
    /// Which parameters weight decay is for: matrices (the head's too).
    pub decay: Vec<DecayGroup>,
    /// What hides tokens of a row from each other: the ends of documents.
    pub mask: Mask,
    /// An update is left out if its loss lies more than this many standard deviations above the mean of the last steps'.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spike_z: Option<f64>,
    /// Rows whose activations are in memory at a time, for each thread; as many as 512 tokens take if left out. The gradient
    /// is added up over them, so a step's rows can be many more. Changes the result in its last bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub micro_rows: Option<usize>,
    /// What goes with the moments that the run begins with: the updates behind them, and, for a grown model, what the
    /// optimiser's settings are multiplied by, parameter by parameter.
    #[serde(skip_serializing_if = "OptimiserRecord::is_new")]
    pub optimiser: OptimiserRecord,
}

impl Default for TrainOptions {
    fn default() -> TrainOptions {
        TrainOptions {
            dropout: DropoutRates::default(),
            decay: vec![DecayGroup::Matrices],
            mask: Mask::Documents,
            spike_z: None,
            micro_rows: None,
            optimiser: OptimiserRecord::default(),
        }
    }
}

impl TrainOptions {
    /// Whether all are as they are by default.
    pub fn is_default(&self) -> bool {
        *self == TrainOptions::default()
    }

    /// Rows that a thread works on at a time.
    pub fn rows_at_a_time(&self, seq_len: usize) -> usize {
        self.micro_rows.unwrap_or(PIECE_TOKENS / seq_len).max(1)
    }

    /// Checks that the numbers make sense.
    ///
    /// # Errors
    /// A sentence that names the option and what it would have to be.
    pub fn validate(&self) -> Result<(), String> {
        self.dropout.validate()?;
        if let Some(z) = self.spike_z.filter(|z| !(*z > 0.0 && z.is_finite())) {
            return Err(format!("spike_z is {z}; it must be above 0"));
        }
        if self.micro_rows == Some(0) {
            return Err("micro_rows is 0; it must be at least 1".into());
        }
        Ok(())
    }
}

/// Parameters that weight decay is for, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecayGroup {
    /// Weight matrices, the head's too.
    Matrices,
    /// Token embeddings.
    Embeddings,
    /// Scales and shifts of LayerNorms.
    Norms,
    /// Biases.
    Biases,
}

impl DecayGroup {
    /// The group of a parameter.
    pub fn of(kind: ParamKind) -> DecayGroup {
        match kind {
            ParamKind::Matrix | ParamKind::HeadWeight => DecayGroup::Matrices,
            ParamKind::Embedding => DecayGroup::Embeddings,
            ParamKind::NormWeight | ParamKind::NormBias => DecayGroup::Norms,
            ParamKind::Bias | ParamKind::HeadBias => DecayGroup::Biases,
        }
    }
}

/// What hides tokens of a row from each other, beside time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// A token sees its own document only, whose positions begin at 0.
    Documents,
    /// A token sees all of its row before it, as in the Phi papers.
    None,
}
