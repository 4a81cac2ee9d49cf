//! Scores of a classification as a whole.
//!
//! Sources: van Rijsbergen, "Information Retrieval", 1979 (F1); Matthews, Biochimica et Biophysica Acta 405, 1975, in Gorodkin's
//! form for several classes (Computational Biology and Chemistry 28, 2004). Both as scikit-learn computes them, which
//! lm-evaluation-harness calls.

use std::collections::BTreeMap;

/// F1 of the class 1: `2 tp / (2 tp + fp + fn)`; 0 where that is 0/0. Pairs are right and chosen class.
#[must_use]
pub fn f1_of_class_one(pairs: &[(f64, f64)]) -> f64 {
    let count = |right: bool, chosen: bool| {
        pairs.iter().filter(|(r, c)| (*r == 1.0) == right && (*c == 1.0) == chosen).count() as f64
    };
    let (hits, misses, alarms) = (count(true, true), count(true, false), count(false, true));
    if hits == 0.0 { 0.0 } else { 2.0 * hits / (2.0 * hits + misses + alarms) }
}

/// Matthews' correlation between right and chosen class; 0 where either never varies.
#[must_use]
pub fn matthews_correlation(pairs: &[(f64, f64)]) -> f64 {
    let mut counts: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for (right, chosen) in pairs {
        counts.entry(*right as i64).or_default().0 += 1.0;
        counts.entry(*chosen as i64).or_default().1 += 1.0;
    }
    let n = pairs.len() as f64;
    let same = pairs.iter().filter(|(right, chosen)| right == chosen).count() as f64;
    let sum = |f: fn(&(f64, f64)) -> f64| counts.values().map(f).sum::<f64>();
    let (both, right, chosen) = (sum(|(r, c)| r * c), sum(|(r, _)| r * r), sum(|(_, c)| c * c));
    let scale = ((n * n - right) * (n * n - chosen)).sqrt();
    if scale > 0.0 { (same * n - both) / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::{f1_of_class_one, matthews_correlation};

    /// Python: `sklearn.metrics.f1_score` and `matthews_corrcoef`.
    #[test]
    fn scores_equal_scikit_learn() {
        let pairs = [(1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0), (0.0, 0.0), (1.0, 1.0)];
        assert!((f1_of_class_one(&pairs) - 0.75).abs() < 1e-15);
        assert!((matthews_correlation(&pairs) - 0.416_666_666_666_666_7).abs() < 1e-15);
        let three = [(0.0, 0.0), (1.0, 2.0), (2.0, 2.0), (1.0, 1.0), (0.0, 1.0), (2.0, 0.0)];
        assert!((matthews_correlation(&three) - 0.25).abs() < 1e-15);
        assert_eq!((f1_of_class_one(&[(0.0, 0.0)]), matthews_correlation(&[(0.0, 0.0)])), (0.0, 0.0));
    }
}
