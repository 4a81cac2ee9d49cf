//! Ablations: from a [`Recipe`] to a [`Plan`] of content-addressed steps, their execution, and the run they add up to.
//!
//! A step (corpus, pretrain, grow, align, evaluate) is a function of its specification and of its inputs' keys; its
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
mod plan;
mod recipe;
mod step;
mod steps;

pub use error::AblationError;
pub use executor::{Interrupt, Observer, execute, survey};
pub use folder::{Done, OutputFolder, StepState};
pub use gather::gather;
pub use plan::{Cell, Plan};
pub use recipe::{
    Arm, CorpusRecipe, ModelShape, Optimiser, PRESETS, PretrainRecipe, Primary, Recipe, Suite, TrainSettings,
};
pub use step::{Step, StepSpec};
pub use steps::Context;
