//! Perplexity of log-probabilities, and its standard error as lm-evaluation-harness makes it.

use super::{harness_bootstrap_error, mean};

/// `exp(-mean)` of natural-log probabilities.
#[must_use]
pub fn perplexity(log_likelihoods: &[f64]) -> f64 {
    (-mean(log_likelihoods)).exp()
}

/// The standard deviation of the perplexity over [`harness_bootstrap_error`]'s resamples; 0 below two values.
#[must_use]
pub fn perplexity_standard_error(log_likelihoods: &[f64]) -> f64 {
    let n = log_likelihoods.len() as f64;
    harness_bootstrap_error(log_likelihoods.len(), &|drawn| {
        (-drawn.iter().map(|&i| log_likelihoods[i]).sum::<f64>() / n).exp()
    })
}

#[cfg(test)]
mod tests {
    use super::{perplexity, perplexity_standard_error};

    #[test]
    fn equal_values_have_their_own_perplexity_and_no_error() {
        let values = [-0.5f64.ln().abs(); 7];
        assert!((perplexity(&values) - 2.0).abs() < 1e-12);
        assert!(perplexity_standard_error(&values) < 1e-12);
        assert_eq!(perplexity_standard_error(&values[..1]), 0.0);
    }

    /// By the delta method the error is the perplexity times the standard error of the mean.
    #[test]
    fn the_bootstrap_is_near_the_delta_method() {
        let values: Vec<f64> = (0..400).map(|i| -2.0 - f64::from(i % 20) / 40.0).collect();
        let delta = perplexity(&values) * super::super::standard_error(&values);
        assert!((perplexity_standard_error(&values) / delta - 1.0).abs() < 0.02);
    }
}
