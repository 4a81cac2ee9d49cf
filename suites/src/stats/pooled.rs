//! The standard error of a mean over several tasks, each weighted by its size.
//!
//! Source: lm-evaluation-harness 0.4.13, `lm_eval/api/metrics.py`, `pooled_sample_stderr`: the pooled variance of the tasks'
//! questions over the number of all questions.

/// `sqrt(sum_i (n_i - 1) s_i^2 n_i / (n - tasks) / n)` of standard errors `s_i` over `n_i` questions, `n` of them together; 0
/// where no task has two questions.
///
/// # Panics
/// If there isn't one size for each error.
#[must_use]
pub fn pooled_standard_error(errors: &[f64], sizes: &[usize]) -> f64 {
    assert_eq!(errors.len(), sizes.len(), "one size for each error");
    let n: usize = sizes.iter().sum();
    if n <= sizes.len() {
        return 0.0;
    }
    let squares = |(error, &size): (&f64, &usize)| (size as f64 - 1.0) * error.powi(2) * size as f64;
    let pooled = errors.iter().zip(sizes).map(squares).sum::<f64>() / (n - sizes.len()) as f64;
    (pooled / n as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::pooled_standard_error;
    use crate::stats::standard_error;

    #[test]
    fn one_task_keeps_its_error() {
        let error = standard_error(&[0.0, 1.0, 1.0, 0.0, 1.0]);
        assert!((pooled_standard_error(&[error], &[5]) - error).abs() < 1e-15);
    }

    /// Python: `lm_eval.api.metrics.pooled_sample_stderr([0.04, 0.02], [100, 400])`.
    #[test]
    fn the_error_of_two_tasks_equals_the_harness() {
        assert!((pooled_standard_error(&[0.04, 0.02], &[100, 400]) - PYTHON).abs() < 1e-15);
    }

    const PYTHON: f64 = 0.01788854381999832;
}
