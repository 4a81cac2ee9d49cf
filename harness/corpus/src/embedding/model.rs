//! With a model: the mean of its last hidden states, as phi-1 takes CodeGen's.

use std::path::Path;

use phi_model::{Checkpoint, Decoder, TextTokenizer, Workspace};

use crate::error::CorpusError;

/// Tokens of a document that are looked at, at most; its first ones.
const MOST_TOKENS: usize = 512;

/// A Phi that embeds.
#[derive(Debug)]
pub struct ModelEmbedder {
    name: String,
    decoder: Decoder,
    params: Vec<f32>,
    tokenizer: TextTokenizer,
}

impl ModelEmbedder {
    /// Loads a Phi's folder (config.json, model.safetensors, tokenizer.json).
    ///
    /// # Errors
    /// A file is missing or broken, or the tokenizer has ids that the model has not.
    pub fn load(dir: &Path) -> Result<ModelEmbedder, CorpusError> {
        let checkpoint = Checkpoint::load(dir)?;
        let tokenizer = TextTokenizer::load(&dir.join("tokenizer.json"))?;
        if tokenizer.vocab_size() > checkpoint.config().vocab_size {
            return Err(CorpusError::Tokenizer(format!(
                "{}: the tokenizer has {} entries, the model's vocabulary {}",
                dir.display(),
                tokenizer.vocab_size(),
                checkpoint.config().vocab_size
            )));
        }
        let name = dir.file_name().map_or_else(|| dir.display().to_string(), |it| it.to_string_lossy().into_owned());
        Ok(ModelEmbedder { name, decoder: Decoder::new(checkpoint.config()), params: checkpoint.to_flat(), tokenizer })
    }

    /// The folder's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The mean over the first 512 tokens (or as many as the model has positions) of the normalised output of the last
    /// block, scaled to length 1.
    ///
    /// # Errors
    /// The tokenizer refuses the text.
    pub fn embed(&self, text: &str) -> Result<Vec<f32>, CorpusError> {
        // Four bytes a token are plenty; a megabyte need not be encoded for its first tokens.
        let most = MOST_TOKENS.min(self.decoder.config().max_positions);
        let end = (0..=text.len().min(most * 16)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let mut tokens = self.tokenizer.encode(&text[..end]).map_err(CorpusError::Tokenizer)?;
        tokens.truncate(most);
        let size = self.decoder.config().hidden_size;
        let mut mean = vec![0.0f32; size];
        if !tokens.is_empty() {
            let mut workspace = Workspace::new();
            let segment = 0..tokens.len();
            let hidden = self.decoder.hidden(&self.params, &tokens, std::slice::from_ref(&segment), &mut workspace);
            for row in hidden.chunks_exact(size) {
                mean.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            }
        }
        let norm = mean.iter().map(|x| x * x).sum::<f32>().sqrt();
        if norm > 0.0 {
            mean.iter_mut().for_each(|x| *x /= norm);
        }
        Ok(mean)
    }
}
