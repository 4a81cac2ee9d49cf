//! `--device`: where a model is trained or asked.

#[cfg(not(feature = "candle"))]
mod absent;
#[cfg(feature = "candle")]
mod candle;

#[cfg(not(feature = "candle"))]
pub use absent::Gpu;
#[cfg(feature = "candle")]
pub use candle::Gpu;

use crate::exit::UsageError;
use clap::{Args, ValueEnum};
use std::fmt;
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
    #[cfg(feature = "candle")]
    #[error("--device {device}: {reason}")]
    Failed {
        /// The device.
        device: Device,
        /// What it said.
        reason: String,
    },
}

/// The format of a training run's matrix products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Products {
    /// float32.
    F32,
    /// bfloat16, accumulated in float32; weights, moments and everything else stay in float32.
    Bf16,
}

impl Products {
    fn name(self) -> &'static str {
        match self {
            Products::F32 => "f32",
            Products::Bf16 => "bf16",
        }
    }
}

/// Where a model is trained.
#[derive(Debug, Clone, Copy, Args)]
pub struct TrainDeviceFlags {
    /// Where to train: cpu, cuda, or cuda:N for the GPU of that number (a build with the feature cuda).
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: Device,
    /// Number format of matrix products [default: f32 on the processor, bf16 on a GPU].
    #[arg(long, value_name = "DTYPE")]
    dtype: Option<Products>,
}

impl TrainDeviceFlags {
    /// The GPU; none where the processor trains.
    ///
    /// # Errors
    /// There is no such device, or the processor is asked for bf16.
    pub fn open(self) -> anyhow::Result<Option<Gpu>> {
        match self.device {
            Device::Cpu if self.dtype == Some(Products::Bf16) => {
                Err(UsageError("--dtype bf16 goes with --device cuda; the processor trains in f32".to_owned()).into())
            }
            Device::Cpu => Ok(None),
            device => Ok(Some(Gpu::open(device, self.dtype.unwrap_or(Products::Bf16))?)),
        }
    }

    /// What a run's settings say of the device; nothing of the processor, on which runs are the same on any machine.
    pub fn setting(self) -> Option<String> {
        match self.device {
            Device::Cpu => None,
            Device::Cuda(_) => Some(format!("cuda {}", self.dtype.unwrap_or(Products::Bf16).name())),
        }
    }
}
