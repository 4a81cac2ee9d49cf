//! Flags of `train` that most runs leave alone.

use clap::{Args, ValueEnum};
use phi_model::DropoutRates;
use phi_train::{DecayGroup, Mask, TrainOptions};

/// What most training runs leave as it is.
#[derive(Debug, Args)]
pub struct TrainFlags {
    /// Share of numbers that are dropped from the embedding, the attention and what each block adds to the residual stream.
    #[arg(long, value_name = "X", default_value_t = 0.0)]
    dropout: f32,
    /// Only from what each block adds (resid_pdrop), instead of --dropout.
    #[arg(long, value_name = "X")]
    residual_dropout: Option<f32>,
    /// Only from the embedding (embd_pdrop), instead of --dropout.
    #[arg(long, value_name = "X")]
    embedding_dropout: Option<f32>,
    /// Only from the attention's probabilities (attention_dropout), instead of --dropout.
    #[arg(long, value_name = "X")]
    attention_dropout: Option<f32>,
    /// Parameters that weight decay is for, of: matrices, embeddings, norms, biases.
    #[arg(long, value_name = "GROUPS", value_delimiter = ',', default_value = "matrices", hide_possible_values = true)]
    decay: Vec<DecayFlag>,
    /// Whether a document of a row sees those before it: with `documents` it doesn't, with `none` it does, as in the Phi papers.
    #[arg(long, default_value = "documents", hide_possible_values = true, value_name = "documents|none")]
    mask: MaskFlag,
    /// Leave an update out if its loss lies more than Z standard deviations above the mean of the last 64.
    #[arg(long, value_name = "Z")]
    spike_z: Option<f64>,
    /// Rows whose activations are in memory at a time, for each thread [default: as many as 512 tokens take]. A step's gradient is
    /// added up over all its rows anyway; so this is for memory, not for the size of a batch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    micro_rows: Option<u32>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DecayFlag {
    Matrices,
    Embeddings,
    Norms,
    Biases,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MaskFlag {
    Documents,
    None,
}

impl TrainFlags {
    /// The options that they ask for.
    pub fn options(&self) -> TrainOptions {
        let group = |flag: DecayFlag| match flag {
            DecayFlag::Matrices => DecayGroup::Matrices,
            DecayFlag::Embeddings => DecayGroup::Embeddings,
            DecayFlag::Norms => DecayGroup::Norms,
            DecayFlag::Biases => DecayGroup::Biases,
        };
        let mut decay: Vec<DecayGroup> = self.decay.iter().copied().map(group).collect();
        decay.sort_unstable();
        decay.dedup();
        TrainOptions {
            dropout: DropoutRates {
                residual: self.residual_dropout.unwrap_or(self.dropout),
                embedding: self.embedding_dropout.unwrap_or(self.dropout),
                attention: self.attention_dropout.unwrap_or(self.dropout),
            },
            decay,
            mask: match self.mask {
                MaskFlag::Documents => Mask::Documents,
                MaskFlag::None => Mask::None,
            },
            spike_z: self.spike_z,
            micro_rows: self.micro_rows.map(|n| n as usize),
            ..TrainOptions::default()
        }
    }
}
