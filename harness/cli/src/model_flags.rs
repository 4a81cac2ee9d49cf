//! The flags that name a model, and how it is opened.

use crate::device::{self, Device};
use crate::exit::UsageError;
use crate::model_source::ModelSource;
use crate::server_flags::ServerFlags;
use crate::{env, interrupt};
use anyhow::Context;
use clap::Args;
use phi_hub::Repo;
use phi_model::{BatchSize, DtypeChoice, Engine, EngineOptions};
use phi_suites::LanguageModel;
use std::path::Path;

/// Which model answers, and how it is run.
#[derive(Debug, Args)]
pub struct ModelFlags {
    /// A folder (config.json, safetensors, tokenizer.json), a .gguf file, a model of the hub (ORGANISATION/NAME, or
    /// ORGANISATION/NAME@REVISION), or a server (openai:URL, openai-chat:URL).
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// Branch, tag or commit of a model of the hub [default: main].
    #[arg(long, value_name = "REVISION")]
    revision: Option<String>,
    /// The GGUF file of a repository of the hub that has several.
    #[arg(long, value_name = "FILE")]
    gguf_file: Option<String>,
    /// Where a Phi is run: cpu, cuda, or cuda:N for the GPU of that number (a build with the feature cuda).
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: Device,
    /// Number format of the weights; auto is the file's own. The processor computes in float32 in any case, a GPU in the
    /// format of the weights.
    #[arg(long, value_name = "DTYPE", default_value = "auto")]
    dtype: DtypeChoice,
    /// Sequences that are worked on at once: a number, or auto. Changes memory and speed, never an answer.
    #[arg(long, value_name = "N", default_value = "auto")]
    batch_size: BatchSize,
    /// Threads [default: the number of cores]. Scores don't depend on it.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    #[command(flatten)]
    server: ServerFlags,
}

impl ModelFlags {
    /// Opens the model; it stops soon after Ctrl-C.
    ///
    /// # Errors
    /// Its files are missing or broken, or can't be fetched.
    pub fn open(&self) -> anyhow::Result<Box<dyn LanguageModel>> {
        let source = ModelSource::parse(&self.model)?;
        if !matches!(source, ModelSource::Server(_)) {
            self.server.refuse_any()?;
        }
        if !matches!(source, ModelSource::Hub(_)) && (self.revision.is_some() || self.gguf_file.is_some()) {
            return Err(UsageError("--revision and --gguf-file go with a model of the hub only".into()).into());
        }
        if matches!(source, ModelSource::Server(_)) && self.device != Device::Cpu {
            return Err(UsageError("--device goes with a model that is run here, not with a server".into()).into());
        }
        Ok(match source {
            ModelSource::Local(path) => Box::new(self.engine(&path)?),
            ModelSource::Hub(repo) => Box::new(self.fetched(repo)?),
            ModelSource::Server(endpoint) => Box::new(self.server.open(endpoint)?),
        })
    }

    fn engine(&self, path: &Path) -> anyhow::Result<Engine> {
        let device = match self.device {
            Device::Cpu => None,
            Device::Cuda(number) => Some(device::model(number, path, self.dtype)?),
        };
        // Beside a device the engine only encodes, and needs no copy of the weights.
        let dtype = if device.is_some() { DtypeChoice::Auto } else { self.dtype };
        let options = EngineOptions { threads: self.threads(), batch_size: self.batch_size, dtype };
        let engine = Engine::open(path, options)?.with_interrupt(interrupt::flag()?);
        Ok(match device {
            Some(device) => engine.with_device(device),
            None => engine,
        })
    }

    fn fetched(&self, repo: Repo) -> anyhow::Result<Engine> {
        let repo = match &self.revision {
            Some(revision) => repo.at(revision)?,
            None => repo,
        };
        let snapshot = env::hub()?.snapshot(&repo);
        let snapshot = snapshot.with_context(|| format!("--model {}: there is no such folder here", self.model))?;
        let path = snapshot.model(self.gguf_file.as_deref())?;
        Ok(self.engine(&path)?.with_name(repo.id()))
    }

    /// The model as it was named on the command line.
    pub fn given(&self) -> String {
        self.model.clone()
    }

    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }
}
