//! Standard errors of a mean over questions, plain and clustered.
//!
//! Sources: Miller, "Adding Error Bars to Evals", arXiv 2411.00640 (2024), sections 2.1 and 2.2; the factor `C / (C - 1)`
//! for few clusters as in Cameron and Miller, "A Practitioner's Guide to Cluster-Robust Inference", J. Human Resources
//! 50(2), 2015, section II.D. With it the clustered error equals the plain one when every question stands alone.

use super::quantile::student_t;
use std::collections::BTreeMap;

/// The arithmetic mean; 0 of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// `sqrt(sum (x - mean)^2 / (n (n - 1)))`, which is also lm-evaluation-harness's; 0 below two values.
#[must_use]
pub fn standard_error(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if values.len() < 2 {
        return 0.0;
    }
    let centre = mean(values);
    let squares: f64 = values.iter().map(|x| (x - centre).powi(2)).sum();
    (squares / (n - 1.0)).sqrt() / n.sqrt()
}

/// Number of different clusters.
#[must_use]
pub fn cluster_count<C: Ord>(clusters: &[C]) -> usize {
    clusters.iter().collect::<std::collections::BTreeSet<_>>().len()
}

/// `sqrt(C / (C - 1) * sum_c (sum_{i in c} (x_i - mean))^2) / n`; 0 below two clusters.
///
/// # Panics
/// If there isn't one cluster for each value.
#[must_use]
pub fn clustered_standard_error<C: Ord>(values: &[f64], clusters: &[C]) -> f64 {
    let totals = centred_totals(values, clusters);
    let count = totals.len() as f64;
    if totals.len() < 2 {
        return 0.0;
    }
    if totals.len() == values.len() {
        return standard_error(values);
    }
    let squares: f64 = totals.iter().map(|total| total * total).sum();
    (count / (count - 1.0) * squares).sqrt() / values.len() as f64
}

/// For each cluster, in order of its label, the sum of its values' distances from the mean of all.
pub(super) fn centred_totals<C: Ord>(values: &[f64], clusters: &[C]) -> Vec<f64> {
    assert_eq!(values.len(), clusters.len(), "one cluster for each value");
    let centre = mean(values);
    let mut totals: BTreeMap<&C, f64> = BTreeMap::new();
    for (value, cluster) in values.iter().zip(clusters) {
        *totals.entry(cluster).or_default() += value - centre;
    }
    totals.into_values().collect()
}

/// The mean, plus and minus the clustered standard error times the quantile of Student's t with `C - 1` degrees of
/// freedom. Below two clusters nothing is known: the interval is infinite.
#[must_use]
pub fn cluster_t<C: Ord>(values: &[f64], clusters: &[C], alpha: f64) -> (f64, f64) {
    let count = cluster_count(clusters);
    if count < 2 {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    let centre = mean(values);
    let half = student_t(1.0 - alpha / 2.0, count as f64 - 1.0) * clustered_standard_error(values, clusters);
    (centre - half, centre + half)
}
