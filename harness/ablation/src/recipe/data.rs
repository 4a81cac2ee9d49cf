//! What the models read.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The corpus that everything is made of: one for the whole ablation, with one tokenizer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorpusRecipe {
    /// Seed of everything that is generated or drawn.
    pub seed: u64,
    /// Raw code: a folder of `.py` files or a JSON-lines file; the Python standard library if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Raw code, in bytes at most.
    pub code_bytes: usize,
    /// Textbook passages to generate.
    pub textbooks: usize,
    /// Exercises to train on.
    pub exercises: usize,
    /// Exercises to be scored on, none of which resembles a training one.
    pub held_out: usize,
    /// Entries of the tokenizer.
    pub vocab_size: usize,
    /// Tokens in a row; also the models' context.
    pub seq_len: usize,
}

/// What an arm is pretrained on instead of the whole corpus: how much of each part, as a share from 0 to 1 of the
/// documents that the corpus has of it. Which documents, follows from the corpus' seed, and a larger share holds all of a
/// smaller one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataRecipe {
    /// Share of the raw code, drawn at random.
    #[serde(default)]
    pub code: f64,
    /// Share of the raw code's bytes that a filter lets pass: a random forest on hashed n-grams, trained on the embedded
    /// rubric's labels of every second document, as phi-1's was on GPT-4's labels of a part of its code.
    #[serde(default)]
    pub filtered_code: f64,
    /// Share of the textbooks.
    #[serde(default)]
    pub textbooks: f64,
    /// Share of the exercises, as text.
    #[serde(default)]
    pub exercises: f64,
    /// Documents besides: a folder of `.py` files or a JSON-lines file, such as code that a filter has let pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
}

impl DataRecipe {
    /// The shares with their names.
    pub(crate) fn shares(&self) -> [(&'static str, f64); 4] {
        [
            ("code", self.code),
            ("filtered_code", self.filtered_code),
            ("textbooks", self.textbooks),
            ("exercises", self.exercises),
        ]
    }
}
