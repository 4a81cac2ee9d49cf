//! Growth of one tensor's width.

use crate::Method;
use phi_model::{ParamKind, Tensor, fill_normal};
use rand_chacha::ChaCha8Rng;

/// Grows one tensor of the given kind to `shape`; `rng` supplies what is random, with `fresh_std` where nothing is taken
/// from the small model.
pub(crate) fn grow_tensor(
    small: &Tensor,
    shape: &[usize],
    kind: ParamKind,
    method: Method,
    snr_db: Option<f64>,
    fresh_std: f32,
    rng: &mut ChaCha8Rng,
) -> Tensor {
    let mut large = Tensor::new(shape.to_vec(), vec![0.0; shape.iter().product()]);
    match method {
        Method::Scratch => unreachable!("scratch takes nothing from the small model"),
        Method::WeightReuse => {
            fill_fresh(&mut large, kind, fresh_std, rng);
            copy_corner(small, &mut large);
        }
        Method::Tiling => tile(small, &mut large, 1.0),
        Method::TilingPreserving => {
            let (_, small_in) = small.rows_cols();
            let (_, large_in) = large.rows_cols();
            // What is summed over (a matrix's inputs) is divided by the number of copies; what is not, isn't.
            let sums = matches!(kind, ParamKind::Matrix | ParamKind::HeadWeight);
            let copies = if sums { large_in / small_in } else { 1 };
            tile(small, &mut large, 1.0 / copies as f32);
            if let (ParamKind::Matrix, Some(snr_db)) = (kind, snr_db) {
                add_paired_noise(&mut large, small_in, snr_db, rng);
            }
        }
    }
    large
}

fn fill_fresh(tensor: &mut Tensor, kind: ParamKind, std: f32, rng: &mut ChaCha8Rng) {
    match kind {
        ParamKind::Embedding | ParamKind::Matrix | ParamKind::HeadWeight => {
            fill_normal(tensor.data_mut(), std, rng);
        }
        ParamKind::NormWeight => tensor.data_mut().fill(1.0),
        ParamKind::NormBias | ParamKind::Bias | ParamKind::HeadBias => {}
    }
}

fn copy_corner(small: &Tensor, large: &mut Tensor) {
    let ((rows, cols), (_, large_cols)) = (small.rows_cols(), large.rows_cols());
    for r in 0..rows {
        large.data_mut()[r * large_cols..r * large_cols + cols]
            .copy_from_slice(&small.data()[r * cols..(r + 1) * cols]);
    }
}

/// `large[i, j] = scale * small[i mod rows, j mod cols]`; a last tile may be partial.
fn tile(small: &Tensor, large: &mut Tensor, scale: f32) {
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
