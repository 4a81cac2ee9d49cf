//! Tasks, prompts, scoring and statistics of language-model evaluation.

mod model;
mod sample;
mod score;

pub use model::{Completion, LanguageModel, LogLikelihood, ModelError, Pair, Prompt, Sampling, StopReason};
pub use sample::{Response, Sample};
pub use score::Score;
