//! Why a checkpoint can't be grown as asked.

use crate::Method;
use phi_model::CheckpointError;
use std::path::PathBuf;

/// Why a checkpoint can't be grown as asked.
#[derive(Debug, thiserror::Error)]
pub enum GrowthError {
    /// A dimension shrinks, or the method can't do its ratio.
    #[error("{method} can't grow {dimension} from {from} to {to}: {reason}")]
    Dimension {
        /// The method.
        method: Method,
        /// The field of the configuration.
        dimension: &'static str,
        /// Its value in the small model.
        from: usize,
        /// Its value in the large one.
        to: usize,
        /// What would be needed.
        reason: &'static str,
    },
    /// The noise can't be so strong or so weak, or isn't a number.
    #[error("a signal-to-noise ratio of {snr_db} dB makes no sense; give one between -200 and 200")]
    Noise {
        /// What was asked for.
        snr_db: f64,
    },
    /// The method has nothing to divide among copies.
    #[error("{method} can't split unequally: only tiling-preserving divides weights among copies; leave the split out")]
    Split {
        /// The method.
        method: Method,
    },
    /// The optimiser's state can't grow with the weights.
    #[error("the optimiser's state can't be grown by {method}: {reason}")]
    Optimiser {
        /// The method.
        method: Method,
        /// Why.
        reason: &'static str,
    },
    /// The target shape contradicts itself.
    #[error("the target model can't be built: {0}")]
    Target(String),
    /// The family's tensors aren't known to growth.
    #[error("a model of the family \"{family}\" can't be grown; these can: {known}")]
    Family {
        /// `model_type`.
        family: String,
        /// The families that can.
        known: String,
    },
    /// A file holds a tensor that its family doesn't have.
    #[error("{path}: tensor {name} is none of a {family}'s, and would be lost; config.json and the weights disagree")]
    Superfluous {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// `model_type`.
        family: String,
    },
    /// The large model would be written over the small one.
    #[error("{0} is the small model's own folder; give another one for the large model")]
    SameFolder(PathBuf),
    /// The caller said to stop; the large model's folder has no weights yet, or those that it had.
    #[error("interrupted")]
    Interrupted,
    /// A checkpoint can't be read or written.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The loss can't be measured.
    #[error("the loss on the text can't be measured: {0}")]
    Loss(String),
}
