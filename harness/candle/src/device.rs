//! Which device computes, and in which number format.

use crate::DeviceError;
use crate::error::without_backtrace;
use candle_core::{DType, Device, Tensor};
use phi_train::Precision;
use std::time::Instant;

/// A device and the number format of its products.
#[derive(Debug, Clone)]
pub struct Accelerator {
    pub(crate) device: Device,
    pub(crate) precision: Precision,
}

impl Accelerator {
    /// The NVIDIA GPU of this number, counted from 0 as the driver counts.
    ///
    /// # Errors
    /// [`DeviceError::NotBuilt`] without the feature `cuda`; [`DeviceError::NoDevice`] where the driver gives no such device.
    pub fn cuda(index: usize, precision: Precision) -> Result<Accelerator, DeviceError> {
        if !cfg!(feature = "cuda") {
            return Err(DeviceError::NotBuilt);
        }
        let device = Device::new_cuda(index)
            .map_err(|error| DeviceError::NoDevice { index, reason: without_backtrace(error).to_string() })?;
        Ok(Accelerator { device, precision })
    }

    /// candle's CPU device: slower than phi-bench's own kernels, for tests of everything but the GPU itself.
    pub fn cpu(precision: Precision) -> Accelerator {
        Accelerator { device: Device::Cpu, precision }
    }

    /// Floating-point operations a second of a large square product in this format, by the clock: what a share of the peak is
    /// a share of. Takes a second or less on a GPU.
    ///
    /// # Errors
    /// The device failed.
    pub fn product_peak(&self) -> Result<f64, DeviceError> {
        let (n, rounds) = if self.device.is_cuda() { (8192, 20) } else { (512, 4) };
        let x = Tensor::ones((n, n), DType::F32, &self.device)?.to_dtype(self.factor_dtype())?;
        let mut best = f64::INFINITY;
        for _ in 0..rounds {
            self.device.synchronize()?;
            let start = Instant::now();
            let product = x.matmul(&x)?;
            self.device.synchronize()?;
            best = best.min(start.elapsed().as_secs_f64());
            drop(product);
        }
        Ok(2.0 * (n as f64).powi(3) / best)
    }

    /// The format of the factors of products.
    pub(crate) fn factor_dtype(&self) -> DType {
        match self.precision {
            Precision::F32 => DType::F32,
            Precision::Bf16 => DType::BF16,
        }
    }

    /// What computes, and how: `cuda bf16`. Answers that are kept are kept under it.
    pub fn describe(&self) -> String {
        let device = if self.device.is_cuda() { "cuda" } else { "candle" };
        format!("{device} {}", self.precision.name())
    }
}
