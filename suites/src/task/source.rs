//! The text of a task file: includes put together, `!function` kept, and every key traceable to its file and line.

use super::TaskConfig;
use crate::SuiteError;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What stands for `!function module.name` in the JSON form of a task file.
pub(super) const FUNCTION: &str = "!function";

/// A task file with what it includes.
#[derive(Debug, Clone)]
pub(super) struct TaskSource {
    /// Its keys, those of included files before its own.
    pub keys: Map<String, Value>,
    origins: BTreeMap<String, Origin>,
    own: Origin,
}

/// Which file a key stands in.
#[derive(Debug, Clone)]
struct Origin {
    file: String,
    text: Arc<str>,
}

impl TaskSource {
    /// The keys of one file's text, without looking for included files.
    ///
    /// # Errors
    /// [`SuiteError::TaskFile`] where it isn't a YAML mapping.
    pub fn parse(file: &str, text: &str) -> Result<Self, SuiteError> {
        let fault = |reason: String| SuiteError::TaskFile { file: file.to_owned(), reason };
        let yaml: serde_norway::Value = serde_norway::from_str(text).map_err(|error| fault(error.to_string()))?;
        let Value::Object(keys) = to_json(yaml).map_err(fault)? else {
            return Err(fault("must be a mapping of keys".to_owned()));
        };
        let own = Origin { file: file.to_owned(), text: text.into() };
        let origins = keys.keys().map(|key| (key.clone(), own.clone())).collect();
        Ok(Self { keys, origins, own })
    }

    /// A file with what it includes; its own keys win over included ones.
    ///
    /// # Errors
    /// [`SuiteError::TaskFile`] names the file that can't be read or taken, and a circle of includes.
    pub fn read(path: &Path) -> Result<Self, SuiteError> {
        Self::read_below(path, &mut Vec::new())
    }

    fn read_below(path: &Path, above: &mut Vec<PathBuf>) -> Result<Self, SuiteError> {
        let file = path.display().to_string();
        let fault = |reason: String| SuiteError::TaskFile { file: file.clone(), reason };
        let real = path.canonicalize().map_err(|error| fault(format!("can't be read: {error}")))?;
        if above.contains(&real) {
            return Err(fault("include: the file includes itself".to_owned()));
        }
        let text = std::fs::read_to_string(path).map_err(|error| fault(format!("can't be read: {error}")))?;
        let mut own = Self::parse(&file, &text)?;
        let Some(include) = own.keys.shift_remove("include") else { return Ok(own) };
        let included = match include {
            Value::String(one) => vec![one],
            several => serde_json::from_value(several)
                .map_err(|_| own.refuse(&["include"], "must be a file name or a list of them"))?,
        };
        above.push(real);
        let mut merged = Self { keys: Map::new(), origins: BTreeMap::new(), own: own.own.clone() };
        for name in included {
            let below = path.parent().unwrap_or(Path::new("")).join(&name);
            let mut part = Self::read_below(&below, above).map_err(|error| match error {
                SuiteError::TaskFile { file, reason } if reason.starts_with("can't be read") => {
                    own.refuse(&["include"], &format!("{file} {reason}"))
                }
                other => other,
            })?;
            part.keys.shift_remove("task_list");
            merged.keys.append(&mut part.keys);
            merged.origins.append(&mut part.origins);
        }
        above.pop();
        merged.keys.append(&mut own.keys);
        merged.origins.append(&mut own.origins);
        Ok(merged)
    }

    /// The file's name.
    pub fn file(&self) -> &str {
        &self.own.file
    }

    /// The same file with no keys, for a task that stands in a group's list only.
    pub fn without_keys(&self) -> Self {
        Self { keys: Map::new(), origins: BTreeMap::new(), own: self.own.clone() }
    }

    /// Puts other values over its keys; they count as standing in `other`'s file.
    pub fn override_with(&mut self, keys: &Map<String, Value>, other: &Self) {
        for (key, value) in keys {
            self.keys.insert(key.clone(), value.clone());
            self.origins.insert(key.clone(), other.own.clone());
        }
    }

