//! What is to be known of a growth once it is done.

use crate::change::most_probability_of_new_tokens;
use crate::cosine::block_cosine_of;
use crate::depth::layer_sources;
use crate::loss::TextLoss;
use crate::rank::{effective_rank, sample_rows};
use crate::symmetry::{DistinctUnits, distinct_units};
use crate::{Axis, Blueprint, Growth, GrowthError, Method, Role, Weights};
use phi_model::Tensor;
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
    /// The rank that its shape allows, or that of the rows that were looked at.
    pub full_rank: BeforeAfter<usize>,
    /// Whether only some rows were looked at: evenly spaced ones of the small matrix, and in the large one those at the same
    /// places of each of its repetitions.
    #[serde(default)]
    pub sampled: bool,
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
    /// Where the vocabulary grew: the most probability that its new entries may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_tokens_probability: Option<f64>,
    /// [`block_cosine_of`].
    pub block_cosine: Option<f64>,
    /// Layer of the large model behind `ranks`: the first that carries the small model's middle layer.
    pub rank_layer: usize,
    /// The effective ranks of the matrices of that layer; empty where nothing was measured.
    pub ranks: Vec<MatrixRank>,
    /// How many of the large model's units training can tell apart; `None` where it wasn't measured.
    pub distinct_units: Option<DistinctUnits>,
    /// The share of the width that holds copies which a method is bound to leave alike; 0 where it leaves none.
    #[serde(default)]
    pub copied_width: f64,
    /// The loss on a text, where it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<TextLoss>,
}

/// What looks at all weights several times is left out for models of more parameters than this.
pub const MOST_MEASURED_PARAMS: u64 = 400_000_000;

impl GrowthReport {
    /// What follows from the shapes; nothing is measured.
    pub fn of_shapes(from: &Blueprint, to: &Blueprint, growth: &Growth) -> GrowthReport {
        let context = to.max_positions();
        let flops = |model: &Blueprint| model.train_flops_per_token(context);
        let sources = layer_sources(from.shape().num_layers, to.shape().num_layers, growth.depth);
        let middle = from.shape().num_layers / 2;
        GrowthReport {
            growth: growth.clone(),
            change_of_function: growth.change_of_function(from, to).map(str::to_owned),
            params: BeforeAfter { before: from.num_params(), after: to.num_params() },
            train_flops_per_token: BeforeAfter { before: flops(from), after: flops(to) },
            context,
            new_tokens_probability: most_probability_of_new_tokens(from, to, growth.method),
            block_cosine: None,
            // Only a model that takes nothing from the small one may have fewer layers.
            rank_layer: sources.iter().position(|s| s.layer == middle).unwrap_or(to.shape().num_layers / 2),
            ranks: Vec::new(),
            distinct_units: None,
            copied_width: copied_width(from, to, growth),
            loss: None,
        }
    }

    /// Measures a growth: what follows from the shapes, the tiles' cosine, ranks, and, in models of at most
    /// [`MOST_MEASURED_PARAMS`], the units that training can tell apart.
    ///
    /// # Errors
    /// A tensor can't be read.
    pub fn new(small: &dyn Weights, large: &dyn Weights, growth: &Growth) -> Result<GrowthReport, GrowthError> {
        let (from, to) = (small.blueprint(), large.blueprint());
        let mut report = GrowthReport::of_shapes(&from, &to, growth);
        let middle = from.shape().num_layers / 2;
        for spec in to.tensors() {
            if spec.role != Role::Matrix || spec.layer != Some(report.rank_layer) {
                continue;
            }
            let (before, after) = (small.tensor(&spec.name_in(middle))?, large.tensor(&spec.name)?);
            let period = before.rows_cols().0;
            let full = |tensor: &Tensor| tensor.shape().iter().copied().min().unwrap_or(0);
            let whole = (full(&before), full(&after));
            let (before, after) = (sample_rows(before, period), sample_rows(after, period));
            report.ranks.push(MatrixRank {
                matrix: spec.short_name().to_owned(),
                effective_rank: BeforeAfter { before: effective_rank(&before), after: effective_rank(&after) },
                full_rank: BeforeAfter { before: full(&before), after: full(&after) },
                sampled: whole != (full(&before), full(&after)),
            });
        }
        report.block_cosine = block_cosine_of(large, from.shape().intermediate_size)?;
        if report.params.after <= MOST_MEASURED_PARAMS {
            report.distinct_units = Some(distinct_units(large)?);
        }
        Ok(report)
    }

    /// A sentence on the part of the width that training can't use, that of the kind of unit which fares worst; `None` if
    /// all of it can be used.
    pub fn dead_width(&self) -> Option<String> {
        const REMEDY: &str = "the rest are copies that a deterministic trainer without dropout never tells apart. \
                              tiling-preserving with noise (snr_db 10) tells them apart.";
        let Some(DistinctUnits { residual, heads, mlp }) = self.distinct_units else {
            let dead = 100.0 * self.copied_width;
            return (dead > 0.0).then(|| format!("{dead:.0} % of the width is dead by the method's rule: {REMEDY}"));
        };
        let live = residual.share().min(heads.share()).min(mlp.share());
        (live < 1.0).then(|| {
            let dead = 100.0 * (1.0 - live);
            format!(
                "{dead:.0} % of the width is dead: of {} residual units, {} heads and {} MLP units only {}, {} and {} \
                 differ; {REMEDY}",
                residual.total, heads.total, mlp.total, residual.distinct, heads.distinct, mlp.distinct
            )
        })
    }
}

/// The share of the kind of unit that has the most copies which nothing tells apart.
fn copied_width(from: &Blueprint, to: &Blueprint, growth: &Growth) -> f64 {
    let exact = match growth.method {
        Method::Tiling | Method::Diagonal | Method::Net2net => true,
        Method::TilingPreserving => growth.snr_db.is_none() && growth.split.is_equal(),
        Method::Scratch | Method::WeightReuse | Method::Aki | Method::ZeroPad => false,
    };
    // Of a partial tile only some units are copied, and what reads them tells the others apart.
    let share = |axis| 1.0 - from.shape().len(axis) as f64 / to.shape().len(axis) as f64;
    let even = |axis| to.shape().len(axis).is_multiple_of(from.shape().len(axis));
    let axes = [Axis::Hidden, Axis::Heads, Axis::Mlp];
    if exact && axes.iter().all(|a| even(*a)) { axes.iter().map(|a| share(*a)).fold(0.0, f64::max) } else { 0.0 }
}
