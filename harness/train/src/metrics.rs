//! What `metrics.jsonl` says of each step.

use serde::{Deserialize, Serialize};

/// A line of `metrics.jsonl`: one optimiser step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Optimiser steps done.
    pub step: u64,
    /// Tokens trained on so far.
    pub tokens: u64,
    /// Training loss of the step, in nats a target.
    pub loss: f64,
    /// Norm of the gradient before clipping.
    pub grad_norm: f64,
    /// Learning rate.
    pub learning_rate: f64,
    /// Loss on the validation rows, in nats a target, where it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub val_loss: Option<f64>,
    /// Tokens a second since the run (or its last part) began.
    pub tokens_per_second: f64,
    /// Floating-point operations a second, in thousand millions, by [`train_flops_per_token`](phi_model::PhiConfig::train_flops_per_token).
    pub gflops: f64,
    /// Share of the speed of a large product on the same threads, both by the same count: model FLOPs utilisation (Chowdhery
    /// et al. 2022, PaLM, appendix B).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfu: Option<f64>,
    /// Updates left out so far because the loss had spiked.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped: u64,
    /// Seconds that are left at this speed.
    pub seconds_left: f64,
    /// Scores of the model after this step, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<StepScore>,
    /// The most memory that the process had so far, in bytes, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
}

/// A score of a model that is still in training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepScore {
    /// Task.
    pub task: String,
    /// Metric.
    pub metric: String,
    /// Its value, in the metric's own unit.
    pub value: f64,
    /// Lower and upper end of its 95 % confidence interval.
    pub interval: (f64, f64),
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
