//! Ablations: from a [`Recipe`] to a [`Plan`] of content-addressed steps, their execution, and the run they add up to.
//!
//! A step (corpus, mix, compare, prune, pretrain, grow, align, evaluate) is a function of its specification and of its inputs' keys; its
//! own key is a hash of both, and its outputs lie under that key. So resuming, sharing a small model between arms, and
//! doing again only what changed are one mechanism.
//!
//! ```
//! use phi_ablation::{Plan, Recipe};
//! use phi_suites::DataRoot;
//!
//! let recipe = Recipe::preset("smoke")?;
//! let plan = Plan::new(&recipe, &DataRoot::default())?;
//! let small = plan.steps.iter().filter(|s| s.label.starts_with("pretrain small")).count();
//! assert_eq!(small, recipe.seeds.len(), "the small model is trained once a seed, for all arms that grow from it");
//! # Ok::<(), phi_ablation::AblationError>(())
//! ```

mod error;
mod executor;
mod folder;
mod gather;
mod gpus;
mod plan;
mod recipe;
mod split;
mod step;
mod steps;

pub use error::AblationError;
pub use executor::{Interrupt, Observer, Outcome, Resources, StepProgress, execute, slurm, survey};
pub use folder::{Done, FileRecord, OutputFolder, StepState, Trust, UnneededStep};
pub use gather::{gather, run_key};
pub use gpus::GpuSlot;
pub use plan::{Cell, Plan, Reason, ScorePoint};
pub use recipe::{
    Arm, ComputeDevice, ComputeRecipe, ContaminationRecipe, CorpusRecipe, DataRecipe, MatchBy, ModelShape, Optimiser,
    OptimiserChange, PRESETS, PlannedComparison, PretrainRecipe, Primary, Recipe, SlurmSettings, Suite, TrainSettings,
};
pub use step::{Forecast, Step, StepSpec};
pub use steps::{Context, run_step};
