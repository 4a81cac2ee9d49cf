//! GPUs by candle.

use super::{Device, DeviceRefused};
use phi_candle::{Accelerator, DeviceError};
use phi_train::{Gpu, Precision};

/// Opens the GPU of this number.
///
/// # Errors
/// There is none, or this build has no CUDA in it.
pub fn open(number: usize, precision: Precision) -> Result<Box<dyn Gpu>, DeviceRefused> {
    let device = Device::Cuda(number);
    match Accelerator::cuda(number, precision) {
        Ok(accelerator) => Ok(Box::new(accelerator)),
        Err(DeviceError::NotBuilt) => Err(DeviceRefused::NotBuilt(device)),
        Err(error) => Err(DeviceRefused::Failed { device, reason: error.to_string() }),
    }
}
