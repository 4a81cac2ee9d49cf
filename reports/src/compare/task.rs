//! Two sides on one task.

use super::Side;
use crate::analysis::{ALPHA, Matrix, Verdict, is_log_probability, is_share};
use crate::html::USUAL_METRICS;
use phi_suites::Sample;
use phi_suites::stats::{crossed_comparison, mcnemar_exact};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Two sides on one task, by one metric. Differences are B minus A.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskComparison {
    /// Task.
    pub task: String,
    /// Metric.
    pub metric: String,
    /// Whether a larger value is better.
    pub higher_is_better: bool,
    /// Whether values are shares of one.
    pub is_share: bool,
    /// Questions that both answered at every paired seed.
    pub n_questions: usize,
    /// Seeds that are paired.
    pub n_seeds: usize,
    /// Clusters of those questions.
    pub n_clusters: usize,
    /// Questions without a partner.
    pub only_in_a: usize,
    /// Questions without a partner.
    pub only_in_b: usize,
    /// Questions that the two were asked in other words.
    pub different_prompts: usize,
    /// A's mean over the common questions.
    pub score_a: f64,
    /// B's mean over the common questions.
    pub score_b: f64,
    /// Who is right where, over questions and seeds; `None` where answers are more than right or wrong.
    pub outcomes: Option<Outcomes>,
    /// B minus A.
    pub difference: f64,
    /// Its standard error, over questions (by cluster) and seeds.
    pub stderr: f64,
    /// 95 % confidence interval of the difference.
    pub interval: (f64, f64),
    /// The test behind the p-value.
    pub test: Test,
    /// Two-sided p-value.
    pub p_value: f64,
    /// The same, corrected by Holm's method over the tasks.
    pub p_corrected: f64,
    /// Correlation of the sides over questions; `None` where one doesn't vary.
    pub correlation: Option<f64>,
    /// The true difference that a comparison of this size finds four times in five.
    pub minimum_detectable_effect: f64,
    /// Whether B is better or worse than A, or nothing was shown.
    pub verdict: Verdict,
    /// Questions that one side has right and the other wrong, by seed and key.
    pub flips: Vec<Flip>,
}

/// Who is right where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Outcomes {
    /// Both are right.
    pub both: usize,
    /// Only A is.
    pub only_a: usize,
    /// Only B is.
    pub only_b: usize,
    /// Neither is.
    pub neither: usize,
}

/// The test behind a p-value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// McNemar's exact test: right or wrong, one seed, no clusters.
    McnemarExact,
    /// Paired t-test over clusters of questions, one seed.
    PairedT,
    /// Paired test with seeds and questions as crossed random effects.
    Crossed,
}

impl Test {
    /// As a reader knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::McnemarExact => "McNemar, exact",
            Self::PairedT => "paired t by cluster",
            Self::Crossed => "paired, seeds x questions",
        }
    }
}

/// A question that one side has right and the other wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flip {
    /// The question's own id.
    pub key: String,
    /// The pair of seeds that it flipped at: A's.
    pub seed_a: u64,
    /// And B's.
    pub seed_b: u64,
    /// Whether B is the one that is right.
    pub is_gain: bool,
}

