//! Weight growth: makes a large checkpoint out of a small one.
//!
//! [`grow`] is a pure function: no file, no clock, and randomness from a seed that is passed in. The rules are those of
//! the literature, each stated where it is implemented; which of them leave the function as it was is told by
//! [`Method::preserves_function`] and [`DepthRule::preserves_function`], and of two given shapes by
//! [`Growth::change_of_function`]. [`GrowthReport`] holds what is to be known of a growth once it is done, and
//! [`OptimiserGrowth`] grows AdamW's state with the weights.
//!
//! ```
//! use phi_growth::{DepthRule, Growth, Method, block_cosine, grow};
//! use phi_model::{Checkpoint, PhiConfig};
//!
//! let small = PhiConfig {
//!     vocab_size: 32, hidden_size: 16, intermediate_size: 64, num_layers: 5, num_heads: 2, rotary_dim: 4,
//!     rope_theta: 10_000.0, max_positions: 64, layer_norm_eps: 1e-5, eos_token_id: 0,
//! };
//! // Heads and width x 2, layers 5 -> 6: the ratios of phi-1-small and phi-1.
//! let large = PhiConfig { hidden_size: 32, intermediate_size: 128, num_layers: 6, num_heads: 4, ..small.clone() };
//! let growth = Growth { method: Method::TilingPreserving, depth: DepthRule::Identity, snr_db: Some(10.0), seed: 1 };
//! let grown = grow(&Checkpoint::random(&small, 1), &large, &growth)?;
//! assert!(block_cosine(&grown, &small).is_some_and(|c| c < 0.95), "the noise tells the copies apart");
//! # Ok::<(), phi_growth::GrowthError>(())
//! ```

mod axis;
mod check;
mod cosine;
mod depth;
mod error;
mod grow;
mod method;
mod optimiser;
mod rank;
mod report;
mod symmetry;
mod width;

pub use check::check;
pub use cosine::block_cosine;
pub use depth::DepthRule;
pub use error::GrowthError;
pub use grow::{Growth, grow};
pub use method::Method;
pub use optimiser::{Moments, OptimiserGrowth, UpdateScale};
pub use rank::effective_rank;
pub use report::{BeforeAfter, GrowthReport, MatrixRank};
pub use symmetry::{Distinct, DistinctUnits, distinct_units};
