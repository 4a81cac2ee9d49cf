//! The flags that say how a model server is asked.

use crate::exit::UsageError;
use crate::{env, interrupt};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use phi_model::StandaloneTokenizer;
use phi_openai::{Client, Encoder, Endpoint, ServedModel, ServerSettings};
use std::path::PathBuf;
use std::time::Duration;

/// How a server is asked; for `--model openai:URL` and `openai-chat:URL` only.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for a model behind a server")]
pub struct ServerFlags {
    /// The model's name, as the server knows it.
    #[arg(long, value_name = "NAME")]
    model_name: Option<String>,
    /// The model's own tokenizer: a folder with tokenizer.json, the file itself, or a model of the hub. Prompts are then
    /// sent as token ids and cut to --max-length here.
    #[arg(long, value_name = "PATH|ORG/NAME")]
    tokenizer: Option<String>,
    /// Tokens of the model's context [default: 2048].
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(2..=1 << 24))]
    max_length: Option<usize>,
    /// Requests under way at once [default: 1].
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    num_concurrent: Option<usize>,
    /// Requests a minute at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    requests_per_minute: Option<u32>,
    /// Tokens a minute at most, estimated at four characters each.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    tokens_per_minute: Option<u32>,
    /// Tries of a request that fails by the server's fault [default: 6].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    max_retries: Option<u32>,
    /// Seconds that an answer may take to begin [default: 300].
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: Option<u64>,
}

impl ServerFlags {
    /// Fails where a flag is given that only servers have.
    ///
    /// # Errors
    /// [`UsageError`] names it.
    pub fn refuse_any(&self) -> Result<(), UsageError> {
        let given = [
            ("--model-name", self.model_name.is_some()),
            ("--tokenizer", self.tokenizer.is_some()),
            ("--max-length", self.max_length.is_some()),
            ("--num-concurrent", self.num_concurrent.is_some()),
            ("--requests-per-minute", self.requests_per_minute.is_some()),
            ("--tokens-per-minute", self.tokens_per_minute.is_some()),
            ("--max-retries", self.max_retries.is_some()),
            ("--timeout", self.timeout.is_some()),
        ];
        match given.iter().find(|(_, is_given)| *is_given) {
            Some((flag, _)) => Err(UsageError(format!("{flag} goes with --model openai:URL or openai-chat:URL only"))),
            None => Ok(()),
        }
    }

    /// The model behind a server; nothing is asked yet.
    ///
    /// # Errors
    /// `--model-name` is missing, or the tokenizer can't be had.
    pub fn open(&self, endpoint: Endpoint) -> anyhow::Result<ServedModel> {
        let name = self.model_name.as_ref().ok_or_else(|| {
            UsageError(format!("--model-name NAME is needed with {endpoint}: a server may have several models"))
        })?;
        let mut settings = ServerSettings::new(endpoint, name);
        settings.api_key = env::openai_api_key();
        settings.certificates = env::certificates();
        settings.num_concurrent = self.num_concurrent.unwrap_or(settings.num_concurrent);
        settings.requests_per_minute = self.requests_per_minute;
        settings.tokens_per_minute = self.tokens_per_minute;
        settings.backoff.attempts = self.max_retries.unwrap_or(settings.backoff.attempts);
        settings.timeout = self.timeout.map_or(settings.timeout, Duration::from_secs);
        let mut model = ServedModel::new(Client::new(settings)?.with_interrupt(interrupt::flag()?));
        if let Some(tokens) = self.max_length {
            model = model.with_max_length(tokens);
        }
        if let Some(tokenizer) = &self.tokenizer {
            let StandaloneTokenizer { tokenizer, prefix } = StandaloneTokenizer::load(&fetched(tokenizer)?)?;
            model = model.with_encoder(Encoder::new(prefix, move |text| tokenizer.encode(text)));
        }
        Ok(model)
    }
}

/// A tokenizer's folder or file on this disk; one of the hub is fetched, without weights.
fn fetched(tokenizer: &str) -> anyhow::Result<PathBuf> {
    let path = PathBuf::from(tokenizer);
    if path.exists() {
        return Ok(path);
    }
    let Ok(repo) = phi_hub::Repo::model(tokenizer) else {
        anyhow::bail!("--tokenizer {tokenizer}: there is no such file or folder, and it isn't a model of the hub");
    };
    let snapshot = env::hub()?.snapshot(&repo)?;
    for file in ["config.json", "tokenizer_config.json", "generation_config.json"] {
        if snapshot.has(file) {
            snapshot.file(file)?;
        }
    }
    Ok(snapshot.file("tokenizer.json")?)
}
