//! Scores over seeds, with both sources of chance (which seeds, which questions), and paired differences.

use super::matrix::{Matrix, is_log_probability};
use super::{ALPHA, ArmAnalysis, mean};
use crate::{ArmRun, Run};
use phi_suites::Score;
use phi_suites::stats::{crossed_comparison, holm};
use serde::Serialize;
use std::collections::BTreeSet;

/// Scores and comparisons by one metric of one task.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricAnalysis {
    /// Task.
    pub task: String,
    /// Metric.
    pub metric: String,
    /// The answer rests on it. The others are secondary: their p-values are corrected together, apart from the primary's.
    pub is_primary: bool,
    /// Whether a larger value is better.
    pub higher_is_better: bool,
    /// Whether values are shares of one, shown in per cent.
    pub is_share: bool,
    /// Arms that have a score, in the run's order.
    pub arms: Vec<ArmScore>,
    /// Arms other than the baseline, controls included, each against the baseline.
    pub comparisons: Vec<Comparison>,
    /// Scores by the questions' group (difficulty, subject): groups in reading order, arms within. Empty if there are
    /// no groups.
    pub groups: Vec<GroupScore>,
}

/// One arm's score over its seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmScore {
    /// Arm.
    pub arm: String,
    /// Mean over questions and seeds.
    pub value: f64,
    /// 95 % confidence interval.
    pub interval: (f64, f64),
    /// Where the interval comes from.
    pub interval_method: IntervalMethod,
    /// Questions.
    pub n_questions: usize,
    /// The value at each seed.
    pub by_seed: Vec<(u64, f64)>,
}

/// Where an interval over seeds comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalMethod {
    /// Variance of seeds and of questions, crossed.
    Crossed,
    /// The task's own interval, averaged over the seeds: one seed, all values alike, or no samples to work from.
    WithinSeed,
}

/// An arm against the baseline, question by question and seed by seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Arm.
    pub arm: String,
    /// Shown, not compared for the answer, and in no correction family.
    pub is_control: bool,
    /// Arm minus baseline.
    pub difference: f64,
    /// Its standard error, over seeds and questions.
    pub stderr: f64,
    /// 95 % confidence interval of the difference.
    pub interval: (f64, f64),
    /// Two-sided p-value.
    pub p_value: f64,
    /// The same, corrected by Holm's method over its family; equals `p_value` for a control.
    pub p_corrected: f64,
    /// The smallest difference that a run of this size sees with a power of 80 %.
    pub minimum_detectable_effect: f64,
    /// Correlation of the two arms' answers over questions; `None` where one arm's don't vary.
    pub correlation: Option<f64>,
    /// Questions that both answered.
    pub n_questions: usize,
    /// Seeds that both have.
    pub n_seeds: usize,
    /// What it comes to.
    pub verdict: Verdict,
}

/// What a comparison comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Better than the baseline.
    Better,
    /// Worse than the baseline.
    Worse,
    /// No difference was shown; that there is none was not shown either.
    NotShown,
}

impl Verdict {
    /// By the corrected p-value and the direction of the difference.
    pub(super) fn of(comparison: &Comparison, higher_is_better: bool) -> Self {
        match comparison.p_corrected < ALPHA {
            true if (comparison.difference > 0.0) == higher_is_better => Self::Better,
            true => Self::Worse,
            false => Self::NotShown,
        }
    }
}

/// One arm's score on the questions of one group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupScore {
    /// The group's label.
    pub group: String,
    /// Arm.
    pub arm: String,
    /// Mean over its questions and seeds.
    pub value: f64,
    /// 95 % confidence interval, over seeds and questions.
    pub interval: (f64, f64),
    /// Questions of the group.
    pub n_questions: usize,
}

pub(super) fn analyse(run: &Run, arms: &[ArmAnalysis]) -> Vec<MetricAnalysis> {
    let mut metrics: Vec<(&str, &str)> = Vec::new();
    for score in run.arms.iter().flat_map(|a| &a.scores) {
        if !metrics.contains(&(&score.task, &score.metric)) {
            metrics.push((&score.task, &score.metric));
        }
    }
    // Stable: the others stay in the run's order.
    metrics.sort_by_key(|(task, metric)| (*task, *metric) != (run.primary.0.as_str(), run.primary.1.as_str()));
    let mut analyses: Vec<MetricAnalysis> =
        metrics.into_iter().map(|(task, metric)| of_metric(run, arms, task, metric)).collect();
    for family in [Family::Primary, Family::Secondary, Family::Part] {
        correct(&mut analyses, family);
    }
    analyses
}

