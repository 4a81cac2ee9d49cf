//! The weights of a Phi's folder, one tensor at a time, for a device that takes them as they come.

use crate::weights::{Format, SafetensorsFolder, TensorSource, open_folder};
use crate::{CheckpointError, ParamLayout, ParamSpec, PhiConfig};
use std::path::Path;

/// A folder of a Phi, its weights mapped.
#[derive(Debug)]
pub struct WeightFiles {
    config: PhiConfig,
    folder: SafetensorsFolder,
}

impl WeightFiles {
    /// Opens `config.json`, and `model.safetensors` or the shards that its index names.
    ///
    /// # Errors
    /// A file is missing or isn't whole, or the model isn't a Phi.
    pub fn open(dir: &Path) -> Result<WeightFiles, CheckpointError> {
        Ok(WeightFiles { config: PhiConfig::load(&dir.join("config.json"))?, folder: open_folder(dir)? })
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
        let source: &dyn TensorSource = &self.folder;
        Ok(source.require(&spec.name, &spec.shape)?.to_vec())
    }

    /// Whether the weights are stored in 16 bits, by the first of them.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn are_in_16_bits(&self) -> Result<bool, CheckpointError> {
        let layout = ParamLayout::new(&self.config);
        let source: &dyn TensorSource = &self.folder;
        let first = &layout.specs()[0];
        Ok(matches!(source.require(&first.name, &first.shape)?.format(), Format::F16 | Format::Bf16))
    }
}
