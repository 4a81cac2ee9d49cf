//! Weight growth: makes a large checkpoint out of a small one.
//!
//! A model is a [`Blueprint`]: named tensors over named axes. A family (Phi, Llama) is a table of those tensors, and a
//! method is a rule on the axes: which units of the small model the large one's come from, and what becomes of what reads
//! them. So each method is written once, for all families.
//!
//! [`grow`] does it in memory and is a pure function: no file, no clock, and randomness from a seed that is passed in.
//! [`ModelFolder::grow`] does the same from folder to folder, a tensor at a time. The rules are those of the literature, each
//! stated where it is implemented; which of them leave the function as it was is told by [`Method::preserves_function`]
//! and [`DepthRule::preserves_function`], and of two given models by [`Growth::change_of_function`]. [`GrowthReport`] holds
//! what is to be known of a growth once it is done, and [`OptimiserGrowth`] grows AdamW's state with the weights.
//!
//! ```
//! use phi_growth::{DepthRule, Growth, Method, Split, block_cosine, grow};
//! use phi_model::{Checkpoint, PhiConfig};
//!
//! let small = PhiConfig {
//!     vocab_size: 32, hidden_size: 16, intermediate_size: 64, num_layers: 5, num_heads: 2, rotary_dim: 4,
//!     rope_theta: 10_000.0, max_positions: 64, layer_norm_eps: 1e-5, eos_token_id: 0,
//! };
//! // Heads and width x 2, layers 5 -> 6: the ratios of phi-1-small and phi-1.
//! let large = PhiConfig { hidden_size: 32, intermediate_size: 128, num_layers: 6, num_heads: 4, ..small.clone() };
//! let (method, depth, split) = (Method::TilingPreserving, DepthRule::Identity, Split::Equal);
//! let growth = Growth { method, depth, split, snr_db: Some(10.0), seed: 1 };
//! let grown = grow(&Checkpoint::random(&small, 1), &large, &growth)?;
//! assert!(block_cosine(&grown, &small).is_some_and(|c| c < 0.95), "the noise tells the copies apart");
//! # Ok::<(), phi_growth::GrowthError>(())
//! ```

mod axis;
mod blueprint;
mod change;
mod check;
mod config;
mod cosine;
mod depth;
mod error;
mod family;
mod folder;
mod grow;
mod growth;
mod loss;
mod method;
mod optimiser;
mod plan;
mod random;
mod rank;
mod report;
mod rows;
mod rule;
mod shape;
mod small_tensor;
mod symmetry;
mod units;
mod weights;

pub use axis::Axis;
pub use blueprint::{Blueprint, TensorSpec};
pub use check::check;
pub use cosine::{block_cosine, block_cosine_of};
pub use depth::DepthRule;
pub use error::GrowthError;
pub use family::Role;
pub use folder::{DEFAULT_SHARD_BYTES, GoOn, ModelFolder, Written};
pub use grow::grow;
pub use growth::{Growth, Split};
pub use loss::{MOST_TEXT_BYTES, SAMPLE_TEXT, TextLoss};
pub use method::Method;
pub use optimiser::OptimiserGrowth;
pub use rank::effective_rank;
pub use report::{BeforeAfter, GrowthReport, MOST_MEASURED_PARAMS, MatrixRank};
pub use shape::Shape;
pub use symmetry::{Distinct, DistinctUnits, distinct_units};
pub use weights::Weights;
