//! Where a model's tensors come from: a folder of safetensors, a GGUF file, or a checkpoint in memory.

use super::Matrix;
use crate::{Checkpoint, CheckpointError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A tensor: its shape, outermost dimension first, and its numbers as a matrix `[shape[0], the rest]`.
#[derive(Debug, Clone)]
pub(crate) struct RawTensor {
    pub shape: Vec<usize>,
    pub matrix: Matrix,
}

/// A collection of named tensors.
pub(crate) trait TensorSource {
    /// The file that a tensor lies in, or should.
    fn path(&self, name: &str) -> PathBuf;
    /// A tensor; none if there is none of this name.
    ///
    /// # Errors
    /// [`CheckpointError::Tensor`] where it is there but can't be used.
    fn get(&self, name: &str) -> Result<Option<RawTensor>, CheckpointError>;
}

/// What is wrong with a tensor of a source.
pub(crate) fn wrong(source: &dyn TensorSource, name: &str, reason: String) -> CheckpointError {
    CheckpointError::Tensor { path: source.path(name), name: name.to_owned(), reason }
}

impl dyn TensorSource + '_ {
    /// A tensor of the shape that the configuration asks for.
    pub(crate) fn require(&self, name: &str, shape: &[usize]) -> Result<Matrix, CheckpointError> {
        let tensor = self.get(name)?.ok_or_else(|| wrong(self, name, "is missing".into()))?;
        if tensor.shape != shape {
            return Err(wrong(self, name, format!("has shape {:?} instead of {shape:?}", tensor.shape)));
        }
        Ok(tensor.matrix)
    }

    /// A vector of the length that the configuration asks for, widened.
    pub(crate) fn require_vector(&self, name: &str, len: usize) -> Result<Vec<f32>, CheckpointError> {
        Ok(self.require(name, &[len])?.to_vec())
    }
}

impl TensorSource for Checkpoint {
    fn path(&self, _name: &str) -> PathBuf {
        Path::new("the checkpoint in memory").to_owned()
    }

    fn get(&self, name: &str) -> Result<Option<RawTensor>, CheckpointError> {
        Ok(self.tensors().get(name).map(|tensor| {
            let rows = tensor.shape()[0];
            let data = Arc::new(tensor.data().to_vec());
            let cols = data.len() / rows.max(1);
            RawTensor { shape: tensor.shape().to_vec(), matrix: Matrix::owned(data, rows, cols) }
        }))
    }
}
