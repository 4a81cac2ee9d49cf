//! Chat templates: a conversation as the text that a model was trained to continue.
//!
//! A template is Jinja, in `chat_template.jinja` or in `tokenizer_config.json`, and is rendered as `transformers` does
//! (`utils/chat_template_utils.py`): blocks trimmed, the special tokens and `messages` as names, `tojson`, `raise_exception`
//! and `strftime_now`, Python's methods of strings and dictionaries. Tools and documents aren't given.

mod clock;
mod environment;
mod files;

use crate::CheckpointError;
use environment::environment;
use files::Found;
use minijinja::Environment;
use minijinja::value::Serde;
use phi_suites::ChatMessage;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A model's chat template, with its special tokens.
#[derive(Debug)]
pub struct ChatTemplate {
    path: PathBuf,
    source: String,
    tokens: Map<String, Value>,
    environment: Environment<'static>,
}

/// Stands behind a last message that is to be continued, to find its end in the rendered text; `transformers`' own.
const CONTINUE: &str = "CONTINUE_FINAL_MESSAGE_TAG ";

impl ChatTemplate {
    /// The template in a model's folder; none where it has none. `now` is what `strftime_now` tells, in UTC.
    ///
    /// # Errors
    /// [`CheckpointError::ChatTemplate`] names the file and the line that can't be taken.
    pub fn load(folder: &Path, now: SystemTime) -> Result<Option<Self>, CheckpointError> {
        files::find(folder)?.map(|found| Self::of(found, now)).transpose()
    }

    /// A template of a file of another kind, with the special tokens as texts (`bos_token`, ...).
    ///
    /// # Errors
    /// As [`load`](Self::load)'s.
    pub(crate) fn of_source(
        path: &Path,
        source: String,
        tokens: Map<String, Value>,
        now: SystemTime,
    ) -> Result<Self, CheckpointError> {
        Self::of(Found { path: path.to_owned(), source, tokens }, now)
    }

    fn of(found: Found, now: SystemTime) -> Result<Self, CheckpointError> {
        let source = environment::without_generation_marks(&found.source);
        let environment = environment(now);
        environment.template_from_named_str("chat_template", &source).map_err(|error| {
            CheckpointError::ChatTemplate { path: found.path.clone(), reason: environment::describe(&error) }
        })?;
        Ok(Self { path: found.path, source, tokens: found.tokens, environment })
    }

    /// The template's text.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// A conversation as text, with the beginning of the answer. Where the last message is the assistant's, it is left open,
    /// to be continued.
    ///
    /// # Errors
    /// The template refuses the conversation (its `raise_exception`), or fails.
    pub fn render(&self, messages: &[ChatMessage]) -> Result<String, CheckpointError> {
        let fault = |reason: String| CheckpointError::ChatTemplate { path: self.path.clone(), reason };
        let is_open = messages.last().is_some_and(|message| message.role == "assistant");
        let mut messages: Vec<ChatMessage> = messages.to_vec();
        if let Some(last) = messages.last_mut().filter(|_| is_open) {
            last.content += CONTINUE;
        }
        let mut names = self.tokens.clone();
        names.insert("messages".to_owned(), json!(messages));
        names.insert("add_generation_prompt".to_owned(), json!(!is_open));
        names.insert("tools".to_owned(), Value::Null);
        names.insert("documents".to_owned(), Value::Null);
        let text = self
            .environment
            .render_named_str("chat_template", &self.source, Serde(&Value::Object(names)))
            .map_err(|error| fault(environment::describe(&error)))?;
        if !is_open {
            return Ok(text);
        }
        let end = text.rfind(CONTINUE.trim_end()).ok_or_else(|| {
            fault("the last message doesn't stand in the rendered text, so it can't be continued".to_owned())
        })?;
        // Where the template trims messages, their own last spaces go too.
        let is_kept = text[end..].starts_with(CONTINUE);
        Ok(if is_kept { &text[..end] } else { text[..end].trim_end() }.to_owned())
    }
}
