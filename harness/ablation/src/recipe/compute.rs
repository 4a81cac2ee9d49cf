//! What models are trained and scored on. Unlike the other resources it reaches the results, in their last bits.

use super::flaw::{Flaw, flaw};
use super::{Optimiser, Recipe};
use crate::AblationError;
use phi_train::Precision;
use serde::{Deserialize, Serialize};

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ComputeDevice {
    /// The processor, by phi-bench's own kernels.
    #[default]
    Cpu,
    /// NVIDIA GPUs: a step on each. Which ones, and how many, changes no result.
    Cuda,
}

/// What models are trained and scored on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComputeRecipe {
    /// `cpu` or `cuda`.
    #[serde(default)]
    pub device: ComputeDevice,
    /// Number format of the matrix products of training; on a GPU `bf16` if left out, on the processor always `f32`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dtype: Option<Precision>,
}

impl ComputeRecipe {
    /// The number format that GPUs train in; `None` where the processor trains.
    pub fn training(&self) -> Option<Precision> {
        match self.device {
            ComputeDevice::Cpu => None,
            ComputeDevice::Cuda => Some(self.dtype.unwrap_or_default()),
        }
    }

    /// The number format that GPUs score in: f32 as the weights that are kept, as `eval --device cuda` does of itself.
    pub fn scoring(&self) -> Option<Precision> {
        self.training().map(|_| Precision::F32)
    }
}

impl Recipe {
    /// Changes what models are trained and scored on.
    ///
    /// # Errors
    /// It can't do what the recipe asks for.
    pub fn set_compute(&mut self, compute: ComputeRecipe) -> Result<(), AblationError> {
        self.compute = compute;
        self.check_compute().map_err(|Flaw { field, reason }| AblationError::Recipe(format!("{field}: {reason}")))
    }

    /// Checks that what computes can do what is asked for.
    pub(super) fn check_compute(&self) -> Result<(), Flaw> {
        if self.compute.device == ComputeDevice::Cpu {
            return match self.compute.dtype {
                Some(Precision::Bf16) => {
                    Err(flaw("compute.dtype", "bf16 goes with device = \"cuda\"; the processor trains in f32"))
                }
                _ => Ok(()),
            };
        }
        let on_gpu = |field: String, optimiser: &Optimiser| match optimiser.train_spec(1).needs_processor() {
            Some(reason) => Err(flaw(field, format!("{reason}: leave it out, or take the device cpu"))),
            None => Ok(()),
        };
        on_gpu("pretrain.optimiser".into(), &self.pretrain.optimiser)?;
        on_gpu("align.optimiser".into(), &self.align.optimiser)?;
        for (i, arm) in self.arms.iter().enumerate() {
            for (name, base, change) in [
                ("pretrain_optimiser", &self.pretrain.optimiser, &arm.pretrain_optimiser),
                ("align_optimiser", &self.align.optimiser, &arm.align_optimiser),
            ] {
                if let Some(change) = change {
                    on_gpu(format!("arms[{i}].{name}"), &base.with(change))?;
                }
            }
        }
        Ok(())
    }
}
