//! Comparisons that the recipe stated before anything was trained: a family of their own.

use super::matrix::Matrix;
use super::mean;
use super::score::{Comparison, Verdict, compare, higher_is_better, is_share};
use crate::{Run, StatedComparison};
use phi_suites::stats::holm;

/// A comparison that the recipe stated, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StatedAnalysis {
    /// What was stated.
    pub stated: StatedComparison,
    /// Whether values are shares of one, shown in per cent.
    pub is_share: bool,
    /// Arm minus the other; `None` if they share no seed or no question. The p-value is corrected by Holm's method over the
    /// stated comparisons alone.
    pub result: Option<Comparison>,
}

pub(super) fn analyse(run: &Run) -> Vec<StatedAnalysis> {
    let mut all: Vec<StatedAnalysis> = run.comparisons.iter().map(|stated| analyse_one(run, stated)).collect();
    let mut family: Vec<&mut Comparison> = all.iter_mut().filter_map(|s| s.result.as_mut()).collect();
    let raw: Vec<f64> = family.iter().map(|c| c.p_value).collect();
    for (comparison, p) in family.iter_mut().zip(holm(&raw)) {
        comparison.p_corrected = p;
    }
    for StatedAnalysis { stated, result, .. } in &mut all {
        if let Some(comparison) = result {
            comparison.verdict = Verdict::of(comparison, higher_is_better(run, &stated.task, &stated.metric));
        }
    }
    all
}

fn analyse_one(run: &Run, stated: &StatedComparison) -> StatedAnalysis {
    let StatedComparison { arm, against, task, metric, .. } = stated;
    let matrix =
        |name: &String| Matrix::of(run.arms.iter().filter(|a| a.arm == *name), task, metric, |_| true).directed(metric);
    let (own, other) = (matrix(arm), matrix(against));
    let is_control = run.arms.iter().any(|a| a.arm == *arm && a.is_control);
    let means = [own.mean(), other.mean()];
    StatedAnalysis {
        stated: stated.clone(),
        is_share: mean(means.into_iter().flatten()).is_some_and(|value| is_share(metric, value)),
        result: compare(arm, is_control, &own, &other),
    }
}
