//! What is to be known of a growth once it is done.

use crate::depth::layer_sources;
use crate::symmetry::{DistinctUnits, distinct_units};
use crate::{Growth, block_cosine, effective_rank};
use phi_model::{Checkpoint, PhiConfig};
use serde::{Deserialize, Serialize};

/// A number of the small model and the same of the large one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BeforeAfter<T> {
    /// Of the small model.
    pub before: T,
    /// Of the large one.
    pub after: T,
}

/// The effective rank of one matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MatrixRank {
    /// Its name within the layer, such as `mlp.fc1`.
    pub matrix: String,
    /// [`effective_rank`].
    pub effective_rank: BeforeAfter<f64>,
    /// The rank that its shape allows.
    pub full_rank: BeforeAfter<usize>,
}

/// What is to be known of a growth once it is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GrowthReport {
    /// How it was grown.
    pub growth: Growth,
    /// Why the model's outputs changed; `None` if they stayed as they were, but for rounding.
    pub change_of_function: Option<String>,
    /// Parameters.
    pub params: BeforeAfter<u64>,
    /// Floating-point operations of training on one token, with a context of `context` tokens.
    pub train_flops_per_token: BeforeAfter<f64>,
    /// The context behind them.
    pub context: usize,
    /// [`block_cosine`].
    pub block_cosine: Option<f64>,
    /// Layer of the large model behind `ranks`: the first that carries the small model's middle layer.
    pub rank_layer: usize,
    /// The effective ranks of the matrices of that layer.
    pub ranks: Vec<MatrixRank>,
    /// How many of the large model's units training can tell apart.
    pub distinct_units: DistinctUnits,
}

impl GrowthReport {
    /// Measures a growth.
    pub fn new(small: &Checkpoint, large: &Checkpoint, growth: &Growth) -> GrowthReport {
        let (from, to) = (small.config(), large.config());
        let both = |f: fn(&PhiConfig) -> u64| BeforeAfter { before: f(from), after: f(to) };
        let context = to.max_positions;
        let middle = from.num_layers / 2;
        let sources = layer_sources(from.num_layers, to.num_layers, growth.depth);
        let rank_layer = sources.iter().position(|s| s.layer == middle).expect("every layer is carried on");
        let matrices = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.dense"];
        let ranks = matrices.into_iter().chain(["mlp.fc1", "mlp.fc2"]).map(|matrix| {
            let before = small.tensor(&format!("model.layers.{middle}.{matrix}.weight"));
            let after = large.tensor(&format!("model.layers.{rank_layer}.{matrix}.weight"));
            let full = |shape: &[usize]| shape.iter().copied().min().unwrap_or(0);
            MatrixRank {
                matrix: matrix.to_owned(),
                effective_rank: BeforeAfter { before: effective_rank(before), after: effective_rank(after) },
                full_rank: BeforeAfter { before: full(before.shape()), after: full(after.shape()) },
            }
        });
        GrowthReport {
            growth: growth.clone(),
            change_of_function: growth.change_of_function(from, to).map(str::to_owned),
            params: both(PhiConfig::num_params),
            train_flops_per_token: BeforeAfter {
                before: from.train_flops_per_token(context),
                after: to.train_flops_per_token(context),
            },
            context,
            block_cosine: block_cosine(large, from),
            rank_layer,
            ranks: ranks.collect(),
            distinct_units: distinct_units(large),
        }
    }

    /// A sentence on the part of the width that training can't use, that of the kind of unit which fares worst; `None` if
    /// all of it can be used.
    pub fn dead_width(&self) -> Option<String> {
        let DistinctUnits { residual, heads, mlp } = self.distinct_units;
        let live = residual.share().min(heads.share()).min(mlp.share());
        (live < 1.0).then(|| {
            let dead = 100.0 * (1.0 - live);
            format!(
                "{dead:.0} % of the width is dead: of {} residual units, {} heads and {} MLP units only {}, {} and {} \
                 differ; the rest are copies that a deterministic trainer without dropout never tells apart. \
                 tiling-preserving with noise (snr_db 10) tells them apart.",
                residual.total, heads.total, mlp.total, residual.distinct, heads.distinct, mlp.distinct
            )
        })
    }
}
