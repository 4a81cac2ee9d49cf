//! Two scores against each other, and the correction for how many there are.

use super::check::Threshold;
use super::score::{BaselineScore, Scale};
use crate::ArmRun;
use crate::analysis::Matrix;
use phi_suites::stats::{
    PairedComparison, crossed_comparison, crossed_paired, holm, mcnemar_exact, minimum_detectable_effect, two_sided_p,
};
use serde::Serialize;

/// The chance with which the minimum detectable effect would be found.
const POWER: f64 = 0.8;

/// A difference with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CheckComparison {
    /// Run minus baseline, in `unit`.
    pub difference: f64,
    /// What the difference is measured in.
    pub unit: Unit,
    /// 1 - alpha confidence interval, not corrected.
    pub interval: (f64, f64),
    /// Standard error of the difference.
    pub stderr: f64,
    /// Degrees of freedom of that error.
    pub df: f64,
    /// Two-sided p-value of no change.
    pub p_value: f64,
    /// The same, corrected by Holm's method over all rows.
    pub p_corrected: f64,
    /// p-value of a change by no more than the threshold, corrected alike; 1 where the change isn't larger.
    pub p_beyond: f64,
    /// The smallest true difference that a check of this size sees with a power of 80 %, the number of rows counted.
    pub minimum_detectable_effect: f64,
    /// Questions that were compared.
    pub n_questions: usize,
    /// Seeds that were compared.
    pub n_seeds: usize,
    /// Questions with which a drop of the threshold's size would be shown or ruled out four times in five, roughly
    /// (precision grows with the root; with several seeds, as many times more of them are needed too); `None` if the
    /// threshold is zero.
    pub n_questions_to_settle: Option<usize>,
    /// How the two were compared.
    pub pairing: Pairing,
}

/// What a difference is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// The score's own.
    Score,
    /// Log-probability a question, in nats: of a perplexity, whose questions have no perplexity of their own. More is better.
    Nats,
}

/// How run and baseline were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// Question by question, seed by seed.
    SameSeeds,
    /// Question by question; the seeds differ and were paired in order.
    SameQuestions,
    /// The two scores with their standard errors: less sharp.
    Unpaired,
}

impl CheckComparison {
    /// Whether a positive difference is for the better.
    pub(super) fn improves_upwards(&self, higher_is_better: bool) -> bool {
        match self.unit {
            Unit::Score => higher_is_better,
            Unit::Nats => true,
        }
    }
}

/// Paired where the questions allow it, else by the two standard errors; `None` if those aren't known either.
///
/// The p-values of the result are not yet corrected.
pub(super) fn compare(
    before: &BaselineScore,
    after: &BaselineScore,
    seeds: &[&ArmRun],
    alpha: f64,
) -> Option<CheckComparison> {
    let own = Matrix::of(seeds.iter().copied(), &before.task, &before.metric, |_| true);
    let saved = before.matrix(|question| own.cluster_of(question));
    let n_seeds = before.seeds.len().min(after.seeds.len());
    let (paired, exact, pairing) = match paired(&own, &saved, alpha) {
        Some((paired, exact)) => (paired, exact, Pairing::SameSeeds),
        None => match paired_in_order(&own, &saved, n_seeds, alpha) {
            Some((paired, exact)) => (paired, exact, Pairing::SameQuestions),
            None => (unpaired(before, after, alpha)?, 0.0, Pairing::Unpaired),
        },
    };
    Some(CheckComparison {
        difference: paired.difference,
        unit: match Scale::of(&before.metric) {
            Scale::Mean => Unit::Score,
            Scale::LogProbability => Unit::Nats,
        },
        interval: paired.interval,
        stderr: paired.stderr,
        df: paired.df,
        p_value: paired.p_value.max(exact),
        p_corrected: 1.0,
        p_beyond: 1.0,
        minimum_detectable_effect: paired.minimum_detectable_effect,
        n_questions: paired.n_questions,
        n_seeds: paired.n_seeds,
        n_questions_to_settle: None,
        pairing,
    })
}

