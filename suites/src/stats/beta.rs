//! Bayesian intervals of a share.
//!
//! Sources: Brown, Cai and DasGupta, Statistical Science 16(2), 2001, section 4.3 (Jeffreys); Bowyer, Aitchison and
//! Ivanova, arXiv 2503.01747 (2025), section 3 (Beta-Bernoulli with a uniform prior for evaluations with few questions).

use statrs::distribution::{Beta, ContinuousCDF};

/// Jeffreys' interval, from the posterior under the prior Beta(1/2, 1/2); its open end at 0 or `n` successes is closed.
#[must_use]
pub fn jeffreys(successes: usize, n: usize, alpha: f64) -> (f64, f64) {
    let (low, high) = beta_binomial(successes, n, (0.5, 0.5), alpha);
    (if successes == 0 { 0.0 } else { low }, if successes == n { 1.0 } else { high })
}

/// The central credible interval of the success rate under the prior Beta(`prior.0`, `prior.1`).
///
/// A prior that isn't positive, or more successes than items, says nothing: the interval is 0 to 1.
#[must_use]
pub fn beta_binomial(successes: usize, n: usize, prior: (f64, f64), alpha: f64) -> (f64, f64) {
    let Some(failures) = n.checked_sub(successes) else { return (0.0, 1.0) };
    match Beta::new(prior.0 + successes as f64, prior.1 + failures as f64) {
        Ok(posterior) => (posterior.inverse_cdf(alpha / 2.0), posterior.inverse_cdf(1.0 - alpha / 2.0)),
        Err(_) => (0.0, 1.0),
    }
}
