//! An engine's chat template: read when it is first asked for, since most tasks need none.

use crate::{ChatTemplate, CheckpointError};
use phi_suites::{ChatMessage, ModelError};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

/// Where a template may lie, and what was found there.
#[derive(Debug)]
pub(super) struct Conversation {
    folder: Option<PathBuf>,
    /// What the model's own file holds; a file in the folder goes before it.
    embedded: Option<Embedded>,
    template: OnceLock<Result<Option<ChatTemplate>, String>>,
}

/// A template inside a GGUF file.
#[derive(Debug, Clone)]
pub(super) struct Embedded {
    pub path: PathBuf,
    pub source: String,
    /// `bos_token`, `eos_token` ... as texts.
    pub tokens: Map<String, Value>,
}

impl Conversation {
    /// A model in memory has no template.
    pub(super) fn none() -> Conversation {
        Conversation { folder: None, embedded: None, template: OnceLock::new() }
    }

    /// The template of a model's folder, if it has one.
    pub(super) fn of_folder(folder: &Path) -> Conversation {
        Conversation { folder: Some(folder.to_owned()), embedded: None, template: OnceLock::new() }
    }

    /// The template that lies beside a GGUF file, or else the one inside.
    pub(super) fn of_gguf(path: &Path, embedded: Option<Embedded>) -> Conversation {
        Conversation { embedded, ..Conversation::of_folder(path.parent().unwrap_or(Path::new("."))) }
    }

    fn load(&self) -> Result<Option<ChatTemplate>, CheckpointError> {
        let now = SystemTime::now();
        if let Some(folder) = &self.folder
            && let Some(template) = ChatTemplate::load(folder, now)?
        {
            return Ok(Some(template));
        }
        let embedded = self.embedded.clone();
        embedded
            .map(|Embedded { path, source, tokens }| ChatTemplate::of_source(&path, source, tokens, now))
            .transpose()
    }

    fn template(&self) -> &Result<Option<ChatTemplate>, String> {
        self.template.get_or_init(|| self.load().map_err(|error| error.to_string()))
    }

    /// The template itself, where there is one that can be read.
    pub(super) fn source(&self) -> Option<String> {
        self.template().as_ref().ok()?.as_ref().map(|template| template.source().to_owned())
    }

    /// A conversation as text.
    pub(super) fn text(&self, model: &str, messages: &[ChatMessage]) -> Result<String, ModelError> {
        match self.template() {
            Ok(Some(template)) => template.render(messages).map_err(|error| ModelError::Model(error.to_string())),
            Ok(None) => Err(ModelError::Model(format!(
                "{model} has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json, or tokenizer.chat_template in a GGUF file); it may be a base model, which is asked without one"
            ))),
            Err(reason) => Err(ModelError::Model(reason.clone())),
        }
    }
}
