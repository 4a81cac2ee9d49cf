//! A device as the trainer and the ablation know it.

use crate::{Accelerator, DeviceEngine, LoadError, PhiOnDevice, forecast_bytes};
use phi_model::{DeviceModel, PhiConfig, WeightFiles};
use phi_train::{Gpu, StepEngine, TrainError, TrainSpec, TrainTensors};

impl Gpu for Accelerator {
    fn engine(
        &self,
        config: &PhiConfig,
        spec: &TrainSpec,
        seq_len: usize,
        tensors: TrainTensors,
    ) -> Result<Box<dyn StepEngine>, TrainError> {
        match DeviceEngine::new(self, config, spec, seq_len, tensors) {
            Ok(engine) => Ok(Box::new(engine)),
            Err(error) => Err(TrainError::Device(Box::new(error))),
        }
    }

    fn model(&self, files: &WeightFiles) -> Result<Box<dyn DeviceModel>, TrainError> {
        match PhiOnDevice::load(self, files) {
            Ok(model) => Ok(Box::new(model)),
            Err(LoadError::Files(error)) => Err(error.into()),
            Err(LoadError::Device(error)) => Err(TrainError::Device(Box::new(error))),
        }
    }

    fn memory_bytes(&self, config: &PhiConfig, spec: &TrainSpec, seq_len: usize) -> u64 {
        forecast_bytes(config, self, spec, seq_len)
    }
}
