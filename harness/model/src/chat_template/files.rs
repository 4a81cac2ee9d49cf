//! Where a model's folder keeps its template and its special tokens.

use crate::CheckpointError;
use serde_json::{Map, Value};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A template as it stands in a folder.
pub(super) struct Found {
    pub path: PathBuf,
    pub source: String,
    /// `bos_token`, `eos_token` ... as texts.
    pub tokens: Map<String, Value>,
}

/// `chat_template.jinja` goes before `tokenizer_config.json`.
pub(super) fn find(folder: &Path) -> Result<Option<Found>, CheckpointError> {
    let config_path = folder.join("tokenizer_config.json");
    let config = object(&config_path)?;
    let mut tokens = tokens(&object(&folder.join("special_tokens_map.json"))?);
    tokens.append(&mut self::tokens(&config));
    let path = folder.join("chat_template.jinja");
    if let Some(source) = read(&path)? {
        return Ok(Some(Found { path, source, tokens }));
    }
    let fault = |reason: &str| CheckpointError::ChatTemplate { path: config_path.clone(), reason: reason.to_owned() };
    let source = match config.get("chat_template") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(source)) => source.clone(),
        // Several by name; those for tools and for retrieval aren't used here.
        Some(Value::Array(named)) => {
            let default = named.iter().find(|template| template["name"] == "default");
            let source = default.and_then(|template| template["template"].as_str());
            source.ok_or_else(|| fault("among its chat templates none is named default"))?.to_owned()
        }
        Some(_) => return Err(fault("chat_template is neither a text nor a list of named ones")),
    };
    Ok(Some(Found { path: config_path, source, tokens }))
}

/// The special tokens, each a text or an object with its text as `content`.
fn tokens(config: &Map<String, Value>) -> Map<String, Value> {
    let is_token = |name: &str| name.ends_with("_token") && !name.starts_with("add_");
    let text = |value: &Value| value.as_str().or_else(|| value.get("content")?.as_str()).map(Value::from);
    config
        .iter()
        .filter(|(name, _)| is_token(name))
        .filter_map(|(name, value)| Some((name.clone(), text(value)?)))
        .collect()
}

fn object(path: &Path) -> Result<Map<String, Value>, CheckpointError> {
    let Some(text) = read(path)? else { return Ok(Map::new()) };
    serde_json::from_str(&text).map_err(|error| CheckpointError::ChatTemplate {
        path: path.to_owned(),
        reason: format!("it isn't a JSON object: {error}"),
    })
}

fn read(path: &Path) -> Result<Option<String>, CheckpointError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CheckpointError::io("read", path, error)),
    }
}
