//! What a training run is to do.

use crate::{Schedule, TrainOptions};
use serde::{Deserialize, Serialize};

/// What a training run is to do. Everything that changes its result is here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSpec {
    /// Optimiser steps.
    pub steps: u64,
    /// Rows of tokens a step.
    pub batch_rows: usize,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Steps over which the learning rate rises.
    pub warmup_steps: u64,
    /// How it falls afterwards.
    pub schedule: Schedule,
    /// Share of the peak that is left at the end.
    pub final_lr_fraction: f64,
    /// Decoupled weight decay, on the parameters that [`TrainOptions::decay`] names.
    pub weight_decay: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
    /// The gradient's norm is cut to this.
    pub clip_norm: f64,
    /// Seed of the order of the rows.
    pub seed: u64,
    /// Steps between points of the loss curve.
    pub eval_every: u64,
    /// Threads that share a step. The result depends on it, in the last bits.
    pub threads: usize,
    /// What most runs leave as it is.
    #[serde(default, skip_serializing_if = "TrainOptions::is_default")]
    pub options: TrainOptions,
}

impl Default for TrainSpec {
    /// One step of one row on one thread by phi-1's settings, without warm-up.
    fn default() -> TrainSpec {
        TrainSpec {
            steps: 1,
            batch_rows: 1,
            learning_rate: 1e-3,
            warmup_steps: 0,
            schedule: Schedule::Linear,
            final_lr_fraction: 0.0,
            weight_decay: 0.1,
            beta1: 0.9,
            beta2: 0.95,
            epsilon: 1e-8,
            clip_norm: 1.0,
            seed: 0,
            eval_every: 100,
            threads: 1,
            options: TrainOptions::default(),
        }
    }
}

impl TrainSpec {
    /// Checks that the numbers make sense.
    ///
    /// # Errors
    /// A sentence that names the field and what it would have to be.
    pub fn validate(&self) -> Result<(), String> {
        let positive =
            [("learning_rate", self.learning_rate), ("epsilon", self.epsilon), ("clip_norm", self.clip_norm)];
        for (name, value) in positive {
            if !(value > 0.0 && value.is_finite()) {
                return Err(format!("{name} is {value}; it must be above 0"));
            }
        }
        for (name, value) in [("beta1", self.beta1), ("beta2", self.beta2)] {
            if !(0.0..1.0).contains(&value) {
                return Err(format!("{name} is {value}; it must be at least 0 and below 1"));
            }
        }
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            return Err(format!("weight_decay is {}; it must be at least 0", self.weight_decay));
        }
        if !(0.0..=1.0).contains(&self.final_lr_fraction) {
            return Err(format!("final_lr_fraction is {}; it must lie between 0 and 1", self.final_lr_fraction));
        }
        for (name, value) in
            [("batch_rows", self.batch_rows as u64), ("eval_every", self.eval_every), ("threads", self.threads as u64)]
        {
            if value == 0 {
                return Err(format!("{name} is 0; it must be at least 1"));
            }
        }
        self.options.validate()
    }
}
