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
    let mean = |drawn: &[usize]| drawn.iter().map(|&i| values[i]).sum::<f64>() / drawn.len() as f64;
    cluster_bootstrap_of(&mean, clusters, resamples, seed, alpha)
}

/// The same interval of any statistic, given the positions of the questions that were drawn.
#[must_use]
pub fn cluster_bootstrap_of<C: Ord>(
    statistic: &dyn Fn(&[usize]) -> f64,
    clusters: &[C],
    resamples: usize,
    seed: u64,
    alpha: f64,
) -> (f64, f64) {
    let mut groups: BTreeMap<&C, Vec<usize>> = BTreeMap::new();
    for (i, cluster) in clusters.iter().enumerate() {
        groups.entry(cluster).or_default().push(i);
    }
    let groups: Vec<Vec<usize>> = groups.into_values().collect();
    if groups.len() < 2 || resamples == 0 {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    let mut random = Random::new(seed);
    let mut drawn = Vec::new();
    let mut values: Vec<f64> = (0..resamples)
        .map(|_| {
            drawn.clear();
            for _ in 0..groups.len() {
                drawn.extend(&groups[random.below(groups.len())]);
            }
            statistic(&drawn)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((share * resamples as f64) as usize).min(resamples - 1)];
    (at(alpha / 2.0), at(1.0 - alpha / 2.0))
}
