//! Small loops over rows.

use super::vectorised;

/// Adds `row` to each row of `x`.
pub(crate) fn add_rows(x: &mut [f32], row: &[f32]) {
    vectorised(
        #[inline(always)]
        || {
            for r in x.chunks_exact_mut(row.len()) {
                for (a, b) in r.iter_mut().zip(row) {
                    *a += b;
                }
            }
        },
    );
}

/// Adds the sum of the rows of `x` to `out`.
pub(crate) fn sum_rows(out: &mut [f32], x: &[f32]) {
    vectorised(
        #[inline(always)]
        || {
            for r in x.chunks_exact(out.len()) {
                for (a, b) in out.iter_mut().zip(r) {
                    *a += b;
                }
            }
        },
    );
}
