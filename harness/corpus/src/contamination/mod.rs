//! Documents that give a benchmark's answers away: by n-grams, by embedding, and by syntax tree.
//!
//! - **13-grams** of words, as in phi-1 (section 5.1): any in common.
//! - **10-grams**, as in Cosmopedia: one in common, and more than half of the benchmark's text found again in blocks of
//!   more than five characters.
//! - **Embedding**: the cosine of hashed n-gram vectors, function by function. phi-1 takes a language model's.
//! - **Syntax tree**: the match rate of phi-1 (section 5.2), 1 - distance / size of the larger tree, function by function.
//!   The distance is Zhang and Shasha's. Names of variables aren't compared, so renaming hides nothing.

mod blocks;
mod find;
mod functions;
mod ngrams;
mod report;
mod resemblance;
mod tree;

pub use find::{Decontaminator, Match, Method, Methods, TAUS, Thresholds};
pub use report::{Contamination, Split, html, markdown};
pub use resemblance::{Likeness, Resemblances, resemblances};
pub use tree::match_rate;

use serde::Serialize;

/// A question of a benchmark with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BenchmarkItem {
    /// The task.
    pub task: String,
    /// The question's own id.
    pub key: String,
    /// Everything that a document should not hold: the question and its answer.
    pub text: String,
    /// A Python program that answers it, where the task is about code.
    pub code: Option<String>,
}
