//! Perplexity of log-probabilities, and its standard error as lm-evaluation-harness makes it.
//!
//! Source of the error: lm-evaluation-harness 0.4.13, `lm_eval/api/metrics.py`, `bootstrap_stderr`: the standard deviation of
//! the perplexities of resamples, drawn in chunks by CPython's `random.Random(chunk).choices`.

use super::mean;
use crate::python::Random;

/// Resamples of one generator.
const CHUNK: u64 = 1000;
/// Generators, seeded with 0 and up.
const CHUNKS: u64 = 100;

/// `exp(-mean)` of natural-log probabilities.
#[must_use]
pub fn perplexity(log_likelihoods: &[f64]) -> f64 {
    (-mean(log_likelihoods)).exp()
}

/// The standard deviation of the perplexity over 100000 resamples; 0 below two values.
#[must_use]
pub fn perplexity_standard_error(log_likelihoods: &[f64]) -> f64 {
    if log_likelihoods.len() < 2 {
        return 0.0;
    }
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let resampled: Vec<f64> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let chunks = (CHUNKS * worker / threads)..(CHUNKS * (worker + 1) / threads);
                scope.spawn(move || chunks.flat_map(|chunk| resamples(log_likelihoods, chunk)).collect::<Vec<f64>>())
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("resampling doesn't panic")).collect()
    });
    let centre = mean(&resampled);
    let squares: f64 = resampled.iter().map(|x| (x - centre).powi(2)).sum();
    (squares / (resampled.len() as f64 - 1.0)).sqrt()
}

/// The perplexities of one chunk.
fn resamples(values: &[f64], chunk: u64) -> Vec<f64> {
    let mut random = Random::new(chunk);
    let n = values.len() as f64;
    (0..CHUNK)
        .map(|_| {
            let sum: f64 = (0..values.len()).map(|_| values[(random.random() * n) as usize]).sum();
            (-sum / n).exp()
        })
        .collect()
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
