//! Everything that one ablation found out: what the store keeps and the report shows.

use phi_suites::{Sample, Score};
use serde::{Deserialize, Serialize};

/// Everything that one ablation found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Hash of the recipe: two runs of one recipe share it.
    pub key: String,
    /// The recipe's name (`tiling`, `smoke`, or the file's).
    pub name: String,
    /// The question that the recipe asks, one sentence.
    pub question: String,
    /// The recipe, as TOML.
    pub recipe: String,
    /// The command that reproduces the run.
    pub command: String,
    /// Seconds since 1970 when it began.
    pub started_unix_s: u64,
    /// Seconds of computing that the steps took together, whenever they ran.
    pub compute_s: f64,
    /// Facts about the machine and the program: name, value.
    pub environment: Vec<(String, String)>,
    /// Facts about the corpus: name, value (documents, tokens, exercises rejected ...).
    pub corpus: Vec<(String, String)>,
    /// The arm that the others are compared with.
    pub baseline: String,
    /// The task and metric that the answer rests on.
    pub primary: (String, String),
    /// Arms times seeds.
    pub arms: Vec<ArmRun>,
    /// Suites that were asked for and could not be run.
    pub left_out: Vec<LeftOut>,
    /// Comparisons that the recipe stated before the run, beyond each arm against the baseline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comparisons: Vec<StatedComparison>,
    /// The steps that it was made by, in the plan's order; empty if they aren't known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepRecord>,
}

/// A step that a run was made by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Hash of what the step does and of what it is made from.
    pub key: String,
    /// `corpus`, `pretrain`, `evaluate` ...
    pub kind: String,
    /// What it does, for people.
    pub label: String,
    /// Seconds that it took, whenever that was.
    pub seconds: f64,
}

/// A comparison that the recipe stated before anything was trained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedComparison {
    /// The arm.
    pub arm: String,
    /// The arm that it is compared with.
    pub against: String,
    /// The task that it is compared on.
    pub task: String,
    /// By which metric.
    pub metric: String,
    /// What it is to show, one sentence; empty if the recipe doesn't say.
    #[serde(default)]
    pub question: String,
}

/// One arm at one seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmRun {
    /// The arm's name (`scratch`, `tiling-preserving`).
    pub arm: String,
    /// What the arm does, one sentence.
    pub description: String,
    /// Seed of data order, initialisation and sampling.
    pub seed: u64,
    /// Parameters of the final model.
    pub params: u64,
    /// FLOPs charged before this arm's own training (those of the small model it grew from).
    pub inherited_flops: f64,
    /// FLOPs of its own pretraining.
    pub pretrain_flops: f64,
    /// FLOPs of its alignment.
    pub align_flops: f64,
    /// Seconds that its own training took.
    pub train_s: f64,
    /// Losses along the way, pretraining first, then alignment.
    pub curve: Vec<CurvePoint>,
    /// Scores of the final model.
    pub scores: Vec<Score>,
    /// Every question with its answers.
    pub samples: Vec<Sample>,
    /// What the growth step measured; `None` for an arm that did not grow.
    pub growth: Option<GrowthFacts>,
    /// Controls (an arm without alignment, say) are shown, not compared for the answer.
    pub is_control: bool,
    /// Most memory that its own training took at once, in bytes; `None` if it was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
    /// Milliseconds that the final model took to generate a token, measured on the run's machine; `None` if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms_per_token: Option<f64>,
    /// Scores along the way, in the order of training; empty if the recipe scores final models only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub score_curve: Vec<ScorePoint>,
}

/// One point of a loss curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Pretraining or alignment.
    pub phase: Phase,
    /// Optimiser step within the phase, from 0 (before the first).
    pub step: u64,
    /// Tokens trained on in this phase so far.
    pub tokens: u64,
    /// FLOPs so far, inherited ones and earlier phases included.
    pub flops: f64,
    /// Mean training loss since the last point, nats a token (NaN-free; `None` at step 0).
    pub train_loss: Option<f64>,
    /// Loss on the fixed validation set of the phase, nats a token.
    pub val_loss: Option<f64>,
}

/// One score of a model that was still in training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScorePoint {
    /// Pretraining or alignment.
    pub phase: Phase,
    /// Optimiser step within the phase, from 0 (before the first).
    pub step: u64,
    /// Tokens trained on so far, over both phases, the small model's not counted.
    pub tokens: u64,
    /// FLOPs so far, inherited ones and earlier phases included.
    pub flops: f64,
    /// Task.
    pub task: String,
    /// Metric.
    pub metric: String,
    /// Its value, in the metric's own unit (a share of 1, say).
    pub value: f64,
    /// Lower and upper end of its 95 % confidence interval.
    pub interval: (f64, f64),
}

/// Phase of training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Raw code and textbooks.
    Pretrain,
    /// Exercises.
    Align,
}

/// What the growth step measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GrowthFacts {
    /// Method (`tiling`, `weight-reuse` ...).
    pub method: String,
    /// Parameters before and after.
    pub params: (u64, u64),
    /// Validation loss of the small model and of the grown one before any further training.
    pub val_loss: (f64, f64),
    /// Mean cosine between the blocks that a tiled matrix is made of, after growing (1 = copies); `None` if not tiled.
    pub block_cosine: Option<f64>,
    /// The same after training.
    pub block_cosine_after_training: Option<f64>,
    /// Effective ranks of the matrices of one middle layer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranks: Vec<RankFact>,
    /// A sentence on the part of the width that training can't use; `None` if all of it can be used, or it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_width: Option<String>,
}

/// The effective rank of one matrix of the small model and of the grown one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RankFact {
    /// Its name within the layer, such as `mlp.fc1`.
    pub matrix: String,
    /// Effective rank in the small model and, right after growing, in the large one.
    pub effective: (f64, f64),
    /// The rank that the shape allows, before and after.
    pub full: (u64, u64),
}

/// A suite that could not be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Task name.
    pub task: String,
    /// Why.
    pub why: String,
    /// What to do to have it.
    pub how: String,
}
