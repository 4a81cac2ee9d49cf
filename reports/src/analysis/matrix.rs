//! The values of one arm on one metric as a table of seeds by questions, which pairing and intervals need.

use super::ALPHA;
use crate::ArmRun;
use phi_suites::stats::{PairedComparison, crossed_paired};
use std::collections::{BTreeMap, BTreeSet};

/// Values of one metric of one arm: seed -> question -> value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Matrix {
    seeds: BTreeMap<u64, BTreeMap<String, f64>>,
    clusters: BTreeMap<String, String>,
}

/// A complete table of seeds by questions: what [`phi_suites::stats`] takes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Crossed {
    /// `[seed][question]`.
    pub(crate) values: Vec<Vec<f64>>,
    /// The cluster of each question.
    pub(crate) clusters: Vec<String>,
    /// The questions, sorted.
    pub(crate) questions: Vec<String>,
}

/// Whether a question's value is a log-probability: a perplexity is `exp` of the negative mean of them, and a single
/// question has none.
pub(crate) fn is_log_probability(metric: &str) -> bool {
    metric.split(',').next() == Some("perplexity")
}

impl Matrix {
    /// The samples of an arm's seeds, of one task and metric, that `keep` lets through.
    pub(crate) fn of<'a>(
        seeds: impl IntoIterator<Item = &'a ArmRun>,
        task: &str,
        metric: &str,
        keep: impl Fn(&phi_suites::Sample) -> bool,
    ) -> Self {
        let mut matrix = Self::default();
        for arm in seeds {
            for sample in arm.samples.iter().filter(|s| s.task == task && keep(s)) {
                let Some(&value) = sample.metrics.get(metric).filter(|v| v.is_finite()) else { continue };
                matrix.insert(arm.seed, &sample.key, &sample.cluster, value);
            }
        }
        matrix
    }

    /// Log-probabilities as nats, of which less is better as of the perplexity; everything else as it is.
    pub(crate) fn directed(mut self, metric: &str) -> Self {
        if is_log_probability(metric) {
            self.seeds.values_mut().flat_map(BTreeMap::values_mut).for_each(|value| *value = -*value);
        }
        self
    }

    /// Keeps a value, rounded to 12 decimals: what a baseline file can keep exactly, so that a run and its own baseline
    /// differ by nothing.
    pub(crate) fn insert(&mut self, seed: u64, question: &str, cluster: &str, value: f64) {
        self.seeds.entry(seed).or_default().insert(question.to_owned(), rounded(value));
        self.clusters.insert(question.to_owned(), cluster.to_owned());
    }

    pub(crate) fn seeds(&self) -> impl Iterator<Item = (u64, &BTreeMap<String, f64>)> {
        self.seeds.iter().map(|(seed, values)| (*seed, values))
    }

    pub(crate) fn cluster_of<'a>(&'a self, question: &'a str) -> &'a str {
        self.clusters.get(question).map_or(question, String::as_str)
    }

    /// Mean over questions, then over seeds.
    pub(crate) fn mean(&self) -> Option<f64> {
        super::mean(self.seeds.values().filter_map(|values| super::mean(values.values().copied())))
    }

    /// Mean over the questions of each seed.
    pub(crate) fn means_by_seed(&self) -> Vec<(u64, f64)> {
        self.seeds.iter().filter_map(|(seed, values)| Some((*seed, super::mean(values.values().copied())?))).collect()
    }

    /// The questions that every seed answered, as a complete table; `None` if there are none.
    pub(crate) fn crossed(&self) -> Option<Crossed> {
        let seeds: Vec<u64> = self.seeds.keys().copied().collect();
        let questions = common_questions(self.seeds.values())?;
        Some(self.table(&seeds, &questions))
    }

    /// Mean with its standard error and interval: the paired comparison, with nothing. `None` if all values are alike
    /// (nothing to estimate a variance from) or there is one question.
    pub(crate) fn spread(&self) -> Option<PairedComparison> {
        let crossed = self.crossed()?;
        let estimate = crossed_paired(&crossed.values, Some(&crossed.clusters), ALPHA)?;
        (estimate.stderr > 0.0).then_some(estimate)
    }

    /// Both tables on the seeds and questions that all rows of both have; `None` if there are none.
    pub(crate) fn aligned(&self, other: &Self) -> Option<(Crossed, Crossed)> {
        let seeds: Vec<u64> = self.seeds.keys().filter(|seed| other.seeds.contains_key(seed)).copied().collect();
        let questions = common_questions(seeds.iter().flat_map(|seed| [&self.seeds[seed], &other.seeds[seed]]))?;
        Some((self.table(&seeds, &questions), other.table(&seeds, &questions)))
    }

    fn table(&self, seeds: &[u64], questions: &[&str]) -> Crossed {
        let row = |seed| questions.iter().map(|question| self.seeds[seed][*question]).collect();
        Crossed {
            values: seeds.iter().map(row).collect(),
            clusters: questions.iter().map(|question| self.cluster_of(question).to_owned()).collect(),
            questions: questions.iter().map(|question| (*question).to_owned()).collect(),
        }
    }

    /// The same rows under the seeds 0, 1, 2 ...: for pairing runs whose seeds have other names.
    pub(crate) fn renumbered(&self, n_seeds: usize) -> Self {
        let seeds = self.seeds.values().take(n_seeds).cloned().enumerate().map(|(i, row)| (i as u64, row)).collect();
        Self { seeds, clusters: self.clusters.clone() }
    }
}

/// To 12 decimals.
pub(crate) fn rounded(value: f64) -> f64 {
    const UNIT: f64 = 1e12;
    if value.abs() < 1e3 { (value * UNIT).round() / UNIT } else { value }
}

/// Questions that all rows have, sorted; `None` if there are none.
fn common_questions<'a>(rows: impl IntoIterator<Item = &'a BTreeMap<String, f64>>) -> Option<Vec<&'a str>> {
    let mut rows = rows.into_iter();
    let mut common: BTreeSet<&str> = rows.next()?.keys().map(String::as_str).collect();
    for row in rows {
        common.retain(|question| row.contains_key(*question));
    }
    (!common.is_empty()).then(|| common.into_iter().collect())
}
