//! The inference engine: a checkpoint and its tokenizer, answering the suites.

mod cache;
mod generate;
mod sampling;
mod score;
mod tokenizer;

pub use tokenizer::TextTokenizer;

use crate::{Checkpoint, CheckpointError, Decoder, PhiConfig};
use phi_suites::{Completion, LanguageModel, LogLikelihood, ModelError, Pair, Prompt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A Phi model that answers requests. Answers don't depend on the number of threads.
#[derive(Debug)]
pub struct Engine {
    name: String,
    decoder: Decoder,
    params: Vec<f32>,
    tokenizer: TextTokenizer,
    threads: usize,
    interrupt: Arc<AtomicBool>,
}

impl Engine {
    /// An engine for a model; `threads` share the work.
    pub fn new(name: &str, checkpoint: &Checkpoint, tokenizer: TextTokenizer, threads: usize) -> Engine {
        Engine {
            name: name.to_owned(),
            decoder: Decoder::new(checkpoint.config()),
            params: checkpoint.to_flat(),
            tokenizer,
            threads: threads.max(1),
            interrupt: Arc::default(),
        }
    }

    /// Loads `config.json`, `model.safetensors` and `tokenizer.json` from a folder.
    ///
    /// # Errors
    /// A file is missing or broken, or the tokenizer has ids that the model has not.
    pub fn load(dir: &Path, threads: usize) -> Result<Engine, CheckpointError> {
        let checkpoint = Checkpoint::load(dir)?;
        let path = dir.join("tokenizer.json");
        let tokenizer = TextTokenizer::load(&path)?;
        let vocab = checkpoint.config().vocab_size;
        if tokenizer.vocab_size() > vocab {
            let reason = format!("it has {} entries, the model's vocabulary {vocab}", tokenizer.vocab_size());
            return Err(CheckpointError::Tokenizer { path, reason });
        }
        let name = dir.file_name().map_or_else(|| dir.display().to_string(), |n| n.to_string_lossy().into_owned());
        Ok(Engine::new(&name, &checkpoint, tokenizer, threads))
    }

    /// Makes the engine stop with [`ModelError::Interrupted`] soon after the flag is set.
    #[must_use]
    pub fn with_interrupt(mut self, interrupt: Arc<AtomicBool>) -> Engine {
        self.interrupt = interrupt;
        self
    }

    /// The shape of the model.
    pub fn config(&self) -> &PhiConfig {
        self.decoder.config()
    }

    fn check_interrupt(&self) -> Result<(), ModelError> {
        if self.interrupt.load(Ordering::Relaxed) { Err(ModelError::Interrupted) } else { Ok(()) }
    }

    /// Works on chunks, whose make-up doesn't depend on the number of threads, and puts the answers in order. A chunk is
    /// a list of positions in the answer.
    fn in_chunks<A: Send>(
        &self,
        chunks: &[Vec<usize>],
        work: impl Fn(&[usize]) -> Result<Vec<A>, ModelError> + Sync,
    ) -> Result<Vec<A>, ModelError> {
        let next = AtomicUsize::new(0);
        let run = || -> Result<Vec<(usize, A)>, ModelError> {
            let mut done = Vec::new();
            while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.check_interrupt()?;
                done.extend(chunk.iter().copied().zip(work(chunk)?));
            }
            Ok(done)
        };
        let threads = self.threads.min(chunks.len()).max(1);
        let parts: Vec<_> = if threads == 1 {
            vec![run()]
        } else {
            std::thread::scope(|scope| {
                let handles: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
                handles.into_iter().map(|h| h.join().unwrap_or_else(|e| std::panic::resume_unwind(e))).collect()
            })
        };
        let mut all = Vec::new();
        for part in parts {
            all.extend(part?);
        }
        all.sort_by_key(|(i, _)| *i);
        Ok(all.into_iter().map(|(_, a)| a).collect())
    }
}

impl LanguageModel for Engine {
    fn name(&self) -> &str {
        &self.name
    }

    fn max_length(&self) -> usize {
        self.config().max_positions
    }

    fn loglikelihood(&self, pairs: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
        self.score_pairs(pairs)
    }

    fn loglikelihood_rolling(&self, texts: &[String]) -> Result<Vec<f64>, ModelError> {
        self.score_texts(texts)
    }

    fn overflow(&self, pairs: &[Pair]) -> Option<Vec<usize>> {
        self.overflowing(pairs)
    }

    fn generate(&self, prompts: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
        self.complete(prompts)
    }
}
