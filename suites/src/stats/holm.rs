//! Several comparisons at once.
//!
//! Source: Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian J. of Statistics 6 (1979). It
//! bounds the chance of any false alarm, whatever the dependence between the tests, as arms that share a baseline have.

/// Corrected p-values in the order of the given ones: reject those at or below the level.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut corrected = vec![0.0; p_values.len()];
    let mut largest = 0.0f64;
    for (rank, &i) in order.iter().enumerate() {
        largest = largest.max(((p_values.len() - rank) as f64 * p_values[i]).min(1.0));
        corrected[i] = largest;
    }
    corrected
}