fn of_metric(run: &Run, arms: &[ArmAnalysis], task: &str, metric: &str) -> MetricAnalysis {
    let of_arm = |name: &str| -> Vec<&ArmRun> { run.arms.iter().filter(|a| a.arm == name).collect() };
    let matrices: Vec<(&ArmAnalysis, Matrix)> =
        arms.iter().map(|arm| (arm, Matrix::of(of_arm(&arm.arm), task, metric, |_| true).directed(metric))).collect();
    let arm_scores: Vec<ArmScore> =
        matrices.iter().filter_map(|(arm, matrix)| arm_score(&of_arm(&arm.arm), matrix, task, metric)).collect();
    let baseline = matrices.iter().find(|(arm, _)| arm.is_baseline).map(|(_, matrix)| matrix);
    let comparisons = matrices
        .iter()
        .filter(|(arm, _)| !arm.is_baseline)
        .filter_map(|(arm, matrix)| compare(&arm.arm, arm.is_control, matrix, baseline?))
        .collect();
    MetricAnalysis {
        task: task.to_owned(),
        metric: metric.to_owned(),
        is_primary: (task, metric) == (run.primary.0.as_str(), run.primary.1.as_str()),
        higher_is_better: higher_is_better(run, task, metric),
        is_share: arm_scores.iter().all(|s| is_share(metric, s.value)),
        groups: groups(run, arms, task, metric),
        arms: arm_scores,
        comparisons,
    }
}

/// Whether a larger value of a metric is better; yes if no arm was scored by it.
pub(super) fn higher_is_better(run: &Run, task: &str, metric: &str) -> bool {
    let mut scores = run.arms.iter().flat_map(|a| &a.scores);
    scores.find(|s| s.task == task && s.metric == metric).is_none_or(|s| s.higher_is_better)
}

/// Whether a value is a share of one. Perplexities and bits a byte may lie under one too, and are no shares.
pub(crate) fn is_share(metric: &str, value: f64) -> bool {
    !["perplexity", "bits_per", "loss"].iter().any(|word| metric.contains(word)) && (0.0..=1.0).contains(&value)
}

fn arm_score(seeds: &[&ArmRun], matrix: &Matrix, task: &str, metric: &str) -> Option<ArmScore> {
    let arm = seeds.first()?.arm.clone();
    let own: Vec<(u64, &Score)> = seeds
        .iter()
        .filter_map(|a| Some((a.seed, a.scores.iter().find(|s| s.task == task && s.metric == metric)?)))
        .collect();
    let within = (
        mean(own.iter().map(|(_, s)| s.interval.0)).unwrap_or(f64::NAN),
        mean(own.iter().map(|(_, s)| s.interval.1)).unwrap_or(f64::NAN),
    );
    let from_scores = || {
        Some(ArmScore {
            arm: arm.clone(),
            value: mean(own.iter().map(|(_, s)| s.value))?,
            interval: within,
            interval_method: IntervalMethod::WithinSeed,
            n_questions: own.iter().map(|(_, s)| s.n).max().unwrap_or(0),
            by_seed: own.iter().map(|(seed, s)| (*seed, s.value)).collect(),
        })
    };
    // The mean of nats is no perplexity.
    let mean = matrix.mean().filter(|_| !is_log_probability(metric));
    let (Some(value), Some(crossed)) = (mean, matrix.crossed()) else { return from_scores() };
    let is_share = is_share(metric, value);
    let (interval, interval_method) = match matrix.spread().map(|estimate| estimate.interval) {
        Some(interval) if crossed.values.len() > 1 || own.is_empty() => {
            (if is_share { clamp(interval) } else { interval }, IntervalMethod::Crossed)
        }
        _ => (within, IntervalMethod::WithinSeed),
    };
    let n_questions = crossed.clusters.len();
    Some(ArmScore { arm, value, interval, interval_method, n_questions, by_seed: matrix.means_by_seed() })
}

fn clamp((low, high): (f64, f64)) -> (f64, f64) {
    (low.max(0.0), high.min(1.0))
}

