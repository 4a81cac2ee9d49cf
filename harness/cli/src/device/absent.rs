//! A build that knows no GPUs: there is none to be had.

use super::{Device, DeviceRefused};
use phi_train::{Gpu, Precision};

/// Says that there is none.
pub fn open(number: usize, _precision: Precision) -> Result<Box<dyn Gpu>, DeviceRefused> {
    Err(DeviceRefused::NotBuilt(Device::Cuda(number)))
}
