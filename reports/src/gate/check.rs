//! Whether a run is worse than the baseline: significantly, and by more than the threshold.

use super::baseline::{Baseline, BaselineScore, of_score};
use crate::analysis::Matrix;
use crate::{ArmRun, ReportError, Result, Run};
use phi_suites::stats::{PairedComparison, crossed_comparison, crossed_paired, holm};
use serde::Serialize;
use std::collections::BTreeMap;

/// When a drop counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Threshold {
    /// A drop up to this many points (hundredths of a share) is never a regression.
    pub points: f64,
    /// The chance of any false alarm over all metrics together, at most.
    pub alpha: f64,
}

impl Default for Threshold {
    /// 1 point, 5 %.
    fn default() -> Self {
        Self { points: 1.0, alpha: 0.05 }
    }
}

/// What the check found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckReport {
    /// Key of the run that the baseline was made from.
    pub baseline: String,
    /// Key of the run that was checked.
    pub run: String,
    /// When a drop counts.
    pub threshold: Threshold,
    /// One row a score of the baseline or of the run.
    pub rows: Vec<CheckRow>,
}

/// One score against the baseline's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckRow {
    /// Arm.
    pub arm: String,
    /// Task.
    pub task: String,
    /// Metric.
    pub metric: String,
    /// What it comes to.
    pub verdict: CheckVerdict,
    /// The baseline's value; `None` if it has none.
    pub before: Option<f64>,
    /// The run's value; `None` if it has none.
    pub after: Option<f64>,
    /// How the two were compared; `None` if they could not be.
    pub comparison: Option<CheckComparison>,
    /// What a reader should know, a sentence; empty if nothing.
    pub note: String,
}

/// A difference with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CheckComparison {
    /// Run minus baseline.
    pub difference: f64,
    /// 1 - alpha confidence interval.
    pub interval: (f64, f64),
    /// Two-sided p-value.
    pub p_value: f64,
    /// The same, corrected by Holm's method over all rows.
    pub p_corrected: f64,
    /// The smallest difference that a check of this size sees with a power of 80 %.
    pub minimum_detectable_effect: f64,
    /// Questions that were compared.
    pub n_questions: usize,
    /// Questions a check needs to see a difference as small as the threshold, roughly (precision grows with the root);
    /// `None` if the threshold is zero.
    pub n_questions_to_settle: Option<usize>,
    /// How the two were compared.
    pub pairing: Pairing,
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

/// What a row comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// Significantly better, by more than the threshold.
    Improved,
    /// Significantly worse, by more than the threshold.
    Regressed,
    /// Significantly other, by no more than the threshold.
    WithinThreshold,
    /// No significant change, and a drop beyond the threshold is ruled out.
    NoSignificantChange,
    /// No significant change, but a drop beyond the threshold could have gone unseen.
    Inconclusive,
    /// In the baseline, not in the run.
    Missing,
    /// In the run, not in the baseline.
    New,
}

impl CheckReport {
    /// Whether nothing regressed.
    pub fn passed(&self) -> bool {
        self.rows.iter().all(|row| row.verdict != CheckVerdict::Regressed)
    }
}

/// Compares a run with a baseline, metric by metric.
///
/// A row is a regression only if the paired test, corrected over all rows, says that it is worse, *and* the drop is
/// larger than the threshold.
///
/// # Errors
/// [`ReportError::NothingToCompare`] if the two share no arm, task and metric: such a check must not pass for a good one.
pub fn check(baseline: &Baseline, run: &Run, threshold: Threshold) -> Result<CheckReport> {
    let mut seeds: BTreeMap<&str, Vec<&ArmRun>> = BTreeMap::new();
    for arm in run.arms.iter().filter(|a| !a.is_control) {
        seeds.entry(&arm.arm).or_default().push(arm);
    }
    let mut rows: Vec<(CheckRow, bool)> = baseline
        .scores
        .iter()
        .map(|before| {
            (row(before, seeds.get(before.arm.as_str()).map_or(&[], Vec::as_slice), threshold), before.higher_is_better)
        })
        .collect();
    if rows.iter().all(|(row, _)| row.comparison.is_none()) {
        return Err(ReportError::NothingToCompare { baseline: baseline.run.clone(), run: run.key.clone() });
    }
    let raw: Vec<f64> = rows.iter().filter_map(|(row, _)| row.comparison.map(|c| c.p_value)).collect();
    let mut corrected = holm(&raw).into_iter();
    for (row, higher_is_better) in &mut rows {
        let Some(comparison) = &mut row.comparison else { continue };
        comparison.p_corrected = corrected.next().unwrap_or(1.0);
        row.verdict = verdict(comparison, *higher_is_better, threshold);
    }
    let mut rows: Vec<CheckRow> = rows.into_iter().map(|(row, _)| row).collect();
    rows.extend(new_rows(baseline, &seeds));
    Ok(CheckReport { baseline: baseline.run.clone(), run: run.key.clone(), threshold, rows })
}

