//! One question answered by one model.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One question answered by one model: what was asked, what came back, and what it is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Task, by lm-evaluation-harness's name.
    pub task: String,
    /// Position of the question in its split.
    pub doc_id: usize,
    /// The question's own id (`HumanEval/53`), the same for every model.
    pub key: String,
    /// Questions that share a passage or a template share a cluster; otherwise the key.
    pub cluster: String,
    /// Label to break scores down by (difficulty, subject); empty if there is none.
    pub group: String,
    /// What the model was given.
    pub prompt: String,
    /// What the right answer is, as text.
    pub target: String,
    /// What the model said: completions, or the continuations scored.
    pub responses: Vec<Response>,
    /// Metric name to value; for generation tasks with filters the name is `metric,filter`.
    pub metrics: BTreeMap<String, f64>,
    /// For metrics that take two numbers of a question: right and chosen class (`f1`, `mcc`), or sum and weight
    /// (`word_perplexity`, `byte_perplexity`, `bits_per_byte`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pairs: BTreeMap<String, (f64, f64)>,
}

impl Sample {
    /// Sets a metric that takes two numbers; `value` stands for the question alone.
    pub(crate) fn set_pair(&mut self, metric: &str, value: f64, pair: (f64, f64)) {
        self.metrics.insert(metric.to_owned(), value);
        self.pairs.insert(metric.to_owned(), pair);
    }
}

/// One answer within a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// A completion, or a scored continuation.
    pub text: String,
    /// Log-probability of the continuation, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_likelihood: Option<f64>,
    /// Whether the continuation is the greedy one, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_greedy: Option<bool>,
    /// What the sandbox said of it, for code (`passed`, `failed`, `fuel_exhausted` ...).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// The exception or reason behind the verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
