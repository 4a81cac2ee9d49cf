//! What a job may cost, and what it has.

use serde::Serialize;

/// What a server charges, in any currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Prices {
    /// For a million tokens of prompts.
    pub input_per_million: f64,
    /// For a million tokens of answers.
    pub output_per_million: f64,
}

impl Prices {
    /// What so many tokens cost.
    #[must_use]
    pub fn of(&self, prompt_tokens: u64, answer_tokens: u64) -> f64 {
        (prompt_tokens as f64 * self.input_per_million + answer_tokens as f64 * self.output_per_million) / 1e6
    }
}

/// What a job may cost, all its runs together: an answer that an earlier run paid for counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Budget {
    /// Prices, for costs.
    pub prices: Prices,
    /// Tokens of prompts and answers at most.
    pub max_tokens: Option<u64>,
    /// Cost at most, in the currency of the prices.
    pub max_cost: Option<f64>,
}

impl Budget {
    /// Whether so much may be spent.
    pub(super) fn allows(&self, prompt_tokens: u64, answer_tokens: u64) -> bool {
        self.max_tokens.is_none_or(|most| prompt_tokens + answer_tokens <= most)
            && self.max_cost.is_none_or(|most| self.prices.of(prompt_tokens, answer_tokens) <= most)
    }
}

/// What a job has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spending {
    /// Answers that the server gave in this run.
    pub asked: u64,
    /// Answers that an earlier run had paid for.
    pub kept: u64,
    /// Tokens of this run's prompts.
    pub prompt_tokens: u64,
    /// Tokens of this run's answers.
    pub answer_tokens: u64,
    /// Tokens of prompts and answers that earlier runs paid for.
    pub earlier_tokens: u64,
    /// Answers whose tokens the server didn't tell, so that they are reckoned from their bytes.
    pub reckoned: u64,
    /// What this run cost, by the prices.
    pub cost: f64,
    /// What the answers of earlier runs cost, by the same prices.
    pub earlier_cost: f64,
}
