//! Weight growth: makes a large checkpoint out of a small one.
//!
//! [`grow`] is a pure function: no file, no clock, and randomness from a seed that is passed in. The rules are those of
//! the literature, each stated where it is implemented; which of them leave the function as it was is told by
//! [`Method::preserves_function`].

mod cosine;
mod depth;
mod error;
mod grow;
mod method;
mod width;

pub use cosine::block_cosine;
pub use error::GrowthError;
pub use grow::{Growth, check, grow};
pub use method::{DepthRule, Method};
