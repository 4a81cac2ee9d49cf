//! The unbiased estimator of pass@k.
//!
//! Source: Chen et al., "Evaluating Large Language Models Trained on Code", arXiv 2107.03374 (2021), equation 1 and
//! figure 3: `1 - C(n - c, k) / C(n, k)`, as a product so that nothing overflows.

/// The chance that at least one of `k` programs passes, estimated from `n` programs of which `c` pass; none where fewer
/// than `k` were drawn, or where more pass than there are.
#[must_use]
pub fn pass_at_k(n: usize, c: usize, k: usize) -> Option<f64> {
    if k > n || c > n {
        return None;
    }
    if n - c < k {
        return Some(1.0);
    }
    let all_fail: f64 = (n - c + 1..=n).map(|i| 1.0 - k as f64 / i as f64).product();
    Some(1.0 - all_fail)
}
