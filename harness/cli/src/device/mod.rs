//! `--device`: where a model is trained or asked.

#[cfg(not(feature = "candle"))]
mod absent;
#[cfg(feature = "candle")]
mod candle;
mod pool;

#[cfg(not(feature = "candle"))]
pub use absent::open;
#[cfg(feature = "candle")]
pub use candle::open;
pub use pool::{Devices, slot};

use crate::exit::UsageError;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use phi_model::{DeviceModel, DtypeChoice, WeightFiles};
use phi_train::{Gpu, Precision, TrainError};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// Where a model is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// The processor, by phi-bench's own kernels.
    Cpu,
    /// The NVIDIA GPU of this number.
    Cuda(usize),
}

impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Device, String> {
        let number = match text {
            "cpu" => return Ok(Device::Cpu),
            "cuda" => Some(0),
            other => other.strip_prefix("cuda:").and_then(|number| number.parse().ok()),
        };
        number.map(Device::Cuda).ok_or_else(|| "give cpu, cuda, or cuda:N".to_owned())
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Device::Cpu => f.write_str("cpu"),
            Device::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

/// A device that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DeviceRefused {
    /// This build knows no GPUs.
    #[error(
        "--device {0}: this phi-bench was built without CUDA. Build it with `cargo build --release --features cuda` on a machine that has the CUDA toolkit (docs/src/gpu.md says how), or leave --device out"
    )]
    NotBuilt(Device),
    /// The device, or what reads it, said no.
    #[error("--device {device}: {reason}")]
    Failed {
        /// The device.
        device: Device,
        /// What it said.
        reason: String,
    },
}

/// Says whether this build knows GPUs, without looking for one.
///
/// # Errors
/// It knows none.
pub fn check_built(device: Device) -> Result<(), DeviceRefused> {
    if cfg!(feature = "cuda") { Ok(()) } else { Err(DeviceRefused::NotBuilt(device)) }
}

/// Refuses a number format that the processor doesn't train in.
///
/// # Errors
/// It is bf16.
pub fn on_processor(dtype: Option<Precision>) -> anyhow::Result<()> {
    match dtype {
        Some(Precision::Bf16) => {
            Err(UsageError("--dtype bf16 goes with --device cuda; the processor trains in f32".to_owned()).into())
        }
        _ => Ok(()),
    }
}

/// Reads the number format of matrix products.
pub fn precision() -> impl TypedValueParser<Value = Precision> {
    PossibleValuesParser::new(Precision::NAMES).try_map(|name| name.parse::<Precision>())
}

/// Where a model is trained.
#[derive(Debug, Clone, Copy, Args)]
pub struct TrainDeviceFlags {
    /// Where to train: cpu, cuda, or cuda:N for the GPU of that number (a build with the feature cuda).
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: Device,
    /// Number format of matrix products [default: f32 on the processor, bf16 on a GPU].
    #[arg(long, value_name = "DTYPE", value_parser = precision())]
    dtype: Option<Precision>,
}

impl TrainDeviceFlags {
    /// The GPU; none where the processor trains.
    ///
    /// # Errors
    /// There is no such device, or the processor is asked for bf16.
    pub fn open(self) -> anyhow::Result<Option<Box<dyn Gpu>>> {
        match self.device {
            Device::Cpu => on_processor(self.dtype).map(|()| None),
            Device::Cuda(number) => Ok(Some(open(number, self.dtype.unwrap_or_default())?)),
        }
    }

    /// What a run's settings say of the device; nothing of the processor, on which runs are the same on any machine.
    pub fn setting(self) -> Option<String> {
        match self.device {
            Device::Cpu => None,
            Device::Cuda(_) => Some(format!("cuda {}", self.dtype.unwrap_or_default())),
        }
    }
}

/// The Phi of a folder on the GPU of this number. `auto` computes in bf16 where the files hold 16 bits, else in f32.
///
/// # Errors
/// There is no such device, it is too small, or the folder holds no Phi.
pub fn model(number: usize, folder: &Path, dtype: DtypeChoice) -> anyhow::Result<Box<dyn DeviceModel>> {
    let device = Device::Cuda(number);
    check_built(device)?;
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
    open(number, precision)?.model(&files).map_err(|error| match error {
        TrainError::Device(error) => DeviceRefused::Failed { device, reason: error.to_string() }.into(),
        error => error.into(),
    })
}
