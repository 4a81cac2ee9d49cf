//! GPUs by candle.

use super::{Device, DeviceRefused, Products};
use crate::exit::UsageError;
use phi_candle::{Accelerator, DeviceEngine, DeviceError, LoadError, PhiOnDevice, Precision, forecast_bytes};
use phi_model::{DeviceModel, DtypeChoice, PhiConfig, WeightFiles};
use phi_train::{EngineMaker, StepEngine, TrainError, TrainSpec};
use std::path::Path;

/// A GPU and the number format of its products.
#[derive(Debug)]
pub struct Gpu {
    on: Accelerator,
}

impl Gpu {
    /// Opens a device.
    ///
    /// # Errors
    /// There is none of this number.
    pub fn open(device: Device, products: Products) -> anyhow::Result<Gpu> {
        let precision = match products {
            Products::F32 => Precision::F32,
            Products::Bf16 => Precision::Bf16,
        };
        Ok(Gpu { on: accelerator(device, precision)? })
    }

    /// Says what of a run's settings it can't do.
    ///
    /// # Errors
    /// The run wants dropout, or learning rates by tensor.
    pub fn check(&self, spec: &TrainSpec) -> anyhow::Result<()> {
        let text = if !spec.options.dropout.is_none() {
            "dropout is computed on the processor only: leave it out, or train with --device cpu"
        } else if !spec.options.optimiser.scales.is_empty() {
            "grown moments have learning rates of their own by tensor, which the processor only has: give \
             --fresh-optimiser, or train with --device cpu"
        } else {
            return Ok(());
        };
        Err(UsageError(text.to_owned()).into())
    }

    /// Bytes of its memory that a run will take.
    pub fn memory_bytes(&self, config: &PhiConfig, spec: &TrainSpec, seq_len: usize) -> u64 {
        forecast_bytes(config, &self.on, spec, seq_len)
    }

    /// What makes the engine of a training run on rows of `seq_len` tokens.
    pub fn engine<'a>(self, config: &'a PhiConfig, spec: &'a TrainSpec, seq_len: usize) -> Box<EngineMaker<'a>> {
        Box::new(move |tensors| {
            let engine = DeviceEngine::new(&self.on, config, spec, seq_len, tensors);
            let engine = engine.map_err(|error| TrainError::Device(Box::new(error)))?;
            Ok(Box::new(engine) as Box<dyn StepEngine>)
        })
    }

    /// The Phi of a folder on a device. `auto` computes in bf16 where the files hold 16 bits, else in f32.
    ///
    /// # Errors
    /// There is no such device, it is too small, or the folder holds no Phi.
    pub fn model(device: Device, folder: &Path, dtype: DtypeChoice) -> anyhow::Result<Box<dyn DeviceModel>> {
        if folder.is_file() {
            let text = "--device cuda runs folders of safetensors; a GGUF file runs on the processor";
            return Err(UsageError(text.to_owned()).into());
        }
        let files = WeightFiles::open(folder)?;
        let precision = match dtype {
            DtypeChoice::Auto if files.are_in_16_bits()? => Precision::Bf16,
            DtypeChoice::Auto | DtypeChoice::Float32 => Precision::F32,
            DtypeChoice::Bfloat16 => Precision::Bf16,
            DtypeChoice::Float16 => {
                return Err(UsageError("--device cuda computes in float32 or bfloat16".to_owned()).into());
            }
        };
        match PhiOnDevice::load(&accelerator(device, precision)?, &files) {
            Ok(model) => Ok(Box::new(model)),
            Err(LoadError::Files(error)) => Err(error.into()),
            Err(LoadError::Device(error)) => Err(refused(device, error).into()),
        }
    }
}

fn accelerator(device: Device, precision: Precision) -> Result<Accelerator, DeviceRefused> {
    let number = match device {
        Device::Cuda(number) => number,
        Device::Cpu => unreachable!("the processor is no GPU"),
    };
    Accelerator::cuda(number, precision).map_err(|error| refused(device, error))
}

fn refused(device: Device, error: DeviceError) -> DeviceRefused {
    match error {
        DeviceError::NotBuilt => DeviceRefused::NotBuilt(device),
        error => DeviceRefused::Failed { device, reason: error.to_string() },
    }
}