fn row(before: &BaselineScore, seeds: &[&ArmRun], threshold: Threshold) -> CheckRow {
    let after = of_score(seeds, &before.task, &before.metric);
    let mut row = CheckRow {
        arm: before.arm.clone(),
        task: before.task.clone(),
        metric: before.metric.clone(),
        verdict: CheckVerdict::Missing,
        before: Some(before.value),
        after: after.as_ref().map(|a| a.value),
        comparison: None,
        note: String::new(),
    };
    let Some(after) = after else {
        row.note = "The run has no such score.".to_owned();
        return row;
    };
    let matrix = Matrix::of(seeds.iter().copied(), &before.task, &before.metric, |_| true);
    let (paired, pairing) = compare(before, &after, &matrix, threshold.alpha);
    row.note = match pairing {
        Pairing::SameSeeds if paired.n_questions < before.n.max(after.n) => {
            format!("Compared on the {} questions that both have.", paired.n_questions)
        }
        Pairing::SameSeeds => String::new(),
        Pairing::SameQuestions => "The seeds differ: they were paired in order.".to_owned(),
        Pairing::Unpaired => {
            "No common questions are kept: compared by standard errors, which is less sharp.".to_owned()
        }
    };
    row.verdict = CheckVerdict::Inconclusive;
    row.comparison = Some(CheckComparison {
        difference: paired.difference,
        interval: paired.interval,
        p_value: paired.p_value,
        p_corrected: paired.p_value,
        minimum_detectable_effect: paired.minimum_detectable_effect,
        n_questions: paired.n_questions,
        n_questions_to_settle: (threshold.points > 0.0).then(|| {
            let ratio = paired.minimum_detectable_effect / (threshold.points / 100.0);
            (paired.n_questions as f64 * ratio * ratio).ceil() as usize
        }),
        pairing,
    });
    row
}

/// Paired where the questions allow it, else by the two standard errors.
fn compare(before: &BaselineScore, after: &BaselineScore, own: &Matrix, alpha: f64) -> (PairedComparison, Pairing) {
    let mut saved = Matrix::default();
    for (question, values) in &before.questions {
        for (seed, value) in before.seeds.iter().zip(values) {
            if let Some(value) = value {
                saved.insert(*seed, question, own.cluster_of(question), *value);
            }
        }
    }
    let paired = |own: &Matrix, saved: &Matrix| {
        let (own, saved) = own.aligned(saved)?;
        crossed_comparison(&own.values, &saved.values, Some(&own.clusters), alpha)
    };
    if let Some(paired) = paired(own, &saved) {
        return (paired, Pairing::SameSeeds);
    }
    let n_seeds = before.seeds.len().min(after.seeds.len());
    if let Some(paired) = paired(&own.renumbered(n_seeds), &saved.renumbered(n_seeds)) {
        return (paired, Pairing::SameQuestions);
    }
    (unpaired(before, after, alpha), Pairing::Unpaired)
}

/// Two scores with their standard errors. The paired test is given two made-up values with just that mean and that
/// standard error, and many degrees of freedom by repeating them: its t is then as good as the normal distribution.
fn unpaired(before: &BaselineScore, after: &BaselineScore, alpha: f64) -> PairedComparison {
    let difference = after.value - before.value;
    let stderr = before.stderr.hypot(after.stderr);
    let n = (before.n.min(after.n).max(2) / 2 * 2).max(2);
    // n values at difference ± d have a standard error of d / sqrt(n - 1).
    let d = stderr * ((n - 1) as f64).sqrt();
    let values: Vec<f64> = (0..n).map(|i| if i % 2 == 0 { difference + d } else { difference - d }).collect();
    let estimate = crossed_paired(&[values], None::<&[u8]>, alpha);
    estimate.expect("a row of two or more values of one length can be judged")
}

fn verdict(c: &CheckComparison, higher_is_better: bool, threshold: Threshold) -> CheckVerdict {
    let points = threshold.points / 100.0;
    let (gain, worst) = match higher_is_better {
        true => (c.difference, c.interval.0),
        false => (-c.difference, -c.interval.1),
    };
    if c.p_corrected < threshold.alpha {
        return match gain {
            g if g < -points => CheckVerdict::Regressed,
            g if g > points => CheckVerdict::Improved,
            _ => CheckVerdict::WithinThreshold,
        };
    }
    if worst < -points { CheckVerdict::Inconclusive } else { CheckVerdict::NoSignificantChange }
}

fn new_rows(baseline: &Baseline, seeds: &BTreeMap<&str, Vec<&ArmRun>>) -> Vec<CheckRow> {
    let mut rows: Vec<CheckRow> = Vec::new();
    for (name, arms) in seeds {
        for score in arms.iter().flat_map(|a| &a.scores) {
            let same =
                |arm: &str, task: &str, metric: &str| (arm, task, metric) == (*name, &*score.task, &*score.metric);
            if baseline.scores.iter().any(|s| same(&s.arm, &s.task, &s.metric))
                || rows.iter().any(|r| same(&r.arm, &r.task, &r.metric))
            {
                continue;
            }
            rows.push(CheckRow {
                arm: (*name).to_owned(),
                task: score.task.clone(),
                metric: score.metric.clone(),
                verdict: CheckVerdict::New,
                before: None,
                after: of_score(arms, &score.task, &score.metric).map(|s| s.value),
                comparison: None,
                note: "The baseline has no such score: save it anew to watch it.".to_owned(),
            });
        }
    }
    rows
}
