//! How much an arm is trained, so that what the recipe matches by is equal in all arms.

use super::forecast::trained_tokens;
use crate::AblationError;
use crate::recipe::{MatchBy, Optimiser, Recipe};
use phi_model::PhiConfig;
use phi_train::TrainSpec;
use sha2::{Digest, Sha256};

/// Tokens that an arm's final model is pretrained on. `inherited_flops` were spent on the model that it grew from.
pub(super) fn pretrain_tokens(
    recipe: &Recipe,
    arm: &str,
    config: &PhiConfig,
    batch_rows: usize,
    inherited_flops: f64,
) -> Result<u64, AblationError> {
    let seq_len = recipe.corpus.seq_len;
    let tokens = recipe.pretrain.scratch_tokens;
    match recipe.match_by {
        MatchBy::Tokens => Ok(tokens),
        MatchBy::Steps => {
            let steps = tokens.div_ceil((recipe.pretrain.optimiser.batch_rows * seq_len) as u64);
            Ok(steps * (batch_rows * seq_len) as u64)
        }
        MatchBy::Flops => {
            let reference = recipe.config(recipe.large);
            if *config == reference && inherited_flops == 0.0 {
                return Ok(tokens);
            }
            let left = reference.train_flops_per_token(seq_len) * tokens as f64 - inherited_flops;
            if left <= 0.0 {
                return Err(AblationError::Recipe(format!(
                    "the small model of arm \"{arm}\" costs more FLOPs than pretrain.scratch_tokens does; nothing would \
                     be left for the arm itself. Lower pretrain.small_tokens, or raise pretrain.scratch_tokens"
                )));
            }
            Ok((left / config.train_flops_per_token(seq_len)) as u64)
        }
    }
}

/// FLOPs of a training run.
pub(super) fn flops(config: &PhiConfig, train: &TrainSpec, seq_len: usize) -> f64 {
    config.train_flops_per_token(seq_len) * trained_tokens(train, seq_len) as f64
}

/// The settings of a training run over so many tokens.
pub(super) fn train_spec(settings: &Optimiser, tokens: u64, seq_len: usize, seed: u64) -> TrainSpec {
    let steps = tokens.div_ceil((settings.batch_rows * seq_len).max(1) as u64);
    TrainSpec {
        seed: mix(seed, "order"),
        eval_every: (steps / settings.curve_points.max(1)).max(1),
        ..settings.train_spec(steps)
    }
}

/// A seed for one purpose, derived from a run's seed.
pub(super) fn mix(seed: u64, purpose: &str) -> u64 {
    let hash = Sha256::digest(format!("{seed} {purpose}"));
    // TOML has no unsigned integers, and seeds are shown to people: 32 bits are enough.
    u64::from(u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]))
}
