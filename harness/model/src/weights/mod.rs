//! Weights as they lie in their files: mapped, in the number format that the file has, widened to f32 only where the
//! arithmetic needs them.

mod float_format;
mod format;
mod gguf;
mod linear;
mod matrix;
mod quants;
mod rounding;
mod safetensors;
mod source;
mod tensor_files;
mod tensor_writer;

pub use float_format::FloatFormat;
pub(crate) use format::Format;
pub(crate) use gguf::{GgufFile, Value as GgufValue};
pub(crate) use linear::{Linear, Part};
pub(crate) use matrix::{Matrix, Storage};
pub use rounding::DtypeChoice;
pub(crate) use safetensors::open_folder;
pub(crate) use source::{RawTensor, TensorSource};
pub use tensor_files::{TensorFiles, TensorInfo};
pub use tensor_writer::TensorWriter;
