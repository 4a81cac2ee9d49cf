//! How alike the tiles of a grown matrix are.

use phi_model::{Checkpoint, PhiConfig};

/// Mean cosine between the first two row blocks of every MLP input matrix, each block as tall as the small model's
/// matrix: 1 means that half the width computes what the other half computes. `None` if the width didn't double.
pub fn block_cosine(large: &Checkpoint, small: &PhiConfig) -> Option<f64> {
    let rows = small.intermediate_size;
    if large.config().intermediate_size < 2 * rows {
        return None;
    }
    let cols = large.config().hidden_size;
    let cosines: Vec<f64> = (0..large.config().num_layers)
        .map(|l| {
            let data = large.tensor(&format!("model.layers.{l}.mlp.fc1.weight")).data();
            let (a, b) = (&data[..rows * cols], &data[rows * cols..2 * rows * cols]);
            let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
            dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(f64::MIN_POSITIVE)
        })
        .collect();
    Some(cosines.iter().sum::<f64>() / cosines.len() as f64)
}
