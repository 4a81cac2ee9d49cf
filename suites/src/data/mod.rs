//! Records in the hub's schema: from local files, which are brought into it, or from the hub itself.

mod array;
mod hub;
mod layout;
mod parquet;
mod records;
mod schema;
mod user_files;

use crate::task::{FileConfig, Layout};
use crate::template::environment;
use crate::{LeftOut, SuiteError, Task};
use hub::HubSource;
use phi_hub::Hub;
use records::Records;
use schema::Schema;
use serde_json::Value;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The folder of benchmark data, laid out `<suite>/<file>`, or none; and the hub for what isn't there, or none.
///
/// The binary reads the environment variable `PHI_BENCH_DATA` and hands it in.
#[derive(Debug, Clone, Default)]
pub struct DataRoot {
    folder: Option<PathBuf>,
    hub: Option<Hub>,
}

impl DataRoot {
    /// A folder of data, if there is one.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, hub: None }
    }

    /// The hub for what the folder lacks.
    #[must_use]
    pub fn with_hub(self, hub: Hub) -> Self {
        Self { hub: Some(hub), ..self }
    }

    /// Where the records of a task's split lie, on this disk first; none where nothing is known of it.
    pub(crate) fn source(&self, task: &Task, split: &str) -> Result<Option<Source>, SuiteError> {
        let local = match task.config().phi_bench.files.get(split) {
            Some(file) => self.locate(task, file).map(Some),
            None => user_files::source(task, split),
        };
        match (local, &self.hub) {
            (local @ (Ok(None) | Err(SuiteError::LeftOut(_))), Some(hub)) => match HubSource::of(task, split, hub)? {
                Some(source) => Ok(Some(Source::Hub(source))),
                None => local,
            },
            (local, _) => local,
        }
    }

    /// Where the files of a task's split lie.
    fn locate(&self, task: &Task, file: &FileConfig) -> Result<Source, SuiteError> {
        Ok(Source::File {
            path: self.locate_file(task, &file.path)?,
            labels: file.labels.as_ref().map(|labels| self.locate_file(task, labels)).transpose()?,
            condition: file.condition.clone(),
            layout: file.layout,
        })
    }

    fn locate_file(&self, task: &Task, relative: &str) -> Result<PathBuf, SuiteError> {
        let missing = |reason: String| {
            SuiteError::LeftOut(LeftOut { task: task.name().to_owned(), reason, remedy: task.how_to_get() })
        };
        let folder = self.folder.as_ref().ok_or_else(|| missing("PHI_BENCH_DATA isn't set".to_owned()))?;
        let path = folder.join(relative);
        if path.is_file() { Ok(path) } else { Err(missing(format!("there is no file {}", path.display()))) }
    }
}

/// One record in the hub's schema, with what the task says of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    pub columns: Value,
    pub key: String,
    pub cluster: String,
    pub group: String,
}

/// Where the records of a split come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A file of the authors'.
    File {
        /// The file of records.
        path: PathBuf,
        /// The file with a label for each of them, where that is apart.
        labels: Option<PathBuf>,
        /// The expression that says which of them belong to the split; all without one.
        condition: Option<String>,
        /// How the records lie in the file.
        layout: Layout,
    },
    /// Files that a user's task names, in the task's own columns.
    User {
        /// One after the other.
        paths: Vec<PathBuf>,
    },
    /// The hub's own set.
    Hub(HubSource),
}

impl Source {
    /// All records of a file.
    pub fn file(path: &Path, layout: Layout) -> Self {
        Self::File { path: path.to_owned(), labels: None, condition: None, layout }
    }
}

