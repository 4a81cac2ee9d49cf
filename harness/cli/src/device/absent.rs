//! A build that knows no GPUs: there is none to be had.

use super::{Device, DeviceRefused, Products};
use phi_model::{DeviceModel, DtypeChoice, PhiConfig};
use phi_train::{EngineMaker, TrainSpec};
use std::path::Path;

/// A GPU, which can't exist here.
#[derive(Debug)]
pub enum Gpu {}

impl Gpu {
    /// Says that there is none.
    pub fn open(device: Device, _products: Products) -> anyhow::Result<Gpu> {
        Err(DeviceRefused::NotBuilt(device).into())
    }

    /// Says what of a run's settings it can't do.
    pub fn check(&self, _spec: &TrainSpec) -> anyhow::Result<()> {
        match *self {}
    }

    /// Bytes of its memory that a run will take.
    pub fn memory_bytes(&self, _config: &PhiConfig, _spec: &TrainSpec, _seq_len: usize) -> u64 {
        match *self {}
    }

    /// What makes the engine of a training run.
    pub fn engine<'a>(self, _config: &'a PhiConfig, _spec: &'a TrainSpec, _seq_len: usize) -> Box<EngineMaker<'a>> {
        match self {}
    }

    /// A model on the device.
    pub fn model(device: Device, _folder: &Path, _dtype: DtypeChoice) -> anyhow::Result<Box<dyn DeviceModel>> {
        Err(DeviceRefused::NotBuilt(device).into())
    }
}
