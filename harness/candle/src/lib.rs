//! Training and evaluation of Phi models on a GPU, by candle's CUDA back end.
mod device;
mod error;
mod infer;
mod network;
mod ops;
mod rows;
mod train;
mod weights;

pub use device::{Accelerator, Precision};
pub use error::DeviceError;
pub use infer::{LoadError, PhiOnDevice};
pub use train::{DeviceEngine, activation_bytes};
