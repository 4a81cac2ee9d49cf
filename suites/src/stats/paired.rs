//! Two models on the same questions, one run each.
//!
//! Source: Miller, arXiv 2411.00640 (2024), section 4: the variance of the per-question differences, clustered where
//! questions are, is smaller than that of two separate scores by twice their covariance.

use super::crossed::{PairedComparison, crossed_comparison};
use super::mean::mean;

/// The comparison of `a` minus `b` at level `alpha`, question by question. One run of each model says nothing about other
/// seeds: the interval covers other questions of the same kind.
///
/// None where there are fewer than two clusters, or the lengths differ.
#[must_use]
pub fn paired<C: Ord>(a: &[f64], b: &[f64], clusters: &[C], alpha: f64) -> Option<PairedComparison> {
    crossed_comparison(&[a.to_vec()], &[b.to_vec()], Some(clusters), alpha)
}

/// Pearson's correlation; none where either side doesn't vary.
#[must_use]
pub fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut products, mut squares_a, mut squares_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        products += (x - mean_a) * (y - mean_b);
        squares_a += (x - mean_a).powi(2);
        squares_b += (y - mean_b).powi(2);
    }
    let scale = (squares_a * squares_b).sqrt();
    (scale > 0.0).then(|| products / scale)
}
