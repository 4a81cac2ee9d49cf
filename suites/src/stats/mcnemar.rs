//! Two models' right and wrong answers to the same questions, by the exact test.
//!
//! Source: McNemar, Psychometrika 12 (1947), with the exact binomial tail of the discordant questions instead of the
//! chi-squared approximation (Fagerland, Lydersen and Laake, BMC Medical Research Methodology 13:91, 2013). It takes
//! questions as independent: where they share clusters, use [`super::paired`].

use statrs::function::beta::beta_reg;

/// The two-sided p-value, given how many questions only the one and only the other model answered rightly.
#[must_use]
pub fn mcnemar_exact(only_a: usize, only_b: usize) -> f64 {
    let n = only_a + only_b;
    let fewer = only_a.min(only_b);
    if fewer * 2 >= n {
        return 1.0;
    }
    // P(X <= k) of a fair binomial is the regularised incomplete beta function I_{1/2}(n - k, k + 1).
    (2.0 * beta_reg((n - fewer) as f64, (fewer + 1) as f64, 0.5)).min(1.0)
}
