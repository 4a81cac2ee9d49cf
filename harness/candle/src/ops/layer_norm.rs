//! LayerNorm over the last dimension (Ba et al. 2016). In two passes: candle's fused kernel subtracts the squared mean
//! from the mean square, which loses digits where the mean is large.

use super::product::column_sums;
use candle_core::{D, Result, Tensor};

/// Mean and reciprocal standard deviation of each row, `[n, 1]`.
#[derive(Debug, Clone)]
pub(crate) struct Stats {
    mean: Tensor,
    reciprocal: Tensor,
}

/// `[n, d]` and what the gradient needs, from `x[n, d]`, `w[d]`, `b[d]`.
pub(crate) fn forward(x: &Tensor, w: &Tensor, b: &Tensor, eps: f64) -> Result<(Tensor, Stats)> {
    let mean = x.mean_keepdim(D::Minus1)?;
    let centred = x.broadcast_sub(&mean)?;
    let reciprocal = (centred.sqr()?.mean_keepdim(D::Minus1)? + eps)?.sqrt()?.recip()?;
    let y = centred.broadcast_mul(&reciprocal)?.broadcast_mul(w)?.broadcast_add(b)?;
    Ok((y, Stats { mean, reciprocal }))
}

/// The gradients of a LayerNorm.
pub(crate) struct NormGrads {
    /// Of the input, `[n, d]`.
    pub x: Tensor,
    /// Of the weight, `[d]`.
    pub w: Tensor,
    /// Of the bias, `[d]`.
    pub b: Tensor,
}

/// The gradients, from that of the output, `dy[n, d]`.
pub(crate) fn backward(dy: &Tensor, x: &Tensor, w: &Tensor, stats: &Stats) -> Result<NormGrads> {
    let normal = x.broadcast_sub(&stats.mean)?.broadcast_mul(&stats.reciprocal)?;
    let dnormal = dy.broadcast_mul(w)?;
    let along = (&dnormal * &normal)?.mean_keepdim(D::Minus1)?;
    let inside = dnormal.broadcast_sub(&dnormal.mean_keepdim(D::Minus1)?)?;
    let dx = (inside - normal.broadcast_mul(&along)?)?.broadcast_mul(&stats.reciprocal)?;
    Ok(NormGrads { x: dx, w: column_sums(&(dy * &normal)?)?, b: column_sums(dy)? })
}
