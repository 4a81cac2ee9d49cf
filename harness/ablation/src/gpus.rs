//! GPUs as the steps see them. This crate knows none: the caller says how one is opened.

use phi_train::{Gpu, Precision, TrainError};
use std::fmt;

/// Opens a GPU in a number format.
type Open = dyn Fn(Precision) -> Result<Box<dyn Gpu>, TrainError> + Send + Sync;

/// A GPU that steps may run on, one at a time.
pub struct GpuSlot {
    name: String,
    open: Box<Open>,
}

impl GpuSlot {
    /// A GPU of this name (`cuda:1`, for people). Each step opens it for itself, on its own thread.
    pub fn new(
        name: String,
        open: impl Fn(Precision) -> Result<Box<dyn Gpu>, TrainError> + Send + Sync + 'static,
    ) -> GpuSlot {
        GpuSlot { name, open: Box::new(open) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for GpuSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GpuSlot").field(&self.name).finish()
    }
}

/// A GPU that a step has to itself.
#[derive(Clone, Copy)]
pub(crate) struct Lease<'a> {
    pub slot: &'a GpuSlot,
    /// Gives it to the next step, before this one ends. To be called when nothing more is computed on it.
    pub give_back: &'a (dyn Fn() + Sync),
}

impl Lease<'_> {
    pub fn open(&self, precision: Precision) -> Result<Box<dyn Gpu>, TrainError> {
        (self.slot.open)(precision)
    }
}
