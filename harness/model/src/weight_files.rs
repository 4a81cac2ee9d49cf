//! The weights of a Phi's folder, one tensor at a time, for a device that takes them as they come.

use crate::{CheckpointError, FloatFormat, ParamLayout, ParamSpec, PhiConfig, TensorFiles};
use std::path::Path;

/// A folder of a Phi: its shape, and its weights as they are asked for.
#[derive(Debug)]
pub struct WeightFiles {
    config: PhiConfig,
    files: TensorFiles,
}

impl WeightFiles {
    /// Opens `config.json`, and `model.safetensors` or the shards that its index names.
    ///
    /// # Errors
    /// A file is missing or isn't whole, or the model isn't a Phi.
    pub fn open(dir: &Path) -> Result<WeightFiles, CheckpointError> {
        Ok(WeightFiles { config: PhiConfig::load(&dir.join("config.json"))?, files: TensorFiles::open(dir)? })
    }

    /// The shape of the model.
    pub fn config(&self) -> &PhiConfig {
        &self.config
    }

    /// A parameter of the model's [`ParamLayout`], widened to f32.
    ///
    /// # Errors
    /// It is missing, has another shape, or isn't of a float type.
    pub fn read(&self, spec: &ParamSpec) -> Result<Vec<f32>, CheckpointError> {
        self.files.require(&spec.name, &spec.shape)?;
        Ok(self.files.tensor(&spec.name)?.into_data())
    }

    /// Whether the weights are stored in 16 bits, by the first of them.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn are_in_16_bits(&self) -> Result<bool, CheckpointError> {
        let layout = ParamLayout::new(&self.config);
        let first = &layout.specs()[0];
        Ok(self.files.require(&first.name, &first.shape)?.format != FloatFormat::F32)
    }
}
