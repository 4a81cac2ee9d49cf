//! Learning rate over the steps.

use serde::{Deserialize, Serialize};

/// How the learning rate falls after the warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Stays at its peak, as phi-1.5's.
    Constant,
    /// Falls in a straight line, as phi-1's.
    Linear,
    /// Falls along half a cosine.
    Cosine,
}

impl Schedule {
    /// Share of the peak learning rate at `step` (from 0) of `total`: rises in a straight line over `warmup` steps, then
    /// falls to `last`.
    pub fn factor(self, step: u64, total: u64, warmup: u64, last: f64) -> f64 {
        if step < warmup {
            return (step + 1) as f64 / warmup as f64;
        }
        let done = (step - warmup) as f64 / total.saturating_sub(warmup).max(1) as f64;
        let left = match self {
            Schedule::Constant => return 1.0,
            Schedule::Linear => 1.0 - done,
            Schedule::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * done).cos()),
        };
        last + (1.0 - last) * left
    }
}