impl TaskComparison {
    /// `None` if the sides share no question or no metric of this task, or one question only.
    pub(super) fn of(a: &Side, b: &Side, task: &str, metric: Option<&str>) -> Option<Self> {
        let metric = common_metric(a, b, task, metric)?;
        let (all_a, all_b) = (matrix(a, task, &metric), matrix(b, task, &metric));
        // Seeds are paired by number; where none is common, in their order.
        let (seeds_a, seeds_b) = (numbers(&all_a), numbers(&all_b));
        let common: Vec<u64> = seeds_a.iter().filter(|s| seeds_b.contains(s)).copied().collect();
        let n = seeds_a.len().min(seeds_b.len());
        let pairs: Vec<(u64, u64)> = match common.is_empty() {
            true => seeds_a.iter().copied().zip(seeds_b.iter().copied()).take(n).collect(),
            false => common.iter().map(|s| (*s, *s)).collect(),
        };
        let (own, other) = match common.is_empty() {
            true => all_a.renumbered(n).aligned(&all_b.renumbered(n))?,
            false => all_a.aligned(&all_b)?,
        };
        let paired = crossed_comparison(&other.values, &own.values, Some(&own.clusters), ALPHA)?;
        let is_binary = own.values.iter().chain(&other.values).flatten().all(|v| *v == 0.0 || *v == 1.0);
        let outcomes = is_binary.then(|| Outcomes::of(&own.values, &other.values));
        let one_seed = pairs.len() == 1;
        let (test, p_value) = match outcomes {
            Some(o) if one_seed && paired.n_clusters == paired.n_questions => {
                (Test::McnemarExact, mcnemar_exact(o.only_a, o.only_b))
            }
            _ if one_seed => (Test::PairedT, paired.p_value),
            _ => (Test::Crossed, paired.p_value),
        };
        let mean = |values: &[Vec<f64>]| values.iter().flatten().sum::<f64>() / (values.len() * values[0].len()) as f64;
        let score = |values: &[Vec<f64>]| {
            let mean = mean(values);
            if is_log_probability(&metric) { mean.exp() } else { mean }
        };
        let (score_a, score_b) = (score(&own.values), score(&other.values));
        let keys: BTreeSet<&str> = own.questions.iter().map(String::as_str).collect();
        let (alone_a, alone_b) = (questions(a, task), questions(b, task));
        let mut flips = Vec::new();
        if is_binary {
            for (row, (seed_a, seed_b)) in pairs.iter().enumerate() {
                for (column, key) in own.questions.iter().enumerate() {
                    let (x, y) = (own.values[row][column], other.values[row][column]);
                    if x != y {
                        flips.push(Flip { key: key.clone(), seed_a: *seed_a, seed_b: *seed_b, is_gain: y > x });
                    }
                }
            }
        }
        Some(Self {
            task: task.to_owned(),
            higher_is_better: !a.lower_is_better.contains(&(task.to_owned(), metric.clone())),
            is_share: is_share(&metric, score_a) && is_share(&metric, score_b),
            metric,
            n_questions: paired.n_questions,
            n_seeds: paired.n_seeds,
            n_clusters: paired.n_clusters,
            only_in_a: alone_a.keys().filter(|key| !keys.contains(*key)).count(),
            only_in_b: alone_b.keys().filter(|key| !keys.contains(*key)).count(),
            different_prompts: keys.iter().filter(|key| alone_a.get(*key) != alone_b.get(*key)).count(),
            score_a,
            score_b,
            outcomes,
            difference: paired.difference,
            stderr: paired.stderr,
            interval: paired.interval,
            test,
            p_value,
            p_corrected: p_value,
            correlation: paired.correlation,
            minimum_detectable_effect: paired.minimum_detectable_effect,
            verdict: Verdict::NotShown,
            flips,
        })
    }
}

impl Outcomes {
    fn of(a: &[Vec<f64>], b: &[Vec<f64>]) -> Self {
        let mut outcomes = Self { both: 0, only_a: 0, only_b: 0, neither: 0 };
        for (x, y) in a.iter().flatten().zip(b.iter().flatten()) {
            let count = match (*x == 1.0, *y == 1.0) {
                (true, true) => &mut outcomes.both,
                (true, false) => &mut outcomes.only_a,
                (false, true) => &mut outcomes.only_b,
                (false, false) => &mut outcomes.neither,
            };
            *count += 1;
        }
        outcomes
    }
}

fn matrix(side: &Side, task: &str, metric: &str) -> Matrix {
    let mut matrix = Matrix::default();
    for (seed, sample) in side.samples().filter(|(_, s)| s.task == task) {
        if let Some(value) = sample.metrics.get(metric).filter(|v| v.is_finite()) {
            matrix.insert(seed, &sample.key, &sample.cluster, *value);
        }
    }
    matrix.directed(metric)
}

fn numbers(matrix: &Matrix) -> Vec<u64> {
    matrix.seeds().map(|(seed, _)| seed).collect()
}

/// Keys of the questions of a task with their prompts.
fn questions<'a>(side: &'a Side, task: &str) -> BTreeMap<&'a str, &'a str> {
    side.samples().filter(|(_, s)| s.task == task).map(|(_, s)| (s.key.as_str(), s.prompt.as_str())).collect()
}

/// The metric asked for, or the main one of those that both sides have.
fn common_metric(a: &Side, b: &Side, task: &str, wanted: Option<&str>) -> Option<String> {
    let of = |side: &Side| -> BTreeSet<String> {
        let samples = side.samples().filter(|(_, s)| s.task == task).map(|(_, s)| s);
        samples.flat_map(|s: &Sample| s.metrics.keys().cloned()).collect()
    };
    let (of_a, of_b) = (of(a), of(b));
    let common: Vec<&String> = of_a.intersection(&of_b).collect();
    let named = |name: &str| common.iter().find(|m| m.as_str() == name || m.split(',').next() == Some(name));
    let found = match wanted {
        Some(name) => named(name),
        None => USUAL_METRICS.iter().find_map(|name| named(name)).or_else(|| common.first()),
    };
    found.map(|name| (*name).clone())
}
