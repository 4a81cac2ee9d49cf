//! Phi models: their files, the decoder that is trained, and the engine that answers the suites.
//!
//! - [`Checkpoint`]: configuration and weights, in the Hugging Face layout on disk.
//! - [`Decoder`]: forward and hand-written backward on a flat parameter buffer, laid out by [`ParamLayout`].
//! - [`Engine`]: a checkpoint and its tokenizer as a [`phi_suites::LanguageModel`].
//! - [`TensorFiles`] and [`TensorWriter`]: checkpoints of any family, read and written a tensor at a time.
//!
//! ```
//! use phi_model::{Batch, Checkpoint, Decoder, PhiConfig, Workspace};
//!
//! let config = PhiConfig {
//!     vocab_size: 32, hidden_size: 16, intermediate_size: 64, num_layers: 2, num_heads: 2, rotary_dim: 4,
//!     rope_theta: 10_000.0, max_positions: 64, layer_norm_eps: 1e-5, eos_token_id: 0,
//! };
//! let params = Checkpoint::random(&config, 1).to_flat();
//! let batch = Batch { tokens: &[1, 2, 3], targets: &[2, 3, 4], weights: &[1.0; 3], segments: &[0..3] };
//! let loss = Decoder::new(&config).loss(&params, &batch, &mut Workspace::new()) / 3.0;
//! assert!((loss - 32f64.ln()).abs() < 0.5, "a random model knows nothing");
//! ```

mod architecture;
mod chat_template;
mod checkpoint;
mod config;
mod decoder;
mod engine;
mod error;
mod infer;
mod init;
mod layout;
mod math;
mod optimiser_state;
mod packed;
mod presets;
mod tensor;
mod weight_files;
mod weights;

pub use architecture::{ArchitectureFacts, NormFamily};
pub use chat_template::ChatTemplate;
pub use checkpoint::{Checkpoint, write_whole};
pub use config::PhiConfig;
pub use decoder::{Batch, Decoder, Op, OpTimes, Workspace};
pub use engine::{
    BatchSize, DeviceDecoding, DeviceModel, Engine, EngineOptions, Reading, StandaloneTokenizer, TextTokenizer,
};
pub use error::CheckpointError;
pub use init::{fill_normal, init_std};
pub use layout::{ParamKind, ParamLayout, ParamSpec};
pub use math::dropout::{Dropout, DropoutRates};
pub use math::product_peak;
pub use optimiser_state::{OptimiserRecord, OptimiserState, UpdateScale};
pub use packed::{PackedTokens, PackedWriter};
pub use presets::{PRESETS, Preset};
pub use tensor::Tensor;
pub use weight_files::WeightFiles;
pub use weights::{DtypeChoice, FloatFormat, TensorFiles, TensorInfo, TensorWriter};
