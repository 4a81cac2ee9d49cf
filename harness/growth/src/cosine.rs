//! How alike the tiles of a grown matrix are.

use crate::{Axis, Role, Weights};
use phi_model::{Checkpoint, CheckpointError, PhiConfig};

/// [`block_cosine_of`] a Phi in memory.
pub fn block_cosine(large: &Checkpoint, small: &PhiConfig) -> Option<f64> {
    block_cosine_of(large, small.intermediate_size).expect("memory can be read")
}

/// Mean cosine between the first two row blocks of every MLP input matrix, each block as tall as the small model's
/// matrix, which has `rows` rows: 1 means that half the width computes what the other half computes. `None` if the MLP
/// didn't double.
///
/// # Errors
/// A tensor can't be read.
pub fn block_cosine_of(large: &dyn Weights, rows: usize) -> Result<Option<f64>, CheckpointError> {
    let blueprint = large.blueprint();
    if blueprint.shape().intermediate_size < 2 * rows {
        return Ok(None);
    }
    let mut cosines = Vec::new();
    for spec in blueprint.tensors().iter().filter(|t| t.role == Role::Matrix && t.rows == Axis::Mlp) {
        let tensor = large.tensor(&spec.name)?;
        let (block, _) = tensor.data().split_at(2 * rows * tensor.rows_cols().1);
        let (a, b) = block.split_at(block.len() / 2);
        let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
        cosines.push(dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(f64::MIN_POSITIVE));
    }
    Ok(Some(cosines.iter().sum::<f64>() / cosines.len() as f64))
}
