//! Logits of one text, for those who hold two models against each other.

use super::Engine;
use crate::infer::Span;

impl Engine {
    /// The logits after each token, `[tokens, vocab]`.
    ///
    /// # Panics
    /// A token lies outside the vocabulary, or there are more tokens than positions.
    pub fn logits_of(&self, tokens: &[u32]) -> Vec<f32> {
        let vocab = self.network.architecture().vocab_size;
        assert!(tokens.len() <= self.max_positions(), "the tokens fit the model's positions");
        assert!(tokens.iter().all(|id| (*id as usize) < vocab), "the tokens are the vocabulary's");
        self.pool.install(|| {
            let mut cache = self.network.cache();
            let node = cache.node(None);
            self.network.logits(&self.network.forward(&mut cache, &[Span { node, tokens }]))
        })
    }
}
