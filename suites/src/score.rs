//! A metric over samples, always with its uncertainty.

use serde::{Deserialize, Serialize};

/// Name of the metric that isn't a mean over questions but the perplexity of their log-probabilities.
pub(crate) const PERPLEXITY: &str = "perplexity";

/// A metric over the samples of one task, with its uncertainty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Task name.
    pub task: String,
    /// Metric name (`acc`, `exact_match,strict-match`, `pass@1`).
    pub metric: String,
    /// Mean over the questions; for `perplexity`, `exp` of the mean negative log-probability.
    pub value: f64,
    /// Standard error (clustered where questions share a cluster; for `perplexity`, lm-evaluation-harness's bootstrap).
    pub stderr: f64,
    /// Questions.
    pub n: usize,
    /// Clusters; equals `n` where every question stands alone.
    pub clusters: usize,
    /// Lower and upper end of the 95 % confidence interval.
    pub interval: (f64, f64),
    /// How the interval was made (`wilson`, `beta-binomial`, `normal`, `cluster-t`).
    pub interval_method: String,
    /// Whether a larger value is better.
    pub higher_is_better: bool,
}
