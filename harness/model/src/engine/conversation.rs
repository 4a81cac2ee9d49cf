//! An engine's chat template: read when it is first asked for, since most tasks need none.

use crate::ChatTemplate;
use phi_suites::{ChatMessage, ModelError};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

/// Where a template may lie, and what was found there.
#[derive(Debug)]
pub(super) struct Conversation {
    folder: Option<PathBuf>,
    template: OnceLock<Result<Option<ChatTemplate>, String>>,
}

impl Conversation {
    /// A model in memory has no template.
    pub(super) fn none() -> Conversation {
        Conversation { folder: None, template: OnceLock::new() }
    }

    /// The template of a model's folder, if it has one.
    pub(super) fn of_folder(folder: &Path) -> Conversation {
        Conversation { folder: Some(folder.to_owned()), template: OnceLock::new() }
    }

    /// A conversation as text.
    pub(super) fn text(&self, model: &str, messages: &[ChatMessage]) -> Result<String, ModelError> {
        let load = || match &self.folder {
            Some(folder) => ChatTemplate::load(folder, SystemTime::now()).map_err(|error| error.to_string()),
            None => Ok(None),
        };
        match self.template.get_or_init(load) {
            Ok(Some(template)) => template.render(messages).map_err(|error| ModelError::Model(error.to_string())),
            Ok(None) => Err(ModelError::Model(format!(
                "{model} has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json); it may be a base model, which is asked without one"
            ))),
            Err(reason) => Err(ModelError::Model(reason.clone())),
        }
    }
}
