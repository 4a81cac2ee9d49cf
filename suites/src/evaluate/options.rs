//! How an evaluation is run.

use crate::SuiteError;
use serde::{Deserialize, Serialize};

/// How an evaluation is run. The default asks every question once, greedily, with the task's own shots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvalOptions {
    /// Shots; the task's own number for none.
    pub num_fewshot: Option<usize>,
    /// The first so many documents only.
    pub limit: Option<usize>,
    /// For code tasks: programs drawn at random besides the greedy one, for pass@k. Other tasks ignore it.
    pub sampled: Option<Sampled>,
    /// Seed of drawn completions. Each has a seed of its own, made of this, the task, the question and its number.
    pub seed: u64,
    /// Said before everything else, as the system.
    pub system_instruction: Option<String>,
    /// How the model's answer begins, instead of what the task says.
    pub gen_prefix: Option<String>,
    /// Whether prompts are conversations by the model's own chat template.
    pub apply_chat_template: bool,
    /// In a conversation: whether each shot is a turn of its own.
    pub fewshot_as_multiturn: bool,
    /// Tokens a completion may have, instead of the task's number.
    pub max_tokens: Option<usize>,
    /// Threads that run programs.
    pub threads: usize,
    /// Requests that are given to the model at a time, at most. Answers don't depend on it; progress comes once a time.
    pub requests_per_call: usize,
}

/// Programs drawn at random.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampled {
    /// How many for each question.
    pub n_samples: usize,
    /// Divides the logits.
    pub temperature: f64,
    /// Smallest set of tokens whose probabilities reach this share.
    pub top_p: f64,
    /// Values of k for pass@k; one that is larger than `n_samples` is left out.
    pub ks: Vec<usize>,
}

impl Default for EvalOptions {
    fn default() -> Self {
        Self {
            num_fewshot: None,
            limit: None,
            sampled: None,
            seed: 0,
            system_instruction: None,
            gen_prefix: None,
            apply_chat_template: false,
            fewshot_as_multiturn: false,
            max_tokens: None,
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            requests_per_call: 256,
        }
    }
}

impl Default for Sampled {
    /// As the Codex paper draws them: temperature 0.8, nucleus 0.95.
    fn default() -> Self {
        Self { n_samples: 10, temperature: 0.8, top_p: 0.95, ks: vec![1, 5, 10] }
    }
}

impl EvalOptions {
    /// Checks that the numbers make sense.
    ///
    /// # Errors
    /// [`SuiteError::Options`] names the option and what it would have to be.
    pub fn check(&self) -> Result<(), SuiteError> {
        let fault = |option, reason: String| Err(SuiteError::Options { option, reason });
        if self.limit == Some(0) {
            return fault("limit", "0 leaves no question".to_owned());
        }
        if self.max_tokens == Some(0) {
            return fault("max_tokens", "0 leaves no room for an answer".to_owned());
        }
        if self.fewshot_as_multiturn && !self.apply_chat_template {
            return fault("fewshot_as_multiturn", "goes with apply_chat_template only".to_owned());
        }
        let Some(sampled) = &self.sampled else { return Ok(()) };
        if sampled.n_samples == 0 {
            return fault("n_samples", "at least one program must be drawn".to_owned());
        }
        if !(sampled.temperature > 0.0 && sampled.temperature.is_finite()) {
            return fault("temperature", format!("{} isn't above 0", sampled.temperature));
        }
        if !(sampled.top_p > 0.0 && sampled.top_p <= 1.0) {
            return fault("top_p", format!("{} isn't above 0 and at most 1", sampled.top_p));
        }
        if sampled.ks.contains(&0) {
            return fault("k", "pass@0 means nothing".to_owned());
        }
        Ok(())
    }
}
