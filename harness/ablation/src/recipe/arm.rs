//! The cells of an ablation: shapes, optimiser settings, and what an arm changes of the recipe's.

use phi_growth::{DepthRule, Growth, Method, Split};
use phi_train::{Schedule, TrainOptions, TrainSpec};
use serde::{Deserialize, Serialize};

/// The shape of a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelShape {
    /// Width of the residual stream.
    pub hidden: usize,
    /// Decoder blocks.
    pub layers: usize,
    /// Attention heads.
    pub heads: usize,
}

/// Settings of the optimiser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optimiser {
    /// Rows of `seq_len` tokens a step.
    pub batch_rows: usize,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Steps over which it rises.
    pub warmup_steps: u64,
    /// How it falls: `linear`, `cosine`, `constant` or `wsd`.
    pub schedule: Schedule,
    /// Share of the peak that is left at the end.
    pub final_lr_fraction: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Points of the loss curve, about.
    pub curve_points: u64,
    /// Decays of AdamW's moments; 0.9 and 0.98 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub betas: Option<[f64; 2]>,
    /// Added to the root of AdamW's second moment; 1e-8 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epsilon: Option<f64>,
    /// The gradient's norm is cut to this; 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// Dropout, groups that decay, the mask between documents, the guard on loss spikes, rows at a time.
    #[serde(default, skip_serializing_if = "TrainOptions::is_default")]
    pub options: TrainOptions,
}

/// What an arm changes of an [`Optimiser`]; the rest stays as the recipe has it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimiserChange {
    /// Instead of [`Optimiser::batch_rows`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_rows: Option<usize>,
    /// Instead of [`Optimiser::learning_rate`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// Instead of [`Optimiser::warmup_steps`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warmup_steps: Option<u64>,
    /// Instead of [`Optimiser::schedule`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Instead of [`Optimiser::final_lr_fraction`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_lr_fraction: Option<f64>,
    /// Instead of [`Optimiser::weight_decay`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// Instead of [`Optimiser::betas`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub betas: Option<[f64; 2]>,
    /// Instead of [`Optimiser::epsilon`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epsilon: Option<f64>,
    /// Instead of [`Optimiser::clip_norm`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// Instead of [`Optimiser::options`], all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<TrainOptions>,
}

impl Optimiser {
    /// The settings of a run of so many steps on one thread, its seed and the points of its curve left open.
    pub(crate) fn train_spec(&self, steps: u64) -> TrainSpec {
        let [beta1, beta2] = self.betas.unwrap_or([0.9, 0.98]);
        TrainSpec {
            steps,
            batch_rows: self.batch_rows,
            learning_rate: self.learning_rate,
            warmup_steps: self.warmup_steps.min(steps / 2),
            schedule: self.schedule,
            final_lr_fraction: self.final_lr_fraction,
            weight_decay: self.weight_decay,
            beta1,
            beta2,
            epsilon: self.epsilon.unwrap_or(1e-8),
            clip_norm: self.clip_norm.unwrap_or(1.0),
            seed: 0,
            eval_every: 1,
            threads: 1,
            options: self.options.clone(),
        }
    }

    /// These settings with an arm's changes.
    #[must_use]
    pub fn with(&self, change: &OptimiserChange) -> Optimiser {
        Optimiser {
            batch_rows: change.batch_rows.unwrap_or(self.batch_rows),
            learning_rate: change.learning_rate.unwrap_or(self.learning_rate),
            warmup_steps: change.warmup_steps.unwrap_or(self.warmup_steps),
            schedule: change.schedule.unwrap_or(self.schedule),
            final_lr_fraction: change.final_lr_fraction.unwrap_or(self.final_lr_fraction),
            weight_decay: change.weight_decay.unwrap_or(self.weight_decay),
            curve_points: self.curve_points,
            betas: change.betas.or(self.betas),
            epsilon: change.epsilon.or(self.epsilon),
            clip_norm: change.clip_norm.or(self.clip_norm),
            options: change.options.as_ref().unwrap_or(&self.options).clone(),
        }
    }
}

/// Training on code and textbooks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PretrainRecipe {
    /// Tokens that the small model is trained on.
    pub small_tokens: u64,
    /// Tokens that a large model from scratch is trained on; what the others get follows from [`MatchBy`](super::MatchBy).
    pub scratch_tokens: u64,
    /// Optimiser steps between the models that suites with `in_training` are scored on; none if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_every: Option<u64>,
    /// How.
    pub optimiser: Optimiser,
}

/// Training for a number of tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSettings {
    /// Tokens to train on.
    pub tokens: u64,
    /// Optimiser steps between the models that suites with `in_training` are scored on; none if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_every: Option<u64>,
    /// How.
    pub optimiser: Optimiser,
}

/// One cell of the ablation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// How the large model begins: the name of a [`Method`].
    pub init: Method,
    /// Where new layers come from: the name of a [`DepthRule`].
    #[serde(default = "default_depth")]
    pub depth: DepthRule,
    /// For `tiling-preserving`: decibels that the weights lie above the paired noise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snr_db: Option<f64>,
    /// For `tiling-preserving`: how a weight is divided among its copies, `equal` or `unequal`.
    #[serde(default, skip_serializing_if = "Split::is_equal")]
    pub split: Split,
    /// Whether it is trained on exercises.
    #[serde(default = "yes")]
    pub align: bool,
    /// Whether it only shows what a number means, and is left out of the comparisons.
    #[serde(default)]
    pub control: bool,
    /// What it is pretrained on: a name under `[data]`; the whole corpus if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Leaves out the exercises whose syntax tree has this match rate or more with a solution of `contamination.task`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prune: Option<f64>,
    /// Tokens of its alignment, instead of `align.tokens`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub align_tokens: Option<u64>,
    /// Shape of the model that it grows from, instead of the recipe's `small`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub small: Option<ModelShape>,
    /// Shape of the model that it ends with, instead of the recipe's `large`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub large: Option<ModelShape>,
    /// What it changes of `pretrain.optimiser`, for the large model only: the small one is shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pretrain_optimiser: Option<OptimiserChange>,
    /// What it changes of `align.optimiser`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub align_optimiser: Option<OptimiserChange>,
}

pub(super) fn yes() -> bool {
    true
}

impl Arm {
    /// How its large model grows out of the small one.
    pub(crate) fn growth(&self, seed: u64) -> Growth {
        Growth { method: self.init, depth: self.depth, snr_db: self.snr_db, split: self.split, seed }
    }
}

fn default_depth() -> DepthRule {
    DepthRule::Identity
}
