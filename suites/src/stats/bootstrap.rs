//! The percentile bootstrap over clusters.
//!
//! Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13; whole clusters are drawn (Davison
//! and Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8), since drawing single questions of a shared
//! passage pretends that they are independent.

use crate::python::Random;
use std::collections::BTreeMap;

/// The interval of the mean over `resamples` draws of as many clusters as there are. The same seed gives the same
/// interval. Below two clusters nothing is known: the interval is infinite.
///
/// # Panics
/// If there isn't one cluster for each value.
#[must_use]
pub fn cluster_bootstrap<C: Ord>(
    values: &[f64],
    clusters: &[C],
    resamples: usize,
    seed: u64,
    alpha: f64,
) -> (f64, f64) {
    assert_eq!(values.len(), clusters.len(), "one cluster for each value");
    let mut groups: BTreeMap<&C, (f64, f64)> = BTreeMap::new();
    for (value, cluster) in values.iter().zip(clusters) {
        let (sum, count) = groups.entry(cluster).or_default();
        *sum += value;
        *count += 1.0;
    }
    let groups: Vec<(f64, f64)> = groups.into_values().collect();
    if groups.len() < 2 || resamples == 0 {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    let mut random = Random::new(seed);
    let mut means: Vec<f64> = (0..resamples)
        .map(|_| {
            let (mut sum, mut count) = (0.0, 0.0);
            for _ in 0..groups.len() {
                let (s, n) = groups[random.below(groups.len())];
                sum += s;
                count += n;
            }
            sum / count
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |share: f64| means[((share * resamples as f64) as usize).min(resamples - 1)];
    (at(alpha / 2.0), at(1.0 - alpha / 2.0))
}
