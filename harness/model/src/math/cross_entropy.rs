//! Cross-entropy over the vocabulary, fused with the soft-max and its gradient.

use super::{exp, max, sum, vectorised};

/// The weighted loss of each row of `logits` (`[rows, vocab]`) against its target, summed in f64. With `scale`, the
/// logits are replaced by the gradient of `scale * loss`.
pub(crate) fn cross_entropy(
    logits: &mut [f32],
    targets: &[u32],
    weights: &[f32],
    vocab: usize,
    scale: Option<f32>,
) -> f64 {
    let mut total = 0.0f64;
    for ((row, &target), &weight) in logits.chunks_exact_mut(vocab).zip(targets).zip(weights) {
        if weight == 0.0 {
            if scale.is_some() {
                row.fill(0.0);
            }
            continue;
        }
        let target = target as usize;
        let at_target = row[target];
        let (top, norm) = vectorised(
            #[inline(always)]
            || {
                let top = max(row);
                for x in row.iter_mut() {
                    *x = exp(*x - top);
                }
                (top, sum(row))
            },
        );
        total += f64::from(weight) * (f64::from(norm).ln() - f64::from(at_target - top));
        if let Some(scale) = scale {
            let factor = weight * scale;
            let by = factor / norm;
            vectorised(
                #[inline(always)]
                || row.iter_mut().for_each(|x| *x *= by),
            );
            row[target] -= factor;
        }
    }
    total
}
