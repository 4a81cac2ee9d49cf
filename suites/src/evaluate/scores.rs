//! From samples to scores with their uncertainty.

use crate::score::PERPLEXITY;
use crate::stats::{
    cluster_bootstrap_of, cluster_count, cluster_t, clustered_standard_error, f1_of_class_one, harness_bootstrap_error,
    matthews_correlation, mean, perplexity, perplexity_standard_error, ratio, ratio_uncertainty, standard_error,
    wilson,
};
use crate::task::{Aggregation, Task};
use crate::{Sample, Score};
use std::collections::BTreeMap;

/// Level of the intervals: 95 %.
const ALPHA: f64 = 0.05;

/// Resamples of the intervals that are bootstrapped, and their seed.
const RESAMPLES: usize = 2000;
const SEED: u64 = 0;

/// One score for each task and metric among the samples, by name. A sample that lacks a metric isn't counted in it.
///
/// A share of right answers to questions that stand alone has Wilson's interval. Any other mean (clusters, pass@k) has the
/// one of Student's t over clusters, within 0 and 1 where the values are; where every value is the same, that would have no
/// width, and Wilson's over clusters stands instead. A perplexity has the interval of its mean log-probability, by Student's
/// t. What is no mean (F1, Matthews' correlation, a median) has the percentiles of a bootstrap over clusters.
#[must_use]
pub fn score_samples(samples: &[Sample]) -> Vec<Score> {
    let by_name = |metric: &str| How {
        aggregation: if metric == PERPLEXITY { Aggregation::Perplexity } else { Aggregation::Mean },
        higher_is_better: metric != PERPLEXITY,
        plain_stderr: false,
    };
    score_samples_as(samples, &by_name)
}

/// The same, put together as the task says.
pub(crate) fn score_task(task: &Task, samples: &[Sample]) -> Vec<Score> {
    let config = task.config();
    let how = |metric: &str| {
        let own = metric.split(',').next().unwrap_or(metric);
        let metric = config.metric_list.iter().find(|it| it.metric.score_name() == own);
        How {
            aggregation: metric.map_or(Aggregation::Mean, crate::task::MetricConfig::aggregation),
            higher_is_better: metric.is_none_or(crate::task::MetricConfig::higher_is_better),
            plain_stderr: config.phi_bench.plain_stderr,
        }
    };
    score_samples_as(samples, &how)
}

/// How a metric becomes a score.
struct How {
    aggregation: Aggregation,
    higher_is_better: bool,
    /// Whether the standard error takes no account of clusters.
    plain_stderr: bool,
}

fn score_samples_as(samples: &[Sample], how: &dyn Fn(&str) -> How) -> Vec<Score> {
    let mut metrics: BTreeMap<(&str, &str), Column<'_>> = BTreeMap::new();
    for sample in samples {
        for (metric, &value) in &sample.metrics {
            let column = metrics.entry((&sample.task, metric)).or_default();
            column.values.push(value);
            column.pairs.extend(sample.pairs.get(metric));
            column.clusters.push(&sample.cluster);
        }
    }
    metrics.into_iter().map(|((task, metric), column)| of_column(task, metric, &column, &how(metric))).collect()
}

/// One metric over the samples that have it.
#[derive(Default)]
struct Column<'a> {
    values: Vec<f64>,
    /// For metrics that take two numbers of each sample.
    pairs: Vec<(f64, f64)>,
    clusters: Vec<&'a str>,
}

/// The mean of one metric over questions with their clusters; see [`score_samples`] for the interval.
pub(crate) fn score(task: &str, metric: &str, values: &[f64], clusters: &[&str]) -> Score {
    let column = Column { values: values.to_vec(), pairs: Vec::new(), clusters: clusters.to_vec() };
    let how = How { aggregation: Aggregation::Mean, higher_is_better: true, plain_stderr: false };
    of_column(task, metric, &column, &how)
}

/// What a score says beyond its name.
struct Estimate {
    value: f64,
    stderr: f64,
    interval: (f64, f64),
    method: &'static str,
}

