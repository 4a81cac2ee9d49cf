//! The flags that name a model, and how it is opened.

use crate::interrupt;
use clap::Args;
use phi_model::Engine;
use phi_suites::LanguageModel;
use std::path::PathBuf;

/// Which model answers, and on how many threads.
#[derive(Debug, Args)]
pub struct ModelFlags {
    /// Folder of a Phi model (config.json, model.safetensors, tokenizer.json).
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
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
        Ok(Box::new(Engine::load(&self.model, self.threads())?.with_interrupt(interrupt::flag()?)))
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