/// Reads the records of a split; the task's `process_docs` makes documents of them, where there is one.
pub(crate) fn read_documents(task: &Task, source: &Source) -> Result<Vec<Document>, SuiteError> {
    let documents = match source {
        Source::File { path, labels, condition, layout } => {
            read_file(task, path, labels.as_deref(), condition.as_deref(), *layout)?
        }
        Source::User { paths } => {
            let environment = environment();
            let schema = Schema::new(task, None, &environment)?;
            let records = task.process_docs(user_files::read(task, paths)?)?;
            let fault = |line, reason| SuiteError::Record { path: paths[0].clone(), line, reason };
            let document =
                |(i, record): (usize, Value)| schema.labelled(record, i).map_err(|reason| fault(i + 1, reason));
            let documents = records.into_iter().enumerate().map(document).collect::<Result<Vec<_>, _>>()?;
            if documents.is_empty() {
                return Err(fault(0, "there are no documents".to_owned()));
            }
            documents
        }
        Source::Hub(source) => source.read(task)?,
    };
    Ok(documents)
}

fn read_file(
    task: &Task,
    path: &Path,
    labels: Option<&Path>,
    condition: Option<&str>,
    layout: Layout,
) -> Result<Vec<Document>, SuiteError> {
    let environment = environment();
    let schema = Schema::new(task, condition, &environment)?;
    let mut labels = labels.map(|path| read_labels(task, path)).transpose()?;
    let fault = |line, reason| SuiteError::Record { path: path.to_owned(), line, reason };
    let mut documents = Vec::new();
    for record in open(task, path, layout)? {
        let mut record = record.map_err(|error| record_error(error, path))?;
        let line = record.line;
        if let Some(labels) = &mut labels {
            let label = labels.next().ok_or_else(|| fault(line, "the file of labels ends before it".to_owned()))?;
            record.fields.insert("label".to_owned(), Value::String(label));
        }
        documents.extend(schema.document(record, documents.len()).map_err(|reason| fault(line, reason))?);
    }
    if labels.is_some_and(|mut rest| rest.next().is_some()) {
        return Err(fault(0, "the file of labels has more lines than there are records".to_owned()));
    }
    if documents.is_empty() {
        let reason = condition.map_or_else(
            || "the file has no records".to_owned(),
            |condition| format!("the file has no records with {condition}"),
        );
        return Err(fault(0, reason));
    }
    Ok(documents)
}

/// One label a line.
fn read_labels(task: &Task, path: &Path) -> Result<std::vec::IntoIter<String>, SuiteError> {
    let text = records::open(path).and_then(std::io::read_to_string).map_err(|error| read_error(task, path, error))?;
    Ok(text.lines().map(str::to_owned).collect::<Vec<_>>().into_iter())
}

fn open(task: &Task, path: &Path, layout: Layout) -> Result<Records, SuiteError> {
    if layout == Layout::Records {
        return Records::open(path).map_err(|error| open_error(task, path, error));
    }
    let mut reader = records::open(path).map_err(|error| read_error(task, path, error))?;
    let records = layout::records(layout, &mut reader).unwrap_or_else(|| Ok(Vec::new()));
    Ok(Records::Read(records.map_err(|error| record_error(error, path))?.into_iter()))
}

fn open_error(task: &Task, path: &Path, error: records::Fault) -> SuiteError {
    match error {
        records::Fault::Read(error) => read_error(task, path, error),
        other => record_error(other, path),
    }
}

fn read_error(task: &Task, path: &Path, source: std::io::Error) -> SuiteError {
    match source.kind() {
        ErrorKind::NotFound => SuiteError::LeftOut(LeftOut {
            task: task.name().to_owned(),
            reason: format!("there is no file {}", path.display()),
            remedy: task.how_to_get(),
        }),
        _ => SuiteError::Read { path: path.to_owned(), source },
    }
}

fn record_error(error: records::Fault, path: &Path) -> SuiteError {
    match error {
        records::Fault::Read(source) => SuiteError::Read { path: path.to_owned(), source },
        records::Fault::Record { line, reason } => SuiteError::Record { path: path.to_owned(), line, reason },
    }
}
