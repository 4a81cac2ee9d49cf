//! The operations of a Phi, each with its hand-written gradient: no autograd, so that none can be dropped unseen, and
//! nothing is kept or added up that isn't needed.
//!
//! Shapes: `n` tokens are `batch` rows of `len`; `[n, d]` lies as `[batch, len, d]`. Tensors are f32 unless they are
//! factors of a product, which are in the [`crate::Precision`]'s format.

pub(crate) mod attention;
pub(crate) mod cross_entropy;
pub(crate) mod gelu;
pub(crate) mod layer_norm;
pub(crate) mod linear;
pub(crate) mod product;
pub(crate) mod rotary;
