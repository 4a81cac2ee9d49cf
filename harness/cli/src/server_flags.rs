//! The flags that say how a model server is asked.

use crate::exit::UsageError;
use crate::request_flags::RequestFlags;
use crate::{env, interrupt};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use phi_model::StandaloneTokenizer;
use phi_openai::{Api, Client, Encoder, Endpoint, ServedModel};
use std::path::PathBuf;

/// How a server is asked; for `--model openai:URL` and `openai-chat:URL` only.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model behind a server")]
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
    #[command(flatten)]
    requests: RequestFlags,
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
        ];
        let first = given.iter().find(|(_, is_given)| *is_given).map(|(flag, _)| *flag);
        match first.or_else(|| self.requests.given()) {
            Some(flag) => Err(UsageError(format!("{flag} goes with --model openai:URL or openai-chat:URL only"))),
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
        if self.requests.stream() && endpoint.api() != Api::Chat {
            return Err(UsageError(format!("--stream goes with --model openai-chat:URL, not with {endpoint}")).into());
        }
        let settings = self.requests.settings(endpoint, name);
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