/// The paired comparison, not yet corrected and without a verdict.
pub(super) fn compare(arm: &str, is_control: bool, matrix: &Matrix, baseline: &Matrix) -> Option<Comparison> {
    let (own, others) = matrix.aligned(baseline)?;
    let paired = crossed_comparison(&own.values, &others.values, Some(&own.clusters), ALPHA)?;
    Some(Comparison {
        arm: arm.to_owned(),
        is_control,
        difference: paired.difference,
        stderr: paired.stderr,
        interval: paired.interval,
        p_value: paired.p_value,
        p_corrected: paired.p_value,
        minimum_detectable_effect: paired.minimum_detectable_effect,
        correlation: paired.correlation,
        n_questions: paired.n_questions,
        n_seeds: paired.n_seeds,
        verdict: Verdict::NotShown,
    })
}

/// Metrics whose comparisons are corrected together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// What the answer rests on.
    Primary,
    /// Other metrics.
    Secondary,
    /// Parts of a metric, by whether training resembles the question.
    Part,
}

impl MetricAnalysis {
    fn family(&self) -> Family {
        match () {
            () if self.is_primary => Family::Primary,
            () if self.part().is_some() => Family::Part,
            () => Family::Secondary,
        }
    }

    /// For a metric over a part of a task's questions: its own name, whether the part is the one that training resembles, and
    /// the way in which the two were told apart (`pass@1,similar-syntax-0.9`).
    pub(crate) fn part(&self) -> Option<(&str, bool, &str)> {
        let (own, part) = self.metric.rsplit_once(',')?;
        let (side, way) = part.split_once('-')?;
        match side {
            "similar" => Some((own, true, way)),
            "other" => Some((own, false, way)),
            _ => None,
        }
    }
}

/// Holm's correction over the comparisons of one family, controls left out; then the verdicts.
fn correct(metrics: &mut [MetricAnalysis], of: Family) {
    let mut family: Vec<&mut Comparison> = metrics
        .iter_mut()
        .filter(|m| m.family() == of)
        .flat_map(|m| &mut m.comparisons)
        .filter(|c| !c.is_control)
        .collect();
    let raw: Vec<f64> = family.iter().map(|c| c.p_value).collect();
    for (comparison, p) in family.iter_mut().zip(holm(&raw)) {
        comparison.p_corrected = p;
    }
    for metric in metrics.iter_mut().filter(|m| m.family() == of) {
        let higher_is_better = metric.higher_is_better;
        for comparison in &mut metric.comparisons {
            comparison.verdict = Verdict::of(comparison, higher_is_better);
        }
    }
}

fn groups(run: &Run, arms: &[ArmAnalysis], task: &str, metric: &str) -> Vec<GroupScore> {
    if is_log_probability(metric) {
        return Vec::new();
    }
    let labels: BTreeSet<(GroupOrder, &str)> = run
        .arms
        .iter()
        .flat_map(|a| &a.samples)
        .filter(|s| s.task == task && !s.group.is_empty())
        .map(|s| (group_order(&s.group), s.group.as_str()))
        .collect();
    let mut scores = Vec::new();
    for (_, label) in labels {
        for arm in arms {
            let seeds = run.arms.iter().filter(|a| a.arm == arm.arm);
            let matrix = Matrix::of(seeds, task, metric, |s| s.group == label);
            let (Some(value), Some(crossed)) = (matrix.mean(), matrix.crossed()) else { continue };
            let interval = matrix
                .spread()
                .map(|estimate| estimate.interval)
                .map_or((value, value), |interval| if is_share(metric, value) { clamp(interval) } else { interval });
            scores.push(GroupScore {
                group: label.to_owned(),
                arm: arm.arm.clone(),
                value,
                interval,
                n_questions: crossed.clusters.len(),
            });
        }
    }
    scores
}

/// Known levels first and in their order, then by the first number in the label, then by name.
type GroupOrder = (usize, u64);

fn group_order(label: &str) -> GroupOrder {
    const LEVELS: [&str; 10] = [
        "trivial",
        "very easy",
        "easy",
        "simple",
        "medium",
        "moderate",
        "intermediate",
        "hard",
        "difficult",
        "very hard",
    ];
    const NUMBERS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let label = label.to_lowercase();
    let known = LEVELS.iter().position(|level| *level == label).unwrap_or(LEVELS.len());
    let number = label.split(|c: char| !c.is_alphanumeric()).find_map(|word| {
        let digits: String = word.chars().filter(char::is_ascii_digit).collect();
        digits.parse().ok().or_else(|| NUMBERS.iter().position(|n| *n == word).map(|n| n as u64))
    });
    (known, number.unwrap_or(u64::MAX))
}
