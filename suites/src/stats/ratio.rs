//! A sum over a sum, as perplexity per word is, with its uncertainty.
//!
//! Source: Cochran, "Sampling Techniques", 3rd edition, 1977, section 6.4 (the linearised variance of a ratio), by clusters as in
//! section 11.8 of the same.

use super::{cluster_t, clustered_standard_error};

/// `sum x / sum w` of pairs `(x, w)`; 0 of nothing.
#[must_use]
pub fn ratio(pairs: &[(f64, f64)]) -> f64 {
    let (above, below) = pairs.iter().fold((0.0, 0.0), |(above, below), (x, w)| (above + x, below + w));
    if below == 0.0 { 0.0 } else { above / below }
}

/// The ratio's standard error and its interval by Student's t over clusters.
///
/// # Panics
/// If there isn't one cluster for each pair.
#[must_use]
pub fn ratio_uncertainty<C: Ord>(pairs: &[(f64, f64)], clusters: &[C], alpha: f64) -> (f64, (f64, f64)) {
    let centre = ratio(pairs);
    let mean_weight = pairs.iter().map(|(_, w)| w).sum::<f64>() / pairs.len().max(1) as f64;
    let residuals: Vec<f64> = pairs.iter().map(|(x, w)| (x - centre * w) / mean_weight).collect();
    let (low, high) = cluster_t(&residuals, clusters, alpha);
    (clustered_standard_error(&residuals, clusters), (centre + low, centre + high))
}

#[cfg(test)]
mod tests {
    use super::{ratio, ratio_uncertainty};
    use crate::stats::{cluster_t, standard_error};

    #[test]
    fn equal_weights_make_it_a_mean() {
        let values = [1.0, 2.0, 4.0, 5.0];
        let pairs: Vec<(f64, f64)> = values.iter().map(|&x| (x, 1.0)).collect();
        let (stderr, interval) = ratio_uncertainty(&pairs, &[0, 1, 2, 3], 0.05);
        assert_eq!(ratio(&pairs), 3.0);
        assert!((stderr - standard_error(&values)).abs() < 1e-15);
        let expected = cluster_t(&values, &[0, 1, 2, 3], 0.05);
        assert!((interval.0 - expected.0).abs() < 1e-12 && (interval.1 - expected.1).abs() < 1e-12);
    }
}
