//! Linear layers: `y = x wᵀ + b`.

use super::product::{column_sums, product};
use candle_core::{Result, Tensor};

/// `[n, out]` from `x[n, in]` and `w[out, in]` (both in the products' format) and `b[out]`.
pub(crate) fn forward(x: &Tensor, w: &Tensor, b: &Tensor) -> Result<Tensor> {
    product(x, &w.t()?)?.broadcast_add(b)
}

/// The gradients of a linear layer.
pub(crate) struct LinearGrads {
    /// Of the input, `[n, in]`.
    pub x: Tensor,
    /// Of the weight, `[out, in]`.
    pub w: Tensor,
    /// Of the bias, `[out]`.
    pub b: Tensor,
}

/// The gradients, from that of the output, `dy[n, out]`.
pub(crate) fn backward(dy: &Tensor, x: &Tensor, w: &Tensor) -> Result<LinearGrads> {
    let factor = dy.to_dtype(w.dtype())?;
    Ok(LinearGrads { x: product(&factor, w)?, w: product(&factor.t()?, x)?, b: column_sums(dy)? })
}
