//! The flags that name a model, and how it is opened.

use crate::interrupt;
use clap::Args;
use phi_model::{BatchSize, DtypeChoice, Engine, EngineOptions};
use phi_suites::LanguageModel;
use std::path::PathBuf;

/// Which model answers, and on how many threads.
#[derive(Debug, Args)]
pub struct ModelFlags {
    /// Folder of a model (config.json, tokenizer.json, model.safetensors or its shards), or a .gguf file.
    #[arg(long, value_name = "DIR|FILE.gguf")]
    model: PathBuf,
    /// Sequences worked on at once: a number, or auto. It changes memory and speed, never a score.
    #[arg(long, value_name = "N", default_value = "auto")]
    batch_size: BatchSize,
    /// Number format of the weights: auto (as the file has them), float32, bfloat16 or float16. Arithmetic is in f32.
    #[arg(long, value_name = "TYPE", default_value = "auto")]
    dtype: DtypeChoice,
    /// Threads [default: the number of cores]. Scores don't depend on it.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl ModelFlags {
    /// Opens the model; it stops soon after Ctrl-C.
    ///
    /// # Errors
    /// Its files are missing or broken.
    pub fn open(&self) -> anyhow::Result<Box<dyn LanguageModel>> {
        let options = EngineOptions { threads: self.threads(), batch_size: self.batch_size, dtype: self.dtype };
        Ok(Box::new(Engine::open(&self.model, options)?.with_interrupt(interrupt::flag()?)))
    }

    /// The model as it was named on the command line.
    pub fn given(&self) -> String {
        self.model.display().to_string()
    }

    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }
}
