//! Leaves out updates whose loss lies far above what the run has come to.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Losses that the next one is judged by.
const WINDOW: usize = 64;
/// Losses that are needed before one can be judged.
const LEAST: usize = 16;
/// After so many updates left out in a row, the level is taken to have changed, and the window is begun anew.
const PATIENCE: u32 = 8;

/// The losses of the last updates, and how many were left out. A part of a run's state, so that a resumed run judges as an
/// unbroken one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SpikeGuard {
    /// The last losses that no spike was seen in, the oldest first.
    recent: VecDeque<f64>,
    /// Updates left out, the last ones in a row.
    in_a_row: u32,
    /// Updates left out in all.
    pub skipped: u64,
}

impl SpikeGuard {
    /// Whether a loss is no spike: at most `z` standard deviations above the mean of the window. It is counted either way.
    pub fn accepts(&mut self, loss: f64, z: f64) -> bool {
        if self.recent.len() >= LEAST {
            let n = self.recent.len() as f64;
            let mean = self.recent.iter().sum::<f64>() / n;
            let variance = self.recent.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
            if loss > mean + z * variance.sqrt() {
                self.skipped += 1;
                self.in_a_row += 1;
                if self.in_a_row >= PATIENCE {
                    self.recent.clear();
                    self.in_a_row = 0;
                }
                return false;
            }
        }
        self.in_a_row = 0;
        if self.recent.len() == WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back(loss);
        true
    }

    /// Whether it has seen nothing yet.
    pub fn is_new(&self) -> bool {
        *self == SpikeGuard::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_is_left_out_and_a_new_level_is_accepted_in_the_end() {
        let mut guard = SpikeGuard::default();
        let calm = |i: u32| 3.0 + 0.1 * f64::from(i % 5);
        assert!((0..40).all(|i| guard.accepts(calm(i), 4.0)));
        assert!(!guard.accepts(5.0, 4.0));
        assert!(guard.accepts(3.3, 4.0) && guard.skipped == 1);
        let accepted = (0..20).filter(|_| guard.accepts(6.0, 4.0)).count();
        assert_eq!((accepted, guard.skipped), (12, 9));
    }
}
