//! Weights as they lie in their files: mapped, in the number format that the file has, widened to f32 only where the
//! arithmetic needs them.

mod format;
mod gguf;
mod linear;
mod matrix;
mod quants;
mod rounding;
mod safetensors;
mod source;

pub(crate) use format::Format;
pub(crate) use gguf::{GgufFile, Value as GgufValue};
pub(crate) use linear::{Linear, Part};
pub(crate) use matrix::{Matrix, Storage};
pub use rounding::DtypeChoice;
pub(crate) use safetensors::{SafetensorsFolder, open_folder};
pub(crate) use source::{RawTensor, TensorSource};