    /// The task that the keys describe.
    ///
    /// # Errors
    /// [`SuiteError::TaskFile`] with file, line and key of what doesn't fit.
    pub fn config(&self) -> Result<TaskConfig, SuiteError> {
        serde_path_to_error::deserialize(Value::Object(self.keys.clone())).map_err(|error| {
            let reason = error.inner().to_string();
            let mut path: Vec<String> = error.path().iter().filter_map(segment).collect();
            // An unknown key is only named in the message.
            if let Some(unknown) = reason.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next())
                && path.last().is_none_or(|last| last != unknown)
            {
                path.push(unknown.to_owned());
            }
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            self.refuse(&path, &reason)
        })
    }

    /// A message about the key at a path of keys and positions.
    pub fn refuse(&self, path: &[&str], reason: &str) -> SuiteError {
        let origin = path.first().and_then(|key| self.origins.get(*key)).unwrap_or(&self.own);
        let key = path.join(".");
        let place = origin.line(path).map_or(String::new(), |line| format!("line {line}, "));
        let reason = if key.is_empty() { reason.to_owned() } else { format!("{place}{key}: {reason}") };
        SuiteError::TaskFile { file: origin.file.clone(), reason }
    }
}

/// A key or a position on the way to a value.
fn segment(segment: &serde_path_to_error::Segment) -> Option<String> {
    match segment {
        serde_path_to_error::Segment::Seq { index } => Some(index.to_string()),
        serde_path_to_error::Segment::Map { key } => Some(key.clone()),
        _ => None,
    }
}

impl Origin {
    /// The line, from 1, that a path of keys and positions leads to, as far as it can be followed in block style.
    fn line(&self, path: &[&str]) -> Option<usize> {
        let lines: Vec<&str> = self.text.lines().collect();
        let indent = |line: &str| line.len() - line.trim_start().len();
        let names = |line: &str, key: &str| {
            let line = line.trim_start().trim_start_matches("- ").trim_start();
            [format!("{key}:"), format!("\"{key}\":"), format!("'{key}':")].iter().any(|start| line.starts_with(start))
        };
        let (first, rest) = path.split_first()?;
        let mut at = lines.iter().position(|line| indent(line) == 0 && names(line, first))?;
        for part in rest {
            let below = lines.iter().enumerate().skip(at);
            let found = match part.parse::<usize>() {
                Ok(position) => {
                    let mut items = below.skip(1).filter(|(_, line)| line.trim_start().starts_with('-'));
                    let first = items.next().filter(|_| position == 0);
                    let level = lines.iter().skip(at + 1).find(|line| line.trim_start().starts_with('-'));
                    let level = level.map_or(0, |line| indent(line));
                    first.or_else(|| items.filter(|(_, line)| indent(line) == level).nth(position.checked_sub(1)?))
                }
                Err(_) => below.into_iter().find(|(_, line)| names(line, part)),
            };
            match found {
                Some((line, _)) => at = line,
                None => break,
            }
        }
        Some(at + 1)
    }
}

/// YAML as JSON; `!function name` becomes an object with that one key.
fn to_json(yaml: serde_norway::Value) -> Result<Value, String> {
    use serde_norway::Value as Yaml;
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => value.into(),
        Yaml::Number(number) => serde_json::to_value(&number).map_err(|error| error.to_string())?,
        Yaml::String(text) => text.into(),
        Yaml::Sequence(items) => items.into_iter().map(to_json).collect::<Result<_, _>>()?,
        Yaml::Mapping(mapping) => {
            let mut object = Map::new();
            for (key, value) in mapping {
                let key = match to_json(key)? {
                    Value::String(key) => key,
                    other => other.to_string(),
                };
                object.insert(key, to_json(value)?);
            }
            object.into()
        }
        Yaml::Tagged(tagged) if tagged.tag == FUNCTION => match to_json(tagged.value)? {
            Value::String(name) => json!({ FUNCTION: name }),
            other => return Err(format!("!function must be followed by module.name, and not {other}")),
        },
        Yaml::Tagged(tagged) => return Err(format!("the tag {} isn't supported", tagged.tag)),
    })
}
