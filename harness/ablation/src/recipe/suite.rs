//! What the models are scored on.

use super::arm::yes;
use phi_suites::{EvalOptions, Sampled};
use serde::{Deserialize, Serialize};

/// The score that the answer rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Primary {
    /// Task name.
    pub task: String,
    /// Metric name.
    pub metric: String,
}

/// Two arms that are to be compared besides each with the baseline, said before anything is known. All of a metric's
/// comparisons are corrected together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedComparison {
    /// The arm whose gain is asked for.
    pub arm: String,
    /// The arm that it is held against.
    pub against: String,
    /// The task; the primary one if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The metric; the primary one if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// What it is to show, one sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
}

/// One task and how it is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Task name.
    pub task: String,
    /// Examples before each question; the task's own number if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_fewshot: Option<usize>,
    /// Questions at most; all if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Tokens of an answer at most; the task's own number if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<usize>,
    /// Sampled answers beside the greedy one, for pass@k.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<Sampled>,
    /// Whether control arms are scored on it too.
    #[serde(default = "yes")]
    pub controls: bool,
    /// Whether the models of `score_every` are scored on it too, greedily, for the score against tokens.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_training: bool,
}

impl Suite {
    /// How the task is run, with this seed for sampled answers.
    pub(crate) fn options(&self, seed: u64) -> EvalOptions {
        EvalOptions {
            num_fewshot: self.num_fewshot,
            limit: self.limit,
            sampled: self.sampled.clone(),
            seed,
            max_tokens: self.max_tokens,
            ..EvalOptions::default()
        }
    }
}
