//! How much training an arm takes until it is as good as the baseline's pretraining ends.

use super::mean;
use crate::{ArmRun, CurvePoint, Phase};

/// Training until the validation loss first falls to the baseline's final pretraining loss of the same seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// One entry a seed, in the run's order.
    pub by_seed: Vec<SeedReach>,
    /// Mean pretraining steps over the seeds that got there; `None` if none did.
    pub mean_steps: Option<f64>,
    /// Mean FLOPs, inherited ones included, over the seeds that got there.
    pub mean_flops: Option<f64>,
    /// Seeds that got there.
    pub n_reached: usize,
}

/// One seed of [`Reach`].
#[derive(Debug, Clone, PartialEq)]
pub struct SeedReach {
    /// The seed.
    pub seed: u64,
    /// The loss to get to; `None` if the baseline has none for this seed.
    pub target: Option<f64>,
    /// Own pretraining steps until then, interpolated; `None` if it never got there.
    pub steps: Option<f64>,
    /// FLOPs until then, inherited ones included, interpolated.
    pub flops: Option<f64>,
}

impl Reach {
    /// How the numbers are made, for the reader.
    pub const NOTE: &'static str = "First time that the pretraining validation loss falls to the baseline's final \
        pretraining validation loss of the same seed, interpolated linearly between evaluations; FLOPs include those \
        inherited from the small model, steps count the arm's own pretraining only. The baseline's own entry is the \
        first time that it was at its final loss.";

    pub(super) fn of(seeds: &[&ArmRun], baseline: &[&ArmRun]) -> Self {
        let by_seed: Vec<SeedReach> = seeds
            .iter()
            .map(|arm| {
                let target = baseline.iter().find(|b| b.seed == arm.seed).and_then(|b| final_val_loss(b));
                let crossing = target.and_then(|target| first_crossing(arm, target));
                SeedReach {
                    seed: arm.seed,
                    target,
                    steps: crossing.map(|(steps, _)| steps),
                    flops: crossing.map(|(_, flops)| flops),
                }
            })
            .collect();
        Self {
            mean_steps: mean(by_seed.iter().filter_map(|s| s.steps)),
            mean_flops: mean(by_seed.iter().filter_map(|s| s.flops)),
            n_reached: by_seed.iter().filter(|s| s.steps.is_some()).count(),
            by_seed,
        }
    }
}

/// Points of the pretraining curve that have a validation loss, in order, with it.
fn evaluations(arm: &ArmRun) -> impl Iterator<Item = (&CurvePoint, f64)> {
    arm.curve.iter().filter(|p| p.phase == Phase::Pretrain).filter_map(|p| Some((p, p.val_loss?)))
}

/// Validation loss at the end of pretraining.
pub(super) fn final_val_loss(arm: &ArmRun) -> Option<f64> {
    evaluations(arm).last().map(|(_, loss)| loss).filter(|loss| loss.is_finite())
}

/// Steps and FLOPs at the first time that the loss is at or under the target.
fn first_crossing(arm: &ArmRun, target: f64) -> Option<(f64, f64)> {
    let mut before: Option<(&CurvePoint, f64)> = None;
    for (point, loss) in evaluations(arm) {
        if loss <= target {
            let at = |from: f64, to: f64, share: f64| from + share * (to - from);
            return Some(match before {
                Some((p, l)) if l.is_finite() && l > loss => {
                    let share = (l - target) / (l - loss);
                    (at(p.step as f64, point.step as f64, share), at(p.flops, point.flops, share))
                }
                _ => (point.step as f64, point.flops),
            });
        }
        before = Some((point, loss));
    }
    None
}
