//! Training and evaluation of Phi models on a GPU, by candle's CUDA back end.
//!
//! - [`Accelerator`]: a device and the number format of its matrix products; a [`phi_train::Gpu`].
//! - [`DeviceEngine`]: a training run on it, as a [`phi_train::StepEngine`]; checkpoints, resumption, growth and scoring are
//!   those of a run on the processor.
//! - [`PhiOnDevice`]: a Phi that answers requests, as a [`phi_model::DeviceModel`].
//!
//! Gradients are written by hand on candle's tensors. Its autograd isn't used: its fused operations (soft-max, LayerNorm,
//! rotary embedding, attention) have no backward and silently drop gradients, and the others keep and add up far more than is
//! needed. So a fused kernel may be used wherever there is one, and what a step keeps is what [`activation_bytes`] says.
//!
//! # Number formats
//! Factors of products are in [`Precision`]'s format, and cuBLAS adds up in f32 in either. Weights, moments, residual stream,
//! norms, soft-max, GELU, loss and gradients are f32. In evaluation the head's product is f32 too.
//!
//! # The operations and their CUDA kernels
//! Read off candle-core 0.11.1 and candle-kernels 0.11.1, whose bf16 kernels want compute capability 8.0. Each is used in
//! these formats only:
//!
//! | operation | kernels |
//! |---|---|
//! | products | `cublasGemmStridedBatchedEx`: f32, bf16; factors must lie densely, as they are or transposed (checked on every device) |
//! | f32 to bf16 and back | `cast_f32_bf16`, `cast_bf16_f32` |
//! | embedding; rows of the residual stream | `is_u32_f32` |
//! | its gradient | `ia_u32_f32`: a thread a column, tokens one after the other, so the sum's order is fixed |
//! | target's logit, and 1 taken off in its gradient | `gather_u32_f32`, `sa_u32_f32`: one target a row |
//! | soft-max of the attention | `softmax_f32` (candle-nn) |
//! | GELU, sigmoid in its gradient | `ugelu_f32`, `usigmoid_f32` |
//! | sums and maxima over the last dimension | `fast_sum_f32`, `fast_max_f32` |
//! | sums over the first | a product with ones |
//! | element by element | `badd`, `bsub`, `bmul`, `bdiv`, `affine`, `usqr`, `usqrt`, `urecip`, `uexp`, `ulog`, `uneg`, each `_f32` |
//! | masks | `eq_u32`, `ge_u32`, `bmul_u8`, `where_u8_f32`; the greedy answer `ge_f32` |
//! | heads apart and together; parts side by side | `ucopy_f32`, `ucopy_bf16`; `copy2d_f32`, `copy2d_bf16` |
//! | running sequences that are left | `is_u32_bf16`, `is_u32_f32` |
//!
//! ```
//! use phi_candle::{Accelerator, DeviceEngine, Precision};
//! use phi_model::{Checkpoint, PackedTokens, Preset};
//! use phi_train::{StepEngine, TrainSpec, TrainTensors};
//!
//! // Without a GPU, candle's CPU device; with one, `Accelerator::cuda(0, Precision::Bf16)?`.
//! let on = Accelerator::cpu(Precision::F32);
//! let config = Preset::named("nano").ok_or("no such preset")?.config(40, 0)?;
//! let mut rows = PackedTokens::new(8);
//! rows.push(&[1, 2, 3, 4, 5, 6, 7, 8, 9], |_| true, |_| false);
//! let tensors = TrainTensors::new(Checkpoint::random(&config, 1).to_flat());
//! let mut engine = DeviceEngine::new(&on, &config, &TrainSpec::default(), 8, tensors)?;
//! assert!(engine.gradient(&rows, &[0], 0)?.norm > 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod device;
mod error;
mod gpu;
mod infer;
mod network;
mod ops;
mod rows;
mod train;
mod weights;

pub use device::Accelerator;
pub use error::DeviceError;
pub use infer::{LoadError, PhiOnDevice};
pub use phi_train::Precision;
pub use train::{DeviceEngine, activation_bytes, forecast_bytes};
