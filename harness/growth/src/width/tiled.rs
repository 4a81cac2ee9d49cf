//! HyperCloning (Samragh et al. 2024): copies that share the work of the original, told apart by noise that cancels.

use phi_model::{ParamKind, Tensor, fill_normal};
use rand_chacha::ChaCha8Rng;

/// Tiles a tensor so that the function stays: what is summed over (a matrix's inputs) is divided by the number of
/// copies; what is not, isn't. Ratios are whole.
pub(super) fn preserving(
    small: &Tensor,
    large: &mut Tensor,
    kind: ParamKind,
    snr_db: Option<f64>,
    rng: &mut ChaCha8Rng,
) {
    let (_, small_in) = small.rows_cols();
    let (_, large_in) = large.rows_cols();
    let sums = matches!(kind, ParamKind::Matrix | ParamKind::HeadWeight);
    let copies = if sums { large_in / small_in } else { 1 };
    tile(small, large, 1.0 / copies as f32);
    if let (ParamKind::Matrix, Some(snr_db)) = (kind, snr_db) {
        add_paired_noise(large, small_in, snr_db, rng);
    }
}

/// `large[i, j] = scale * small[i mod rows, j mod cols]`.
pub(super) fn tile(small: &Tensor, large: &mut Tensor, scale: f32) {
    let ((rows, cols), (large_rows, large_cols)) = (small.rows_cols(), large.rows_cols());
    for r in 0..large_rows {
        for c in 0..large_cols {
            large.data_mut()[r * large_cols + c] = scale * small.data()[(r % rows) * cols + c % cols];
        }
    }
}

/// Adds noise to the first of every two blocks of columns and takes it from the second: the two see equal inputs, so
/// the output stays. An odd last block stays clean. The power of the weights is `snr_db` decibels above the noise's.
fn add_paired_noise(large: &mut Tensor, block: usize, snr_db: f64, rng: &mut ChaCha8Rng) {
    let (rows, cols) = large.rows_cols();
    let power = large.data().iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / large.data().len().max(1) as f64;
    let std = (power / 10f64.powf(snr_db / 10.0)).sqrt() as f32;
    let mut noise = vec![0.0; block];
    for row in large.data_mut().chunks_exact_mut(cols).take(rows) {
        for pair in row.chunks_exact_mut(2 * block) {
            fill_normal(&mut noise, std, rng);
            let (first, second) = pair.split_at_mut(block);
            for i in 0..block {
                first[i] += noise[i];
                second[i] -= noise[i];
            }
        }
    }
}
