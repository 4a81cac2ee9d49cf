//! The seam to graphics processors: what trains a model and what answers requests there. This crate knows none itself.

use crate::{StepEngine, TrainError, TrainSpec, TrainTensors};
use phi_model::{DeviceModel, PhiConfig, WeightFiles};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The format of matrix products on a GPU. Everything else (norms, soft-max, residual stream, loss, optimiser) is in f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// f32 throughout; no TF32.
    F32,
    /// bf16 factors, accumulated in f32, as PyTorch's autocast does.
    #[default]
    Bf16,
}

impl Precision {
    /// The names that `--dtype` has for them.
    pub const NAMES: [&'static str; 2] = ["f32", "bf16"];

    /// The name that `--dtype` has for it.
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::Bf16 => "bf16",
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(text: &str) -> Result<Precision, String> {
        let found = [Precision::F32, Precision::Bf16].into_iter().find(|it| it.name() == text);
        found.ok_or_else(|| format!("give {}", Precision::NAMES.join(" or ")))
    }
}

/// A GPU that is open, in one number format.
pub trait Gpu: fmt::Debug {
    /// The engine of a training run on rows of `seq_len` tokens that goes on from these weights and moments.
    ///
    /// # Errors
    /// [`TrainError::Device`]: they don't fit, or the run is one that [`TrainSpec::needs_processor`].
    fn engine(
        &self,
        config: &PhiConfig,
        spec: &TrainSpec,
        seq_len: usize,
        tensors: TrainTensors,
    ) -> Result<Box<dyn StepEngine>, TrainError>;

    /// A Phi that answers requests.
    ///
    /// # Errors
    /// [`TrainError::Device`]: it doesn't fit; [`TrainError::Checkpoint`]: a file is broken.
    fn model(&self, files: &WeightFiles) -> Result<Box<dyn DeviceModel>, TrainError>;

    /// Bytes of its memory that a run will take, roughly.
    fn memory_bytes(&self, config: &PhiConfig, spec: &TrainSpec, seq_len: usize) -> u64;
}

impl TrainSpec {
    /// What of the settings the processor only can do, where there is such a thing: a sentence without its end.
    pub fn needs_processor(&self) -> Option<&'static str> {
        if !self.options.dropout.is_none() {
            Some("dropout is computed on the processor only")
        } else if !self.options.optimiser.scales.is_empty() {
            Some("learning rates by tensor, as grown moments have them, are the processor's only")
        } else {
            None
        }
    }
}
