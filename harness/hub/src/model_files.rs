//! Which files of a repository make up a model that can be run.

use crate::{HubError, Snapshot};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Small files that say how the weights are used; fetched where there are any.
const OPTIONAL: &[&str] = &[
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
];

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// `model.safetensors.index.json`.
#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

impl Snapshot {
    /// Fetches a model's files: the folder of `config.json`, tokenizer and safetensors weights, sharded or not; or the one
    /// GGUF file that is named, with what lies beside it.
    ///
    /// # Errors
    /// The repository has no weights that can be read, or a file can't be fetched.
    pub fn model(&self, gguf_file: Option<&str>) -> Result<PathBuf, HubError> {
        let weights = match gguf_file {
            Some(file) if self.has(file) => BTreeSet::from([file.to_owned()]),
            Some(file) => return Err(self.unusable(format!("it has no file {file}{}", self.listed(".gguf")))),
            None => self.safetensors()?,
        };
        let small = OPTIONAL.iter().chain([CONFIG].iter()).filter(|file| self.has(file));
        for file in small {
            self.file(file)?;
        }
        for file in &weights {
            self.file(file)?;
        }
        match gguf_file {
            Some(file) => self.file(file),
            None => Ok(self.folder()),
        }
    }

    /// The names of the weights' files; what is missing is told before gigabytes are fetched.
    fn safetensors(&self) -> Result<BTreeSet<String>, HubError> {
        if self.has(CONFIG) && !self.has("tokenizer.json") {
            return Err(self.unusable(
                "it has no tokenizer.json; save its tokenizer as a fast one (transformers' save_pretrained) to a folder".to_owned(),
            ));
        }
        if self.has(WEIGHTS) {
            return Ok(BTreeSet::from([WEIGHTS.to_owned()]));
        }
        if self.has(INDEX) {
            let path = self.file(INDEX)?;
            let text = std::fs::read(&path).map_err(HubError::io("read", &path))?;
            let index: Index = serde_json::from_slice(&text).map_err(|error| {
                self.unusable(format!("{INDEX} doesn't say which file holds which tensor: {error}"))
            })?;
            return Ok(index.weight_map.into_values().collect());
        }
        let reason = match (self.any(".gguf"), self.any(".bin")) {
            (true, _) => {
                format!("it has no {WEIGHTS}; name one of its GGUF files (--gguf-file){}", self.listed(".gguf"))
            }
            (_, true) => {
                format!("it has PyTorch's .bin files only, which can run code when read; convert it to {WEIGHTS}")
            }
            _ => format!("it has no {WEIGHTS}, so it isn't a model that can be run here"),
        };
        Err(self.unusable(reason))
    }

    fn any(&self, end: &str) -> bool {
        self.files().iter().any(|file| file.ends_with(end))
    }

    fn listed(&self, end: &str) -> String {
        let files: Vec<&str> = self.files().iter().filter(|file| file.ends_with(end)).map(String::as_str).collect();
        if files.is_empty() { String::new() } else { format!("; there are {}", files.join(", ")) }
    }

    fn unusable(&self, reason: String) -> HubError {
        HubError::Model { repo: self.repo().to_string(), reason }
    }
}
