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
