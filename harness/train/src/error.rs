//! What can go wrong in training.

use crate::MemoryForecast;
use phi_model::CheckpointError;
use std::path::PathBuf;

/// Why training stopped before its end, or could not begin.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The loss or the gradient is no longer a number, or the loss is far above that of guessing.
    #[error(
        "the loss became {loss} at step {step}: training diverged; lower the learning rate (now {learning_rate}), or clip \
         the gradient more"
    )]
    Diverged {
        /// The step.
        step: u64,
        /// The loss there.
        loss: f64,
        /// Peak learning rate of the run.
        learning_rate: f64,
    },
    /// The settings contradict each other.
    #[error("the training settings can't be used: {0}")]
    Spec(String),
    /// The data don't fit the model or the settings.
    #[error("the training data can't be used: {0}")]
    Data(String),
    /// A run was begun with other settings.
    #[error(
        "{dir} holds a run that was begun with other settings: {differences}; give another folder, or begin anew (--restart)"
    )]
    OtherSettings {
        /// The run's folder.
        dir: PathBuf,
        /// Each setting that differs.
        differences: String,
    },
    /// A state file can't be used.
    #[error("{path} is not a training state that can be resumed: {reason}; remove it to begin anew")]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The model could not be scored in training.
    #[error("the model could not be scored after step {step}: {source}")]
    Scoring {
        /// The step.
        step: u64,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The device that does the arithmetic failed, or can't hold the run.
    #[error(transparent)]
    Device(Box<dyn std::error::Error + Send + Sync>),
    /// A file can't be read or written.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The run wouldn't fit the machine's memory.
    #[error(
        "the run needs {forecast} and {} MiB are available; take a smaller model, fewer --threads or --micro-rows, or a \
         shorter --seq-len",
        available >> 20
    )]
    Memory {
        /// What it needs.
        forecast: MemoryForecast,
        /// Bytes that are left.
        available: u64,
    },
    /// The caller asked to stop; the state was saved.
    #[error("interrupted")]
    Interrupted,
}
