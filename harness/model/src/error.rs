//! What can go wrong with a checkpoint.

use std::path::{Path, PathBuf};

/// What is wrong with a checkpoint, or why it couldn't be written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The operating system said no.
    #[error("can't {action} {path}: {source}")]
    Io {
        /// `read`, `write` ...
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// `config.json` doesn't describe a model that can be built.
    #[error("{path} does not describe a model that can be run: {reason}")]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The weights can't be read.
    #[error("{path} is not a whole safetensors file: {reason}; copy or download it again")]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A tensor is missing, or isn't what `config.json` says.
    #[error("{path}: tensor {name} {reason}; config.json and the weights disagree")]
    Tensor {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A GGUF file can't be read.
    #[error("{path} is not a GGUF file that can be read: {reason}; copy or download it again")]
    Gguf {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file of packed tokens can't be read.
    #[error("{path} is not a whole file of packed tokens: {reason}; remove it and run the step again")]
    Packed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The chat template can't be used, or refuses a conversation.
    #[error("{path}: chat template: {reason}")]
    ChatTemplate {
        /// The file.
        path: PathBuf,
        /// What is wrong, and at which line.
        reason: String,
    },
    /// The tokenizer can't be used.
    #[error("{path} is not a usable tokenizer: {reason}")]
    Tokenizer {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl CheckpointError {
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> CheckpointError {
        CheckpointError::Io { action, path: path.to_owned(), source }
    }
}
