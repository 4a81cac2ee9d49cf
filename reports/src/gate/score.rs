//! One score as the gate sees it: a value, and the value of every question at every seed.

use crate::analysis::{Matrix, mean, rounded};
use crate::{ArmRun, Run};
use std::collections::BTreeMap;

/// One score of a baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct BaselineScore {
    /// Key of the run that it was taken from.
    pub run: String,
    /// Arm.
    pub arm: String,
    /// Task.
    pub task: String,
    /// Metric.
    pub metric: String,
    /// Whether a larger value is better.
    pub higher_is_better: bool,
    /// Mean over the seeds.
    pub value: f64,
    /// Standard error of the mean over questions and, with several seeds, over seeds; `None` if it isn't known.
    pub stderr: Option<f64>,
    /// Questions.
    pub n: usize,
    /// Seeds, in the order of the values of each question.
    pub seeds: Vec<u64>,
    /// Value of each question at each seed; `None` where a seed has none. Empty if the run kept no samples.
    pub questions: BTreeMap<String, Vec<Option<f64>>>,
}

/// What the mean over the questions is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// The score itself.
    Mean,
    /// The log-probability, of which the score, a perplexity, is `exp(-mean)`.
    LogProbability,
}

impl Scale {
    pub(super) fn of(metric: &str) -> Self {
        if metric.split(',').next() == Some("perplexity") { Self::LogProbability } else { Self::Mean }
    }

    /// The score of a mean over questions.
    pub(super) fn score(self, mean: f64) -> f64 {
        match self {
            Self::Mean => mean,
            Self::LogProbability => (-mean).exp(),
        }
    }
}

impl BaselineScore {
    /// The score of one arm over its seeds; `None` if there is none.
    pub(super) fn of(run: &str, seeds: &[&ArmRun], task: &str, metric: &str) -> Option<Self> {
        let scores: Vec<_> =
            seeds.iter().filter_map(|arm| arm.scores.iter().find(|s| s.task == task && s.metric == metric)).collect();
        let first = scores.first()?;
        let matrix = Matrix::of(seeds.iter().copied(), task, metric, |_| true);
        let seed_ids: Vec<u64> = matrix.seeds().map(|(seed, _)| seed).collect();
        let mut questions: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
        for (i, (_, row)) in matrix.seeds().enumerate() {
            for (question, value) in row {
                questions.entry(question.clone()).or_insert_with(|| vec![None; seed_ids.len()])[i] = Some(*value);
            }
        }
        let scale = Scale::of(metric);
        let value = match matrix.mean() {
            Some(mean) => scale.score(mean),
            None => mean(scores.iter().map(|s| s.value))?,
        };
        let of_questions = matrix.spread().map(|estimate| match scale {
            Scale::Mean => estimate.stderr,
            // By the delta method.
            Scale::LogProbability => estimate.stderr * value,
        });
        let stderr = of_questions.or_else(|| mean(scores.iter().map(|s| s.stderr)));
        Some(Self {
            run: run.to_owned(),
            arm: seeds[0].arm.clone(),
            task: task.to_owned(),
            metric: metric.to_owned(),
            higher_is_better: first.higher_is_better,
            value: rounded(value).is_finite().then(|| rounded(value))?,
            stderr: stderr.map(rounded).filter(|stderr| stderr.is_finite()),
            n: if questions.is_empty() { first.n } else { questions.len() },
            seeds: if seed_ids.is_empty() { seeds.iter().map(|a| a.seed).collect() } else { seed_ids },
            questions,
        })
    }

    /// What it is a score of.
    pub(super) fn name(&self) -> (&str, &str, &str) {
        (&self.arm, &self.task, &self.metric)
    }

    /// The value that the questions give: the mean of each seed's mean; `None` without questions.
    pub(super) fn value_of_questions(&self) -> Option<f64> {
        let of_seed = |i: usize| mean(self.questions.values().filter_map(|values| *values.get(i)?));
        let mean = mean((0..self.seeds.len()).filter_map(of_seed))?;
        Some(rounded(Scale::of(&self.metric).score(mean)))
    }

    /// The questions as a table; `cluster_of` names a question's cluster.
    pub(super) fn matrix<'a>(&'a self, cluster_of: impl Fn(&'a str) -> &'a str) -> Matrix {
        let mut matrix = Matrix::default();
        for (question, values) in &self.questions {
            for (seed, value) in self.seeds.iter().zip(values) {
                if let Some(value) = value {
                    matrix.insert(*seed, question, cluster_of(question), *value);
                }
            }
        }
        matrix
    }
}

/// The arms of a run that are not controls, each with its seeds, by name.
pub(super) fn watched(run: &Run) -> BTreeMap<&str, Vec<&ArmRun>> {
    let mut seeds: BTreeMap<&str, Vec<&ArmRun>> = BTreeMap::new();
    for arm in run.arms.iter().filter(|a| !a.is_control) {
        seeds.entry(&arm.arm).or_default().push(arm);
    }
    seeds
}
