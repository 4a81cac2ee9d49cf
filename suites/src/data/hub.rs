//! Records of a data set on the hub, in its own schema.

use super::schema::Schema;
use super::{Document, user_files};
use crate::template::environment;
use crate::{LeftOut, SuiteError, Task};
use phi_hub::{DatasetError, DatasetSplit, Hub, HubError, Repo};
use serde_json::Value;
use std::path::PathBuf;

/// Names of the library `datasets` for files on this disk, which aren't repositories.
const FORMATS: &[&str] = &["json", "csv", "parquet", "text"];

/// A task's split on the hub.
#[derive(Debug, Clone)]
pub(crate) struct HubSource {
    hub: Hub,
    set: DatasetSplit,
    condition: Option<String>,
}

impl HubSource {
    /// Where the hub has a task's split; none where the task names no data set, or one that the hub can't give.
    pub(super) fn of(task: &Task, split: &str, hub: &Hub) -> Result<Option<Self>, SuiteError> {
        let config = task.config();
        let is_on_hub = |path: &&str| config.phi_bench.not_on_hub.is_none() && !FORMATS.contains(path);
        let Some(path) = config.dataset_path.as_deref().filter(is_on_hub) else { return Ok(None) };
        let repo = Repo::dataset(path).map_err(|source| hub_error(task, source))?;
        let file = config.phi_bench.files.get(split);
        let set = DatasetSplit {
            repo,
            config: config.dataset_name.clone(),
            split: file.and_then(|file| file.hub_split.clone()).unwrap_or_else(|| split.to_owned()),
        };
        Ok(Some(Self { hub: hub.clone(), set, condition: file.and_then(|file| file.condition.clone()) }))
    }

    /// The split's files, fetched where they aren't in the hub's cache.
    fn files(&self, task: &Task) -> Result<Vec<PathBuf>, SuiteError> {
        self.set.files(&self.hub).map_err(|error| match error {
            DatasetError::Hub(source) => hub_error(task, source),
            error @ DatasetError::Set { .. } => {
                SuiteError::Dataset { task: task.name().to_owned(), reason: error.to_string() }
            }
        })
    }

    /// Reads the split's documents.
    pub(super) fn read(&self, task: &Task) -> Result<Vec<Document>, SuiteError> {
        let environment = environment();
        let schema = Schema::new(task, self.condition.as_deref(), &environment)?;
        let paths = self.files(task)?;
        let mut documents = Vec::new();
        for (index, record) in task.process_docs(user_files::read(task, &paths)?)?.into_iter().enumerate() {
            let Value::Object(fields) = record else { continue };
            let fault = |reason| SuiteError::Record { path: paths[0].clone(), line: index + 1, reason };
            documents.extend(schema.hub_document(fields, documents.len()).map_err(fault)?);
        }
        if documents.is_empty() {
            let reason = format!("the split {} of the {} has no records", self.set.split, self.set.repo);
            return Err(SuiteError::Dataset { task: task.name().to_owned(), reason });
        }
        Ok(documents)
    }
}

fn hub_error(task: &Task, source: HubError) -> SuiteError {
    let left_out = LeftOut { task: task.name().to_owned(), reason: source.to_string(), remedy: task.how_to_get() };
    SuiteError::Hub { left_out: Box::new(left_out), source: Box::new(source) }
}
