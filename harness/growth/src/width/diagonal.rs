//! The diagonal operator (staged training, Shen et al. 2022): the large model is several small ones side by
//! side, whose logits the head averages.

use super::tiled::tile;
use phi_model::{ParamKind, Tensor};

/// `kron(I_n, W)` for matrices inside blocks, tiles elsewhere, the head's divided by their number. One whole ratio.
pub(super) fn grow(small: &Tensor, large: &mut Tensor, kind: ParamKind) {
    let ((rows, cols), (_, large_cols)) = (small.rows_cols(), large.rows_cols());
    match kind {
        ParamKind::Matrix => {
            for (r, row) in large.data_mut().chunks_exact_mut(large_cols).enumerate() {
                let (block, from) = (r / rows, r % rows);
                row[block * cols..(block + 1) * cols].copy_from_slice(&small.data()[from * cols..(from + 1) * cols]);
            }
        }
        ParamKind::HeadWeight => tile(small, large, 1.0 / (large_cols / cols) as f32),
        _ => tile(small, large, 1.0),
    }
}
