//! A text as a vector: hashed n-grams, or the hidden states of a Phi.

mod hashed;
mod model;

pub use hashed::{DIMENSIONS, cosine, hashed_ngrams};
pub use model::ModelEmbedder;

use crate::error::CorpusError;

/// What makes vectors.
#[derive(Debug)]
pub enum Embedder {
    /// [`hashed_ngrams`].
    HashedNgrams,
    /// A Phi's hidden states.
    Model(Box<ModelEmbedder>),
}

impl Embedder {
    /// As outputs name it.
    pub fn name(&self) -> String {
        match self {
            Embedder::HashedNgrams => "hashed n-grams".to_owned(),
            Embedder::Model(model) => format!("hidden states of {}", model.name()),
        }
    }

    /// The vector of a text; all of one embedder's are of one length.
    ///
    /// # Errors
    /// The model's tokenizer refuses the text.
    pub fn embed(&self, text: &str) -> Result<Vec<f32>, CorpusError> {
        match self {
            Embedder::HashedNgrams => Ok(hashed_ngrams(text)),
            Embedder::Model(model) => model.embed(text),
        }
    }
}
