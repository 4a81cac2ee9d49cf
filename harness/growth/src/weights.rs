//! Where a model's tensors are looked at.

use crate::Blueprint;
use phi_model::{Checkpoint, CheckpointError, Tensor};

/// A model whose tensors can be looked at one by one.
pub trait Weights {
    /// What it looks like.
    fn blueprint(&self) -> Blueprint;

    /// A tensor of its blueprint's, in f32.
    ///
    /// # Errors
    /// It can't be read.
    fn tensor(&self, name: &str) -> Result<Tensor, CheckpointError>;
}

impl Weights for Checkpoint {
    fn blueprint(&self) -> Blueprint {
        Blueprint::of_phi(self.config()).expect("a checkpoint's configuration is valid")
    }

    fn tensor(&self, name: &str) -> Result<Tensor, CheckpointError> {
        Ok(Checkpoint::tensor(self, name).clone())
    }
}