/// The paired comparison, and the least that its p-value may be.
fn paired(own: &Matrix, saved: &Matrix, alpha: f64) -> Option<(PairedComparison, f64)> {
    let (own, saved) = own.aligned(saved)?;
    let paired = crossed_comparison(&own.values, &saved.values, Some(&own.clusters), alpha)?;
    let exact = match (own.values.as_slice(), saved.values.as_slice()) {
        ([own], [saved]) if paired.n_clusters == paired.n_questions => exact_p(own, saved),
        _ => 0.0,
    };
    Some((paired, exact))
}

fn paired_in_order(own: &Matrix, saved: &Matrix, n_seeds: usize, alpha: f64) -> Option<(PairedComparison, f64)> {
    paired(&own.renumbered(n_seeds), &saved.renumbered(n_seeds), alpha)
}

/// McNemar's exact p-value of right and wrong answers; 0 of any others. With few questions that changed, Student's t takes
/// too much for significant (four that all fell: 0.045, where a fair coin gives 0.125).
fn exact_p(own: &[f64], saved: &[f64]) -> f64 {
    if own.iter().chain(saved).any(|v| *v != 0.0 && *v != 1.0) {
        return 0.0;
    }
    let only = |a: &[f64], b: &[f64]| a.iter().zip(b).filter(|(a, b)| a > b).count();
    mcnemar_exact(only(own, saved), only(saved, own))
}

/// Two scores with their standard errors. The paired test is given made-up values with just that mean and that standard
/// error, and many degrees of freedom by repeating them: its t is then as good as the normal distribution.
fn unpaired(before: &BaselineScore, after: &BaselineScore, alpha: f64) -> Option<PairedComparison> {
    let (before_stderr, after_stderr) = (before.stderr?, after.stderr?);
    let (difference, stderr) = match Scale::of(&before.metric) {
        Scale::Mean => (after.value - before.value, before_stderr.hypot(after_stderr)),
        Scale::LogProbability => {
            ((before.value / after.value).ln(), (before_stderr / before.value).hypot(after_stderr / after.value))
        }
    };
    let n = (before.n.min(after.n).max(2) / 2 * 2).max(2);
    // n values at difference ± d have a standard error of d / sqrt(n - 1).
    let d = stderr * ((n - 1) as f64).sqrt();
    let values: Vec<f64> = (0..n).map(|i| if i % 2 == 0 { difference + d } else { difference - d }).collect();
    crossed_paired(&[values], None::<&[u8]>, alpha).filter(|paired| paired.difference.is_finite())
}

/// Corrects the p-values of all comparisons together, and says what so many could have seen.
pub(super) fn correct<'a>(comparisons: impl Iterator<Item = &'a mut CheckComparison>, threshold: Threshold) {
    let mut comparisons: Vec<&mut CheckComparison> = comparisons.collect();
    let raw: Vec<f64> = comparisons.iter().map(|c| c.p_value).collect();
    let beyond: Vec<f64> = comparisons.iter().map(|c| p_beyond(c, threshold.drop())).collect();
    // The least favourable step of Holm's method.
    let alpha = threshold.alpha / comparisons.len().max(1) as f64;
    for ((c, p), beyond) in comparisons.iter_mut().zip(holm(&raw)).zip(holm(&beyond)) {
        c.p_corrected = p;
        c.p_beyond = beyond;
        c.minimum_detectable_effect = minimum_detectable_effect(c.stderr, c.df, alpha, POWER);
        c.n_questions_to_settle = (threshold.points > 0.0).then(|| {
            let ratio = c.minimum_detectable_effect / threshold.drop();
            (c.n_questions as f64 * ratio * ratio).ceil() as usize
        });
    }
}

/// Two-sided p-value against the threshold instead of zero. Without a standard error, all that is left is the sign test.
fn p_beyond(c: &CheckComparison, threshold: f64) -> f64 {
    let excess = c.difference.abs() - threshold;
    match (excess > 0.0, c.stderr > 0.0) {
        (false, _) => 1.0,
        (true, true) => two_sided_p(excess / c.stderr, c.df).max(c.p_value),
        (true, false) => c.p_value,
    }
}
