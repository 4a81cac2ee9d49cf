//! New units behind zeros (Gesmundo and Maile 2023, "Composable function-preserving expansions for transformer
//! architectures").

use super::map::Corner;
use super::{Width, copy_corner};
use phi_model::{ParamKind, ParamSpec, Tensor};

/// Grows one tensor; `large` is filled as a random model's. What would let a new unit change an old one is zero:
/// new units of the embedding, of the norms and of what the two branches write, and what reads new heads and new MLP
/// units. The norms' scales make up for the longer mean of squares, by `sqrt(hidden / new hidden)`, and the keys for the
/// divisor of longer heads, by `sqrt(new head_dim / head_dim)`.
pub(super) fn grow(
    small: &Tensor,
    large: &mut Tensor,
    spec: &ParamSpec,
    rows: &Corner,
    cols: &Corner,
    width: &Width<'_>,
) {
    let is_key = spec.name.contains(".k_proj.");
    // In these, rows and columns of new units are zero.
    let closed = matches!(spec.kind, ParamKind::Embedding | ParamKind::NormWeight)
        || spec.name.contains(".dense.")
        || spec.name.contains(".fc2.");
    if closed {
        large.data_mut().fill(0.0);
    } else if is_key {
        // New dimensions of old heads would add to their scores.
        let (old_rows, head_dim) = (width.small.num_heads * width.large.head_dim(), width.large.head_dim());
        for (r, row) in large.data_mut().chunks_exact_mut(cols.len()).enumerate().take(old_rows) {
            if r % head_dim >= width.small.head_dim() {
                row.fill(0.0);
            }
        }
    }
    copy_corner(small, large, rows, cols);
    let ratio = |from: usize, to: usize| (from as f64 / to as f64).sqrt() as f32;
    if spec.kind == ParamKind::NormWeight {
        let scale = ratio(width.small.hidden_size, width.large.hidden_size);
        large.data_mut().iter_mut().for_each(|x| *x *= scale);
    } else if is_key {
        let scale = ratio(width.large.head_dim(), width.small.head_dim());
        for (row, from) in large.data_mut().chunks_exact_mut(cols.len()).zip(rows) {
            if from.is_some() {
                row.iter_mut().for_each(|x| *x *= scale);
            }
        }
    }
}
