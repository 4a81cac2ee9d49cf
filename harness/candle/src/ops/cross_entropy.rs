//! The head and the cross-entropy over the vocabulary, some rows at a time, so that the logits of all of them never
//! lie in memory together.

use super::linear;
use super::product::product;
use candle_core::{D, DType, IndexOp, Result, Tensor};

/// Logits that are in memory at once.
const LOGITS: usize = 1 << 26;

/// What is to be predicted.
#[derive(Debug, Clone)]
pub(crate) struct Targets {
    /// `[n]`, u32.
    pub ids: Tensor,
    /// How much each counts, `[n]`.
    pub weights: Tensor,
}

/// The gradients of the head.
pub(crate) struct HeadGrads {
    /// Of its input, `[n, d]`.
    pub x: Tensor,
    /// Of its weight, `[vocab, d]`.
    pub w: Tensor,
    /// Of its bias, `[vocab]`.
    pub b: Tensor,
}

/// Rows of logits that are computed together.
pub(crate) fn rows_at_once(vocab: usize) -> usize {
    (LOGITS / vocab).max(1)
}

/// `log(sum(exp(logits)))` of each row, `[rows, 1]`, with the soft-max.
fn soft_max(logits: &Tensor) -> Result<(Tensor, Tensor)> {
    let top = logits.max_keepdim(D::Minus1)?;
    let powers = logits.broadcast_sub(&top)?.exp()?;
    let sum = powers.sum_keepdim(D::Minus1)?;
    Ok(((sum.log()? + top)?, powers.broadcast_div(&sum)?))
}

/// The log-probability of each target, `[n]`, and whether it is among the most likely tokens (1 or 0), from logits
/// `[n, vocab]`.
pub(crate) fn log_probabilities(logits: &Tensor, ids: &Tensor) -> Result<(Tensor, Tensor)> {
    let top = logits.max_keepdim(D::Minus1)?;
    let sum = logits.broadcast_sub(&top)?.exp()?.sum_keepdim(D::Minus1)?.log()?;
    let at_target = logits.gather(&ids.unsqueeze(1)?, 1)?;
    let first = at_target.ge(&top)?;
    Ok((((at_target - top)? - sum)?.squeeze(1)?, first.squeeze(1)?))
}

/// The weighted losses of all rows, summed in f64. With `scale`, the gradients of `scale` times that sum.
pub(crate) fn loss(
    x: &Tensor,
    w: &Tensor,
    b: &Tensor,
    targets: &Targets,
    scale: Option<f64>,
) -> Result<(f64, Option<HeadGrads>)> {
    let (n, vocab) = (x.dim(0)?, w.dim(0)?);
    let (mut total, mut dx, mut sums) = (0.0, Vec::new(), None::<(Tensor, Tensor)>);
    let step = rows_at_once(vocab);
    for from in (0..n).step_by(step) {
        let rows = from..(from + step).min(n);
        let (x, ids) = (x.i(rows.clone())?, targets.ids.i(rows.clone())?.unsqueeze(1)?);
        let weights = targets.weights.i(rows)?.unsqueeze(1)?;
        let logits = linear::forward(&x, w, b)?;
        let at_target = logits.gather(&ids, 1)?;
        let (norm, p) = soft_max(&logits)?;
        let losses = ((norm - at_target)? * &weights)?.squeeze(1)?;
        total += losses.to_vec1::<f32>()?.iter().map(|x| f64::from(*x)).sum::<f64>();
        let Some(scale) = scale else { continue };
        let factor = weights.affine(scale, 0.0)?;
        let dlogits = p.broadcast_mul(&factor)?;
        dlogits.scatter_add_set(&ids, &factor.neg()?, 1)?;
        let grads = linear::backward(&dlogits, &x, w)?;
        dx.push(grads.x);
        sums = Some(match sums {
            None => (grads.w, grads.b),
            Some((w, b)) => ((w + grads.w)?, (b + grads.b)?),
        });
    }
    let grads = match sums {
        Some((w, b)) => Some(HeadGrads { x: Tensor::cat(&dx, 0)?, w, b }),
        None => None,
    };
    Ok((total, grads))
}

/// Logits in f32, whatever the products' format: `[rows, vocab]` from normalised rows.
pub(crate) fn exact_logits(x: &Tensor, w: &Tensor, b: &Tensor) -> Result<Tensor> {
    product(&x.to_dtype(DType::F32)?, &w.t()?)?.broadcast_add(b)
}
