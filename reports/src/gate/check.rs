//! Whether a run is worse than the baseline: significantly, and by more than the threshold.

use super::baseline::Baseline;
use super::compare::{CheckComparison, Pairing, compare, correct};
use super::score::{BaselineScore, watched};
use crate::{ArmRun, ReportError, Result, Run};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// When a drop counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Threshold {
    /// Only a drop of surely more than so many points is a regression. A point is a hundredth: of a share, or of a nat of
    /// perplexity's logarithm.
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

impl Threshold {
    /// The threshold in the score's own unit.
    pub(super) fn drop(self) -> f64 {
        self.points / 100.0
    }
}

/// What the check found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckReport {
    /// Keys of the runs that the baseline's scores were taken from, sorted.
    pub baseline: Vec<String>,
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
    /// Whether a larger value is better.
    pub higher_is_better: bool,
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

/// What a row comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// Better, significantly by more than the threshold.
    Improved,
    /// Worse, significantly by more than the threshold.
    Regressed,
    /// Significantly other, but not significantly by more than the threshold; a drop beyond it is ruled out.
    SmallChange,
    /// No significant change, and a drop beyond the threshold is ruled out.
    NoSignificantChange,
    /// A drop beyond the threshold is neither shown nor ruled out.
    Inconclusive,
    /// In the baseline, not in the run.
    Missing,
    /// In the run, not in the baseline.
    New,
}

impl CheckReport {
    /// Whether nothing regressed.
    pub fn passed(&self) -> bool {
        self.count(CheckVerdict::Regressed) == 0
    }

    /// How many rows come to this.
    pub fn count(&self, verdict: CheckVerdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }
}

/// Compares a run with a baseline, metric by metric.
///
/// A row is a regression only if the test, corrected by Holm's method over all rows, says that it is worse by more than the
/// threshold: the null hypothesis is a drop of just the threshold, so a true drop of that size or less raises an alarm with a
/// chance of at most `alpha`. Where both have a single arm, its name doesn't matter.
///
/// # Errors
/// [`ReportError::NothingToCompare`] if the two share no arm, task and metric: such a check must not pass for a good one.
pub fn check(baseline: &Baseline, run: &Run, threshold: Threshold) -> Result<CheckReport> {
    let arms = watched(run);
    let partners = Partners::of(baseline, &arms);
    let mut rows: Vec<CheckRow> =
        baseline.scores.iter().map(|before| row(before, partners.seeds(&arms, &before.arm), run, threshold)).collect();
    let keys: BTreeSet<&str> = baseline.scores.iter().map(|s| s.run.as_str()).collect();
    let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
    if rows.iter().all(|row| row.after.is_none()) {
        return Err(ReportError::NothingToCompare { baseline: keys.join(", "), run: run.key.clone() });
    }
    correct(rows.iter_mut().filter_map(|row| row.comparison.as_mut()), threshold);
    for row in &mut rows {
        if let Some(comparison) = &row.comparison {
            row.verdict = verdict(comparison, row.higher_is_better, threshold);
        }
    }
    rows.extend(new_rows(baseline, &arms, &partners, run));
    Ok(CheckReport { baseline: keys, run: run.key.clone(), threshold, rows })
}

/// Which arm of the run stands against which of the baseline: that of the same name, or the only one against the only one
/// (a model's folder may well bear another name on another day).
struct Partners<'a> {
    only: Option<(&'a str, &'a str)>,
}

impl<'a> Partners<'a> {
    fn of(baseline: &'a Baseline, arms: &BTreeMap<&'a str, Vec<&ArmRun>>) -> Self {
        let before: BTreeSet<&str> = baseline.scores.iter().map(|s| s.arm.as_str()).collect();
        let only = match (before.first(), arms.keys().next()) {
            (Some(before_name), Some(name)) if before.len() == 1 && arms.len() == 1 => Some((*before_name, *name)),
            _ => None,
        };
        Self { only }
    }

