//! What a run shows: scores over seeds, paired differences from the baseline arm, and losses against compute.

mod answer;
mod cost;
mod findings;
mod matrix;
mod score;
mod stated;

use crate::{ArmRun, GrowthFacts, Phase, Run};
use std::collections::BTreeSet;

pub(crate) use matrix::{Matrix, is_log_probability, rounded};
pub(crate) use score::is_share;

pub use cost::{Reach, SeedReach};
pub use score::{ArmScore, Comparison, GroupScore, IntervalMethod, MetricAnalysis, Verdict};
pub use stated::StatedAnalysis;

/// Confidence level of every interval, and one minus the level of every test.
pub const ALPHA: f64 = 0.05;

/// Under this a score is at the floor, over one minus this at the ceiling: arms can't be told apart there.
pub const EDGE: f64 = 0.05;

/// What a run shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The arm that the others are compared with.
    pub baseline: String,
    /// The task and metric that the answer rests on.
    pub primary: (String, String),
    /// All seeds, sorted.
    pub seeds: Vec<u64>,
    /// Arms in the run's order, controls included.
    pub arms: Vec<ArmAnalysis>,
    /// Scores and comparisons by task and metric, the primary first.
    pub metrics: Vec<MetricAnalysis>,
    /// The comparisons that the recipe stated, in its order.
    pub stated: Vec<StatedAnalysis>,
    /// What was and wasn't shown: one sentence.
    pub answer: String,
    /// What the run says to each question that the recipe asked beforehand.
    pub findings: Vec<String>,
    /// What a reader must know before trusting the answer, a sentence each.
    pub warnings: Vec<String>,
}

/// One arm over its seeds: costs and losses.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmAnalysis {
    /// The arm's name.
    pub arm: String,
    /// What it does, one sentence.
    pub description: String,
    /// Shown, not compared for the answer.
    pub is_control: bool,
    /// The arm that the others are compared with.
    pub is_baseline: bool,
    /// Its seeds, in the run's order.
    pub seeds: Vec<u64>,
    /// Parameters of the final model (of its first seed).
    pub params: u64,
    /// Mean FLOPs charged before its own training.
    pub inherited_flops: f64,
    /// Mean FLOPs of its own pretraining.
    pub pretrain_flops: f64,
    /// Mean FLOPs of its alignment.
    pub align_flops: f64,
    /// Mean seconds that its own training took.
    pub train_s: f64,
    /// Mean tokens of its own pretraining and alignment, as far as its curve goes.
    pub tokens: f64,
    /// Most memory that the training of any seed took, in bytes; `None` if it was not measured.
    pub peak_memory_bytes: Option<u64>,
    /// Mean milliseconds that the final model took to generate a token; `None` if it was not measured.
    pub latency_ms_per_token: Option<f64>,
    /// Validation loss at the end of pretraining: mean over the seeds that have one.
    pub final_val_loss: Option<f64>,
    /// The same for each seed.
    pub final_val_loss_by_seed: Vec<(u64, Option<f64>)>,
    /// What it takes until the baseline's final pretraining loss.
    pub reach: Reach,
    /// What the growth step measured, by seed; empty for an arm that did not grow.
    pub growth: Vec<(u64, GrowthFacts)>,
}

impl ArmAnalysis {
    /// All FLOPs that the arm is charged with.
    pub fn total_flops(&self) -> f64 {
        self.inherited_flops + self.pretrain_flops + self.align_flops
    }
}

impl Analysis {
    /// Works out what the run shows.
    pub fn of(run: &Run) -> Self {
        let names = arm_names(run);
        let baseline: Vec<&ArmRun> = run.arms.iter().filter(|a| a.arm == run.baseline).collect();
        let arms: Vec<ArmAnalysis> = names.iter().map(|name| arm_analysis(run, name, &baseline)).collect();
        let metrics = score::analyse(run, &arms);
        let mut analysis = Self {
            baseline: run.baseline.clone(),
            primary: run.primary.clone(),
            seeds: run.arms.iter().map(|a| a.seed).collect::<BTreeSet<_>>().into_iter().collect(),
            arms,
            metrics,
            stated: stated::analyse(run),
            answer: String::new(),
            findings: Vec::new(),
            warnings: Vec::new(),
        };
        analysis.warnings = answer::warnings(run, &analysis);
        analysis.answer = answer::sentence(&analysis);
        analysis.findings = findings::findings(&analysis);
        analysis
    }

    /// Whether arms differ in what they are pretrained on, and none grew.
    pub(crate) fn compares_data(&self) -> bool {
        self.arms.iter().any(|arm| arm.description.contains("; pretrained on "))
            && self.arms.iter().all(|arm| arm.growth.is_empty())
    }

    /// The metric that the answer rests on; `None` if no arm was scored by it.
    pub fn primary_metric(&self) -> Option<&MetricAnalysis> {
        self.metrics.iter().find(|m| m.is_primary)
    }

    /// The arm of this name.
    pub fn arm(&self, name: &str) -> Option<&ArmAnalysis> {
        self.arms.iter().find(|a| a.arm == name)
    }

    /// The metric of this task.
    pub fn metric(&self, task: &str, metric: &str) -> Option<&MetricAnalysis> {
        self.metrics.iter().find(|m| m.task == task && m.metric == metric)
    }
}

/// Arm names in the order in which the run has them, each once.
fn arm_names(run: &Run) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for arm in &run.arms {
        if !names.contains(&arm.arm) {
            names.push(arm.arm.clone());
        }
    }
    names
}

fn arm_analysis(run: &Run, name: &str, baseline: &[&ArmRun]) -> ArmAnalysis {
    let seeds: Vec<&ArmRun> = run.arms.iter().filter(|a| a.arm == name).collect();
    let first = seeds[0];
    let average = |value: fn(&ArmRun) -> f64| mean(seeds.iter().map(|a| value(a))).unwrap_or(f64::NAN);
    let losses: Vec<(u64, Option<f64>)> = seeds.iter().map(|a| (a.seed, cost::final_val_loss(a))).collect();
    ArmAnalysis {
        arm: name.to_owned(),
        description: first.description.clone(),
        is_control: first.is_control,
        is_baseline: name == run.baseline,
        seeds: seeds.iter().map(|a| a.seed).collect(),
        params: first.params,
        inherited_flops: average(|a| a.inherited_flops),
        pretrain_flops: average(|a| a.pretrain_flops),
        align_flops: average(|a| a.align_flops),
        train_s: average(|a| a.train_s),
        tokens: average(tokens),
        peak_memory_bytes: seeds.iter().filter_map(|a| a.peak_memory_bytes).max(),
        latency_ms_per_token: mean(seeds.iter().filter_map(|a| a.latency_ms_per_token)),
        final_val_loss: mean(losses.iter().filter_map(|(_, loss)| *loss)),
        final_val_loss_by_seed: losses,
        reach: Reach::of(&seeds, baseline),
        growth: seeds.iter().filter_map(|a| Some((a.seed, a.growth.clone()?))).collect(),
    }
}

/// Tokens that the arm's own training saw: those at the end of both phases.
fn tokens(arm: &ArmRun) -> f64 {
    let of_phase = |phase| arm.curve.iter().filter(|p| p.phase == phase).map(|p| p.tokens).max().unwrap_or(0);
    (of_phase(Phase::Pretrain) + of_phase(Phase::Align)) as f64
}

/// Mean; `None` of nothing.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0_usize);
    for value in values {
        sum += value;
        n += 1;
    }
    (n > 0).then(|| sum / n as f64)
}
