//! One line of the ledger, and what a run gives to it.

use crate::analysis::Matrix;
use crate::{ArmRun, Run, date};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What was measured of one arm at one commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// When the commit was made: `2026-02-03T14:05:00Z`.
    pub date: String,
    /// The commit.
    pub commit: String,
    /// The arm, or the model.
    pub arm: String,
    /// `arc_easy acc`, `training speed`, `latency`, `peak memory`.
    pub measure: String,
    /// The value.
    pub value: f64,
    /// What it is measured in.
    pub unit: Unit,
    /// Whether a larger value is better.
    pub higher_is_better: bool,
    /// Questions behind a score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<usize>,
    /// 95 % confidence interval of a score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
}

/// What a measurement is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A share of 1.
    Share,
    /// The metric's own.
    Score,
    /// Tokens a second.
    TokensPerSecond,
    /// Milliseconds a token.
    MsPerToken,
    /// Bytes.
    Bytes,
}

impl Unit {
    /// The value with its unit, for people.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Share => format!("{:.2} %", 100.0 * value),
            Self::Score => format!("{value:.4}"),
            Self::TokensPerSecond => format!("{value:.0} tokens/s"),
            Self::MsPerToken => format!("{value:.3} ms/token"),
            Self::Bytes => format!("{:.1} MB", value / 1e6),
        }
    }
}

/// A commit, as a measurement names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its hash, or any other name.
    pub id: String,
    /// Seconds since 1970 when it was made.
    pub unix_s: u64,
}

/// Everything that a run measured of its arms, controls left out: each score as the mean over the seeds, and what the arms
/// cost. Sorted by arm and measure.
pub fn measurements(run: &Run, commit: &Commit) -> Vec<Measurement> {
    let mut arms: BTreeMap<&str, Vec<&ArmRun>> = BTreeMap::new();
    for arm in run.arms.iter().filter(|a| !a.is_control) {
        arms.entry(&arm.arm).or_default().push(arm);
    }
    let mut all: Vec<Measurement> = arms.values().flat_map(|seeds| of_arm(seeds, commit)).collect();
    all.sort_by(|a, b| (&a.arm, &a.measure).cmp(&(&b.arm, &b.measure)));
    all
}

fn of_arm(seeds: &[&ArmRun], commit: &Commit) -> Vec<Measurement> {
    let new = |measure: &str, value: f64, unit: Unit, higher_is_better: bool| Measurement {
        date: date::iso(commit.unix_s),
        commit: commit.id.clone(),
        arm: seeds[0].arm.clone(),
        measure: measure.to_owned(),
        value,
        unit,
        higher_is_better,
        n: None,
        interval: None,
    };
    let names: BTreeSet<(&str, &str)> =
        seeds.iter().flat_map(|arm| &arm.scores).map(|s| (s.task.as_str(), s.metric.as_str())).collect();
    let mut all: Vec<Measurement> = names
        .into_iter()
        .filter_map(|(task, metric)| {
            let s = OverSeeds::of(seeds, task, metric)?;
            let unit = if crate::analysis::is_share(metric, s.value) { Unit::Share } else { Unit::Score };
            let bare = new(&format!("{task} {metric}"), s.value, unit, s.higher_is_better);
            Some(Measurement { n: Some(s.n), interval: s.interval, ..bare })
        })
        .collect();
    let memory = mean(seeds.iter().filter_map(|a| a.peak_memory_bytes).map(|bytes| bytes as f64));
    let latency = mean(seeds.iter().filter_map(|a| a.latency_ms_per_token));
    let costs = [
        ("latency", latency, Unit::MsPerToken, false),
        ("peak memory", memory, Unit::Bytes, false),
        ("training speed", mean(seeds.iter().filter_map(|a| tokens_per_second(a))), Unit::TokensPerSecond, true),
    ];
    let costs = costs.into_iter().filter_map(|(name, value, unit, higher)| Some(new(name, value?, unit, higher)));
    all.extend(costs.filter(|m| m.value.is_finite()));
    all
}

/// A score as the mean over the seeds.
struct OverSeeds {
    value: f64,
    interval: Option<(f64, f64)>,
    n: usize,
    higher_is_better: bool,
}

impl OverSeeds {
    fn of(seeds: &[&ArmRun], task: &str, metric: &str) -> Option<Self> {
        let scores: Vec<_> =
            seeds.iter().filter_map(|a| a.scores.iter().find(|s| s.task == task && s.metric == metric)).collect();
        let first = scores.first()?;
        let value = mean(scores.iter().map(|s| s.value)).filter(|v| v.is_finite())?;
        let interval = match scores.len() {
            1 => Some(first.interval),
            // Not of a perplexity, whose questions hold its logarithm.
            _ => Matrix::of(seeds.iter().copied(), task, metric, |_| true)
                .spread()
                .filter(|spread| (spread.difference - value).abs() < 1e-6)
                .map(|spread| spread.interval),
        };
        let interval = interval.filter(|(low, high)| low.is_finite() && high.is_finite());
        Some(Self { value, interval, n: first.n, higher_is_better: first.higher_is_better })
    }
}

/// Tokens of both phases over the seconds that training took; `None` for an arm that wasn't trained.
fn tokens_per_second(arm: &ArmRun) -> Option<f64> {
    let mut last: BTreeMap<crate::Phase, u64> = BTreeMap::new();
    for point in &arm.curve {
        let tokens = last.entry(point.phase).or_default();
        *tokens = (*tokens).max(point.tokens);
    }
    let tokens: u64 = last.values().sum();
    (tokens > 0 && arm.train_s > 0.0).then(|| tokens as f64 / arm.train_s)
}

fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    crate::analysis::mean(values)
}
