//! The arithmetic of the decoder on plain slices: one file an operation, each with its backward beside it.
//!
//! Every operation sums in an order that depends on the sizes alone, so equal inputs give equal bits.

pub(crate) mod attention;
pub(crate) mod cross_entropy;
pub(crate) mod dropout;
pub(crate) mod elementwise;
pub(crate) mod gelu;
pub(crate) mod layer_norm;
pub(crate) mod matmul;
mod peak;
pub(crate) mod rotary;
mod simd;

pub use peak::product_peak;
pub(crate) use simd::{dot, exp, max, sum, vectorised};
