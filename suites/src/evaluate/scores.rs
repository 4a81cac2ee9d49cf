//! From samples to scores with their uncertainty.

use crate::score::PERPLEXITY;
use crate::stats::{
    cluster_count, cluster_t, clustered_standard_error, mean, perplexity, perplexity_standard_error, wilson,
};
use crate::{Sample, Score};
use std::collections::BTreeMap;

/// Level of the intervals: 95 %.
const ALPHA: f64 = 0.05;

/// One score for each task and metric among the samples, by name. A sample that lacks a metric isn't counted in it.
///
/// A share of right answers to questions that stand alone has Wilson's interval. Anything else (clusters, pass@k) has the
/// one of Student's t over clusters, within 0 and 1; where every value is the same, that would have no width, and
/// Wilson's over clusters stands instead. A perplexity has the interval of its mean log-probability, by Student's t.
#[must_use]
pub fn score_samples(samples: &[Sample]) -> Vec<Score> {
    let mut metrics: BTreeMap<(&str, &str), Column<'_>> = BTreeMap::new();
    for sample in samples {
        for (metric, &value) in &sample.metrics {
            let column = metrics.entry((&sample.task, metric)).or_default();
            column.values.push(value);
            column.clusters.push(&sample.cluster);
        }
    }
    metrics.into_iter().map(|((task, metric), column)| score(task, metric, &column.values, &column.clusters)).collect()
}

/// One metric over the samples that have it.
#[derive(Default)]
struct Column<'a> {
    values: Vec<f64>,
    clusters: Vec<&'a str>,
}

/// One metric over questions with their clusters; see [`score_samples`] for the interval.
pub(crate) fn score(task: &str, metric: &str, values: &[f64], clusters: &[&str]) -> Score {
    let (n, n_clusters) = (values.len(), cluster_count(clusters));
    if metric == PERPLEXITY {
        let (low, high) = cluster_t(values, clusters, ALPHA);
        return Score {
            task: task.to_owned(),
            metric: metric.to_owned(),
            value: perplexity(values),
            stderr: perplexity_standard_error(values),
            n,
            clusters: n_clusters,
            interval: ((-high).exp(), (-low).exp()),
            interval_method: "cluster-t of the logarithm".to_owned(),
            higher_is_better: false,
        };
    }
    let value = mean(values);
    let stderr = clustered_standard_error(values, clusters);
    let is_share = values.iter().all(|&x| x == 0.0 || x == 1.0);
    let (interval, method) = if is_share && n == n_clusters {
        (wilson(values.iter().sum(), n as f64, ALPHA), "wilson")
    } else if stderr == 0.0 {
        (wilson(value * n_clusters as f64, n_clusters as f64, ALPHA), "wilson")
    } else {
        let (low, high) = cluster_t(values, clusters, ALPHA);
        ((low.max(0.0), high.min(1.0)), "cluster-t")
    };
    Score {
        task: task.to_owned(),
        metric: metric.to_owned(),
        value,
        stderr,
        n,
        clusters: n_clusters,
        interval,
        interval_method: method.to_owned(),
        higher_is_better: true,
    }
}
