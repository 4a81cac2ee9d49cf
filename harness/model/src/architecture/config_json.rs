//! `config.json`, read field by field with messages that name the field.

use crate::CheckpointError;
use serde_json::{Map, Value};
use std::path::Path;

/// An object of a configuration file.
#[derive(Debug, Clone)]
pub(crate) struct ConfigJson(Map<String, Value>);

impl ConfigJson {
    /// Reads a file that holds one JSON object.
    pub(crate) fn load(path: &Path) -> Result<ConfigJson, CheckpointError> {
        let text = std::fs::read_to_string(path).map_err(|e| CheckpointError::io("read", path, e))?;
        let wrong = |reason: String| CheckpointError::Config { path: path.to_owned(), reason };
        match serde_json::from_str(&text) {
            Ok(Value::Object(map)) => Ok(ConfigJson(map)),
            Ok(_) => Err(wrong("it is not a JSON object".into())),
            Err(e) => Err(wrong(e.to_string())),
        }
    }

    /// An object in memory.
    pub(crate) fn of(value: Value) -> ConfigJson {
        match value {
            Value::Object(map) => ConfigJson(map),
            _ => ConfigJson(Map::new()),
        }
    }

    /// A field; none where it is missing or null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|v| !v.is_null())
    }

    /// Whether a field is there and says null.
    pub(crate) fn is_null(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(Value::is_null)
    }

    fn typed<'v, T>(
        &'v self,
        name: &str,
        what: &str,
        read: impl Fn(&'v Value) -> Option<T>,
    ) -> Result<Option<T>, String> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| format!("{name} is {value}; it must be {what}")),
        }
    }

    pub(crate) fn size(&self, name: &str) -> Result<Option<usize>, String> {
        self.typed(name, "a whole number", |v| v.as_u64().and_then(|n| usize::try_from(n).ok()))
    }

    pub(crate) fn require_size(&self, name: &str) -> Result<usize, String> {
        self.size(name)?.ok_or_else(|| format!("{name} is missing"))
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<f64>, String> {
        self.typed(name, "a number", Value::as_f64)
    }

    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool, String> {
        Ok(self.typed(name, "true or false", Value::as_bool)?.unwrap_or(default))
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, String> {
        self.typed(name, "a text", |v| v.as_str().map(str::to_owned))
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<ConfigJson>, String> {
        self.typed(name, "an object", |v| v.as_object().cloned().map(ConfigJson))
    }

    pub(crate) fn numbers(&self, name: &str) -> Result<Option<Vec<f64>>, String> {
        self.typed(name, "a list of numbers", |v| v.as_array()?.iter().map(Value::as_f64).collect())
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, String> {
        self.typed(name, "a list of texts", |v| v.as_array()?.iter().map(|t| t.as_str().map(str::to_owned)).collect())
    }

    /// Ids of one or several tokens.
    pub(crate) fn token_ids(&self, name: &str) -> Result<Vec<u32>, String> {
        let id = |v: &Value| v.as_u64().and_then(|n| u32::try_from(n).ok());
        let ids = self.typed(name, "a token id or a list of them", |v| match v {
            Value::Array(all) => all.iter().map(id).collect(),
            one => Some(vec![id(one)?]),
        })?;
        Ok(ids.unwrap_or_default())
    }

    /// Refuses a field that has another value than the one that is supported.
    pub(crate) fn only(&self, name: &str, supported: &Value) -> Result<(), String> {
        match self.get(name) {
            Some(value) if value != supported => {
                Err(format!("{name} is {value}; only {supported} is supported for this family"))
            }
            _ => Ok(()),
        }
    }
}
