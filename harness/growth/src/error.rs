//! Why a checkpoint can't be grown as asked.

use crate::Method;

/// Why a checkpoint can't be grown as asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
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
}