fn of_column(task: &str, metric: &str, column: &Column<'_>, how: &How) -> Score {
    let estimate = match how.aggregation {
        Aggregation::Mean | Aggregation::Nanmean | Aggregation::BrierScore => of_mean(column, how),
        Aggregation::Perplexity => {
            let (low, high) = cluster_t(&column.values, &column.clusters, ALPHA);
            Estimate {
                value: perplexity(&column.values),
                stderr: perplexity_standard_error(&column.values),
                interval: ((-high).exp(), (-low).exp()),
                method: "cluster-t of the logarithm",
            }
        }
        Aggregation::WeightedPerplexity | Aggregation::BitsPerByte => of_ratio(column, how.aggregation),
        Aggregation::F1 => of_statistic(column, &|drawn| f1_of_class_one(&chosen(&column.pairs, drawn))),
        Aggregation::MatthewsCorrcoef => {
            of_statistic(column, &|drawn| matthews_correlation(&chosen(&column.pairs, drawn)))
        }
        Aggregation::Median => of_statistic(column, &|drawn| {
            let mut values = chosen(&column.values, drawn);
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        }),
    };
    Score {
        task: task.to_owned(),
        metric: metric.to_owned(),
        value: estimate.value,
        stderr: estimate.stderr,
        n: column.values.len(),
        clusters: cluster_count(&column.clusters),
        interval: estimate.interval,
        interval_method: estimate.method.to_owned(),
        higher_is_better: how.higher_is_better,
    }
}

fn chosen<T: Copy>(values: &[T], drawn: &[usize]) -> Vec<T> {
    drawn.iter().map(|&i| values[i]).collect()
}

fn of_mean(column: &Column<'_>, how: &How) -> Estimate {
    let (values, clusters) = (&column.values, &column.clusters);
    let (n, n_clusters) = (values.len(), cluster_count(clusters));
    let value = mean(values);
    let clustered = clustered_standard_error(values, clusters);
    let is_share = values.iter().all(|&x| x == 0.0 || x == 1.0);
    let within = values.iter().all(|x| (0.0..=1.0).contains(x));
    let (interval, method) = if is_share && n == n_clusters {
        (wilson(values.iter().sum(), n as f64, ALPHA), "wilson")
    } else if clustered == 0.0 && within {
        (wilson(value * n_clusters as f64, n_clusters as f64, ALPHA), "wilson")
    } else {
        let (low, high) = cluster_t(values, clusters, ALPHA);
        (if within { (low.max(0.0), high.min(1.0)) } else { (low, high) }, "cluster-t")
    };
    let stderr = if how.plain_stderr { standard_error(values) } else { clustered };
    Estimate { value, stderr, interval, method }
}

/// A sum over a sum, and what is made of it.
fn of_ratio(column: &Column<'_>, aggregation: Aggregation) -> Estimate {
    let centre = ratio(&column.pairs);
    let (stderr, (low, high)) = ratio_uncertainty(&column.pairs, &column.clusters, ALPHA);
    match aggregation {
        Aggregation::BitsPerByte => {
            let bits = |x: f64| -x / std::f64::consts::LN_2;
            let (stderr, interval) = (stderr / std::f64::consts::LN_2, (bits(high), bits(low)));
            Estimate { value: bits(centre), stderr, interval, method: "cluster-t of the ratio" }
        }
        _ => {
            let value = (-centre).exp();
            // The delta method: the error of exp(x) is exp(x) times that of x.
            let (stderr, interval) = (value * stderr, ((-high).exp(), (-low).exp()));
            Estimate { value, stderr, interval, method: "cluster-t of the logarithm" }
        }
    }
}

fn of_statistic(column: &Column<'_>, statistic: &(dyn Fn(&[usize]) -> f64 + Sync)) -> Estimate {
    let n = column.values.len();
    let all: Vec<usize> = (0..n).collect();
    Estimate {
        value: statistic(&all),
        stderr: harness_bootstrap_error(n, statistic),
        interval: cluster_bootstrap_of(statistic, &column.clusters, RESAMPLES, SEED, ALPHA),
        method: "cluster-bootstrap",
    }
}
