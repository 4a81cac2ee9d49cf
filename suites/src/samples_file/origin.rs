//! Where a file of results comes from: what a run must share with the one that began the file, to go on with it.

use super::ScoreOptions;
use super::sample::Questions;
use crate::request::hex;
use crate::{Grader, Program};
use phi_sandbox::{Limits, Python};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Everything that results depend on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Origin {
    phi_bench: String,
    task: String,
    task_version: f64,
    data_sha256: String,
    samples_sha256: String,
    python: Python,
    /// Instructions that an empty program takes: another build of an interpreter takes another number.
    empty_program_fuel: u64,
    limits: Limits,
}

impl Origin {
    pub fn new(questions: &Questions<'_>, samples_sha256: &str, grader: &dyn Grader, options: &ScoreOptions) -> Self {
        let empty = Program { solution: String::new(), test: String::new() };
        let mut data = Sha256::new();
        for (doc_id, key) in questions.keys.iter().enumerate() {
            // A question whose template fails can't be scored either, which is told there.
            let frame = questions.task.program(doc_id, "").unwrap_or_default();
            let base_test = questions.base_tests[doc_id].as_ref();
            for text in [key, &frame, &questions.tests[doc_id]].into_iter().chain(base_test) {
                data.update((text.len() as u64).to_le_bytes());
                data.update(text);
            }
        }
        Self {
            phi_bench: env!("CARGO_PKG_VERSION").to_owned(),
            task: questions.task.task().name().to_owned(),
            task_version: questions.task.task().version(),
            data_sha256: hex(&data.finalize()),
            samples_sha256: samples_sha256.to_owned(),
            python: options.python,
            empty_program_fuel: grader.grade(&empty).fuel_used,
            limits: options.limits,
        }
    }

    /// Where it stands: beside the results.
    pub fn path(results: &Path) -> PathBuf {
        let mut name = results.as_os_str().to_owned();
        name.push(".origin.json");
        name.into()
    }

    /// The origin of these results, if it can be read.
    pub fn read(results: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(Self::path(results)).ok()?).ok()
    }

    /// Writes it whole or not at all.
    pub fn write(&self, results: &Path) -> std::io::Result<()> {
        let path = Self::path(results);
        let mut draft = path.clone().into_os_string();
        draft.push(".tmp");
        std::fs::write(&draft, serde_json::to_vec_pretty(self)?)?;
        std::fs::rename(&draft, &path)
    }

    /// What differs from an earlier one, in words.
    pub fn differences(&self, earlier: &Self) -> Vec<String> {
        let fields = |origin: &Self| match serde_json::to_value(origin) {
            Ok(Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let (now, then) = (fields(self), fields(earlier));
        now.iter()
            .filter(|(name, value)| then.get(*name) != Some(value))
            .map(|(name, value)| match name.as_str() {
                "samples_sha256" => "the samples have changed".to_owned(),
                "empty_program_fuel" => "the interpreter is another build".to_owned(),
                "data_sha256" => "the task's data are others".to_owned(),
                _ => format!("{name} was {}, is {value}", then.get(name).unwrap_or(&Value::Null)),
            })
            .collect()
    }
}
