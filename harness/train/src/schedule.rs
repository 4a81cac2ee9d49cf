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
    /// Stays at its peak, then falls over the last fifth of the steps as 1 - sqrt (Hägele et al. 2024, arXiv 2405.18392).
    Wsd,
}

/// Share of the steps over which [`Schedule::Wsd`] falls.
const WSD_DECAY: f64 = 0.2;

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
            Schedule::Wsd => {
                let decay = (total as f64 * WSD_DECAY).max(1.0);
                let into = step as f64 - (total as f64 - decay);
                1.0 - (into / decay).max(0.0).sqrt()
            }
        };
        last + (1.0 - last) * left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schedule_rises_falls_and_ends_near_its_last_share() {
        for schedule in [Schedule::Constant, Schedule::Linear, Schedule::Cosine, Schedule::Wsd] {
            let at = |step| schedule.factor(step, 1000, 10, 0.1);
            assert_eq!((at(0), at(9), at(10)), (0.1, 1.0, 1.0), "{schedule:?}");
            assert!((10..999).all(|step| at(step + 1) <= at(step)), "{schedule:?}");
            let end = if schedule == Schedule::Constant { 1.0 } else { 0.1 };
            assert!((at(999) - end).abs() < 4e-3, "{schedule:?} ends at {}", at(999));
        }
    }

    #[test]
    fn wsd_is_stable_until_its_last_fifth() {
        let at = |step| Schedule::Wsd.factor(step, 1000, 0, 0.0);
        assert!((0..=800).all(|step| at(step) == 1.0));
        assert!((at(850) - 0.5).abs() < 1e-12);
    }
}
