//! The loss on a text, before and after a growth.

use crate::GrowthError;
use crate::report::BeforeAfter;
use phi_model::{Engine, TextTokenizer};
use phi_suites::LanguageModel;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Text that losses are measured on where no other is given: prose and Python.
pub const SAMPLE_TEXT: &str = include_str!("sample.txt");

/// Bytes of a text that are read at most.
pub const MOST_TEXT_BYTES: usize = 32 << 10;

/// The loss on a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextLoss {
    /// Where the text comes from.
    pub text: String,
    /// Tokens that were predicted.
    pub tokens: usize,
    /// Nats a token.
    pub nats: BeforeAfter<f64>,
}

impl TextLoss {
    /// Measures the loss of two models with one tokenizer on the first [`MOST_TEXT_BYTES`] of a text, by the inference
    /// engine. `name` says where the text comes from.
    ///
    /// # Errors
    /// A model can't be opened (its folder must have a tokenizer), or the text has no tokens.
    pub fn measure(small: &Path, large: &Path, name: &str, text: &str) -> Result<TextLoss, GrowthError> {
        let text = &text[..text.floor_char_boundary(MOST_TEXT_BYTES)];
        let tokenizer = TextTokenizer::load(&small.join("tokenizer.json"))?;
        let tokens = tokenizer.encode_plain(text).map_err(GrowthError::Loss)?.len();
        if tokens == 0 {
            return Err(GrowthError::Loss(format!("{name} has no tokens")));
        }
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let nats = |dir: &Path| -> Result<f64, GrowthError> {
            let engine = Engine::load(dir, threads)?;
            let sums =
                engine.loglikelihood_rolling(&[text.to_owned()]).map_err(|e| GrowthError::Loss(e.to_string()))?;
            Ok(-sums[0] / tokens as f64)
        };
        Ok(TextLoss { text: name.to_owned(), tokens, nats: BeforeAfter { before: nats(small)?, after: nats(large)? } })
    }
}