    /// The run's arm that stands against this arm of the baseline.
    fn seeds<'b>(&self, arms: &'b BTreeMap<&str, Vec<&'b ArmRun>>, before: &str) -> &'b [&'b ArmRun] {
        let name = self.only.map_or(before, |(_, name)| name);
        arms.get(name).map_or(&[], Vec::as_slice)
    }

    /// The baseline's name of this arm of the run.
    fn before<'b>(&self, name: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.only.map_or(name, |(before, _)| before)
    }
}

fn row(before: &BaselineScore, seeds: &[&ArmRun], run: &Run, threshold: Threshold) -> CheckRow {
    let after = BaselineScore::of(&run.key, seeds, &before.task, &before.metric);
    let mut row = CheckRow {
        arm: before.arm.clone(),
        task: before.task.clone(),
        metric: before.metric.clone(),
        higher_is_better: before.higher_is_better,
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
    row.verdict = CheckVerdict::Inconclusive;
    row.comparison = compare(before, &after, seeds, threshold.alpha);
    row.note = note(before, &after, row.comparison.as_ref());
    row
}

fn note(before: &BaselineScore, after: &BaselineScore, comparison: Option<&CheckComparison>) -> String {
    let Some(c) = comparison else {
        return "Neither questions nor a standard error are kept, so the two cannot be compared.".to_owned();
    };
    let mut notes = Vec::new();
    if before.arm != after.arm {
        notes.push(format!("The arm is called {} in this run.", after.arm));
    }
    match c.pairing {
        Pairing::SameSeeds => {}
        Pairing::SameQuestions => notes.push("The seeds differ: they were paired in order.".to_owned()),
        Pairing::Unpaired => {
            notes.push("No common questions are kept: compared by standard errors, which is less sharp.".to_owned());
        }
    }
    if c.pairing != Pairing::Unpaired && c.n_questions < before.n.max(after.n) {
        notes.push(format!("Compared on the {} questions that both have.", c.n_questions));
    }
    notes.join(" ")
}

fn verdict(c: &CheckComparison, higher_is_better: bool, threshold: Threshold) -> CheckVerdict {
    let (gain, worst) = match c.improves_upwards(higher_is_better) {
        true => (c.difference, c.interval.0),
        false => (-c.difference, -c.interval.1),
    };
    if c.p_beyond < threshold.alpha {
        return if gain < 0.0 { CheckVerdict::Regressed } else { CheckVerdict::Improved };
    }
    match worst < -threshold.drop() {
        true => CheckVerdict::Inconclusive,
        false if c.p_corrected < threshold.alpha => CheckVerdict::SmallChange,
        false => CheckVerdict::NoSignificantChange,
    }
}

fn new_rows(
    baseline: &Baseline,
    arms: &BTreeMap<&str, Vec<&ArmRun>>,
    partners: &Partners<'_>,
    run: &Run,
) -> Vec<CheckRow> {
    let known: BTreeSet<(&str, &str, &str)> = baseline.scores.iter().map(BaselineScore::name).collect();
    let mut rows = Vec::new();
    for (name, seeds) in arms {
        let names: BTreeSet<(&str, &str)> =
            seeds.iter().flat_map(|arm| &arm.scores).map(|s| (&*s.task, &*s.metric)).collect();
        let unknown =
            names.into_iter().filter(|(task, metric)| !known.contains(&(partners.before(name), *task, *metric)));
        rows.extend(unknown.filter_map(|(task, metric)| BaselineScore::of(&run.key, seeds, task, metric)).map(new_row));
    }
    rows
}

fn new_row(score: BaselineScore) -> CheckRow {
    CheckRow {
        arm: score.arm,
        task: score.task,
        metric: score.metric,
        higher_is_better: score.higher_is_better,
        verdict: CheckVerdict::New,
        before: None,
        after: Some(score.value),
        comparison: None,
        note: "The baseline has no such score: update it to watch it.".to_owned(),
    }
}
