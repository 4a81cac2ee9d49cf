//! What steps take, roughly. Speeds are those of one core of a server of 2023; memory is counted from the buffers that a
//! step holds at once and then rounded up.

use crate::recipe::{CorpusRecipe, Suite};
use crate::step::Forecast;
use phi_model::PhiConfig;
use phi_train::TrainSpec;

/// Floating-point operations a second that one core trains with.
const TRAIN_FLOPS_PER_S: f64 = 8e10;

/// What the program itself takes, with a tokenizer and a thread's stack.
const BASE_BYTES: u64 = 48 << 20;

/// The sandbox: its native code, mapped once, and one program's memory.
const SANDBOX_BYTES: u64 = 160 << 20;

/// Tokens that are trained on at a time (the trainer cuts a batch into pieces of about this many).
const PIECE_TOKENS: usize = 512;

/// Bytes of text behind a token, for a tokenizer of a thousand entries.
const BYTES_A_TOKEN: usize = 3;

/// Tokens of a question and its answers, for forecasts.
const TOKENS_A_QUESTION: f64 = 256.0;

pub(super) fn corpus(recipe: &CorpusRecipe) -> Forecast {
    let text = text_bytes(recipe);
    Forecast {
        seconds: 5.0 + (recipe.exercises + recipe.held_out) as f64 * 0.006,
        flops: 0.0,
        // Texts, their words while the tokenizer is trained, tokens, rows.
        memory_bytes: BASE_BYTES + SANDBOX_BYTES + 12 * text,
        disk_bytes: 4 * text,
    }
}

pub(super) fn mix(recipe: &CorpusRecipe) -> Forecast {
    let text = text_bytes(recipe);
    Forecast { seconds: 1.0, flops: 0.0, memory_bytes: BASE_BYTES + 6 * text, disk_bytes: 2 * text }
}

pub(super) fn compare(recipe: &CorpusRecipe, questions: usize) -> Forecast {
    let pairs = (recipe.exercises * questions) as f64;
    let memory_bytes = BASE_BYTES + (recipe.exercises + questions) as u64 * 4096 + 16 * pairs as u64;
    Forecast { seconds: 1.0 + pairs * 1e-5, flops: 0.0, memory_bytes, disk_bytes: recipe.exercises as u64 * 80 }
}

/// Bytes of text that a corpus has, about.
fn text_bytes(recipe: &CorpusRecipe) -> u64 {
    (recipe.code_bytes + 700 * recipe.textbooks + 600 * recipe.exercises) as u64
}

/// Tokens that a run goes through, padding included.
pub(super) fn trained_tokens(train: &TrainSpec, seq_len: usize) -> u64 {
    train.steps * (train.batch_rows * seq_len) as u64
}

pub(super) fn training(config: &PhiConfig, train: &TrainSpec, recipe: &CorpusRecipe, kept: u64) -> Forecast {
    let flops = config.train_flops_per_token(recipe.seq_len) * trained_tokens(train, recipe.seq_len) as f64;
    let params = config.num_params();
    let (d, m) = (config.hidden_size, config.intermediate_size);
    let tokens = PIECE_TOKENS.max(recipe.seq_len);
    let activations = tokens * (config.num_layers * (6 * d + 2 * m) + 8 * d + m + 2 * config.vocab_size) * 4;
    let rows = text_bytes(recipe) / BYTES_A_TOKEN as u64 * 6;
    Forecast {
        seconds: flops / TRAIN_FLOPS_PER_S,
        flops,
        // Weights, two moments, gradients; and, while they are saved, the first three twice more.
        memory_bytes: BASE_BYTES + params * 40 + (activations * train.threads) as u64 + rows,
        disk_bytes: params * 4 * (1 + kept) + (32 << 10),
    }
}

pub(super) fn growth(large: &PhiConfig) -> Forecast {
    let params = large.num_params();
    Forecast { seconds: 0.5, flops: 0.0, memory_bytes: BASE_BYTES + params * 24, disk_bytes: params * 4 + (32 << 10) }
}

pub(super) fn evaluation(config: &PhiConfig, suite: &Suite, questions: usize, runs_code: bool) -> Forecast {
    let answers = 1 + suite.sampled.as_ref().map_or(0, |s| s.n_samples);
    let asked = (questions * answers) as f64;
    let cache = 64 * 2 * config.num_layers * config.hidden_size * config.max_positions.min(2048) * 4;
    let sandbox = if runs_code { SANDBOX_BYTES } else { 0 };
    Forecast {
        seconds: 1.0 + asked * 0.004,
        flops: asked * TOKENS_A_QUESTION * 2.0 * config.matmul_params() as f64,
        memory_bytes: BASE_BYTES + config.num_params() * 12 + cache as u64 + sandbox + (questions * 8192) as u64,
        disk_bytes: (questions * answers * 3000) as u64,
    }
}
